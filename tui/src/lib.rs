//! `roster`: the application and the command line, over one client.
//!
//! The application is a loop of pure parts: [`event`] → [`update()`](update::update) over [`state`] →
//! [`event::Effect`], and [`view`] draws the state. Only [`runtime`] touches the terminal, the clock and the client.

pub mod app;
pub mod cells;
pub mod cli;
pub mod client;
pub mod config;
pub mod dates;
pub mod event;
pub mod fields;
pub mod keys;
pub mod palette;
pub mod remote;
pub mod runtime;
pub mod state;
pub mod update;
pub mod view;
pub mod visible;
pub mod why_not;
pub mod words;
