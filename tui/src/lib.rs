//! `roster`: the application and the command line, over one client.
//!
//! The application is a loop of pure parts: [`event`] → [`update()`](update::update) over [`state`]
//! → [`effect`], and [`view`] draws the state. Only [`runtime`] touches the terminal, the clock and
//! the client.

pub mod app;
pub mod availability;
pub mod cells;
pub mod cli;
pub mod client;
pub mod config;
pub mod dates;
pub mod effect;
pub mod escape;
pub mod event;
pub mod fields;
pub mod format;
pub mod keys;
pub mod layout;
pub mod palette;
pub mod remote;
pub mod runtime;
pub mod state;
pub mod update;
pub mod view;
