//! Employees who must be there. Those who were deleted are reported as such.

use roster_common::{Code, Employee, EmployeeId};

use crate::cli::failure::Failure;
use crate::client::Client;
use crate::remote::ClientError;

/// Finds an employee.
pub(super) async fn existing(id: EmployeeId, client: &Client) -> Result<Employee, Failure> {
    match client.employee(id).await {
        Ok(employee) => Ok(employee),
        Err(error) => Err(explained(id, error, client).await),
    }
}

/// A failed call about an employee, which may have failed because they were deleted.
pub(super) async fn explained(id: EmployeeId, error: ClientError, client: &Client) -> Failure {
    let is_missing =
        matches!(&error, ClientError::Refused(problem) if problem.code == Code::EmployeeNotFound);
    if !is_missing {
        return Failure::Client(error);
    }
    // Only an explanation: if there is no answer, the failure is reported without it.
    let newest = client.history(id, None, 1).await.ok();
    let newest = newest.and_then(|mut entries| entries.pop());
    match newest.and_then(|entry| entry.deleted_values()) {
        Some(_) => Failure::Deleted { id, error },
        None => Failure::Client(error),
    }
}
