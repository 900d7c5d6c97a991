//! The handlers, one file per resource. A handler parses its request, calls one use case of
//! [`crate::app`], and writes the response. Dispatch has already checked who may call it.

pub mod audit;
pub mod auth;
pub mod employees;
pub mod events;
pub mod history;
pub mod import;
pub mod me;
pub mod ops;
pub mod users;
pub mod values;
