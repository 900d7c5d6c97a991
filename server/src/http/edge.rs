//! What applies to every request, whatever its route.
//!
//! - [`cors`] browsers: cross-site requests, CORS, hardening headers
//! - [`host`] checks the `Host` header
//! - [`proxies`] the client's address behind a proxy
//! - [`compression`] compresses long responses with gzip
//! - [`trace`] collects what is logged and measured

pub mod compression;
pub mod cors;
pub mod host;
pub mod proxies;
pub mod trace;
