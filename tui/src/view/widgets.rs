//! What screens are made of.

pub mod dialog;
pub mod field;
pub mod grid;
pub mod text;
