//! What the server remembers, as the rest of it sees it: six small traits under one, [`Store`].
//!
//! Each method is one transaction. A decision that must be made inside a transaction is a function
//! that may run twice, and has no effect but its result. Nothing here assumes that there is only
//! one process.
//!
//! - A write is answered when it is durable, and every later read on the same server sees it.
//! - A read sees one committed state. It may miss what another server committed in the last second,
//!   and fails rather than answer from an older state.
//!
//! The modules: [`replica`] implements the traits for any database and keeps the committed state in
//! memory; `directory` is its index of employees; [`redb`] and [`postgres`] are the databases;
//! `check` compares all rows of a database with each other, and `transfer` moves them
//! to another one.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use jiff::{SignedDuration, Timestamp};
use roster_common::api::{FieldValue, RunId};
use roster_common::employee::{Details, EmployeeId, Field, Version};
use roster_common::history::{AuditEntry, HistoryEntry};
use roster_common::query::{Filter, Sort};
use roster_common::{FieldError, Query, Role, Username};
use subtle::ConstantTimeEq;

use crate::metrics::Histogram;
use crate::rules::session::{EndReason, Limits, Presented, Session, SessionId};
use crate::rules::session_clock::Moment;

mod check;
mod directory;
mod event_number;
pub mod postgres;
mod records;
pub mod redb;
pub mod replica;
mod rows;
pub mod transfer;

pub use self::check::Report;
pub use self::event_number::{EventNumber, NotAnEventNumber, NumberedEvent};
pub use self::records::{Page, PageError, Records};
pub use crate::rules::account::{Account, PasswordHash};
pub use crate::rules::accounts::AccountChanges;
pub use crate::rules::attribution::Attribution;
pub use crate::rules::audit::{AuditKind, AuditLine, AuditRetention};
pub use crate::rules::employees::{ChangeRule, DeleteRule};
pub use crate::rules::idempotency::IdempotencyKey;
pub use crate::rules::import::{
    Above, PackedRows, Plan, PlanOptions, Planned, Resumed, SliceSteps, Sliced, Step, StepOutcome,
    Target, ValidRow,
};
pub use crate::rules::merge::{MergeRule, Pair};
pub use crate::rules::record::Record;
pub use crate::rules::refusal::{AccountRefusal, Refused};
pub use crate::rules::runs::{Checkpoint, Run, RunRefusal, RunSlice, RunStep};
pub use crate::rules::sessions::{SessionOutcome, SessionRule, SessionSelector, SignInProof};
pub use crate::rules::undo::{UndoStep, Undone};

/// The store failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// It cannot write now, for example because the disk is full. It may recover by itself.
    #[error("cannot write to the store: {0}")]
    Unwritable(String),
    /// It cannot be read, or holds what it should not.
    #[error("cannot read the store: {0}")]
    Unreadable(String),
    /// This server has not heard from the database for so long that other servers may have changed
    /// what it has in memory.
    #[error("out of touch with the database")]
    NotFresh,
    /// It has been closed.
    #[error("the store is closed")]
    Closed,
}

/// What a store returns.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Everything that the server remembers.
pub trait Store:
    AccountStore + SessionStore + EmployeeStore + RunStore + HistoryStore + StoreMonitor
{
}

impl<S> Store for S where
    S: AccountStore + SessionStore + EmployeeStore + RunStore + HistoryStore + StoreMonitor
{
}

/// The accounts.
#[async_trait]
pub trait AccountStore: Send + Sync + 'static {
    /// The account with that name.
    async fn account(&self, name: &Username) -> Result<Option<Account>>;

    /// All accounts, by name.
    async fn accounts(&self) -> Result<Vec<Account>>;

    /// Adds an account, created by `by` at [`Account::created`]. Returns `false` if the name is
    /// taken.
    async fn add_account(&self, account: Account, by: Username) -> Result<bool>;

    /// Updates an account and returns it. Disabling it or changing its password ends all its
    /// sessions.
    async fn change_account(
        &self,
        name: &Username,
        changes: AccountChanges,
        attribution: Attribution,
    ) -> Result<std::result::Result<Account, AccountRefusal>>;

    /// Replaces the password of the account that asks, and ends its sessions but `keep`. Returns
    /// `false`, and changes nothing, if the password is no longer `current`.
    async fn change_password(
        &self,
        current: PasswordHash,
        new: PasswordHash,
        keep: SessionId,
        attribution: Attribution,
    ) -> Result<bool>;

    /// Deletes an account and ends its sessions.
    async fn remove_account(
        &self,
        name: &Username,
        attribution: Attribution,
    ) -> Result<std::result::Result<(), AccountRefusal>>;
}

/// An open session, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSession {
    /// The session's id.
    pub id: SessionId,
    /// When the person signed in.
    pub created: Timestamp,
    /// When it was last refreshed or confirmed.
    pub used: Timestamp,
    /// When it ends unless it is refreshed.
    pub expires: Timestamp,
    /// The address that it was opened from.
    pub address: String,
    /// The program that opened it.
    pub client: String,
}

/// What a request needs to know about its session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveSession {
    /// The account that it belongs to.
    pub user: Username,
    /// The account's role now, whatever the token says.
    pub role: Role,
    /// The current generation.
    pub generation: u64,
    /// SHA-256 of the current refresh token.
    pub digest: [u8; 32],
    /// Whether the current generation has been seen in use.
    pub seen: bool,
    /// When it ends unless it is refreshed.
    pub expires: Timestamp,
}

impl LiveSession {
    /// Returns `true` if this is the session's current refresh token.
    pub fn is_current(&self, presented: &Presented) -> bool {
        presented.generation == self.generation && bool::from(presented.digest.ct_eq(&self.digest))
    }
}

/// The sessions. Their times are session times (see
/// [`session_clock`](crate::rules::session_clock)); `at`, the time of the audit's line, is the time
/// of day.
#[async_trait]
pub trait SessionStore: Send + Sync + 'static {
    /// Opens a session, if the account still is what the sign-in was checked against, and returns
    /// the account. Purges sessions that are past the absolute limit.
    async fn open_session(
        &self,
        session: Session,
        proof: SignInProof,
        limits: Limits,
        now: Moment,
    ) -> Result<Option<Account>>;

    /// The sessions of an account that have not been ended, newest first. Those past their limits
    /// are among them.
    async fn sessions(&self, user: &Username) -> Result<Vec<OpenSession>>;

    /// Ends sessions of an account from elsewhere. Returns how many.
    async fn end_sessions(
        &self,
        user: &Username,
        selector: SessionSelector,
        attribution: Attribution,
    ) -> Result<usize>;

    /// Applies a rule to a session. Returns `None` if there is no such session or its account is
    /// deleted.
    async fn change_session(
        &self,
        id: SessionId,
        rule: SessionRule,
        at: Timestamp,
    ) -> Result<Option<SessionOutcome>>;

    /// Ends a session, if it has not been ended.
    async fn end_session(&self, id: SessionId, at: Timestamp, why: EndReason) -> Result<()>;

    /// A session that has not been ended and whose account is not disabled.
    async fn live_session(&self, id: SessionId) -> Result<Option<LiveSession>>;

    /// A session as it was when this server was last sure of it, and how long ago that was, for a
    /// read that may be stale. [`StoreError::NotFresh`] if reads may not be, or not by so much.
    async fn stale_session(&self, _id: SessionId) -> Result<(Option<LiveSession>, Duration)> {
        Err(StoreError::NotFresh)
    }

    /// Marks, durably, that an access token of a generation was accepted; see [`Session::confirm`].
    async fn confirm_session(&self, id: SessionId, generation: u64, now: Timestamp) -> Result<()>;

    /// The moment that was kept last when the store was opened.
    fn kept_moment(&self) -> Option<Moment>;

    /// Keeps a moment, durably.
    async fn keep_moment(&self, moment: Moment) -> Result<()>;
}

/// The employees.
#[async_trait]
pub trait EmployeeStore: Send + Sync + 'static {
    /// Returns a page of employees, or all of them for
    /// [`Window::All`](roster_common::query::Window::All). Ages in the filter are counted back from
    /// `now`.
    async fn page(&self, query: &Query, now: Timestamp) -> std::result::Result<Page, PageError>;

    /// Streams all matching employees, sorted, from one committed state. A stream that ends without
    /// an error is complete.
    async fn scan(
        &self,
        filter: Filter,
        sort: &Sort,
    ) -> Result<BoxStream<'static, Result<Records>>>;

    /// One employee.
    async fn employee(&self, id: EmployeeId) -> Result<Option<Record>>;

    /// Returns the values of a field among the employees that match a filter: those that contain a
    /// folded text, those that begin with it first, then the most used. Of a field with more than
    /// 10,000 values, later ones in the alphabet may be missing. Managers are found by the beginnings
    /// of their names instead, and those with the most reports come first.
    async fn values(
        &self,
        field: Field,
        filter: Filter,
        text: &str,
        limit: usize,
    ) -> Result<Vec<FieldValue>>;

    /// For each email address, whether an employee other than `except` has it, in any case. Nobody
    /// has an empty one.
    async fn emails_in_use(
        &self,
        emails: Vec<String>,
        except: Option<EmployeeId>,
    ) -> Result<Vec<bool>>;

    /// Everybody who reports to an employee, who may have been deleted.
    async fn reports_of(&self, manager: EmployeeId) -> Result<Vec<EmployeeId>>;

    /// Adds an employee. A repeat of a keyed request gets the answer of the first, and adds
    /// nothing.
    async fn create_employee(
        &self,
        details: Details,
        key: Option<IdempotencyKey>,
        attribution: Attribution,
    ) -> Result<std::result::Result<Record, Refused>>;

    /// Changes an employee by a rule. A change without an effect writes nothing and keeps the
    /// version.
    async fn change_employee(
        &self,
        id: EmployeeId,
        rule: ChangeRule,
        attribution: Attribution,
    ) -> Result<std::result::Result<Record, Refused>>;

    /// Restores a deleted employee under the same id, with a version higher than any before.
    /// [`Refused::Stale`] if the id is in use, [`Refused::NotFound`] if nobody ever had it.
    async fn restore_employee(
        &self,
        id: EmployeeId,
        details: Details,
        attribution: Attribution,
    ) -> Result<std::result::Result<Record, Refused>>;

    /// Deletes an employee, if the rule allows it. The id is never used again.
    async fn delete_employee(
        &self,
        id: EmployeeId,
        rule: DeleteRule,
        attribution: Attribution,
    ) -> Result<std::result::Result<(), Refused>>;

    /// Merges one record of a pair into the other by a rule, and moves these reports. Returns the
    /// record that stays.
    async fn merge_employees(
        &self,
        pair: Pair,
        rule: MergeRule,
        reports: Vec<EmployeeId>,
        attribution: Attribution,
    ) -> Result<std::result::Result<Record, Refused>>;

    /// Deletes employees, if the rule allows it for each, and removes all text about them, also
    /// from the history, in one transaction. People who were deleted before can be forgotten too.
    /// The outcomes are in the order of the ids: [`Refused::NotFound`] if nobody had the id, or is
    /// forgotten already.
    async fn forget_employees(
        &self,
        ids: Vec<EmployeeId>,
        rule: DeleteRule,
        attribution: Attribution,
    ) -> Result<Vec<std::result::Result<(), Refused>>>;
}

/// Imports, and the runs that they are kept as.
#[async_trait]
pub trait RunStore: Send + Sync + 'static {
    /// What an import would do to the employees as this server knows them; with several servers that
    /// may be a second old. Writes nothing, and keeps no writer waiting.
    async fn plan_import(
        &self,
        rows: Arc<PackedRows>,
        options: PlanOptions,
        resumed: Resumed,
    ) -> Result<Plan>;

    /// Decides and writes some steps of a plan, in one transaction.
    async fn import_slice(
        &self,
        rows: Arc<PackedRows>,
        slice: SliceSteps,
        attribution: Attribution,
    ) -> Result<std::result::Result<Sliced, RunRefusal>>;

    /// Adds an employee for each row, in one transaction, which is a run. Returns their ids, or if
    /// rows are refused, which leaves everything as it is, why.
    async fn add_employees(
        &self,
        rows: PackedRows,
        by: Attribution,
    ) -> Result<std::result::Result<Vec<EmployeeId>, Vec<FieldError>>> {
        let (rows, options) = (Arc::new(rows), PlanOptions::adding(by.at));
        let plan = self.plan_import(Arc::clone(&rows), options, Resumed::default());
        let plan = plan.await?;
        let errors: Vec<_> = plan
            .rows
            .iter()
            .flat_map(Planned::errors)
            .cloned()
            .collect();
        if !errors.is_empty() {
            return Ok(Err(errors));
        }
        let slice = SliceSteps {
            steps: plan.steps(None).collect(),
            uses_row_ids: true,
            last_id: plan.last_id(),
            all_or_nothing: true,
            run: RunStep::begin(None, format!("{} created", rows.len())),
        };
        let (mut ids, mut errors) = (BTreeMap::new(), Vec::new());
        let steps = slice.steps.clone();
        let sliced = self.import_slice(rows, slice, by).await?;
        let outcomes = sliced.map_or_else(|_| Vec::new(), |sliced| sliced.outcomes);
        for (step, outcome) in steps.into_iter().zip(outcomes) {
            match outcome {
                StepOutcome::Created(id) => _ = ids.insert(step.target.row(), id),
                StepOutcome::Refused(why) => errors.extend(why),
                StepOutcome::Changed(..) | StepOutcome::Unchanged(_) => {}
            }
        }
        Ok(if errors.is_empty() {
            Ok(ids.into_values().collect())
        } else {
            Err(errors)
        })
    }

    /// Undoes some of the versions that a run has made, in one transaction.
    async fn undo_slice(
        &self,
        steps: Vec<UndoStep>,
        step: RunStep,
        attribution: Attribution,
    ) -> Result<std::result::Result<Undone, RunRefusal>>;

    /// Finishes a run that is at a checkpoint, and keeps its report, which is JSON.
    async fn finish_run(
        &self,
        checkpoint: Checkpoint,
        report: Vec<u8>,
    ) -> Result<std::result::Result<(), RunRefusal>>;

    /// The runs that are kept, oldest first.
    async fn runs(&self) -> Result<Vec<Run>>;

    /// What is kept of one run beside itself.
    async fn run_details(&self, id: RunId) -> Result<RunDetails>;
}

/// What is kept of a run beside itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunDetails {
    /// Its slices, in their order.
    pub slices: Vec<RunSlice>,
    /// Its report, as JSON; only of the newest runs that are finished.
    pub report: Option<Vec<u8>>,
}

/// The history of employees, and the audit log.
#[async_trait]
pub trait HistoryStore: Send + Sync + 'static {
    /// The history of an employee, newest first: at most `limit` entries, of versions before
    /// `before`. `None` if there has never been such an employee.
    async fn history(
        &self,
        id: EmployeeId,
        before: Option<Version>,
        limit: usize,
    ) -> Result<Option<Vec<HistoryEntry>>>;

    /// The audit log, newest first: at most `limit` entries, with numbers below `before`.
    async fn audit(&self, before: Option<u64>, limit: usize) -> Result<Vec<AuditEntry>>;

    /// Drops the entries of the audit log that are too old, or too many for settings that have
    /// become stricter.
    async fn sweep_audit(&self, now: Timestamp) -> Result<()>;

    /// Records what changes no data: a refused sign-in, or an export.
    async fn add_to_audit(&self, line: AuditLine) -> Result<()>;
}

/// The entries of one kind in the audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditCount {
    /// The kind.
    pub kind: AuditKind,
    /// How many there are.
    pub kept: u64,
    /// How many were dropped since the file was made, for being too many or too old.
    pub dropped: u64,
}

/// Figures for the metrics, counted by this server only.
#[derive(Debug, Clone)]
pub struct StoreFigures {
    /// The number of employees.
    pub employees: u64,
    /// The number of sessions that have not been ended.
    pub sessions: u64,
    /// The lines of the audit, of each kind.
    pub audit: Vec<AuditCount>,
    /// How many writes of this server shared each durable commit, since it was started.
    pub writes_per_commit: Arc<Histogram>,
}

/// Events, figures and health of the store.
#[async_trait]
pub trait StoreMonitor: Send + Sync + 'static {
    /// The changes of employees that were committed after an event, and those to come, in their
    /// order, in pieces. The stream starts with
    /// [`Event::Reset`](roster_common::event::Event::Reset) if `after` is `None` or older than what
    /// is remembered, and gets one if its reader falls too far behind.
    async fn events(
        &self,
        after: Option<EventNumber>,
    ) -> Result<BoxStream<'static, Result<Vec<NumberedEvent>>>>;

    /// The figures for the metrics.
    async fn figures(&self) -> Result<StoreFigures>;

    /// How many servers serve what is in the store, this one included.
    fn servers(&self) -> NonZeroU32 {
        NonZeroU32::MIN
    }

    /// How far this server's clock is ahead of that of a database elsewhere, if that is so much
    /// that somebody should know; negative if it is behind.
    fn clock_skew(&self) -> Option<SignedDuration> {
        None
    }

    /// Checks that the store can write: commits something, durably.
    async fn probe(&self) -> Result<()>;
}
