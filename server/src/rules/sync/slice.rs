//! One slice of an import that updates: some rows in one transaction.

use std::collections::{HashMap, HashSet};

use roster_common::FieldError;
use roster_common::employee::{Details, Employee, EmployeeId, Status, Version};
use roster_common::event::{ChangedManyEvent, Event};
use roster_common::history::AuditAction;
use roster_common::problem::Rule;

use super::rows::with_status;
use super::{Above, SyncRow, SyncRows};
use crate::rules::attribution::Attribution;
use crate::rules::audit::AuditLine;
use crate::rules::history;
use crate::rules::record::{first_version, next_version};
use crate::rules::refusal::{
    manager_cycle, number_of, number_of_earlier_row, out_of_ids, unknown_manager,
};
use crate::rules::writes::{Decision, Write, Writes};

/// One step of a slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Whom it is about.
    pub target: Target,
    /// The manager, if the row names one.
    pub manager: Option<Above>,
}

/// Whom a step is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The row adds an employee.
    New(usize),
    /// The row changes an employee, whose record had this version when the file was checked.
    Employee(usize, EmployeeId, Version),
    /// No row matches the employee, whose status changes.
    Missing(EmployeeId, Version, Status),
}

impl Target {
    /// The index of the row.
    pub fn row(self) -> Option<usize> {
        match self {
            Self::New(row) | Self::Employee(row, ..) => Some(row),
            Self::Missing(..) => None,
        }
    }
}

/// What became of a step.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The employee was added.
    Created(EmployeeId),
    /// The employee was changed. `again` if the record had changed since the file was checked.
    Changed(EmployeeId, bool),
    /// Somebody else has made the same change meanwhile.
    Unchanged(EmployeeId),
    /// It was refused.
    Refused(Vec<FieldError>),
}

/// What the newest state says about the steps of a slice.
#[derive(Debug)]
pub struct Known {
    /// The employees whom the steps change.
    pub employees: HashMap<EmployeeId, Employee>,
    /// Everybody above the managers whom the steps name, and whom they report to.
    pub managers: HashMap<EmployeeId, Option<EmployeeId>>,
    /// Who has the personnel numbers of the rows.
    pub numbers: HashMap<String, EmployeeId>,
    /// The ids that rows ask for and that somebody has or had.
    pub used: HashSet<EmployeeId>,
    /// As many free ids as there are new employees, or all that are left.
    pub free: Vec<EmployeeId>,
    /// The number from which on the next id is looked for.
    pub next: u64,
    /// The least version that a change may make.
    pub floor: Version,
}

/// Decides the steps of a slice one after the other. `asks_for_ids` tells whether the ids of the
/// rows are those that new employees get. `note` is the line of the audit, if this slice writes it.
pub fn slice(
    rows: &SyncRows,
    steps: &[Step],
    asks_for_ids: bool,
    known: Known,
    attribution: &Attribution,
    note: Option<&str>,
) -> Decision<Vec<Outcome>> {
    let mut slice = Slice {
        known,
        taken: 0,
        asks_for_ids,
        attribution,
        given: HashSet::new(),
        created: HashMap::new(),
        written: Vec::new(),
        writes: Writes::default(),
    };
    let outcomes: Vec<_> = steps
        .iter()
        .map(|step| {
            let row = step.target.row().and_then(|row| rows.get(row));
            slice.step(*step, row.as_ref())
        })
        .collect();
    slice.finish(note).decide(outcomes)
}

struct Slice<'a> {
    known: Known,
    /// How many of the free ids have been looked at.
    taken: usize,
    asks_for_ids: bool,
    attribution: &'a Attribution,
    /// The personnel numbers that earlier steps have given.
    given: HashSet<String>,
    /// The new employees of rows.
    created: HashMap<usize, EmployeeId>,
    written: Vec<EmployeeId>,
    writes: Writes,
}

impl Slice<'_> {
    fn step(&mut self, step: Step, row: Option<&SyncRow>) -> Outcome {
        let manager = match step.manager {
            None => None,
            Some(Above::Employee(id)) => Some(id),
            Some(Above::Row(above)) => match self.created.get(&above) {
                Some(id) => Some(*id),
                // The row of the manager was refused, and says why.
                None => return Outcome::Refused(Vec::new()),
            },
        };
        let decided = match (step.target, row) {
            (Target::New(index), Some(row)) => self.create(index, row, manager),
            (Target::Employee(_, id, version), Some(row)) => self.change(id, version, |before| {
                let details = row.details(Some(before))?;
                Ok(with_manager(details, manager))
            }),
            (Target::Missing(id, version, status), _) => self.change(id, version, |before| {
                Ok(with_status(before, status).unwrap_or_else(|| before.clone()))
            }),
            (_, None) => Err(vec![super::unreadable_row()]),
        };
        decided.unwrap_or_else(Outcome::Refused)
    }

    fn create(
        &mut self,
        index: usize,
        row: &SyncRow,
        manager: Option<EmployeeId>,
    ) -> Result<Outcome, Vec<FieldError>> {
        let details = with_manager(row.details(None)?, manager);
        let id = self.next_id(row)?;
        self.check(id, None, &details)?;
        let employee = first_version(id, details, self.attribution);
        self.put(employee);
        self.created.insert(index, id);
        Ok(Outcome::Created(id))
    }

    fn change(
        &mut self,
        id: EmployeeId,
        version: Version,
        edit: impl Fn(&Details) -> Result<Details, Vec<FieldError>>,
    ) -> Result<Outcome, Vec<FieldError>> {
        let Some(before) = self.known.employees.get(&id).cloned() else {
            let message = "This employee has since been deleted.";
            return Err(vec![FieldError::new("id", Rule::NotFound, message)]);
        };
        let details = edit(&before.details)?;
        if details == before.details {
            return Ok(Outcome::Unchanged(id));
        }
        self.check(id, Some(&before.details), &details)?;
        let after = next_version(&before, details, self.known.floor, self.attribution);
        for entry in history::change(&before, &after) {
            self.writes.history(id, entry);
        }
        self.put(after);
        Ok(Outcome::Changed(id, before.version != version))
    }

    /// The id of a new employee.
    fn next_id(&mut self, row: &SyncRow) -> Result<EmployeeId, Vec<FieldError>> {
        if let Some(id) = row.id.filter(|_| self.asks_for_ids) {
            return if self.known.used.insert(id) {
                Ok(id)
            } else {
                let message = "This id has been used before.";
                Err(vec![FieldError::new("id", Rule::Taken, message)])
            };
        }
        while let Some(id) = self.known.free.get(self.taken).copied() {
            self.taken += 1;
            if self.known.used.insert(id) {
                return Ok(id);
            }
        }
        Err(vec![out_of_ids()])
    }

    /// Checks what depends on other employees: the manager and the personnel number.
    fn check(
        &self,
        id: EmployeeId,
        before: Option<&Details>,
        after: &Details,
    ) -> Result<(), Vec<FieldError>> {
        let number = after.number_key();
        if let Some(key) =
            number.filter(|key| before.and_then(Details::number_key).as_ref() != Some(key))
        {
            if let Some(holder) = self.known.numbers.get(&key).filter(|holder| **holder != id) {
                return Err(vec![number_of(*holder)]);
            }
            if self.given.contains(&key) {
                return Err(vec![number_of_earlier_row()]);
            }
        }
        let manager = after.manager();
        if manager != before.and_then(Details::manager) {
            self.check_manager(id, manager)
                .map_err(|error| vec![error])?;
        }
        Ok(())
    }

    fn check_manager(&self, id: EmployeeId, manager: Option<EmployeeId>) -> Result<(), FieldError> {
        let Some(manager) = manager else {
            return Ok(());
        };
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
        self.given.extend(employee.details.number_key());
        self.known.next = self.known.next.max(id.get() + 1);
        self.written.push(id);
        self.known.employees.insert(id, employee.clone());
        self.writes.push(Write::Employee(Box::new(employee)));
    }

    fn finish(mut self, note: Option<&str>) -> Writes {
        if let Some(note) = note {
            let line = AuditLine::new(self.attribution, AuditAction::EmployeesImported);
            self.writes.audit(line.noting(note.to_owned()));
        }
        if !self.written.is_empty() {
            self.writes.push(Write::NextEmployee(self.known.next));
            self.writes.event(Event::ChangedMany(ChangedManyEvent {
                ids: self.written,
                by: self.attribution.by.to_string(),
                at: self.attribution.at,
            }));
        }
        self.writes
    }
}

fn with_manager(details: Details, manager: Option<EmployeeId>) -> Details {
    match manager {
        Some(manager) => details.with_manager(manager),
        None => details,
    }
}
