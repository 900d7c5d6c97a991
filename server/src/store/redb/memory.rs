//! What readers see: the committed state, in memory. A read takes one whole version and waits for nothing.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::{ArcSwap, Guard};
use redb::{Database, Range, ReadableDatabase, ReadableTable};
use roster_common::Username;
use roster_common::employee::{Employee, EmployeeId};

use super::batch::{Change, Fault};
use super::directory::{Block, Directory};
use super::people::People;
use super::tables::{self, BadRow, Row};
use crate::rules::session::Session;
use crate::store::Account;

/// The newest version of everything.
pub(super) struct Memory {
    people: ArcSwap<People>,
    directory: ArcSwap<Directory>,
    /// Held by whoever makes the next version.
    next: Mutex<()>,
}

impl Memory {
    /// Reads it all from the database.
    pub(super) fn load(database: &Database) -> Result<Self, Fault> {
        Ok(Self {
            people: ArcSwap::from_pointee(load_people(database)?),
            directory: ArcSwap::from_pointee(load_directory(database, 0)?),
            next: Mutex::new(()),
        })
    }

    /// Reads it all again, in place of what it was.
    pub(super) fn reload(&self, database: &Database) -> Result<(), Fault> {
        let _guard = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let (people, directory) = (
            load_people(database)?,
            load_directory(database, self.directory().version() + 1)?,
        );
        self.people.store(Arc::new(people));
        self.directory.store(Arc::new(directory));
        Ok(())
    }

    /// Shows what has been committed.
    pub(super) fn publish(&self, changes: Vec<Change>) {
        let (of_people, of_employees): (Vec<_>, Vec<_>) =
            changes.into_iter().partition(Change::is_of_people);
        if !of_people.is_empty() {
            let mut people = People::clone(&self.people.load());
            of_people
                .into_iter()
                .for_each(|change| people.apply(change));
            self.people.store(Arc::new(people));
        }
        if !of_employees.is_empty() {
            self.change_directory(|directory| directory.apply(of_employees));
        }
    }

    /// Shows the directory as `change` leaves it.
    pub(super) fn change_directory(&self, change: impl FnOnce(&mut Directory)) {
        let _guard = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let mut directory = Directory::clone(&self.directory.load());
        change(&mut directory);
        self.directory.store(Arc::new(directory));
    }

    /// The accounts and sessions, for a moment: no count is kept of who looks, which all requests would write to.
    pub(super) fn people(&self) -> Guard<Arc<People>> {
        self.people.load()
    }

    /// The employees, for a moment.
    pub(super) fn directory(&self) -> Guard<Arc<Directory>> {
        self.directory.load()
    }
}

fn load_people(database: &Database) -> Result<People, Fault> {
    let mut people = People::default();
    let transaction = database.begin_read()?;
    for row in transaction.open_table(tables::ACCOUNTS)?.iter()? {
        let (name, row) = row?;
        let name: Username = name
            .value()
            .parse()
            .map_err(|e| BadRow::new(Account::TABLE, e))?;
        people.put_account(Account::from_row(name, row.value())?);
    }
    for row in transaction.open_table(tables::SESSIONS)?.iter()? {
        let (id, row) = row?;
        people.put_session(&Session::from_row(id.value(), row.value())?);
    }
    Ok(people)
}

fn load_directory(database: &Database, version: u64) -> Result<Directory, Fault> {
    let table = database.begin_read()?.open_table(tables::EMPLOYEES)?;
    let mut rows = table.iter()?;
    Directory::load(
        version,
        std::iter::from_fn(|| next_block(&mut rows).transpose()),
    )
}

fn next_block(rows: &mut Range<'_, u64, &[u8]>) -> Result<Option<Block>, Fault> {
    let mut block = Block::default();
    while !block.is_full()
        && let Some(row) = rows.next()
    {
        let (id, row) = row?;
        let id = EmployeeId::try_from(id.value()).map_err(|e| BadRow::new(Employee::TABLE, e))?;
        block.push(id, row.value());
    }
    Ok(Some(block).filter(|block| !block.is_empty()))
}
