//! The answer to a request with an idempotency key, by its user and key.

use roster_common::employee::{EmployeeId, Version};
use serde::{Deserialize, Serialize};

use super::{BadValue, Row};

/// The answer to a request with an idempotency key, for its repeats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct RequestRow {
    /// When the request came, in milliseconds since 1970.
    pub(in crate::store) at: i64,
    /// SHA-256 of its body.
    pub(in crate::store) digest: [u8; 32],
    /// The record that it created.
    pub(in crate::store) id: EmployeeId,
    /// The record's version at that time.
    pub(in crate::store) version: Version,
    /// The record's JSON at that time.
    pub(in crate::store) json: Vec<u8>,
}

/// The format of a [`RequestRow`].
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct RequestFormat {
    at: i64,
    digest: [u8; 32],
    id: u64,
    version: u64,
    json: Vec<u8>,
}

impl Row for RequestRow {
    type Format = RequestFormat;
    type Key = ();
    const TABLE: &'static str = "requests";

    fn format(&self) -> RequestFormat {
        let Self {
            at,
            digest,
            id,
            version,
            json,
        } = self;
        RequestFormat {
            at: *at,
            digest: *digest,
            id: id.get(),
            version: version.get(),
            json: json.clone(),
        }
    }

    fn from_format((): (), format: RequestFormat) -> Result<Self, BadValue> {
        Ok(Self {
            at: format.at,
            digest: format.digest,
            id: format.id.try_into()?,
            version: Version::new(format.version),
            json: format.json,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{pin, refuses_damage};
    use super::*;

    fn request() -> RequestRow {
        RequestRow {
            at: 1,
            digest: [2; 32],
            id: EmployeeId::try_from(3).unwrap(),
            version: Version::FIRST,
            json: b"{}".to_vec(),
        }
    }

    #[test]
    fn the_bytes_of_a_request_are_fixed() {
        pin(
            &request(),
            (),
            "010202020202020202020202020202020202020202020202020202020202020202020301027b7d",
        );
    }

    #[test]
    fn a_damaged_request_is_an_error() {
        refuses_damage(&request(), || ());
    }
}
