//! Checks a whole database: every row can be read, every index agrees with its rows, and records,
//! history and audit agree with each other. It works on any database that can show one committed
//! state row by row.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt::{Debug, Display};
use std::iter::Peekable;

use jiff::Timestamp;
use roster_common::Username;
use roster_common::api::RunId;
use roster_common::employee::{Employee, EmployeeId};
use roster_common::history::{AuditEntry, ChangeKind, HistoryEntry};
use serde::{Deserialize, Serialize};

use super::Account;
use super::replica::Fault;
use crate::rules::audit::AuditKind;
use crate::rules::idempotency::KeyedRequest;
use crate::rules::runs::{Run, RunSlice};
use crate::rules::session::{Session, SessionId};

/// The most problems that a report describes.
const DESCRIBED: usize = 100;

/// Rows in the order of their keys. One that cannot be read is a [`Fault::Row`]; the next may be
/// readable.
pub(in crate::store) type RowIter<'a, T> = Box<dyn Iterator<Item = Result<T, Fault>> + 'a>;

/// One committed state of a database, row by row.
///
/// # Errors
/// All methods: [`Fault::Database`] if the table cannot be read at all.
pub(in crate::store) trait Snapshot {
    /// The accounts.
    fn accounts(&self) -> Result<RowIter<'_, Account>, Fault>;

    /// The sessions, also those that have ended.
    fn sessions(&self) -> Result<RowIter<'_, Session>, Fault>;

    /// The index of the sessions by the millisecond of their creation.
    fn session_ages(&self) -> Result<RowIter<'_, (i64, SessionId)>, Fault>;

    /// The index of the sessions that have not ended, by user.
    fn open_sessions(&self) -> Result<RowIter<'_, (String, SessionId)>, Fault>;

    /// The employees, by id.
    fn employees(&self) -> Result<RowIter<'_, Employee>, Fault>;

    /// The index of the personnel numbers, by their compared form; `None` if the database needs
    /// none.
    fn numbers(&self) -> Result<Option<RowIter<'_, (String, EmployeeId)>>, Fault>;

    /// The answers to requests with an idempotency key.
    fn requests(&self) -> Result<RowIter<'_, KeyedRequest>, Fault>;

    /// The index of the requests by their millisecond.
    fn request_ages(&self) -> Result<RowIter<'_, (i64, String, String)>, Fault>;

    /// The runs, by number.
    fn runs(&self) -> Result<RowIter<'_, Run>, Fault>;

    /// The slices of all runs, by run and number.
    fn run_slices(&self) -> Result<RowIter<'_, (RunId, u32, RunSlice)>, Fault>;

    /// The reports of runs.
    fn run_reports(&self) -> Result<RowIter<'_, (RunId, Vec<u8>)>, Fault>;

    /// The entries of all histories, by id and version.
    fn history(&self) -> Result<RowIter<'_, (EmployeeId, HistoryEntry)>, Fault>;

    /// The audit, by number.
    fn audit(&self) -> Result<RowIter<'_, AuditEntry>, Fault>;

    /// The index of the audit entries of one kind, by number.
    fn audit_kind(&self, kind: AuditKind) -> Result<RowIter<'_, u64>, Fault>;
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The number of accounts.
    pub accounts: u64,
    /// The number of sessions that have not ended.
    pub sessions: u64,
    /// The number of employees.
    pub employees: u64,
    /// The number of history entries.
    pub history: u64,
    /// The number of audit entries.
    pub audit: u64,
    /// The number of the newest audit entry, and when it was written.
    pub newest: Option<(u64, Timestamp)>,
    /// The greatest version that any record has or had; 0 if there never was one.
    pub greatest_version: u64,
    /// The number of problems.
    pub problems: u64,
    /// The first problems, each in a sentence. They name ids and fields, and no values.
    pub described: Vec<String>,
}

impl Report {
    /// Returns `true` if nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.problems == 0
    }

    fn problem(&mut self, problem: impl Display) {
        self.problems += 1;
        if self.described.len() < DESCRIBED {
            self.described.push(problem.to_string());
        }
    }

    /// The row, or `None` and a problem if it cannot be read.
    fn readable<T>(&mut self, row: Result<T, Fault>) -> Result<Option<T>, Fault> {
        match row {
            Ok(row) => Ok(Some(row)),
            Err(Fault::Row(error)) => {
                self.problem(error);
                Ok(None)
            }
            Err(fault) => Err(fault),
        }
    }

    /// Compares an index with the keys that its rows give it.
    fn compare<K: Ord + Debug>(
        &mut self,
        index: &str,
        mut expected: BTreeSet<K>,
        found: RowIter<'_, K>,
    ) -> Result<(), Fault> {
        for key in found {
            if let Some(key) = self.readable(key)?
                && !expected.remove(&key)
            {
                self.problem(format_args!("{index} has {key:?}, which no row has"));
            }
        }
        for key in expected {
            self.problem(format_args!("{index} lacks {key:?}"));
        }
        Ok(())
    }
}

/// Checks all rows of one committed state.
///
/// # Errors
/// [`Fault::Database`] if a table cannot be read at all. What is wrong with its rows is in the
/// report.
pub(in crate::store) fn check(rows: &dyn Snapshot) -> Result<Report, Fault> {
    let mut report = Report::default();
    let accounts = check_accounts(rows, &mut report)?;
    check_sessions(rows, &accounts, &mut report)?;
    check_requests(rows, &mut report)?;
    check_employees(rows, &mut report)?;
    check_runs(rows, &mut report)?;
    check_audit(rows, &mut report)?;
    Ok(report)
}

fn check_accounts(rows: &dyn Snapshot, report: &mut Report) -> Result<HashSet<Username>, Fault> {
    let mut accounts = HashSet::new();
    for account in rows.accounts()? {
        report.accounts += 1;
        accounts.extend(report.readable(account)?.map(|account| account.username));
    }
    Ok(accounts)
}

fn check_sessions(
    rows: &dyn Snapshot,
    accounts: &HashSet<Username>,
    report: &mut Report,
) -> Result<(), Fault> {
    let (mut ages, mut open) = (BTreeSet::new(), BTreeSet::new());
    for session in rows.sessions()? {
        let Some(session) = report.readable(session)? else {
            continue;
        };
        // Sessions that have ended stay in this index, by which they are purged.
        ages.insert((session.created.as_millisecond(), session.id));
        if session.ended.is_some() {
            continue;
        }
        report.sessions += 1;
        open.insert((session.user.to_string(), session.id));
        if !accounts.contains(&session.user) {
            let (id, user) = (session.id, session.user);
            report.problem(format_args!(
                "session {id} is of {user}, who has no account"
            ));
        }
    }
    report.compare("the index of sessions by age", ages, rows.session_ages()?)?;
    report.compare(
        "the index of open sessions by user",
        open,
        rows.open_sessions()?,
    )
}

fn check_requests(rows: &dyn Snapshot, report: &mut Report) -> Result<(), Fault> {
    let mut ages = BTreeSet::new();
    for request in rows.requests()? {
        if let Some(request) = report.readable(request)? {
            ages.insert((request.at, request.user.to_string(), request.key));
        }
    }
    report.compare("the index of requests by age", ages, rows.request_ages()?)
}

/// Checks that every run has its slices, and that nothing is left of one that is not there.
fn check_runs(rows: &dyn Snapshot, report: &mut Report) -> Result<(), Fault> {
    let mut slices = BTreeSet::new();
    let mut runs = HashSet::new();
    for run in rows.runs()? {
        let Some(run) = report.readable(run)? else {
            continue;
        };
        // Slices are numbered without gaps, so their count says which must be there.
        slices.extend((0..run.slices).map(|number| (run.id, number)));
        runs.insert(run.id);
    }
    let found = rows.run_slices()?;
    let found = found.map(|slice| slice.map(|(run, number, _)| (run, number)));
    report.compare("the slices of runs", slices, Box::new(found))?;
    for kept in rows.run_reports()? {
        if let Some((run, _)) = report.readable(kept)?
            && !runs.contains(&run)
        {
            report.problem(format_args!(
                "there is a report of run {run}, which is not there"
            ));
        }
    }
    Ok(())
}

/// Walks over records and histories side by side: both are in the order of the ids.
fn check_employees(rows: &dyn Snapshot, report: &mut Report) -> Result<(), Fault> {
    let mut histories = Histories(rows.history()?.peekable());
    let mut next = histories.next(report)?;
    let mut numbers = BTreeSet::new();
    for employee in rows.employees()? {
        report.employees += 1;
        let Some(employee) = report.readable(employee)? else {
            continue;
        };
        numbers.extend(employee.details.number_key().map(|key| (key, employee.id)));
        let version = employee.version.get();
        report.greatest_version = report.greatest_version.max(version);
        while let Some((id, last)) = &next
            && *id < employee.id
        {
            check_deleted(*id, last, report);
            next = histories.next(report)?;
        }
        if let Some((id, last)) = &next
            && *id == employee.id
        {
            check_record(&employee, last, report);
            next = histories.next(report)?;
        }
    }
    while let Some((id, last)) = next {
        check_deleted(id, &last, report);
        next = histories.next(report)?;
    }
    // Sorted by number, so that equal numbers are neighbours.
    for ((key, one), (next, other)) in numbers.iter().zip(numbers.iter().skip(1)) {
        if key == next {
            report.problem(format_args!(
                "employees {one} and {other} have the same number"
            ));
        }
    }
    match rows.numbers()? {
        Some(index) => report.compare("the index of personnel numbers", numbers, index),
        None => Ok(()),
    }
}

/// Checks that a record is what its newest history entry made of it.
fn check_record(employee: &Employee, last: &HistoryEntry, report: &mut Report) {
    let id = employee.id;
    if is_end(last.what) {
        report.problem(format_args!(
            "employee {id} is there, but deleted in its history"
        ));
        return;
    }
    if last.version != employee.version {
        let (version, newest) = (employee.version, last.version);
        report.problem(format_args!(
            "employee {id} has version {version}, but {newest} in its history"
        ));
        return;
    }
    // Later changes may have replaced older ones, so only the newest entry must agree.
    for change in &last.changes {
        if employee.details.text(change.field) != change.new {
            let field = change.field;
            report.problem(format_args!(
                "{field} of employee {id} is not what its history says"
            ));
        }
    }
}

/// Returns `true` if the record does not exist after such a change.
fn is_end(what: ChangeKind) -> bool {
    matches!(
        what,
        ChangeKind::Deleted | ChangeKind::Merged | ChangeKind::Forgotten
    )
}

fn check_deleted(id: EmployeeId, last: &HistoryEntry, report: &mut Report) {
    if !is_end(last.what) {
        report.problem(format_args!(
            "employee {id} is missing, but its history does not end with a deletion"
        ));
    }
}

/// The newest entry of each history, one history after the other.
struct Histories<'a>(Peekable<RowIter<'a, (EmployeeId, HistoryEntry)>>);

impl Histories<'_> {
    fn next(&mut self, report: &mut Report) -> Result<Option<(EmployeeId, HistoryEntry)>, Fault> {
        let mut newest = None;
        while let Some(row) = self.0.next_if(|row| is_of(row, newest.as_ref())) {
            report.history += 1;
            if let Some((id, entry)) = report.readable(row)? {
                report.greatest_version = report.greatest_version.max(entry.version.get());
                newest = Some((id, entry));
            }
        }
        Ok(newest)
    }
}

/// Whether a row belongs to the history that has been begun. One that cannot be read may.
fn is_of(
    row: &Result<(EmployeeId, HistoryEntry), Fault>,
    begun: Option<&(EmployeeId, HistoryEntry)>,
) -> bool {
    match (row, begun) {
        (Ok((id, _)), Some((begun, _))) => id == begun,
        _ => true,
    }
}

fn check_audit(rows: &dyn Snapshot, report: &mut Report) -> Result<(), Fault> {
    let mut kinds: HashMap<AuditKind, BTreeSet<u64>> = HashMap::new();
    for entry in rows.audit()? {
        report.audit += 1;
        if let Some(entry) = report.readable(entry)? {
            report.newest = Some((entry.id, entry.at));
            let kind = kinds.entry(AuditKind::of(entry.what)).or_default();
            kind.insert(entry.id);
        }
    }
    for kind in AuditKind::ALL {
        let index = format!("the index of the audit ({kind:?})");
        let expected = kinds.remove(&kind).unwrap_or_default();
        report.compare(&index, expected, rows.audit_kind(kind)?)?;
    }
    Ok(())
}
