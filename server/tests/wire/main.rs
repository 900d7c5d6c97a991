//! The server as its clients meet it: a whole one for each test, on a free port, with a clock that
//! the test turns.
//!
//! [`support`] holds every response of every test to what all responses have in common, and
//! [`contract`] to the row of the route table that it came from.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod browser;
mod clocks;
mod compression;
mod connections;
mod content_coding;
mod contract;
mod cookies;
mod disabled;
mod drain;
mod employees;
mod events;
mod failing_store;
mod forget;
mod handlers;
mod hashing;
mod history;
mod host;
mod hostile;
mod import;
mod keys;
mod lists;
mod me;
mod merge;
mod panics;
mod preconditions;
mod problems;
mod proxies;
mod refresh;
mod refusals;
mod register;
mod request_body;
mod sign_in;
mod sign_out;
mod slow;
mod support;
mod table;
mod throttling;
mod tls;
mod tokens;
mod users;
mod warnings;
