//! Forgetting a person: all text about them goes, and the fact that somebody was there stays.

use roster_common::employee::{Employee, EmployeeId};
use roster_common::history::{AuditAction, ChangeKind, HistoryEntry};

use super::attribution::Attribution;
use super::audit::AuditLine;
use super::employees::{self, DeleteRule};
use super::history;
use super::refusal::Refused;
use super::writes::{Decision, Write, Writes};

/// Deletes an employee, if the rule allows it, and removes every value from the history. A person
/// who was deleted before can be forgotten as well; `rule` is not asked then. Nobody can be
/// restored afterwards, and the id stays used.
///
/// `past` is the whole history.
pub fn forget(
    id: EmployeeId,
    employee: Option<&Employee>,
    past: Vec<HistoryEntry>,
    rule: &DeleteRule,
    attribution: &Attribution,
) -> Decision<Result<(), Refused>> {
    let latest = match (employee, past.last()) {
        (Some(employee), _) => employee.version,
        (None, Some(last)) if last.what != ChangeKind::Forgotten => last.version,
        (None, _) => return Decision::unchanged(Err(Refused::NotFound)),
    };
    if let Some(Err(refused)) = employee.map(rule) {
        return Decision::unchanged(Err(refused));
    }
    let version = latest.next();
    let mut writes = Writes::default();
    let creation = employee.and_then(history::creation);
    for entry in creation.into_iter().chain(past) {
        writes.push(Write::History(id, without_values(entry)));
    }
    writes.history(
        id,
        HistoryEntry {
            version,
            at: attribution.at,
            by: attribution.by.to_string(),
            what: ChangeKind::Forgotten,
            changes: Vec::new(),
        },
    );
    writes.audit(AuditLine::new(attribution, AuditAction::EmployeeForgotten).to(id));
    if employee.is_some() {
        writes.event(employees::deleted(id, version, attribution));
        writes.push(Write::RemoveEmployee(id));
    }
    writes.push(Write::Forget(id));
    writes.decide(Ok(()))
}

fn without_values(entry: HistoryEntry) -> HistoryEntry {
    HistoryEntry {
        changes: Vec::new(),
        ..entry
    }
}
