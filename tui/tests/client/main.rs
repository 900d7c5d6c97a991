//! The client against a real server, over a link that fails.

#[path = "../fake/mod.rs"]
mod fake;
mod jar;
mod proxy;
mod records;
mod session;
mod world;
