//! What became of the rows of an import, and the report about them.

use std::collections::HashMap;

use roster_common::api::{ImportReport, ImportRow, MatchBy, MatchReport, RowResult};
use roster_common::history::FieldChange;
use roster_common::{EmployeeId, Field, FieldError};

use crate::app::runs::Written;
use crate::store::{Above, PackedRows, Plan, Planned, StepOutcome, Target};

/// What became of the rows: first as planned, then as written.
pub(super) struct Results {
    rows: Vec<RowOutcome>,
    /// The errors of rows that were refused only when they were written, by their index.
    errors: HashMap<usize, Vec<FieldError>>,
    pub(super) created: u64,
    changed: u64,
    unchanged: u64,
    pub(super) refused: u64,
    decided_again: u64,
}

/// What became of one row.
#[derive(Debug, Clone)]
struct RowOutcome {
    result: RowResult,
    id: Option<EmployeeId>,
}

impl RowOutcome {
    fn of(planned: &Planned) -> Self {
        let (result, id) = match planned {
            Planned::Create => (RowResult::Created, None),
            Planned::Change(change) => (RowResult::Changed, Some(change.id)),
            Planned::Unchanged(id) => (RowResult::Unchanged, Some(*id)),
            Planned::Refused(_) | Planned::BelowRefused => (RowResult::Refused, None),
        };
        Self { result, id }
    }
}

impl Results {
    /// The results as they are planned, with those of an interrupted run. What that has written is
    /// taken from the plan.
    pub(super) fn of(plan: &mut Plan, malformed: usize, earlier: Option<&Written>) -> Self {
        if let Some(earlier) = earlier {
            plan.leave_out(&earlier.made);
        }
        let mut results = Self {
            rows: plan.rows.iter().map(RowOutcome::of).collect(),
            errors: HashMap::new(),
            created: 0,
            changed: 0,
            unchanged: 0,
            refused: 0,
            decided_again: 0,
        };
        if let Some(earlier) = earlier {
            results.mark_written(earlier);
        }
        results.count();
        results.refused += malformed as u64;
        results
    }

    /// Marks the rows that an interrupted run has written.
    fn mark_written(&mut self, earlier: &Written) {
        for (index, row) in self.rows.iter_mut().enumerate() {
            if earlier.resumed.added.contains_key(&index) {
                row.result = RowResult::Created;
            } else if row.id.is_some_and(|id| earlier.made.contains_key(&id)) {
                row.result = RowResult::Changed;
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
    pub(super) fn write_nothing(&mut self) {
        (self.created, self.changed) = (0, 0);
        self.skip_rows();
    }

    /// The valid rows are not written.
    pub(super) fn skip_rows(&mut self) {
        for row in &mut self.rows {
            match row.result {
                RowResult::Created => row.id = None,
                RowResult::Changed => {}
                _ => continue,
            }
            row.result = RowResult::Skipped;
        }
    }

    /// Notes what became of a step, which may differ from the plan.
    pub(super) fn amend(&mut self, target: Target, outcome: StepOutcome) {
        let Some(index) = target.row() else { return };
        let Some(row) = self.rows.get_mut(index) else {
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
                self.errors.insert(index, errors);
            }
        }
    }

    /// What the report says beside new employees.
    pub(super) fn matched(&self, plan: &Plan, by: MatchBy) -> MatchReport {
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
    pub(super) fn rows(
        &self,
        rows: &PackedRows,
        plan: &Plan,
        mut reported: Vec<ImportRow>,
    ) -> Vec<ImportRow> {
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
                errors: self.errors(plan, index).to_vec(),
                changes: self.changes(plan, index),
                warnings: warnings.map_or_else(Vec::new, |(_, warnings)| warnings.clone()),
            });
        }
        reported.sort_unstable_by_key(|row| row.line);
        reported.truncate(ImportReport::MAX_REPORTED_ROWS);
        reported
    }

    /// The errors of a row; none if it is not refused.
    fn errors<'a>(&'a self, plan: &'a Plan, index: usize) -> &'a [FieldError] {
        match self.errors.get(&index) {
            Some(errors) => errors,
            None => plan.rows.get(index).map_or(&[], Planned::errors),
        }
    }

    /// The fields that a row changes. A new manager has an id only once they are written.
    fn changes(&self, plan: &Plan, index: usize) -> Vec<FieldChange> {
        let Some(Planned::Change(change)) = plan.rows.get(index) else {
            return Vec::new();
        };
        let mut changes = change.fields.clone();
        if let Some(Above::Row(row)) = plan.managers.get(&index)
            && let Some(id) = self.rows.get(*row).and_then(|row| row.id)
            && let Some(change) = changes.iter_mut().find(|c| c.field == Field::Manager)
        {
            change.new = id.to_string();
        }
        changes
    }
}

fn first(ids: &[EmployeeId]) -> Vec<EmployeeId> {
    let most = ImportReport::MAX_REPORTED_ROWS;
    ids.iter().take(most).copied().collect()
}

/// The result of a row that breaks the rules of its fields.
pub(super) fn refused_row(line: u64, errors: Vec<FieldError>) -> ImportRow {
    ImportRow {
        line,
        result: RowResult::Refused,
        id: None,
        errors,
        changes: Vec::new(),
        warnings: Vec::new(),
    }
}
