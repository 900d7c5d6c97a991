//! One slice of an import: some rows in one transaction.

use std::collections::HashMap;

use roster_common::FieldError;
use roster_common::employee::{Details, EmployeeId, Status, Version};
use roster_common::problem::Rule;

use super::rows::with_status;
use super::{Above, PackedRows, ValidRow};
use crate::rules::attribution::Attribution;
use crate::rules::bulk::{Bulk, Known};
use crate::rules::refusal::out_of_ids;
use crate::rules::runs::{AddedRows, Checkpoint, OpenRun, Run, RunRefusal, RunStep};
use crate::rules::writes::Decision;

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
    /// The row adds an employee, for whom this id is set aside, if the row has none.
    New(usize, Option<EmployeeId>),
    /// The row changes an employee, whose record had this version when the file was checked.
    Employee(usize, EmployeeId, Version),
    /// No row matches the employee, whose status changes.
    Missing(EmployeeId, Version, Status),
}

impl Target {
    /// The index of the row.
    pub fn row(self) -> Option<usize> {
        match self {
            Self::New(row, _) | Self::Employee(row, ..) => Some(row),
            Self::Missing(..) => None,
        }
    }
}

/// What became of a step.
#[derive(Debug, Clone, PartialEq)]
pub enum StepOutcome {
    /// The employee was added.
    Created(EmployeeId),
    /// The employee was changed. `again` if the record had changed since the file was checked.
    Changed(EmployeeId, bool),
    /// Somebody else has made the same change meanwhile.
    Unchanged(EmployeeId),
    /// It was refused.
    Refused(Vec<FieldError>),
}

/// Some steps of an import, for one transaction.
#[derive(Debug, Clone)]
pub struct SliceSteps {
    /// The steps, in their order.
    pub steps: Vec<Step>,
    /// Whether the ids of the rows are those that new employees get.
    pub uses_row_ids: bool,
    /// The last id that is set aside for a row of the import.
    pub last_id: Option<EmployeeId>,
    /// Whether nothing is written if a step is refused.
    pub all_or_nothing: bool,
    /// The run that the slice belongs to.
    pub run: RunStep,
}

/// A step with its row, if it has one.
pub type StepWithRow<'r> = (Step, Option<ValidRow<&'r str>>);

impl SliceSteps {
    /// The steps with their rows.
    pub fn with_rows<'r>(&self, rows: &'r PackedRows) -> Vec<StepWithRow<'r>> {
        let with_row = |step: &Step| (*step, step.target.row().and_then(|row| rows.get(row)));
        self.steps.iter().map(with_row).collect()
    }
}

/// What became of a slice.
#[derive(Debug, Clone, PartialEq)]
pub struct Sliced {
    /// What became of each step.
    pub outcomes: Vec<StepOutcome>,
    /// How far the run is; `None` if it has not begun, since nothing was written.
    pub run: Option<Checkpoint>,
}

/// Decides the steps of a slice one after the other. `runs` are all that are kept.
pub fn slice(
    steps: &[StepWithRow<'_>],
    slice: &SliceSteps,
    known: Known,
    runs: &[Run],
    attribution: &Attribution,
) -> Decision<Result<Sliced, RunRefusal>> {
    let run = match OpenRun::of(&slice.run, runs, attribution) {
        Ok(run) => run,
        Err(refused) => return Decision::unchanged(Err(refused)),
    };
    let mut deciding = Slice {
        bulk: Bulk::new(known, attribution),
        taken: 0,
        uses_row_ids: slice.uses_row_ids,
        created: HashMap::new(),
    };
    let decide = |(step, row): &StepWithRow<'_>| deciding.step(*step, row.as_ref());
    let outcomes: Vec<_> = steps.iter().map(decide).collect();
    let is_refused = |outcome: &StepOutcome| matches!(outcome, StepOutcome::Refused(_));
    let is_void = slice.all_or_nothing && outcomes.iter().any(is_refused);
    let changed = deciding.bulk.finish();
    if is_void || changed.made.0.is_empty() {
        let run = match &slice.run {
            RunStep::Begin { .. } => None,
            RunStep::Continue(checkpoint) => Some(*checkpoint),
        };
        return Decision::unchanged(Ok(Sliced { outcomes, run }));
    }
    let mut added = AddedRows::default();
    for (step, outcome) in slice.steps.iter().zip(&outcomes) {
        if let (Target::New(row, _), StepOutcome::Created(id)) = (step.target, outcome) {
            added.push(row, *id);
        }
    }
    let mut writes = changed.writes;
    let run = run.add(
        changed.made,
        added,
        changed.counts,
        attribution,
        &mut writes,
    );
    let run = Some(run.checkpoint());
    writes.decide(Ok(Sliced { outcomes, run }))
}

struct Slice<'a> {
    bulk: Bulk<'a>,
    /// How many of the free ids have been looked at.
    taken: usize,
    uses_row_ids: bool,
    /// The new employees of rows.
    created: HashMap<usize, EmployeeId>,
}

impl Slice<'_> {
    fn step(&mut self, step: Step, row: Option<&ValidRow<&str>>) -> StepOutcome {
        let manager = match step.manager {
            None => None,
            Some(Above::Employee(id)) => Some(id),
            Some(Above::Row(above)) => match self.created.get(&above) {
                Some(id) => Some(*id),
                // The row of the manager was refused, and says why.
                None => return StepOutcome::Refused(Vec::new()),
            },
        };
        let decided = match (step.target, row) {
            (Target::New(index, aside), Some(row)) => self.create(index, row, aside, manager),
            (Target::Employee(_, id, version), Some(row)) => self.change(id, version, |before| {
                let details = row.details(Some(before))?;
                Ok(with_manager(details, manager))
            }),
            (Target::Missing(id, version, status), _) => self.change(id, version, |before| {
                Ok(with_status(before, status).unwrap_or_else(|| before.clone()))
            }),
            (_, None) => Err(vec![super::unreadable_row()]),
        };
        decided.unwrap_or_else(StepOutcome::Refused)
    }

    fn create(
        &mut self,
        index: usize,
        row: &ValidRow<&str>,
        aside: Option<EmployeeId>,
        manager: Option<EmployeeId>,
    ) -> Result<StepOutcome, Vec<FieldError>> {
        let details = with_manager(row.details(None)?, manager);
        let id = self.next_id(row, aside)?;
        let added = self.bulk.add(id, details);
        added.map_err(|error| vec![error])?;
        self.created.insert(index, id);
        Ok(StepOutcome::Created(id))
    }

    fn change(
        &mut self,
        id: EmployeeId,
        version: Version,
        edit: impl Fn(&Details) -> Result<Details, Vec<FieldError>>,
    ) -> Result<StepOutcome, Vec<FieldError>> {
        let Some(before) = self.bulk.employee(id) else {
            let message = "This employee has since been deleted.";
            return Err(vec![FieldError::new("id", Rule::NotFound, message)]);
        };
        let details = edit(&before.details)?;
        if details == before.details {
            return Ok(StepOutcome::Unchanged(id));
        }
        let changed = self.bulk.change(&before, details);
        changed.map_err(|error| vec![error])?;
        Ok(StepOutcome::Changed(id, before.version != version))
    }

    /// The id of a new employee: that of the row, or the one that is set aside, unless somebody has
    /// got it meanwhile, or the next free one.
    fn next_id(
        &mut self,
        row: &ValidRow<&str>,
        aside: Option<EmployeeId>,
    ) -> Result<EmployeeId, Vec<FieldError>> {
        let used = &mut self.bulk.known.used;
        if let Some(id) = row.id.filter(|_| self.uses_row_ids) {
            return if used.insert(id) {
                Ok(id)
            } else {
                Err(vec![super::used_id()])
            };
        }
        if let Some(id) = aside.filter(|id| used.insert(*id)) {
            return Ok(id);
        }
        while let Some(id) = self.bulk.known.free.get(self.taken).copied() {
            self.taken += 1;
            if used.insert(id) {
                return Ok(id);
            }
        }
        Err(vec![out_of_ids()])
    }
}

fn with_manager(details: Details, manager: Option<EmployeeId>) -> Details {
    match manager {
        Some(manager) => details.with_manager(manager),
        None => details,
    }
}
