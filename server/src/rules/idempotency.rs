//! Repeats of a request under the same `Idempotency-Key`: they get the answer of the first.

use jiff::{SignedDuration, Timestamp};
use roster_common::Username;
use roster_common::employee::{EmployeeId, Version};

use super::attribution::Attribution;
use super::record::Record;
use super::refusal::Refused;

/// How long a key is remembered.
pub const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// How many old requests a new one purges, so that their number falls and no request waits long.
pub const PURGED_AT_ONCE: usize = 16;

/// The name that a client gave its request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// What the client sent, unique among the requests of its user.
    pub key: String,
    /// SHA-256 of the request's body.
    pub digest: [u8; 32],
}

/// A request that was answered, kept for its repeats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyedRequest {
    /// Who sent it.
    pub user: Username,
    /// The key it was sent under.
    pub key: String,
    /// The millisecond at which it came.
    pub at: i64,
    /// SHA-256 of its body.
    pub digest: [u8; 32],
    /// The record that it created.
    pub id: EmployeeId,
    /// The record's version then.
    pub version: Version,
    /// The record's JSON then.
    pub json: Vec<u8>,
}

impl KeyedRequest {
    /// Remembers the answer to a request.
    pub fn new(key: &IdempotencyKey, created: &Record, attribution: &Attribution) -> Self {
        Self {
            user: attribution.by.clone(),
            key: key.key.clone(),
            at: attribution.at.as_millisecond(),
            digest: key.digest,
            id: created.id,
            version: created.version,
            json: created.json.to_vec(),
        }
    }

    /// The request without anything of its record. Its repeat is refused as that of another body
    /// is.
    pub fn forgotten(self) -> Self {
        Self {
            digest: [0; 32],
            json: Vec::new(),
            ..self
        }
    }
}

/// The answer to a request under a key that `known` has used. `None` if it is new, or the key is
/// forgotten.
pub fn repeated(
    known: Option<KeyedRequest>,
    key: &IdempotencyKey,
    now: Timestamp,
) -> Option<Result<Record, Refused>> {
    let known = known.filter(|known| known.at > forgotten_before(now))?;
    if known.digest != key.digest {
        return Some(Err(Refused::KeyReused));
    }
    Some(Ok(Record {
        id: known.id,
        version: known.version,
        json: known.json.into(),
    }))
}

/// Requests up to this millisecond are forgotten.
pub fn forgotten_before(now: Timestamp) -> i64 {
    now.checked_sub(REMEMBERED)
        .unwrap_or(Timestamp::MIN)
        .as_millisecond()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_answers_its_own_request_for_a_day_and_refuses_another() {
        let request = KeyedRequest {
            user: "ada".parse().unwrap(),
            key: "k".into(),
            at: 0,
            digest: [1; 32],
            id: 1.try_into().unwrap(),
            version: Version::FIRST,
            json: b"{}".to_vec(),
        };
        let answer = Record {
            id: request.id,
            version: request.version,
            json: "{}".into(),
        };
        let day = REMEMBERED.as_secs();
        for (digest, second, expected) in [
            (1, 0, Some(Ok(answer.clone()))),
            (1, day - 1, Some(Ok(answer))),
            (1, day, None),
            (2, 0, Some(Err(Refused::KeyReused))),
            (2, day, None),
        ] {
            let key = IdempotencyKey {
                key: "k".into(),
                digest: [digest; 32],
            };
            let now = Timestamp::from_second(second).unwrap();
            let repeat = repeated(Some(request.clone()), &key, now);
            assert_eq!(repeat, expected, "{digest} after {second} s");
            assert_eq!(repeated(None, &key, now), None);
        }
    }
}
