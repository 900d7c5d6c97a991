//! Who made a change, and when.

use jiff::Timestamp;
use roster_common::Username;

/// Who made a change, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribution {
    /// The account that made it.
    pub by: Username,
    /// The time of the request.
    pub at: Timestamp,
}
