//! One write on its way through the database.

use tokio::sync::oneshot;

use super::fault::Fault;
use super::group::WriteGroup;
use super::rows::{Needs, Rows};
use crate::rules::writes::Decision;
use crate::store::{Result, StoreError};

/// One write. A database collects the jobs that wait, applies them in one transaction, and then
/// answers them all.
pub trait Job: Send {
    /// The rows to fetch before [`Job::apply`].
    fn needs(&self) -> &Needs;

    /// Runs the write inside the group, and keeps its outcome. May be called again, in another
    /// transaction.
    ///
    /// # Errors
    /// [`Fault::Database`], which fails the whole group. Any other failure is the job's own
    /// outcome.
    fn apply(&mut self, group: &mut WriteGroup<'_>) -> std::result::Result<(), Fault>;

    /// Answers the caller, once it is known whether the group was committed.
    fn answer(self: Box<Self>, committed: Result<()>);
}

/// Makes a job of a decision. The future resolves to its outcome.
pub(super) fn job<T, F>(needs: Needs, decide: F) -> (Box<dyn Job>, impl Future<Output = Result<T>>)
where
    T: Send + 'static,
    F: Fn(&dyn Rows) -> std::result::Result<Decision<T>, Fault> + Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    let job = Box::new(DecisionJob {
        needs,
        decide,
        outcome: None,
        reply,
    });
    let outcome = async {
        match answer.await {
            Ok(Ok(outcome)) => outcome.map_err(Fault::into_error),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(StoreError::Closed),
        }
    };
    (job, outcome)
}

struct DecisionJob<T, F> {
    needs: Needs,
    decide: F,
    outcome: Option<std::result::Result<T, Fault>>,
    reply: oneshot::Sender<Result<std::result::Result<T, Fault>>>,
}

impl<T, F> Job for DecisionJob<T, F>
where
    T: Send,
    F: Fn(&dyn Rows) -> std::result::Result<Decision<T>, Fault> + Send,
{
    fn needs(&self) -> &Needs {
        &self.needs
    }

    fn apply(&mut self, group: &mut WriteGroup<'_>) -> std::result::Result<(), Fault> {
        match group.write(&self.needs, &self.decide) {
            Err(Fault::Database(error)) => Err(Fault::Database(error)),
            outcome => {
                self.outcome = Some(outcome);
                Ok(())
            }
        }
    }

    fn answer(self: Box<Self>, committed: Result<()>) {
        let Self { outcome, reply, .. } = *self;
        // Nobody listens if the caller has gone away; the write stands all the same.
        let _ = reply.send(committed.and_then(|()| outcome.ok_or(StoreError::Closed)));
    }
}
