//! Decisions over plain values. Time, the actor and random values are arguments, and nothing here
//! can fail or wait.
//!
//! A rule that changes what is stored returns a [`Decision`](writes::Decision): its outcome and the
//! rows to write. It has no other effect, so it may run twice, as it must when a transaction is
//! repeated.
//!
//! - The rows: [`account`], [`session`], [`record`], [`idempotency`], [`audit`],
//!   [`history`], [`runs`]; who changed them ([`attribution`]), why a change is refused ([`refusal`]), and
//!   what to write ([`writes`])
//! - The decisions: [`accounts`], [`sessions`], [`employees`], [`forget`]; of many records at once
//!   ([`bulk`]): [`merge`], [`import`],
//!   [`undo`]
//! - What a request may do at all: [`access`], [`throttle`]
//! - Which servers may share a database: [`key_names`]
//! - The time by which sessions are counted: [`session_clock`]

pub mod access;
pub mod account;
pub mod accounts;
pub mod attribution;
pub mod audit;
pub mod bulk;
pub mod employees;
pub mod forget;
pub mod history;
pub mod idempotency;
pub mod import;
pub mod key_names;
pub mod merge;
pub mod preconditions;
pub mod record;
pub mod refusal;
pub mod runs;
pub mod session;
pub mod session_clock;
pub mod sessions;
pub mod throttle;
pub mod undo;
pub mod writes;
