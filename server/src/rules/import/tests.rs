//! Properties of plans and slices, over employees that are plain values.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;
use roster_common::Changes;

use super::*;
use crate::rules::attribution::Attribution;
use crate::rules::bulk::Known;
use crate::rules::record::first_version;
use crate::rules::runs::RunStep;
use crate::rules::writes::Write;

fn id(number: u64) -> EmployeeId {
    number.try_into().unwrap()
}

fn by_ada() -> Attribution {
    Attribution {
        by: "ada".parse().unwrap(),
        at: Timestamp::UNIX_EPOCH,
    }
}

/// The employees as the slices leave them.
#[derive(Default, Clone, PartialEq, Debug)]
struct Company(BTreeMap<EmployeeId, Employee>);

impl People for Company {
    fn holders(&self, field: Field, value: &str) -> Vec<EmployeeId> {
        let has_it = |employee: &&Employee| folded(&employee.details.text(field)) == value;
        self.0
            .values()
            .filter(has_it)
            .map(|e| e.id)
            .take(2)
            .collect()
    }

    fn has(&self, id: EmployeeId) -> bool {
        self.0.contains_key(&id)
    }

    fn employee(&self, id: EmployeeId) -> Option<Employee> {
        self.0.get(&id).cloned()
    }

    fn manager(&self, id: EmployeeId) -> Option<EmployeeId> {
        self.0.get(&id)?.details.manager()
    }

    fn staff(&self) -> Vec<(EmployeeId, Version, Status)> {
        let status = |employee: &Employee| employee.details.status().unwrap_or_default();
        let people = self.0.values().filter(|e| status(e) != Status::Left);
        people.map(|e| (e.id, e.version, status(e))).collect()
    }
}

impl Company {
    /// What the store looks up for a slice.
    fn known(&self, rows: &PackedRows) -> Known {
        let numbers = self.0.values();
        let numbers = numbers.filter_map(|e| Some((e.details.number_key()?, e.id)));
        let last = self.0.keys().next_back().map_or(0, |id| id.get());
        Known {
            employees: self.0.clone().into_iter().collect(),
            managers: self
                .0
                .values()
                .map(|e| (e.id, e.details.manager()))
                .collect(),
            numbers: numbers.collect(),
            used: self.0.keys().copied().collect(),
            free: (last + 1..=last + rows.len() as u64).map(id).collect(),
            next: last + 1,
            floor: Version::FIRST,
        }
    }

    /// Plans an import and writes it in slices of two, as the server does.
    fn import(&mut self, rows: &PackedRows, options: PlanOptions) -> Plan {
        let plan = plan(rows, self, options, &KnownRows::default());
        let mut created = HashMap::new();
        let leaving = match options.missing {
            Some(MissingPeople::Become(status)) => Some(status),
            _ => None,
        };
        let all: Vec<_> = plan.steps(leaving).collect();
        for steps in all.chunks(2) {
            let step = |step: &Step| match step.manager {
                Some(Above::Row(row)) => Step {
                    manager: created
                        .get(&row)
                        .map_or(step.manager, |id| Some(Above::Employee(*id))),
                    ..*step
                },
                _ => *step,
            };
            let steps: Vec<_> = steps.iter().map(step).collect();
            let steps = SliceSteps {
                steps,
                uses_row_ids: options.uses_row_ids(),
                last_id: plan.last_id(),
                all_or_nothing: false,
                run: RunStep::begin(None, String::new()),
            };
            let decision = slice(
                &steps.with_rows(rows),
                &steps,
                self.known(rows),
                &[],
                &by_ada(),
            );
            let outcomes = decision.outcome.unwrap().outcomes;
            for write in decision.writes.rows {
                if let Write::Employee(employee) = write {
                    self.0.insert(employee.id, *employee);
                }
            }
            for (step, outcome) in steps.steps.iter().zip(outcomes) {
                match outcome {
                    StepOutcome::Created(id) => _ = created.insert(step.target.row().unwrap(), id),
                    StepOutcome::Changed(_, again) => assert!(!again),
                    outcome => panic!("nobody else writes: {outcome:?}"),
                }
            }
        }
        plan
    }

    fn has_circle(&self) -> bool {
        self.0.keys().any(|person| {
            let above = std::iter::successors(self.manager(*person), |id| self.manager(*id));
            above.take(self.0.len()).any(|id| id == *person)
        })
    }
}

/// A row: the numbers of an email address and a title, one of two personnel numbers that only this
/// address has, and the line of the manager.
#[derive(Debug, Clone)]
struct Row(u8, Option<u8>, u8, Option<u8>);

fn row() -> impl Strategy<Value = Row> {
    let maybe = |most| prop::option::of(0u8..most);
    (0u8..8, maybe(2), 0u8..3, maybe(8)).prop_map(|(a, b, c, d)| Row(a, b, c, d))
}

fn rows(all: &[Row]) -> PackedRows {
    let mut rows = PackedRows::default();
    for (line, Row(email, number, title, manager)) in (0..).zip(all) {
        let mut values = vec![
            (Field::Firstname, "Maya".to_owned()),
            (Field::Lastname, "Castro".to_owned()),
            (Field::Email, format!("m{email}@example.com")),
            (Field::Title, format!("Title {title}")),
        ];
        values.extend(number.map(|number| (Field::Number, format!("E{email}-{number}"))));
        let row = ValidRow {
            id: None,
            manager_line: manager.map(u64::from),
            values,
        };
        rows.push(line, &row);
    }
    rows
}

const BY_EMAIL: PlanOptions = PlanOptions {
    by: Some(MatchBy::Email),
    missing: None,
    today: date(2026, 11, 28),
};

/// A company of people with these fields.
fn company(people: &[&[(Field, &str)]]) -> Company {
    let person = |(number, fields): (u64, &&[(Field, &str)])| {
        let mut changes = Changes::default();
        changes.set(Field::Firstname, "Maya");
        changes.set(Field::Lastname, "Castro");
        for (field, value) in *fields {
            changes.set(*field, *value);
        }
        let details = changes.to_details().unwrap();
        (id(number), first_version(id(number), details, &by_ada()))
    };
    Company((1..).zip(people).map(person).collect())
}

proptest! {
    #[test]
    fn a_second_import_changes_nothing_and_no_import_makes_a_circle_or_a_double(
        first in prop::collection::vec(row(), 0..8),
        second in prop::collection::vec(row(), 0..8),
    ) {
        let mut company = Company::default();
        for file in [first, second] {
            let rows = rows(&file);
            company.import(&rows, BY_EMAIL);
            prop_assert!(!company.has_circle());
            let emails: HashSet<_> = company.0.values().map(|e| e.details.email()).collect();
            prop_assert_eq!(emails.len(), company.0.len());
            let numbers = company.0.values().filter_map(|e| e.details.number_key());
            let numbers: Vec<_> = numbers.collect();
            let distinct: HashSet<_> = numbers.iter().collect();
            prop_assert_eq!(distinct.len(), numbers.len());
            let before = company.clone();
            let again = company.import(&rows, BY_EMAIL);
            prop_assert!(again.order.is_empty(), "{:?}", again);
            prop_assert_eq!(&before, &company);
        }
    }
}

#[test]
fn rows_are_matched_in_any_case_and_ambiguous_ones_are_refused() {
    let mut company = company(&[
        &[(Field::Email, "M0@Example.com")],
        &[(Field::Email, "m1@example.com")],
        &[(Field::Email, "m1@example.com")],
    ]);
    let file = [
        Row(0, None, 1, None),
        Row(1, None, 1, None),
        Row(0, None, 2, None),
    ];
    let plan = company.import(&rows(&file), BY_EMAIL);
    let codes: Vec<_> = plan
        .rows
        .iter()
        .map(|row| match row {
            Planned::Refused(errors) => Err((errors[0].code, errors[0].message.as_str())),
            Planned::Change(change) => Ok(change.id.get()),
            other => panic!("{other:?}"),
        })
        .collect();
    let ambiguous = (Rule::Duplicate, "Employees 2 and 3 both have this email.");
    let repeated = (Rule::Duplicate, "An earlier row has this email.");
    assert_eq!(codes, [Ok(1), Err(ambiguous), Err(repeated)]);
    assert_eq!(company.0[&id(1)].details.text(Field::Title), "Title 1");
}

#[test]
fn nobody_is_said_to_have_left_if_a_row_was_refused() {
    let people: [&[(Field, &str)]; 3] = [
        &[(Field::Email, "m0@example.com")],
        &[(Field::Email, "m1@example.com")],
        &[(Field::Email, "m2@example.com"), (Field::Status, "left")],
    ];
    let left = PlanOptions {
        missing: Some(MissingPeople::Become(Status::Left)),
        ..BY_EMAIL
    };
    let mut staff = company(&people);
    let plan = staff.import(&rows(&[Row(0, None, 0, None)]), left);
    assert_eq!(
        (plan.missing.as_slice(), plan.leaving.len()),
        (&[id(2)][..], 1)
    );
    assert_eq!(staff.0[&id(2)].details.status(), Some(Status::Left));

    let mut staff = company(&people);
    let refused = [Row(0, None, 0, None), Row(0, None, 0, None)];
    let plan = staff.import(&rows(&refused), left);
    assert_eq!((plan.missing.len(), plan.leaving.len()), (1, 0));
    let plan = staff.import(&PackedRows::default(), left);
    assert!(
        plan.missing.is_empty(),
        "an empty file says nothing about anybody"
    );
}

#[test]
fn managers_are_written_before_their_reports() {
    let file = [
        Row(0, None, 0, Some(1)),
        Row(1, None, 0, Some(2)),
        Row(2, None, 0, None),
    ];
    let mut staff = Company::default();
    let plan = staff.import(&rows(&file), BY_EMAIL);
    assert_eq!(plan.order, [2, 1, 0]);
    let managers: Vec<_> = staff.0.values().map(|e| e.details.manager()).collect();
    assert_eq!(managers, [None, Some(id(1)), Some(id(2))]);
}
