//! People whose names are shown though they are in no row that is here.

use std::collections::BTreeMap;

use roster_common::{Employee, EmployeeId};

/// The people by id, each of whom is asked for once.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ManagerNames {
    /// As they were last seen; nothing for who is gone.
    people: BTreeMap<EmployeeId, Option<Employee>>,
    /// The id being loaded.
    pub asked: Option<EmployeeId>,
}

impl ManagerNames {
    /// The person with this id.
    pub fn get(&self, id: EmployeeId) -> Option<&Employee> {
        self.people.get(&id)?.as_ref()
    }

    /// Whether there is no more to be found out about this id, for now.
    pub fn is_settled(&self, id: EmployeeId) -> bool {
        self.asked == Some(id) || self.people.contains_key(&id)
    }

    /// The answer about this id: a person, or that there is none.
    pub fn put(&mut self, id: EmployeeId, person: Option<Employee>) {
        self.people.insert(id, person);
    }

    /// Takes note of a record that was just read.
    pub fn update(&mut self, employee: &Employee) {
        self.people
            .entry(employee.id)
            .and_modify(|person| *person = Some(employee.clone()));
    }
}
