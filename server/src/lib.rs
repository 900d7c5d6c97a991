//! `rosterd`: token-based sign-in and the employee records, served over HTTP.
//!
//! Each module uses only those above it:
//!
//! - [`clock`] the time of day, and the time since the start of the computer
//! - [`metrics`] counters and histograms
//! - [`config`] signing keys and settings, read from the environment
//! - [`rules`] what is allowed and what it changes; pure functions that get `now` as an argument
//! - [`sample`] invented employees
//! - [`store`] accounts, sessions and employees: five traits under one, and their implementations
//!   on redb and PostgreSQL
//! - [`password`] bcrypt, in a bounded pool
//! - [`token`] JWTs
//! - [`app`] the use cases, as plain functions
//! - [`http`] requests and responses
//! - [`serve`] sockets, TLS and shutdown
//!
//! # Glossary
//!
//! Terms of the store:
//!
//! - **directory**: the committed employees in memory; every list is read from it.
//! - **slot**: the position of a record in the directory (64 × chunk + index). It stays the same
//!   until a restart, unless a record that was deleted before the start is restored.
//! - **chunk**: up to 64 records; the unit that a change copies.
//! - **word**: a value that many records share. The **dictionary** of its field stores it once, and
//!   records refer to it by its id.
//! - **order**: the slots sorted by some columns. **matches**: the slots that a filter found, one
//!   bit each.
//! - **cursor**: an opaque position in an order, after which the next page starts.
//! - **projection**: the state in memory that readers see; each commit updates it.
//!
//! Terms of a session (the rule is in [`rules::session`]):
//!
//! - **generation**: the number of a session's current refresh token. It starts at 1, and each
//!   rotation adds 1.
//! - **session time**: the time by which sessions are counted, which does not jump when somebody
//!   sets the clock (see [`rules::session_clock`]).
//! - **seen**: when the current generation was first used. Before that, the previous token is
//!   accepted again, since the response with the new one may have been lost. From 10 s after it,
//!   presenting the previous token is reuse.
//! - **verdict**: the result of a refresh: rotated, repeated or refused.

pub mod app;
pub mod clock;
pub mod config;
pub mod http;
pub mod metrics;
pub mod password;
pub mod rules;
pub mod sample;
pub mod serve;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;
pub mod token;
