//! Properties of sequences of decisions about employees.

use std::collections::BTreeMap;

use jiff::Timestamp;
use proptest::prelude::*;
use roster_common::employee::{Field, Version};
use roster_common::history::HistoryEntry;

use super::*;

/// The rows as the decisions leave them.
#[derive(Default)]
struct Rows {
    employees: BTreeMap<EmployeeId, Employee>,
    histories: BTreeMap<EmployeeId, Vec<HistoryEntry>>,
    /// The newest version that each id has had.
    versions: BTreeMap<EmployeeId, Version>,
    last_id: u64,
}

/// One write; the numbers are ids, of an employee and of a manager.
#[derive(Debug, Clone)]
enum Step {
    Create(Values),
    Change(u64, Values),
    Delete(u64),
    Restore(u64, Values),
}

/// What a record says: a manager's id and a personnel number.
#[derive(Debug, Clone, Copy)]
struct Values(Option<u64>, Option<&'static str>);

fn step() -> impl Strategy<Value = Step> {
    let id = || 1u64..7;
    let manager = prop::option::of(1u64..7);
    let number = prop::option::of(prop::sample::select(vec!["E1", "e1", "2"]));
    let values = (manager, number).prop_map(|(manager, number)| Values(manager, number));
    prop_oneof![
        2 => values.clone().prop_map(Step::Create),
        4 => (id(), values.clone()).prop_map(|(id, values)| Step::Change(id, values)),
        1 => id().prop_map(Step::Delete),
        2 => (id(), values).prop_map(|(id, values)| Step::Restore(id, values)),
    ]
}

fn id(number: u64) -> EmployeeId {
    number.try_into().unwrap()
}

fn details_of(Values(manager, number): Values) -> Details {
    let mut changes = Changes::default();
    changes.set(Field::Firstname, "Maya");
    changes.set(Field::Lastname, "Castro");
    let manager = manager.map(|id| id.to_string()).unwrap_or_default();
    changes.set(Field::Manager, manager);
    changes.set(Field::Number, number.unwrap_or_default());
    changes.to_details().unwrap()
}

fn by_ada() -> Attribution {
    Attribution {
        by: "ada".parse().unwrap(),
        at: Timestamp::UNIX_EPOCH,
    }
}

impl Rows {
    fn manager_of(&self, id: EmployeeId) -> Option<EmployeeId> {
        self.employees.get(&id)?.details.manager()
    }

    /// The chain above `id` with these details, as the store reads it from its rows.
    fn chain(&self, id: EmployeeId, details: &Details) -> Option<ManagerChain> {
        let manager = details.manager()?;
        let mut ids = vec![manager];
        while let Some(last) = ids.last().filter(|last| **last != id)
            && let Some(above) = self.manager_of(*last)
        {
            ids.push(above);
        }
        let exists = self.employees.contains_key(&manager);
        Some(ManagerChain { exists, ids })
    }

    fn number_holder(&self, details: &Details) -> Option<EmployeeId> {
        let key = details.number_key()?;
        let mut employees = self.employees.values();
        let holder = employees.find(|other| other.details.number_key().as_ref() == Some(&key));
        holder.map(|holder| holder.id)
    }

    fn surroundings(&self, id: EmployeeId, details: &Details) -> Surroundings {
        Surroundings {
            chain: self.chain(id, details),
            number_holder: self.number_holder(details),
            floor: Version::FIRST,
        }
    }

    fn run(&mut self, step: Step) {
        match step {
            Step::Create(values) => {
                let details = details_of(values);
                let manager = details.manager();
                let context = Creation {
                    next_id: Some(id(self.last_id + 1)),
                    manager_exists: manager.is_some_and(|id| self.employees.contains_key(&id)),
                    number_holder: self.number_holder(&details),
                    key: None,
                };
                self.apply(create(context, &details, &by_ada()));
            }
            Step::Change(number, values) => {
                // The store answers for ids that do not exist, so the rules never see them.
                let Some(before) = self.employees.get(&id(number)) else {
                    return;
                };
                let details = details_of(values);
                let surroundings = self.surroundings(before.id, &details);
                self.apply(change(before, details, &surroundings, &by_ada()));
            }
            Step::Delete(number) => {
                let Some(employee) = self.employees.get(&id(number)) else {
                    return;
                };
                let rule: DeleteRule = Box::new(|_| Ok(()));
                let decision = delete(employee, &rule, Version::FIRST, &by_ada());
                self.apply(decision);
            }
            Step::Restore(number, values) => {
                if self.employees.contains_key(&id(number)) {
                    return;
                }
                let ends = self.histories.get(&id(number)).and_then(|entries| {
                    Some(HistoryEnds {
                        first: entries.first()?.clone(),
                        last: entries.last()?.clone(),
                    })
                });
                let details = details_of(values);
                let surroundings = self.surroundings(id(number), &details);
                self.apply(restore(
                    id(number),
                    ends,
                    &details,
                    &surroundings,
                    &by_ada(),
                ));
            }
        }
    }

    fn apply<T>(&mut self, decision: Decision<T>) {
        for write in decision.writes.rows {
            match write {
                Write::Employee(employee) => {
                    let before = self.versions.insert(employee.id, employee.version);
                    assert!(before < Some(employee.version), "{before:?}: {employee:?}");
                    self.last_id = self.last_id.max(employee.id.get());
                    self.employees.insert(employee.id, *employee);
                }
                Write::RemoveEmployee(id) => _ = self.employees.remove(&id),
                Write::History(id, entry) => self.histories.entry(id).or_default().push(entry),
                _ => {}
            }
        }
    }

    /// Whether two employees have the same personnel number.
    fn shares_a_number(&self) -> bool {
        let numbers = self.employees.values();
        let mut numbers: Vec<_> = numbers.filter_map(|e| e.details.number_key()).collect();
        numbers.sort_unstable();
        numbers.windows(2).any(|pair| pair.first() == pair.last())
    }

    /// Whether somebody is above themselves.
    fn has_circle(&self) -> bool {
        self.employees.keys().any(|person| {
            let above = std::iter::successors(self.manager_of(*person), |id| self.manager_of(*id));
            above.take(self.employees.len()).any(|id| id == *person)
        })
    }
}

proptest! {
    #[test]
    fn no_sequence_of_decisions_closes_a_circle_or_repeats_a_version_or_a_number(
        steps in prop::collection::vec(step(), 1..60)
    ) {
        let mut rows = Rows::default();
        for step in steps {
            rows.run(step.clone());
            prop_assert!(!rows.has_circle(), "{step:?}: {:?}", rows.employees);
            prop_assert!(!rows.shares_a_number(), "{step:?}: {:?}", rows.employees);
        }
    }
}
