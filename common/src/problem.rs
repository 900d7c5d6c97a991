//! Every refusal: one table of codes, and the body that carries one (RFC 9457).

use serde::{Deserialize, Serialize};

use crate::api::ImportReport;
use crate::employee::Employee;
pub use crate::field_error::{FieldError, Rule};

/// The media type of [`Problem`].
pub const MEDIA_TYPE: &str = "application/problem+json";

/// What a client should do about a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Refresh the access token, and send the request once more.
    Refresh,
    /// Ask the person to sign in.
    Login,
    /// Nothing that a client can do by itself.
    None,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $status:literal, $action:ident, $title:literal;)*) => {
        /// The stable, machine-readable name of a refusal.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code {
            $($(#[$doc])* $variant,)*
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

            /// The HTTP status that goes with it.
            pub fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* Self::Unknown => 500 }
            }

            /// What a client should do.
            pub fn action(self) -> Action {
                match self { $(Self::$variant => Action::$action,)* Self::Unknown => Action::None }
            }

            /// The refusal in a few words, the same for every occurrence.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* Self::Unknown => "Unknown problem" }
            }
        }
    };
}

codes! {
    /// The request is not HTTP that can be understood.
    BadRequest = "bad_request", 400, None, "The request cannot be understood";
    /// The body is not the JSON or CSV that the route takes.
    BodyInvalid = "body_invalid", 400, None, "The body cannot be read";
    /// A query parameter is unknown or out of range.
    QueryInvalid = "query_invalid", 400, None, "The query cannot be read";
    /// Neither header nor body carries credentials, or both do.
    CredentialsMissing = "credentials_missing", 400, Login, "Send a username and a password";
    /// No bearer token.
    TokenMissing = "token_missing", 401, Login, "Sign in first";
    /// Unknown user, wrong password or disabled account: never told apart.
    CredentialsInvalid = "credentials_invalid", 401, Login, "Wrong username or password";
    /// No refresh cookie.
    RefreshMissing = "refresh_missing", 401, Login, "Sign in first";
    /// The access token is past its time.
    TokenExpired = "token_expired", 403, Refresh, "The access token has expired";
    /// The access token is not one that this server signed for this use.
    TokenInvalid = "token_invalid", 403, Refresh, "The access token is not valid";
    /// The user's role has changed since the token was signed.
    TokenStale = "token_stale", 403, Refresh, "The role has changed since the token was signed";
    /// The session has ended: signed out, or ended by somebody.
    SessionEnded = "session_ended", 403, Login, "The session has ended";
    /// The session is past its idle or absolute limit.
    SessionExpired = "session_expired", 403, Login, "The session has expired";
    /// An old refresh token came back: the session was ended, since one of its holders is a thief.
    SessionReuse = "session_reuse", 403, Login, "A used refresh token came back, so the session was ended";
    /// The refresh token is not one that this server knows.
    RefreshInvalid = "refresh_invalid", 403, Login, "The refresh token is not valid";
    /// The account has been disabled.
    AccountDisabled = "account_disabled", 403, Login, "The account is disabled";
    /// The role does not allow it.
    RoleRequired = "role_required", 403, None, "The role does not allow it";
    /// Nobody may open an account for themselves here.
    RegistrationClosed = "registration_closed", 403, None, "Accounts are opened by an admin";
    /// A browser marked the request as coming from another site.
    CrossSite = "cross_site", 403, None, "Cross-site requests are refused here";
    /// No such path.
    NotFound = "not_found", 404, None, "There is nothing here";
    /// No such employee.
    EmployeeNotFound = "employee_not_found", 404, None, "No such employee";
    /// No such account.
    UserNotFound = "user_not_found", 404, None, "No such user";
    /// No such session, or one of somebody else, or one that has ended.
    SessionNotFound = "session_not_found", 404, None, "No such session";
    /// The path is known, the method is not.
    MethodNotAllowed = "method_not_allowed", 405, None, "The method is not allowed here";
    /// None of the accepted media types can be sent.
    NotAcceptable = "not_acceptable", 406, None, "No accepted media type can be sent";
    /// The body did not arrive in time.
    Timeout = "timeout", 408, None, "The request took too long to arrive";
    /// Another account has the name.
    UsernameTaken = "username_taken", 409, None, "The username is taken";
    /// Nobody would be left to manage the accounts.
    LastAdmin = "last_admin", 409, None, "This is the last admin";
    /// The record has changed since the version that the client names.
    Stale = "stale", 412, None, "The record has been changed meanwhile";
    /// The body is over the limit.
    BodyTooLarge = "body_too_large", 413, None, "The body is too large";
    /// The body's media type is not one that the route reads.
    MediaTypeUnsupported = "media_type_unsupported", 415, None, "The media type is not supported";
    /// A rule of a field is broken.
    ValidationFailed = "validation_failed", 422, None, "Some fields need another value";
    /// The key was used before, with another body.
    IdempotencyMismatch = "idempotency_mismatch", 422, None, "The idempotency key was used for another request";
    /// A change needs `If-Match`.
    VersionRequired = "version_required", 428, None, "Say which version you change";
    /// Too many tries.
    TooManyRequests = "too_many_requests", 429, None, "Too many tries";
    /// The head is over the limit.
    HeadTooLarge = "head_too_large", 431, None, "The request's head is too large";
    /// A fault of the server's.
    Internal = "internal", 500, None, "Something went wrong in the server";
    /// The server cannot do it now: a full queue, or a store that cannot write.
    Unavailable = "unavailable", 503, None, "The server cannot do this now";
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

/// The body of every error answer (RFC 9457, section 3).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// `/problems/<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same for every occurrence of the code.
    pub title: String,
    /// The HTTP status again.
    pub status: u16,
    /// This occurrence, in a sentence that says what to do.
    pub detail: String,
    /// The stable name.
    pub code: Code,
    /// What a client should do.
    pub action: Action,
    /// The request, as the server's log names it.
    #[serde(default)]
    pub request_id: String,
    /// What is wrong with which field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// With [`Code::RoleRequired`]: the least role that may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<crate::Role>,
    /// With [`Code::Stale`]: the record as it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<Box<Employee>>,
    /// With [`Code::ValidationFailed`] of an import: what is wrong with which row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<Box<ImportReport>>,
}

impl Problem {
    /// A problem whose fields all follow from its code.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("/problems/{}", code.as_str()),
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

#[cfg(test)]
mod tests {
    use super::*;

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
            .filter(|c| c.action() == Action::Refresh)
            .map(|c| c.as_str())
            .collect();
        assert_eq!(refresh, ["token_expired", "token_invalid", "token_stale"]);
    }

    #[test]
    fn a_problem_names_its_code_and_leaves_out_what_it_has_not() {
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
