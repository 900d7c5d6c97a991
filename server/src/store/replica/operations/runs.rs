//! Imports, and the runs that they are kept as.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arc_swap::Guard;
use async_trait::async_trait;
use roster_common::api::RunId;
use roster_common::employee::{EmployeeId, Field};
use roster_common::history::HistoryEntry;
use roster_common::text::folded;

use super::ids::free_ids;
use crate::rules::bulk::Known;
use crate::rules::import::{self, KnownRows, People, StepWithRow};
use crate::rules::runs;
use crate::rules::undo::{self, old_values};
use crate::rules::writes::Decision;
use crate::store::replica::{Database, Fault, Needs, Replica, Rows};
use crate::store::{
    Above, Attribution, Checkpoint, PackedRows, Plan, PlanOptions, Result, Resumed, Run,
    RunDetails, RunRefusal, RunStep, RunStore, SliceSteps, Sliced, Target, UndoStep, Undone,
};

/// How many ids are looked up in one transaction.
const IDS_AT_ONCE: usize = 10_000;

#[async_trait]
impl<D: Database> RunStore for Replica<D> {
    async fn plan_import(
        &self,
        rows: Arc<PackedRows>,
        options: PlanOptions,
        resumed: Resumed,
    ) -> Result<Plan> {
        let mut known = KnownRows {
            resumed,
            ..KnownRows::default()
        };
        if options.uses_row_ids() {
            known.used_ids = self.used_before(&rows).await?;
            self.set_ids_aside(&rows, &mut known).await?;
        }
        self.lists.plan(rows, options, known).await
    }

    async fn import_slice(
        &self,
        records: Arc<PackedRows>,
        slice: SliceSteps,
        attribution: Attribution,
    ) -> Result<std::result::Result<Sliced, RunRefusal>> {
        self.write(needs_runs(), move |rows| {
            let steps = slice.with_rows(&records);
            let known = known_of_slice(rows, &steps, &slice)?;
            let runs = rows.runs()?;
            Ok(import::slice(&steps, &slice, known, &runs, &attribution))
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
        let finished = self.write(needs_runs(), move |rows| {
            Ok(runs::finish(&rows.runs()?, checkpoint, &report))
        });
        let finished = finished.await?;
        self.view.complete();
        Ok(finished)
    }

    async fn runs(&self) -> Result<Vec<Run>> {
        self.read(|| self.database.runs()).await
    }

    async fn run_details(&self, id: RunId) -> Result<RunDetails> {
        self.read(|| self.database.run_details(id)).await
    }
}

impl<D: Database> Replica<D> {
    /// The ids of rows that nobody has any more. They are looked up in pieces, so that other writers
    /// wait for one only.
    async fn used_before(&self, rows: &PackedRows) -> Result<HashSet<EmployeeId>> {
        let directory = Guard::into_inner(self.view.directory());
        let unknown = rows.ids().iter().filter(|id| !directory.has(**id));
        let unknown: Vec<_> = unknown.copied().collect();
        let mut used = HashSet::new();
        for ids in unknown.chunks(IDS_AT_ONCE) {
            let ids = ids.to_vec();
            let found = self.write(Needs::default(), move |rows| {
                let mut found = Vec::new();
                for id in &ids {
                    if rows.is_used(*id)? {
                        found.push(*id);
                    }
                }
                Ok(Decision::unchanged(found))
            });
            used.extend(found.await?);
        }
        Ok(used)
    }

    /// Finds ids for the rows that have none: the next ones, which no row asks for.
    async fn set_ids_aside(&self, rows: &PackedRows, known: &mut KnownRows) -> Result<()> {
        let first = match known.resumed.first_id {
            Some(first) => first,
            None => {
                let next = |rows: &dyn Rows| Ok(Decision::unchanged(rows.next_employee()?));
                self.write(Needs::default(), next).await?
            }
        };
        known.resumed.first_id = Some(first);
        let count = rows.without_id();
        let below = 1..=first.saturating_sub(1).min(EmployeeId::MAX);
        for range in [first..=EmployeeId::MAX, below] {
            let (mut start, end) = range.into_inner();
            while known.free_ids.len() < count {
                let find = move |rows: &dyn Rows| {
                    let unused = rows.unused_ids(start..=end, IDS_AT_ONCE)?;
                    Ok(Decision::unchanged(unused))
                };
                let unused = self.write(Needs::default(), find).await?;
                let Some(last) = unused.last() else { break };
                start = last.get() + 1;
                let free = unused.into_iter().filter(|id| !rows.ids().contains(id));
                known.free_ids.extend(free);
            }
        }
        Ok(())
    }
}

fn needs_runs() -> Needs {
    Needs {
        runs: true,
        ..Needs::default()
    }
}

/// What is known without looking at a record.
pub(super) fn known_so_far(rows: &dyn Rows) -> std::result::Result<Known, Fault> {
    Ok(Known {
        employees: HashMap::new(),
        managers: HashMap::new(),
        numbers: HashMap::new(),
        used: HashSet::new(),
        free: Vec::new(),
        next: rows.next_employee()?,
        floor: rows.version_floor()?,
    })
}

/// Looks up what the steps of a slice depend on.
fn known_of_slice(
    rows: &dyn Rows,
    steps: &[StepWithRow<'_>],
    slice: &SliceSteps,
) -> std::result::Result<Known, Fault> {
    let mut known = known_so_far(rows)?;
    // Whoever else adds somebody meanwhile leaves the ids that are set aside.
    let after_last = slice.last_id.map_or(0, |last| last.get() + 1);
    known.next = known.next.max(after_last);
    let mut without_id = 0;
    // Looked up again, since others may have changed the records after the plan was made.
    for (step, row) in steps {
        let (employee, aside) = match step.target {
            Target::New(_, aside) => (None, aside),
            Target::Employee(_, id, _) | Target::Missing(id, ..) => (Some(id), None),
        };
        if let Some(id) = employee {
            add_employee(rows, id, &mut known)?;
        }
        let Some(row) = row else { continue };
        let own = row.id.filter(|_| slice.uses_row_ids);
        match own.or(aside) {
            Some(id) if rows.is_used(id)? => {
                known.used.insert(id);
                without_id += 1;
            }
            Some(_) => {}
            None => without_id += usize::from(employee.is_none()),
        }
        if let Some(number) = row.value(Field::Number) {
            add_holder(rows, number, &mut known)?;
        }
        if let Some(Above::Employee(id)) = step.manager {
            add_managers(rows, id, &mut known)?;
        }
    }
    known.free = free_ids(rows, known.next, without_id)?;
    Ok(known)
}

/// Looks up what an undo of versions of these records depends on.
fn known_of_undo(
    rows: &dyn Rows,
    past: &HashMap<EmployeeId, Vec<HistoryEntry>>,
) -> std::result::Result<Known, Fault> {
    let mut known = known_so_far(rows)?;
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
