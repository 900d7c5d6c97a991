//! The table of all routes.

use std::sync::LazyLock;

use hyper::Method;
use roster_common::Employee;
use roster_common::api::{
    self, FieldValue, Health, ImportReport, ImportRun, SavedEmployee, SignedIn, UndoReport, User,
    path,
};
use roster_common::event;
use roster_common::history::{AuditEntry, HistoryEntry};
use roster_common::problem::{Code, ProblemType};
use roster_common::schema::{
    Credentials, EmployeeChanges, EmployeeChangesById, EmployeeReference, EmployeeReplacement,
    NewEmployee, Registration,
};
use roster_common::users::{Account, NewUser, OpenSession, PasswordChange, UserChanges};
use schemars::JsonSchema;
use serde_json::{Map, Value};

use super::parameters::{
    DROPPED, ETAG, LINK, LOCATION, OFFSET, SET_COOKIE, STALE, TOTAL, employee_id, employee_list,
    forget, idempotency_key, if_match, if_match_or_none, if_none_match, import_key, import_options,
    last_event_id, log_page, logout_scope, problem_code, run_id, session_id, shared_field,
    username, value_list,
};
use super::route::{
    Guard, Representation, Route, Security, TOKEN, Tag, bearer, cookie, json, open, text,
};
use crate::http::handlers::{
    audit, auth, employees, events, history, import, me, ops, users, values,
};
use crate::rules::access::Permission;

const CSV: &str = "text/csv";
const NDJSON: &str = "application/x-ndjson";

/// What the stream of events contains.
const EVENTS: &str = "Server-sent events (WHATWG HTML, section 9.2) in commit order. `id` is \
    opaque; send the last one as `Last-Event-ID` to continue. `created`, `changed` and `deleted` carry \
    `{id, version, by, at, record}`; a deletion has no `record`. `changed-many` carries \
    `{ids, by, at, undoes}` for many that an import has added or changed, or that undoing one has: \
    reload those you hold. `undoes` is the import that was undone, if one was. `reset` means that \
    events may have been missed: reload what you hold, then apply what follows if its `version` is \
    higher than yours. A stream starts with `reset` if it does not continue, or if it continues from \
    before a restart or more than about 1,000 events ago. A comment arrives every 15 s. The stream \
    ends with the access token, after a comment that says so: refresh, and continue with \
    `Last-Event-ID`. It also ends with the session.";

/// How an import is written.
const IMPORT: &str = "The whole body is checked first. Up to 10,000 employees are written in one \
    transaction. More are written in slices of 5,000, managers first, so that other \
    writers wait for a slice only; a record that somebody changes meanwhile is decided again. An \
    import that changes something is a run, whose number is in the report and in the history of \
    each record. One that was interrupted is completed by the same request under the same \
    `Idempotency-Key`, or undone.";

fn get(path: &'static str, guard: Guard) -> Route {
    Route::new(Method::GET, path, guard)
}

fn post(path: &'static str, guard: Guard) -> Route {
    Route::new(Method::POST, path, guard)
}

fn put(path: &'static str, guard: Guard) -> Route {
    Route::new(Method::PUT, path, guard)
}

fn patch(path: &'static str, guard: Guard) -> Route {
    Route::new(Method::PATCH, path, guard)
}

fn delete(path: &'static str, guard: Guard) -> Route {
    Route::new(Method::DELETE, path, guard)
}

/// Every route.
pub static ROUTES: LazyLock<Vec<Route>> = LazyLock::new(|| {
    let sections = [
        authentication(),
        own_account(),
        accounts(),
        employee_lists(),
        single_employees(),
        server(),
    ];
    let rows = sections.into_iter().flatten().enumerate();
    rows.map(|(number, route)| route.finished(number)).collect()
});

fn authentication() -> Vec<Route> {
    vec![
        post(path::AUTH, cookie(auth::sign_in))
            .named(
                Tag::Authentication,
                "signIn",
                "Sign in with a username and a password",
            )
            .described("The credentials are in `Authorization: Basic` or in the body, not in both.")
            .or(Security::Basic)
            .may_take(json::<Credentials>())
            .returns(200, "Signed in.", json::<SignedIn>(), &[SET_COOKIE])
            .refuses(&[
                Code::CredentialsMissing,
                Code::CredentialsInvalid,
                Code::TooManyRequests,
                Code::Unavailable,
            ]),
        refresh(post(path::REFRESH, cookie(auth::refresh))).named(
            Tag::Authentication,
            "refresh",
            "Get a new access token",
        ),
        refresh(get(path::REFRESH, cookie(auth::refresh))).named(
            Tag::Authentication,
            "refreshByGet",
            "Get a new access token (GET alias)",
        ),
        logout(post(path::LOGOUT, cookie(auth::sign_out))).named(
            Tag::Authentication,
            "signOut",
            "Sign out",
        ),
        logout(get(path::LOGOUT, cookie(auth::sign_out))).named(
            Tag::Authentication,
            "signOutByGet",
            "Sign out (GET alias)",
        ),
        post(path::REGISTER, cookie(users::register))
            .named(
                Tag::Authentication,
                "register",
                "Open an account, if that is enabled",
            )
            .described("The account is a viewer.")
            .takes(json::<Registration>())
            .returns(201, "The new account.", json::<User>(), &[])
            .refuses(&[
                Code::RegistrationClosed,
                Code::UsernameTaken,
                Code::ValidationFailed,
                Code::TooManyRequests,
                Code::Unavailable,
            ]),
    ]
}

fn refresh(route: Route) -> Route {
    route
        .or(Security::Cookie)
        .described(
            "Exchanges the refresh cookie. A lost response can be requested again. Without a new \
             cookie in the response, the one that was sent stays valid.",
        )
        .returns(
            200,
            "The session continues.",
            json::<SignedIn>(),
            &[SET_COOKIE],
        )
        .refuses(&[
            Code::RefreshMissing,
            Code::RefreshInvalid,
            Code::SessionExpired,
            Code::SessionEnded,
            Code::SessionReuse,
            Code::AccountDisabled,
        ])
}

fn logout(route: Route) -> Route {
    route
        .or(Security::Cookie)
        .or(Security::Bearer)
        .described("Ends the session of the refresh cookie. Succeeds even if there is none.")
        .with([logout_scope()])
        .returns(204, "Signed out.", Vec::new(), &[SET_COOKIE])
        .refuses(&TOKEN)
        .refuses(&[Code::RefreshMissing, Code::RefreshInvalid])
}

fn own_account() -> Vec<Route> {
    vec![
        get(path::ME, bearer(Permission::Read, me::read))
            .named(Tag::Account, "getMe", "Get the account that is signed in")
            .returns(200, "The account and its session.", json::<api::Me>(), &[]),
        put(path::MY_PASSWORD, bearer(Permission::Read, me::password))
            .named(Tag::Account, "changePassword", "Change your password")
            .described("Ends your other sessions.")
            .takes(json::<PasswordChange>())
            .returns_nothing("The new password is valid from now on.")
            .refuses(&[
                Code::ValidationFailed,
                Code::TooManyRequests,
                Code::Unavailable,
            ]),
        get(path::MY_SESSIONS, bearer(Permission::Read, me::sessions))
            .named(Tag::Account, "listSessions", "List your open sessions")
            .returns(
                200,
                "The sessions, newest first.",
                json::<Vec<OpenSession>>(),
                &[],
            ),
        delete(path::MY_SESSION, bearer(Permission::Read, me::end_session))
            .named(Tag::Account, "endSession", "End one of your sessions")
            .with([session_id()])
            .returns_nothing("The session has ended.")
            .refuses(&[Code::SessionNotFound]),
    ]
}

fn accounts() -> Vec<Route> {
    vec![
        get(path::USERS, bearer(Permission::Manage, users::list))
            .named(Tag::Users, "listUsers", "List all accounts")
            .returns(200, "The accounts, by name.", json::<Vec<Account>>(), &[]),
        post(path::USERS, bearer(Permission::Manage, users::create))
            .named(Tag::Users, "createUser", "Create an account")
            .takes(json::<NewUser>())
            .returns(201, "The new account.", json::<Account>(), &[LOCATION])
            .refuses(&[
                Code::UsernameTaken,
                Code::ValidationFailed,
                Code::Unavailable,
            ]),
        patch(path::USER, bearer(Permission::Manage, users::change))
            .named(Tag::Users, "updateUser", "Change an account")
            .described("Disabling an account or setting its password ends its sessions.")
            .with([username()])
            .takes(json::<UserChanges>())
            .returns(200, "The account as it is now.", json::<Account>(), &[])
            .refuses(&[
                Code::UserNotFound,
                Code::LastAdmin,
                Code::ValidationFailed,
                Code::Unavailable,
            ]),
        delete(path::USER, bearer(Permission::Manage, users::remove))
            .named(Tag::Users, "deleteUser", "Delete an account")
            .described("Ends its sessions.")
            .with([username()])
            .returns_nothing("The account is deleted.")
            .refuses(&[Code::UserNotFound, Code::LastAdmin]),
        delete(
            path::USER_SESSIONS,
            bearer(Permission::Manage, users::end_sessions),
        )
        .named(
            Tag::Users,
            "endUserSessions",
            "End all sessions of an account",
        )
        .with([username()])
        .returns_nothing("Its sessions have ended.")
        .refuses(&[Code::UserNotFound]),
        get(path::AUDIT, bearer(Permission::Manage, audit::list))
            .named(Tag::Users, "listAudit", "List the audit log, newest first")
            .with(log_page())
            .returns(
                200,
                "A page of the log.",
                json::<Vec<AuditEntry>>(),
                &[LINK, DROPPED],
            ),
    ]
}

/// A list as JSON, CSV or NDJSON.
fn in_any_form<T: JsonSchema>() -> Vec<Representation> {
    let mut contents = json::<T>();
    contents.extend(text(&[CSV, NDJSON]));
    contents
}

fn employee_lists() -> Vec<Route> {
    vec![
        get(path::EMPLOYEES, bearer(Permission::Read, employees::list))
            .named(
                Tag::Employees,
                "listEmployees",
                "List employees, optionally filtered",
            )
            .described("With `limit` the response is one page, otherwise all employees, streamed.")
            .with(employee_list())
            .returns(
                200,
                "The employees. `Link`, `X-Total-Count` and `X-Offset` only with `limit`.",
                in_any_form::<Vec<Employee>>(),
                &[LINK, TOTAL, OFFSET, STALE],
            )
            .may_be_stale()
            .refuses(&[Code::NotAcceptable]),
        post(
            path::EMPLOYEES,
            bearer(Permission::Write, employees::create),
        )
        .named(Tag::Employees, "createEmployee", "Create an employee")
        .with([idempotency_key()])
        .takes(json::<NewEmployee>())
        .returns(
            201,
            "The new employee.",
            json::<SavedEmployee>(),
            &[ETAG, LOCATION],
        )
        .refuses(&[Code::ValidationFailed, Code::IdempotencyMismatch]),
        put(
            path::EMPLOYEES,
            bearer(Permission::Write, employees::merge_by_body),
        )
        .named(
            Tag::Employees,
            "updateEmployeeByBody",
            "Change the employee named in the body",
        )
        .with_etag()
        .takes(json::<EmployeeChangesById>())
        .returns(
            200,
            "The employee as it is now.",
            json::<SavedEmployee>(),
            &[ETAG],
        )
        .refuses(&[Code::ValidationFailed, Code::EmployeeNotFound, Code::Stale]),
        delete(
            path::EMPLOYEES,
            bearer(Permission::Delete, employees::delete_by_body),
        )
        .named(
            Tag::Employees,
            "deleteEmployeeByBody",
            "Delete the employee named in the body",
        )
        .with_etag()
        .takes(json::<EmployeeReference>())
        .returns_nothing("The employee is deleted.")
        .refuses(&[Code::ValidationFailed, Code::EmployeeNotFound, Code::Stale]),
        post(path::IMPORT, bearer(Permission::Write, import::post))
            .named(Tag::Employees, "importEmployees", "Import many employees")
            .described(IMPORT)
            .with([import_key()])
            .with(import_options())
            .takes(in_any_form::<Vec<Map<String, Value>>>())
            .returns(200, "The result of each row.", json::<ImportReport>(), &[])
            .refuses(&[
                Code::ValidationFailed,
                Code::IdempotencyMismatch,
                Code::RunBusy,
                Code::RunUndone,
                Code::Unavailable,
            ]),
        get(path::RUNS, bearer(Permission::Read, import::runs))
            .named(
                Tag::Employees,
                "listImports",
                "List the imports, newest first",
            )
            .described(
                "The runs: imports that changed something, and what undid them. The newest 500 \
                 are kept.",
            )
            .returns(200, "The runs.", json::<Vec<ImportRun>>(), &[]),
        post(path::UNDO_RUN, bearer(Permission::Write, import::undo))
            .named(Tag::Employees, "undoImport", "Undo an import")
            .described(
                "Deletes the people whom the run added, gives changed fields their old values, and \
                 restores people whom it deleted. What somebody has changed since stays, and is \
                 reported. Editors undo their own runs, admins all. An undo is a run too, and can \
                 be undone. A repeat completes an interrupted undo, or gets the same report.",
            )
            .with([run_id()])
            .returns(
                200,
                "What was undone, and what was not.",
                json::<UndoReport>(),
                &[],
            )
            .refuses(&[Code::RunNotFound, Code::RunBusy, Code::RunUndone]),
        get(path::VALUES, bearer(Permission::Read, values::list))
            .named(
                Tag::Employees,
                "listFieldValues",
                "List the values of a field, most used first",
            )
            .with([shared_field()])
            .with(value_list())
            .returns(200, "The values.", json::<Vec<FieldValue>>(), &[STALE])
            .may_be_stale()
            .refuses(&[Code::NotFound]),
        get(path::EVENTS, bearer(Permission::Read, events::follow))
            .named(
                Tag::Employees,
                "followEmployees",
                "Follow the changes to employees",
            )
            .described(EVENTS)
            .with([last_event_id()])
            .returns(
                200,
                "The stream of events.",
                text(&[event::MEDIA_TYPE]),
                &[],
            )
            .refuses(&[Code::Unavailable]),
    ]
}

fn single_employees() -> Vec<Route> {
    let not_there = [Code::EmployeeNotFound];
    let read = [Code::EmployeeNotFound, Code::Stale];
    let changed = [Code::EmployeeNotFound, Code::Stale, Code::VersionRequired];
    vec![
        get(path::EMPLOYEE, bearer(Permission::Read, employees::read))
            .named(Tag::Employees, "getEmployee", "Get an employee")
            .with_etag()
            .with([employee_id(), if_none_match()])
            .returns(200, "The employee.", json::<Employee>(), &[ETAG, STALE])
            .may_be_stale()
            .returns(
                304,
                "The client has the current version.",
                Vec::new(),
                &[ETAG],
            )
            .refuses(&read),
        put(
            path::EMPLOYEE,
            bearer(Permission::Write, employees::replace),
        )
        .named(
            Tag::Employees,
            "replaceEmployee",
            "Replace or restore an employee",
        )
        .with_etag()
        .with([employee_id()])
        .with(if_match_or_none())
        .takes(json::<EmployeeReplacement>())
        .returns(
            200,
            "The employee as it is now.",
            json::<SavedEmployee>(),
            &[ETAG],
        )
        .returns(
            201,
            "The employee was restored.",
            json::<SavedEmployee>(),
            &[ETAG, LOCATION],
        )
        .refuses(&changed)
        .refuses(&[Code::ValidationFailed]),
        patch(path::EMPLOYEE, bearer(Permission::Write, employees::merge))
            .named(
                Tag::Employees,
                "updateEmployee",
                "Update some fields of an employee",
            )
            .with_etag()
            .with([employee_id(), if_match()])
            .takes(json::<EmployeeChanges>())
            .returns(
                200,
                "The employee as it is now.",
                json::<SavedEmployee>(),
                &[ETAG],
            )
            .refuses(&changed)
            .refuses(&[Code::ValidationFailed]),
        delete(
            path::EMPLOYEE,
            bearer(Permission::Delete, employees::delete),
        )
        .named(
            Tag::Employees,
            "deleteEmployee",
            "Delete or forget an employee",
        )
        .with_etag()
        .with([employee_id(), if_match(), forget()])
        .returns_nothing("The employee is deleted.")
        .refuses(&changed),
        post(
            path::MERGE,
            bearer(Permission::Delete, employees::merge_other),
        )
        .named(
            Tag::Employees,
            "mergeEmployee",
            "Merge another record of the same person into an employee",
        )
        .described(
            "The body names the other employee by `id`, and may have its `version` and new values for \
             the one in the path, who also gets the other's reports. The other is deleted; its \
             history says into whom it was merged.",
        )
        .with_etag()
        .with([employee_id(), if_match()])
        .takes(json::<EmployeeChangesById>())
        .returns(
            200,
            "The employee as it is now.",
            json::<SavedEmployee>(),
            &[ETAG],
        )
        .refuses(&changed)
        .refuses(&[Code::ValidationFailed]),
        get(path::HISTORY, bearer(Permission::Read, history::list))
            .named(
                Tag::Employees,
                "listHistory",
                "List the history of an employee, newest first",
            )
            .with([employee_id()])
            .with(log_page())
            .returns(
                200,
                "A page of the history.",
                json::<Vec<HistoryEntry>>(),
                &[LINK],
            )
            .refuses(&not_there),
    ]
}

fn server() -> Vec<Route> {
    vec![
        get(path::PROBLEM, open(ops::problem))
            .named(Tag::Server, "getProblemType", "Explain a problem code")
            .with([problem_code()])
            .returns(200, "What the code means.", json::<ProblemType>(), &[])
            .refuses(&[Code::NotFound]),
        get(path::HEALTHZ, open(ops::healthz))
            .named(Tag::Server, "getHealth", "Check that the process runs")
            .returns(200, "It runs.", json::<Health>(), &[]),
        get(path::READYZ, open(ops::readyz))
            .named(
                Tag::Server,
                "getReadiness",
                "Check that the server can take requests",
            )
            .returns(
                200,
                "It takes requests, and its store takes writes.",
                json::<Health>(),
                &[],
            )
            .refuses(&[Code::Unavailable]),
        get(path::OPENAPI, open(ops::openapi))
            .named(Tag::Server, "getDocument", "Get this document")
            .returns(200, "The document.", json::<Map<String, Value>>(), &[]),
    ]
}
