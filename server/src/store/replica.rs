//! The store on top of any database. The database only fetches and writes rows; everything else is
//! here.
//!
//! A write is a [`Job`]. The database runs it in a transaction, over its rows ([`Rows`],
//! [`Transaction`]); the job loads what its rule needs, lets the rule decide, and hands over what
//! it wrote ([`WriteGroup`]). Once that is committed, the [`View`] shows it to readers and then tells
//! followers, and only then is the caller answered. Reads are served from the view's memory.
//!
//! - `operations` the store's traits, for any [`Database`]
//! - `job`, `group`, `rows` one write, those of one transaction, and what they read
//! - `view` what readers see: `projection` (`accounts` and the directory), `lists`, `events`

use std::sync::Arc;

use self::job::job;
use self::lists::Lists;
use super::{Result, StoreError};
use crate::rules::audit::AuditRetention;
use crate::rules::session_clock::Moment;
use crate::rules::writes::Decision;

mod accounts;
mod database;
#[cfg(test)]
mod empty;
mod events;
mod fault;
mod group;
mod job;
mod lists;
mod operations;
mod projection;
mod rows;
mod view;

pub(super) use self::accounts::{AccountChange, Accounts};
pub use self::database::{Database, HistoryRows};
pub use self::fault::Fault;
pub(super) use self::group::ToPublish;
pub use self::group::WriteGroup;
pub use self::job::Job;
pub(super) use self::rows::traces_of;
pub use self::rows::{Needs, Rows, Transaction};
pub(super) use self::view::View;

/// A store on a database, with what is read often in memory.
pub struct Replica<D> {
    database: D,
    view: Arc<View>,
    lists: Lists,
    /// The moment that the database held when it was opened.
    kept_moment: Option<Moment>,
    audit: AuditRetention,
}

impl<D: Database> Replica<D> {
    /// A store on a database whose newest state the view shows.
    pub(super) fn new(database: D, view: Arc<View>, kept_moment: Option<Moment>) -> Self {
        view.complete();
        Self {
            database,
            lists: Lists::new(Arc::clone(&view)),
            view,
            kept_moment,
            audit: AuditRetention::default(),
        }
    }

    /// The same store with another bound of its audit log.
    pub fn keeping(self, audit: AuditRetention) -> Self {
        Self { audit, ..self }
    }

    /// The database below.
    pub(super) fn database(&self) -> &D {
        &self.database
    }

    /// Waits until readers see everything that any server had committed before the call.
    async fn catch_up(&self) -> Result<()> {
        self.write(Needs::default(), |_| Ok(Decision::unchanged(())))
            .await
    }

    /// Reads from the database. One whose file has failed is closed until the next write, so it is
    /// opened again first.
    async fn read<T, F>(&self, read: impl Fn() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        match read().await {
            Err(StoreError::Closed) => {
                self.catch_up().await?;
                read().await
            }
            answer => answer,
        }
    }

    /// Has the database run a write. Returns its outcome once it is durable and every reader of
    /// this server sees it.
    async fn write<T, F>(&self, needs: Needs, decide: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&dyn Rows) -> std::result::Result<Decision<T>, Fault> + Send + 'static,
    {
        let audit = self.audit;
        let (job, outcome) = job(needs, move |rows| {
            let mut decision = decide(rows)?;
            decision.writes.trim_audit(&audit);
            Ok(decision)
        });
        self.database.submit(job)?;
        outcome.await
    }
}
