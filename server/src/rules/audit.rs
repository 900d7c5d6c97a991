//! The audit: one line for each action, written in the same transaction.
//!
//! The log is bounded. Refused sign-ins, which anybody can cause, have a small share of their own, so that a flood of
//! them pushes out few other lines.

use std::net::IpAddr;

use jiff::Timestamp;
use roster_common::Username;
use roster_common::history::{AuditAction, AuditEntry};

use super::attribution::Attribution;

/// How many lines are kept: the newest.
pub const KEPT: u64 = 500_000;

/// How many of these lines may be refused sign-ins.
pub const REFUSALS_KEPT: u64 = 10_000;

/// A line of the audit. The store numbers it when it writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLine {
    /// When it was done.
    pub at: Timestamp,
    /// The account that did it, or that a refused sign-in named. `None` if no account has that name.
    pub by: Option<Username>,
    /// What was done.
    pub what: AuditAction,
    /// To what: a username, a session's id or an employee's id.
    pub target: Option<String>,
    /// The address a sign-in came from.
    pub address: Option<String>,
    /// More for a person to read, such as the new role.
    pub note: Option<String>,
}

impl AuditLine {
    /// A line about something that was done, without target, address or note.
    pub fn new(attribution: &Attribution, what: AuditAction) -> Self {
        Self {
            at: attribution.at,
            by: Some(attribution.by.clone()),
            what,
            target: None,
            address: None,
            note: None,
        }
    }

    /// A refused sign-in. `by` must be the name of an account: people type passwords where the name belongs.
    pub fn refused_sign_in(by: Option<Username>, address: IpAddr, at: Timestamp) -> Self {
        Self {
            at,
            by,
            what: AuditAction::SignInRefused,
            target: None,
            address: Some(address.to_string()),
            note: None,
        }
    }

    /// Says to what it was done.
    pub fn to(self, target: impl std::fmt::Display) -> Self {
        Self {
            target: Some(target.to_string()),
            ..self
        }
    }

    /// Says from which address.
    pub fn from(self, address: String) -> Self {
        Self {
            address: Some(address),
            ..self
        }
    }

    /// Adds a note.
    pub fn noting(self, note: String) -> Self {
        Self {
            note: Some(note),
            ..self
        }
    }

    /// Returns `true` for a refused sign-in, which counts towards [`REFUSALS_KEPT`].
    pub fn is_refusal(&self) -> bool {
        self.what == AuditAction::SignInRefused
    }

    /// The line under its number, as the API shows it.
    pub fn into_entry(self, id: u64) -> AuditEntry {
        AuditEntry {
            id,
            at: self.at,
            by: self.by.map(String::from),
            what: self.what,
            target: self.target,
            address: self.address,
            note: self.note,
        }
    }
}
