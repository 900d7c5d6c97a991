//! Runs: finding the one of a repeated request, listing them, and undoing one.

use std::collections::HashMap;

use roster_common::EmployeeId;
use roster_common::api::{
    ImportMode, ImportReport, ImportRun, KeptEmployee, RunCounts, RunId, UndoReport,
};
use roster_common::employee::Version;

use super::auth::Identity;
use super::{App, AppError};
use crate::rules::access::Permission;
use crate::store::{
    Attribution, Checkpoint, IdempotencyKey, Resumed, Run, RunRefusal, RunSlice, RunStep, UndoStep,
};

/// The most records that are written in one transaction.
pub(super) const AT_ONCE: usize = 10_000;

/// A larger import is written in slices of this size, so that other writers wait for a slice only.
const SLICE: usize = 5_000;

/// The size of the slices in which this many records are written.
pub(super) fn slice_size(records: usize) -> usize {
    if records <= AT_ONCE { AT_ONCE } else { SLICE }
}

/// What is known of a request with a key.
pub(super) enum Earlier {
    /// It is the first under its key, or has none.
    None,
    /// It was answered with this report.
    Finished(Box<ImportReport>),
    /// Some of its slices were written.
    Interrupted(Written),
}

/// What an interrupted run has written.
pub(super) struct Written {
    pub(super) checkpoint: Checkpoint,
    /// The version of each record that it made.
    pub(super) made: HashMap<EmployeeId, Version>,
    /// Its rows that added somebody.
    pub(super) resumed: Resumed,
}

impl Written {
    fn of(run: &Run, slices: &[RunSlice]) -> Self {
        Self {
            checkpoint: run.checkpoint(),
            made: slices.iter().flat_map(|slice| slice.made.iter()).collect(),
            resumed: Resumed {
                added: slices.iter().flat_map(|slice| slice.added.iter()).collect(),
                first_id: run.first_id,
            },
        }
    }
}

/// Looks for the run of an import that is sent again.
///
/// # Errors
/// [`RunRefusal::KeyReused`]; [`RunRefusal::Undone`] if the run was undone before it was complete.
pub(super) async fn earlier(
    app: &App,
    who: &Identity,
    key: Option<&IdempotencyKey>,
    mode: ImportMode,
) -> Result<Earlier, AppError> {
    let Some(key) = key else {
        return Ok(Earlier::None);
    };
    let runs = app.store.runs().await?;
    let Some(run) = runs.iter().find(|run| run.has_key(key, &who.username)) else {
        return Ok(Earlier::None);
    };
    if run.key.as_ref() != Some(key) {
        return Err(RunRefusal::KeyReused.into());
    }
    let details = app.store.run_details(run.id).await?;
    if run.is_finished {
        let report = details.report.as_deref();
        let report = report.and_then(|report| serde_json::from_slice(report).ok());
        let report = report.unwrap_or_else(|| Box::new(counts_only(run, mode)));
        return Ok(Earlier::Finished(report));
    }
    if run.undone_by.is_some() {
        return Err(RunRefusal::Undone.into());
    }
    Ok(Earlier::Interrupted(Written::of(run, &details.slices)))
}

/// The report of a run whose rows are no longer kept.
fn counts_only(run: &Run, mode: ImportMode) -> ImportReport {
    ImportReport {
        mode: mode.into(),
        dry_run: false,
        run: Some(run.id),
        created: run.counts.created,
        refused: 0,
        warned: 0,
        matched: None,
        rows: Vec::new(),
    }
}

/// A report as it is kept.
pub(super) fn to_json(report: &impl serde::Serialize) -> Vec<u8> {
    // Numbers and texts can always be written to memory.
    serde_json::to_vec(report).unwrap_or_default()
}

/// The runs that are kept, newest first.
///
/// # Errors
/// [`AppError::Store`]
pub async fn list(app: &App) -> Result<Vec<ImportRun>, AppError> {
    let runs = app.store.runs().await?;
    Ok(runs.iter().rev().map(Run::to_api).collect())
}

/// Undoes a run. Where somebody has changed a record since, it stays so, and the report says so. A
/// repeat gets the same report, or continues what was interrupted.
///
/// # Errors
/// [`AppError::NoRun`]; [`AppError::Role`] if it is the run of somebody else and the user may not
/// delete people; [`RunRefusal::Busy`]
pub async fn undo(app: &App, who: &Identity, id: RunId) -> Result<UndoReport, AppError> {
    let runs = app.store.runs().await?;
    let run = find(&runs, id)?;
    if run.by != who.username && !Permission::Delete.is_allowed_for(who.role) {
        return Err(AppError::Role(Permission::Delete.role()));
    }
    let slices = app.store.run_details(id).await?.slices;
    // The list of runs may be older than the slices.
    let undone = Checkpoint {
        run: id,
        slices: u32::try_from(slices.len()).unwrap_or(u32::MAX),
    };
    let mut steps = latest_first(&slices);
    let mut undo = Undo::new(undone);
    if let Some(begun) = run.undone_by {
        let begun = find(&runs, begun)?;
        let details = app.store.run_details(begun.id).await?;
        if begun.is_finished {
            let report = details.report.as_deref();
            let report = report.and_then(|report| serde_json::from_slice(report).ok());
            return Ok(report.unwrap_or_else(|| undo.report(begun.id, begun.counts)));
        }
        let written = Written::of(begun, &details.slices);
        steps.retain(|(employee, _)| !written.made.contains_key(employee));
        undo.step = RunStep::Continue(written.checkpoint);
        undo.begun = Some((written.checkpoint, begun.counts));
    }
    undo.write(app, steps, who.attribution()).await
}

fn find(runs: &[Run], id: RunId) -> Result<&Run, AppError> {
    runs.iter().find(|run| run.id == id).ok_or(AppError::NoRun)
}

/// The versions that a run made, the latest first: so people go before their managers.
fn latest_first(slices: &[RunSlice]) -> Vec<UndoStep> {
    let mut steps: Vec<_> = slices.iter().flat_map(|slice| slice.made.iter()).collect();
    steps.reverse();
    steps
}

/// An undo that is being written.
struct Undo {
    undone: RunId,
    step: RunStep,
    /// How far it is, and what it has changed so far.
    begun: Option<(Checkpoint, RunCounts)>,
    kept: u64,
    kept_rows: Vec<KeptEmployee>,
}

impl Undo {
    fn new(undone: Checkpoint) -> Self {
        Self {
            undone: undone.run,
            step: RunStep::Begin {
                undoes: Some(undone),
                key: None,
                first_id: None,
                note: format!("undoes {}", undone.run),
            },
            begun: None,
            kept: 0,
            kept_rows: Vec::new(),
        }
    }

    /// Writes all slices, and finishes the run.
    async fn write(
        mut self,
        app: &App,
        steps: Vec<UndoStep>,
        attribution: Attribution,
    ) -> Result<UndoReport, AppError> {
        for slice in steps.chunks(slice_size(steps.len())) {
            let (step, by) = (self.step.clone(), attribution.clone());
            let undone = app.store.undo_slice(slice.to_vec(), step, by).await??;
            self.kept += undone.kept.len() as u64;
            let room = UndoReport::MAX_REPORTED_ROWS - self.kept_rows.len();
            self.kept_rows.extend(undone.kept.into_iter().take(room));
            self.step = RunStep::Continue(undone.checkpoint);
            self.begun = Some((undone.checkpoint, undone.counts));
        }
        let (checkpoint, counts) = self.begun.ok_or(AppError::NoRun)?;
        let report = self.report(checkpoint.run, counts);
        app.store.finish_run(checkpoint, to_json(&report)).await??;
        Ok(report)
    }

    fn report(self, run: RunId, counts: RunCounts) -> UndoReport {
        UndoReport {
            undone: self.undone,
            run,
            counts,
            kept: self.kept,
            kept_rows: self.kept_rows,
        }
    }
}
