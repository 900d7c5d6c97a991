//! The audit: one line for each action, written in the same transaction.
//!
//! The log is bounded. Each kind of line has a share of its own, so that a flood of one kind, such
//! as the refused sign-ins that anybody can cause, pushes out no line of another.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use roster_common::Username;
use roster_common::history::{AuditAction, AuditEntry};

use super::attribution::Attribution;

/// How many old lines a new one drops at most, so that no request waits long after the settings
/// have become stricter.
const DROPPED_BY_ONE: usize = 16;

/// How many old lines of a kind one sweep drops at most.
const DROPPED_BY_A_SWEEP: usize = 50_000;

/// A kind of audit line. Each has a share of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuditKind {
    /// Sign-ins, sign-outs, and sessions that were ended.
    Sessions,
    /// Refused sign-ins, which anybody can cause.
    Refusals,
    /// Accounts and their passwords.
    Accounts,
    /// Employees, and what concerns the whole database.
    Records,
}

impl AuditKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [
        Self::Sessions,
        Self::Refusals,
        Self::Accounts,
        Self::Records,
    ];

    /// The kind of a line about this action.
    pub fn of(action: AuditAction) -> Self {
        match action {
            AuditAction::SignedIn
            | AuditAction::SignedOut
            | AuditAction::TokenReused
            | AuditAction::SessionEnded => Self::Sessions,
            AuditAction::SignInRefused => Self::Refusals,
            AuditAction::PasswordChanged
            | AuditAction::UserCreated
            | AuditAction::UserDeleted
            | AuditAction::RoleChanged
            | AuditAction::UserDisabled
            | AuditAction::UserEnabled
            | AuditAction::PasswordReset => Self::Accounts,
            AuditAction::EmployeeCreated
            | AuditAction::EmployeeChanged
            | AuditAction::EmployeeDeleted
            | AuditAction::EmployeesImported
            | AuditAction::ImportUndone
            | AuditAction::EmployeesMerged
            | AuditAction::EmployeesExported
            | AuditAction::EmployeeRestored
            | AuditAction::EmployeeForgotten
            | AuditAction::DatabaseRestored
            | AuditAction::Other => Self::Records,
        }
    }

    /// Its name in metrics and in the log.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sessions => "sessions",
            Self::Refusals => "refusals",
            Self::Accounts => "accounts",
            Self::Records => "records",
        }
    }

    /// Its share of the log, in percent.
    fn share(self) -> u64 {
        match self {
            Self::Sessions => 30,
            Self::Refusals => 2,
            Self::Accounts => 18,
            Self::Records => 50,
        }
    }
}

/// How much of the audit log is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditRetention {
    /// The most lines of all kinds together, of which each kind has its share.
    pub lines: u64,
    /// The age at which a line is dropped; `None` for never.
    pub age: Option<SignedDuration>,
}

impl Default for AuditRetention {
    /// 500,000 lines of any age.
    fn default() -> Self {
        Self {
            lines: 500_000,
            age: None,
        }
    }
}

impl AuditRetention {
    /// What a new line drops: the oldest of its kind that are too many.
    pub fn after(&self, line: &AuditLine) -> TrimAudit {
        let kind = AuditKind::of(line.what);
        TrimAudit {
            kind,
            kept: self.lines_of(kind),
            before: None,
            at_most: DROPPED_BY_ONE,
        }
    }

    /// What a sweep drops: the oldest lines of each kind that are too many or too old.
    pub fn sweep(&self, now: Timestamp) -> [TrimAudit; AuditKind::ALL.len()] {
        let before = self.age.and_then(|age| now.checked_sub(age).ok());
        AuditKind::ALL.map(|kind| TrimAudit {
            kind,
            kept: self.lines_of(kind),
            before,
            at_most: DROPPED_BY_A_SWEEP,
        })
    }

    /// The most lines of a kind.
    fn lines_of(&self, kind: AuditKind) -> u64 {
        self.lines.saturating_mul(kind.share()) / 100
    }
}

/// Which of the oldest lines of a kind are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrimAudit {
    /// The kind.
    pub kind: AuditKind,
    /// So many lines may stay.
    pub kept: u64,
    /// Lines from before this time are dropped as well.
    pub before: Option<Timestamp>,
    /// No more than this many are dropped.
    pub at_most: usize,
}

/// A line of the audit. The store numbers it when it writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLine {
    /// When it was done.
    pub at: Timestamp,
    /// The account that did it, or that a refused sign-in named. `None` if no account has that
    /// name.
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

    /// A refused sign-in. `by` must be the name of an account: people type passwords where the name
    /// belongs.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_of_all_kinds_are_the_whole_log() {
        let retention = AuditRetention::default();
        let lines = AuditKind::ALL.map(|kind| retention.lines_of(kind));
        assert_eq!(lines, [150_000, 10_000, 90_000, 250_000]);
        assert_eq!(lines.iter().sum::<u64>(), retention.lines);
    }
}
