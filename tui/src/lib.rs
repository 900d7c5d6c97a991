//! `roster`: the full-screen application and the command line, over one client.
//!
//! The application is a loop of pure parts: [`event`] → [`update()`](update::update) over [`state`]
//! → [`effect`], and [`view`] draws the state. Only [`runtime`] touches the terminal, the clock and
//! the client.
//!
//! # Terms
//!
//! - **overlay**: a dialog over the table. Overlays are a stack; the topmost has the keyboard.
//! - **screen**: what has the keyboard: the table, the filter, the open record or an overlay. It
//!   decides what a key does.
//! - **flow**, **verb**: a task of several steps with the server's answers in between, and the
//!   small steps that flows and screens share.
//! - **mark**: a person selected for a bulk change, whatever the cursor, the sort and the filter.
//! - **batch**: a bulk change: load, preview, run, results. An undo or a redo is one too.
//! - **unanswered**: a write whose answer was lost. Its outcome is read from the server; it is
//!   never sent again blindly.
//! - **draft**: records that are being edited as CSV in an external editor.
//! - **query number**: counts the table's queries. Answers to an older one are dropped.
//! - **painter**, **pen**, **ink**: the painter sends only changed cells to the terminal; the pen
//!   is where the terminal writes, the ink the style of a cell.
//! - **cell**: one place for a character on the terminal; widths are counted in cells.

pub mod app;
pub mod availability;
pub mod cells;
pub mod cli;
pub mod client;
pub mod config;
pub mod effect;
pub mod escape;
pub mod event;
pub mod export;
pub mod fields;
pub mod format;
pub mod import;
pub mod keys;
pub mod layout;
pub mod palette;
pub mod remote;
pub mod runtime;
pub mod spreadsheet;
pub mod state;
pub mod update;
pub mod view;
