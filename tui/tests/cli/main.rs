//! The real `roster` against a real server: what it prints, and how it exits.

#[path = "../fake/mod.rs"]
mod fake;
mod records;
mod session;
mod shell;
