//! The server as its clients meet it: a whole one for each test, on a free port, with a clock that the test turns.
//!
//! [`support`] holds every answer of every test to what all answers have in common.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod arriving;
mod browser;
mod compression;
mod content_coding;
mod disabled;
mod drain;
mod employees;
mod events;
mod hashing;
mod host;
mod hostile;
mod import;
mod keys;
mod lists;
mod me;
mod openapi;
mod panics;
mod past;
mod preconditions;
mod problems;
mod proxies;
mod refresh;
mod refusals;
mod register;
mod sign_in;
mod sign_out;
mod slow;
mod support;
mod tls;
mod tokens;
mod users;
