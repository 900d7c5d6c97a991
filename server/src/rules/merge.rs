//! Merging two records of one person.

use roster_common::FieldError;
use roster_common::employee::{Details, Employee, EmployeeId};
use roster_common::event::Event;
use roster_common::history::{AuditAction, ChangeKind};
use roster_common::problem::Rule;

use super::attribution::Attribution;
use super::audit::AuditLine;
use super::bulk::{Bulk, Known};
use super::employees::{deleted, record_event};
use super::record::Record;
use super::refusal::Refused;
use super::writes::{Decision, Write};

/// Decides what the record that stays becomes, from both records. Has no effect but its result: it
/// may run twice.
pub type MergeRule = Box<dyn Fn(&Employee, &Employee) -> Result<Details, Refused> + Send>;

/// The two records of one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// The record that stays.
    pub survivor: EmployeeId,
    /// The record that is merged into it, and deleted.
    pub other: EmployeeId,
}

impl Pair {
    /// Two different records.
    ///
    /// # Errors
    /// [`Refused::Invalid`] if they are the same.
    pub fn new(survivor: EmployeeId, other: EmployeeId) -> Result<Self, Refused> {
        if survivor == other {
            let message = "This is the same employee.";
            let error = FieldError::new("id", Rule::Duplicate, message);
            return Err(Refused::Invalid(vec![error]));
        }
        Ok(Self { survivor, other })
    }
}

/// The details of the survivor. Nobody can report to the record that goes: its own manager takes its
/// place.
pub fn without_other(details: Details, pair: Pair, other: &Employee) -> Details {
    if details.manager() != Some(pair.other) {
        return details;
    }
    let above = other.details.manager();
    match above.filter(|above| *above != pair.survivor) {
        Some(above) => details.with_manager(above),
        None => details.without_manager(),
    }
}

/// Merges a record into another one: gives the survivor these details and the reports of the other,
/// and deletes the other.
pub fn merge(
    pair: Pair,
    details: Details,
    reports: &[EmployeeId],
    known: Known,
    attribution: &Attribution,
) -> Decision<Result<Record, Refused>> {
    let mut bulk = Bulk::new(known, attribution);
    match merge_in(&mut bulk, pair, details, reports) {
        Ok(survivor) => {
            let mut writes = bulk.finish().writes;
            writes.events = single_events(&writes.rows, attribution);
            let line = AuditLine::new(attribution, AuditAction::EmployeesMerged).to(pair.survivor);
            writes.audit(line.noting(format!("employee {} was merged into it", pair.other)));
            writes.decide(Ok(Record::of(&survivor)))
        }
        Err(refused) => Decision::unchanged(Err(refused)),
    }
}

/// An event for each record, since somebody may have one of them open in a form.
fn single_events(rows: &[Write], attribution: &Attribution) -> Vec<Event> {
    let event = |row: &Write| match row {
        Write::Employee(employee) => Some(Event::Changed(record_event(employee))),
        Write::History(id, entry) if entry.what == ChangeKind::Merged => {
            Some(deleted(*id, entry.version, attribution))
        }
        _ => None,
    };
    rows.iter().filter_map(event).collect()
}

fn merge_in(
    bulk: &mut Bulk<'_>,
    pair: Pair,
    details: Details,
    reports: &[EmployeeId],
) -> Result<Employee, Refused> {
    let invalid = |error: FieldError| Refused::Invalid(vec![error]);
    let find = |bulk: &Bulk<'_>, id| bulk.employee(id).ok_or(Refused::NotFound);
    let (survivor, other) = (find(bulk, pair.survivor)?, find(bulk, pair.other)?);
    // First, so that the survivor can get its number.
    bulk.merge_away(&other, pair.survivor);
    if details != survivor.details {
        bulk.change(&survivor, details).map_err(invalid)?;
    }
    for report in reports {
        // Somebody may have changed the manager since the reports were looked for.
        let report = bulk.employee(*report);
        let reports_to_other = |e: &Employee| e.details.manager() == Some(pair.other);
        if let Some(report) = report.filter(reports_to_other) {
            let details = report.details.clone().with_manager(pair.survivor);
            bulk.change(&report, details).map_err(invalid)?;
        }
    }
    find(bulk, pair.survivor)
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use jiff::Timestamp;
    use roster_common::Changes;
    use roster_common::employee::{Field, Version};

    use super::*;
    use crate::rules::record::first_version;

    fn id(number: u64) -> EmployeeId {
        number.try_into().unwrap()
    }

    #[test]
    fn whoever_follows_is_told_of_each_record() {
        let by_ada = Attribution {
            by: "ada".parse().unwrap(),
            at: Timestamp::UNIX_EPOCH,
        };
        let person = |number: u64, manager: &str| {
            let mut changes = Changes::default();
            for (field, value) in [
                (Field::Firstname, "Maya"),
                (Field::Lastname, "Castro"),
                (Field::Manager, manager),
            ] {
                changes.set(field, value);
            }
            let details = changes.to_details().unwrap();
            (id(number), first_version(id(number), details, &by_ada))
        };
        let people = [person(1, ""), person(2, ""), person(3, "2"), person(4, "")];
        let known = Known {
            managers: people.iter().map(|(id, _)| (*id, None)).collect(),
            employees: people.clone().into_iter().collect(),
            numbers: HashMap::new(),
            used: HashSet::new(),
            free: Vec::new(),
            next: 5,
            floor: Version::FIRST,
        };
        let pair = Pair::new(id(1), id(2)).unwrap();
        let details = people[0].1.details.clone();
        // The fourth has another manager by now.
        let decision = merge(pair, details, &[id(3), id(4)], known, &by_ada);
        let told = decision.writes.events.iter().map(|event| match event {
            Event::Deleted(event) => (event.id, "deleted"),
            Event::Changed(event) => (event.id, "changed"),
            other => panic!("{other:?}"),
        });
        assert_eq!(
            told.collect::<Vec<_>>(),
            [(id(2), "deleted"), (id(3), "changed")]
        );
        assert_eq!(decision.outcome.unwrap().id, id(1));
    }
}
