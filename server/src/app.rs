//! The use cases of the server, as plain functions over the store: no HTTP, no sockets.
//!
//! - [`audit`] the audit log
//! - [`auth`] refreshing, signing out, and authenticating requests
//! - [`employees`] reading and changing single employees
//! - [`events`] the stream of changes
//! - [`health`] readiness and the store's figures
//! - [`import`] adding and updating many employees at once
//! - [`lists`] lists of employees and of field values
//! - [`merge`] merging two records of one person
//! - [`operator`] managing accounts without signing in
//! - [`retention`] what is kept for a time only
//! - [`runs`] the runs that imports are kept as, and undoing one
//! - [`sessions`] the current user's sessions
//! - [`sign_in`] signing in, and `attempt`: what the throttle says to it
//! - [`warnings`] likely mistakes in records
//! - [`users`] the current user's account, and managing those of others

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::SignedDuration;
use roster_common::{FieldError, Role};

use self::health::Readiness;
use crate::clock::Clock;
use crate::config::Registration;
use crate::password::{PasswordError, Passwords};
use crate::rules::session::{Limits, RefreshRefusal};
use crate::rules::session_clock::{Moment, SessionClock};
use crate::rules::throttle::Throttle;
use crate::store::{AccountRefusal, PageError, Refused, RunRefusal, Store, StoreError};
use crate::token::{SigningError, TokenError, Tokens};

mod attempt;
pub mod audit;
pub mod auth;
pub mod employees;
pub mod events;
pub mod health;
pub mod import;
pub mod lists;
pub mod merge;
pub mod operator;
pub mod retention;
pub mod runs;
pub mod sessions;
pub mod sign_in;
pub mod users;
pub mod warnings;

/// The state that all use cases share.
pub struct App {
    /// Accounts, sessions and employees.
    pub store: Arc<dyn Store>,
    /// The time; tests control it.
    pub clock: Arc<dyn Clock>,
    /// Signs and verifies tokens.
    pub tokens: Arc<Tokens>,
    /// Hashes and verifies passwords.
    pub passwords: Passwords,
    /// The lifetime of sessions.
    pub limits: Limits,
    /// Who may create accounts.
    pub registration: Registration,
    /// Whether the store could write when it was last asked.
    pub readiness: Readiness,
    session_clock: Mutex<SessionClock>,
    /// How long people who left are kept; `None` for always.
    pub forget_leavers: Option<SignedDuration>,
    throttle: Mutex<Throttle>,
}

impl App {
    /// Creates the state with default limits and closed registration. Session time goes on from
    /// what the store has kept.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        tokens: impl Into<Arc<Tokens>>,
        passwords: Passwords,
    ) -> Self {
        let session_clock = SessionClock::resume(store.kept_moment(), clock.now(), clock.uptime());
        Self {
            store,
            clock,
            tokens: tokens.into(),
            passwords,
            limits: Limits::default(),
            registration: Registration::default(),
            readiness: Readiness::default(),
            session_clock: Mutex::new(session_clock),
            forget_leavers: None,
            throttle: Mutex::default(),
        }
    }

    /// Now, by both clocks.
    pub fn moment(&self) -> Moment {
        let (wall, uptime) = (self.clock.now(), self.clock.uptime());
        // It is consistent after every call, even one that panicked.
        let clock = self.session_clock.lock();
        clock
            .unwrap_or_else(PoisonError::into_inner)
            .read(wall, uptime)
    }

    /// Has the store keep the session time, which goes on from it after a restart.
    ///
    /// # Errors
    /// [`AppError::Store`]
    pub async fn keep_moment(&self) -> Result<(), AppError> {
        Ok(self.store.keep_moment(self.moment()).await?)
    }

    fn throttle(&self) -> std::sync::MutexGuard<'_, Throttle> {
        // The counts are consistent after every call, even one that panicked.
        let mut throttle = self.throttle.lock().unwrap_or_else(PoisonError::into_inner);
        throttle.share_with(self.store.servers());
        throttle
    }
}

/// Why a use case failed. [`crate::http`] maps it to a response.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Unknown name, wrong password or disabled account.
    #[error("wrong username or password")]
    Credentials,
    /// Too many attempts; the time to wait.
    #[error("too many attempts")]
    Throttled(Duration),
    /// The hashing queue is full.
    #[error("too many sign-ins are queued")]
    Busy,
    /// The access token is invalid or expired.
    #[error("the access token is {0}")]
    Token(TokenError),
    /// The role has changed since the access token was signed.
    #[error("the role has changed")]
    TokenStale,
    /// The access token's session has ended.
    #[error("the session has ended")]
    SessionEnded,
    /// The role is insufficient; holds the required one.
    #[error("requires the role {0}")]
    Role(Role),
    /// The refresh token was refused.
    #[error("the refresh token was refused: {0:?}")]
    Refresh(RefreshRefusal),
    /// A change was refused.
    #[error("the change was refused")]
    Refused(Refused),
    /// A change of accounts was refused.
    #[error("the account change was refused: {0:?}")]
    Account(AccountRefusal),
    /// Another account has the name.
    #[error("the username is taken")]
    NameTaken,
    /// The user has no open session with that id.
    #[error("session not found")]
    NoSession,
    /// There is no such run.
    #[error("run not found")]
    NoRun,
    /// A run cannot be started or continued.
    #[error("the run was refused: {0:?}")]
    Run(RunRefusal),
    /// Self-registration is disabled.
    #[error("registration is closed")]
    RegistrationClosed,
    /// The cursor is invalid or belongs to another list.
    #[error("the cursor does not belong to this list")]
    Cursor,
    /// The store cannot read or write.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something failed that should not, which is a bug.
    #[error("{0}")]
    Internal(String),
}

impl AppError {
    /// Refuses a change because of invalid fields.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self::Refused(Refused::Invalid(errors))
    }
}

impl From<Refused> for AppError {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<RunRefusal> for AppError {
    fn from(refused: RunRefusal) -> Self {
        Self::Run(refused)
    }
}

impl From<AccountRefusal> for AppError {
    fn from(refused: AccountRefusal) -> Self {
        Self::Account(refused)
    }
}

impl From<PageError> for AppError {
    fn from(error: PageError) -> Self {
        match error {
            PageError::Cursor => Self::Cursor,
            PageError::Store(error) => Self::Store(error),
        }
    }
}

impl From<PasswordError> for AppError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::Busy,
            PasswordError::Failed(why) => Self::Internal(why),
        }
    }
}

impl From<SigningError> for AppError {
    fn from(error: SigningError) -> Self {
        Self::Internal(error.to_string())
    }
}
