//! The answer to a request with an idempotency key, by its user and key.

use roster_common::Username;
use roster_common::employee::Version;
use serde::{Deserialize, Serialize};

use super::{BadValue, StoredRow};
use crate::rules::idempotency::KeyedRequest;

/// The format of a [`KeyedRequest`].
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct RequestFormat {
    at: i64,
    digest: [u8; 32],
    id: u64,
    version: u64,
    json: Vec<u8>,
}

impl StoredRow for KeyedRequest {
    type Format<'r> = RequestFormat;
    type Key = (Username, String);
    const TABLE: &'static str = "requests";

    fn format(&self) -> impl Serialize {
        let Self {
            user: _,
            key: _,
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

    fn from_format(
        (user, key): (Username, String),
        format: RequestFormat,
    ) -> Result<Self, BadValue> {
        Ok(Self {
            user,
            key,
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

    fn request() -> KeyedRequest {
        KeyedRequest {
            user: "ada".parse().unwrap(),
            key: "k".into(),
            at: 1,
            digest: [2; 32],
            id: 3.try_into().unwrap(),
            version: Version::FIRST,
            json: b"{}".to_vec(),
        }
    }

    fn key() -> (Username, String) {
        ("ada".parse().unwrap(), "k".into())
    }

    #[test]
    fn the_bytes_of_a_request_are_fixed() {
        pin(
            &request(),
            key(),
            "010202020202020202020202020202020202020202020202020202020202020202020301027b7d",
        );
    }

    #[test]
    fn a_damaged_request_is_an_error() {
        refuses_damage(&request(), key);
    }
}
