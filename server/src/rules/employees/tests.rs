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
    Create(Option<u64>),
    Change(u64, Option<u64>),
    Delete(u64),
    Restore(u64, Option<u64>),
}

fn step() -> impl Strategy<Value = Step> {
    let id = || 1u64..7;
    let manager = || prop::option::of(1u64..7);
    prop_oneof![
        2 => manager().prop_map(Step::Create),
        4 => (id(), manager()).prop_map(|(id, manager)| Step::Change(id, manager)),
        1 => id().prop_map(Step::Delete),
        2 => (id(), manager()).prop_map(|(id, manager)| Step::Restore(id, manager)),
    ]
}

fn id(number: u64) -> EmployeeId {
    number.try_into().unwrap()
}

fn reporting_to(manager: Option<u64>) -> Details {
    let mut changes = Changes::default();
    changes.set(Field::Firstname, "Maya");
    changes.set(Field::Lastname, "Castro");
    let manager = manager.map(|id| id.to_string()).unwrap_or_default();
    changes.set(Field::Manager, manager);
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

    fn run(&mut self, step: Step) {
        match step {
            Step::Create(manager) => {
                let context = Creation {
                    next_id: Some(id(self.last_id + 1)),
                    manager_exists: manager.is_some_and(|m| self.employees.contains_key(&id(m))),
                    key: None,
                };
                self.apply(create(context, &reporting_to(manager), &by_ada()));
            }
            Step::Change(number, manager) => {
                let Some(before) = self.employees.get(&id(number)) else {
                    return;
                };
                let details = reporting_to(manager);
                let chain = self.chain(before.id, &details);
                let decision = change(before, details, chain.as_ref(), Version::FIRST, &by_ada());
                self.apply(decision);
            }
            Step::Delete(number) => {
                let Some(employee) = self.employees.get(&id(number)) else {
                    return;
                };
                let rule: DeleteRule = Box::new(|_| Ok(()));
                let decision = delete(employee, &rule, Version::FIRST, &by_ada());
                self.apply(decision);
            }
            Step::Restore(number, manager) => {
                if self.employees.contains_key(&id(number)) {
                    return;
                }
                let ends = self.histories.get(&id(number)).and_then(|entries| {
                    Some(HistoryEnds {
                        first: entries.first()?.clone(),
                        last: entries.last()?.clone(),
                    })
                });
                let details = reporting_to(manager);
                let chain = self.chain(id(number), &details);
                let decision = restore(
                    id(number),
                    ends,
                    &details,
                    chain.as_ref(),
                    Version::FIRST,
                    &by_ada(),
                );
                self.apply(decision);
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
    fn no_sequence_of_decisions_closes_a_circle_or_repeats_a_version(
        steps in prop::collection::vec(step(), 1..60)
    ) {
        let mut rows = Rows::default();
        for step in steps {
            rows.run(step.clone());
            prop_assert!(!rows.has_circle(), "{step:?}: {:?}", rows.employees);
        }
    }
}
