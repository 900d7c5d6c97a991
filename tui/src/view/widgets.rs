//! The widgets shared by all screens.

pub mod dialog;
pub mod field;
pub mod form_field;
pub mod grid;
pub mod list;
pub mod matches;
pub mod progress;
pub mod suggestions;
