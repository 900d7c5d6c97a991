//! How far this server's memory has followed the log, and the one place that moves it on.

use std::sync::Arc;

use imbl::OrdSet;
use roster_common::employee::{EmployeeId, Version};
use tokio::sync::Mutex;
use tokio_postgres::Row;
use uuid::Uuid;

use super::connection::{Connection, SqlError};
use super::load::load;
use super::tables::unsigned;
use super::tail::{Tail, TailError, read_tail};
use crate::rules::audit::AuditKind;
use crate::store::AuditCount;
use crate::store::directory::Directory;
use crate::store::replica::{Accounts, ToPublish, View};

/// How many kinds of audit lines there are.
pub(super) const KINDS: usize = AuditKind::ALL.len();

/// A commit in the log, and the counters after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) serial: u64,
    /// Identifies the commit. Another database, or one that was restored, has another one under the
    /// same serial.
    pub(super) tx: Uuid,
    pub(super) counters: Counters,
}

/// Counters that every commit carries on in its log row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counters {
    /// The number from which on the next employee's id is looked for.
    pub(super) next_employee: u64,
    /// The number of the next line of the audit.
    pub(super) next_audit: u64,
    /// How many lines of each kind the audit has.
    pub(super) kept: [u64; KINDS],
    /// How many of each kind were dropped.
    pub(super) dropped: [u64; KINDS],
}

impl Counters {
    /// The lines of the audit, of each kind.
    pub(super) fn audit(&self) -> Vec<AuditCount> {
        let kinds = AuditKind::ALL.into_iter().zip(self.kept).zip(self.dropped);
        let count = |((kind, kept), dropped)| AuditCount {
            kind,
            kept,
            dropped,
        };
        kinds.map(count).collect()
    }
}

impl Position {
    /// From the first columns of a row: serial, tx and the counters.
    pub(super) fn of_row(row: &Row) -> Self {
        let counter = |column| unsigned(row.get(column));
        let of_kinds = |column| {
            let counts: Vec<i64> = row.get(column);
            std::array::from_fn(|kind| counts.get(kind).copied().map_or(0, unsigned))
        };
        Self {
            serial: counter(0),
            tx: row.get(1),
            counters: Counters {
                next_employee: counter(2),
                next_audit: counter(3),
                kept: of_kinds(4),
                dropped: of_kinds(5),
            },
        }
    }
}

/// Moves the memory on. The writer and the follower both read the log, and either may come first.
pub(super) struct Applier {
    view: Arc<View>,
    state: Mutex<State>,
}

/// What is known at a position, beside what readers see.
#[derive(Clone)]
pub(super) struct State {
    pub(super) position: Position,
    /// The employees who were deleted, and some who were restored: their ids are not given again.
    pub(super) deleted: OrdSet<EmployeeId>,
    /// The least version that a change of an employee may make.
    pub(super) version_floor: Version,
}

impl Applier {
    /// Begins with a view that shows this state.
    pub(super) fn new(view: Arc<View>, state: State) -> Self {
        Self {
            view,
            state: Mutex::new(state),
        }
    }

    pub(super) fn view(&self) -> &View {
        &self.view
    }

    pub(super) async fn position(&self) -> Position {
        self.state.lock().await.position
    }

    /// Shows what the tail of the log has. Returns the state after it.
    pub(super) async fn apply(&self, tail: Tail) -> State {
        let mut state = self.state.lock().await;
        let position = state.position;
        // The other reader of the log may have been faster, and have read more.
        if tail.before.contains(&position) {
            let known = position.serial;
            let news = tail
                .events
                .into_iter()
                .filter(|(serial, _)| *serial > known);
            self.view
                .publish_commits(tail.accounts, tail.records, tail.forgotten, news.collect());
            state.position = tail.end;
            state.deleted.extend(tail.deleted);
        }
        state.clone()
    }

    /// Shows a commit of this server that follows `before`. Returns `false` if the memory is no
    /// longer there.
    pub(super) async fn apply_own(
        &self,
        before: Position,
        after: Position,
        deleted: Vec<EmployeeId>,
        to_publish: ToPublish,
        writes: usize,
    ) -> bool {
        let mut state = self.state.lock().await;
        if state.position != before {
            return state.position == after;
        }
        self.view.next(after.serial, to_publish, writes).show();
        state.position = after;
        state.deleted.extend(deleted);
        true
    }

    /// Reads the log to its end.
    ///
    /// # Errors
    /// [`TailError`]
    pub(super) async fn catch_up(&self, connection: &Connection) -> Result<(), TailError> {
        loop {
            let (tail, is_partial) = read_tail(connection, self.position().await).await?;
            self.apply(tail).await;
            if !is_partial {
                return Ok(());
            }
        }
    }

    /// Loads everything again, and has every follower of events do the same. For a database whose
    /// past is not what this server has seen of it: it was restored, or lost commits in a failover.
    pub(super) async fn reload(&self, connection: &Connection) -> Result<(), SqlError> {
        let mut state = self.state.lock().await;
        let version = self.view.directory().version() + 1;
        let (found, accounts, directory) = load(connection, version).await?;
        self.view.reload(found.position.serial, |_| {
            Ok::<(Accounts, Directory), SqlError>((accounts, directory))
        })?;
        *state = found;
        Ok(())
    }
}
