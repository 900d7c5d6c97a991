//! Undoing a run: every record gets back what the run had changed, except where somebody has
//! changed it since.

use std::collections::HashMap;

use roster_common::Changes;
use roster_common::api::{KeptEmployee, KeptReason, RunCounts, RunId};
use roster_common::employee::{Employee, EmployeeId, Field, Version};
use roster_common::history::{ChangeKind, FieldChange, HistoryEntry};

use super::attribution::Attribution;
use super::bulk::{Bulk, Known};
use super::history::{self, HistoryEnds};
use super::runs::{AddedRows, Checkpoint, OpenRun, Run, RunRefusal, RunStep};
use super::writes::Decision;

/// A record, and the version that the run had made of it.
pub type UndoStep = (EmployeeId, Version);

/// What a slice of an undo did.
#[derive(Debug, Clone, PartialEq)]
pub struct Undone {
    /// The number of the undo.
    pub run: RunId,
    /// How far the undo is.
    pub checkpoint: Checkpoint,
    /// What it has changed so far.
    pub counts: RunCounts,
    /// What it did not undo.
    pub kept: Vec<KeptEmployee>,
}

/// Undoes what a run did to some records, in one transaction. `past` is the history of each, oldest
/// entry first.
pub fn undo(
    steps: &[UndoStep],
    past: &HashMap<EmployeeId, Vec<HistoryEntry>>,
    known: Known,
    runs: &[Run],
    step: &RunStep,
    attribution: &Attribution,
) -> Decision<Result<Undone, RunRefusal>> {
    // The step names how many slices its caller has seen, so none is added twice.
    let open = match OpenRun::of(step, runs, attribution) {
        Ok(open) => open,
        Err(refused) => return Decision::unchanged(Err(refused)),
    };
    let mut bulk = Bulk::new(known, attribution);
    let mut kept = Vec::new();
    for (id, version) in steps {
        let past = past.get(id).map_or(&[][..], Vec::as_slice);
        kept.extend(undo_one(&mut bulk, *id, *version, past));
    }
    let changed = bulk.finish();
    let mut writes = changed.writes;
    let added = AddedRows::default();
    let run = open.add(
        changed.made,
        added,
        changed.counts,
        attribution,
        &mut writes,
    );
    writes.decide(Ok(Undone {
        run: run.id,
        checkpoint: run.checkpoint(),
        counts: run.counts,
        kept,
    }))
}

/// Undoes one version. Returns what is left as it is.
fn undo_one(
    bulk: &mut Bulk<'_>,
    id: EmployeeId,
    version: Version,
    past: &[HistoryEntry],
) -> Option<KeptEmployee> {
    let current = bulk.employee(id);
    // A record that was never changed has no history: the record itself says how it was created.
    let own = current.as_ref().and_then(history::creation);
    let mut entries = past.iter().chain(&own);
    let Some(entry) = entries.find(|entry| entry.version == version) else {
        return kept(id, KeptReason::Forgotten);
    };
    match (entry.what, current) {
        (ChangeKind::Created | ChangeKind::Restored, Some(current)) => {
            if current.version != version {
                return kept(id, KeptReason::Edited);
            }
            bulk.remove(&current);
            None
        }
        (ChangeKind::Changed, Some(current)) => revert(bulk, &current, &entry.changes),
        (ChangeKind::Deleted, None) => restore(bulk, id, entry, past),
        (ChangeKind::Deleted, Some(_)) => kept(id, KeptReason::Edited),
        (_, None) => kept(id, KeptReason::Deleted),
        (_, Some(_)) => kept(id, KeptReason::Forgotten),
    }
}

/// Gives fields their old values. Those that somebody has changed since stay.
fn revert(
    bulk: &mut Bulk<'_>,
    current: &Employee,
    changes: &[FieldChange],
) -> Option<KeptEmployee> {
    let (mut old, mut edited) = (Changes::default(), Vec::new());
    for change in changes {
        // A field with another value was edited since, and the old value would undo that edit.
        if current.details.text(change.field) == change.new {
            old.set(change.field, change.old.as_str());
        } else {
            edited.push(change.field);
        }
    }
    let refused = || KeptEmployee {
        id: current.id,
        reason: KeptReason::Refused,
        fields: changes.iter().map(|change| change.field).collect(),
    };
    let Ok(details) = old.apply_to(&current.details) else {
        return Some(refused());
    };
    if details != current.details && bulk.change(current, details).is_err() {
        return Some(refused());
    }
    (!edited.is_empty()).then_some(KeptEmployee {
        id: current.id,
        reason: KeptReason::Edited,
        fields: edited,
    })
}

/// Brings somebody back, unless something has happened to the record since.
fn restore(
    bulk: &mut Bulk<'_>,
    id: EmployeeId,
    entry: &HistoryEntry,
    past: &[HistoryEntry],
) -> Option<KeptEmployee> {
    let (Some(first), Some(last)) = (past.first(), past.last()) else {
        return kept(id, KeptReason::Forgotten);
    };
    // Since then the person was restored and deleted again, or forgotten.
    if last.version != entry.version {
        return kept(id, KeptReason::Edited);
    }
    let ends = HistoryEnds {
        first: first.clone(),
        last: last.clone(),
    };
    let details = entry.deleted_values().unwrap_or_default().to_details();
    let is_restored = details.is_ok_and(|details| bulk.restore(id, &ends, details).is_ok());
    if is_restored {
        None
    } else {
        kept(id, KeptReason::Refused)
    }
}

fn kept(id: EmployeeId, reason: KeptReason) -> Option<KeptEmployee> {
    Some(KeptEmployee {
        id,
        reason,
        fields: Vec::new(),
    })
}

/// The values of a field that an undo of these entries may set.
pub fn old_values(entries: &[HistoryEntry], field: Field) -> impl Iterator<Item = &str> {
    let changes = entries.iter().flat_map(|entry| &entry.changes);
    let old = changes.filter_map(move |change| (change.field == field).then_some(&change.old));
    old.map(String::as_str).filter(|old| !old.is_empty())
}
