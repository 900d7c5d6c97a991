//! Changes of one employee: versions, managers, and what each change leaves in history, audit and
//! events.

use roster_common::employee::{Details, Employee, EmployeeId, Version};
use roster_common::event::{Event, RecordEvent};
use roster_common::history::AuditAction;
use roster_common::{Changes, FieldError};

use super::attribution::Attribution;
use super::audit::AuditLine;
use super::history::{self, HistoryEnds};
use super::idempotency::{self, IdempotencyKey, KeyedRequest};
use super::preconditions::{Preconditions, Unmet};
use super::record::{Record, first_version, next_version, restored_version};
use super::refusal::{Refused, manager_cycle, number_of, out_of_ids, own_manager, unknown_manager};
use super::writes::{Decision, Write, Writes};

/// Decides what a record becomes. Has no effect but its result: it may run twice.
pub type ChangeRule = Box<dyn Fn(&Employee) -> Result<Details, Refused> + Send>;

/// Decides whether a record may be deleted. Has no effect but its result: it may run twice.
pub type DeleteRule = Box<dyn Fn(&Employee) -> Result<(), Refused> + Send>;

/// A manager, and everybody above: each reports to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagerChain {
    /// Whether the first of them exists.
    pub exists: bool,
    /// The ids, from the manager upwards. The last may be of somebody who was deleted.
    pub ids: Vec<EmployeeId>,
}

impl ManagerChain {
    /// Checks that `id` can report to the first of the chain.
    fn check(&self, id: EmployeeId) -> Result<(), Refused> {
        // An employee who was deleted may still be named above, and must not be restored below
        // them.
        if self.ids.first() == Some(&id) {
            return Err(Refused::Invalid(vec![own_manager()]));
        }
        if self.ids.contains(&id) {
            return Err(Refused::Invalid(vec![manager_cycle()]));
        }
        if !self.exists {
            return Err(Refused::Invalid(vec![unknown_manager()]));
        }
        Ok(())
    }
}

/// How the fields that a client sends become the record's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateKind {
    /// Fields that are not named are emptied.
    Replace,
    /// Fields that are not named stay as they are (RFC 7396).
    Merge,
}

/// The details of a record after a client's changes, if it is in the state that the client asks
/// for.
///
/// # Errors
/// [`Refused::Stale`], [`Refused::Precondition`], [`Refused::Invalid`]
pub fn edited(
    current: &Employee,
    preconditions: &Preconditions,
    kind: UpdateKind,
    changes: &Changes,
) -> Result<Details, Refused> {
    check(current, preconditions)?;
    let details = match kind {
        UpdateKind::Replace => changes.to_details(),
        UpdateKind::Merge => changes.apply_to(&current.details),
    };
    details.map_err(Refused::Invalid)
}

/// Checks that a record is in the state that the client asks for.
///
/// # Errors
/// [`Refused::Stale`], [`Refused::Precondition`]
pub fn check(current: &Employee, preconditions: &Preconditions) -> Result<(), Refused> {
    preconditions
        .check(Some(current.version))
        .map_err(|unmet| refusal_of(unmet, Box::new(current.clone())))
}

/// The refusal of a request whose precondition the current record does not meet.
pub fn refusal_of(unmet: Unmet, current: Box<Employee>) -> Refused {
    match unmet {
        Unmet::Changed => Refused::Stale(current),
        Unmet::Weak | Unmet::Exists => Refused::Precondition(unmet, current),
    }
}

/// What a creation depends on.
#[derive(Debug)]
pub struct Creation<'a> {
    /// The id to give; `None` if every id has been used.
    pub next_id: Option<EmployeeId>,
    /// Whether the manager that the details name exists.
    pub manager_exists: bool,
    /// Who has the personnel number that the details have.
    pub number_holder: Option<EmployeeId>,
    /// The request's key, and the request that was answered under it before.
    pub key: Option<(&'a IdempotencyKey, Option<KeyedRequest>)>,
}

/// What a change of a record to other details depends on.
#[derive(Debug)]
pub struct Surroundings {
    /// The chain above the record, if the details name another manager than before.
    pub chain: Option<ManagerChain>,
    /// Who has the personnel number that the details have.
    pub number_holder: Option<EmployeeId>,
    /// The least version that a change may make.
    pub floor: Version,
}

impl Surroundings {
    /// Checks that an employee can have the details.
    fn check(&self, id: EmployeeId) -> Result<(), Refused> {
        if let Some(chain) = &self.chain {
            chain.check(id)?;
        }
        match self.number_holder.filter(|holder| *holder != id) {
            Some(holder) => Err(Refused::Invalid(vec![number_of(holder)])),
            None => Ok(()),
        }
    }
}

/// Adds an employee. A repeat of a keyed request gets the answer of the first, and adds nothing.
pub fn create(
    context: Creation<'_>,
    details: &Details,
    attribution: &Attribution,
) -> Decision<Result<Record, Refused>> {
    // A repeat is answered before anything is checked: the first request may be why the number is
    // taken.
    let key = match context.key {
        Some((key, known)) => match idempotency::repeated(known, key, attribution.at) {
            Some(answer) => return Decision::unchanged(answer),
            None => Some(key),
        },
        None => None,
    };
    let Some(id) = context.next_id else {
        return refused(vec![out_of_ids()]);
    };
    if details.manager().is_some() && !context.manager_exists {
        return refused(vec![unknown_manager()]);
    }
    if let Some(holder) = context.number_holder {
        return refused(vec![number_of(holder)]);
    }
    let employee = first_version(id, details.clone(), attribution);
    let created = Record::of(&employee);
    let mut writes = Writes::default();
    writes.audit(AuditLine::new(attribution, AuditAction::EmployeeCreated).to(id));
    writes.event(Event::Created(record_event(&employee)));
    writes.push(Write::Employee(Box::new(employee)));
    writes.push(Write::NextEmployee(id.get() + 1));
    if let Some(key) = key {
        let request = KeyedRequest::new(key, &created, attribution);
        writes.push(Write::Request(request));
        // Each new key removes a few old ones, so that their number stays bounded.
        writes.push(Write::PurgeRequests {
            before: idempotency::forgotten_before(attribution.at),
            at_most: idempotency::PURGED_AT_ONCE,
        });
    }
    writes.decide(Ok(created))
}

/// Gives an employee other details. What changes nothing writes nothing, and keeps the version.
pub fn change(
    before: &Employee,
    details: Details,
    surroundings: &Surroundings,
    attribution: &Attribution,
) -> Decision<Result<Record, Refused>> {
    // A new version would conflict with the edits of others, and for nothing.
    if details == before.details {
        return Decision::unchanged(Ok(Record::of(before)));
    }
    if let Err(refused) = surroundings.check(before.id) {
        return Decision::unchanged(Err(refused));
    }
    let after = next_version(before, details, surroundings.floor, attribution);
    let changed = Record::of(&after);
    let mut writes = Writes::default();
    for entry in history::change(before, &after) {
        writes.history(after.id, entry);
    }
    writes.audit(AuditLine::new(attribution, AuditAction::EmployeeChanged).to(after.id));
    writes.event(Event::Changed(record_event(&after)));
    writes.push(Write::Employee(Box::new(after)));
    writes.decide(Ok(changed))
}

/// Deletes an employee, if the rule allows it. The id is never used again. `floor` is the least
/// version that a change may make.
pub fn delete(
    employee: &Employee,
    rule: &DeleteRule,
    floor: Version,
    attribution: &Attribution,
) -> Decision<Result<(), Refused>> {
    if let Err(refused) = rule(employee) {
        return Decision::unchanged(Err(refused));
    }
    let id = employee.id;
    let version = employee.version.next().max(floor);
    let mut writes = Writes::default();
    for entry in history::deletion(employee, version, attribution) {
        writes.history(id, entry);
    }
    writes.audit(AuditLine::new(attribution, AuditAction::EmployeeDeleted).to(id));
    writes.event(deleted(id, version, attribution));
    writes.push(Write::RemoveEmployee(id));
    writes.decide(Ok(()))
}

/// Restores a deleted employee under the same id, with a version higher than any before. `ends` are
/// those of the history.
pub fn restore(
    id: EmployeeId,
    ends: Option<HistoryEnds>,
    details: &Details,
    surroundings: &Surroundings,
    attribution: &Attribution,
) -> Decision<Result<Record, Refused>> {
    let Some(ends) = ends.filter(|ends| !ends.is_forgotten()) else {
        return Decision::unchanged(Err(Refused::NotFound));
    };
    if let Err(refused) = surroundings.check(id) {
        return Decision::unchanged(Err(refused));
    }
    let employee = restored_version(id, &ends, details.clone(), surroundings.floor, attribution);
    let restored = Record::of(&employee);
    let mut writes = Writes::default();
    writes.history(id, history::restoration(&employee));
    writes.audit(AuditLine::new(attribution, AuditAction::EmployeeRestored).to(id));
    writes.event(Event::Created(record_event(&employee)));
    writes.push(Write::Employee(Box::new(employee)));
    writes.decide(Ok(restored))
}

fn refused(errors: Vec<FieldError>) -> Decision<Result<Record, Refused>> {
    Decision::unchanged(Err(Refused::Invalid(errors)))
}

/// The event for a record that was deleted.
pub(super) fn deleted(id: EmployeeId, version: Version, attribution: &Attribution) -> Event {
    Event::Deleted(RecordEvent {
        id,
        version,
        by: attribution.by.to_string(),
        at: attribution.at,
        record: None,
    })
}

/// What an event says about a record that was created or changed.
pub(super) fn record_event(employee: &Employee) -> RecordEvent {
    RecordEvent {
        id: employee.id,
        version: employee.version,
        by: employee.updated_by.clone(),
        at: employee.updated,
        record: Some(Box::new(employee.clone())),
    }
}

#[cfg(test)]
mod tests;
