//! One write transaction, as rules see it: what is in memory, the rows that were fetched, and over
//! both what the writes of the transaction have put. Nothing is sent to the database before all of
//! them have run.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::RangeInclusive;
use std::sync::Arc;

use arc_swap::Guard;
use imbl::OrdSet;
use jiff::Timestamp;
use roster_common::Username;
use roster_common::api::RunId;
use roster_common::employee::{Employee, EmployeeId, Field, Version};
use roster_common::history::{AuditEntry, HistoryEntry};

use super::fetched::{Fetched, RequestKey};
use super::position::{Counters, State};
use super::tables::kind_number;
use crate::rules::account::Account;
use crate::rules::audit::{AuditKind, AuditLine, TrimAudit};
use crate::rules::history::HistoryEnds;
use crate::rules::idempotency::KeyedRequest;
use crate::rules::runs::{Run, RunSlice};
use crate::rules::session::{Session, SessionId};
use crate::rules::session_clock::Moment;
use crate::rules::writes::Write;
use crate::store::directory::Directory;
use crate::store::replica::{Accounts, Fault, Rows, Transaction, View};
use crate::store::rows::{BadRow, StoredRow};

/// The rows of a transaction.
pub(super) struct PendingRows {
    accounts: Guard<Arc<Accounts>>,
    directory: Guard<Arc<Directory>>,
    fetched: Fetched,
    pub(super) counters: Counters,
    deleted: OrdSet<EmployeeId>,
    version_floor: Version,
    pub(super) written: Written,
}

/// What a transaction has put: the last state of each row, or `None` if it is removed.
#[derive(Default)]
pub(super) struct Written {
    pub(super) accounts: BTreeMap<Username, Option<Account>>,
    pub(super) sessions: BTreeMap<SessionId, Option<Session>>,
    pub(super) employees: BTreeMap<EmployeeId, Option<Employee>>,
    /// Who got a personnel number, by its compared form. They may have lost it again.
    pub(super) numbers: HashMap<String, EmployeeId>,
    pub(super) history: BTreeMap<(EmployeeId, Version), Option<HistoryEntry>>,
    pub(super) audit: BTreeMap<u64, Option<AuditEntry>>,
    pub(super) requests: HashMap<RequestKey, Option<KeyedRequest>>,
    /// The runs; `None` for one that is removed, with what it has.
    pub(super) runs: BTreeMap<RunId, Option<Run>>,
    pub(super) run_slices: BTreeMap<(RunId, u32), RunSlice>,
    /// The reports of runs; `None` for one that is removed.
    pub(super) run_reports: BTreeMap<RunId, Option<Vec<u8>>>,
    /// The employees of whom the log keeps no text.
    pub(super) forgotten: BTreeSet<EmployeeId>,
    pub(super) moment: Option<Moment>,
}

impl PendingRows {
    /// Begins over the newest state, which `view` shows.
    pub(super) fn new(view: &View, fetched: Fetched, state: &State) -> Self {
        Self {
            accounts: view.accounts(),
            directory: view.directory(),
            fetched,
            counters: state.position.counters,
            deleted: state.deleted.clone(),
            version_floor: state.version_floor,
            written: Written::default(),
        }
    }

    fn put_session(&mut self, session: &Session) {
        let age = (session.created.as_millisecond(), session.id);
        self.fetched.oldest_sessions.insert(age);
        let written = &mut self.written.sessions;
        written.insert(session.id, Some(session.clone()));
    }

    fn purge_sessions(&mut self, before: i64, at_most: usize) -> Vec<SessionId> {
        let old = self.fetched.oldest_sessions.iter();
        let old = old.take_while(|(created, _)| *created < before);
        let old: Vec<_> = old.take(at_most).copied().collect();
        let mut purged = Vec::new();
        for age in old {
            self.fetched.oldest_sessions.remove(&age);
            self.written.sessions.insert(age.1, None);
            purged.push(age.1);
        }
        purged
    }

    fn put_employee(&mut self, id: EmployeeId, employee: Option<Employee>) {
        let number = employee.as_ref().and_then(|e| e.details.number_key());
        self.written.numbers.extend(number.map(|key| (key, id)));
        self.written.employees.insert(id, employee);
    }

    fn put_line(&mut self, line: &AuditLine) {
        let number = self.counters.next_audit;
        let entry = line.clone().into_entry(number);
        self.written.audit.insert(number, Some(entry));
        self.counters.next_audit += 1;
        let kind = usize::from(kind_number(AuditKind::of(line.what)));
        self.counters.kept[kind] += 1;
        if self.fetched.has_all_lines[kind] {
            self.fetched.oldest_lines[kind].insert(number, line.at.as_millisecond());
        }
    }

    /// Drops lines that were fetched. The newest of all is never one of them.
    fn trim_lines(&mut self, trim: &TrimAudit) {
        let kind = usize::from(kind_number(trim.kind));
        let before = trim.before.map(Timestamp::as_millisecond);
        let (kept, newest) = (&mut self.counters.kept[kind], self.counters.next_audit - 1);
        let lines = &mut self.fetched.oldest_lines[kind];
        for _ in 0..trim.at_most {
            // What was not fetched is left to the next trim.
            let Some(oldest) = lines.first_entry() else {
                return;
            };
            let is_old = before.is_some_and(|before| *oldest.get() < before);
            if *oldest.key() == newest || !is_old && *kept <= trim.kept {
                return;
            }
            self.written.audit.insert(oldest.remove_entry().0, None);
            *kept = kept.saturating_sub(1);
            self.counters.dropped[kind] += 1;
        }
    }

    /// Removes records from the answers that are kept for repeats. All answers about them have been
    /// fetched, or were put by this transaction.
    fn forget(&mut self, ids: &[EmployeeId]) -> Result<(), Fault> {
        self.written.forgotten.extend(ids);
        // A report names people too. Without it, a repeat gets the counts only.
        self.written.run_reports.clear();
        let keys: Vec<_> = self.fetched.requests.keys().cloned().collect();
        for (user, key) in keys {
            let user = user
                .parse()
                .map_err(|e| BadRow::new(KeyedRequest::TABLE, e))?;
            if let Some(request) = self.request(&user, &key)? {
                self.put_request(&request);
            }
        }
        for answer in self.written.requests.values_mut() {
            if let Some(about) = answer.take_if(|answer| ids.contains(&answer.id)) {
                *answer = Some(about.forgotten());
            }
        }
        Ok(())
    }

    fn put_request(&mut self, request: &KeyedRequest) {
        let key = (request.user.to_string(), request.key.clone());
        self.written.requests.insert(key, Some(request.clone()));
    }

    fn purge_requests(&mut self, before: i64, at_most: usize) {
        let old = self.fetched.oldest_requests.iter();
        let old = old.take_while(|(at, ..)| *at < before);
        let old: Vec<_> = old.take(at_most).cloned().collect();
        for age in old {
            self.fetched.oldest_requests.remove(&age);
            // A request that this transaction has put is new again, and stays.
            self.written.requests.entry(age.1).or_insert(None);
        }
    }
}

impl PendingRows {
    fn entry(&self, key: (EmployeeId, Version)) -> Result<Option<HistoryEntry>, Fault> {
        if let Some(written) = self.written.history.get(&key) {
            return Ok(written.clone());
        }
        let row = self.fetched.history.get(&key);
        let entry = row.map(|row| HistoryEntry::from_row(key.1, row));
        Ok(entry.transpose()?)
    }
}

impl Rows for PendingRows {
    fn account(&self, name: &Username) -> Result<Option<Account>, Fault> {
        match self.written.accounts.get(name) {
            Some(written) => Ok(written.clone()),
            None => Ok(self.accounts.account(name)),
        }
    }

    fn accounts(&self) -> Result<Vec<Account>, Fault> {
        let known = self.accounts.accounts().into_iter();
        let mut accounts: BTreeMap<_, _> = known
            .map(|account| (account.username.clone(), account))
            .collect();
        for (name, written) in &self.written.accounts {
            match written {
                Some(account) => _ = accounts.insert(name.clone(), account.clone()),
                None => _ = accounts.remove(name),
            }
        }
        Ok(accounts.into_values().collect())
    }

    fn session(&self, id: SessionId) -> Result<Option<Session>, Fault> {
        if let Some(written) = self.written.sessions.get(&id) {
            return Ok(written.clone());
        }
        let row = self.fetched.sessions.get(&id);
        let session = row.map(|row| Session::from_row(id.as_u128(), row));
        Ok(session.transpose()?)
    }

    fn open_sessions(&self, user: &Username) -> Result<Vec<Session>, Fault> {
        let written = self.written.sessions.values().flatten();
        let written = written.filter(|session| session.user == *user);
        let mut ids: BTreeSet<_> = written.map(|session| session.id).collect();
        let all = (user.to_string(), SessionId::nil())..=(user.to_string(), SessionId::max());
        ids.extend(self.fetched.open_sessions.range(all).map(|(_, id)| *id));
        let mut sessions = Vec::new();
        for id in ids {
            let session = self.session(id)?;
            sessions.extend(session.filter(|session| session.ended.is_none()));
        }
        Ok(sessions)
    }

    fn employee(&self, id: EmployeeId) -> Result<Option<Employee>, Fault> {
        if let Some(written) = self.written.employees.get(&id) {
            return Ok(written.clone());
        }
        let Some(record) = self.directory.get(id) else {
            return Ok(None);
        };
        let employee = serde_json::from_slice(&record.json);
        Ok(Some(employee.map_err(|e| BadRow::new(Employee::TABLE, e))?))
    }

    fn number_holder(&self, key: &str) -> Result<Option<EmployeeId>, Fault> {
        let still_has_it = |id: &EmployeeId| match self.written.employees.get(id) {
            Some(Some(employee)) => employee.details.number_key().as_deref() == Some(key),
            Some(None) => false,
            None => true,
        };
        let written = self.written.numbers.get(key).copied();
        let before = || self.directory.holders(Field::Number, key, 1);
        let holder = written.filter(still_has_it);
        Ok(holder.or_else(|| before().into_iter().find(still_has_it)))
    }

    fn next_employee(&self) -> Result<u64, Fault> {
        Ok(self.counters.next_employee)
    }

    fn unused_ids(
        &self,
        range: RangeInclusive<u64>,
        count: usize,
    ) -> Result<Vec<EmployeeId>, Fault> {
        let mut unused = Vec::new();
        for id in range.filter_map(|number| EmployeeId::try_from(number).ok()) {
            if unused.len() == count {
                break;
            }
            if !self.is_used(id)? {
                unused.push(id);
            }
        }
        Ok(unused)
    }

    fn is_used(&self, id: EmployeeId) -> Result<bool, Fault> {
        let is_written = self.written.employees.contains_key(&id);
        Ok(is_written || self.deleted.contains(&id) || self.directory.slot(id).is_some())
    }

    fn version_floor(&self) -> Result<Version, Fault> {
        Ok(self.version_floor)
    }

    fn request(&self, user: &Username, key: &str) -> Result<Option<KeyedRequest>, Fault> {
        let request = (user.to_string(), key.to_owned());
        if let Some(written) = self.written.requests.get(&request) {
            return Ok(written.clone());
        }
        let row = self.fetched.requests.get(&request);
        let request = row.map(|row| KeyedRequest::from_row((user.clone(), key.to_owned()), row));
        Ok(request.transpose()?)
    }

    fn runs(&self) -> Result<Vec<Run>, Fault> {
        let mut runs = BTreeMap::new();
        for (id, row) in &self.fetched.runs {
            runs.insert(*id, Some(Run::from_row(*id, row)?));
        }
        let written = self.written.runs.iter();
        runs.extend(written.map(|(id, run)| (*id, run.clone())));
        Ok(runs.into_values().flatten().collect())
    }

    fn history(&self, id: EmployeeId) -> Result<Vec<HistoryEntry>, Fault> {
        let all = (id, Version::new(0))..=(id, Version::new(u64::MAX));
        let written = self.written.history.range(all.clone());
        let fetched = self.fetched.history.range(all);
        let keys: BTreeSet<_> = written
            .map(|(key, _)| key)
            .chain(fetched.map(|(key, _)| key))
            .collect();
        let entries = keys.into_iter().map(|key| self.entry(*key));
        entries.filter_map(Result::transpose).collect()
    }

    fn history_ends(&self, id: EmployeeId) -> Result<Option<HistoryEnds>, Fault> {
        let mut entries = self.history(id)?.into_iter();
        let Some(first) = entries.next() else {
            return Ok(None);
        };
        let last = entries.next_back().unwrap_or_else(|| first.clone());
        Ok(Some(HistoryEnds { first, last }))
    }
}

impl Transaction for PendingRows {
    fn put(&mut self, write: &Write) -> Result<Vec<SessionId>, Fault> {
        let written = &mut self.written;
        match write {
            Write::Account(account) => {
                let name = account.username.clone();
                written.accounts.insert(name, Some(account.clone()));
            }
            Write::RemoveAccount(name) => _ = written.accounts.insert(name.clone(), None),
            Write::Session(session) => self.put_session(session),
            Write::PurgeSessions { before, at_most } => {
                return Ok(self.purge_sessions(*before, *at_most));
            }
            Write::Employee(employee) => {
                self.put_employee(employee.id, Some(Employee::clone(employee)));
            }
            Write::RemoveEmployee(id) => self.put_employee(*id, None),
            Write::NextEmployee(next) => self.counters.next_employee = *next,
            Write::History(id, entry) => {
                let key = (*id, entry.version);
                written.history.insert(key, Some(entry.clone()));
            }
            Write::RemoveHistory(id, version) => {
                written.history.insert((*id, *version), None);
            }
            Write::Audit(line) => self.put_line(line),
            Write::TrimAudit(trim) => self.trim_lines(trim),
            Write::Run(run) => _ = written.runs.insert(run.id, Some(run.clone())),
            Write::RunSlice(run, number, slice) => {
                written.run_slices.insert((*run, *number), slice.clone());
            }
            Write::RunReport(run, report) => {
                written.run_reports.insert(*run, Some(report.clone()));
            }
            Write::RemoveRun(run) => _ = written.runs.insert(*run, None),
            Write::RemoveRunReport(run) => _ = written.run_reports.insert(*run, None),
            Write::Forget(ids) => self.forget(ids)?,
            Write::Moment(moment) => written.moment = Some(*moment),
            Write::Request(request) => self.put_request(request),
            Write::PurgeRequests { before, at_most } => self.purge_requests(*before, *at_most),
            // The log row of the commit is enough.
            Write::Touch => {}
        }
        Ok(Vec::new())
    }
}
