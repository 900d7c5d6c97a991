//! Many records in one transaction: each change sees those before it.

use std::collections::{HashMap, HashSet};

use roster_common::FieldError;
use roster_common::api::RunCounts;
use roster_common::employee::{Details, Employee, EmployeeId, Version};
use roster_common::history::HistoryEntry;

use super::attribution::Attribution;
use super::history::{self, HistoryEnds};
use super::record::{first_version, next_version, restored_version};
use super::refusal::{manager_cycle, number_of, unknown_manager};
use super::runs::MadeVersions;
use super::writes::{Write, Writes};

/// What the newest state says about the records to change.
#[derive(Debug)]
pub struct Known {
    /// The employees to change.
    pub employees: HashMap<EmployeeId, Employee>,
    /// Everybody above the managers to set, and whom they report to.
    pub managers: HashMap<EmployeeId, Option<EmployeeId>>,
    /// Who has the personnel numbers to set, by their compared form.
    pub numbers: HashMap<String, EmployeeId>,
    /// The ids that are asked for and that somebody has or had.
    pub used: HashSet<EmployeeId>,
    /// As many free ids as there are new employees, or all that are left.
    pub free: Vec<EmployeeId>,
    /// The number from which on the next id is looked for.
    pub next: u64,
    /// The least version that a change may make.
    pub floor: Version,
}

/// The records of one transaction while it is decided.
pub(super) struct Bulk<'a> {
    pub(super) known: Known,
    attribution: &'a Attribution,
    made: MadeVersions,
    counts: RunCounts,
    writes: Writes,
}

/// What a transaction has changed.
pub(super) struct Changed {
    /// The versions that it made; empty if it changed nothing.
    pub(super) made: MadeVersions,
    /// How many records.
    pub(super) counts: RunCounts,
    /// The rows to write.
    pub(super) writes: Writes,
}

impl<'a> Bulk<'a> {
    /// Begins without a change.
    pub(super) fn new(known: Known, attribution: &'a Attribution) -> Self {
        Self {
            known,
            attribution,
            made: MadeVersions::default(),
            counts: RunCounts::default(),
            writes: Writes::default(),
        }
    }

    /// An employee to change, as the changes so far leave them.
    pub(super) fn employee(&self, id: EmployeeId) -> Option<Employee> {
        self.known.employees.get(&id).cloned()
    }

    /// Adds an employee under an id that nobody has or had. The same transaction cannot change them
    /// again.
    ///
    /// # Errors
    /// The manager or the personnel number.
    pub(super) fn add(&mut self, id: EmployeeId, details: Details) -> Result<(), FieldError> {
        self.check(id, None, &details)?;
        self.known.next = self.known.next.max(id.get() + 1);
        self.counts.created += 1;
        self.put(first_version(id, details, self.attribution));
        Ok(())
    }

    /// Gives an employee other details.
    ///
    /// # Errors
    /// The manager or the personnel number.
    pub(super) fn change(&mut self, before: &Employee, details: Details) -> Result<(), FieldError> {
        self.check(before.id, Some(&before.details), &details)?;
        let after = next_version(before, details, self.known.floor, self.attribution);
        for entry in history::change(before, &after) {
            self.writes.history(after.id, entry);
        }
        self.counts.changed += 1;
        self.forget_number(before);
        self.known.employees.insert(after.id, after.clone());
        self.put(after);
        Ok(())
    }

    /// Deletes an employee.
    pub(super) fn remove(&mut self, employee: &Employee) {
        let version = employee.version.next().max(self.known.floor);
        let entries = history::deletion(employee, version, self.attribution);
        self.take_away(employee, version, entries);
    }

    /// Deletes an employee whose record is merged into that of another one.
    pub(super) fn merge_away(&mut self, employee: &Employee, into: EmployeeId) {
        let version = employee.version.next().max(self.known.floor);
        let entries = history::merger(employee, version, into, self.attribution);
        self.take_away(employee, version, entries);
    }

    fn take_away(&mut self, employee: &Employee, version: Version, entries: Vec<HistoryEntry>) {
        let id = employee.id;
        for entry in entries {
            self.writes.history(id, entry);
        }
        self.counts.deleted += 1;
        self.forget_number(employee);
        self.known.employees.remove(&id);
        self.known.managers.remove(&id);
        self.note(id, version);
        self.writes.push(Write::RemoveEmployee(id));
    }

    /// Restores a deleted employee.
    ///
    /// # Errors
    /// The manager or the personnel number.
    pub(super) fn restore(
        &mut self,
        id: EmployeeId,
        ends: &HistoryEnds,
        details: Details,
    ) -> Result<(), FieldError> {
        self.check(id, None, &details)?;
        let employee = restored_version(id, ends, details, self.known.floor, self.attribution);
        self.writes.history(id, history::restoration(&employee));
        self.counts.created += 1;
        self.known.employees.insert(id, employee.clone());
        self.put(employee);
        Ok(())
    }

    /// What was changed.
    pub(super) fn finish(mut self) -> Changed {
        if self.counts.created > 0 {
            self.writes.push(Write::NextEmployee(self.known.next));
        }
        Changed {
            made: self.made,
            counts: self.counts,
            writes: self.writes,
        }
    }

    /// Checks what depends on other employees: the manager and the personnel number.
    fn check(
        &self,
        id: EmployeeId,
        before: Option<&Details>,
        after: &Details,
    ) -> Result<(), FieldError> {
        let holder = after.number_key();
        let holder = holder.and_then(|key| self.known.numbers.get(&key));
        if let Some(holder) = holder.filter(|holder| **holder != id) {
            return Err(number_of(*holder));
        }
        match after.manager() {
            Some(manager) if Some(manager) != before.and_then(Details::manager) => {
                self.check_manager(id, manager)
            }
            _ => Ok(()),
        }
    }

    fn check_manager(&self, id: EmployeeId, manager: EmployeeId) -> Result<(), FieldError> {
        if !self.known.managers.contains_key(&manager) {
            return Err(unknown_manager());
        }
        let mut above = Some(manager);
        while let Some(person) = above {
            if person == id {
                return Err(manager_cycle());
            }
            above = self.known.managers.get(&person).copied().flatten();
        }
        Ok(())
    }

    fn put(&mut self, employee: Employee) {
        let (id, manager) = (employee.id, employee.details.manager());
        self.known.managers.insert(id, manager);
        let number = employee.details.number_key();
        self.known.numbers.extend(number.map(|key| (key, id)));
        self.note(id, employee.version);
        self.writes.push(Write::Employee(Box::new(employee)));
    }

    fn note(&mut self, id: EmployeeId, version: Version) {
        self.made.push(id, version);
    }

    /// Somebody else may have the number from now on.
    fn forget_number(&mut self, before: &Employee) {
        if let Some(key) = before.details.number_key()
            && self.known.numbers.get(&key) == Some(&before.id)
        {
            self.known.numbers.remove(&key);
        }
    }
}
