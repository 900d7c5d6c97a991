//! The writes of employees, each inside a batch.

use jiff::{SignedDuration, Timestamp};
use roster_common::employee::{Details, Employee, EmployeeId, Field};
use roster_common::event::{Event, RecordEvent};
use roster_common::history::Deed;
use roster_common::problem::{FieldError, Rule};

use super::audit::Line;
use super::batch::{Batch, Fault, guarded, record};
use super::tables::meta;
use crate::store::import::{new_employee, to_the_millisecond};
use crate::store::rows::RequestRow;
use crate::store::{ChangeRule, DeleteRule, IdempotencyKey, Record, Refused, Stamp};

/// For how long the repeat of a keyed request is known.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// How many old requests a new one sweeps out.
const SWEEP: usize = 16;

/// What a write of an employee answers.
type Answer<T> = Result<Result<T, Refused>, Fault>;

impl Batch<'_> {
    /// See [`crate::store::Store::create_employee`].
    pub(super) fn create_employee(
        &mut self,
        details: Details,
        key: Option<IdempotencyKey>,
        stamp: &Stamp,
    ) -> Answer<Record> {
        if let Some(answer) = key
            .as_ref()
            .map(|key| self.repeated(key, stamp))
            .transpose()?
            .flatten()
        {
            return Ok(answer);
        }
        let number = self.next_employee()?;
        let (id, next) = match (number.try_into(), number.checked_add(1)) {
            (Ok(id), Some(next)) => (id, next),
            _ => return Ok(Err(Refused::Invalid(vec![out_of_ids()]))),
        };
        if let Some(manager) = details.manager()
            && self.employee(manager)?.is_none()
        {
            return Ok(Err(no_manager()));
        }
        let employee = new_employee(id, details, stamp);
        let created = record(&employee);
        self.audit(&Line::new(stamp, Deed::EmployeeCreated).to(id))?;
        self.tell(Event::Created(told(&employee)));
        self.put_employee(employee)?;
        self.set_number(meta::NEXT_EMPLOYEE, next)?;
        if let Some(key) = key {
            self.remember(&key, &created, stamp)?;
        }
        Ok(Ok(created))
    }

    /// The answer to a request that came before under the same key.
    fn repeated(
        &self,
        key: &IdempotencyKey,
        stamp: &Stamp,
    ) -> Result<Option<Result<Record, Refused>>, Fault> {
        let known = self.request(&stamp.by, &key.key)?;
        let known = known.filter(|known| known.at > forgotten_before(stamp.at));
        Ok(known.map(
            |RequestRow {
                 at: _,
                 digest,
                 id,
                 version,
                 json,
             }| match digest == key.digest {
                true => Ok(Record {
                    id,
                    version,
                    json: json.into(),
                }),
                false => Err(Refused::KeyReused),
            },
        ))
    }

    fn remember(
        &mut self,
        key: &IdempotencyKey,
        created: &Record,
        stamp: &Stamp,
    ) -> Result<(), Fault> {
        let Record { id, version, json } = created;
        let (at, json) = (stamp.at.as_millisecond(), json.to_vec());
        self.put_request(
            &stamp.by,
            &key.key,
            &RequestRow {
                at,
                digest: key.digest,
                id: *id,
                version: *version,
                json,
            },
        )?;
        self.purge_requests(forgotten_before(stamp.at), SWEEP)
    }

    /// See [`crate::store::Store::change_employee`].
    pub(super) fn change_employee(
        &mut self,
        id: EmployeeId,
        rule: ChangeRule,
        stamp: &Stamp,
    ) -> Answer<Record> {
        let Some(before) = self.employee(id)? else {
            return Ok(Err(Refused::NotFound));
        };
        let details = match guarded(|| rule(&before))? {
            Ok(details) => details,
            Err(refused) => return Ok(Err(refused)),
        };
        if details == before.details {
            return Ok(Ok(record(&before)));
        }
        if details.manager() != before.details.manager()
            && let Some(manager) = details.manager()
            && let Some(refused) = self.refuses_manager(id, manager)?
        {
            return Ok(Err(refused));
        }
        let employee = Employee {
            details,
            version: before.version.next(),
            updated: to_the_millisecond(stamp.at),
            updated_by: stamp.by.as_str().to_owned(),
            ..before.clone()
        };
        let changed = record(&employee);
        self.record_change(&before, &employee)?;
        self.audit(&Line::new(stamp, Deed::EmployeeChanged).to(id))?;
        self.tell(Event::Changed(told(&employee)));
        self.put_employee(employee)?;
        Ok(Ok(changed))
    }

    /// See [`crate::store::Store::delete_employee`].
    pub(super) fn delete_employee(
        &mut self,
        id: EmployeeId,
        rule: DeleteRule,
        stamp: &Stamp,
    ) -> Answer<()> {
        let Some(employee) = self.employee(id)? else {
            return Ok(Err(Refused::NotFound));
        };
        if let Err(refused) = guarded(|| rule(&employee))? {
            return Ok(Err(refused));
        }
        self.record_deletion(&employee, stamp)?;
        self.audit(&Line::new(stamp, Deed::EmployeeDeleted).to(id))?;
        let (version, by) = (employee.version.next(), stamp.by.to_string());
        self.tell(Event::Deleted(RecordEvent {
            id,
            version,
            by,
            at: stamp.at,
            record: None,
        }));
        self.remove_employee(id)?;
        Ok(Ok(()))
    }

    /// See [`crate::store::Store::restore_employee`].
    pub(super) fn restore_employee(
        &mut self,
        id: EmployeeId,
        details: Details,
        stamp: &Stamp,
    ) -> Answer<Record> {
        if let Some(current) = self.employee(id)? {
            return Ok(Err(Refused::Stale(Box::new(current))));
        }
        let Some((first, last)) = self.life(id)? else {
            return Ok(Err(Refused::NotFound));
        };
        if let Some(manager) = details.manager()
            && let Some(refused) = self.refuses_manager(id, manager)?
        {
            return Ok(Err(refused));
        }
        let employee = Employee {
            version: last.version.next(),
            created: first.at,
            ..new_employee(id, details, stamp)
        };
        let restored = record(&employee);
        self.record_restoration(&employee)?;
        self.audit(&Line::new(stamp, Deed::EmployeeRestored).to(id))?;
        self.tell(Event::Created(told(&employee)));
        self.put_employee(employee)?;
        Ok(Ok(restored))
    }

    /// Whether `id` cannot report to `manager`: there is no such person, or the chain of managers above leads
    /// back to `id`, which may be gone and named all the same. A chain ends, for no write has ever closed a circle.
    fn refuses_manager(
        &self,
        id: EmployeeId,
        manager: EmployeeId,
    ) -> Result<Option<Refused>, Fault> {
        if manager != id && self.employee(manager)?.is_none() {
            return Ok(Some(no_manager()));
        }
        let mut above = Some(manager);
        while let Some(person) = above {
            if person == id {
                return Ok(Some(Refused::Invalid(vec![circle()])));
            }
            above = self
                .employee(person)?
                .and_then(|person| person.details.manager());
        }
        Ok(None)
    }
}

/// What is told of a record that is as it is from now on.
fn told(employee: &Employee) -> RecordEvent {
    let Employee {
        id,
        version,
        updated,
        updated_by,
        ..
    } = employee;
    let record = Some(Box::new(employee.clone()));
    RecordEvent {
        id: *id,
        version: *version,
        by: updated_by.clone(),
        at: *updated,
        record,
    }
}

fn forgotten_before(now: Timestamp) -> i64 {
    now.checked_sub(REMEMBERED)
        .unwrap_or(Timestamp::MIN)
        .as_millisecond()
}

fn no_manager() -> Refused {
    Refused::Invalid(vec![unknown_manager()])
}

/// The manager is nobody.
pub(super) fn unknown_manager() -> FieldError {
    FieldError::new(
        Field::Manager.name(),
        Rule::NotFound,
        "There is no employee with this id.",
    )
}

/// The manager reports to the person.
pub(super) fn circle() -> FieldError {
    FieldError::new(
        Field::Manager.name(),
        Rule::Circle,
        "The chain of managers leads back to this employee.",
    )
}

/// Every id has been given.
pub(super) fn out_of_ids() -> FieldError {
    FieldError::new("id", Rule::Taken, "No more ids can be given.")
}
