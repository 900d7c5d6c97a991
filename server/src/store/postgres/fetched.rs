//! The rows that the writes of a group need and that are not in memory, fetched before the first of
//! them runs.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use roster_common::api::RunId;
use roster_common::employee::{EmployeeId, Version};
use tokio_postgres::Row;

use super::connection::SqlError;
use super::position::KINDS;
use super::tables::{Command, command, employee_id, needs, signed, unsigned};
use crate::rules::session::SessionId;
use crate::store::replica::{Job, Needs};

/// The user and the key of a request.
pub(super) type RequestKey = (String, String);

/// How many of the oldest rows of a kind are fetched for each write of a group: those are the ones
/// that may be purged. More than one, so that their number falls.
const OLDEST: usize = 4;

/// The rows of a group, as they are stored: one that cannot be read fails only the write that asks
/// for it.
#[derive(Default)]
pub(super) struct Fetched {
    pub(super) sessions: HashMap<SessionId, Vec<u8>>,
    /// The sessions that have not ended, by their user.
    pub(super) open_sessions: BTreeSet<(String, SessionId)>,
    pub(super) requests: HashMap<RequestKey, Vec<u8>>,
    pub(super) runs: BTreeMap<RunId, Vec<u8>>,
    pub(super) history: BTreeMap<(EmployeeId, Version), Vec<u8>>,
    /// By the millisecond of their creation.
    pub(super) oldest_sessions: BTreeSet<(i64, SessionId)>,
    /// By their millisecond.
    pub(super) oldest_requests: BTreeSet<(i64, RequestKey)>,
    /// The oldest lines of the audit, of each kind: their numbers, and the millisecond of each.
    pub(super) oldest_lines: [BTreeMap<u64, i64>; KINDS],
    /// Whether these are all lines of the kind.
    pub(super) has_all_lines: [bool; KINDS],
}

/// What to ask for, so that [`parse`] can read the answers.
pub(super) fn commands(jobs: &[Box<dyn Job>]) -> Vec<Command> {
    // One round trip for the whole group, since other servers wait for the lock meanwhile.
    let mut all = Needs::default();
    for needs in jobs.iter().map(|job| job.needs()) {
        all.sessions.extend_from_slice(&needs.sessions);
        all.sessions_of.extend_from_slice(&needs.sessions_of);
        all.requests.extend_from_slice(&needs.requests);
        all.histories.extend_from_slice(&needs.histories);
        all.runs |= needs.runs;
    }
    let users: Vec<_> = all.sessions_of.iter().map(ToString::to_string).collect();
    let (names, keys): (Vec<_>, Vec<_>) = all
        .requests
        .iter()
        .map(|(user, key)| (user.to_string(), key.clone()))
        .unzip();
    let histories: Vec<_> = all.histories.iter().map(|id| signed(id.get())).collect();
    let oldest = i64::try_from(most_oldest(jobs)).unwrap_or(i64::MAX);
    vec![
        command!(needs::SESSIONS, all.sessions),
        command!(needs::OPEN_SESSIONS, users),
        command!(needs::REQUESTS, names, keys),
        command!(needs::ANSWERS, histories.clone()),
        command!(needs::RUNS, all.runs),
        command!(needs::HISTORIES, histories),
        command!(needs::OLDEST_SESSIONS, oldest),
        command!(needs::OLDEST_REQUESTS, oldest),
        command!(needs::OLDEST_LINES, oldest),
    ]
}

/// How many of the oldest rows of a kind are fetched.
fn most_oldest(jobs: &[Box<dyn Job>]) -> usize {
    let declared = jobs.iter().map(|job| job.needs().oldest);
    jobs.len() * OLDEST + declared.sum::<usize>()
}

/// Reads the answers to [`commands`].
pub(super) fn parse(jobs: &[Box<dyn Job>], results: &[Vec<Row>]) -> Result<Fetched, SqlError> {
    let [
        sessions,
        open,
        requests,
        answers,
        runs,
        history,
        oldest @ ..,
    ] = results
    else {
        return Err(SqlError::Empty);
    };
    let [oldest_sessions, oldest_requests, lines] = oldest else {
        return Err(SqlError::Empty);
    };
    let mut fetched = Fetched::default();
    for row in sessions.iter().chain(open) {
        fetched.sessions.insert(row.get(0), row.get(1));
    }
    for row in open {
        fetched.open_sessions.insert((row.get(2), row.get(0)));
    }
    for row in requests.iter().chain(answers) {
        fetched
            .requests
            .insert((row.get(0), row.get(1)), row.get(2));
    }
    for row in runs {
        let id = RunId::new(unsigned(row.get(0)));
        fetched.runs.insert(id, row.get(1));
    }
    for row in history {
        let key = (employee_id(row, 0)?, Version::new(unsigned(row.get(1))));
        fetched.history.insert(key, row.get(2));
    }
    for row in oldest_sessions {
        fetched.oldest_sessions.insert((row.get(0), row.get(1)));
    }
    for row in oldest_requests {
        let key = (row.get(1), row.get(2));
        fetched.oldest_requests.insert((row.get(0), key));
    }
    for row in lines {
        let kind = usize::try_from(row.get::<_, i32>(0)).unwrap_or(usize::MAX);
        if let Some(lines) = fetched.oldest_lines.get_mut(kind) {
            lines.insert(unsigned(row.get(1)), row.get(2));
        }
    }
    // Fewer lines than were asked for are all that there are, so new lines can join them.
    let most = most_oldest(jobs);
    fetched.has_all_lines = std::array::from_fn(|kind| fetched.oldest_lines[kind].len() < most);
    Ok(fetched)
}
