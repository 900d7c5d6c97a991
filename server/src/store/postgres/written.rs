//! The statements that write what a transaction has put.

use roster_common::api::RunId;
use roster_common::employee::EmployeeId;
use roster_common::event::Event;

use super::pending_rows::Written;
use super::position::Position;
use super::tables::{Command, command, kind_number, plain, signed, write};
use crate::rules::audit::AuditKind;
use crate::store::rows::{BadRow, StoredRow};

/// The most employees in one statement.
const MOST_AT_ONCE: usize = 10_000;

impl Written {
    /// How many rows it writes.
    pub(super) fn rows(&self) -> usize {
        let employees = self.employees.len() + self.history.len();
        self.accounts.len()
            + self.sessions.len()
            + employees
            + self.audit.len()
            + self.requests.len()
            + self.run_slices.len()
    }

    /// The employees that it deletes.
    pub(super) fn deleted(&self) -> Vec<EmployeeId> {
        let gone = self
            .employees
            .iter()
            .filter(|(_, employee)| employee.is_none());
        gone.map(|(id, _)| *id).collect()
    }

    /// The statements, the log row last. `position` is that of the new commit.
    pub(super) fn commands(
        &self,
        position: &Position,
        events: &[Event],
    ) -> Result<Vec<Command>, BadRow> {
        let mut commands = self.row_commands()?;
        commands.push(self.log(position, events)?);
        commands.push(command!(write::NOTIFY, position.serial.to_string()));
        Ok(commands)
    }

    /// The statements without the log row.
    pub(super) fn row_commands(&self) -> Result<Vec<Command>, BadRow> {
        let mut commands = Vec::new();
        self.accounts(&mut commands)?;
        self.sessions(&mut commands)?;
        self.employees(&mut commands)?;
        self.history(&mut commands)?;
        self.audit(&mut commands)?;
        self.requests(&mut commands)?;
        self.forgotten(&mut commands);
        self.runs(&mut commands)?;
        self.moment(&mut commands);
        Ok(commands)
    }

    fn accounts(&self, commands: &mut Vec<Command>) -> Result<(), BadRow> {
        let (put, removed) = split(&self.accounts);
        if !put.is_empty() {
            let names: Vec<_> = put.iter().map(|(name, _)| name.to_string()).collect();
            commands.push(command!(write::ACCOUNTS, names, rows(&put)?));
        }
        if !removed.is_empty() {
            let names: Vec<_> = removed.iter().map(ToString::to_string).collect();
            commands.push(command!(write::NO_ACCOUNTS, names));
        }
        Ok(())
    }

    fn sessions(&self, commands: &mut Vec<Command>) -> Result<(), BadRow> {
        let (put, removed) = split(&self.sessions);
        if !put.is_empty() {
            // One statement with an array for each column, however many rows there are.
            let ids: Vec<_> = put.iter().map(|(id, _)| **id).collect();
            let users = put.iter().map(|(_, session)| session.user.to_string());
            let created = put
                .iter()
                .map(|(_, session)| session.created.as_millisecond());
            let ended = put.iter().map(|(_, session)| session.ended.is_some());
            let (users, created, ended): (Vec<_>, Vec<_>, Vec<_>) =
                (users.collect(), created.collect(), ended.collect());
            let rows = rows(&put)?;
            commands.push(command!(write::SESSIONS, ids, users, created, ended, rows));
        }
        if !removed.is_empty() {
            let ids: Vec<_> = removed.into_iter().copied().collect();
            commands.push(command!(write::NO_SESSIONS, ids));
        }
        Ok(())
    }

    fn employees(&self, commands: &mut Vec<Command>) -> Result<(), BadRow> {
        let (put, removed) = split(&self.employees);
        for put in put.chunks(MOST_AT_ONCE) {
            let ids: Vec<_> = put.iter().map(|(id, _)| signed(id.get())).collect();
            commands.push(command!(write::EMPLOYEES, ids, rows(put)?));
        }
        if !removed.is_empty() {
            let ids: Vec<_> = removed.into_iter().map(|id| signed(id.get())).collect();
            commands.push(command!(write::NO_EMPLOYEES, ids));
        }
        Ok(())
    }

    fn history(&self, commands: &mut Vec<Command>) -> Result<(), BadRow> {
        let (put, removed) = split(&self.history);
        if !put.is_empty() {
            let keys = put
                .iter()
                .map(|((id, version), _)| (signed(id.get()), signed(version.get())));
            let (ids, versions): (Vec<_>, Vec<_>) = keys.unzip();
            commands.push(command!(write::HISTORY, ids, versions, rows(&put)?));
        }
        if !removed.is_empty() {
            let keys = removed.into_iter();
            let keys = keys.map(|(id, version)| (signed(id.get()), signed(version.get())));
            let (ids, versions): (Vec<_>, Vec<_>) = keys.unzip();
            commands.push(command!(write::NO_HISTORY, ids, versions));
        }
        Ok(())
    }

    fn audit(&self, commands: &mut Vec<Command>) -> Result<(), BadRow> {
        let (put, removed) = split(&self.audit);
        if !put.is_empty() {
            let numbers: Vec<_> = put.iter().map(|(number, _)| signed(**number)).collect();
            let kinds = put.iter().map(|(_, entry)| AuditKind::of(entry.what));
            let kinds: Vec<_> = kinds.map(|kind| i16::from(kind_number(kind))).collect();
            let at: Vec<_> = put.iter().map(|(_, e)| e.at.as_millisecond()).collect();
            commands.push(command!(write::AUDIT, numbers, kinds, at, rows(&put)?));
        }
        if !removed.is_empty() {
            let numbers: Vec<_> = removed.into_iter().map(|number| signed(*number)).collect();
            commands.push(command!(write::NO_AUDIT, numbers));
        }
        Ok(())
    }

    fn forgotten(&self, commands: &mut Vec<Command>) {
        if !self.forgotten.is_empty() {
            commands.push(command!(write::FORGET_EVENTS, ids(&self.forgotten)));
            commands.push(plain(write::FORGET_REPORTS));
        }
    }

    fn moment(&self, commands: &mut Vec<Command>) {
        if let Some(moment) = &self.moment {
            let session = moment.session.as_millisecond();
            let stopped = i64::try_from(moment.stopped.as_millis()).unwrap_or(i64::MAX);
            commands.push(command!(write::MOMENT, session, stopped));
        }
    }

    fn requests(&self, commands: &mut Vec<Command>) -> Result<(), BadRow> {
        let (put, removed) = split(&self.requests);
        if !put.is_empty() {
            let keys = put.iter().map(|(key, _)| (*key).clone());
            let (users, keys): (Vec<_>, Vec<_>) = keys.unzip();
            let at: Vec<_> = put.iter().map(|(_, request)| request.at).collect();
            let about: Vec<_> = put.iter().map(|(_, r)| signed(r.id.get())).collect();
            let rows = rows(&put)?;
            commands.push(command!(write::REQUESTS, users, keys, at, about, rows));
        }
        if !removed.is_empty() {
            let keys = removed.into_iter().cloned();
            let (users, keys): (Vec<_>, Vec<_>) = keys.unzip();
            commands.push(command!(write::NO_REQUESTS, users, keys));
        }
        Ok(())
    }

    /// A run that is removed goes with all that it has.
    fn runs(&self, commands: &mut Vec<Command>) -> Result<(), BadRow> {
        let (put, removed) = split(&self.runs);
        if !put.is_empty() {
            let ids: Vec<_> = put.iter().map(|(id, _)| signed(id.get())).collect();
            commands.push(command!(write::RUNS, ids, rows(&put)?));
        }
        if !self.run_slices.is_empty() {
            let keys = self.run_slices.keys();
            let keys = keys.map(|(run, number)| (signed(run.get()), i64::from(*number)));
            let (runs, numbers): (Vec<_>, Vec<_>) = keys.unzip();
            let slices = self.run_slices.values().map(StoredRow::to_row);
            let slices = slices.collect::<Result<Vec<_>, _>>()?;
            commands.push(command!(write::RUN_SLICES, runs, numbers, slices));
        }
        let (reports, no_reports) = split(&self.run_reports);
        if !reports.is_empty() {
            let runs: Vec<_> = reports.iter().map(|(id, _)| signed(id.get())).collect();
            let reports: Vec<_> = reports
                .into_iter()
                .map(|(_, report)| report.clone())
                .collect();
            commands.push(command!(write::RUN_REPORTS, runs, reports));
        }
        // Removals come last: what the transaction has put for a run that it also removes must go.
        let gone = |ids: Vec<&RunId>| ids.into_iter().map(|id| signed(id.get())).collect();
        let (removed, no_reports): (Vec<i64>, Vec<i64>) = (gone(removed), gone(no_reports));
        if !no_reports.is_empty() {
            commands.push(command!(write::NO_RUN_REPORTS, no_reports));
        }
        if !removed.is_empty() {
            commands.push(command!(write::NO_RUN_SLICES, removed.clone()));
            commands.push(command!(write::NO_RUN_REPORTS, removed.clone()));
            commands.push(command!(write::NO_RUNS, removed));
        }
        Ok(())
    }

    /// The log row.
    pub(super) fn log(&self, position: &Position, events: &[Event]) -> Result<Command, BadRow> {
        let counters = position.counters;
        // Followers read the rows themselves, so the log only names them.
        let names: Vec<_> = self.accounts.keys().map(ToString::to_string).collect();
        let sessions: Vec<_> = self.sessions.keys().copied().collect();
        let events = serde_json::to_string(events).map_err(|error| BadRow::new("log", error))?;
        Ok(command!(
            write::LOG,
            signed(position.serial),
            position.tx,
            signed(counters.next_employee),
            signed(counters.next_audit),
            counters.kept.map(signed).to_vec(),
            counters.dropped.map(signed).to_vec(),
            names,
            sessions,
            ids(self.employees.keys()),
            ids(&self.forgotten),
            events,
        ))
    }
}

fn ids<'a>(ids: impl IntoIterator<Item = &'a EmployeeId>) -> Vec<i64> {
    ids.into_iter().map(|id| signed(id.get())).collect()
}

/// The rows that are put, and the keys of those that are removed.
fn split<'a, K: 'a, V: 'a>(
    written: impl IntoIterator<Item = (&'a K, &'a Option<V>)>,
) -> (Vec<(&'a K, &'a V)>, Vec<&'a K>) {
    let (mut put, mut removed) = (Vec::new(), Vec::new());
    for (key, row) in written {
        match row {
            Some(row) => put.push((key, row)),
            None => removed.push(key),
        }
    }
    (put, removed)
}

fn rows<K, V: StoredRow>(put: &[(K, &V)]) -> Result<Vec<Vec<u8>>, BadRow> {
    put.iter().map(|(_, row)| row.to_row()).collect()
}
