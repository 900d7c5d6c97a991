//! A session, by its id.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::numbers::Numbered;
use super::{BadValue, StoredRow};
use crate::rules::session::Session;

/// The format of a [`Session`]. Times are milliseconds since 1970.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct SessionFormat {
    user: String,
    created: i64,
    generation: u64,
    issued: i64,
    expires: i64,
    jti: Uuid,
    kid: String,
    digest: [u8; 32],
    seen: Option<i64>,
    earlier: Vec<(u64, i64)>,
    latest: i64,
    ended: Option<(i64, u8)>,
    address: String,
    client: String,
}

impl StoredRow for Session {
    type Format<'r> = SessionFormat;
    type Key = u128;
    const TABLE: &'static str = "sessions";

    fn format(&self) -> impl Serialize {
        // Without `..`, so that a new member is stored or left out on purpose.
        let Self {
            id: _,
            user,
            created,
            generation,
            issued,
            expires,
            jti,
            kid,
            digest,
            seen,
            earlier,
            latest,
            ended,
            address,
            client,
        } = self;
        let earlier = earlier
            .iter()
            .map(|(generation, seen)| (*generation, seen.as_millisecond()));
        SessionFormat {
            user: user.as_str().to_owned(),
            created: created.as_millisecond(),
            generation: *generation,
            issued: issued.as_millisecond(),
            expires: expires.as_millisecond(),
            jti: *jti,
            kid: kid.clone(),
            digest: *digest,
            seen: seen.map(Timestamp::as_millisecond),
            earlier: earlier.collect(),
            latest: latest.as_millisecond(),
            ended: ended.map(|(at, why)| (at.as_millisecond(), why.number())),
            address: address.clone(),
            client: client.clone(),
        }
    }

    fn from_format(id: u128, format: SessionFormat) -> Result<Self, BadValue> {
        let time = Timestamp::from_millisecond;
        let mut earlier = Vec::with_capacity(format.earlier.len());
        for (generation, seen) in format.earlier {
            earlier.push((generation, time(seen)?));
        }
        let ended = match format.ended {
            Some((at, why)) => Some((time(at)?, Numbered::from_number(why)?)),
            None => None,
        };
        Ok(Self {
            id: Uuid::from_u128(id),
            user: format.user.parse()?,
            created: time(format.created)?,
            generation: format.generation,
            issued: time(format.issued)?,
            expires: time(format.expires)?,
            jti: format.jti,
            kid: format.kid,
            digest: format.digest,
            seen: format.seen.map(time).transpose()?,
            earlier,
            latest: time(format.latest)?,
            ended,
            address: format.address,
            client: format.client,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{pin, refuses_damage};
    use super::*;
    use crate::rules::session::EndReason;

    fn time(millisecond: i64) -> Timestamp {
        Timestamp::from_millisecond(millisecond).unwrap()
    }

    fn session() -> Session {
        Session {
            id: Uuid::from_u128(9),
            user: "ada".parse().unwrap(),
            created: time(1),
            generation: 2,
            issued: time(3),
            expires: time(4),
            jti: Uuid::from_u128(5),
            kid: "k".into(),
            digest: [6; 32],
            seen: Some(time(7)),
            earlier: vec![(8, time(9))],
            latest: time(10),
            ended: Some((time(11), EndReason::Reuse)),
            address: "::1".into(),
            client: "c".into(),
        }
    }

    #[test]
    fn the_bytes_of_a_session_are_fixed() {
        pin(
            &session(),
            9,
            "0103616461020206081000000000000000000000000000000005016b0606060606060606060606060606060606060606060606060606060606060606010e01081214011602033a3a310163",
        );
        let fresh = Session {
            seen: None,
            earlier: vec![],
            ended: None,
            ..session()
        };
        pin(
            &fresh,
            9,
            "0103616461020206081000000000000000000000000000000005016b060606060606060606060606060606060606060606060606060606060606060600001400033a3a310163",
        );
    }

    #[test]
    fn a_damaged_session_is_an_error() {
        refuses_damage(&session(), || 9);
    }
}
