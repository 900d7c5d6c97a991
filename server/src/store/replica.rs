//! What every store shares, whatever database it is on: the committed state in memory, and the events of its changes.
//! No type of a database appears here.
//!
//! - `projection` the state that readers see: [`Accounts`], and the [directory](super::directory)
//! - `lists` pages and scans of the directory
//! - `events` what was committed lately, for those who follow it

mod accounts;
mod events;
mod lists;
mod projection;

pub(super) use self::accounts::{AccountChange, Accounts};
pub(super) use self::events::Events;
pub(super) use self::lists::Lists;
pub(super) use self::projection::Projection;
