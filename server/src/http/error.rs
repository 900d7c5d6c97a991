//! Translates every error to a problem response, and logs those that are the server's own.

use bytes::Bytes;
use http_body_util::{Either, Full};
use hyper::StatusCode;
use hyper::header::{
    ACCEPT_ENCODING, ALLOW, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, SET_COOKIE,
    WWW_AUTHENTICATE,
};
use roster_common::problem::{Code, MEDIA_TYPE, MOST_ERRORS, Problem};
use roster_common::{Employee, FieldError, Role};

use super::Response;
use super::content_coding::UnsupportedCoding;
use super::edge::host::InvalidHost;
use super::preconditions::InvalidPrecondition;
use crate::app::AppError;
use crate::rules::preconditions::Unmet;
use crate::rules::session::RefreshRefusal;
use crate::store::{AccountRefusal, Refused, RunRefusal};
use crate::token::TokenError;

/// The challenge for credentials (RFC 7617, section 2).
const BASIC: &str = "Basic realm=\"roster\", charset=\"UTF-8\"";
/// The maximum number of errors that `detail` repeats from `errors`.
const MAX_IN_DETAIL: usize = 5;

/// An error response: a problem and its headers.
#[derive(Debug)]
pub struct Failure {
    problem: Box<Problem>,
    headers: Vec<(HeaderName, String)>,
    /// The cause, for the log only.
    cause: Option<String>,
}

impl Failure {
    /// Creates a failure with a code and a `detail` that says what to do.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        let headers = challenge(code)
            .map(|value| (WWW_AUTHENTICATE, value))
            .into_iter()
            .collect();
        Self {
            problem: Box::new(Problem::new(code, detail)),
            headers,
            cause: None,
        }
    }

    /// Creates a failure with field errors. `errors` gets at most [`MOST_ERRORS`] of them, and
    /// `detail`, which is for people, fewer.
    pub fn fields(code: Code, mut errors: Vec<FieldError>) -> Self {
        errors.truncate(MOST_ERRORS);
        let first = errors.iter().take(MAX_IN_DETAIL).map(FieldError::to_string);
        let mut detail = first.collect::<Vec<_>>().join(" ");
        if errors.len() > MAX_IN_DETAIL {
            detail.push_str(" See `errors` for the rest.");
        }
        let mut failure = Self::new(code, detail);
        failure.problem.errors = errors;
        failure
    }

    /// Creates a failure for invalid query parameters.
    pub fn query(errors: Vec<FieldError>) -> Self {
        Self::fields(Code::QueryInvalid, errors)
    }

    /// Creates an internal error; the client sees no details.
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        Self {
            cause: Some(cause.to_string()),
            ..Self::new(
                Code::Internal,
                "Try again. If it keeps failing, give the operator the request id.",
            )
        }
    }

    /// Creates a failure for a path that has other methods.
    pub fn method_not_allowed(allowed: &str) -> Self {
        let failure = Self::new(Code::MethodNotAllowed, format!("Use {allowed}."));
        failure.with(ALLOW, allowed.to_owned())
    }

    /// Adds a header.
    pub fn with(mut self, name: HeaderName, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Adds a cookie that clears the refresh cookie.
    pub fn clearing(self, cookie: String) -> Self {
        self.with(SET_COOKIE, cookie)
    }

    /// Challenges with `Basic` in place of `Bearer`.
    ///
    /// Only for a client that sent `Basic`: a browser that meets this challenge opens its own
    /// password dialog over the page.
    pub fn challenging_basic(mut self) -> Self {
        self.headers.retain(|(name, _)| name != WWW_AUTHENTICATE);
        self.with(WWW_AUTHENTICATE, BASIC.to_owned())
    }

    /// Adds more members to the problem.
    pub fn with_problem(mut self, change: impl FnOnce(&mut Problem)) -> Self {
        change(&mut self.problem);
        self
    }

    /// The code of the problem.
    pub fn code(&self) -> Code {
        self.problem.code
    }

    /// Returns `true` if the server failed, rather than refused the request.
    pub fn is_fault(&self) -> bool {
        self.cause.is_some()
    }

    /// The response. Internal errors are logged only here.
    pub fn into_response(mut self, request_id: &str) -> Response {
        if self.problem.status >= 500 {
            let cause = self.cause.as_deref().unwrap_or_default();
            tracing::error!(
                request_id,
                code = self.problem.code.as_str(),
                cause,
                "a request failed"
            );
        }
        self.problem.request_id = request_id.to_owned();
        // Plain data can always be serialised.
        let body = serde_json::to_vec(&self.problem).unwrap_or_default();
        let mut response = Response::new(Either::Left(Full::new(Bytes::from(body))));
        *response.status_mut() =
            StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        for (name, value) in self.headers {
            super::reply::set(&mut response, name, value);
        }
        response
    }
}

impl From<InvalidHost> for Failure {
    fn from(error: InvalidHost) -> Self {
        Self::new(Code::BadRequest, error.to_string())
    }
}

impl From<InvalidPrecondition> for Failure {
    fn from(error: InvalidPrecondition) -> Self {
        Self::new(Code::BadRequest, error.to_string())
    }
}

impl From<UnsupportedCoding> for Failure {
    /// Adds the supported coding (RFC 9110, section 15.5.16).
    fn from(error: UnsupportedCoding) -> Self {
        Self::new(Code::MediaTypeUnsupported, error.to_string())
            .with(ACCEPT_ENCODING, "gzip".to_owned())
    }
}

/// The challenge that goes with a code (RFC 6750, section 3). Every 401 needs one (RFC 9110,
/// section 15.5.2).
fn challenge(code: Code) -> Option<String> {
    let bearer = "Bearer realm=\"roster\"";
    Some(match code {
        Code::TokenMissing | Code::RefreshMissing | Code::CredentialsInvalid => bearer.to_owned(),
        Code::TokenExpired => {
            format!("{bearer}, error=\"invalid_token\", error_description=\"expired\"")
        }
        Code::TokenInvalid | Code::TokenStale | Code::SessionEnded => {
            format!("{bearer}, error=\"invalid_token\"")
        }
        Code::RoleRequired => format!("{bearer}, error=\"insufficient_scope\""),
        _ => return None,
    })
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Credentials => Self::new(
                Code::CredentialsInvalid,
                "The username or the password is wrong, or the account is disabled.",
            ),
            AppError::Throttled(wait) => {
                // Rounded up, so that a client that waits this long is not refused again.
                let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                let failure =
                    Self::new(Code::TooManyRequests, format!("Try again in {seconds} s."));
                failure.with(RETRY_AFTER, seconds.to_string())
            }
            AppError::Busy => Self::new(
                Code::Unavailable,
                "The server is busy. Try again in a moment.",
            )
            .with(RETRY_AFTER, "1".into()),
            AppError::Token(TokenError::Expired) => {
                Self::new(Code::TokenExpired, "Refresh the access token.")
            }
            AppError::Token(TokenError::Invalid) => {
                Self::new(Code::TokenInvalid, "Refresh the access token.")
            }
            AppError::TokenStale => Self::new(
                Code::TokenStale,
                "Refresh the access token: the role has changed.",
            ),
            AppError::SessionEnded => Self::new(Code::SessionEnded, "Sign in again."),
            AppError::Role(role) => role_required(role),
            AppError::Refresh(refusal) => refused_refresh(refusal),
            AppError::Refused(refused) => refused_change(refused),
            AppError::Account(AccountRefusal::Unknown) => {
                Self::new(Code::UserNotFound, "No account with that name.")
            }
            AppError::Account(AccountRefusal::LastAdmin) => {
                Self::new(Code::LastAdmin, "Make someone else an admin first.")
            }
            AppError::NameTaken => Self::new(Code::UsernameTaken, "Choose another name."),
            AppError::NoSession => Self::new(
                Code::SessionNotFound,
                "You have no open session with that id.",
            ),
            AppError::NoRun => Self::new(
                Code::RunNotFound,
                "No run with that number. The newest 500 are kept.",
            ),
            AppError::Run(RunRefusal::Busy) => Self::new(
                Code::RunBusy,
                "Another request is working on this run. Send the same request again in a moment.",
            )
            .with(RETRY_AFTER, "2".into()),
            AppError::Run(RunRefusal::KeyReused) => key_reused(),
            AppError::Run(RunRefusal::Undone) => Self::new(
                Code::RunUndone,
                "The run of this key was undone. To import again, use another key.",
            ),
            AppError::RegistrationClosed => {
                Self::new(Code::RegistrationClosed, "Ask an admin for an account.")
            }
            AppError::Cursor => Self::new(
                Code::QueryInvalid,
                "The cursor does not belong to this list. Start again without it.",
            ),
            // The cause may name files and tables, so it is logged but not sent.
            AppError::Store(error) => Self {
                cause: Some(error.to_string()),
                ..Self::new(
                    Code::Unavailable,
                    "The database is not available. Try again in a moment.",
                )
                .with(RETRY_AFTER, "1".into())
            },
            AppError::Internal(cause) => Self::internal(&cause),
        }
    }
}

fn role_required(role: Role) -> Failure {
    Failure::new(
        Code::RoleRequired,
        format!("Requires the role {role}. Ask an admin."),
    )
    .with_problem(|problem| problem.required = Some(role.into()))
}

fn refused_refresh(refusal: RefreshRefusal) -> Failure {
    let code = match refusal {
        RefreshRefusal::Invalid => Code::RefreshInvalid,
        RefreshRefusal::Expired => Code::SessionExpired,
        // A client treats both alike; only the person needs to hear about the backup.
        RefreshRefusal::Ended | RefreshRefusal::Restored => Code::SessionEnded,
        RefreshRefusal::Reuse => Code::SessionReuse,
        RefreshRefusal::Disabled => Code::AccountDisabled,
    };
    let detail = match refusal {
        RefreshRefusal::Reuse => {
            "A copy of this session's token was used. Sign in again and tell an admin."
        }
        RefreshRefusal::Disabled => "Ask an admin.",
        RefreshRefusal::Restored => "The server was restored from a backup. Sign in again.",
        RefreshRefusal::Invalid | RefreshRefusal::Expired | RefreshRefusal::Ended => {
            "Sign in again."
        }
    };
    Failure::new(code, detail)
}

fn key_reused() -> Failure {
    let detail = "Use a new key for a different body.";
    Failure::new(Code::IdempotencyMismatch, detail)
}

fn refused_change(refused: Refused) -> Failure {
    match refused {
        Refused::NotFound => Failure::new(Code::EmployeeNotFound, "No employee with that id."),
        Refused::Invalid(errors) => Failure::fields(Code::ValidationFailed, errors),
        Refused::KeyReused => key_reused(),
        Refused::Precondition(unmet, current) => unmet_precondition(unmet, current),
        Refused::Stale(current) => {
            let by = &current.updated_by;
            Failure::new(
                Code::Stale,
                format!(
                    "{by} changed it to version {}. Merge and try again.",
                    current.version
                ),
            )
            // With the current record a client can merge without another request.
            .with_problem(|problem| problem.current = Some(current))
        }
    }
}

fn unmet_precondition(unmet: Unmet, current: Box<Employee>) -> Failure {
    let etag = current.version.etag();
    let detail = match unmet {
        Unmet::Weak => format!(
            "A weak entity tag, which begins with W/, never matches `If-Match`. The record's tag is {etag}."
        ),
        Unmet::Exists => format!(
            "There is an employee with this id, whose tag is {etag}; `If-None-Match` asks for none."
        ),
        Unmet::Changed => format!("The record's tag is {etag}."),
    };
    Failure::new(Code::Stale, detail).with_problem(|problem| problem.current = Some(current))
}
