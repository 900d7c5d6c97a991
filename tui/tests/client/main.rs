//! The client against a server, over a link that fails.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

mod accounts;
mod changes;
mod jar;
mod plain;
mod processes;
mod proxy;
mod records;
mod session;
mod world;
