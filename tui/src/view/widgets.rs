//! What screens are made of.

pub mod dialog;
pub mod entry;
pub mod field;
pub mod found;
pub mod grid;
pub mod list;
pub mod offers;
