//! The kept moment, as numbers of the file.

use jiff::{SignedDuration, Timestamp};
use redb::Database;

use super::tables::meta;
use super::transaction::Tables;
use super::writer::number;
use crate::rules::session_clock::Moment;
use crate::store::replica::Fault;

/// Writes a moment. A time before 1970 is written as 1970.
pub(super) fn put(moment: &Moment, tables: &mut Tables<'_>) -> Result<(), Fault> {
    let stopped = i64::try_from(moment.stopped.as_millis()).unwrap_or(i64::MAX);
    for (name, millis) in [
        (meta::WALL_TIME, moment.wall.as_millisecond()),
        (meta::SESSION_TIME, moment.session.as_millisecond()),
        (meta::STOPPED, stopped),
    ] {
        tables.set_number(name, u64::try_from(millis).unwrap_or(0))?;
    }
    Ok(())
}

/// Reads the moment; `None` if none was kept.
pub(super) fn load(database: &Database) -> Result<Option<Moment>, Fault> {
    let millis = |name| -> Result<Option<i64>, Fault> {
        Ok(number(database, name)?.and_then(|millis| i64::try_from(millis).ok()))
    };
    let time = |name| -> Result<Option<Timestamp>, Fault> {
        Ok(millis(name)?.and_then(|millis| Timestamp::from_millisecond(millis).ok()))
    };
    let stopped = millis(meta::STOPPED)?.unwrap_or(0);
    let both = time(meta::WALL_TIME)?.zip(time(meta::SESSION_TIME)?);
    Ok(both.map(|(wall, session)| Moment {
        wall,
        session,
        stopped: SignedDuration::from_millis(stopped),
    }))
}
