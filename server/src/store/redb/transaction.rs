//! One write transaction: its tables. Reading and writing rows is all that happens here.

use redb::{ReadableTable, Table, WriteTransaction};

use roster_common::history::AuditEntry;

use super::tables::{self, audit_kind, meta};
use crate::rules::audit::AuditKind;
use crate::rules::session::Session;
use crate::store::replica::Fault;
use crate::store::rows::{StoredRow, employee_row_of_schema_3};

mod reads;
mod writes;

/// How many bytes a probe writes after a commit has failed: as many as most commits need. A smaller
/// one may fit where they do not.
pub(super) const ROOM: usize = 1 << 20;

/// How many rows a migration has in memory.
const MIGRATED_AT_ONCE: usize = 4096;

/// The tables of a transaction that is open for writing.
pub(super) struct Tables<'t> {
    transaction: &'t WriteTransaction,
    /// Whether [`Write::Touch`](crate::rules::writes::Write::Touch) is to write [`ROOM`] bytes.
    pub(super) probes_for_room: bool,
    /// Whether it did. [`Tables::free_room`] gives the room back, in a later transaction.
    pub(super) has_probed: bool,
    meta: Table<'t, &'static str, u64>,
    accounts: Table<'t, &'static str, &'static [u8]>,
    sessions: Table<'t, u128, &'static [u8]>,
    session_ages: Table<'t, (i64, u128), ()>,
    user_sessions: Table<'t, (&'static str, u128), ()>,
    employees: Table<'t, u64, &'static [u8]>,
    numbers: Table<'t, &'static str, u64>,
    requests: Table<'t, (&'static str, &'static str), &'static [u8]>,
    request_ages: Table<'t, (i64, &'static str, &'static str), ()>,
    history: Table<'t, (u64, u64), &'static [u8]>,
    runs: Table<'t, u64, &'static [u8]>,
    run_slices: Table<'t, (u64, u32), &'static [u8]>,
    run_reports: Table<'t, u64, &'static [u8]>,
    audit: Table<'t, u64, &'static [u8]>,
    audit_sessions: Table<'t, u64, ()>,
    audit_refusals: Table<'t, u64, ()>,
    audit_accounts: Table<'t, u64, ()>,
    audit_records: Table<'t, u64, ()>,
}

impl<'t> Tables<'t> {
    /// Opens the tables, creating those that do not exist.
    pub(super) fn open(transaction: &'t WriteTransaction) -> Result<Self, Fault> {
        Ok(Self {
            transaction,
            probes_for_room: false,
            has_probed: false,
            meta: transaction.open_table(tables::META)?,
            accounts: transaction.open_table(tables::ACCOUNTS)?,
            sessions: transaction.open_table(tables::SESSIONS)?,
            session_ages: transaction.open_table(tables::SESSION_AGES)?,
            user_sessions: transaction.open_table(tables::USER_SESSIONS)?,
            employees: transaction.open_table(tables::EMPLOYEES)?,
            numbers: transaction.open_table(tables::NUMBERS)?,
            requests: transaction.open_table(tables::REQUESTS)?,
            request_ages: transaction.open_table(tables::REQUEST_AGES)?,
            history: transaction.open_table(tables::HISTORY)?,
            runs: transaction.open_table(tables::RUNS)?,
            run_slices: transaction.open_table(tables::RUN_SLICES)?,
            run_reports: transaction.open_table(tables::RUN_REPORTS)?,
            audit: transaction.open_table(tables::AUDIT)?,
            audit_sessions: transaction.open_table(audit_kind(AuditKind::Sessions))?,
            audit_refusals: transaction.open_table(audit_kind(AuditKind::Refusals))?,
            audit_accounts: transaction.open_table(audit_kind(AuditKind::Accounts))?,
            audit_records: transaction.open_table(audit_kind(AuditKind::Records))?,
        })
    }

    /// The numbers of the audit entries of one kind.
    fn audit_kind(&mut self, kind: AuditKind) -> &mut Table<'t, u64, ()> {
        match kind {
            AuditKind::Sessions => &mut self.audit_sessions,
            AuditKind::Refusals => &mut self.audit_refusals,
            AuditKind::Accounts => &mut self.audit_accounts,
            AuditKind::Records => &mut self.audit_records,
        }
    }

    /// Sets a number of [`tables::meta`].
    pub(super) fn set_number(&mut self, name: &'static str, number: u64) -> Result<(), Fault> {
        self.meta.insert(name, number)?;
        Ok(())
    }

    /// Commits something, and [`ROOM`] bytes with it if a commit has failed before.
    fn probe(&mut self) -> Result<(), Fault> {
        // The number of the commit, which every commit writes, is enough otherwise.
        if self.probes_for_room && !self.has_probed {
            let mut table = self.transaction.open_table(tables::ROOM)?;
            table.insert((), [0; ROOM].as_slice())?;
            self.has_probed = true;
        }
        Ok(())
    }

    /// Gives back what a probe has taken.
    pub(super) fn free_room(&mut self) -> Result<(), Fault> {
        self.transaction.delete_table(tables::ROOM)?;
        Ok(())
    }

    /// The sessions of all users that have not ended.
    pub(super) fn all_open_sessions(&self) -> Result<Vec<Session>, Fault> {
        let mut sessions = Vec::new();
        for row in self.sessions.iter()? {
            let (id, row) = row?;
            sessions.push(Session::from_row(id.value(), row.value())?);
        }
        sessions.retain(|session| session.ended.is_none());
        Ok(sessions)
    }

    /// Migrates a file of schema 1 to schema 2.
    pub(super) fn migrate_from_1(&mut self) -> Result<(), Fault> {
        let mut sessions = Vec::new();
        for row in self.sessions.iter()? {
            let (id, row) = row?;
            sessions.push(Session::from_row(id.value(), row.value())?);
        }
        for session in sessions {
            self.index_session(&session)?;
        }
        self.set_number(meta::SCHEMA, 2)
    }

    /// Migrates a file of schema 2 to schema 3.
    pub(super) fn migrate_from_2(&mut self) -> Result<(), Fault> {
        let mut kinds = Vec::new();
        for row in self.audit.iter()? {
            let (number, row) = row?;
            let entry = AuditEntry::from_row(number.value(), row.value())?;
            kinds.push((AuditKind::of(entry.what), entry.id));
        }
        for (kind, number) in kinds {
            self.audit_kind(kind).insert(number, ())?;
        }
        self.set_number(meta::SCHEMA, 3)
    }

    /// Migrates a file of schema 3 to schema 4. Nobody had a personnel number before, so there is
    /// nothing to index.
    pub(super) fn migrate_from_3(&mut self) -> Result<(), Fault> {
        let mut next = 0;
        loop {
            let old = self.employees.range(next..)?.take(MIGRATED_AT_ONCE);
            let old = old.map(|row| {
                let (id, row) = row?;
                // A damaged row stays, for the check that finds and describes it.
                let new = employee_row_of_schema_3(row.value());
                Ok((id.value(), new.unwrap_or_else(|_| row.value().to_vec())))
            });
            let rows = old.collect::<Result<Vec<_>, Fault>>()?;
            let Some((last, _)) = rows.last() else {
                return self.set_number(meta::SCHEMA, 4);
            };
            next = last + 1;
            for (id, row) in rows {
                self.employees.insert(id, row.as_slice())?;
            }
        }
    }

    /// Migrates a file of schema 4 to schema 5. There were no runs before.
    pub(super) fn migrate_from_4(&mut self) -> Result<(), Fault> {
        self.set_number(meta::SCHEMA, 5)
    }
}
