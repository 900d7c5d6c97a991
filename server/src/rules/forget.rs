//! Forgetting people: all text about them goes, and the fact that somebody was there stays.

use jiff::Timestamp;
use roster_common::employee::{Employee, EmployeeId, Field, Version};
use roster_common::history::{AuditAction, ChangeKind, HistoryEntry};

use super::attribution::Attribution;
use super::audit::AuditLine;
use super::employees::{self, DeleteRule};
use super::history;
use super::refusal::Refused;
use super::writes::{Decision, Write, Writes};

/// What there is of a person to forget.
#[derive(Debug)]
pub struct Traces {
    /// The id.
    pub id: EmployeeId,
    /// The record, unless it was deleted.
    pub employee: Option<Employee>,
    /// The whole history, oldest entry first.
    pub past: Vec<HistoryEntry>,
}

/// Deletes employees, if the rule allows it for each, and removes every value from their history.
/// People who were deleted before can be forgotten as well; `rule` is not asked then. Nobody can be
/// restored afterwards, and the ids stay used. `floor` is the least version that a change may make.
///
/// The outcomes are in the order of the people.
pub fn forget(
    people: Vec<Traces>,
    rule: &DeleteRule,
    floor: Version,
    attribution: &Attribution,
) -> Decision<Vec<Result<(), Refused>>> {
    let mut writes = Writes::default();
    let mut forgotten = Vec::new();
    let mut outcomes = Vec::new();
    for person in people {
        let id = person.id;
        let outcome = forget_one(person, rule, floor, attribution, &mut writes);
        if outcome.is_ok() {
            forgotten.push(id);
        }
        outcomes.push(outcome);
    }
    if !forgotten.is_empty() {
        writes.push(Write::Forget(forgotten));
    }
    writes.decide(outcomes)
}

fn forget_one(
    person: Traces,
    rule: &DeleteRule,
    floor: Version,
    attribution: &Attribution,
    writes: &mut Writes,
) -> Result<(), Refused> {
    let Traces { id, employee, past } = person;
    let latest = match (&employee, past.last()) {
        (Some(employee), _) => employee.version,
        (None, Some(last)) if last.what != ChangeKind::Forgotten => last.version,
        (None, _) => return Err(Refused::NotFound),
    };
    if let Some(employee) = &employee {
        rule(employee)?;
    }
    let version = latest.next().max(floor);
    // The record itself says who created it, and that is about to be removed.
    let creation = employee.as_ref().and_then(history::creation);
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
            run: None,
            into: None,
            changes: Vec::new(),
        },
    );
    writes.audit(AuditLine::new(attribution, AuditAction::EmployeeForgotten).to(id));
    // Followers heard of an earlier deletion when it happened.
    if employee.is_some() {
        writes.event(employees::deleted(id, version, attribution));
        writes.push(Write::RemoveEmployee(id));
    }
    Ok(())
}

fn without_values(entry: HistoryEntry) -> HistoryEntry {
    HistoryEntry {
        changes: Vec::new(),
        ..entry
    }
}

/// Since when somebody whose status is left has had that status, by their history, newest entry
/// first. `None` if there is no history.
///
/// Where an entry is missing, since only the newest are kept, it counts as the change: the time is
/// never too early.
pub fn left_since(history: &[HistoryEntry]) -> Option<Timestamp> {
    let mut newer: Option<&HistoryEntry> = None;
    for entry in history {
        if let Some(newer) = newer.filter(|newer| entry.version.next() != newer.version) {
            return Some(newer.at);
        }
        let sets_status = entry
            .changes
            .iter()
            .any(|change| change.field == Field::Status);
        if sets_status || entry.what == ChangeKind::Restored {
            return Some(entry.at);
        }
        newer = Some(entry);
    }
    newer.map(|first| first.at)
}

#[cfg(test)]
mod tests {
    use roster_common::history::FieldChange;

    use super::*;

    /// An entry that made a version in the second of its number.
    fn entry(version: u64, what: ChangeKind, field: Option<Field>) -> HistoryEntry {
        let change = |field| FieldChange {
            field,
            old: "active".into(),
            new: "left".into(),
        };
        HistoryEntry {
            version: Version::new(version),
            at: Timestamp::from_second(i64::try_from(version).unwrap()).unwrap(),
            by: "ada".into(),
            what,
            run: None,
            into: None,
            changes: field.map(change).into_iter().collect(),
        }
    }

    /// The second since which the person of a history has left.
    fn since(oldest_first: &[HistoryEntry]) -> Option<i64> {
        let newest_first: Vec<_> = oldest_first.iter().rev().cloned().collect();
        left_since(&newest_first).map(Timestamp::as_second)
    }

    #[test]
    fn people_have_left_since_their_status_says_so_whatever_changed_later() {
        use ChangeKind::{Changed, Created, Deleted, Restored};
        let created = entry(1, Created, None);
        let left = entry(2, Changed, Some(Field::Status));
        let renamed = entry(3, Changed, Some(Field::Lastname));
        assert_eq!(since(&[]), None);
        assert_eq!(
            since(std::slice::from_ref(&created)),
            Some(1),
            "entered as left"
        );
        let whole = [created.clone(), left.clone(), renamed.clone()];
        assert_eq!(since(&whole), Some(2));
        let again = entry(4, Changed, Some(Field::Status));
        let returned = [created.clone(), left.clone(), renamed.clone(), again];
        assert_eq!(since(&returned), Some(4));
        let restored = [
            created.clone(),
            left.clone(),
            entry(3, Deleted, None),
            entry(4, Restored, None),
        ];
        assert_eq!(since(&restored), Some(4));
        assert_eq!(since(&[created, renamed]), Some(3), "an entry is missing");
    }
}
