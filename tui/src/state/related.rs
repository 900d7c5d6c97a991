//! What the open record shows beyond its fields: the person's reports and the last changes.

use roster_common::EmployeeId;

use crate::remote::Related;

/// The reports and the last changes of one person, once they are loaded.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RelatedToRecord {
    person: Option<EmployeeId>,
    has_rested: bool,
    loaded: Option<Related>,
}

impl RelatedToRecord {
    /// Those of a person, to be loaded.
    pub fn to(person: EmployeeId) -> Self {
        Self {
            person: Some(person),
            ..Self::default()
        }
    }

    /// The cursor rests on the person.
    pub fn rest(&mut self) {
        self.has_rested = true;
    }

    /// Whether the cursor has rested on this person.
    pub fn has_rested(&self, person: EmployeeId) -> bool {
        self.is_about(person) && self.has_rested
    }

    /// Whether this is about a person.
    pub fn is_about(&self, person: EmployeeId) -> bool {
        self.person == Some(person)
    }

    /// What is known about a person.
    pub fn of(&self, person: EmployeeId) -> Option<&Related> {
        self.loaded.as_ref().filter(|_| self.is_about(person))
    }

    /// Stores an answer, unless it is about somebody else.
    pub fn put(&mut self, person: EmployeeId, related: Related) {
        if self.is_about(person) {
            self.loaded = Some(related);
        }
    }
}
