//! The routes, in [one table](ROUTES). Dispatch, 405 responses, CORS, the OpenAPI document, the
//! metrics and the tests all use it.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use matchit::Router;
use roster_common::problem::Code;

use super::edge::host;
use super::edge::trace::Trace;
use super::reply::{empty, set};
use super::request::{HEAD_SIZE, head_size, routed};
use super::{ConnectionUse, Failure, Request, Response, extract, preconditions};
use crate::app::auth::identify;
use crate::rules::preconditions::Unmet;

mod parameters;
mod route;
mod table;

pub use route::{
    Guard, HandlerFuture, Parameter, ParameterLocation, Reply, Representation, ResponseHeader,
    Route, SchemaOf, Security, Tag, Takes,
};
pub use table::ROUTES;

/// The age of a stale answer in seconds.
const STALE: HeaderName = HeaderName::from_static("roster-stale");

/// The routes of each path.
static PATHS: LazyLock<Router<Vec<&'static Route>>> = LazyLock::new(|| {
    let mut router: Router<Vec<&'static Route>> = Router::new();
    let paths: BTreeSet<&'static str> = ROUTES.iter().map(|route| route.path).collect();
    for path in paths {
        let routes = ROUTES.iter().filter(|route| route.path == path).collect();
        // Fails only for conflicting paths, and a test looks up every path of the table.
        let _ = router.insert(path, routes);
    }
    router
});

/// The request headers that a page of a listed origin may send, for `Access-Control-Allow-Headers`.
pub static SENT_HEADERS: LazyLock<HeaderValue> = LazyLock::new(|| {
    let parameters = ROUTES.iter().flat_map(|route| &route.parameters);
    let headers = parameters.filter(|parameter| parameter.location == ParameterLocation::Header);
    let names = headers.map(|parameter| parameter.name);
    listed(names.chain(["Authorization", "Content-Type"]))
});

/// The response headers that a page of a listed origin may read, for
/// `Access-Control-Expose-Headers`: those of the table and those of problems.
pub static EXPOSED_HEADERS: LazyLock<HeaderValue> = LazyLock::new(|| {
    let replies = ROUTES.iter().flat_map(|route| &route.replies);
    let names = replies.flat_map(|reply| reply.headers.iter().map(|header| header.name));
    // Pages cannot read this header; the browser handles it.
    let names = names.filter(|name| *name != "Set-Cookie");
    listed(names.chain(["Retry-After", "WWW-Authenticate", "X-Request-Id"]))
});

fn listed(names: impl Iterator<Item = &'static str>) -> HeaderValue {
    let names: Vec<_> = names.collect::<BTreeSet<_>>().into_iter().collect();
    // Header names are ASCII, so their list is a valid value.
    HeaderValue::try_from(names.join(", ")).unwrap_or(HeaderValue::from_static(""))
}

/// The route of a method and a path. A HEAD is answered by the route of its GET.
pub fn find(method: &Method, path: &str) -> Option<&'static Route> {
    let routes = PATHS.at(path).ok()?.value;
    of_method(routes, method)
}

fn of_method(routes: &[&'static Route], method: &Method) -> Option<&'static Route> {
    let method = routed(method);
    routes.iter().copied().find(|route| route.method == method)
}

/// Finds the route, checks its guard, and runs its handler.
///
/// # Errors
/// The problem of the guard or of the handler; [`Code::NotFound`] and [`Code::MethodNotAllowed`] if
/// there is no such route; [`Code::HeadTooLarge`] for a head over [`HEAD_SIZE`].
pub async fn dispatch(mut request: Request, trace: &mut Trace) -> Result<Response, Failure> {
    if head_size(&request.head) > HEAD_SIZE {
        let detail = format!("Send at most {} KiB of header fields.", HEAD_SIZE / 1024);
        return Err(Failure::new(Code::HeadTooLarge, detail));
    }
    host::normalize(&mut request.head)?;
    let unknown = |_| Failure::new(Code::NotFound, "No resource at this path.");
    let found = PATHS.at(request.head.uri.path()).map_err(unknown)?;
    let parameter = found.params.iter().next();
    request.parameter = parameter.map(|(_, value)| value.to_owned());
    let routes = found.value;
    let state = Arc::clone(&request.state);
    let origins = &state.config.origins;
    let preflight = origins.preflight(&request.head, &SENT_HEADERS, || allowed(routes));
    if let Some(response) = preflight {
        return Ok(response);
    }
    let Some(route) = of_method(routes, &request.head.method) else {
        return Err(Failure::method_not_allowed(&allowed(routes)));
    };
    trace.route = Some(route);
    match &route.guard {
        Guard::Open(handler) => match response_without_etag(route, &request.head)? {
            Some(response) => Ok(response),
            None => handler(request).await,
        },
        Guard::Cookie(handler) => {
            origins.admit(&request.head)?;
            if request.head.method == Method::HEAD {
                return Ok(response_to_head(route));
            }
            handler(request).await
        }
        Guard::Bearer(permission, handler) => {
            let token = extract::bearer(&request.head.headers)?;
            let identity = identify(&state.app, token, *permission, route.staleness).await?;
            let stale_for = identity.stale_for;
            trace.user = Some(identity.username.clone());
            // Before the handler runs: a long upload must not be dropped for another connection.
            ConnectionUse::of(&request.head).sign_in();
            let answer = match response_without_etag(route, &request.head)? {
                Some(response) => Ok(response),
                None => handler(request, identity).await,
            };
            marked_stale(answer, stale_for)
        }
    }
}

/// Says in an answer from a stale state how old that is.
fn marked_stale(
    answer: Result<Response, Failure>,
    stale_for: Option<Duration>,
) -> Result<Response, Failure> {
    let Some(age) = stale_for else {
        return answer;
    };
    // Whoever reads the number may rely on it that nothing is older.
    let seconds = (age.as_secs() + 1).to_string();
    match answer {
        Ok(mut response) => {
            set(&mut response, STALE, seconds);
            Ok(response)
        }
        Err(failure) => Err(failure.with(STALE, seconds)),
    }
}

/// The response to a HEAD of a route whose GET changes something: that of a success, without doing
/// anything (RFC 9110, section 9.2.1).
fn response_to_head(route: &Route) -> Response {
    let reply = route.replies.first();
    let status = reply.and_then(|reply| StatusCode::from_u16(reply.status).ok());
    let mut response = empty(status.unwrap_or_default());
    if let Some(content) = reply.and_then(|reply| reply.contents.first()) {
        set(&mut response, CONTENT_TYPE, content.media_type);
    }
    response
}

/// Evaluates the preconditions for a route whose target has no entity tag. Returns the response if
/// they already decide it.
///
/// Routes with an entity tag evaluate the preconditions themselves, with the record. They do not
/// apply to the cookie routes, whose targets have no state to select (RFC 9110, section 13.2.1).
fn response_without_etag(route: &Route, head: &Parts) -> Result<Option<Response>, Failure> {
    if route.has_etag {
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
    use crate::app::auth::Staleness;
    use crate::rules::access::Permission;

    #[test]
    fn every_route_is_found_by_its_method_and_path() {
        for route in ROUTES.iter() {
            let path = route
                .path
                .replace("{id}", "7")
                .replace("{name}", "ada")
                .replace("{field}", "title")
                .replace("{code}", "stale");
            let found = find(&route.method, &path).unwrap();
            assert_eq!(found.number, route.number, "{} {path}", route.method);
        }
    }

    #[test]
    fn only_sessions_registration_problem_codes_health_and_the_document_need_no_token() {
        let open = ROUTES.iter().filter(|route| !route.needs_token());
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

    #[test]
    fn the_braces_of_a_path_are_its_path_parameters() {
        for route in ROUTES.iter() {
            let segments = route.path.split('/');
            let braces: Vec<_> = segments
                .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
                .collect();
            let parameters = route.parameters.iter();
            let named: Vec<_> = parameters
                .filter(|parameter| parameter.location == ParameterLocation::Path)
                .map(|parameter| parameter.name)
                .collect();
            assert_eq!(braces, named, "{}", route.path);
        }
    }

    #[test]
    fn only_reads_of_employees_may_be_stale_and_each_of_their_answers_may_say_so() {
        let stale = ROUTES
            .iter()
            .filter(|route| route.staleness == Staleness::Allowed);
        let mut names = Vec::new();
        for route in stale {
            names.push(route.name);
            assert!(matches!(route.guard, Guard::Bearer(Permission::Read, _)));
            let marks = |reply: &Reply| {
                let mut headers = reply.headers.iter();
                headers.any(|header| header.name.eq_ignore_ascii_case(STALE.as_str()))
            };
            assert!(route.replies.iter().any(marks), "{}", route.name);
        }
        assert_eq!(names, ["listEmployees", "listFieldValues", "getEmployee"]);
    }

    #[test]
    fn pages_of_listed_origins_may_use_the_headers_of_the_table() {
        assert_eq!(
            *SENT_HEADERS,
            "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID"
        );
        assert_eq!(
            *EXPOSED_HEADERS,
            "ETag, Link, Location, Retry-After, Roster-Stale, WWW-Authenticate, X-Dropped-Count, X-Offset, \
             X-Request-Id, X-Total-Count"
        );
    }
}
