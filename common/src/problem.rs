//! Every error: one table of codes, and the problem body (RFC 9457).

use serde::{Deserialize, Serialize};

use crate::account::Role;
use crate::api::{ImportReport, path};
use crate::employee::Employee;
use crate::extensible::Extensible;
pub use crate::field_error::{FieldError, MOST_ERRORS, Rule};

/// The media type of [`Problem`].
pub const MEDIA_TYPE: &str = "application/problem+json";

/// What a client should do about a problem.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transform = crate::schema::one_list))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Remedy {
    /// Refresh the access token and send the request again.
    Refresh,
    /// Ask the person to sign in.
    Login,
    /// Nothing; retrying would not help. Also an action that this version does not know.
    #[serde(other)]
    None,
}

macro_rules! codes {
    ($(
        $(#[doc = $meaning:literal])+
        $variant:ident = $name:literal, $status:literal, $action:ident, $title:literal, $remedy:literal;
    )*) => {
        /// The stable, machine-readable name of an error.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code {
            $($(#[doc = $meaning])+ $variant,)*
            /// A code that this version does not know.
            Unknown,
        }

        impl Code {
            /// Every code that a server can send.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* Self::Unknown => "unknown" }
            }

            /// The HTTP status of the code.
            pub fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* Self::Unknown => 500 }
            }

            /// What a client should do.
            pub fn action(self) -> Remedy {
                match self { $(Self::$variant => Remedy::$action,)* Self::Unknown => Remedy::None }
            }

            /// A short title, the same for every occurrence.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* Self::Unknown => "Unknown problem" }
            }

            /// What it means, in a sentence or two.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($meaning),+).trim_ascii_start(),)*
                    Self::Unknown => "A code that this version does not know.",
                }
            }

            /// What to do about it, for a person.
            pub fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy,)* Self::Unknown => "Update the client." }
            }
        }
    };
}

codes! {
    /// The request breaks a rule of HTTP, for instance with a header field that cannot be read.
    BadRequest = "bad_request", 400, None, "Malformed request",
        "Correct what `detail` names.";
    /// The body is not the JSON, CSV or NDJSON that the route takes, or not the encoding that it
    /// claims.
    BodyInvalid = "body_invalid", 400, None, "Invalid request body",
        "Correct the body where `detail` and `errors` say; /openapi.json has the schema.";
    /// A query parameter is unknown, given twice, or out of range.
    QueryInvalid = "query_invalid", 400, None, "Invalid query parameters",
        "Correct the parameters that `errors` names.";
    /// The credentials are missing, or are in both header and body.
    CredentialsMissing = "credentials_missing", 400, Login, "Credentials required",
        "Send `Authorization: Basic …`, or {\"user\": …, \"pwd\": …} as JSON, but not both.";
    /// The request needs an access token and has none.
    TokenMissing = "token_missing", 401, Login, "Authentication required",
        "Sign in at /auth and send `Authorization: Bearer …`.";
    /// Unknown user, wrong password or disabled account: the answer is the same for all three.
    CredentialsInvalid = "credentials_invalid", 401, Login, "Wrong username or password",
        "Check both. If they are right, ask an admin whether the account is enabled.";
    /// The request needs the refresh cookie and has none.
    RefreshMissing = "refresh_missing", 401, Login, "Authentication required",
        "Sign in at /auth and keep the cookie that it sets.";
    /// The access token has expired.
    TokenExpired = "token_expired", 403, Refresh, "The access token has expired",
        "Get a new one at /refresh and send the request again.";
    /// The access token is not one that this server signed for this use.
    TokenInvalid = "token_invalid", 403, Refresh, "Invalid access token",
        "Get a new one at /refresh and send the request again.";
    /// The user's role has changed since the token was signed.
    TokenStale = "token_stale", 403, Refresh, "The user's role has changed",
        "Get a new one at /refresh and send the request again.";
    /// The session was ended: by signing out, from another session, or by an admin.
    SessionEnded = "session_ended", 403, Login, "The session has ended",
        "Sign in again.";
    /// The session is past its idle or absolute limit.
    SessionExpired = "session_expired", 403, Login, "The session has expired",
        "Sign in again.";
    /// A refresh token that had been replaced was used again. Two clients held a copy of it, so the
    /// session was ended.
    SessionReuse = "session_reuse", 403, Login, "Refresh token reuse detected; the session was \
        ended",
        "Sign in again. Unless you copied the cookie yourself, change the password and tell an admin.";
    /// The refresh token is unknown or invalid.
    RefreshInvalid = "refresh_invalid", 403, Login, "Invalid refresh token",
        "Sign in again.";
    /// The account has been disabled.
    AccountDisabled = "account_disabled", 403, Login, "The account is disabled",
        "Ask an admin.";
    /// The role does not allow the request. `required` is the least role that does.
    RoleRequired = "role_required", 403, None, "Insufficient role",
        "Ask an admin for the role in `required`, or ask somebody who has it.";
    /// Accounts are opened by admins here: self-registration is switched off.
    RegistrationClosed = "registration_closed", 403, None, "Registration is closed",
        "Ask an admin for an account.";
    /// The browser says that the request comes from another site.
    CrossSite = "cross_site", 403, None, "Cross-site request refused",
        "Call this from a page of the server's own site, or have its operator list the origin.";
    /// There is no such path.
    NotFound = "not_found", 404, None, "Not found",
        "Check the path; /openapi.json lists all of them.";
    /// There is no employee with this id, or the employee was deleted.
    EmployeeNotFound = "employee_not_found", 404, None, "Employee not found",
        "List /employees for the ids. A deleted employee is restored by PUT with `If-None-Match: *`.";
    /// There is no account of this name.
    UserNotFound = "user_not_found", 404, None, "User not found",
        "List /users for the names.";
    /// There is no such session, it belongs to somebody else, or it has ended.
    SessionNotFound = "session_not_found", 404, None, "Session not found",
        "List /me/sessions for the ids.";
    /// There is no such run, or it is older than the 500 that are kept.
    RunNotFound = "run_not_found", 404, None, "Run not found",
        "List /employees/imports for the runs.";
    /// The path exists, but not for this method.
    MethodNotAllowed = "method_not_allowed", 405, None, "Method not allowed",
        "Use one of the methods in `Allow`.";
    /// None of the media types that the client accepts can be sent.
    NotAcceptable = "not_acceptable", 406, None, "Not acceptable",
        "Accept one of the media types that `detail` lists.";
    /// The request did not arrive in time.
    Timeout = "timeout", 408, None, "Request timeout",
        "Send it again over a faster connection, or in smaller parts.";
    /// Another account has the name.
    UsernameTaken = "username_taken", 409, None, "The username is taken",
        "Choose another name.";
    /// Without this account, nobody would be left to manage the accounts.
    LastAdmin = "last_admin", 409, None, "Cannot remove the last admin",
        "Make somebody else an admin first.";
    /// Another request is working on the run of this import.
    RunBusy = "run_busy", 409, None, "Another request is working on this run",
        "Send the request again in a few seconds, under the same key: it gets the result.";
    /// The run of this import was undone before it was complete.
    RunUndone = "run_undone", 409, None, "The import was undone",
        "To import again, send the request under another key.";
    /// The record is not in the state that the request names: `If-Match`, `If-None-Match` or
    /// `version` does not hold.
    Stale = "stale", 412, None, "The record has changed",
        "Compare with the record in `current`, merge, and send its version.";
    /// A precondition does not hold for a resource that has no entity tag.
    PreconditionFailed = "precondition_failed", 412, None, "A precondition does not hold",
        "Leave `If-Match` and `If-None-Match` out.";
    /// The body is over the limit. What counts is its length after decompression.
    BodyTooLarge = "body_too_large", 413, None, "Request body too large",
        "Send less at a time; `detail` says how much is allowed.";
    /// The route does not read the body's media type or content coding.
    MediaTypeUnsupported = "media_type_unsupported", 415, None, "Unsupported media type",
        "Send the `Content-Type` or `Content-Encoding` that `detail` names.";
    /// The body can be read, but a value breaks a rule. Nothing was changed.
    ValidationFailed = "validation_failed", 422, None, "Validation failed",
        "Correct the fields that `errors` names, or the rows in `report`.";
    /// The idempotency key was used for another body before.
    IdempotencyMismatch = "idempotency_mismatch", 422, None, "Idempotency key reused for a \
        different request",
        "Send another request under another key.";
    /// A change must say which version of the record it is based on.
    VersionRequired = "version_required", 428, None, "Precondition required",
        "Read the record and send its `ETag` as `If-Match`; `If-Match: *` changes any version.";
    /// Too many attempts in too short a time.
    TooManyRequests = "too_many_requests", 429, None, "Too many requests",
        "Wait for as many seconds as `Retry-After` says.";
    /// The request line and the header fields are over the limit together.
    HeadTooLarge = "head_too_large", 431, None, "Request header fields too large",
        "Send fewer or shorter header fields, or a shorter query.";
    /// The server has failed. Its log has the cause under the request id.
    Internal = "internal", 500, None, "Internal server error",
        "Try again, and tell the operator the request id.";
    /// The server cannot do it now: it is starting, stopping or overloaded, or its store cannot
    /// write.
    Unavailable = "unavailable", 503, None, "Service unavailable",
        "Try again after as many seconds as `Retry-After` says.";
}

impl Code {
    /// Reads [`Code::as_str`]; a name from a newer server is [`Code::Unknown`].
    pub fn from_name(name: &str) -> Self {
        Self::ALL
            .iter()
            .copied()
            .find(|code| code.as_str() == name)
            .unwrap_or(Self::Unknown)
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|name| Self::from_name(&name))
    }
}

/// The body of every error response (RFC 9457).
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transform = crate::schema::absent_not_null))]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// `/problems/<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same for every occurrence of the code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What to do in this case, as a sentence for a person.
    pub detail: String,
    /// The stable name of the problem.
    pub code: Code,
    /// What a client should do.
    pub action: Remedy,
    /// The id of the request in the server's log.
    #[serde(default)]
    pub request_id: String,
    /// What is wrong with each field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// With `role_required`: the least role that is allowed to do this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<Extensible<Role>>,
    /// With `stale`: the employee as it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<Box<Employee>>,
    /// With `validation_failed` of an import: the result of each row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<Box<ImportReport>>,
}

impl Problem {
    /// Creates a problem from its code; `detail` says what happened.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            kind: path::problem(code),
            title: code.title().to_owned(),
            status: code.status(),
            detail: detail.into(),
            code,
            action: code.action(),
            request_id: String::new(),
            errors: Vec::new(),
            required: None,
            current: None,
            report: None,
        }
    }
}

/// What a problem code means.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemType {
    /// `/problems/<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The stable name.
    pub code: Code,
    /// The refusal in a few words.
    pub title: String,
    /// The HTTP status of the code.
    pub status: u16,
    /// What a client should do.
    pub action: Remedy,
    /// What it means.
    pub meaning: String,
    /// What to do about it, for a person.
    pub remedy: String,
}

impl From<Code> for ProblemType {
    fn from(code: Code) -> Self {
        Self {
            kind: path::problem(code),
            code,
            title: code.title().to_owned(),
            status: code.status(),
            action: code.action(),
            meaning: code.meaning().to_owned(),
            remedy: code.remedy().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_own_explanation() {
        let mut meanings = std::collections::HashSet::new();
        for &code in Code::ALL {
            let ProblemType {
                meaning, remedy, ..
            } = code.into();
            for text in [&meaning, &remedy] {
                assert!(text.ends_with('.') && !text.starts_with(' '), "{text:?}");
            }
            assert!(meanings.insert(meaning), "{code:?}");
        }
    }

    #[test]
    fn a_field_error_repeats_only_the_beginning_of_a_long_name() {
        let error = FieldError::new("ß".repeat(10_000), Rule::Unknown, "Unknown field.");
        assert_eq!(error.field, format!("{}…", "ß".repeat(63)));
        let short = FieldError::new("shoe", Rule::Unknown, "Unknown field.");
        assert_eq!(short.field, "shoe");
    }

    #[test]
    fn every_code_reads_back_from_its_name() {
        for &code in Code::ALL {
            assert_eq!(Code::from_name(code.as_str()), code);
        }
        assert_eq!(Code::from_name("from_the_future"), Code::Unknown);
    }

    #[test]
    fn a_client_refreshes_for_three_codes_only() {
        let refresh: Vec<_> = Code::ALL
            .iter()
            .filter(|c| c.action() == Remedy::Refresh)
            .map(|c| c.as_str())
            .collect();
        assert_eq!(refresh, ["token_expired", "token_invalid", "token_stale"]);
    }

    #[test]
    fn a_problem_leaves_out_empty_members() {
        let json = serde_json::to_value(Problem::new(Code::TokenExpired, "Refresh it.")).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "type": "/problems/token_expired", "title": "The access token has expired", "status": 403,
                "detail": "Refresh it.", "code": "token_expired", "action": "refresh", "request_id": ""
            })
        );
    }
}
