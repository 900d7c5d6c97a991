//! What applies to every request, whichever route it takes.
//!
//! - [`cors`] browsers: cross-site requests, CORS, hardening headers
//! - [`host`] the one valid `Host`
//! - [`proxies`] the client's address behind a proxy
//! - [`compression`] long responses in gzip
//! - [`trace`] what the log and the metrics record of a request

pub mod compression;
pub mod cors;
pub mod host;
pub mod proxies;
pub mod trace;
