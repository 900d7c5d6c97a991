//! Every list equals that of a model which sorts and filters a plain vector, whatever was written
//! before.
//!
//! In memory only: the property takes thousands of commits, and the place of the rows makes no
//! difference to a list.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

use futures_util::StreamExt;
use jiff::Timestamp;
use proptest::prelude::*;
use roster_common::employee::{Details, Employee, EmployeeId, Field};
use roster_common::problem::Rule;
use roster_common::query::{Column, Filter, Range, SortKey, Start, Term, TermScope, Window, days};
use roster_common::text::folded;
use roster_common::{Changes, Query};
use roster_server::store::redb::RedbStore;
use roster_server::store::{
    Attribution, EmployeeStore, PageError, Records, Refused, RunStore, ValidRow,
};

use super::disk::Disk;

/// One step of a story.
#[derive(Debug, Clone)]
enum Step {
    Create(Details),
    Import(Vec<Details>),
    /// Changes the record that so many come before, counted round.
    Change(usize, Details),
    Delete(usize),
    /// Brings back who was deleted so many ago, counted round.
    Restore(usize, Details),
    Restart,
    List(Query),
}

/// Few values, so that many are equal, or differ in case, accents and escapes alone.
fn word() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "ada",
        "Ada",
        "ÁDA",
        "a\"d\\a",
        "a\"d",
        "adamant and longer than eight",
        "adamant and longer, too",
        "Bo",
        "bo",
        "東京",
        // Visible, and nothing when folded.
        "\u{640}",
        "Ω",
        "ﬁ",
        "x y",
        "0",
    ])
    .prop_map(str::to_owned)
}

fn details() -> impl Strategy<Value = Details> {
    let optional = || prop::option::of(word()).prop_map(Option::unwrap_or_default);
    let texts = (
        word(),
        word(),
        optional(),
        optional(),
        optional(),
        optional(),
    );
    let status = prop::sample::select(vec!["active", "leave", "left"]);
    let email = prop::sample::select(vec!["", "a@b.de", "A@b.de", "c@b.de"]);
    let hired = prop::sample::select(vec!["", "2020-01-01", "2021-12-31"]);
    (texts, status, email, hired).prop_map(
        |((first, last, title, department, location, notes), status, email, hired)| {
            let mut changes = Changes::default();
            let values = [
                (Field::Firstname, first.as_str()),
                (Field::Lastname, &last),
                (Field::Title, &title),
                (Field::Department, &department),
                (Field::Location, &location),
                (Field::Notes, &notes),
                (Field::Status, status),
                (Field::Email, email),
                (Field::Hired, hired),
            ];
            for (field, value) in values {
                changes.set(field, value);
            }
            changes.to_details().unwrap()
        },
    )
}

fn query() -> impl Strategy<Value = Query> {
    let key = (
        prop::sample::select(Column::all().collect::<Vec<_>>()),
        any::<bool>(),
    );
    let by_manager =
        any::<bool>().prop_map(|descending| (Column::Field(Field::Manager), descending));
    let key = prop_oneof![9 => key, 1 => by_manager];
    let sort = prop::collection::vec(key, 0..4).prop_map(|keys| {
        let mut names: Vec<String> = Vec::new();
        for (column, descending) in keys {
            if !names
                .iter()
                .any(|name| name.trim_start_matches('-') == column.name())
            {
                names.push(format!(
                    "{}{}",
                    if descending { "-" } else { "" },
                    column.name()
                ));
            }
        }
        names.join(",").parse().unwrap()
    });
    let q = prop::sample::select(vec![
        "",
        "",
        "ad",
        "a\"d",
        "dept:ad",
        "!ad",
        "email:\"\"",
        "x\u{0}",
        "!\u{0}",
        "a st:left",
        "zzz",
        "ada !last:bo",
        "2020",
        "title:\"x y\"",
        "\u{301}",
        "mgr:1",
        "!mgr:2 ad",
        "mgr:\"\"",
        "#3",
        "!id:2 ad",
        "dept:ad|bo",
        "!dept:ad|bo",
        "dept:=ada|=bo",
        "!dept:=Ada",
        "(ada|bo) !(st:left last:ad)",
        "(dept:ad st:left)|title:\"a\"",
        "id:>3 id:..9",
        "!id:2..5|8",
        "hired:2020",
        "hired:>2020|\"\"",
        "!hired:2020..2021-06",
        "created:<1h|updated:>=1970-01-02",
        "created:>1h updated:>0d",
        "!email:\"\" ada|\u{6771}",
    ]);
    let manager = prop::sample::select(vec!["", "1", "2", "3", "01", "0", "x"]);
    let equals = prop::option::of(prop_oneof![
        3 => (prop::sample::select(Field::ALL.to_vec()), word()),
        2 => manager.prop_map(|id| (Field::Manager, id.to_owned())),
    ]);
    let start = prop_oneof![
        Just(Window::All),
        (1usize..9, 0usize..40).prop_map(|(limit, offset)| Window::Page {
            limit,
            start: Start::Offset(offset)
        }),
        (1usize..9, 1u64..60, 0usize..40).prop_map(|(limit, id, fallback_offset)| {
            Window::Page {
                limit,
                start: Start::Around {
                    id: id.try_into().unwrap(),
                    fallback_offset,
                },
            }
        }),
    ];
    (sort, q, equals, start).prop_map(|(sort, q, equals, window)| Query {
        names: false,
        q: q.to_owned(),
        equals: equals.into_iter().collect(),
        sort,
        window,
    })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => details().prop_map(Step::Create),
        1 => prop::collection::vec(details(), 0..30).prop_map(Step::Import),
        4 => (any::<prop::sample::Index>(), details()).prop_map(|(at, details)| Step::Change(at.index(1000), details)),
        3 => any::<prop::sample::Index>().prop_map(|at| Step::Delete(at.index(1000))),
        2 => (any::<prop::sample::Index>(), details()).prop_map(|(at, details)| Step::Restore(at.index(1000), details)),
        1 => Just(Step::Restart),
        6 => query().prop_map(Step::List),
    ]
}

/// The time of a query: some records are older than an hour, some not.
fn now() -> Timestamp {
    Timestamp::from_second(3605).unwrap()
}

/// The model: what is in the store, and what was.
#[derive(Default)]
struct Model {
    here: Vec<Employee>,
    gone: Vec<Employee>,
}

impl Model {
    fn pick(&self, at: usize) -> Option<EmployeeId> {
        self.here
            .get(at.checked_rem(self.here.len())?)
            .map(|employee| employee.id)
    }

    fn list(&self, query: &Query) -> Vec<Employee> {
        let filter = query.filter(now());
        let mut found: Vec<_> = self
            .here
            .iter()
            .filter(|e| matches(e, &filter))
            .cloned()
            .collect();
        found.sort_by(|a, b| self.compare(a, b, query.sort.keys()));
        found
    }

    fn compare(&self, a: &Employee, b: &Employee, keys: &[SortKey]) -> Ordering {
        let by_keys = keys
            .iter()
            .map(|key| match key.column {
                Column::Field(Field::Manager) => self.compare_managers(a, b, *key),
                _ => compare_by(a, b, *key),
            })
            .find(|order| order.is_ne());
        by_keys.unwrap_or_else(|| a.id.cmp(&b.id))
    }

    fn compare_managers(&self, a: &Employee, b: &Employee, key: SortKey) -> Ordering {
        let manager = |employee: &Employee| {
            let id = employee.details.manager()?;
            self.here.iter().find(|other| other.id == id)
        };
        match (manager(a), manager(b)) {
            (Some(a), Some(b)) => {
                let keys = [Field::Lastname, Field::Firstname].map(|field| SortKey {
                    column: Column::Field(field),
                    ..key
                });
                let mut by_name = keys.iter().map(|key| compare_by(a, b, *key));
                let by_id = SortKey {
                    column: Column::Id,
                    ..key
                };
                by_name
                    .find(|order| order.is_ne())
                    .unwrap_or_else(|| compare_by(a, b, by_id))
            }
            (a, b) => a.is_none().cmp(&b.is_none()),
        }
    }
}

fn matches(employee: &Employee, filter: &Filter) -> bool {
    match filter {
        Filter::All(all) => all.iter().all(|filter| matches(employee, filter)),
        Filter::Any(any) => any.iter().any(|filter| matches(employee, filter)),
        Filter::Not(filter) => !matches(employee, filter),
        Filter::Text(term) => has_text(employee, term),
        Filter::Range(Range { column, values }) => {
            let value = match column {
                Column::Id => i64::try_from(employee.id.get()).ok(),
                Column::Created => Some(employee.created.as_millisecond()),
                Column::Updated => Some(employee.updated.as_millisecond()),
                Column::Field(field) => days(&employee.details.text(*field)),
            };
            value.is_some_and(|value| values.contains(&value))
        }
    }
}

fn has_text(employee: &Employee, term: &Term) -> bool {
    if term.scope == TermScope::Id {
        return employee.id.to_string() == term.text;
    }
    let fields = Field::ALL
        .into_iter()
        .filter(|field| term.scope.has(*field));
    fields
        .map(|field| folded(&employee.details.text(field)))
        .any(|text| match term.whole {
            true => text == term.text,
            false => text.contains(&term.text),
        })
}

fn compare_by(a: &Employee, b: &Employee, key: SortKey) -> Ordering {
    let (ascending, missing) = match key.column {
        Column::Id => (a.id.cmp(&b.id), Ordering::Equal),
        Column::Created => (a.created.cmp(&b.created), Ordering::Equal),
        Column::Updated => (a.updated.cmp(&b.updated), Ordering::Equal),
        Column::Field(field) => {
            let (x, y) = (a.details.text(field), b.details.text(field));
            (
                folded(&x).cmp(&folded(&y)).then_with(|| x.cmp(&y)),
                x.is_empty().cmp(&y.is_empty()),
            )
        }
    };
    missing.then(if key.descending {
        ascending.reverse()
    } else {
        ascending
    })
}

fn stamp(number: usize) -> Attribution {
    let second = i64::try_from(number / 3).unwrap();
    Attribution {
        by: "ada".parse().unwrap(),
        at: Timestamp::from_second(second).unwrap(),
    }
}

/// A manager who is there, for some of the records.
fn with_manager(details: Details, manager: Option<EmployeeId>) -> Details {
    let mut changes = Changes::from(&details);
    changes.set(
        Field::Manager,
        manager.map(|id| id.to_string()).unwrap_or_default(),
    );
    changes.to_details().unwrap()
}

async fn take(disk: &Disk, store: &mut RedbStore, model: &mut Model, number: usize, step: Step) {
    match step {
        Step::Create(details) => {
            let details = with_manager(
                details,
                model.pick(number).filter(|_| number.is_multiple_of(2)),
            );
            let created = store
                .create_employee(details, None, stamp(number))
                .await
                .unwrap()
                .unwrap();
            model
                .here
                .push(serde_json::from_slice(&created.json).unwrap());
        }
        Step::Import(rows) => {
            let rows = rows.iter().map(|details| ValidRow::of_new(None, details));
            let added = store.add_employees(rows.collect(), stamp(number)).await;
            for id in added.unwrap().unwrap() {
                let record = store.employee(id).await.unwrap().unwrap();
                model
                    .here
                    .push(serde_json::from_slice(&record.json).unwrap());
            }
        }
        Step::Change(at, details) => {
            let Some(id) = model.pick(at) else { return };
            let rule = Box::new(move |old: &Employee| {
                Ok(with_manager(details.clone(), old.details.manager()))
            });
            let changed = store
                .change_employee(id, rule, stamp(number))
                .await
                .unwrap()
                .unwrap();
            let position = model
                .here
                .iter_mut()
                .find(|employee| employee.id == id)
                .unwrap();
            *position = serde_json::from_slice(&changed.json).unwrap();
        }
        Step::Delete(at) => {
            let Some(id) = model.pick(at) else { return };
            store
                .delete_employee(id, Box::new(|_| Ok(())), stamp(number))
                .await
                .unwrap()
                .unwrap();
            let gone = model.here.extract_if(.., |employee| employee.id == id);
            model.gone.extend(gone);
        }
        Step::Restore(at, details) => {
            let Some(at) = at.checked_rem(model.gone.len()) else {
                return;
            };
            let gone = model.gone.remove(at);
            let details = with_manager(
                details,
                model.pick(number).filter(|_| number.is_multiple_of(2)),
            );
            match store
                .restore_employee(gone.id, details, stamp(number))
                .await
                .unwrap()
            {
                Ok(restored) => {
                    let restored: Employee = serde_json::from_slice(&restored.json).unwrap();
                    assert_eq!((restored.id, restored.created), (gone.id, gone.created));
                    assert_eq!(
                        restored.version,
                        gone.version.next().next(),
                        "a deletion counts as one more"
                    );
                    model.here.push(restored);
                }
                Err(refused) => {
                    assert!(
                        matches!(&refused, Refused::Invalid(why) if why[0].code == Rule::Circle),
                        "{refused:?}"
                    );
                    model.gone.push(gone);
                }
            }
        }
        Step::Restart => {
            store.close();
            *store = disk.store();
        }
        Step::List(query) => {
            same_list(store, model, &query).await;
            same_values(store, model, Field::Department, &query).await;
        }
    }
}

/// The values of a field come with how many of the employees that match the query have them; those
/// without any are not counted.
async fn same_values(store: &RedbStore, model: &Model, field: Field, query: &Query) {
    let mut expected: BTreeMap<String, u64> = BTreeMap::new();
    for employee in model.list(query) {
        let value = employee.details.text(field);
        if !value.is_empty() {
            *expected.entry(folded(&value)).or_default() += 1;
        }
    }
    let values = store
        .values(field, query.filter(now()), "", usize::MAX)
        .await
        .unwrap();
    assert!(
        values.is_sorted_by_key(|value| Reverse(value.count)),
        "{values:?}"
    );
    assert_eq!(
        values
            .into_iter()
            .map(|value| (folded(&value.value), value.count))
            .collect::<BTreeMap<_, _>>(),
        expected
    );
}

async fn same_list(store: &RedbStore, model: &Model, query: &Query) {
    let expected = model.list(query);
    let json = |employees: &[Employee]| -> Vec<Vec<u8>> {
        employees
            .iter()
            .map(|employee| serde_json::to_vec(employee).unwrap())
            .collect()
    };
    let page = store.page(query, now()).await.unwrap();
    let (limit, offset) = match query.window {
        Window::Page {
            limit,
            start: Start::Offset(offset),
        } => (limit, offset.min(expected.len())),
        Window::Page {
            limit,
            start:
                Start::Around {
                    id,
                    fallback_offset,
                },
        } => {
            let position = expected.iter().position(|employee| employee.id == id);
            (
                limit,
                position.map_or(fallback_offset.min(expected.len()), |position| {
                    position / limit * limit
                }),
            )
        }
        _ => (expected.len(), 0),
    };
    let end = expected.len().min(offset + limit);
    assert_eq!(
        (page.total, page.offset),
        (expected.len(), offset),
        "{query:?}"
    );
    assert!(
        page.records.iter().eq(json(&expected[offset..end]).iter()),
        "{query:?}"
    );
    assert_eq!(page.next.is_some(), end < expected.len());

    let pieces = store
        .scan(query.filter(now()), &query.sort)
        .await
        .unwrap()
        .map(Result::unwrap)
        .collect::<Vec<_>>()
        .await;
    assert!(
        pieces
            .iter()
            .flat_map(Records::iter)
            .eq(json(&expected).iter()),
        "{query:?}"
    );

    if let Some(cursor) = page.next {
        let window = Window::Page {
            limit,
            start: Start::Cursor(cursor),
        };
        let next = store
            .page(
                &Query {
                    window,
                    ..query.clone()
                },
                now(),
            )
            .await
            .unwrap();
        assert_eq!(next.offset, end, "{query:?}");
        assert_eq!(
            next.records.iter().next().unwrap(),
            json(&expected[end..=end])[0]
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn every_list_is_that_of_a_plain_vector(steps in prop::collection::vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let disk = Disk::new();
            let (mut store, mut model) = (disk.store(), Model::default());
            for (number, step) in steps.into_iter().enumerate() {
                take(&disk, &mut store, &mut model, number, step).await;
            }
        });
    }

    #[test]
    fn a_cursor_that_was_generated_is_refused(cursor in "[A-Za-z0-9_-]{0,40}|\\PC{0,20}") {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let store = RedbStore::in_memory().unwrap();
            let window = Window::Page { limit: 5, start: Start::Cursor(cursor) };
            let page = store.page(&Query { window, ..Query::default() }, now()).await;
            assert!(matches!(page, Err(PageError::Cursor)));
        });
    }
}
