//! Parses headers, path and body of a request, or refuses it.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use hyper::header::{
    AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, HeaderValue, USER_AGENT,
};
use percent_encoding::percent_decode_str;
use roster_common::changes::RecordInput;
use roster_common::members::{InputError, Members};
use roster_common::problem::{Code, Rule};
use roster_common::{EmployeeId, Password};
use sha2::{Digest, Sha256};

use super::body::collect;
use super::{Failure, Request, RequestBody, preconditions};
use crate::app::sign_in::{ClientInfo, Credentials};
use crate::rules::preconditions::Preconditions;
use crate::store::{EventNumber, IdempotencyKey};

/// The last event that the client received (WHATWG HTML, section 9.2).
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// The key that makes a request safe to repeat.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A header's single value as text; `None` if it is absent, repeated or not text.
fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// The credentials of an authentication scheme, whose name is case-insensitive (RFC 9110, section
/// 11.1).
fn credentials_of<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let (named, rest) = header(headers, &AUTHORIZATION)?.split_once(' ')?;
    named
        .eq_ignore_ascii_case(scheme)
        .then(|| rest.trim_start_matches(' '))
}

/// The access token (RFC 6750, section 2.1).
///
/// # Errors
/// [`Code::TokenMissing`]
pub fn bearer(headers: &HeaderMap) -> Result<&str, Failure> {
    let missing = || {
        Failure::new(
            Code::TokenMissing,
            "Sign in at /auth and send `Authorization: Bearer …`.",
        )
    };
    credentials_of(headers, "Bearer").ok_or_else(missing)
}

/// Returns `true` if the client sends `Basic` credentials, whatever they are worth.
pub fn sends_basic(headers: &HeaderMap) -> bool {
    credentials_of(headers, "Basic").is_some()
}

/// The values of all cookies with this name, in the order in which they were sent.
///
/// The other cookies in the same line belong to other programs of the host and may contain any
/// bytes, so the line is not read as text (RFC 6265, section 5.4).
pub fn cookies<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
    let lines = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
    let pairs = lines.flat_map(|line| line.split(|byte| *byte == b';'));
    pairs.filter_map(|pair| cookie_value(pair, name)).collect()
}

/// The value of a `name=value` pair, if it has this name and is text.
fn cookie_value<'a>(pair: &'a [u8], name: &str) -> Option<&'a str> {
    let rest = pair.trim_ascii_start().strip_prefix(name.as_bytes())?;
    let value = rest.trim_ascii_start().strip_prefix(b"=")?;
    std::str::from_utf8(value.trim_ascii()).ok()
}

/// The client's address and `User-Agent`.
pub fn peer(request: &Request) -> ClientInfo {
    let client = header(&request.head.headers, &USER_AGENT).unwrap_or_default();
    ClientInfo {
        address: request.address,
        client: client.chars().take(200).collect(),
    }
}

/// The username and password, from the header or from the body.
///
/// # Errors
/// [`Code::CredentialsMissing`] if neither or both contain them; [`Code::BodyInvalid`].
pub async fn credentials(headers: &HeaderMap, body: RequestBody) -> Result<Credentials, Failure> {
    let basic = credentials_of(headers, "Basic");
    // Read even if the header has credentials: others in the body would make it unclear which are
    // meant.
    let body = collect(headers, body).await?;
    match basic {
        Some(basic) if has_no_members(&body) => from_basic(basic),
        Some(_) => Err(Failure::new(
            Code::CredentialsMissing,
            "Send the credentials either in the header or in the body.",
        )),
        None if body.is_empty() => Err(Failure::new(
            Code::CredentialsMissing,
            "Send `Authorization: Basic …`, or {\"user\": …, \"pwd\": …} as JSON.",
        )),
        None => {
            expect_json(headers)?;
            from_json(&body)
        }
    }
}

/// Returns `true` for no body and for an empty JSON object, which some clients send with every
/// POST.
fn has_no_members(body: &[u8]) -> bool {
    body.trim_ascii().is_empty()
        || Members::read(body).is_ok_and(|members| members.names().next().is_none())
}

/// `Basic` credentials in UTF-8 (RFC 7617).
///
/// # Errors
/// [`Code::CredentialsMissing`]
pub fn from_basic(encoded: &str) -> Result<Credentials, Failure> {
    const LENIENT: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let engine = GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT);
    let pair = engine
        .decode(encoded.trim())
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let refuse = || {
        Failure::new(
            Code::CredentialsMissing,
            "`Authorization` must be `Basic` with the base64 of username:password in UTF-8.",
        )
    };
    let pair = zeroize::Zeroizing::new(pair.ok_or_else(refuse)?);
    // A password may contain colons, a username may not (RFC 7617, section 2).
    let (username, password) = pair.split_once(':').ok_or_else(refuse)?;
    Ok(Credentials {
        username: username.to_owned(),
        password: Password::new(password),
    })
}

/// `{"user": …, "pwd": …}`, also `username` and `password`.
///
/// # Errors
/// [`Code::BodyInvalid`], [`Code::CredentialsMissing`]
pub fn from_json(body: &[u8]) -> Result<Credentials, Failure> {
    let mut members = Members::read(body).map_err(malformed)?;
    let username = either(&mut members, "user", "username");
    let password = either(&mut members, "pwd", "password");
    // Unknown members are reported before missing ones, since a misspelt name is both.
    members
        .finish()
        .map_err(|errors| Failure::fields(Code::BodyInvalid, errors))?;
    match (username, password) {
        (Some(username), Some(password)) => Ok(Credentials {
            username,
            password: Password::new(&password),
        }),
        _ => Err(Failure::new(
            Code::CredentialsMissing,
            "The body must have `user` and `pwd`.",
        )),
    }
}

/// The text of a member with two possible names. If both are present, that is an error.
fn either(members: &mut Members<'_>, name: &str, other: &str) -> Option<String> {
    let first = members
        .names()
        .find(|n| [name, other].contains(n))?
        .to_owned();
    let second = if first == name { other } else { name };
    let text = members.text(&first);
    members.take(second, |_| {
        Err::<(), _>((Rule::Duplicate, "Given twice.".to_owned()))
    });
    text
}

/// The path parameter of the route.
pub fn named(request: &Request) -> Option<Cow<'_, str>> {
    request
        .parameter
        .as_deref()
        .map(|text| percent_decode_str(text).decode_utf8_lossy())
}

/// The id in the path. An invalid id is treated as unknown.
///
/// # Errors
/// [`Code::EmployeeNotFound`]
pub fn id(request: &Request) -> Result<EmployeeId, Failure> {
    let id = named(request).and_then(|text| text.parse().ok());
    id.ok_or_else(|| {
        Failure::new(
            Code::EmployeeNotFound,
            "An employee id is a positive whole number.",
        )
    })
}

/// The preconditions of a request that changes a record, which are required.
///
/// # Errors
/// [`Code::BadRequest`]; [`Code::VersionRequired`] (RFC 6585, section 3).
pub fn required_preconditions(headers: &HeaderMap) -> Result<Preconditions, Failure> {
    let preconditions = preconditions::read(headers)?;
    if preconditions.guard_a_change() {
        return Ok(preconditions);
    }
    Err(Failure::new(
        Code::VersionRequired,
        "Send `If-Match` with the ETag of the version you read.",
    ))
}

/// The `Idempotency-Key`, together with a digest of the body.
///
/// # Errors
/// [`Code::BadRequest`] if it is empty, too long, repeated, or not ASCII.
pub fn idempotency_key(
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Option<IdempotencyKey>, Failure> {
    let key = import_key(headers)?;
    Ok(key.map(|key| IdempotencyKey {
        key,
        digest: Sha256::digest(body).into(),
    }))
}

/// The `Idempotency-Key` of a request whose body has not been read.
///
/// # Errors
/// [`Code::BadRequest`] if it is empty, too long, repeated, or not ASCII.
pub fn import_key(headers: &HeaderMap) -> Result<Option<String>, Failure> {
    if !headers.contains_key(&IDEMPOTENCY_KEY) {
        return Ok(None);
    }
    let key = header(headers, &IDEMPOTENCY_KEY).filter(|key| (1..=255).contains(&key.len()));
    let key = key.ok_or_else(|| {
        Failure::new(
            Code::BadRequest,
            "`Idempotency-Key` must be 1 to 255 ASCII characters, sent once.",
        )
    })?;
    Ok(Some(key.to_owned()))
}

/// The event after which the stream continues; `None` if the header is absent or invalid.
pub fn last_event_id(headers: &HeaderMap) -> Option<EventNumber> {
    header(headers, &LAST_EVENT_ID)?.trim().parse().ok()
}

/// Parses a body that writes one record. Returns it with its bytes.
///
/// # Errors
/// [`Code::MediaTypeUnsupported`], [`Code::BodyTooLarge`], [`Code::Timeout`], [`Code::BodyInvalid`]
pub async fn document(
    headers: &HeaderMap,
    body: RequestBody,
) -> Result<(RecordInput, Bytes), Failure> {
    expect_json(headers)?;
    let body = collect(headers, body).await?;
    let document = RecordInput::from_json(&body).map_err(malformed)?;
    Ok((document, body))
}

/// The members of the JSON object in the body.
///
/// # Errors
/// [`Code::MediaTypeUnsupported`], [`Code::BodyTooLarge`], [`Code::Timeout`], [`Code::BodyInvalid`]
pub async fn members(headers: &HeaderMap, body: RequestBody) -> Result<Members<'static>, Failure> {
    expect_json(headers)?;
    let body = collect(headers, body).await?;
    let members = Members::read(&body).map_err(malformed)?;
    Ok(members.into_owned())
}

fn malformed(malformed: InputError) -> Failure {
    match malformed {
        InputError::Syntax { .. } => Failure::new(Code::BodyInvalid, malformed.to_string()),
        InputError::Members(errors) => Failure::fields(Code::BodyInvalid, errors),
    }
}

/// The media type of the body, without parameters, in lower case.
pub fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = header(headers, &CONTENT_TYPE)?;
    Some(
        value
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase(),
    )
}

fn expect_json(headers: &HeaderMap) -> Result<(), Failure> {
    match media_type(headers).as_deref() {
        None | Some("application/json" | "application/merge-patch+json") => Ok(()),
        Some(_) => Err(Failure::new(
            Code::MediaTypeUnsupported,
            "Send `Content-Type: application/json`.",
        )),
    }
}
