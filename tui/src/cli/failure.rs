//! How a command ends: the exit codes, and the errors that lead to them.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use roster_common::members::Malformed;
use roster_common::{Code, EmployeeId, FieldError, Problem};
use serde_json::{Value, json};

use crate::config::ConfigError;
use crate::remote::ClientError;

/// The exit codes, for the end of the help.
pub(super) const HELP: &str = "Exit codes: 0 done, 1 failed, 2 usage, 3 server not reached, \
     4 sign-in needed or refused, 5 not found, 6 conflict, 7 partly done.";

/// How a command ended. The numbers are part of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    Done = 0,
    Failed = 1,
    Usage = 2,
    Unreachable = 3,
    Refused = 4,
    NotFound = 5,
    Conflict = 6,
    Partly = 7,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Client(#[from] ClientError),
    /// One employee of several could not be worked on.
    #[error("{id}: {error}")]
    Employee { id: EmployeeId, error: ClientError },
    /// Somebody is there who is to be brought back.
    #[error("Employee {0} has not been removed.")]
    NotRemoved(EmployeeId),
    /// The command line asks for what cannot be done.
    #[error("{0}")]
    Usage(String),
    /// The person said no.
    #[error("Nothing has been changed.")]
    Declined,
    /// JSON on standard input that is not a record.
    #[error("Standard input is not a record: {0}")]
    Body(#[from] Malformed),
    #[error("{path} cannot be read: {error}")]
    Input { path: PathBuf, error: io::Error },
    #[error("Standard output cannot be written: {0}")]
    Output(#[from] io::Error),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("roster cannot start: {0}")]
    Start(io::Error),
}

impl Failure {
    pub(super) fn from_stdin(error: io::Error) -> Self {
        Self::Input {
            path: "standard input".into(),
            error,
        }
    }

    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::Client(error) | Self::Employee { error, .. } => exit_of(error),
            Self::NotRemoved(_) => Exit::Conflict,
            Self::Usage(_) | Self::Config(_) => Exit::Usage,
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
            _ => Exit::Failed,
        }
    }

    /// Whether nobody needs to be told: the reader of the output has had enough of it.
    pub(super) fn is_quiet(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// What is wrong with which field.
    pub(super) fn field_errors(&self) -> &[FieldError] {
        match self {
            Self::Body(Malformed::Members(errors)) => errors,
            _ => self.problem().map_or(&[], |problem| &problem.errors),
        }
    }

    /// What to do next.
    pub(super) fn hint(&self) -> Option<&'static str> {
        let (Self::Client(error) | Self::Employee { error, .. }) = self else {
            return None;
        };
        let wrong = [Code::CredentialsInvalid, Code::CredentialsMissing];
        let is_sign_in = self
            .problem()
            .is_some_and(|problem| wrong.contains(&problem.code));
        (error.needs_sign_in() && !is_sign_in).then_some("Sign in with: roster login")
    }

    /// The problem as the server gave it, or one of the same form (RFC 9457, section 4.2.1), with the employee's
    /// id where there were several.
    pub(super) fn to_json(&self) -> Value {
        let mut problem = match self.problem() {
            Some(problem) => json!(problem),
            None => {
                json!({"type": "about:blank", "title": self.to_string(), "errors": self.field_errors()})
            }
        };
        if let (Self::Employee { id, .. }, Some(members)) = (self, problem.as_object_mut()) {
            members.insert("id".into(), json!(id));
        }
        problem
    }

    fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Client(ClientError::Refused(problem))
            | Self::Employee {
                error: ClientError::Refused(problem),
                ..
            } => Some(problem),
            _ => None,
        }
    }
}

fn exit_of(error: &ClientError) -> Exit {
    match error {
        ClientError::Unreachable { .. } => Exit::Unreachable,
        ClientError::Address(_) => Exit::Usage,
        ClientError::Refused(problem) => exit_of_problem(problem),
        ClientError::SignInAgain(_) => Exit::Refused,
        ClientError::Protocol(_) | ClientError::Jar { .. } => Exit::Failed,
    }
}

fn exit_of_problem(problem: &Problem) -> Exit {
    match (problem.code, problem.status) {
        (Code::CredentialsMissing, _) | (_, 401 | 403) => Exit::Refused,
        (_, 404) => Exit::NotFound,
        (_, 409 | 412) => Exit::Conflict,
        _ => Exit::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_its_exit_code() {
        let exit =
            |code| Failure::from(ClientError::Refused(Box::new(Problem::new(code, "")))).exit();
        for (code, expected) in [
            (Code::CredentialsInvalid, Exit::Refused),
            (Code::TokenMissing, Exit::Refused),
            (Code::RefreshInvalid, Exit::Refused),
            (Code::RoleRequired, Exit::Refused),
            (Code::EmployeeNotFound, Exit::NotFound),
            (Code::Stale, Exit::Conflict),
            (Code::ValidationFailed, Exit::Failed),
            (Code::TooManyRequests, Exit::Failed),
            (Code::Unavailable, Exit::Failed),
        ] {
            assert_eq!(exit(code), expected, "{code:?}");
        }
    }

    #[test]
    fn what_only_a_sign_in_mends_is_told_with_how_to() {
        let found = Failure::from(ClientError::SignInAgain(
            "The cookie jar was damaged.".into(),
        ));
        assert_eq!(
            (found.exit(), found.hint()),
            (Exit::Refused, Some("Sign in with: roster login"))
        );
        let wrong = ClientError::Refused(Box::new(Problem::new(Code::CredentialsInvalid, "")));
        assert_eq!(Failure::from(wrong).hint(), None);
    }

    #[test]
    fn a_reader_who_leaves_is_no_failure() {
        let left = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!((left.exit(), left.is_quiet()), (Exit::Done, true));
    }
}
