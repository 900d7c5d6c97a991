//! Exit codes, and the errors behind them.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use roster_common::import::ImportError;
use roster_common::members::InputError;
use roster_common::text::without_error_numbers;
use roster_common::{Code, Employee, EmployeeId, FieldError, Problem};
use serde_json::{Value, json};

use crate::config::ConfigError;
use crate::export::RowsError;
use crate::remote::ClientError;
use crate::spreadsheet::SheetError;

/// The exit codes, for the end of the help.
pub(super) const HELP: &str = "Exit codes: 0 success, 1 failure, 2 usage, 3 server unreachable, 4 \
    not signed in or refused, 5 not found, 6 conflict, 7 partial success.";

/// How a command ended. The numbers are part of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExitStatus {
    Done = 0,
    Failed = 1,
    Usage = 2,
    Unreachable = 3,
    Refused = 4,
    NotFound = 5,
    Conflict = 6,
    PartialSuccess = 7,
}

impl From<ExitStatus> for ExitCode {
    fn from(exit: ExitStatus) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Client(#[from] ClientError),
    /// One employee of several failed.
    #[error("{id}: {error}")]
    Employee { id: EmployeeId, error: ClientError },
    /// An import was sent, perhaps more than once, and no answer came.
    #[error("{0} The outcome of the import is not known.")]
    UnknownOutcome(ClientError),
    /// The employee to restore was not deleted.
    #[error("Employee {0} was not deleted.")]
    NotRemoved(EmployeeId),
    /// The employee was deleted, and could be restored.
    #[error("Employee {id} was deleted.")]
    Deleted { id: EmployeeId, error: ClientError },
    /// Nobody, or more than one person, has the name that a manager is given by.
    #[error("{0}")]
    Manager(String),
    /// The name that should confirm it is not the person's.
    #[error("This is not the name of employee {0}. Nothing was changed.")]
    NameDiffers(EmployeeId),
    /// The command line asks for something impossible.
    #[error("{0}")]
    Usage(String),
    /// The user answered no.
    #[error("Canceled.")]
    Declined,
    /// JSON on standard input that is not a record.
    #[error("Invalid record on standard input: {0}")]
    Body(#[from] InputError),
    #[error("Cannot read {path}: {error}")]
    Input { path: PathBuf, error: io::Error },
    /// The file to import cannot be understood.
    #[error("{path}: {error}")]
    Import { path: PathBuf, error: ImportError },
    /// The spreadsheet to import cannot be read.
    #[error("{path}: {error}")]
    Sheet { path: PathBuf, error: SheetError },
    #[error("Cannot write {path}: {error}")]
    Created { path: PathBuf, error: io::Error },
    #[error("Cannot write to standard output: {0}")]
    Output(#[from] io::Error),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("Cannot start: {0}")]
    Start(io::Error),
    #[error("No folder for the session: set HOME or XDG_STATE_HOME.")]
    NoHome,
}

impl From<RowsError> for Failure {
    fn from(error: RowsError) -> Self {
        match error {
            RowsError::Client(error) => Self::Client(error),
            RowsError::Write(error) => Self::Output(error),
        }
    }
}

impl Failure {
    pub(super) fn from_stdin(error: io::Error) -> Self {
        Self::Input {
            path: "standard input".into(),
            error,
        }
    }

    /// Wrong arguments, in one line: what is wrong, without the usage.
    pub(super) fn arguments(error: &clap::Error) -> Self {
        let text = error.to_string();
        let what = text.split("\n\n").next().unwrap_or_default();
        let what = what.strip_prefix("error: ").unwrap_or(what);
        let words: Vec<_> = what.split_whitespace().collect();
        Self::Usage(words.join(" "))
    }

    pub(super) fn exit(&self) -> ExitStatus {
        match self {
            Self::Client(error)
            | Self::Employee { error, .. }
            | Self::Deleted { error, .. }
            | Self::UnknownOutcome(error) => exit_of(error),
            Self::NotRemoved(_) | Self::NameDiffers(_) => ExitStatus::Conflict,
            Self::Usage(_) | Self::Config(_) => ExitStatus::Usage,
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitStatus::Done,
            _ => ExitStatus::Failed,
        }
    }

    /// Whether to print nothing: the reader of the output closed the pipe.
    pub(super) fn is_quiet(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// The errors of single fields.
    pub(super) fn field_errors(&self) -> &[FieldError] {
        match self {
            Self::Body(InputError::Members(errors)) => errors,
            _ => self.problem().map_or(&[], |problem| &problem.errors),
        }
    }

    /// What went wrong, in the words of the application where the server's do not fit a command.
    pub(super) fn message(&self) -> String {
        match self.problem().map(|problem| problem.code) {
            Some(Code::CredentialsInvalid) => "Wrong username or password.".to_owned(),
            Some(Code::SessionExpired) => "Session expired.".to_owned(),
            _ => match self.current() {
                Some(Employee { id, version, .. }) => {
                    format!("Not changed: employee {id} is at version {version}.")
                }
                None => self.to_string(),
            },
        }
    }

    /// The record as it is now, if the version that the command named is another one.
    fn current(&self) -> Option<&Employee> {
        match self {
            Self::Client(ClientError::Refused(problem)) => problem.current.as_deref(),
            _ => None,
        }
    }

    /// What to do next.
    pub(super) fn hint(&self, server: Option<&str>) -> Option<String> {
        if let Some(Employee { id, version, .. }) = self.current() {
            return Some(format!(
                "Check it with: roster employees show {id}\nThen repeat the command with \
                    --version {version}, or without a version."
            ));
        }
        if let Self::Deleted { id, .. } = self {
            return Some(format!("To restore: roster employees restore {id}"));
        }
        if let Self::UnknownOutcome(_) = self {
            let hint =
                "Run the same command again: it completes the import, and adds nobody twice.";
            return Some(hint.to_owned());
        }
        let (Self::Client(error) | Self::Employee { error, .. }) = self else {
            return None;
        };
        // These are answers to a sign-in, after which it is no help to suggest one.
        let wrong = [Code::CredentialsInvalid, Code::CredentialsMissing];
        let is_sign_in = self
            .problem()
            .is_some_and(|problem| wrong.contains(&problem.code));
        (error.needs_sign_in() && !is_sign_in).then(|| match server {
            Some(server) => format!("Run: roster login --server {server}"),
            None => "Run: roster login".to_owned(),
        })
    }

    /// The server's problem document, or one of the same shape (RFC 9457, section 4.2.1), with the
    /// employee's id if there were several.
    pub(super) fn to_json(&self) -> Value {
        let mut problem = match self.problem() {
            Some(problem) => json!(problem),
            None => {
                let title = self.to_string();
                json!({"type": "about:blank", "title": without_error_numbers(&title), "errors": self.field_errors()})
            }
        };
        if let (Self::Employee { id, .. } | Self::Deleted { id, .. }, Some(members)) =
            (self, problem.as_object_mut())
        {
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
            }
            | Self::Deleted {
                error: ClientError::Refused(problem),
                ..
            } => Some(problem),
            _ => None,
        }
    }
}

fn exit_of(error: &ClientError) -> ExitStatus {
    match error {
        ClientError::Unreachable { .. } => ExitStatus::Unreachable,
        ClientError::Address(_) => ExitStatus::Usage,
        ClientError::Refused(problem) => exit_of_problem(problem),
        ClientError::SignInAgain(_) => ExitStatus::Refused,
        ClientError::Protocol(_) | ClientError::Jar { .. } => ExitStatus::Failed,
    }
}

fn exit_of_problem(problem: &Problem) -> ExitStatus {
    match (problem.code, problem.status) {
        (Code::CredentialsMissing, _) | (_, 401 | 403) => ExitStatus::Refused,
        (_, 404) => ExitStatus::NotFound,
        (_, 409 | 412) => ExitStatus::Conflict,
        _ => ExitStatus::Failed,
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
            (Code::CredentialsInvalid, ExitStatus::Refused),
            (Code::TokenMissing, ExitStatus::Refused),
            (Code::RefreshInvalid, ExitStatus::Refused),
            (Code::RoleRequired, ExitStatus::Refused),
            (Code::EmployeeNotFound, ExitStatus::NotFound),
            (Code::Stale, ExitStatus::Conflict),
            (Code::ValidationFailed, ExitStatus::Failed),
            (Code::TooManyRequests, ExitStatus::Failed),
            (Code::Unavailable, ExitStatus::Failed),
        ] {
            assert_eq!(exit(code), expected, "{code:?}");
        }
    }

    #[test]
    fn errors_that_need_a_sign_in_say_how() {
        let found = Failure::from(ClientError::SignInAgain(
            "The cookie jar is damaged.".into(),
        ));
        assert_eq!(
            (found.exit(), found.hint(None)),
            (ExitStatus::Refused, Some("Run: roster login".into()))
        );
        let elsewhere = found.hint(Some("https://staff.example.com"));
        assert_eq!(
            elsewhere.as_deref(),
            Some("Run: roster login --server https://staff.example.com")
        );
        let wrong = ClientError::Refused(Box::new(Problem::new(Code::CredentialsInvalid, "")));
        assert_eq!(Failure::from(wrong).hint(None), None);
    }

    #[test]
    fn a_reader_who_leaves_is_no_failure() {
        let left = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!((left.exit(), left.is_quiet()), (ExitStatus::Done, true));
    }
}
