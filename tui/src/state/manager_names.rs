//! People whose names are shown but who are not in a loaded row.

use std::collections::BTreeMap;

use roster_common::{Employee, EmployeeId};

/// The people by id; each is loaded once.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ManagerNames {
    /// The cached records; `None` for deleted people.
    people: BTreeMap<EmployeeId, Option<Employee>>,
    /// The id being loaded.
    pub asked: Option<EmployeeId>,
}

impl ManagerNames {
    /// The person with this id.
    pub fn get(&self, id: EmployeeId) -> Option<&Employee> {
        self.people.get(&id)?.as_ref()
    }

    /// Whether the person with this id is known to be deleted.
    pub fn is_deleted(&self, id: EmployeeId) -> bool {
        self.people.get(&id).is_some_and(Option::is_none)
    }

    /// Whether this id is loaded or being loaded.
    pub fn is_settled(&self, id: EmployeeId) -> bool {
        self.asked == Some(id) || self.people.contains_key(&id)
    }

    /// Stores the answer for an id: a person, or none.
    pub fn put(&mut self, id: EmployeeId, person: Option<Employee>) {
        self.people.insert(id, person);
    }

    /// Updates a cached record.
    pub fn update(&mut self, employee: &Employee) {
        self.people
            .entry(employee.id)
            .and_modify(|person| *person = Some(employee.clone()));
    }
}
