//! The committed employees in memory: any page of any filter in any order.

use std::cmp::Ordering;
use std::sync::Arc;

use imbl::OrdMap;
use roster_common::Query;
use roster_common::employee::{Employee, EmployeeId, Field};
use roster_common::query::{Column, SortKey, Start, Term, Window};
use roster_common::text::folded;

use super::batch::{Change, record};
use super::tables::BadRow;
use crate::store::{Page, PageError, Record};

/// One committed state of the employees.
#[derive(Clone, Default)]
pub(super) struct Directory {
    employees: OrdMap<EmployeeId, Arc<(Employee, Record)>>,
}

impl Directory {
    pub(super) fn put(&mut self, employee: Employee) -> Result<(), BadRow> {
        let record = record(&employee)?;
        self.employees.insert(employee.id, Arc::new((employee, record)));
        Ok(())
    }

    pub(super) fn apply(&mut self, changes: Vec<Change>) {
        for change in changes {
            match change {
                Change::Employee(employee) => {
                    let _ = self.put(employee);
                }
                Change::EmployeeGone(id) => {
                    self.employees.remove(&id);
                }
                _ => {}
            }
        }
    }

    pub(super) fn get(&self, id: EmployeeId) -> Option<Record> {
        self.employees.get(&id).map(|e| e.1.clone())
    }

    pub(super) fn list(&self, query: &Query) -> Vec<Arc<(Employee, Record)>> {
        let terms = query.terms();
        let mut found: Vec<_> =
            self.employees.values().filter(|e| terms.iter().all(|t| matches(&e.0, t))).cloned().collect();
        found.sort_by(|a, b| compare(&a.0, &b.0, query.sort.keys()));
        found
    }

    pub(super) fn page(&self, query: &Query) -> Result<Page, PageError> {
        let found = self.list(query);
        let (limit, offset) = match &query.window {
            Window::All => (found.len(), 0),
            Window::Page { limit, start: Start::Offset(offset) } => (*limit, *offset),
            Window::Page { limit, start: Start::Cursor(cursor) } => {
                (*limit, cursor.parse().map_err(|_| PageError::Cursor)?)
            }
        };
        let records: Vec<_> = found.iter().skip(offset).take(limit).map(|e| e.1.clone()).collect();
        let end = offset.saturating_add(records.len());
        Ok(Page { total: found.len(), offset, next: (end < found.len()).then(|| end.to_string()), records })
    }
}

fn matches(employee: &Employee, term: &Term) -> bool {
    let found = Field::ALL.into_iter().filter(|f| term.field.is_none_or(|t| t == *f)).any(|field| {
        let text = folded(&employee.details.text(field));
        if term.whole { text == term.text } else { text.contains(&term.text) }
    });
    found != term.negated
}

fn compare(a: &Employee, b: &Employee, keys: &[SortKey]) -> Ordering {
    keys.iter().map(|key| by_key(a, b, *key)).find(|o| o.is_ne()).unwrap_or(Ordering::Equal).then(a.id.cmp(&b.id))
}

fn by_key(a: &Employee, b: &Employee, key: SortKey) -> Ordering {
    let turned = |order: Ordering| if key.descending { order.reverse() } else { order };
    match key.column {
        Column::Id => turned(a.id.cmp(&b.id)),
        Column::Created => turned(a.created.cmp(&b.created)),
        Column::Updated => turned(a.updated.cmp(&b.updated)),
        Column::Field(field) => {
            let (x, y) = (a.details.text(field), b.details.text(field));
            x.is_empty().cmp(&y.is_empty()).then_with(|| {
                turned(match field {
                    Field::Manager => a.details.manager().cmp(&b.details.manager()),
                    _ => folded(&x).cmp(&folded(&y)).then_with(|| x.cmp(&y)),
                })
            })
        }
    }
}
