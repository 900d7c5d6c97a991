//! Imports that update: rows are matched with employees, checked as a whole, and written in slices.

use std::collections::HashMap;
use std::sync::Arc;

use roster_common::api::{
    EmptyCells, ImportMode, ImportReport, ImportRow, MatchBy, MatchReport, Matching, MissingPeople,
    RowResult,
};
use roster_common::employee::Version;
use roster_common::history::FieldChange;
use roster_common::rows::InputRow;
use roster_common::{EmployeeId, Field, FieldError};

use super::auth::Identity;
use super::import::{Options, RefusedRows};
use super::runs::{self, Earlier, Written, earlier, slice_size};
use super::{App, AppError, warnings};
use crate::store::{
    Above, Attribution, Checkpoint, IdempotencyKey, Plan, Planned, RunStep, SliceSteps, Step,
    StepOutcome, SyncOptions, SyncRow, SyncRows, Target,
};

/// The rows that have been read so far.
#[derive(Debug)]
pub struct SyncInput {
    /// What an empty cell does.
    empty: EmptyCells,
    rows: SyncRows,
    refused: RefusedRows,
}

impl SyncInput {
    /// Begins without rows.
    pub fn new(empty: EmptyCells) -> Self {
        Self {
            empty,
            rows: SyncRows::default(),
            refused: RefusedRows::default(),
        }
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.rows.len() + self.refused.count
    }

    /// Returns `true` if no row has been read.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Validates the values of the next row, as far as that can be done without its employee.
    pub fn push(&mut self, row: InputRow) {
        let InputRow {
            line,
            document,
            manager_line,
        } = row;
        let row = document.and_then(|document| {
            let mut errors = Vec::new();
            let mut values = Vec::new();
            for (field, value) in document.changes.iter() {
                match field.check(value) {
                    Ok(value) => values.push((field, value.unwrap_or_default())),
                    // A required value that is empty may be one to keep.
                    Err(_) if value.trim().is_empty() => values.push((field, String::new())),
                    Err(error) => errors.push(error),
                }
            }
            if self.empty == EmptyCells::Keep {
                values.retain(|(_, value)| !value.is_empty());
            }
            match errors.as_slice() {
                [] => Ok(SyncRow {
                    id: document.id,
                    manager_line,
                    values,
                }),
                _ => Err(errors),
            }
        });
        match row {
            Ok(row) => self.rows.push(line, &row),
            Err(errors) => {
                self.rows.refuse_line(line);
                self.refused.push(line, errors);
            }
        }
    }
}

/// Matches rows with employees, and returns what became of each. A repeat under the same key gets
/// the same report, or continues what was interrupted.
///
/// # Errors
/// [`AppError::Store`], [`RunRefusal`](crate::store::RunRefusal). An invalid row is not an error but
/// has a result of its own.
pub async fn sync(
    app: &App,
    who: &Identity,
    input: SyncInput,
    options: Options,
    matching: Matching,
    key: Option<IdempotencyKey>,
) -> Result<ImportReport, AppError> {
    let key = key.filter(|_| !options.dry_run);
    let earlier = match earlier(app, who, key.as_ref(), options.mode).await? {
        Earlier::Finished(report) => return Ok(*report),
        Earlier::Interrupted(written) => Some(written),
        Earlier::None => None,
    };
    let SyncInput { rows, refused, .. } = input;
    let rows = Arc::new(rows);
    let how = SyncOptions {
        by: matching.by,
        missing: matching.missing,
        today: warnings::today(app.clock.now()),
    };
    let mut plan = app.store.plan_sync(Arc::clone(&rows), how).await?;
    let is_refused = refused.count > 0 || plan.rows.iter().any(Planned::is_refused);
    let mut results = Results::of(&mut plan, refused.count, earlier.as_ref());
    // What an interrupted run has begun is completed in either mode: the whole was checked before.
    let is_allowed = options.mode == ImportMode::Partial || !is_refused || earlier.is_some();
    let mut written = None;
    if is_allowed && !options.dry_run {
        let run = SyncRun {
            app,
            rows: &rows,
            plan: &plan,
            how,
            attribution: who.attribution(),
        };
        let begun = earlier.map(|earlier| earlier.checkpoint);
        written = run.write(&mut results, key, begun).await?;
    } else if !options.dry_run {
        results.nothing_written();
    }
    let report = ImportReport {
        mode: options.mode.into(),
        dry_run: options.dry_run,
        run: written.map(|checkpoint| checkpoint.run),
        created: results.created,
        refused: results.refused,
        warned: plan.warnings.len() as u64,
        matched: Some(results.matched(&plan, how.by)),
        rows: results.rows(&rows, &plan, refused.reported),
    };
    if let Some(checkpoint) = written {
        let finished = app.store.finish_run(checkpoint, runs::to_json(&report));
        finished.await??;
    }
    Ok(report)
}

fn first(ids: &[EmployeeId]) -> Vec<EmployeeId> {
    let most = ImportReport::MAX_REPORTED_ROWS;
    ids.iter().take(most).copied().collect()
}

/// A plan that is being written.
struct SyncRun<'a> {
    app: &'a App,
    rows: &'a Arc<SyncRows>,
    plan: &'a Plan,
    how: SyncOptions,
    attribution: Attribution,
}

impl SyncRun<'_> {
    /// Writes all slices: they begin a run, or continue one. Returns how far it is then; `None` if
    /// nothing had to be written.
    async fn write(
        self,
        results: &mut Results,
        key: Option<IdempotencyKey>,
        begun: Option<Checkpoint>,
    ) -> Result<Option<Checkpoint>, AppError> {
        let steps = self.steps();
        let mut run = begun;
        let mut created: HashMap<usize, EmployeeId> = HashMap::new();
        for steps in steps.chunks(slice_size(steps.len())) {
            let steps: Vec<_> = steps
                .iter()
                .map(|step| with_created_manager(*step, &created))
                .collect();
            let slice = SliceSteps {
                steps: steps.clone(),
                uses_row_ids: self.how.by == MatchBy::Id,
                run: match run {
                    Some(checkpoint) => RunStep::Continue(checkpoint),
                    None => RunStep::begin(key.clone(), self.note()),
                },
            };
            let (rows, by) = (Arc::clone(self.rows), self.attribution.clone());
            let sliced = self.app.store.sync_slice(rows, slice, by).await??;
            run = sliced.run;
            for (step, outcome) in steps.into_iter().zip(sliced.outcomes) {
                if let (Some(row), StepOutcome::Created(id)) = (step.target.row(), &outcome) {
                    created.insert(row, *id);
                }
                results.amend(step.target, outcome);
            }
        }
        Ok(run)
    }

    /// What is to be written, managers before their reports.
    fn steps(&self) -> Vec<Step> {
        let of_row = |row: &usize| {
            let target = match self.plan.rows.get(*row)? {
                Planned::Create => Target::New(*row),
                Planned::Change(id, version, _) => Target::Employee(*row, *id, *version),
                _ => return None,
            };
            let manager = self.plan.managers.get(row).copied();
            Some(Step { target, manager })
        };
        let mut steps: Vec<_> = self.plan.order.iter().filter_map(of_row).collect();
        if let Some(MissingPeople::Become(status)) = self.how.missing {
            let leaving = self.plan.leaving.iter();
            steps.extend(leaving.map(|(id, version)| Step {
                target: Target::Missing(*id, *version, status),
                manager: None,
            }));
        }
        steps
    }

    /// The note in the audit, which is written with the first slice.
    fn note(&self) -> String {
        let count = |is: fn(&Planned) -> bool| self.plan.rows.iter().filter(|row| is(row)).count();
        let created = count(|row| matches!(row, Planned::Create));
        let changed = count(|row| matches!(row, Planned::Change(..)));
        let (by, leaving) = (self.how.by.as_str(), self.plan.leaving.len());
        match leaving {
            0 => format!("matched by {by}: {created} created, {changed} changed"),
            _ => format!(
                "matched by {by}: {created} created, {changed} changed, {leaving} without a row"
            ),
        }
    }
}

/// A step whose manager was added by an earlier slice names them by id.
fn with_created_manager(step: Step, created: &HashMap<usize, EmployeeId>) -> Step {
    let manager = match step.manager {
        Some(Above::Row(row)) => Some(
            created
                .get(&row)
                .map_or(Above::Row(row), |id| Above::Employee(*id)),
        ),
        manager => manager,
    };
    Step { manager, ..step }
}

/// What became of the rows: first as planned, then as written.
struct Results {
    rows: Vec<RowOutcome>,
    created: u64,
    changed: u64,
    unchanged: u64,
    refused: u64,
    decided_again: u64,
}

/// What became of one row.
#[derive(Debug, Clone)]
struct RowOutcome {
    result: RowResult,
    id: Option<EmployeeId>,
    errors: Vec<FieldError>,
}

impl RowOutcome {
    fn of(planned: &Planned) -> Self {
        let (result, id, errors) = match planned {
            Planned::Create => (RowResult::Created, None, Vec::new()),
            Planned::Change(id, ..) => (RowResult::Changed, Some(*id), Vec::new()),
            Planned::Unchanged(id) => (RowResult::Unchanged, Some(*id), Vec::new()),
            Planned::Refused(errors) => (RowResult::Refused, None, errors.to_vec()),
            Planned::BelowRefused => (RowResult::Refused, None, Vec::new()),
        };
        Self { result, id, errors }
    }
}

impl Results {
    /// The results as they are planned, with those of an interrupted run. What that has written is
    /// taken from the plan.
    fn of(plan: &mut Plan, malformed: usize, earlier: Option<&Written>) -> Self {
        if let Some(earlier) = earlier {
            plan.leave_out(&earlier.made);
        }
        let mut results = Self {
            rows: plan.rows.iter().map(RowOutcome::of).collect(),
            created: 0,
            changed: 0,
            unchanged: 0,
            refused: 0,
            decided_again: 0,
        };
        if let Some(earlier) = earlier {
            results.mark_written(&earlier.made);
        }
        results.count();
        results.refused += malformed as u64;
        results
    }

    /// Marks the rows that an interrupted run has written.
    fn mark_written(&mut self, made: &HashMap<EmployeeId, Version>) {
        for row in &mut self.rows {
            match row.id.and_then(|id| made.get(&id)) {
                Some(&Version::FIRST) => row.result = RowResult::Created,
                Some(_) => row.result = RowResult::Changed,
                None => {}
            }
        }
    }

    fn count(&mut self) {
        for row in &self.rows {
            match row.result {
                RowResult::Created => self.created += 1,
                RowResult::Changed => self.changed += 1,
                RowResult::Unchanged => self.unchanged += 1,
                RowResult::Refused => self.refused += 1,
                RowResult::Skipped | RowResult::Other => {}
            }
        }
    }

    /// An import of all or nothing was refused.
    fn nothing_written(&mut self) {
        (self.created, self.changed) = (0, 0);
        for row in &mut self.rows {
            if matches!(row.result, RowResult::Created | RowResult::Changed) {
                row.result = RowResult::Skipped;
            }
        }
    }

    /// Notes what became of a step, which may differ from the plan.
    fn amend(&mut self, target: Target, outcome: StepOutcome) {
        let Some(row) = target.row().and_then(|row| self.rows.get_mut(row)) else {
            return;
        };
        match outcome {
            StepOutcome::Created(id) => row.id = Some(id),
            StepOutcome::Changed(_, again) => self.decided_again += u64::from(again),
            StepOutcome::Unchanged(_) => {
                self.decided_again += 1;
                self.changed -= 1;
                self.unchanged += 1;
                row.result = RowResult::Unchanged;
            }
            StepOutcome::Refused(errors) => {
                self.decided_again += 1;
                match row.result {
                    RowResult::Created => self.created -= 1,
                    _ => self.changed -= 1,
                }
                self.refused += 1;
                row.result = RowResult::Refused;
                row.errors = errors;
            }
        }
    }

    /// What the report says beside new employees.
    fn matched(&self, plan: &Plan, by: MatchBy) -> MatchReport {
        MatchReport {
            by,
            changed: self.changed,
            unchanged: self.unchanged,
            missing: plan.missing.len() as u64,
            missing_ids: first(&plan.missing),
            decided_again: self.decided_again,
        }
    }

    /// The rows that the report lists, with what changes.
    fn rows(&self, rows: &SyncRows, plan: &Plan, mut reported: Vec<ImportRow>) -> Vec<ImportRow> {
        let lists_all = self.rows.len() + reported.len() <= ImportReport::MAX_REPORTED_ROWS;
        let mut warned = plan.warnings.iter().peekable();
        for (index, (line, row)) in rows.lines().iter().zip(&self.rows).enumerate() {
            let warnings = warned.next_if(|(row, _)| *row == index);
            let is_listed = lists_all
                || warnings.is_some()
                || matches!(row.result, RowResult::Refused | RowResult::Changed);
            if !is_listed || reported.len() >= 2 * ImportReport::MAX_REPORTED_ROWS {
                continue;
            }
            reported.push(ImportRow {
                line: *line,
                result: row.result,
                id: row.id,
                errors: row.errors.clone(),
                changes: self.changes(plan, index),
                warnings: warnings.map_or_else(Vec::new, |(_, warnings)| warnings.clone()),
            });
        }
        reported.sort_unstable_by_key(|row| row.line);
        reported.truncate(ImportReport::MAX_REPORTED_ROWS);
        reported
    }

    /// The fields that a row changes. A new manager has an id only once they are written.
    fn changes(&self, plan: &Plan, index: usize) -> Vec<FieldChange> {
        let Some(Planned::Change(_, _, changes)) = plan.rows.get(index) else {
            return Vec::new();
        };
        let mut changes = changes.clone();
        if let Some(Above::Row(row)) = plan.managers.get(&index)
            && let Some(id) = self.rows.get(*row).and_then(|row| row.id)
            && let Some(change) = changes.iter_mut().find(|c| c.field == Field::Manager)
        {
            change.new = id.to_string();
        }
        changes
    }
}
