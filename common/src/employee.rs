//! An employee's record.
//!
//! - [`Field`] the table of the fields, and [`Kind`] what their values are
//! - [`Details`] the values that people write, checked
//! - [`EmployeeId`], [`Version`], [`Status`] the types of some values

mod details;
mod field;
mod id;
mod kind;
mod status;
mod version;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use field::{Details, Field};
pub use id::{EmployeeId, InvalidId};
pub use kind::Kind;
pub use status::Status;
pub use version::Version;

/// An employee as the server sends it.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Employee {
    /// Its number.
    pub id: EmployeeId,
    /// The editable fields.
    #[serde(flatten)]
    pub details: Details,
    /// The version; each write increases it.
    pub version: Version,
    /// When it was created.
    #[cfg_attr(feature = "schema", schemars(schema_with = "crate::schema::timestamp"))]
    pub created: Timestamp,
    /// When it was last written.
    #[cfg_attr(feature = "schema", schemars(schema_with = "crate::schema::timestamp"))]
    pub updated: Timestamp,
    /// The username of whoever changed it last.
    #[serde(rename = "updatedBy")]
    pub updated_by: String,
}
