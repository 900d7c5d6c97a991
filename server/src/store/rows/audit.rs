//! An entry of the audit, by its number.

use jiff::Timestamp;
use roster_common::history::AuditEntry;
use serde::{Deserialize, Serialize};

use super::numbers::Numbered;
use super::{BadValue, StoredRow};

/// The format of an [`AuditEntry`].
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct AuditFormat {
    /// Milliseconds since 1970.
    at: i64,
    by: Option<String>,
    what: u8,
    target: Option<String>,
    address: Option<String>,
    note: Option<String>,
}

impl StoredRow for AuditEntry {
    type Format<'r> = AuditFormat;
    type Key = u64;
    const TABLE: &'static str = "audit";

    fn format(&self) -> impl Serialize {
        let Self {
            id: _,
            at,
            by,
            what,
            target,
            address,
            note,
        } = self;
        AuditFormat {
            at: at.as_millisecond(),
            by: by.clone(),
            what: what.number(),
            target: target.clone(),
            address: address.clone(),
            note: note.clone(),
        }
    }

    fn from_format(id: u64, format: AuditFormat) -> Result<Self, BadValue> {
        Ok(Self {
            id,
            at: Timestamp::from_millisecond(format.at)?,
            by: format.by,
            what: Numbered::from_number(format.what)?,
            target: format.target,
            address: format.address,
            note: format.note,
        })
    }
}

#[cfg(test)]
mod tests {
    use roster_common::history::AuditAction;

    use super::super::tests::{pin, refuses_damage};
    use super::*;

    fn refused() -> AuditEntry {
        AuditEntry {
            id: 4,
            at: Timestamp::from_millisecond(1_000).unwrap(),
            by: None,
            what: AuditAction::SignInRefused,
            target: None,
            address: Some("::1".into()),
            note: None,
        }
    }

    #[test]
    fn the_bytes_of_an_audit_entry_are_fixed() {
        pin(&refused(), 4, "01d00f00010001033a3a3100");
        let role_changed = AuditEntry {
            by: Some("ada".into()),
            what: AuditAction::RoleChanged,
            target: Some("bob".into()),
            address: None,
            note: Some("n".into()),
            ..refused()
        };
        pin(&role_changed, 4, "01d00f0103616461080103626f620001016e");
    }

    #[test]
    fn a_damaged_entry_or_one_of_an_unknown_action_is_an_error() {
        refuses_damage(&refused(), || 4);
        let error = AuditEntry::from_row(4, &[1, 0, 0, 99, 0, 0, 0]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "invalid row in audit: 99 is not a valid AuditAction"
        );
    }
}
