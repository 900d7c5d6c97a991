//! The operations on employees, and their reads.

use async_trait::async_trait;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use jiff::Timestamp;
use roster_common::Query;
use roster_common::api::FieldValue;
use roster_common::employee::{Details, EmployeeId, Field};
use roster_common::query::{Filter, Sort};

use super::ids::free_ids;
use super::managers::chain_above;
use super::runs::{add_employee, add_holder, add_managers, known_so_far};
use crate::rules::employees::{self, Creation, Surroundings};
use crate::rules::forget::forget;
use crate::rules::merge;
use crate::rules::writes::Decision;
use crate::store::replica::{Database, Fault, Needs, Replica, Rows, traces_of};
use crate::store::{
    Attribution, ChangeRule, DeleteRule, EmployeeStore, IdempotencyKey, MergeRule, Page, PageError,
    Pair, Record, Records, Refused, Result,
};

#[async_trait]
impl<D: Database> EmployeeStore for Replica<D> {
    async fn page(&self, query: &Query, now: Timestamp) -> std::result::Result<Page, PageError> {
        let list = self.lists.list(query.filter(now), &query.sort).await?;
        list.page(query)
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

    async fn reports_of(&self, manager: EmployeeId) -> Result<Vec<EmployeeId>> {
        self.lists.reports_of(manager).await
    }

    async fn create_employee(
        &self,
        details: Details,
        key: Option<IdempotencyKey>,
        attribution: Attribution,
    ) -> Result<std::result::Result<Record, Refused>> {
        let request = key.as_ref();
        let request = request.map(|key| (attribution.by.clone(), key.key.clone()));
        // PostgreSQL fetches such rows before the rules run, so they are declared.
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
            // A record may keep a manager who was deleted since, so only another one is checked.
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
            // The last entry has the version that the restored record has to exceed.
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

    async fn merge_employees(
        &self,
        pair: Pair,
        rule: MergeRule,
        reports: Vec<EmployeeId>,
        attribution: Attribution,
    ) -> Result<std::result::Result<Record, Refused>> {
        self.write(Needs::default(), move |rows| {
            let records = (rows.employee(pair.survivor)?, rows.employee(pair.other)?);
            let (Some(survivor), Some(other)) = records else {
                return Ok(Decision::unchanged(Err(Refused::NotFound)));
            };
            let details = match rule(&survivor, &other) {
                Ok(details) => merge::without_other(details, pair, &other),
                Err(refused) => return Ok(Decision::unchanged(Err(refused))),
            };
            let mut known = known_so_far(rows)?;
            for id in reports.iter().chain([&pair.survivor, &pair.other]) {
                add_employee(rows, *id, &mut known)?;
            }
            // The reports move to the survivor, so one of them above the survivor would close a
            // circle.
            add_managers(rows, pair.survivor, &mut known)?;
            if let Some(manager) = details.manager() {
                add_managers(rows, manager, &mut known)?;
            }
            if let Some(number) = details.number() {
                add_holder(rows, number, &mut known)?;
            }
            Ok(merge::merge(pair, details, &reports, known, &attribution))
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
