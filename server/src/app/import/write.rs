//! Writing what was planned: slice by slice, each a transaction of its own.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use roster_common::EmployeeId;
use roster_common::api::{ImportMode, MissingPeople};

use super::results::Results;
use crate::app::runs::{AT_ONCE, slice_size};
use crate::app::{App, AppError};
use crate::store::{
    Above, Attribution, Checkpoint, IdempotencyKey, PackedRows, Plan, PlanOptions, Planned,
    RunStep, SliceSteps, Step, StepOutcome, Target,
};

/// A plan that is being written.
pub(super) struct Writing<'a> {
    pub(super) app: &'a App,
    pub(super) rows: &'a Arc<PackedRows>,
    pub(super) plan: &'a Plan,
    pub(super) how: PlanOptions,
    pub(super) mode: ImportMode,
    pub(super) attribution: Attribution,
}

impl Writing<'_> {
    /// Writes all slices: they begin a run, or continue one. Returns how far it is then; `None` if
    /// nothing was written.
    pub(super) async fn write(
        self,
        results: &mut Results,
        key: Option<IdempotencyKey>,
        begun: Option<Checkpoint>,
    ) -> Result<Option<Checkpoint>, AppError> {
        // Whether there are few steps or many is all that matters.
        let count = self.steps().take(AT_ONCE + 1).count();
        let mut steps = self.steps();
        let is_whole = count <= AT_ONCE && begun.is_none();
        let all_or_nothing = is_whole && self.mode == ImportMode::Atomic;
        let last_id = self.plan.last_id();
        let mut managers = NewManagers::of(self.plan);
        let mut run = begun;
        loop {
            let steps: Vec<_> = steps.by_ref().take(slice_size(count)).collect();
            if steps.is_empty() {
                return Ok(run);
            }
            let steps: Vec<_> = steps.into_iter().map(|step| managers.named(step)).collect();
            let slice = SliceSteps {
                steps: steps.clone(),
                uses_row_ids: self.how.uses_row_ids(),
                last_id,
                all_or_nothing,
                run: match run {
                    Some(checkpoint) => RunStep::Continue(checkpoint),
                    None => RunStep::Begin {
                        undoes: None,
                        key: key.clone(),
                        first_id: self.plan.first_id,
                        note: self.note(),
                    },
                },
            };
            let (rows, by) = (Arc::clone(self.rows), self.attribution.clone());
            let sliced = self.app.store.import_slice(rows, slice, by).await??;
            run = sliced.run;
            for (step, outcome) in steps.into_iter().zip(sliced.outcomes) {
                managers.note(step.target, &outcome);
                results.amend(step.target, outcome);
            }
            if all_or_nothing && run.is_none() {
                results.write_nothing();
            }
        }
    }

    /// What is to be written.
    fn steps(&self) -> impl Iterator<Item = Step> {
        let leaving = match self.how.missing {
            Some(MissingPeople::Become(status)) => Some(status),
            _ => None,
        };
        self.plan.steps(leaving)
    }

    /// The note in the audit, which is written with the first slice.
    fn note(&self) -> String {
        let count = |is: fn(&Planned) -> bool| self.plan.rows.iter().filter(|row| is(row)).count();
        let created = count(|row| matches!(row, Planned::Create));
        let Some(by) = self.how.by else {
            return format!("{created} created");
        };
        let changed = count(|row| matches!(row, Planned::Change(..)));
        let (by, leaving) = (by.as_str(), self.plan.leaving.len());
        match leaving {
            0 => format!("matched by {by}: {created} created, {changed} changed"),
            _ => format!(
                "matched by {by}: {created} created, {changed} changed, {leaving} without a row"
            ),
        }
    }
}

/// The new employees to whom others report. Those whom an earlier slice has added are named by their
/// ids.
struct NewManagers {
    rows: HashSet<usize>,
    added: HashMap<usize, EmployeeId>,
}

impl NewManagers {
    fn of(plan: &Plan) -> Self {
        let row = |above: &Above| match above {
            Above::Row(row) => Some(*row),
            Above::Employee(_) => None,
        };
        Self {
            rows: plan.managers.values().filter_map(row).collect(),
            added: HashMap::new(),
        }
    }

    fn note(&mut self, target: Target, outcome: &StepOutcome) {
        if let (Some(row), StepOutcome::Created(id)) = (target.row(), outcome)
            && self.rows.contains(&row)
        {
            self.added.insert(row, *id);
        }
    }

    fn named(&self, step: Step) -> Step {
        let named = |above| match above {
            Above::Row(row) => self
                .added
                .get(&row)
                .map_or(above, |id| Above::Employee(*id)),
            Above::Employee(_) => above,
        };
        Step {
            manager: step.manager.map(named),
            ..step
        }
    }
}
