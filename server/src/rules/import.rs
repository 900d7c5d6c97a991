//! Imports: which row adds an employee, which one belongs to an employee, and what it changes.
//!
//! The whole file is checked first against one state of the employees ([`plan`]), without keeping
//! other writers waiting. It is then written in slices ([`mod@slice`]), managers before their
//! reports. Each slice decides its rows again on the newest state, since others may have changed a
//! record meanwhile.
//!
//! - `rows` the rows, packed; `emails` the email addresses of earlier ones
//! - `hierarchy` the managers that the rows lead to
//! - `slice` one transaction

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use roster_common::api::{ImportReport, MatchBy, MissingPeople};
use roster_common::employee::{Details, Employee, EmployeeId, Field, Status, Version};
use roster_common::history::FieldChange;
use roster_common::problem::Rule;
use roster_common::text::folded;
use roster_common::warning::about_shared_email;
use roster_common::{FieldError, RecordWarning};

use self::emails::EmailsSeen;
use self::hierarchy::Hierarchy;
use super::refusal::{
    nobody_on_line, number_of, number_of_earlier_row, out_of_ids, own_manager, unknown_manager,
};

mod emails;
mod hierarchy;
mod rows;
mod slice;

use self::rows::OnLine;
pub use self::rows::{PackedRows, ValidRow};
pub use self::slice::{SliceSteps, Sliced, Step, StepOutcome, StepWithRow, Target, slice};

/// One state of the employees.
pub trait People {
    /// The employees who have a value of a field, in any case; at most two of them.
    fn holders(&self, field: Field, value: &str) -> Vec<EmployeeId>;

    /// Returns `true` if there is an employee with this id.
    fn has(&self, id: EmployeeId) -> bool;

    /// An employee.
    fn employee(&self, id: EmployeeId) -> Option<Employee>;

    /// An employee's manager; `None` also if there is no such employee.
    fn manager(&self, id: EmployeeId) -> Option<EmployeeId>;

    /// Everybody who has not left, with the version of the record and the status.
    fn staff(&self) -> Vec<(EmployeeId, Version, Status)>;
}

/// What an import does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanOptions {
    /// By which value rows are matched; `None` if every row adds an employee.
    pub by: Option<MatchBy>,
    /// What to do with employees whom no row matches; `None` if nobody asks.
    pub missing: Option<MissingPeople>,
    /// The day from which the warnings about hire dates are counted.
    pub today: Date,
}

impl PlanOptions {
    /// Every row adds an employee.
    pub fn adding(now: Timestamp) -> Self {
        Self {
            by: None,
            missing: None,
            today: TimeZone::UTC.to_datetime(now).date(),
        }
    }

    /// Returns `true` if new employees get the ids of their rows.
    pub fn uses_row_ids(self) -> bool {
        matches!(self.by, None | Some(MatchBy::Id))
    }
}

/// What an interrupted run has done, which is to be completed.
#[derive(Debug, Clone, Default)]
pub struct Resumed {
    /// The rows that have added an employee.
    pub added: HashMap<usize, EmployeeId>,
    /// The number from which on it has looked for ids.
    pub first_id: Option<u64>,
}

/// What is known of the rows beside the employees.
#[derive(Debug, Clone, Default)]
pub struct KnownRows {
    /// What the run has done already.
    pub resumed: Resumed,
    /// The ids of rows that nobody has any more.
    pub used_ids: HashSet<EmployeeId>,
    /// Ids for the rows that have none, in the order in which they get them.
    pub free_ids: Vec<EmployeeId>,
}

/// What a row would do.
#[derive(Debug, Clone, PartialEq)]
pub enum Planned {
    /// It adds an employee.
    Create,
    /// It changes an employee.
    Change(Box<PlannedChange>),
    /// The employee has all its values.
    Unchanged(EmployeeId),
    /// It is refused.
    Refused(Box<[FieldError]>),
    /// Only the row of its manager is refused.
    BelowRefused,
}

/// What a row would change.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedChange {
    /// The employee.
    pub id: EmployeeId,
    /// The version that was looked at.
    pub version: Version,
    /// The fields; kept for the first [`ImportReport::MAX_REPORTED_ROWS`] rows that change somebody.
    pub fields: Vec<FieldChange>,
}

impl Planned {
    fn refuse(error: FieldError) -> Self {
        Self::Refused(Box::new([error]))
    }

    /// The errors of a refused row.
    pub fn errors(&self) -> &[FieldError] {
        match self {
            Self::Refused(errors) => errors,
            _ => &[],
        }
    }

    /// Returns `true` if the row is to be written.
    pub fn is_written(&self) -> bool {
        matches!(self, Self::Create | Self::Change(_))
    }

    /// Returns `true` if the row is refused.
    pub fn is_refused(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::BelowRefused)
    }
}

/// Why the manager of a row is refused.
enum RowRefusal {
    /// Nobody can be the manager.
    Field(Box<FieldError>),
    /// The row of the manager is refused, which is reported there.
    BelowRefused,
}

impl From<FieldError> for RowRefusal {
    fn from(error: FieldError) -> Self {
        Self::Field(error.into())
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
    /// The id that is set aside for the new employee of a row, in the order of the rows.
    pub new_ids: Vec<(usize, EmployeeId)>,
    /// The number from which on these were looked for.
    pub first_id: Option<u64>,
    /// The employees whom no row matches.
    pub missing: Vec<EmployeeId>,
    /// Those of them whose status changes, with the version that was looked at.
    pub leaving: Vec<(EmployeeId, Version)>,
    /// The warnings about values that rows set, by their index.
    pub warnings: Vec<(usize, Vec<RecordWarning>)>,
}

/// Decides what each row would do.
pub fn plan(
    rows: &PackedRows,
    people: &dyn People,
    options: PlanOptions,
    known: &KnownRows,
) -> Plan {
    let mut planner = Planner {
        rows,
        people,
        known,
        options,
        matched: HashMap::new(),
        new_keys: HashMap::new(),
        new_ids: Vec::new(),
        rows_by_id: Vec::new(),
        numbers: HashSet::new(),
        managers: HashMap::new(),
        described: 0,
        emails: EmailsSeen::default(),
        warnings: Vec::new(),
    };
    let targets = planner.targets();
    let mut hierarchy = Hierarchy::new(&targets);
    let mut planned = Vec::with_capacity(rows.len());
    for (index, target) in targets.iter().enumerate() {
        planned.push(match target {
            Ok(target) => planner.planned(index, *target, &targets, &mut hierarchy),
            Err(error) => Planned::Refused(Box::new([error.as_ref().clone()])),
        });
    }
    let row_of = |id: EmployeeId| planner.matched.get(&id).copied();
    let order = hierarchy.settle(&mut planned, &row_of, people);
    let mut warnings = planner.warnings;
    warnings.retain(|(row, _)| planned.get(*row).is_some_and(|row| !row.is_refused()));
    let mut plan = Plan {
        rows: planned,
        order,
        managers: planner.managers,
        new_ids: planner.new_ids,
        first_id: known.resumed.first_id,
        warnings,
        ..Plan::default()
    };
    if let Some(missing) = options.missing.filter(|_| !rows.is_empty()) {
        let has_refused = !rows.refused_lines().is_empty();
        plan.find_missing(missing, people, &planner.matched, has_refused);
    }
    plan
}

impl Plan {
    /// What is to be written, managers before their reports. `leaving` is the status of the employees
    /// whom no row matches.
    pub fn steps(&self, leaving: Option<Status>) -> impl Iterator<Item = Step> {
        let of_row = |row: &usize| {
            let target = match self.rows.get(*row)? {
                Planned::Create => Target::New(*row, self.new_id(*row)),
                Planned::Change(change) => Target::Employee(*row, change.id, change.version),
                _ => return None,
            };
            let manager = self.managers.get(row).copied();
            Some(Step { target, manager })
        };
        let leaving = leaving.into_iter().flat_map(|status| {
            self.leaving.iter().map(move |(id, version)| Step {
                target: Target::Missing(*id, *version, status),
                manager: None,
            })
        });
        self.order.iter().filter_map(of_row).chain(leaving)
    }

    /// The last id that is set aside.
    pub fn last_id(&self) -> Option<EmployeeId> {
        self.new_ids.iter().map(|(_, id)| *id).max()
    }

    fn new_id(&self, row: usize) -> Option<EmployeeId> {
        let at = self.new_ids.binary_search_by_key(&row, |(row, _)| *row);
        at.ok()
            .and_then(|at| self.new_ids.get(at))
            .map(|(_, id)| *id)
    }

    /// Leaves out the records that an interrupted run has written already, whatever others have
    /// changed since.
    pub fn leave_out(&mut self, made: &HashMap<EmployeeId, Version>) {
        for row in &mut self.rows {
            if let Planned::Change(change) = row
                && made.contains_key(&change.id)
            {
                *row = Planned::Unchanged(change.id);
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

/// Whom a row is about; `None` for somebody new.
type RowTarget = Result<Option<EmployeeId>, Box<FieldError>>;

struct Planner<'p> {
    rows: &'p PackedRows,
    people: &'p dyn People,
    known: &'p KnownRows,
    options: PlanOptions,
    /// The row of each employee who was matched.
    matched: HashMap<EmployeeId, usize>,
    /// The rows of new employees, by the value that matched nobody, or by the id that they get.
    new_keys: HashMap<Box<str>, usize>,
    /// The ids that are set aside, in the order of the rows.
    new_ids: Vec<(usize, EmployeeId)>,
    /// The same, in the order of the ids.
    rows_by_id: Vec<(EmployeeId, usize)>,
    /// The personnel numbers that rows give to employees.
    numbers: HashSet<Box<str>>,
    /// The manager whom each row names, if it names one.
    managers: HashMap<usize, Above>,
    /// How many rows have their changes described.
    described: usize,
    /// The email addresses of the rows so far.
    emails: EmailsSeen,
    warnings: Vec<(usize, Vec<RecordWarning>)>,
}

impl Planner<'_> {
    /// Whom each row is about. Rows that add somebody and have no id get the next one in the order of
    /// the file, so that whoever writes it can tell the ids in advance.
    fn targets(&mut self) -> Vec<RowTarget> {
        let mut free = self.known.free_ids.iter();
        let mut targets = Vec::with_capacity(self.rows.len());
        for index in 0..self.rows.len() {
            let (has_id, mut target) = self.target(index);
            if target == Ok(None) && !has_id && self.options.uses_row_ids() {
                match free.next() {
                    Some(id) => self.new_ids.push((index, *id)),
                    None => target = Err(Box::new(out_of_ids())),
                }
            }
            targets.push(target);
        }
        let by_id = self.new_ids.iter().map(|(row, id)| (*id, *row));
        self.rows_by_id = by_id.collect();
        self.rows_by_id.sort_unstable();
        targets
    }

    /// Whether a row has an id, and whom it is about.
    fn target(&mut self, index: usize) -> (bool, RowTarget) {
        let Some(row) = self.rows.get(index) else {
            return (false, Err(Box::new(unreadable_row())));
        };
        (row.id.is_some(), self.target_of(index, &row))
    }

    fn target_of(&mut self, index: usize, row: &ValidRow<&str>) -> RowTarget {
        let key = self.key(row);
        // Somebody may have changed the value by which the employee would be found.
        if let Some(id) = self.known.resumed.added.get(&index) {
            self.matched.insert(*id, index);
            if let Some(key) = key {
                self.is_repeated(key, index);
            }
            return Ok(Some(*id));
        }
        let target = match (self.options.by, key) {
            (None | Some(MatchBy::Id), None) => Ok(None),
            (None, Some(key)) => self.newcomer(index, row, key),
            (Some(by), Some(key)) => self.matched(index, row, by, key),
            (Some(by), None) => {
                let message = format!("This row has no {} to match by.", by.as_str());
                Err(FieldError::new(by.as_str(), Rule::Required, message))
            }
        };
        target.map_err(Box::new)
    }

    /// The value by which the employee of a row is known, if it has it.
    fn key(&self, row: &ValidRow<&str>) -> Option<String> {
        match self.options.by {
            Some(MatchBy::Email) => row.value(Field::Email).map(folded),
            Some(MatchBy::Number) => row.value(Field::Number).map(folded),
            Some(MatchBy::Id) | None => row.id.map(|id| id.to_string()),
        }
    }

    /// A row that adds an employee under the id that it has.
    fn newcomer(
        &mut self,
        index: usize,
        row: &ValidRow<&str>,
        key: String,
    ) -> Result<Option<EmployeeId>, FieldError> {
        if row.id.is_some_and(|id| self.is_used(id)) {
            return Err(used_id());
        }
        if self.is_repeated(key, index) {
            let message = "An earlier row has this id.";
            return Err(FieldError::new("id", Rule::Taken, message));
        }
        Ok(None)
    }

    /// A row that looks for its employee by a value.
    fn matched(
        &mut self,
        index: usize,
        row: &ValidRow<&str>,
        by: MatchBy,
        key: String,
    ) -> Result<Option<EmployeeId>, FieldError> {
        let holders = match by {
            MatchBy::Email => self.people.holders(Field::Email, &key),
            MatchBy::Number => self.people.holders(Field::Number, &key),
            MatchBy::Id => {
                let holder = row.id.filter(|id| self.people.has(*id));
                holder.into_iter().collect()
            }
        };
        let by = by.as_str();
        let repeated = || {
            let message = format!("An earlier row has this {by}.");
            FieldError::new(by, Rule::Duplicate, message)
        };
        match holders.as_slice() {
            [] if self.is_repeated(key, index) => Err(repeated()),
            [] if row.id.is_some_and(|id| self.is_used(id)) => Err(used_id()),
            [] => Ok(None),
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

    /// Returns `true` if a new employee cannot get the id of the row.
    fn is_used(&self, id: EmployeeId) -> bool {
        self.options.uses_row_ids() && (self.people.has(id) || self.known.used_ids.contains(&id))
    }

    /// Notes the value by which a new employee is known in the file. Returns `true` if an earlier row
    /// has it.
    fn is_repeated(&mut self, key: String, index: usize) -> bool {
        match self.new_keys.entry(key.into_boxed_str()) {
            Entry::Occupied(_) => true,
            Entry::Vacant(free) => {
                free.insert(index);
                false
            }
        }
    }

    /// What a row does to its employee. Notes its manager in the hierarchy.
    fn planned(
        &mut self,
        index: usize,
        target: Option<EmployeeId>,
        targets: &[RowTarget],
        hierarchy: &mut Hierarchy<'_>,
    ) -> Planned {
        let Some(row) = self.rows.get(index) else {
            return Planned::refuse(unreadable_row());
        };
        if let Some(id) = self.known.resumed.added.get(&index) {
            let above = self.people.manager(*id);
            hierarchy.note(index, above.map(Above::Employee));
            return Planned::Unchanged(*id);
        }
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
        Planned::Change(Box::new(PlannedChange {
            id: before.id,
            version: before.version,
            fields: changes,
        }))
    }

    /// Notes the warnings about fields that a row sets.
    fn warn(
        &mut self,
        index: usize,
        after: &Details,
        target: Option<EmployeeId>,
        is_set: impl Fn(Field) -> bool,
    ) {
        let mut warnings = after.warnings(self.options.today);
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
        row: &ValidRow<&str>,
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
                match self.row_with_id(id) {
                    Some(row) => match self.known.resumed.added.get(&row) {
                        Some(id) => Above::Employee(*id),
                        None => Above::Row(row),
                    },
                    None if self.people.has(id) => Above::Employee(id),
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

    /// The row whose new employee gets an id.
    fn row_with_id(&self, id: EmployeeId) -> Option<usize> {
        if !self.options.uses_row_ids() {
            return None;
        }
        if let Some(row) = self.new_keys.get(id.to_string().as_str()) {
            return Some(*row);
        }
        let at = self.rows_by_id.binary_search_by_key(&id, |(id, _)| *id);
        at.ok()
            .and_then(|at| self.rows_by_id.get(at))
            .map(|(_, row)| *row)
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

fn used_id() -> FieldError {
    FieldError::new("id", Rule::Taken, "This id has been used before.")
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
