//! Employees.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use jiff::Timestamp;
use roster_common::Query;
use roster_common::api::FieldValue;
use roster_common::employee::{Details, EmployeeId, Field};
use roster_common::query::{Filter, Sort};
use roster_common::text::folded;

use super::ids::free_ids;
use super::managers::chain_above;
use crate::rules::employees::{self, Creation, Surroundings};
use crate::rules::forget::forget;
use crate::rules::import::{self, Claims, KnownIds};
use crate::rules::sync;
use crate::rules::writes::Decision;
use crate::store::replica::{Database, Fault, Needs, Replica, Rows, traces_of};
use crate::store::{
    Above, Attribution, ChangeRule, Commit, DeleteRule, EmployeeStore, IdempotencyKey,
    ImportRecords, Imported, Outcome, Page, PageError, Plan, Record, Records, Refused, Result,
    Step, SyncOptions, SyncRows, Target,
};

#[async_trait]
impl<D: Database> EmployeeStore for Replica<D> {
    async fn page(&self, query: &Query, now: Timestamp) -> std::result::Result<Page, PageError> {
        let list = self.lists.list(query.filter(now), &query.sort).await?;
        list.page(&query.window)
    }

    async fn scan(
        &self,
        filter: Filter,
        sort: &Sort,
    ) -> Result<BoxStream<'static, Result<Records>>> {
        let list = self.lists.list(filter, sort).await?;
        Ok(stream::iter(list.pieces().map(Ok)).boxed())
    }

    async fn employee(&self, id: EmployeeId) -> Result<Option<Record>> {
        Ok(self.view.projection.directory().get(id))
    }

    async fn values(
        &self,
        field: Field,
        filter: Filter,
        text: &str,
        limit: usize,
    ) -> Result<Vec<FieldValue>> {
        self.lists.values(field, filter, text, limit).await
    }

    async fn emails_in_use(
        &self,
        emails: Vec<String>,
        except: Option<EmployeeId>,
    ) -> Result<Vec<bool>> {
        self.lists.in_use(Field::Email, emails, except).await
    }

    async fn create_employee(
        &self,
        details: Details,
        key: Option<IdempotencyKey>,
        attribution: Attribution,
    ) -> Result<std::result::Result<Record, Refused>> {
        let request = key.as_ref();
        let request = request.map(|key| (attribution.by.clone(), key.key.clone()));
        let needs = Needs {
            requests: request.into_iter().collect(),
            ..Needs::default()
        };
        self.write(needs, move |rows| {
            let key = match &key {
                Some(key) => Some((key, rows.request(&attribution.by, &key.key)?)),
                None => None,
            };
            let manager_exists = match details.manager() {
                Some(manager) => rows.employee(manager)?.is_some(),
                None => false,
            };
            let context = Creation {
                next_id: free_ids(rows, rows.next_employee()?, 1)?.pop(),
                manager_exists,
                number_holder: number_holder(rows, &details)?,
                key,
            };
            Ok(employees::create(context, &details, &attribution))
        })
        .await
    }

    async fn change_employee(
        &self,
        id: EmployeeId,
        rule: ChangeRule,
        attribution: Attribution,
    ) -> Result<std::result::Result<Record, Refused>> {
        self.write(Needs::default(), move |rows| {
            let Some(before) = rows.employee(id)? else {
                return Ok(Decision::unchanged(Err(Refused::NotFound)));
            };
            let details = match rule(&before) {
                Ok(details) => details,
                Err(refused) => return Ok(Decision::unchanged(Err(refused))),
            };
            let chain = if details.manager() == before.details.manager() {
                None
            } else {
                chain_above(rows, id, &details)?
            };
            let surroundings = Surroundings {
                chain,
                number_holder: number_holder(rows, &details)?,
                floor: rows.version_floor()?,
            };
            let decision = employees::change(&before, details, &surroundings, &attribution);
            Ok(decision)
        })
        .await
    }

    async fn restore_employee(
        &self,
        id: EmployeeId,
        details: Details,
        attribution: Attribution,
    ) -> Result<std::result::Result<Record, Refused>> {
        let needs = Needs {
            histories: vec![id],
            ..Needs::default()
        };
        self.write(needs, move |rows| {
            if let Some(current) = rows.employee(id)? {
                return Ok(Decision::unchanged(Err(Refused::Stale(Box::new(current)))));
            }
            let ends = rows.history_ends(id)?;
            let surroundings = Surroundings {
                chain: chain_above(rows, id, &details)?,
                number_holder: number_holder(rows, &details)?,
                floor: rows.version_floor()?,
            };
            let decision = employees::restore(id, ends, &details, &surroundings, &attribution);
            Ok(decision)
        })
        .await
    }

    async fn delete_employee(
        &self,
        id: EmployeeId,
        rule: DeleteRule,
        attribution: Attribution,
    ) -> Result<std::result::Result<(), Refused>> {
        self.write(Needs::default(), move |rows| {
            let Some(employee) = rows.employee(id)? else {
                return Ok(Decision::unchanged(Err(Refused::NotFound)));
            };
            let floor = rows.version_floor()?;
            Ok(employees::delete(&employee, &rule, floor, &attribution))
        })
        .await
    }

    async fn forget_employees(
        &self,
        ids: Vec<EmployeeId>,
        rule: DeleteRule,
        attribution: Attribution,
    ) -> Result<Vec<std::result::Result<(), Refused>>> {
        let needs = Needs {
            histories: ids.clone(),
            ..Needs::default()
        };
        self.write(needs, move |rows| {
            let people = traces_of(&ids, rows)?;
            Ok(forget(people, &rule, rows.version_floor()?, &attribution))
        })
        .await
    }

    async fn import_employees(
        &self,
        records: ImportRecords,
        commit: Commit,
        attribution: Attribution,
    ) -> Result<Imported> {
        let records = Arc::new(records);
        self.write(Needs::default(), move |rows| {
            let claims = Claims::of(&records);
            let known = known_ids(rows, &claims)?;
            let decision = import::import(&records, &claims, &known, commit, &attribution);
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
        steps: Vec<Step>,
        asks_for_ids: bool,
        note: Option<String>,
        attribution: Attribution,
    ) -> Result<Vec<Outcome>> {
        self.write(Needs::default(), move |rows| {
            let known = known_of_slice(rows, &records, &steps)?;
            let note = note.as_deref();
            let decision = sync::slice(&records, &steps, asks_for_ids, known, &attribution, note);
            Ok(decision)
        })
        .await
    }
}

/// Who has the personnel number of the details.
fn number_holder(
    rows: &dyn Rows,
    details: &Details,
) -> std::result::Result<Option<EmployeeId>, Fault> {
    match details.number_key() {
        Some(key) => rows.number_holder(&key),
        None => Ok(None),
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

/// Looks up what the steps of a slice depend on.
fn known_of_slice(
    rows: &dyn Rows,
    records: &SyncRows,
    steps: &[Step],
) -> std::result::Result<sync::Known, Fault> {
    let next = rows.next_employee()?;
    let is_new = |step: &&Step| matches!(step.target, Target::New(_));
    let mut known = sync::Known {
        free: free_ids(rows, next, steps.iter().filter(is_new).count())?,
        next,
        floor: rows.version_floor()?,
        employees: HashMap::new(),
        managers: HashMap::new(),
        numbers: HashMap::new(),
        used: HashSet::new(),
    };
    for step in steps {
        let (row, employee) = match step.target {
            Target::New(row) => (records.get(row), None),
            Target::Employee(row, id, _) => (records.get(row), Some(id)),
            Target::Missing(id, ..) => (None, Some(id)),
        };
        if let Some(employee) = employee.map(|id| rows.employee(id)).transpose()?.flatten() {
            known.employees.insert(employee.id, employee);
        }
        let Some(row) = row else { continue };
        if let Some(id) = row.id
            && rows.is_used(id)?
        {
            known.used.insert(id);
        }
        if let Some(key) = row.value(Field::Number).map(folded)
            && let Some(holder) = rows.number_holder(&key)?
        {
            known.numbers.insert(key, holder);
        }
        if let Some(Above::Employee(id)) = step.manager {
            add_managers(rows, id, &mut known)?;
        }
    }
    Ok(known)
}

/// Adds a manager, and everybody above.
fn add_managers(
    rows: &dyn Rows,
    manager: EmployeeId,
    known: &mut sync::Known,
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
