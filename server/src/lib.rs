//! `rosterd`: the token workflow and the employee records, behind one hyper server.
//!
//! The modules, each using only those above it:
//!
//! - [`clock`] what time it is
//! - [`metrics`] how often things happen
//! - [`config`] what was typed, and what it means
//! - [`rules`] what is allowed: pure, `now` is an argument
//! - [`sample`] invented employees
//! - [`store`] what is remembered: one trait, and redb behind it
//! - [`password`] and [`token`] the only bcrypt and the only JWT
//! - [`app`] what the server does, as plain functions
//! - [`http`] requests and answers
//! - [`serve`] sockets

pub mod app;
pub mod clock;
pub mod config;
pub mod http;
pub mod metrics;
pub mod password;
pub mod rules;
pub mod sample;
pub mod serve;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;
pub mod token;
