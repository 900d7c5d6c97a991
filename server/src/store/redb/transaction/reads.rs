//! The rows that a transaction reads.

use std::ops::RangeInclusive;

use redb::{AccessGuard, ReadableTable};
use roster_common::Username;
use roster_common::api::RunId;
use roster_common::employee::{Employee, EmployeeId, Version};
use roster_common::history::HistoryEntry;

use super::Tables;
use crate::rules::account::Account;
use crate::rules::history::HistoryEnds;
use crate::rules::idempotency::KeyedRequest;
use crate::rules::runs::Run;
use crate::rules::session::{Session, SessionId};
use crate::store::redb::tables::meta;
use crate::store::replica::{Fault, Rows};
use crate::store::rows::{BadRow, StoredRow};

impl Rows for Tables<'_> {
    fn account(&self, name: &Username) -> Result<Option<Account>, Fault> {
        let row = self.accounts.get(name.as_str())?;
        let account = row.map(|row| Account::from_row(name.clone(), row.value()));
        Ok(account.transpose()?)
    }

    fn accounts(&self) -> Result<Vec<Account>, Fault> {
        let mut accounts = Vec::new();
        for row in self.accounts.iter()? {
            let (name, row) = row?;
            let name = name.value().parse();
            let name = name.map_err(|error| BadRow::new(Account::TABLE, error))?;
            accounts.push(Account::from_row(name, row.value())?);
        }
        Ok(accounts)
    }

    fn session(&self, id: SessionId) -> Result<Option<Session>, Fault> {
        let row = self.sessions.get(id.as_u128())?;
        let session = row.map(|row| Session::from_row(id.as_u128(), row.value()));
        Ok(session.transpose()?)
    }

    fn open_sessions(&self, user: &Username) -> Result<Vec<Session>, Fault> {
        let user = user.as_str();
        let mut sessions = Vec::new();
        for key in self.user_sessions.range((user, 0)..=(user, u128::MAX))? {
            let (_, id) = key?.0.value();
            sessions.extend(self.session(SessionId::from_u128(id))?);
        }
        Ok(sessions)
    }

    fn employee(&self, id: EmployeeId) -> Result<Option<Employee>, Fault> {
        let row = self.employees.get(id.get())?;
        let employee = row.map(|row| Employee::from_row(id, row.value()));
        Ok(employee.transpose()?)
    }

    fn number_holder(&self, key: &str) -> Result<Option<EmployeeId>, Fault> {
        let holder = self.numbers.get(key)?.map(|id| id.value().try_into());
        let holder = holder.transpose();
        Ok(holder.map_err(|error| BadRow::new(Employee::TABLE, error))?)
    }

    fn next_employee(&self) -> Result<u64, Fault> {
        let next = self.meta.get(meta::NEXT_EMPLOYEE)?;
        Ok(next.map_or(1, |number| number.value()))
    }

    fn unused_ids(
        &self,
        range: RangeInclusive<u64>,
        count: usize,
    ) -> Result<Vec<EmployeeId>, Fault> {
        let mut unused = Vec::new();
        if range.is_empty() {
            return Ok(unused);
        }
        // Both tables are walked along the range, which is faster than two look-ups for each id.
        let mut employees = self.employees.range(range.clone())?;
        let mut next_employee = || Ok::<_, Fault>(employees.next().transpose()?.map(key));
        let mut employee = next_employee()?;
        let mut past = self.first_with_history(*range.start())?;
        for number in range {
            if unused.len() == count {
                break;
            }
            if employee == Some(number) {
                employee = next_employee()?;
                continue;
            }
            if past.is_some_and(|id| id < number) {
                past = self.first_with_history(number)?;
            }
            if past != Some(number) {
                unused.extend(EmployeeId::try_from(number));
            }
        }
        Ok(unused)
    }

    fn is_used(&self, id: EmployeeId) -> Result<bool, Fault> {
        let is_employee = self.employees.get(id.get())?.is_some();
        Ok(is_employee || self.first_with_history(id.get())? == Some(id.get()))
    }

    fn version_floor(&self) -> Result<Version, Fault> {
        let floor = self.meta.get(meta::VERSION_FLOOR)?;
        Ok(floor.map_or(Version::FIRST, |number| Version::new(number.value())))
    }

    fn request(&self, user: &Username, key: &str) -> Result<Option<KeyedRequest>, Fault> {
        let row = self.requests.get((user.as_str(), key))?;
        let request = row.map(|row| {
            let key = (user.clone(), key.to_owned());
            KeyedRequest::from_row(key, row.value())
        });
        Ok(request.transpose()?)
    }

    fn runs(&self) -> Result<Vec<Run>, Fault> {
        let mut runs = Vec::new();
        for row in self.runs.iter()? {
            let (id, row) = row?;
            runs.push(Run::from_row(RunId::new(id.value()), row.value())?);
        }
        Ok(runs)
    }

    fn history(&self, id: EmployeeId) -> Result<Vec<HistoryEntry>, Fault> {
        let entries = self.history.range((id.get(), 0)..=(id.get(), u64::MAX))?;
        entries.map(|entry| read_entry(entry?)).collect()
    }

    fn history_ends(&self, id: EmployeeId) -> Result<Option<HistoryEnds>, Fault> {
        let mut entries = self.history.range((id.get(), 0)..=(id.get(), u64::MAX))?;
        let Some(first) = entries.next() else {
            return Ok(None);
        };
        let first = read_entry(first?)?;
        let last = match entries.next_back() {
            Some(last) => read_entry(last?)?,
            None => first.clone(),
        };
        Ok(Some(HistoryEnds { first, last }))
    }
}

impl Tables<'_> {
    /// The least id from `number` on that has a history, as everybody has who was deleted.
    fn first_with_history(&self, number: u64) -> Result<Option<u64>, Fault> {
        let first = self.history.range((number, 0)..)?.next().transpose()?;
        Ok(first.map(|(key, _)| key.value().0))
    }
}

/// The key of an employee's row.
fn key((id, _): (AccessGuard<'_, u64>, AccessGuard<'_, &[u8]>)) -> u64 {
    id.value()
}

fn read_entry(
    (key, row): (AccessGuard<'_, (u64, u64)>, AccessGuard<'_, &[u8]>),
) -> Result<HistoryEntry, Fault> {
    let (_, version) = key.value();
    Ok(HistoryEntry::from_row(Version::new(version), row.value())?)
}
