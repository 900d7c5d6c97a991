//! What the server remembers, as the rest of it sees it: one trait, whose methods are one transaction each.
//!
//! A rule that must decide inside the transaction is passed in. Nothing here assumes that there is one process
//! only. An answer comes back when its change is durable, and not before.

use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use jiff::Timestamp;
use roster_common::api::FieldValue;
use roster_common::employee::{Details, Employee, EmployeeId, Field, Version};
use roster_common::event::Event;
use roster_common::history::{AuditEntry, HistoryEntry};
use roster_common::problem::FieldError;
use roster_common::{Query, Role, Username};

use crate::metrics::Histogram;
use crate::rules::session::{End, Session, SessionId, Verdict};

mod directory;
mod import;
pub mod redb;
mod replica;
mod rows;

pub use import::{Commit, ImportRecord, ImportRecords, Imported};

/// The store does not do its work.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// It cannot write now: a full or read-only disk. It may recover by itself.
    #[error("the store cannot write: {0}")]
    Unwritable(String),
    /// It cannot be read, or holds what it should not.
    #[error("the store cannot be read: {0}")]
    Unreadable(String),
    /// It has been closed.
    #[error("the store is closed")]
    Closed,
}

/// The answer of a store.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Somebody who may sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The name.
    pub username: Username,
    /// What the account may do.
    pub role: Role,
    /// Whether it may not sign in.
    pub disabled: bool,
    /// The bcrypt hash of its password.
    pub password: PasswordHash,
    /// When it was made.
    pub created: Timestamp,
}

/// A bcrypt hash. It does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// What a sign-in rests on, for the transaction that opens its session: the account may have changed since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// The hash that the password was found right by.
    pub password: PasswordHash,
    /// A stronger hash of the same password, to be kept in its place.
    pub rehashed: Option<PasswordHash>,
    /// The session that the same client had, which this one ends.
    pub replaces: Option<SessionId>,
}

impl Admission {
    /// By a password, and nothing else.
    pub fn by(password: PasswordHash) -> Self {
        Self {
            password,
            rehashed: None,
            replaces: None,
        }
    }
}

/// What becomes different with an account; what is not said stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountChanges {
    /// What the account may do from now on.
    pub role: Option<Role>,
    /// Whether it may not sign in.
    pub disabled: Option<bool>,
    /// The hash of another password.
    pub password: Option<PasswordHash>,
}

/// Why a change of accounts was refused, nothing having been written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountRefused {
    /// There is no such account.
    Unknown,
    /// No admin who may sign in would be left.
    LastAdmin,
}

/// Which sessions of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All.
    All,
    /// All but one.
    AllBut(SessionId),
    /// One, if it is of that account.
    Only(SessionId),
}

/// A session that has not ended, from memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSession {
    /// Its name.
    pub id: SessionId,
    /// When the person signed in.
    pub created: Timestamp,
    /// When it was last refreshed or confirmed.
    pub used: Timestamp,
    /// When it ends if nobody uses it.
    pub expires: Timestamp,
    /// The address that it was opened from.
    pub address: String,
    /// The program that opened it.
    pub client: String,
}

/// What a request needs to know of its session, from memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveSession {
    /// Whose it is.
    pub user: Username,
    /// What the user may do now, whatever the token says.
    pub role: Role,
    /// The current generation.
    pub generation: u64,
    /// Whether the current generation has been seen in use.
    pub seen: bool,
    /// When it ends if nobody uses it.
    pub expires: Timestamp,
}

/// One record, with its JSON already written.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its number.
    pub id: EmployeeId,
    /// Its version.
    pub version: Version,
    /// The record as [`Employee`] serialises it.
    pub json: Bytes,
}

/// Records of a list, with their JSON already written, one behind the other: a page is answered without copying it
/// again.
#[derive(Debug, Clone, Default)]
pub struct Records {
    /// Each with a comma before it.
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Records {
    /// Copies records together.
    pub fn copied(records: &[&[u8]]) -> Self {
        let size: usize = records.iter().map(|json| json.len() + 1).sum();
        // One byte more, for the bracket of `into_array`.
        let mut text = Vec::with_capacity(size + 1);
        let copy = |json: &&[u8]| {
            text.push(b',');
            text.extend_from_slice(json);
            text.len()
        };
        let ends = records.iter().map(copy).collect();
        Self { text, ends }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Each record as [`Employee`] serialises it.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .filter_map(|(start, end)| self.text.get(start + 1..*end))
    }

    /// A JSON array of them.
    pub fn into_array(mut self) -> Bytes {
        match self.text.first_mut() {
            Some(comma) => *comma = b'[',
            None => self.text.push(b'['),
        }
        self.text.push(b']');
        self.text.into()
    }

    /// What stands in a JSON array behind other records: each with a comma before it.
    pub fn into_elements(self) -> Bytes {
        self.text.into()
    }
}

/// A page of a list, all of one state of the table.
#[derive(Debug, Clone)]
pub struct Page {
    /// The records.
    pub records: Records,
    /// How many the whole list has.
    pub total: usize,
    /// How many come before the first of these.
    pub offset: usize,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// A page cannot be made.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PageError {
    /// The cursor is not one of this list's.
    #[error("the cursor is not one of this list")]
    Cursor,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Who changes something, and when.
#[derive(Debug, Clone)]
pub struct Stamp {
    /// Who.
    pub by: Username,
    /// When.
    pub at: Timestamp,
}

/// A request's own name, by which a repeat of it is known (the `Idempotency-Key` field).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// What the client sent, unique for its user.
    pub key: String,
    /// SHA-256 of the request's body.
    pub digest: [u8; 32],
}

/// Why a change was refused, nothing having been written.
#[derive(Debug, Clone, PartialEq)]
pub enum Refused {
    /// There is no such record.
    NotFound,
    /// The record has changed since the version that the client names: here it is now.
    Stale(Box<Employee>),
    /// A rule of a field is broken.
    Invalid(Vec<FieldError>),
    /// The key was used for another request in the last 24 hours.
    KeyReused,
}

/// Decides, inside the transaction, what a session becomes. Gets its account; changes the row in place.
pub type SessionRule = Box<dyn FnOnce(&mut Session, &Account) -> Verdict + Send>;

/// Decides, inside the transaction, what a record becomes.
pub type ChangeRule = Box<dyn FnOnce(&Employee) -> std::result::Result<Details, Refused> + Send>;

/// Decides, inside the transaction, whether a record may go.
pub type DeleteRule = Box<dyn FnOnce(&Employee) -> std::result::Result<(), Refused> + Send>;

/// An event as it is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// Its number; a later event has a greater one, also after the store was opened anew.
    pub number: u64,
    /// What happened.
    pub event: Arc<Event>,
}

/// What there is to watch of a store.
#[derive(Debug, Clone)]
pub struct Figures {
    /// How many employees there are.
    pub employees: u64,
    /// How many sessions have not ended.
    pub sessions: u64,
    /// How many writes each durable commit had, since the store was opened.
    pub commits: Arc<Histogram>,
}

/// Users, sessions and employees.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// The account of that name.
    async fn account(&self, name: &Username) -> Result<Option<Account>>;

    /// All accounts, by name.
    async fn accounts(&self) -> Result<Vec<Account>>;

    /// Adds an account, which somebody makes when it says that it is made; `false` if the name is taken.
    async fn add_account(&self, account: Account, by: Username) -> Result<bool>;

    /// Changes an account. One that is disabled or gets another password loses its sessions. The account as it is
    /// then.
    async fn change_account(
        &self,
        name: &Username,
        changes: AccountChanges,
        stamp: Stamp,
    ) -> Result<std::result::Result<Account, AccountRefused>>;

    /// Gives an account another password in place of `current`, and ends its sessions but one; `false`, and nothing,
    /// if its password is another one by now.
    async fn change_password(
        &self,
        current: PasswordHash,
        new: PasswordHash,
        keep: SessionId,
        stamp: Stamp,
    ) -> Result<bool>;

    /// Takes an account and its sessions away.
    async fn remove_account(
        &self,
        name: &Username,
        stamp: Stamp,
    ) -> Result<std::result::Result<(), AccountRefused>>;

    /// Notes that a sign-in was refused, under the name of an account or of none. The oldest such notes make way.
    async fn note_refusal(
        &self,
        name: Option<Username>,
        address: IpAddr,
        at: Timestamp,
    ) -> Result<()>;

    /// Adds a session, if the account still is what its sign-in rests on: the account as it is then.
    async fn open_session(&self, session: Session, admission: Admission)
    -> Result<Option<Account>>;

    /// The sessions of an account that have not ended, the newest first; also those past their time.
    async fn sessions(&self, user: &Username) -> Result<Vec<OpenSession>>;

    /// Ends sessions of an account from elsewhere. How many.
    async fn end_sessions(&self, user: &Username, which: Which, stamp: Stamp) -> Result<usize>;

    /// Applies a rule to a session; nothing if there is no such session or its account is gone.
    async fn change_session(&self, id: SessionId, rule: SessionRule) -> Result<Option<Verdict>>;

    /// Ends a session, if it has not ended.
    async fn end_session(&self, id: SessionId, at: Timestamp, why: End) -> Result<()>;

    /// A session that has not ended and whose account is not disabled, from memory.
    async fn live_session(&self, id: SessionId) -> Result<Option<LiveSession>>;

    /// Marks that an access token of that generation was accepted ([`Session::confirm`]), durably.
    async fn confirm_session(&self, id: SessionId, generation: u64, at: Timestamp) -> Result<()>;

    /// A page of the employees; the window of the query must be one.
    async fn page(&self, query: &Query) -> std::result::Result<Page, PageError>;

    /// All the employees that the query's filter lets through, in its order, in pieces, of one state of the table.
    async fn scan(&self, query: &Query) -> Result<BoxStream<'static, Records>>;

    /// One employee.
    async fn employee(&self, id: EmployeeId) -> Result<Option<Record>>;

    /// The values of a field that have a folded text in them: those that begin with it first, then the most used.
    ///
    /// Of a field with very many values, those late in the alphabet may be missing.
    async fn values(&self, field: Field, text: &str, limit: usize) -> Result<Vec<FieldValue>>;

    /// Adds an employee. A repeat of a keyed request gets the answer of the first, and adds nothing.
    async fn create_employee(
        &self,
        details: Details,
        key: Option<IdempotencyKey>,
        stamp: Stamp,
    ) -> Result<std::result::Result<Record, Refused>>;

    /// Changes an employee by a rule. What changes nothing writes nothing, and keeps the version.
    async fn change_employee(
        &self,
        id: EmployeeId,
        rule: ChangeRule,
        stamp: Stamp,
    ) -> Result<std::result::Result<Record, Refused>>;

    /// Brings an employee back that was taken away, under the id of then, with a version that it has not had. What
    /// stands there under that id is [`Refused::Stale`]; an id that nobody has had, [`Refused::NotFound`].
    async fn restore_employee(
        &self,
        id: EmployeeId,
        details: Details,
        stamp: Stamp,
    ) -> Result<std::result::Result<Record, Refused>>;

    /// Takes an employee away, if the rule allows. The id is never given to anybody else.
    async fn delete_employee(
        &self,
        id: EmployeeId,
        rule: DeleteRule,
        stamp: Stamp,
    ) -> Result<std::result::Result<(), Refused>>;

    /// How an employee came to be as it is, the newest first: at most `limit` entries, of before a version. Nothing if
    /// there has never been such an employee.
    async fn history(
        &self,
        id: EmployeeId,
        before: Option<Version>,
        limit: usize,
    ) -> Result<Option<Vec<HistoryEntry>>>;

    /// What was done, the newest first: at most `limit` entries, of before one.
    async fn audit(&self, before: Option<u64>, limit: usize) -> Result<Vec<AuditEntry>>;

    /// The changes of employees that were committed after an event, and those that are committed from now on, in their
    /// order, in pieces, as they come. A [`Event::Reset`] stands for what is not remembered, and for what was before
    /// where no event is named. A follower that falls too far behind gets one, and nothing is kept for it.
    async fn events(&self, after: Option<u64>) -> Result<BoxStream<'static, Vec<Told>>>;

    /// Adds many employees in one transaction.
    async fn import_employees(
        &self,
        records: ImportRecords,
        commit: Commit,
        stamp: Stamp,
    ) -> Result<Imported>;

    /// What there is to watch.
    async fn figures(&self) -> Result<Figures>;

    /// Whether the store can write now: writes something, durably.
    async fn probe(&self) -> Result<()>;
}
