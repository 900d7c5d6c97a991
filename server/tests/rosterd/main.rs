//! The program as it is run: how it starts and refuses to, how accounts are made, and that it can
//! be killed.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod accounts;
mod admin;
mod backup;
mod crash;
mod database;
mod disk_full;
mod docs;
mod import_kills;
mod kills;
mod observability;
mod open_files;
mod program;
mod prompt;
mod reload;
mod secrets;
mod socket;
mod start;
