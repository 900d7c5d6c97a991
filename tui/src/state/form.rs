//! A record while it is written.

use std::collections::BTreeMap;

use roster_common::{Changes, Employee, Field, FieldError, Status};

use super::text::Line;

/// A form for a new record, or for the changes of one.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    /// What becomes of it.
    pub purpose: Purpose,
    /// One line a field, in the order of [`Field::ALL`].
    pub lines: BTreeMap<Field, Line>,
    /// The field that is being written.
    pub focus: Field,
    /// The fields that have been left once, and whose errors may be shown.
    pub visited: Vec<Field>,
    /// What the server says about values that pass the rules here; gone when the value is changed.
    pub refused: BTreeMap<Field, String>,
    /// Whether the server is being asked.
    pub saving: bool,
    /// Whether its answer is lost: it may be saved, and is not sent again before that is known.
    pub lost: bool,
}

/// What becomes of a form when it is saved.
#[derive(Debug, Clone, PartialEq)]
pub enum Purpose {
    /// A new record. The key makes a repeat harmless.
    Create {
        /// The idempotency key.
        key: String,
    },
    /// Changes of this record, as it was read.
    Edit(Box<Employee>),
}

impl Form {
    /// An empty form.
    pub fn create(key: String) -> Self {
        let mut form = Self::with(Purpose::Create { key }, |_| String::new());
        form.lines.insert(Field::Status, Line::new(Status::default().as_str()));
        form
    }

    /// A form that holds a record.
    pub fn edit(employee: Employee) -> Self {
        let details = employee.details.clone();
        Self::with(Purpose::Edit(Box::new(employee)), |field| details.text(field).into_owned())
    }

    fn with(purpose: Purpose, text: impl Fn(Field) -> String) -> Self {
        Self {
            purpose,
            lines: Field::ALL.into_iter().map(|field| (field, Line::new(text(field)))).collect(),
            focus: Field::Firstname,
            visited: Vec::new(),
            refused: BTreeMap::new(),
            saving: false,
            lost: false,
        }
    }

    /// Whose record it is, or is to be.
    pub fn name(&self) -> String {
        match &self.purpose {
            Purpose::Create { .. } => format!("{} {}", self.text(Field::Firstname), self.text(Field::Lastname)),
            Purpose::Edit(base) => base.details.full_name(),
        }
    }

    /// The text of a field.
    pub fn text(&self, field: Field) -> &str {
        self.lines.get(&field).map_or("", Line::text)
    }

    /// The line that is being written.
    pub fn line(&mut self) -> &mut Line {
        self.lines.entry(self.focus).or_default()
    }

    /// What the form asks to set: every value of a new record, and the differences of one that exists.
    pub fn changes(&self) -> Changes {
        let mut changes = Changes::default();
        for field in Field::ALL {
            let text = self.text(field);
            match &self.purpose {
                Purpose::Create { .. } if text.is_empty() => {}
                Purpose::Edit(base) if base.details.text(field) == text => {}
                _ => changes.set(field, text),
            }
        }
        changes
    }

    /// Whether leaving the form would lose something.
    pub fn is_changed(&self) -> bool {
        match &self.purpose {
            Purpose::Edit(_) => !self.changes().is_empty(),
            Purpose::Create { .. } => self.changes().iter().any(|(field, _)| field != Field::Status),
        }
    }

    /// What is wrong with a field: by the rules, or by the server's word.
    pub fn error(&self, field: Field) -> Option<String> {
        let by_rule = field.check(self.text(field)).err().map(|error| error.message);
        by_rule.or_else(|| self.refused.get(&field).cloned())
    }

    /// What is wrong with a field, once the person has had the time to write it: an address is none until its
    /// last letter.
    pub fn shown_error(&self, field: Field) -> Option<String> {
        self.visited.contains(&field).then(|| self.error(field)).flatten()
    }

    /// The first field with an error.
    pub fn first_error(&self) -> Option<Field> {
        Field::ALL.into_iter().find(|field| self.error(*field).is_some())
    }

    /// Notes what the server refuses; what belongs to no field is given back.
    pub fn refuse(&mut self, errors: &[FieldError]) -> Vec<FieldError> {
        let (named, other): (Vec<_>, Vec<_>) =
            errors.iter().cloned().partition(|error| Field::from_name(&error.field).is_some());
        self.refused =
            named.into_iter().filter_map(|error| Some((Field::from_name(&error.field)?, error.message))).collect();
        self.visited = Field::ALL.to_vec();
        self.focus = self.first_error().unwrap_or(self.focus);
        other
    }
}
