//! Why a change is refused. A refused change writes nothing.

use roster_common::employee::{Employee, EmployeeId, Field};
use roster_common::problem::{FieldError, Rule};

use super::preconditions::Unmet;

/// Why a change of an account was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountRefusal {
    /// There is no such account.
    Unknown,
    /// No admin who can sign in would be left.
    LastAdmin,
}

/// Why a change of an employee was refused.
#[derive(Debug, Clone, PartialEq)]
pub enum Refused {
    /// There is no such record.
    NotFound,
    /// The record has changed since the version that the client names. This is the current one.
    Stale(Box<Employee>),
    /// Another precondition does not hold for the record, which is the current one.
    Precondition(Unmet, Box<Employee>),
    /// Fields break a rule.
    Invalid(Vec<FieldError>),
    /// The idempotency key was used for another request in the last 24 hours.
    KeyReused,
}

/// No employee has the manager's id.
pub fn unknown_manager() -> FieldError {
    FieldError::new(
        Field::Manager.name(),
        Rule::NotFound,
        "No employee with this id.",
    )
}

/// No row of the import begins on the line of the manager.
pub fn nobody_on_line() -> FieldError {
    FieldError::new("managerLine", Rule::NotFound, "No row begins on this line.")
}

/// The manager reports, directly or not, to the employee.
pub fn manager_cycle() -> FieldError {
    FieldError::new(
        Field::Manager.name(),
        Rule::Circle,
        "This would create a reporting loop.",
    )
}

/// The manager is the employee.
pub fn own_manager() -> FieldError {
    FieldError::new(
        Field::Manager.name(),
        Rule::Circle,
        "An employee cannot report to themselves.",
    )
}

/// Another employee has the personnel number.
pub fn number_of(holder: EmployeeId) -> FieldError {
    let message = format!("Employee {holder} already has this number.");
    FieldError::new(Field::Number.name(), Rule::Taken, message)
}

/// An earlier row of the import has the personnel number.
pub fn number_of_earlier_row() -> FieldError {
    let message = "An earlier row has this number.";
    FieldError::new(Field::Number.name(), Rule::Taken, message)
}

/// Every id has been used.
pub fn out_of_ids() -> FieldError {
    FieldError::new("id", Rule::Taken, "No more ids are available.")
}
