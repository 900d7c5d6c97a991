//! The one writer: a thread that takes all the writes that wait, applies them in one transaction, commits it
//! durably once, shows the new state to the readers, and then answers them all.
//!
//! When the disk fails, the whole batch is answered [`StoreError::Unwritable`], and the readers see nothing of
//! it. redb does no more work after an error of its file, so the database is reopened, at once and then before
//! each batch until that works. A commit may have succeeded despite its error; the serial number in the file
//! shows that, and the memory is then loaded from the file again.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use redb::{Database, DatabaseError, Durability, ReadableDatabase, TableError};

use super::load::load;
use super::reader::DatabaseHandle;
use super::tables::{self, meta};
use super::transaction::Tables;
use crate::store::replica::{Batch, Fault, Job, View};
use crate::store::{Result, StoreError};

/// The most writes in one transaction, so that none waits long for its answer.
const MOST: usize = 1024;

/// Opens the database; called again after its file has failed.
pub(super) type Open = Box<dyn Fn() -> std::result::Result<Database, DatabaseError> + Send>;

/// The way to the thread.
pub(super) struct Writer {
    inbox: Mutex<Option<Sender<Box<dyn Job>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread on a database that `view` shows.
    pub(super) fn start(
        database: DatabaseHandle,
        serial: u64,
        open: Open,
        view: Arc<View>,
    ) -> std::io::Result<Self> {
        let (sender, inbox) = channel();
        let state = WriterState {
            open,
            serial,
            database,
            view,
        };
        let thread = std::thread::Builder::new()
            .name("store".into())
            .spawn(move || state.serve(&inbox))?;
        Ok(Self {
            inbox: Mutex::new(Some(sender)),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Hands a job to the thread.
    ///
    /// # Errors
    /// [`StoreError::Closed`]
    pub(super) fn submit(&self, job: Box<dyn Job>) -> Result<()> {
        let inbox = self.inbox.lock().unwrap_or_else(PoisonError::into_inner);
        let sender = inbox.as_ref().ok_or(StoreError::Closed)?;
        sender.send(job).map_err(|_| StoreError::Closed)
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

/// What the thread has: the database, and what the view shows of it.
struct WriterState {
    open: Open,
    /// `None` after a failure until it is reopened.
    database: DatabaseHandle,
    /// The number of the last commit that the view shows.
    serial: u64,
    view: Arc<View>,
}

impl WriterState {
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
        let to_publish = commit(&*self.opened()?, serial, |tables| {
            let mut batch = Batch::new(tables);
            for job in &mut *jobs {
                job.apply(&mut batch)?;
            }
            Ok(batch.finish())
        })?;
        if let Some(to_publish) = to_publish {
            self.serial = serial;
            self.view.publish(serial, to_publish, jobs.len());
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
            self.view
                .reload(serial, |version| load(&database, version))?;
            self.serial = serial;
        }
        Ok(database)
    }

    fn recover(&mut self, fault: Fault) -> StoreError {
        let error = fault.into_error();
        tracing::error!(%error, "a commit has failed");
        self.database.store(None);
        if let Err(error) = self.opened().map(|_| ()) {
            tracing::error!(%error, "cannot reopen the database now");
        }
        error
    }
}

/// Runs `work` in one durable transaction with that serial. Commits it if `work` returns what it wrote.
pub(super) fn commit<T>(
    database: &Database,
    serial: u64,
    work: impl FnOnce(&mut Tables<'_>) -> std::result::Result<Option<T>, Fault>,
) -> std::result::Result<Option<T>, Fault> {
    let mut transaction = database.begin_write()?;
    // What a crash leaves is then opened without reading it all, and needs no trust in its checksums.
    transaction
        .set_durability(Durability::Immediate)
        .map_err(redb::Error::from)?;
    transaction.set_two_phase_commit(true);
    transaction.set_quick_repair(true);
    let mut tables = Tables::open(&transaction)?;
    let written = work(&mut tables)?;
    if written.is_some() {
        tables.set_number(meta::SERIAL, serial)?;
    }
    drop(tables);
    match written {
        Some(_) => transaction.commit()?,
        None => transaction.abort()?,
    }
    Ok(written)
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
