//! The rows that the writes of a group need and that are not in memory, fetched before the first of
//! them runs.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use roster_common::api::RunId;
use roster_common::employee::{EmployeeId, Version};
use tokio_postgres::Row;

use super::connection::SqlError;
use super::position::KINDS;
use super::tables::{Command, command, employee_id, needs, plain, signed, unsigned};
use crate::rules::session::SessionId;
use crate::store::replica::{Job, Needs};

/// The user and the key of a request.
pub(super) type RequestKey = (String, String);

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

/// What some rows are for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Sessions,
    OpenSessions,
    Requests,
    Runs,
    History,
    OldestSessions,
    OldestRequests,
    /// At most so many of each kind of lines.
    OldestLines(usize),
}

/// What to ask for, and what the answers are for: nothing that no write needs, since each statement
/// takes the database time in which other servers wait for the lock.
pub(super) fn commands(jobs: &[Box<dyn Job>]) -> Vec<(Kind, Command)> {
    let all = needs_of_all(jobs);
    let mut commands = Vec::new();
    let mut ask = |is_needed, kind, command| {
        if is_needed {
            commands.push((kind, command));
        }
    };
    let users: Vec<_> = all.sessions_of.iter().map(ToString::to_string).collect();
    let (names, keys): (Vec<_>, Vec<_>) = all
        .requests
        .iter()
        .map(|(user, key)| (user.to_string(), key.clone()))
        .unzip();
    let histories: Vec<_> = all.histories.iter().map(|id| signed(id.get())).collect();
    let oldest = i64::try_from(all.oldest).unwrap_or(i64::MAX);
    ask(
        !all.sessions.is_empty(),
        Kind::Sessions,
        command!(needs::SESSIONS, all.sessions),
    );
    ask(
        !users.is_empty(),
        Kind::OpenSessions,
        command!(needs::OPEN_SESSIONS, users),
    );
    ask(
        !names.is_empty(),
        Kind::Requests,
        command!(needs::REQUESTS, names, keys),
    );
    ask(
        !histories.is_empty(),
        Kind::Requests,
        command!(needs::ANSWERS, histories.clone()),
    );
    ask(
        !histories.is_empty(),
        Kind::History,
        command!(needs::HISTORIES, histories),
    );
    ask(all.runs, Kind::Runs, plain(needs::RUNS));
    ask(
        oldest > 0,
        Kind::OldestSessions,
        command!(needs::OLDEST_SESSIONS, oldest),
    );
    ask(
        oldest > 0,
        Kind::OldestRequests,
        command!(needs::OLDEST_REQUESTS, oldest),
    );
    ask(
        oldest > 0,
        Kind::OldestLines(all.oldest),
        command!(needs::OLDEST_LINES, oldest),
    );
    commands
}

/// The needs of a whole group, which are fetched in one round trip: other servers wait for the lock
/// meanwhile.
fn needs_of_all(jobs: &[Box<dyn Job>]) -> Needs {
    let mut all = Needs {
        oldest: 0,
        ..Needs::default()
    };
    for needs in jobs.iter().map(|job| job.needs()) {
        all.sessions.extend_from_slice(&needs.sessions);
        all.sessions_of.extend_from_slice(&needs.sessions_of);
        all.requests.extend_from_slice(&needs.requests);
        all.histories.extend_from_slice(&needs.histories);
        all.runs |= needs.runs;
        all.oldest += needs.oldest;
    }
    all
}

impl Fetched {
    /// Adds the answer to one of the [`commands`].
    pub(super) fn add(&mut self, kind: Kind, rows: &[Row]) -> Result<(), SqlError> {
        for row in rows {
            match kind {
                Kind::Sessions => _ = self.sessions.insert(row.get(0), row.get(1)),
                Kind::OpenSessions => {
                    self.sessions.insert(row.get(0), row.get(1));
                    self.open_sessions.insert((row.get(2), row.get(0)));
                }
                Kind::Requests => {
                    let key = (row.get(0), row.get(1));
                    self.requests.insert(key, row.get(2));
                }
                Kind::Runs => {
                    let id = RunId::new(unsigned(row.get(0)));
                    self.runs.insert(id, row.get(1));
                }
                Kind::History => {
                    let key = (employee_id(row, 0)?, Version::new(unsigned(row.get(1))));
                    self.history.insert(key, row.get(2));
                }
                Kind::OldestSessions => {
                    self.oldest_sessions.insert((row.get(0), row.get(1)));
                }
                Kind::OldestRequests => {
                    let key = (row.get(1), row.get(2));
                    self.oldest_requests.insert((row.get(0), key));
                }
                Kind::OldestLines(_) => {
                    let kind = usize::try_from(row.get::<_, i32>(0)).unwrap_or(usize::MAX);
                    if let Some(lines) = self.oldest_lines.get_mut(kind) {
                        lines.insert(unsigned(row.get(1)), row.get(2));
                    }
                }
            }
        }
        if let Kind::OldestLines(most) = kind {
            // Fewer lines than were asked for are all that there are, so new lines can join them.
            self.has_all_lines = std::array::from_fn(|kind| {
                self.has_all_lines[kind] || self.oldest_lines[kind].len() < most
            });
        }
        Ok(())
    }
}
