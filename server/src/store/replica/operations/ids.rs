//! The ids of new employees.

use roster_common::employee::EmployeeId;

use crate::store::replica::{Fault, Rows};

/// The next ids, in the order in which they are given, at most `count`: those that nobody has or
/// had after the latest, and once an import has brought the greatest one, the least that are left.
///
/// `next` is [`Rows::next_employee`].
pub(super) fn free_ids(rows: &dyn Rows, next: u64, count: usize) -> Result<Vec<EmployeeId>, Fault> {
    let mut ids = rows.unused_ids(next..=EmployeeId::MAX, count)?;
    let missing = count - ids.len();
    if missing > 0 {
        let last = next.saturating_sub(1).min(EmployeeId::MAX);
        ids.extend(rows.unused_ids(1..=last, missing)?);
    }
    Ok(ids)
}
