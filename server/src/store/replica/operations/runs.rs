//! Imports, and the runs that they are kept as.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use async_trait::async_trait;
use roster_common::api::RunId;
use roster_common::employee::{EmployeeId, Field};
use roster_common::history::HistoryEntry;
use roster_common::text::folded;

use super::ids::free_ids;
use crate::rules::bulk::Known;
use crate::rules::import::{self, Claims, KnownIds};
use crate::rules::runs;
use crate::rules::sync;
use crate::rules::undo::{self, old_values};
use crate::store::replica::{Database, Fault, Needs, Replica, Rows};
use crate::store::{
    Above, Attribution, Checkpoint, Commit, ImportRecords, ImportRequest, Imported, Plan, Result,
    Run, RunDetails, RunRefusal, RunStep, RunStore, SliceSteps, Sliced, Step, SyncOptions,
    SyncRows, Target, UndoStep, Undone,
};

#[async_trait]
impl<D: Database> RunStore for Replica<D> {
    async fn import_as_run(
        &self,
        records: ImportRecords,
        commit: Commit,
        request: ImportRequest,
        attribution: Attribution,
    ) -> Result<std::result::Result<Imported, RunRefusal>> {
        let records = Arc::new(records);
        self.write(needs_runs(), move |rows| {
            // Only what the rows name is looked up: there may be a million employees.
            let claims = Claims::of(&records);
            let known = known_ids(rows, &claims)?;
            let runs = rows.runs()?;
            let decision = import::import(
                &records,
                &claims,
                &known,
                commit,
                &runs,
                &request,
                &attribution,
            );
            Ok(decision)
        })
        .await
    }

    async fn plan_sync(&self, rows: Arc<SyncRows>, options: SyncOptions) -> Result<Plan> {
        self.lists.plan(rows, options).await
    }

    async fn sync_slice(
        &self,
        records: Arc<SyncRows>,
        slice: SliceSteps,
        attribution: Attribution,
    ) -> Result<std::result::Result<Sliced, RunRefusal>> {
        self.write(needs_runs(), move |rows| {
            let known = known_of_slice(rows, &records, &slice.steps)?;
            let runs = rows.runs()?;
            Ok(sync::slice(&records, &slice, known, &runs, &attribution))
        })
        .await
    }

    async fn undo_slice(
        &self,
        steps: Vec<UndoStep>,
        step: RunStep,
        attribution: Attribution,
    ) -> Result<std::result::Result<Undone, RunRefusal>> {
        let needs = Needs {
            histories: steps.iter().map(|(id, _)| *id).collect(),
            ..needs_runs()
        };
        self.write(needs, move |rows| {
            let mut past = HashMap::new();
            for (id, _) in &steps {
                past.insert(*id, rows.history(*id)?);
            }
            let known = known_of_undo(rows, &past)?;
            let runs = rows.runs()?;
            Ok(undo::undo(&steps, &past, known, &runs, &step, &attribution))
        })
        .await
    }

    async fn finish_run(
        &self,
        checkpoint: Checkpoint,
        report: Vec<u8>,
    ) -> Result<std::result::Result<(), RunRefusal>> {
        self.write(needs_runs(), move |rows| {
            Ok(runs::finish(&rows.runs()?, checkpoint, &report))
        })
        .await
    }

    async fn runs(&self) -> Result<Vec<Run>> {
        self.read(|| self.database.runs()).await
    }

    async fn run_details(&self, id: RunId) -> Result<RunDetails> {
        self.read(|| self.database.run_details(id)).await
    }
}

fn needs_runs() -> Needs {
    Needs {
        runs: true,
        ..Needs::default()
    }
}

/// Looks up the ids that an import asks for.
fn known_ids(rows: &dyn Rows, claims: &Claims) -> std::result::Result<KnownIds, Fault> {
    let next = rows.next_employee()?;
    let mut known = KnownIds {
        next,
        free: free_ids(rows, next, claims.free_ids())?,
        ..KnownIds::default()
    };
    for id in claims.ids() {
        // Also used by somebody who was deleted: no id is given twice.
        if rows.is_used(id)? {
            known.used.insert(id);
        }
    }
    for manager in claims.managers() {
        if rows.employee(manager)?.is_some() {
            known.managers.insert(manager);
        }
    }
    for key in claims.numbers() {
        if let Some(holder) = rows.number_holder(key)? {
            known.numbers.insert(key.to_owned(), holder);
        }
    }
    Ok(known)
}

/// What is known without looking at a record.
pub(super) fn known_so_far(rows: &dyn Rows, new: usize) -> std::result::Result<Known, Fault> {
    let next = rows.next_employee()?;
    Ok(Known {
        employees: HashMap::new(),
        managers: HashMap::new(),
        numbers: HashMap::new(),
        used: HashSet::new(),
        free: free_ids(rows, next, new)?,
        next,
        floor: rows.version_floor()?,
    })
}

/// Looks up what the steps of a slice depend on.
fn known_of_slice(
    rows: &dyn Rows,
    records: &SyncRows,
    steps: &[Step],
) -> std::result::Result<Known, Fault> {
    let is_new = |step: &&Step| matches!(step.target, Target::New(_));
    let mut known = known_so_far(rows, steps.iter().filter(is_new).count())?;
    // Looked up again, since others may have changed the records after the plan was made.
    for step in steps {
        let (row, employee) = match step.target {
            Target::New(row) => (records.get(row), None),
            Target::Employee(row, id, _) => (records.get(row), Some(id)),
            Target::Missing(id, ..) => (None, Some(id)),
        };
        if let Some(id) = employee {
            add_employee(rows, id, &mut known)?;
        }
        let Some(row) = row else { continue };
        if let Some(id) = row.id
            && rows.is_used(id)?
        {
            known.used.insert(id);
        }
        if let Some(number) = row.value(Field::Number) {
            add_holder(rows, number, &mut known)?;
        }
        if let Some(Above::Employee(id)) = step.manager {
            add_managers(rows, id, &mut known)?;
        }
    }
    Ok(known)
}

/// Looks up what an undo of versions of these records depends on.
fn known_of_undo(
    rows: &dyn Rows,
    past: &HashMap<EmployeeId, Vec<HistoryEntry>>,
) -> std::result::Result<Known, Fault> {
    let mut known = known_so_far(rows, 0)?;
    for (id, entries) in past {
        add_employee(rows, *id, &mut known)?;
        for number in old_values(entries, Field::Number) {
            add_holder(rows, number, &mut known)?;
        }
        for manager in old_values(entries, Field::Manager) {
            if let Ok(manager) = manager.parse() {
                add_managers(rows, manager, &mut known)?;
            }
        }
    }
    Ok(known)
}

pub(super) fn add_employee(
    rows: &dyn Rows,
    id: EmployeeId,
    known: &mut Known,
) -> std::result::Result<(), Fault> {
    if let Some(employee) = rows.employee(id)? {
        known.employees.insert(id, employee);
    }
    Ok(())
}

pub(super) fn add_holder(
    rows: &dyn Rows,
    number: &str,
    known: &mut Known,
) -> std::result::Result<(), Fault> {
    let key = folded(number);
    if let Some(holder) = rows.number_holder(&key)? {
        known.numbers.insert(key, holder);
    }
    Ok(())
}

/// Adds a manager, and everybody above.
pub(super) fn add_managers(
    rows: &dyn Rows,
    manager: EmployeeId,
    known: &mut Known,
) -> std::result::Result<(), Fault> {
    let mut above = Some(manager);
    while let Some(id) = above.filter(|id| !known.managers.contains_key(id)) {
        let Some(employee) = rows.employee(id)? else {
            return Ok(());
        };
        above = employee.details.manager();
        known.managers.insert(id, above);
    }
    Ok(())
}
