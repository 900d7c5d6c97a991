//! Who is above a manager.

use roster_common::employee::{Details, EmployeeId};

use crate::rules::employees::ManagerChain;
use crate::store::replica::{Fault, Rows};

/// The chain above `id`, if the details name a manager. It ends at a person who has no manager, is
/// deleted, or is `id`.
pub(super) fn chain_above(
    rows: &dyn Rows,
    id: EmployeeId,
    details: &Details,
) -> Result<Option<ManagerChain>, Fault> {
    let Some(manager) = details.manager() else {
        return Ok(None);
    };
    let mut chain = ManagerChain {
        exists: rows.employee(manager)?.is_some(),
        ids: Vec::new(),
    };
    let mut above = Some(manager);
    while let Some(person) = above {
        chain.ids.push(person);
        // No write has ever closed a cycle, so it is only this one that could.
        if person == id {
            break;
        }
        let employee = rows.employee(person)?;
        above = employee.and_then(|employee| employee.details.manager());
    }
    Ok(Some(chain))
}
