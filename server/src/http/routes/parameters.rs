//! The parameters of the routes, and the headers of their responses.

use roster_common::api::{EmptyCells, ImportMode, MatchBy, MissingPeople};
use roster_common::query::Window;
use roster_common::users::LogoutScope;
use roster_common::{EmployeeId, Field};
use serde_json::{Value, json};

use super::route::{Parameter, ParameterLocation, ResponseHeader};
use crate::http::handlers::values;
use crate::http::page;

fn parameter(
    key: impl Into<String>,
    location: ParameterLocation,
    name: &'static str,
    description: &'static str,
    schema: Value,
) -> Parameter {
    Parameter {
        key: key.into(),
        location,
        name,
        description,
        is_required: location == ParameterLocation::Path,
        schema,
    }
}

fn text() -> Value {
    json!({"type": "string"})
}

fn number(minimum: u64, maximum: u64) -> Value {
    json!({"type": "integer", "minimum": minimum, "maximum": maximum})
}

/// The id of an employee in the path.
pub(super) fn employee_id() -> Parameter {
    let schema = number(1, EmployeeId::MAX);
    parameter(
        "EmployeeId",
        ParameterLocation::Path,
        "id",
        "The employee's id.",
        schema,
    )
}

/// The id of a session in the path.
pub(super) fn session_id() -> Parameter {
    let schema = json!({"type": "string", "format": "uuid"});
    parameter(
        "SessionId",
        ParameterLocation::Path,
        "id",
        "The session's id.",
        schema,
    )
}

/// The name of an account in the path.
pub(super) fn username() -> Parameter {
    parameter(
        "Username",
        ParameterLocation::Path,
        "name",
        "The username.",
        text(),
    )
}

/// The code of a problem in the path.
pub(super) fn problem_code() -> Parameter {
    let description = "The `code` of a problem.";
    parameter(
        "ProblemCode",
        ParameterLocation::Path,
        "code",
        description,
        text(),
    )
}

/// The field whose values are listed.
pub(super) fn shared_field() -> Parameter {
    let schema = json!({"type": "string", "enum": Field::with_values().map(Field::name).collect::<Vec<_>>()});
    let description = "A field whose values many employees share, or `manager`, whose values are ids \
        with the name as `label`, found by the beginnings of its words.";
    parameter(
        "SharedField",
        ParameterLocation::Path,
        "field",
        description,
        schema,
    )
}

/// The version that the client wants to change.
pub(super) fn if_match() -> Parameter {
    Parameter {
        is_required: true,
        ..optional_if_match("IfMatch")
    }
}

/// Like [`if_match`], with `If-None-Match: *` as an alternative.
pub(super) fn if_match_or_none() -> [Parameter; 2] {
    let restores = "`*` instead of `If-Match` restores a deleted employee.";
    let if_none_match = parameter(
        "Restore",
        ParameterLocation::Header,
        "If-None-Match",
        restores,
        text(),
    );
    [optional_if_match("IfMatchOrNoneMatch"), if_none_match]
}

fn optional_if_match(key: &str) -> Parameter {
    let description = "The `ETag` of the version that is changed, or `*` for any.";
    parameter(
        key,
        ParameterLocation::Header,
        "If-Match",
        description,
        text(),
    )
}

/// The version that the client already has.
pub(super) fn if_none_match() -> Parameter {
    let description = "The `ETag` of the version that the client has. If it is current, the \
        response is 304.";
    parameter(
        "IfNoneMatch",
        ParameterLocation::Header,
        "If-None-Match",
        description,
        text(),
    )
}

/// The key that makes a creation safe to repeat.
pub(super) fn idempotency_key() -> Parameter {
    let description = "A key chosen by the client. A repeat with the same key within 24 hours gets \
        the response of the first request, and creates nothing.";
    let schema = json!({"type": "string", "minLength": 1, "maxLength": 255});
    parameter(
        "IdempotencyKey",
        ParameterLocation::Header,
        "Idempotency-Key",
        description,
        schema,
    )
}

/// The key that makes an import safe to repeat.
pub(super) fn import_key() -> Parameter {
    let description = "A key chosen by the client. A repeat of the import with the same key gets the \
        same report and changes nothing; it completes the import if that was interrupted. The key is \
        known as long as the run is.";
    let schema = json!({"type": "string", "minLength": 1, "maxLength": 255});
    parameter(
        "ImportKey",
        ParameterLocation::Header,
        "Idempotency-Key",
        description,
        schema,
    )
}

/// The number of a run in the path.
pub(super) fn run_id() -> Parameter {
    parameter(
        "RunId",
        ParameterLocation::Path,
        "run",
        "The number of the run.",
        number(1, EmployeeId::MAX),
    )
}

/// The event after which a stream continues.
pub(super) fn last_event_id() -> Parameter {
    let description =
        "The `id` of the last event that the client has. The stream continues after it.";
    parameter(
        "LastEventId",
        ParameterLocation::Header,
        "Last-Event-ID",
        description,
        text(),
    )
}

/// The page of a history or of the audit log.
pub(super) fn log_page() -> [Parameter; 2] {
    let limit = json!({
        "type": "integer", "minimum": 1, "maximum": page::MAX_LIMIT, "default": page::DEFAULT_LIMIT,
    });
    let before = "Only entries with a lower number: the `id`, or for a history the `version`.";
    [
        parameter(
            "LogLimit",
            ParameterLocation::Query,
            "limit",
            "Maximum number of entries.",
            limit,
        ),
        parameter(
            "LogBefore",
            ParameterLocation::Query,
            "before",
            before,
            json!({"type": "integer"}),
        ),
    ]
}

/// Which values of a field are listed.
pub(super) fn value_list() -> [Parameter; 3] {
    let limit = json!({
        "type": "integer", "minimum": 1, "maximum": values::MAX_LIMIT,
        "default": values::DEFAULT_LIMIT,
    });
    let q = "Only values that contain this text, those that begin with it first.";
    let filter = "Only employees that match this filter are counted. The language is that of `q` \
        in the list of employees.";
    [
        parameter(
            "ValueFilter",
            ParameterLocation::Query,
            "filter",
            filter,
            text(),
        ),
        parameter("ValueSearch", ParameterLocation::Query, "q", q, text()),
        parameter(
            "ValueLimit",
            ParameterLocation::Query,
            "limit",
            "Maximum number of values.",
            limit,
        ),
    ]
}

/// Which other sessions a sign-out ends.
pub(super) fn logout_scope() -> Parameter {
    let schema = json!({"type": "string", "enum": LogoutScope::BOTH.map(LogoutScope::as_str)});
    let description = "Ends all sessions of the account, or all but this one. Requires the access \
        token of the session as well.";
    parameter(
        "LogoutScope",
        ParameterLocation::Query,
        "scope",
        description,
        schema,
    )
}

/// Whether a deletion is for good.
pub(super) fn forget() -> Parameter {
    let description = "Also removes every value from the person's history, so that nobody can restore them. \
        Somebody who was deleted before can be forgotten too, with `If-Match: *`.";
    parameter(
        "Forget",
        ParameterLocation::Query,
        "forget",
        description,
        json!({"type": "boolean", "default": false}),
    )
}

/// How an import runs.
pub(super) fn import_options() -> [Parameter; 5] {
    let in_query = |key: &str, name, description, schema| {
        parameter(key, ParameterLocation::Query, name, description, schema)
    };
    let words = |words: Vec<&str>| json!({"type": "string", "enum": words});
    let modes = [ImportMode::Atomic, ImportMode::Partial].map(|mode| json!(mode));
    let mode = json!({"type": "string", "enum": modes, "default": ImportMode::default()});
    let empty = EmptyCells::WORDS.map(|(word, _)| word);
    let empty = json!({"type": "string", "enum": empty, "default": EmptyCells::default().as_str()});
    [
        in_query(
            "ImportMode",
            "mode",
            "Whether one refused row stops the whole import, or only itself.",
            mode,
        ),
        in_query(
            "DryRun",
            "dry_run",
            "Only checks, and writes nothing.",
            json!({"type": "boolean", "default": false}),
        ),
        in_query(
            "ImportMatch",
            "match",
            "Updates the employees who have this value of a row, and adds those whom nobody has. \
                Only columns of the body are changed.",
            words(MatchBy::WORDS.map(|(word, _)| word).to_vec()),
        ),
        in_query(
            "ImportMissing",
            "missing",
            "With `match`: lists the employees whom no row matches and who have not left, or also \
                sets their status. Nobody's status is set if a row was refused.",
            words(MissingPeople::WORDS.map(|(word, _)| word).to_vec()),
        ),
        in_query(
            "ImportEmpty",
            "empty",
            "With `match`: whether an empty value keeps or clears the employee's.",
            empty,
        ),
    ]
}

/// The filter, order and page of a list of employees.
pub(super) fn employee_list() -> Vec<Parameter> {
    let limit = number(1, Window::MAX_LIMIT as u64);
    let of_query = |key: &str, name, description, schema| {
        parameter(key, ParameterLocation::Query, name, description, schema)
    };
    let mut all = vec![
        of_query(
            "Search",
            "q",
            "A filter: words to search for in all fields or in one, and comparisons, as in \
             `dept:eng|sales !left hired:>2024`.",
            text(),
        ),
        of_query(
            "Sort",
            "sort",
            "Fields to sort by, with `-` for descending: `lastname,-hired`. `manager` sorts by the \
             manager's name, last name first.",
            text(),
        ),
        of_query(
            "Limit",
            "limit",
            "Maximum number of employees. Without it, all are sent.",
            limit,
        ),
        of_query(
            "Offset",
            "offset",
            "The number of employees to skip.",
            json!({"type": "integer", "minimum": 0}),
        ),
        of_query(
            "Around",
            "around",
            "The page that contains this employee, if the list does.",
            number(1, EmployeeId::MAX),
        ),
        of_query(
            "Names",
            "names",
            "With `true`, each employee of a JSON page also has `managerName`, if there is a manager.",
            json!({"type": "boolean"}),
        ),
        of_query(
            "Cursor",
            "cursor",
            "Continues after the previous page; taken from its `Link`.",
            text(),
        ),
    ];
    all.extend(Field::ALL.map(|field| {
        let key = format!("Filter-{field}");
        let description = "Only employees with this value.";
        parameter(
            key,
            ParameterLocation::Query,
            field.name(),
            description,
            text(),
        )
    }));
    all
}

const fn header(name: &'static str, description: &'static str) -> ResponseHeader {
    ResponseHeader { name, description }
}

/// The version of the record in the body.
pub(super) const ETAG: ResponseHeader = header("ETag", "The version, for `If-Match`.");
/// The path of the new record.
pub(super) const LOCATION: ResponseHeader = header("Location", "The path of the new resource.");
/// The other pages.
pub(super) const LINK: ResponseHeader = header("Link", "The other pages (RFC 8288).");
/// The length of the list.
pub(super) const TOTAL: ResponseHeader =
    header("X-Total-Count", "The number of employees on all pages.");
/// The position of the page.
pub(super) const OFFSET: ResponseHeader =
    header("X-Offset", "The number of employees before this page.");
/// The lines that the audit log has no longer.
pub(super) const DROPPED: ResponseHeader = header(
    "X-Dropped-Count",
    "The number of entries that were dropped for being too many or too old.",
);
/// How old the answer is.
pub(super) const STALE: ResponseHeader = header(
    "Roster-Stale",
    "Only with `--stale-reads`, and while the server cannot reach the database: the answer may be so \
    many seconds old.",
);
/// The refresh cookie.
pub(super) const SET_COOKIE: ResponseHeader =
    header("Set-Cookie", "Sets or clears the refresh cookie.");
