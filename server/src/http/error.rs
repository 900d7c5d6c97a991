//! Every refusal as it looks on the wire: the one place where an error becomes a status, and where it is logged.

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
use super::content_coding::Unsupported;
use super::edge::host::InvalidHost;
use super::preconditions::Malformed;
use crate::app::AppError;
use crate::rules::preconditions::Unmet;
use crate::rules::session::Refusal;
use crate::store::{AccountRefused, Refused};
use crate::token::TokenError;

/// The most errors that `detail` repeats from `errors`.
const MOST_TOLD: usize = 5;

/// A refusal: a problem, and the headers that go with it.
#[derive(Debug)]
pub struct Failure {
    problem: Box<Problem>,
    headers: Vec<(HeaderName, String)>,
    /// For the log, and for nobody else.
    cause: Option<String>,
}

impl Failure {
    /// A refusal of that code, with what to do in `detail`.
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

    /// A refusal that says what is wrong with which field: with the first [`MOST_ERRORS`] in `errors`, and with fewer
    /// in `detail`, which a person reads.
    pub fn fields(code: Code, mut errors: Vec<FieldError>) -> Self {
        errors.truncate(MOST_ERRORS);
        let told = errors.iter().take(MOST_TOLD).map(FieldError::to_string);
        let mut detail = told.collect::<Vec<_>>().join(" ");
        if errors.len() > MOST_TOLD {
            detail.push_str(" See `errors` for the rest.");
        }
        let mut failure = Self::new(code, detail);
        failure.problem.errors = errors;
        failure
    }

    /// A refusal of a query string whose parameters cannot be taken.
    pub fn query(errors: Vec<FieldError>) -> Self {
        Self::fields(Code::QueryInvalid, errors)
    }

    /// A fault of this program; the client learns nothing of it.
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        Self {
            cause: Some(cause.to_string()),
            ..Self::new(
                Code::Internal,
                "Try again, and tell the operator the request id.",
            )
        }
    }

    /// The path is known, the method is not.
    pub fn method_not_allowed(allowed: &str) -> Self {
        let failure = Self::new(Code::MethodNotAllowed, format!("Use {allowed}."));
        failure.with(ALLOW, allowed.to_owned())
    }

    /// With a header.
    pub fn with(mut self, name: HeaderName, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// With a cookie that takes the refresh cookie away.
    pub fn clearing(self, cookie: String) -> Self {
        self.with(SET_COOKIE, cookie)
    }

    /// With more in the problem than its code says.
    pub fn with_problem(mut self, change: impl FnOnce(&mut Problem)) -> Self {
        change(&mut self.problem);
        self
    }

    /// Which refusal it is.
    pub fn code(&self) -> Code {
        self.problem.code
    }

    /// The answer. A fault of the server's is logged here, and nowhere else.
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
        // A problem is plain data: it can always be written.
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

impl From<Malformed> for Failure {
    fn from(error: Malformed) -> Self {
        Self::new(Code::BadRequest, error.to_string())
    }
}

impl From<Unsupported> for Failure {
    /// With the coding that is read (RFC 9110, section 15.5.16).
    fn from(error: Unsupported) -> Self {
        Self::new(Code::MediaTypeUnsupported, error.to_string())
            .with(ACCEPT_ENCODING, "gzip".to_owned())
    }
}

/// The challenge that goes with a code (RFC 6750, section 3; RFC 7617, section 2).
fn challenge(code: Code) -> Option<String> {
    let bearer = "Bearer realm=\"roster\"";
    Some(match code {
        Code::TokenMissing | Code::RefreshMissing => bearer.to_owned(),
        Code::TokenExpired => {
            format!("{bearer}, error=\"invalid_token\", error_description=\"expired\"")
        }
        Code::TokenInvalid | Code::TokenStale | Code::SessionEnded => {
            format!("{bearer}, error=\"invalid_token\"")
        }
        Code::RoleRequired => format!("{bearer}, error=\"insufficient_scope\""),
        Code::CredentialsInvalid => "Basic realm=\"roster\", charset=\"UTF-8\"".to_owned(),
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
                let seconds = wait.as_secs() + i64::from(wait.subsec_nanos() > 0);
                let failure = Self::new(
                    Code::TooManyRequests,
                    format!("Wait {seconds} s, and try again."),
                );
                failure.with(RETRY_AFTER, seconds.to_string())
            }
            AppError::Busy => Self::new(
                Code::Unavailable,
                "Many people are signing in; try again in a moment.",
            )
            .with(RETRY_AFTER, "1".into()),
            AppError::Token(TokenError::Expired) => {
                Self::new(Code::TokenExpired, "Refresh the access token.")
            }
            AppError::Token(TokenError::Invalid) => {
                Self::new(Code::TokenInvalid, "Refresh the access token.")
            }
            AppError::Stale => Self::new(
                Code::TokenStale,
                "Refresh the access token: the role has changed.",
            ),
            AppError::SessionEnded => Self::new(Code::SessionEnded, "Sign in again."),
            AppError::Role(role) => role_required(role),
            AppError::Refresh(refusal) => refused_refresh(refusal),
            AppError::Refused(refused) => refused_change(refused),
            AppError::Account(AccountRefused::Unknown) => {
                Self::new(Code::UserNotFound, "There is no account of that name.")
            }
            AppError::Account(AccountRefused::LastAdmin) => {
                Self::new(Code::LastAdmin, "Make somebody else an admin first.")
            }
            AppError::NameTaken => Self::new(Code::UsernameTaken, "Choose another name."),
            AppError::NoSession => Self::new(
                Code::SessionNotFound,
                "You have no open session of that id.",
            ),
            AppError::RegistrationClosed => {
                Self::new(Code::RegistrationClosed, "Ask an admin for an account.")
            }
            AppError::Cursor => Self::new(
                Code::QueryInvalid,
                "The cursor is not one of this list; begin again without it.",
            ),
            AppError::Store(error) => Self {
                cause: Some(error.to_string()),
                ..Self::new(
                    Code::Unavailable,
                    "The store does not answer; try again in a moment.",
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
        format!("This needs the role {role}; ask an admin."),
    )
    .with_problem(|problem| problem.required = Some(role))
}

fn refused_refresh(refusal: Refusal) -> Failure {
    let code = match refusal {
        Refusal::Invalid => Code::RefreshInvalid,
        Refusal::Expired => Code::SessionExpired,
        Refusal::Ended => Code::SessionEnded,
        Refusal::Reuse => Code::SessionReuse,
        Refusal::Disabled => Code::AccountDisabled,
    };
    let detail = match refusal {
        Refusal::Reuse => {
            "Somebody used a copy of this session's token. Sign in again, and tell an admin."
        }
        Refusal::Disabled => "Ask an admin.",
        Refusal::Invalid | Refusal::Expired | Refusal::Ended => "Sign in again.",
    };
    Failure::new(code, detail)
}

fn refused_change(refused: Refused) -> Failure {
    match refused {
        Refused::NotFound => {
            Failure::new(Code::EmployeeNotFound, "There is no employee of that id.")
        }
        Refused::Invalid(errors) => Failure::fields(Code::ValidationFailed, errors),
        Refused::KeyReused => Failure::new(
            Code::IdempotencyMismatch,
            "Send another body under another key.",
        ),
        Refused::Precondition(unmet, current) => unmet_precondition(unmet, current),
        Refused::Stale(current) => {
            let by = &current.updated_by;
            Failure::new(
                Code::Stale,
                format!(
                    "{by} has changed it to version {}. Merge, and try again.",
                    current.version
                ),
            )
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
