//! The routes: one table, from which requests are dispatched, and in which every guard stands.

use std::sync::LazyLock;

use futures_util::future::BoxFuture;
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use matchit::Router;
use roster_common::api::path;
use roster_common::problem::Code;

use super::edge::host;
use super::edge::trace::Trace;
use super::handlers::{audit, auth, employees, events, history, import, me, ops, users, values};
use super::openapi::Shape;
use super::reply::empty;
use super::{Failure, HEAD_SIZE, Request, Response, extract, preconditions, routed, size_of};
use crate::app::auth::{Identity, identify};
use crate::rules::access::Permission;
use crate::rules::preconditions::Unmet;

type Answer = BoxFuture<'static, Result<Response, Failure>>;

/// Who may call a route, with the handler that this entitles to be called: one that takes an [`Identity`] cannot be
/// reached without one.
pub enum Guarded {
    /// Anybody.
    Open(fn(Request) -> Answer),
    /// Anybody, but no other site's page: it reads or sets the refresh cookie.
    Cookie(fn(Request) -> Answer),
    /// Who holds an access token; which role is needed besides.
    Bearer(Permission, fn(Request, Identity) -> Answer),
}

/// One row of the table.
pub struct Route {
    /// Its method.
    pub method: Method,
    /// Its path, with `{id}` where a number stands and `{name}` where a name does; at most one of them.
    pub path: &'static str,
    /// Who may call it, and what answers.
    pub guarded: Guarded,
    /// What it is sent.
    pub takes: Shape,
    /// The status of its answer, where all is well.
    pub status: u16,
    /// What it answers.
    pub gives: Shape,
    /// What it does.
    pub doc: &'static str,
    /// Its place in the table.
    pub number: usize,
}

impl Route {
    /// Whether it reads or writes one record, whose version is its entity tag.
    fn is_tagged(&self) -> bool {
        let is_by_body = matches!(self.method, Method::PUT | Method::DELETE);
        self.path == EMPLOYEE || (self.path == path::EMPLOYEES && is_by_body)
    }
}

macro_rules! routes {
    ($(
        $method:ident $path:expr, $guard:ident $(($permission:ident))? => $handler:path
        [$($takes:ident)? -> $status:literal $gives:ident], $doc:literal;
    )*) => {
        [$(Route {
            method: Method::$method,
            path: $path,
            guarded: routes!(@ $guard $(($permission))? $handler),
            takes: routes!(@ takes $($takes)?),
            status: $status,
            gives: Shape::$gives,
            doc: $doc,
            number: 0,
        },)*]
    };
    (@ takes) => { Shape::Nothing };
    (@ takes $shape:ident) => { Shape::$shape };
    (@ Bearer($permission:ident) $handler:path) => {
        Guarded::Bearer(Permission::$permission, |request, who| Box::pin($handler(request, who)))
    };
    (@ $guard:ident $handler:path) => { Guarded::$guard(|request| Box::pin($handler(request))) };
}

/// `/employees/{id}`
pub const EMPLOYEE: &str = "/employees/{id}";
/// `/employees/{id}/history`
pub const HISTORY: &str = "/employees/{id}/history";
/// `/me/sessions/{id}`
const MY_SESSION: &str = "/me/sessions/{id}";
/// `/users/{name}`
const USER: &str = "/users/{name}";
/// `/users/{name}/sessions`
const SESSIONS_OF: &str = "/users/{name}/sessions";

/// `/employees/values/{field}`
pub const VALUES: &str = "/employees/values/{field}";

/// `/problems/{code}`
pub const PROBLEM: &str = "/problems/{code}";

/// Every route.
pub static ROUTES: LazyLock<Vec<Route>> = LazyLock::new(|| {
    let rows = routes! {
        POST path::AUTH, Cookie => auth::login [Credentials -> 200 SignedIn], "Sign in with Basic credentials or JSON";
        POST path::REFRESH, Cookie => auth::refresh [-> 200 SignedIn], "Get a new access token for the refresh cookie";
        GET path::REFRESH, Cookie => auth::refresh [-> 200 SignedIn], "The same";
        POST path::LOGOUT, Cookie => auth::logout [-> 204 Nothing], "End the session of the refresh cookie";
        GET path::LOGOUT, Cookie => auth::logout [-> 204 Nothing], "The same";
        POST path::REGISTER, Cookie => users::register [Credentials -> 201 User], "Open an account for oneself, where that is allowed";
        GET path::ME, Bearer(Read) => me::read [-> 200 Me], "Who is signed in";
        PUT path::MY_PASSWORD, Bearer(Read) => me::password [PasswordChange -> 204 Nothing], "Change one's password, and end one's other sessions";
        GET path::MY_SESSIONS, Bearer(Read) => me::sessions [-> 200 OpenSessions], "One's open sessions";
        DELETE MY_SESSION, Bearer(Read) => me::end_session [-> 204 Nothing], "End one of one's sessions";
        GET path::USERS, Bearer(Manage) => users::list [-> 200 Accounts], "The accounts";
        POST path::USERS, Bearer(Manage) => users::create [NewUser -> 201 Account], "Add an account";
        PATCH USER, Bearer(Manage) => users::change [UserChanges -> 200 Account], "Change an account's role, state or password";
        DELETE USER, Bearer(Manage) => users::remove [-> 204 Nothing], "Delete an account";
        DELETE SESSIONS_OF, Bearer(Manage) => users::end_sessions [-> 204 Nothing], "End an account's sessions";
        GET path::EMPLOYEES, Bearer(Read) => employees::list [-> 200 Employees], "A page of employees, or all of them";
        POST path::EMPLOYEES, Bearer(Write) => employees::create [Changes -> 201 Employee], "Add an employee";
        PUT path::EMPLOYEES, Bearer(Write) => employees::merge_by_body [Changes -> 200 Employee], "Change the employee whose id is in the body";
        DELETE path::EMPLOYEES, Bearer(Delete) => employees::delete_by_body [Changes -> 204 Nothing], "Delete the employee whose id is in the body";
        POST path::IMPORT, Bearer(Write) => import::post [Rows -> 200 ImportReport], "Add many employees from CSV or NDJSON";
        GET VALUES, Bearer(Read) => values::list [-> 200 FieldValues], "The values that a field has, the most used first";
        GET EMPLOYEE, Bearer(Read) => employees::read [-> 200 Employee], "One employee";
        PUT EMPLOYEE, Bearer(Write) => employees::replace [Changes -> 200 Employee], "Replace an employee, or bring back one who was deleted";
        PATCH EMPLOYEE, Bearer(Write) => employees::merge [Changes -> 200 Employee], "Change some fields of an employee";
        DELETE EMPLOYEE, Bearer(Delete) => employees::delete [-> 204 Nothing], "Delete an employee";
        GET HISTORY, Bearer(Read) => history::list [-> 200 History], "What became of an employee, the newest first";
        GET path::AUDIT, Bearer(Manage) => audit::list [-> 200 Audit], "What was done, the newest first";
        GET path::EVENTS, Bearer(Read) => events::follow [-> 200 Events], "The changes of the employees, as they are committed";
        GET PROBLEM, Open => ops::problem [-> 200 ProblemType], "Explain a problem code";
        GET path::HEALTHZ, Open => ops::healthz [-> 200 Health], "The process runs";
        GET path::READYZ, Open => ops::readyz [-> 200 Health], "It takes requests, and its store takes writes";
        GET path::OPENAPI, Open => ops::openapi [-> 200 Document], "This document";
    };
    rows.into_iter()
        .enumerate()
        .map(|(number, route)| Route { number, ..route })
        .collect()
});

/// The routes of each path.
static PATHS: LazyLock<Router<Vec<&'static Route>>> = LazyLock::new(|| {
    let mut paths: Vec<(&'static str, Vec<&'static Route>)> = Vec::new();
    for route in ROUTES.iter() {
        match paths.iter_mut().find(|(path, _)| *path == route.path) {
            Some((_, routes)) => routes.push(route),
            None => paths.push((route.path, vec![route])),
        }
    }
    let mut router = Router::new();
    for (path, routes) in paths {
        // The paths are the table's own: a test holds that each of them is in the router.
        let _ = router.insert(path, routes);
    }
    router
});

/// Finds the route, lets its guard decide, and has its handler answer.
///
/// # Errors
/// The guard's refusal or the handler's; an unknown path; a method that the path does not have; a head over
/// [`HEAD_SIZE`].
pub async fn dispatch(mut request: Request, trace: &mut Trace) -> Result<Response, Failure> {
    if size_of(&request.head) > HEAD_SIZE {
        return Err(Failure::new(
            Code::HeadTooLarge,
            format!("Send at most {} KiB of header fields.", HEAD_SIZE / 1024),
        ));
    }
    host::settle(&mut request.head)?;
    let unknown = || Failure::new(Code::NotFound, "There is nothing at this path.");
    let found = PATHS.at(request.head.uri.path()).map_err(|_| unknown())?;
    request.parameter = found
        .params
        .iter()
        .next()
        .map(|(_, value)| value.to_owned());
    if let Some(answer) = request
        .state
        .config
        .origins
        .preflight(&request.head, || allowed(found.value))
    {
        return Ok(answer);
    }
    let method = routed(&request.head.method);
    let route = found.value.iter().find(|route| route.method == method);
    let Some(route) = route else {
        return Err(Failure::method_not_allowed(&allowed(found.value)));
    };
    trace.route = Some(route);
    match route.guarded {
        Guarded::Open(handler) => match preconditions_of(route, &request.head)? {
            Some(response) => Ok(response),
            None => handler(request).await,
        },
        Guarded::Cookie(handler) => {
            request.state.config.origins.admit(&request.head.headers)?;
            handler(request).await
        }
        Guarded::Bearer(permission, handler) => {
            let token = extract::bearer(&request.head.headers)?;
            let who = identify(&request.state.app, token, permission).await?;
            trace.user = Some(who.username.clone());
            match preconditions_of(route, &request.head)? {
                Some(response) => Ok(response),
                None => handler(request, who).await,
            }
        }
    }
}

/// Evaluates the preconditions for a route whose target has no entity tag. The other routes do it themselves, with the
/// record. (The routes of the cookie select nothing that could have a state, so preconditions do not apply to them:
/// RFC 9110, section 13.2.1.)
fn preconditions_of(route: &Route, head: &Parts) -> Result<Option<Response>, Failure> {
    if route.is_tagged() {
        return Ok(None);
    }
    match preconditions::read(&head.headers)?.check(None) {
        Ok(()) => Ok(None),
        Err(Unmet::Exists) if head.method.is_safe() => Ok(Some(empty(StatusCode::NOT_MODIFIED))),
        Err(_) => Err(Failure::new(
            Code::PreconditionFailed,
            "This resource has no entity tag; leave `If-Match` and `If-None-Match` out.",
        )),
    }
}

/// The methods of a path, for `Allow` (RFC 9110, section 10.2.1).
fn allowed(routes: &[&Route]) -> String {
    let mut methods: Vec<&str> = routes.iter().map(|route| route.method.as_str()).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_of_the_table_is_routed() {
        for route in ROUTES.iter() {
            let path = route.path.replace("{id}", "7").replace("{name}", "ada");
            let found = PATHS.at(&path).unwrap();
            assert!(
                found
                    .value
                    .iter()
                    .any(|r| r.method == route.method && r.path == route.path),
                "{}",
                route.path
            );
        }
    }

    #[test]
    fn nothing_but_signing_in_and_out_registration_and_health_is_open() {
        let open = ROUTES
            .iter()
            .filter(|route| !matches!(route.guarded, Guarded::Bearer(..)));
        let mut paths: Vec<_> = open.map(|route| route.path).collect();
        paths.dedup();
        assert_eq!(
            paths,
            [
                "/auth",
                "/refresh",
                "/logout",
                "/register",
                "/problems/{code}",
                "/healthz",
                "/readyz",
                "/openapi.json"
            ]
        );
    }
}
