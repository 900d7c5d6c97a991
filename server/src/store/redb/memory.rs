//! What readers see: the committed state, in memory. A read takes one whole version and waits for nothing.

use std::sync::Arc;

use arc_swap::ArcSwap;
use redb::{Database, ReadableDatabase, ReadableTable};
use roster_common::Username;
use roster_common::employee::{Employee, EmployeeId};

use super::batch::{Change, Fault};
use super::directory::Directory;
use super::people::People;
use super::tables::{self, BadRow, Row, meta};
use super::writer::number;
use crate::rules::session::Session;
use crate::store::Account;

/// The newest version of everything.
pub(super) struct Memory {
    people: ArcSwap<People>,
    directory: ArcSwap<Directory>,
    serial: u64,
}

impl Memory {
    /// Reads it all from the database.
    pub(super) fn load(database: &Database) -> Result<Self, Fault> {
        Ok(Self {
            people: ArcSwap::from_pointee(load_people(database)?),
            directory: ArcSwap::from_pointee(load_directory(database)?),
            serial: number(database, meta::SERIAL)?.unwrap_or(0),
        })
    }

    /// The number of the commit at which it was loaded.
    pub(super) fn serial(&self) -> u64 {
        self.serial
    }

    /// Reads it all again, in place of what it was.
    pub(super) fn reload(&self, database: &Database) -> Result<(), Fault> {
        self.people.store(Arc::new(load_people(database)?));
        self.directory.store(Arc::new(load_directory(database)?));
        Ok(())
    }

    /// Shows what has been committed.
    pub(super) fn publish(&self, changes: Vec<Change>) {
        let mut people = People::clone(&self.people.load());
        let (about_people, about_employees): (Vec<_>, Vec<_>) = changes.into_iter().partition(|c| people.apply(c));
        if !about_people.is_empty() {
            self.people.store(Arc::new(people));
        }
        if !about_employees.is_empty() {
            let mut directory = Directory::clone(&self.directory.load());
            directory.apply(about_employees);
            self.directory.store(Arc::new(directory));
        }
    }

    pub(super) fn people(&self) -> Arc<People> {
        self.people.load_full()
    }

    pub(super) fn directory(&self) -> Arc<Directory> {
        self.directory.load_full()
    }
}

fn load_people(database: &Database) -> Result<People, Fault> {
    let mut people = People::default();
    let transaction = database.begin_read()?;
    for row in transaction.open_table(tables::ACCOUNTS)?.iter()? {
        let (name, row) = row?;
        let name: Username = name.value().parse().map_err(|e| BadRow::new(Account::TABLE, e))?;
        people.put_account(Account::from_row(name, row.value())?);
    }
    for row in transaction.open_table(tables::SESSIONS)?.iter()? {
        let (id, row) = row?;
        people.put_session(&Session::from_row(id.value(), row.value())?);
    }
    Ok(people)
}

fn load_directory(database: &Database) -> Result<Directory, Fault> {
    let mut directory = Directory::default();
    for row in database.begin_read()?.open_table(tables::EMPLOYEES)?.iter()? {
        let (id, row) = row?;
        let id = EmployeeId::try_from(id.value()).map_err(|e| BadRow::new(Employee::TABLE, e))?;
        directory.put(Employee::from_row(id, row.value())?)?;
    }
    Ok(directory)
}
