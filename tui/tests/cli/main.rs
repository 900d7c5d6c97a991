//! The real `roster` against a server: what it prints, and how it exits.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

mod docs;
mod export;
mod import;
#[path = "../client/proxy.rs"]
#[expect(dead_code, reason = "the tests of the client use all of it")]
mod proxy;
mod records;
mod secrets;
mod session;
mod shell;
mod terminal;
mod tls;
mod users;
