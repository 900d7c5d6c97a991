//! `rosterd`: the token workflow and the employee records, behind one hyper server.
//!
//! The modules, each using only those above it:
//!
//! - [`clock`] what time it is
//! - [`rules`] what is allowed: pure, `now` is an argument
//! - [`sample`] invented employees
//! - [`store`] what is remembered: one trait, and redb behind it

pub mod clock;
pub mod rules;
pub mod sample;
pub mod store;
