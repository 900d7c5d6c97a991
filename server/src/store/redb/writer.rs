//! The one writer: a thread that takes all the writes that wait, applies them in one transaction, commits it
//! durably once, shows the new state to the readers, and then answers them all.
//!
//! When the disk fails, the whole batch is answered [`StoreError::Unwritable`], and the readers see nothing of
//! it. redb does no more work after an error of its file, so the database is closed and opened anew, at once and
//! before every later batch until that succeeds. An error at the very end of a commit can leave it done; the
//! serial number in the file tells, and the memory is then read again from the file.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use redb::{Database, DatabaseError, Durability, ReadableDatabase, TableError};
use tokio::sync::oneshot;

use super::batch::{Batch, Committed, Fault};
use super::load::load;
use super::reader::DatabaseHandle;
use super::tables::{self, meta};
use crate::metrics::Histogram;
use crate::store::replica::{Events, Projection};
use crate::store::{Result, StoreError};

/// The most writes in one transaction, so that none waits long for its answer.
pub(super) const MOST: usize = 1024;

/// The bounds of how many writes a commit has.
const SIZES: &[u64] = &[1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/// Opens the database; called again after its file has failed.
pub(super) type Open = Box<dyn Fn() -> std::result::Result<Database, DatabaseError> + Send>;

/// The way to the thread.
pub(super) struct Writer {
    inbox: Mutex<Option<Sender<Box<dyn Job>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    commits: Arc<Histogram>,
}

impl Writer {
    /// Starts the thread on a database that has been loaded into `projection`.
    pub(super) fn start(
        database: DatabaseHandle,
        serial: u64,
        open: Open,
        projection: Arc<Projection>,
        events: Arc<Events>,
    ) -> std::io::Result<Self> {
        let (sender, inbox) = channel();
        let commits = Arc::new(Histogram::new(SIZES));
        let file = File {
            open,
            serial,
            database,
            projection,
            events,
            commits: Arc::clone(&commits),
        };
        let thread = std::thread::Builder::new()
            .name("store".into())
            .spawn(move || file.serve(&inbox))?;
        Ok(Self {
            inbox: Mutex::new(Some(sender)),
            thread: Mutex::new(Some(thread)),
            commits,
        })
    }

    /// How many writes each commit had.
    pub(super) fn commits(&self) -> Arc<Histogram> {
        Arc::clone(&self.commits)
    }

    /// Has a write done. Comes back when it is durable and every reader sees it.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Batch<'_>) -> std::result::Result<T, Fault> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Write {
            work: Some(work),
            done: None,
            reply,
        });
        let sender = self
            .inbox
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        sender
            .ok_or(StoreError::Closed)?
            .send(job)
            .map_err(|_| StoreError::Closed)?;
        match answer.await.map_err(|_| StoreError::Closed)? {
            Ok(done) => done.map_err(Fault::into_error),
            Err(error) => Err(error),
        }
    }

    /// Finishes what waits, closes the database and ends the thread.
    pub(super) fn close(&self) {
        drop(
            self.inbox
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread of the store has panicked");
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.close();
    }
}

/// One write on its way.
trait Job: Send {
    /// Does it inside the batch, and keeps what came of it. An error is the disk's, and all of the batch's.
    fn apply(&mut self, batch: &mut Batch<'_>) -> std::result::Result<(), Fault>;

    /// Answers it, when it is known what became of the batch.
    fn answer(self: Box<Self>, batch: Result<()>);
}

struct Write<T, F> {
    work: Option<F>,
    done: Option<std::result::Result<T, Fault>>,
    reply: oneshot::Sender<Result<std::result::Result<T, Fault>>>,
}

impl<T, F> Job for Write<T, F>
where
    T: Send,
    F: FnOnce(&mut Batch<'_>) -> std::result::Result<T, Fault> + Send,
{
    fn apply(&mut self, batch: &mut Batch<'_>) -> std::result::Result<(), Fault> {
        match self.work.take().map(|work| work(batch)) {
            Some(Err(Fault::Disk(error))) => Err(Fault::Disk(error)),
            done => {
                self.done = done;
                Ok(())
            }
        }
    }

    fn answer(self: Box<Self>, batch: Result<()>) {
        let Self {
            work: _,
            done,
            reply,
        } = *self;
        // Nobody listens where the caller has gone away; the write stands all the same.
        let _ = reply.send(batch.and_then(|()| done.ok_or(StoreError::Closed)));
    }
}

/// The database as its one owner sees it.
struct File {
    open: Open,
    /// Not there after a failure, until it could be opened again.
    database: DatabaseHandle,
    /// The number of the last commit that the memory shows.
    serial: u64,
    projection: Arc<Projection>,
    events: Arc<Events>,
    commits: Arc<Histogram>,
}

impl File {
    fn serve(mut self, inbox: &Receiver<Box<dyn Job>>) {
        while let Ok(first) = inbox.recv() {
            let mut jobs: Vec<_> = std::iter::once(first)
                .chain(inbox.try_iter().take(MOST - 1))
                .collect();
            let outcome = self.run(&mut jobs).map_err(|fault| self.recover(fault));
            for job in jobs {
                job.answer(outcome.clone());
            }
        }
        // Whoever still reads from it closes it.
        if let Some(Err(error)) = self
            .database
            .swap(None)
            .and_then(Arc::into_inner)
            .map(Database::close)
        {
            tracing::error!(%error, "the database was not closed cleanly");
        }
    }

    /// One batch, from its begin to the state that readers see.
    fn run(&mut self, jobs: &mut [Box<dyn Job>]) -> std::result::Result<(), Fault> {
        let serial = self.serial + 1;
        if let Some(Committed {
            accounts,
            records,
            events,
        }) = commit(&*self.opened()?, serial, |batch| {
            jobs.iter_mut().try_for_each(|job| job.apply(batch))
        })? {
            self.serial = serial;
            self.commits.observe(jobs.len() as u64);
            self.projection.publish(accounts, records);
            // Whoever is told of a change finds it done.
            self.events.tell(serial, events);
        }
        Ok(())
    }

    /// The database, opened again if need be.
    fn opened(&mut self) -> std::result::Result<Arc<Database>, Fault> {
        if let Some(database) = self.database.load_full() {
            return Ok(database);
        }
        let database = Arc::new(self.reopen()?);
        self.database.store(Some(Arc::clone(&database)));
        Ok(database)
    }

    fn reopen(&mut self) -> std::result::Result<Database, Fault> {
        let database = (self.open)()?;
        let serial = number(&database, meta::SERIAL)?.unwrap_or(0);
        if serial != self.serial {
            self.projection.reload(|version| load(&database, version))?;
            self.events.reset(serial);
            self.serial = serial;
        }
        Ok(database)
    }

    fn recover(&mut self, fault: Fault) -> StoreError {
        let error = fault.into_error();
        tracing::error!(%error, "a commit has failed");
        self.database.store(None);
        if let Err(error) = self.opened().map(|_| ()) {
            tracing::error!(%error, "the database cannot be opened again now");
        }
        error
    }
}

/// Runs `work` in one durable transaction; commits it only if something was written.
pub(super) fn commit(
    database: &Database,
    serial: u64,
    work: impl FnOnce(&mut Batch<'_>) -> std::result::Result<(), Fault>,
) -> std::result::Result<Option<Committed>, Fault> {
    let mut transaction = database.begin_write()?;
    // What a crash leaves is then opened without reading it all, and needs no trust in its checksums.
    transaction
        .set_durability(Durability::Immediate)
        .map_err(redb::Error::from)
        .map_err(Fault::Disk)?;
    transaction.set_two_phase_commit(true);
    transaction.set_quick_repair(true);
    let mut batch = Batch::new(&transaction)?;
    work(&mut batch)?;
    let committed = batch.finish(serial)?;
    match committed {
        Some(_) => transaction.commit()?,
        None => transaction.abort()?,
    }
    Ok(committed)
}

/// A number of the [`tables::meta`], as it was committed last.
pub(super) fn number(
    database: &Database,
    name: &'static str,
) -> std::result::Result<Option<u64>, Fault> {
    match database.begin_read()?.open_table(tables::META) {
        Ok(table) => Ok(table.get(name)?.map(|number| number.value())),
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
