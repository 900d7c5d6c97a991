//! The application without a terminal: keys and answers in, effects and screens out.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod account;
mod batch;
mod cells;
mod columns;
mod completion;
mod config;
mod conflict;
mod copy;
mod cost;
mod draft;
mod form;
mod history;
mod keys;
mod late;
mod latency;
mod live;
mod marks;
mod mouse;
mod navigation;
mod offline;
mod palette;
mod random;
mod related;
mod saved_filters;
mod screens;
mod session;
mod shots;
mod table;
mod unanswered;
mod undo;
mod unsaved;
mod untrusted_text;
mod users;
mod world;
mod writing;
