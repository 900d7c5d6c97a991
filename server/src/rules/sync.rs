//! Imports that update: which row belongs to which employee, and what it changes.
//!
//! The whole file is checked first against one state of the employees ([`plan`]), without keeping
//! other writers waiting. It is then written in slices ([`mod@slice`]), managers before their
//! reports. Each slice decides its rows again on the newest state, since others may have changed a
//! record meanwhile.
//!
//! - `rows` the rows, packed
//! - `hierarchy` the managers that the rows lead to
//! - `slice` one transaction

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use roster_common::api::{ImportReport, MatchBy, MissingPeople};
use roster_common::employee::{Details, Employee, EmployeeId, Field, Status, Version};
use roster_common::history::FieldChange;
use roster_common::problem::Rule;
use roster_common::text::folded;
use roster_common::warning::about_shared_email;
use roster_common::{FieldError, RecordWarning};

use self::hierarchy::Hierarchy;
use super::import::RowRefusal;
use super::packed::{EmailsSeen, OnLine};
use super::refusal::{
    nobody_on_line, number_of, number_of_earlier_row, own_manager, unknown_manager,
};

mod hierarchy;
mod rows;
mod slice;

pub use self::rows::{SyncRow, SyncRows};
pub use self::slice::{SliceSteps, Sliced, Step, StepOutcome, Target, slice};

/// One state of the employees.
pub trait People {
    /// The employees who have a value of a field, in any case; at most two of them.
    fn holders(&self, field: Field, value: &str) -> Vec<EmployeeId>;

    /// An employee.
    fn employee(&self, id: EmployeeId) -> Option<Employee>;

    /// An employee's manager; `None` also if there is no such employee.
    fn manager(&self, id: EmployeeId) -> Option<EmployeeId>;

    /// Everybody who has not left, with the version of the record and the status.
    fn staff(&self) -> Vec<(EmployeeId, Version, Status)>;
}

/// How rows are matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyncOptions {
    /// By which value.
    pub by: MatchBy,
    /// What to do with employees whom no row matches; `None` if nobody asks.
    pub missing: Option<MissingPeople>,
    /// The day from which the warnings about hire dates are counted.
    pub today: Date,
}

/// What a row would do.
#[derive(Debug, Clone, PartialEq)]
pub enum Planned {
    /// It adds an employee.
    Create,
    /// It changes an employee, in the version that was looked at. The fields are kept for the
    /// first [`ImportReport::MAX_REPORTED_ROWS`] rows.
    Change(EmployeeId, Version, Vec<FieldChange>),
    /// The employee has all its values.
    Unchanged(EmployeeId),
    /// It is refused.
    Refused(Box<[FieldError]>),
    /// Only the row of its manager is refused.
    BelowRefused,
}

impl Planned {
    fn refuse(error: FieldError) -> Self {
        Self::Refused(Box::new([error]))
    }

    /// Returns `true` if the row is refused.
    pub fn is_refused(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::BelowRefused)
    }
}

impl From<RowRefusal> for Planned {
    fn from(refusal: RowRefusal) -> Self {
        match refusal {
            RowRefusal::Field(error) => Self::refuse(*error),
            RowRefusal::BelowRefused => Self::BelowRefused,
        }
    }
}

/// What an import would do.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// Each row.
    pub rows: Vec<Planned>,
    /// The rows to write, managers before their reports.
    pub order: Vec<usize>,
    /// The manager whom each row names, if it names one.
    pub managers: HashMap<usize, Above>,
    /// The employees whom no row matches.
    pub missing: Vec<EmployeeId>,
    /// Those of them whose status changes, with the version that was looked at.
    pub leaving: Vec<(EmployeeId, Version)>,
    /// The warnings about values that rows set, by their index.
    pub warnings: Vec<(usize, Vec<RecordWarning>)>,
}

/// Decides what each row would do.
pub fn plan(rows: &SyncRows, people: &dyn People, options: SyncOptions) -> Plan {
    let mut planner = Planner {
        rows,
        people,
        by: options.by,
        matched: HashMap::new(),
        new_keys: HashMap::new(),
        numbers: HashSet::new(),
        managers: HashMap::new(),
        described: 0,
        today: options.today,
        emails: EmailsSeen::default(),
        warnings: Vec::new(),
    };
    let targets: Vec<_> = (0..rows.len()).map(|index| planner.target(index)).collect();
    let matched = |target: &RowTarget| target.as_ref().ok().copied().flatten();
    let mut hierarchy = Hierarchy::new(targets.iter().map(matched).collect());
    let mut planned = Vec::with_capacity(rows.len());
    for (index, target) in targets.iter().enumerate() {
        planned.push(match target {
            Ok(target) => planner.planned(index, *target, &targets, &mut hierarchy),
            Err(error) => Planned::refuse(error.clone()),
        });
    }
    let row_of = |id: EmployeeId| planner.matched.get(&id).copied();
    let order = hierarchy.settle(&mut planned, &row_of, people);
    let mut plan = Plan {
        rows: planned,
        order,
        managers: planner.managers,
        warnings: planner.warnings,
        ..Plan::default()
    };
    if let Some(missing) = options.missing.filter(|_| !rows.is_empty()) {
        let has_refused = !rows.refused_lines().is_empty();
        plan.find_missing(missing, people, &planner.matched, has_refused);
    }
    plan
}

impl Plan {
    /// Leaves out the records that an interrupted run has written already, whatever others have
    /// changed since.
    pub fn leave_out(&mut self, made: &HashMap<EmployeeId, Version>) {
        for row in &mut self.rows {
            if let Planned::Change(id, ..) = row
                && made.contains_key(id)
            {
                *row = Planned::Unchanged(*id);
            }
        }
        self.leaving.retain(|(id, _)| !made.contains_key(id));
    }

    /// Looks for employees whom no row matches. Their status changes only if every row could be
    /// read: one that could not may be theirs.
    fn find_missing(
        &mut self,
        missing: MissingPeople,
        people: &dyn People,
        matched: &HashMap<EmployeeId, usize>,
        has_refused: bool,
    ) {
        let is_sure = !has_refused && !self.rows.iter().any(Planned::is_refused);
        for (id, version, status) in people.staff() {
            if matched.contains_key(&id) {
                continue;
            }
            self.missing.push(id);
            if let MissingPeople::Become(new) = missing
                && is_sure
                && status != new
            {
                self.leaving.push((id, version));
            }
        }
    }
}

/// Whom a row is about.
type RowTarget = Result<Option<EmployeeId>, FieldError>;

struct Planner<'p> {
    rows: &'p SyncRows,
    people: &'p dyn People,
    by: MatchBy,
    /// The row of each employee who was matched.
    matched: HashMap<EmployeeId, usize>,
    /// The rows of new employees, by the value that matched nobody.
    new_keys: HashMap<Box<str>, usize>,
    /// The personnel numbers that rows give to employees.
    numbers: HashSet<Box<str>>,
    /// The manager whom each row names, if it names one.
    managers: HashMap<usize, Above>,
    /// How many rows have their changes described.
    described: usize,
    today: Date,
    /// The email addresses of the rows so far.
    emails: EmailsSeen,
    warnings: Vec<(usize, Vec<RecordWarning>)>,
}

impl Planner<'_> {
    /// The employee of a row; `None` if it is somebody new.
    fn target(&mut self, index: usize) -> RowTarget {
        let row = self.rows.get(index).ok_or_else(unreadable_row)?;
        let by = self.by.as_str();
        let key = match self.by {
            MatchBy::Email => row.value(Field::Email).map(folded),
            MatchBy::Number => row.value(Field::Number).map(folded),
            MatchBy::Id => row.id.map(|id| id.to_string()),
        };
        let holders = match (self.by, &key) {
            (MatchBy::Id, None) => return Ok(None),
            (_, None) => {
                let message = format!("This row has no {by} to match by.");
                return Err(FieldError::new(by, Rule::Required, message));
            }
            (MatchBy::Email, Some(key)) => self.people.holders(Field::Email, key),
            (MatchBy::Number, Some(key)) => self.people.holders(Field::Number, key),
            (MatchBy::Id, Some(_)) => {
                let id = row.id.filter(|id| self.people.employee(*id).is_some());
                id.into_iter().collect()
            }
        };
        let repeated = || {
            let message = format!("An earlier row has this {by}.");
            FieldError::new(by, Rule::Duplicate, message)
        };
        match holders.as_slice() {
            [] => match self.new_keys.insert(key.unwrap_or_default().into(), index) {
                None => Ok(None),
                Some(_) => Err(repeated()),
            },
            [id] if self.matched.contains_key(id) => Err(repeated()),
            [id] => {
                self.matched.insert(*id, index);
                Ok(Some(*id))
            }
            [one, other, ..] => {
                let message = format!("Employees {one} and {other} both have this {by}.");
                Err(FieldError::new(by, Rule::Duplicate, message))
            }
        }
    }

    /// What a row does to its employee. Notes its manager in the hierarchy.
    fn planned(
        &mut self,
        index: usize,
        target: Option<EmployeeId>,
        targets: &[RowTarget],
        hierarchy: &mut Hierarchy,
    ) -> Planned {
        let Some(row) = self.rows.get(index) else {
            return Planned::refuse(unreadable_row());
        };
        let before = target.and_then(|id| self.people.employee(id));
        let manager = match self.manager(&row, target, targets) {
            Ok(manager) => manager,
            Err(refusal) => return refusal.into(),
        };
        let after = row.details(before.as_ref().map(|before| &before.details));
        let after = match (after, manager) {
            (Err(errors), _) => return Planned::Refused(errors.into()),
            (Ok(after), Some(Above::Employee(id))) => after.with_manager(id),
            (Ok(after), _) => after,
        };
        if let Some(named) = manager {
            self.managers.insert(index, named);
        }
        let old_number = before
            .as_ref()
            .and_then(|before| before.details.number_key());
        if let Err(error) = self.check_number(&after, old_number, target) {
            return Planned::refuse(error);
        }
        let manager = manager.or(after.manager().map(Above::Employee));
        hierarchy.note(index, manager);
        let Some(before) = before else {
            self.warn(index, &after, None, |_| true);
            return Planned::Create;
        };
        let mut changes = FieldChange::between(&before.details, &after);
        let is_manager = |change: &FieldChange| change.field == Field::Manager;
        if matches!(manager, Some(Above::Row(_))) && !changes.iter().any(is_manager) {
            changes.push(FieldChange {
                field: Field::Manager,
                old: before.details.text(Field::Manager).into_owned(),
                new: String::new(),
            });
        }
        if changes.is_empty() {
            return Planned::Unchanged(before.id);
        }
        let is_set = |field| changes.iter().any(|change| change.field == field);
        self.warn(index, &after, target, is_set);
        self.described += 1;
        if self.described > ImportReport::MAX_REPORTED_ROWS {
            changes = Vec::new();
        }
        Planned::Change(before.id, before.version, changes)
    }

    /// Notes the warnings about fields that a row sets.
    fn warn(
        &mut self,
        index: usize,
        after: &Details,
        target: Option<EmployeeId>,
        is_set: impl Fn(Field) -> bool,
    ) {
        let mut warnings = after.warnings(self.today);
        if let Some(email) = after.email().filter(|_| is_set(Field::Email)) {
            let holders = self.people.holders(Field::Email, &folded(email));
            let is_held = holders.into_iter().any(|holder| Some(holder) != target);
            let is_repeated = !self.emails.insert(email);
            warnings.extend((is_held || is_repeated).then(about_shared_email));
        }
        warnings.retain(|warning| is_set(warning.field));
        if !warnings.is_empty() {
            self.warnings.push((index, warnings));
        }
    }

    /// Whom a row names as manager, if it does.
    fn manager(
        &self,
        row: &SyncRow,
        target: Option<EmployeeId>,
        targets: &[RowTarget],
    ) -> Result<Option<Above>, RowRefusal> {
        let above = match (row.manager_line, row.value(Field::Manager)) {
            (Some(line), _) => match self.rows.on_line(line) {
                OnLine::Row(index) => match targets.get(index) {
                    Some(Ok(Some(id))) => Above::Employee(*id),
                    Some(Ok(None)) => Above::Row(index),
                    Some(Err(_)) | None => return Err(RowRefusal::BelowRefused),
                },
                OnLine::Refused => return Err(RowRefusal::BelowRefused),
                OnLine::Nobody => return Err(nobody_on_line().into()),
            },
            (None, Some(id)) => {
                let id: EmployeeId = id.parse().map_err(|_| unknown_manager())?;
                let asked = (self.by == MatchBy::Id)
                    .then(|| self.new_keys.get(id.to_string().as_str()))
                    .flatten();
                match asked {
                    Some(index) => Above::Row(*index),
                    None if self.people.employee(id).is_some() => Above::Employee(id),
                    None => return Err(unknown_manager().into()),
                }
            }
            (None, None) => return Ok(None),
        };
        match above {
            Above::Employee(id) if Some(id) == target => Err(own_manager().into()),
            above => Ok(Some(above)),
        }
    }

    fn check_number(
        &mut self,
        after: &Details,
        before: Option<String>,
        target: Option<EmployeeId>,
    ) -> Result<(), FieldError> {
        let Some(key) = after
            .number_key()
            .filter(|key| Some(key) != before.as_ref())
        else {
            return Ok(());
        };
        let holders = self.people.holders(Field::Number, &key);
        if let Some(holder) = holders.into_iter().find(|id| Some(*id) != target) {
            return Err(number_of(holder));
        }
        if self.numbers.insert(key.into()) {
            Ok(())
        } else {
            Err(number_of_earlier_row())
        }
    }
}

/// A row that could not be read back.
fn unreadable_row() -> FieldError {
    FieldError::new("", Rule::Format, "This row cannot be read.")
}

/// Whom an employee reports to: somebody who is there, or the new one of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Above {
    /// Somebody who is there.
    Employee(EmployeeId),
    /// The new employee of a row.
    Row(usize),
}

#[cfg(test)]
mod tests;
