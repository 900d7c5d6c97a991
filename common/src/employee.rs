//! An employee's record.
//!
//! - [`Field`] the table of the fields, and [`Kind`] the kinds of their values
//! - [`Details`] the validated values that users can edit
//! - [`EmployeeId`], [`Version`], [`Status`] the types of some values

mod details;
mod field;
mod id;
mod kind;
mod name;
mod status;
mod version;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use field::{Details, Field};
pub use id::{EmployeeId, InvalidId};
pub use kind::Kind;
pub use name::{full_name, is_east_asian};
pub use status::Status;
pub use version::Version;

/// An employee as the server sends it.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Employee {
    /// Its id.
    pub id: EmployeeId,
    /// The editable fields.
    #[serde(flatten)]
    pub details: Details,
    /// The version; each write increases it.
    pub version: Version,
    /// When it was created.
    #[cfg_attr(feature = "schema", schemars(schema_with = "crate::schema::timestamp"))]
    #[serde(with = "crate::time")]
    pub created: Timestamp,
    /// When it was last written.
    #[cfg_attr(feature = "schema", schemars(schema_with = "crate::schema::timestamp"))]
    #[serde(with = "crate::time")]
    pub updated: Timestamp,
    /// The username of the person who changed it last.
    #[serde(rename = "updatedBy")]
    pub updated_by: String,
}
