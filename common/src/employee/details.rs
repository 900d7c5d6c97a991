//! The validated values of a record.

use std::borrow::Cow;

use jiff::civil::Date;

use super::field::{Details, Field};
use super::id::EmployeeId;
use super::name::{full_name, is_family_first};
use super::status::Status;
use crate::field_error::{FieldError, Rule};
use crate::text;

impl Details {
    /// Validates a value for each field and builds the details, or returns all errors.
    pub(crate) fn check<'a>(
        value: impl Fn(Field) -> Cow<'a, str>,
    ) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let checked = Field::ALL.map(|field| {
            let checked = field.checked(value(field).into_owned());
            checked.unwrap_or_else(|error| {
                errors.push(error);
                String::new()
            })
        });
        if !errors.is_empty() {
            return Err(errors);
        }
        // `from_stored` asks for the fields in the order of `Field::ALL`, in which they were
        // checked.
        let mut texts = checked.into_iter();
        let unreadable = |field: Field| {
            let message = "This value cannot be stored.";
            vec![FieldError::new(field.name(), Rule::Format, message)]
        };
        Self::from_stored(|_| texts.next().unwrap_or_default()).map_err(unreadable)
    }

    /// Given name.
    pub fn firstname(&self) -> &str {
        &self.firstname
    }

    /// Family name.
    pub fn lastname(&self) -> &str {
        &self.lastname
    }

    /// The manager's id.
    pub fn manager(&self) -> Option<EmployeeId> {
        self.manager
    }

    /// The same details with another manager.
    #[must_use]
    pub fn with_manager(self, manager: EmployeeId) -> Self {
        Self {
            manager: Some(manager),
            ..self
        }
    }

    /// The same, without a manager.
    pub fn without_manager(self) -> Self {
        Self {
            manager: None,
            ..self
        }
    }

    /// The employment status; `None` if only a newer server knows it.
    pub fn status(&self) -> Option<Status> {
        self.status.known()
    }

    /// The personnel number.
    pub fn number(&self) -> Option<&str> {
        self.number.as_deref()
    }

    /// The form in which personnel numbers are compared: without case and accents. No two employees
    /// have the same.
    pub fn number_key(&self) -> Option<String> {
        self.number().map(text::folded)
    }

    /// The email address.
    pub fn email(&self) -> Option<&str> {
        self.email.as_deref()
    }

    /// The first day of work.
    pub fn hired(&self) -> Option<Date> {
        self.hired
    }

    /// Both names in the order of their script: `Maya Castro`, `王敏`.
    pub fn full_name(&self) -> String {
        full_name(&self.firstname, &self.lastname)
    }

    /// Both names, the family name first: `Castro, Maya`, `王敏`.
    pub fn listed_name(&self) -> String {
        if is_family_first(&self.firstname, &self.lastname) {
            self.full_name()
        } else {
            format!("{}, {}", self.lastname, self.firstname)
        }
    }
}
