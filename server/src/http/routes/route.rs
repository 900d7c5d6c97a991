//! One entry of the route table, and the functions with which the table is written.

use std::future::Future;

use futures_util::future::BoxFuture;
use hyper::Method;
use roster_common::problem::Code;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use crate::app::auth::{Identity, Staleness};
use crate::http::{Failure, Request, Response};
use crate::rules::access::Permission;

/// What a handler returns.
pub type HandlerFuture = BoxFuture<'static, Result<Response, Failure>>;

/// Who may call a route, together with its handler. A handler that needs an [`Identity`] cannot be
/// called without one.
pub enum Guard {
    /// No authentication.
    Open(Box<dyn Fn(Request) -> HandlerFuture + Send + Sync>),
    /// No authentication by token: the handler reads or sets the refresh cookie. Cross-site
    /// requests of browsers are refused.
    Cookie(Box<dyn Fn(Request) -> HandlerFuture + Send + Sync>),
    /// An access token whose role has the permission.
    Bearer(
        Permission,
        Box<dyn Fn(Request, Identity) -> HandlerFuture + Send + Sync>,
    ),
}

/// Guards a handler with [`Guard::Open`].
pub(super) fn open<F, A>(handler: F) -> Guard
where
    F: Fn(Request) -> A + Send + Sync + 'static,
    A: Future<Output = Result<Response, Failure>> + Send + 'static,
{
    Guard::Open(Box::new(move |request| Box::pin(handler(request))))
}

/// Guards a handler with [`Guard::Cookie`].
pub(super) fn cookie<F, A>(handler: F) -> Guard
where
    F: Fn(Request) -> A + Send + Sync + 'static,
    A: Future<Output = Result<Response, Failure>> + Send + 'static,
{
    Guard::Cookie(Box::new(move |request| Box::pin(handler(request))))
}

/// Guards a handler with [`Guard::Bearer`].
pub(super) fn bearer<F, A>(permission: Permission, handler: F) -> Guard
where
    F: Fn(Request, Identity) -> A + Send + Sync + 'static,
    A: Future<Output = Result<Response, Failure>> + Send + 'static,
{
    Guard::Bearer(
        permission,
        Box::new(move |request, identity| Box::pin(handler(request, identity))),
    )
}

/// A way to authenticate, as the OpenAPI document names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// `Authorization: Basic`
    Basic,
    /// `Authorization: Bearer`
    Bearer,
    /// The refresh cookie.
    Cookie,
}

/// The section of the API document to which a route belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// Signing in, refreshing and signing out.
    Authentication,
    /// The user's own account.
    Account,
    /// Managing accounts.
    Users,
    /// The employee records.
    Employees,
    /// Health, documentation and problem codes.
    Server,
}

impl Tag {
    /// Every tag, in the order of the document.
    pub const ALL: [Self; 5] = [
        Self::Authentication,
        Self::Account,
        Self::Users,
        Self::Employees,
        Self::Server,
    ];

    /// Its name in the document.
    pub fn name(self) -> &'static str {
        match self {
            Self::Authentication => "Authentication",
            Self::Account => "Account",
            Self::Users => "Users",
            Self::Employees => "Employees",
            Self::Server => "Server",
        }
    }

    /// What its routes are for, in a sentence.
    pub fn description(self) -> &'static str {
        match self {
            Self::Authentication => "Sign in, renew the access token, and sign out.",
            Self::Account => "The account that is signed in: its password and its sessions.",
            Self::Users => "Manage accounts, and read the audit log. For admins.",
            Self::Employees => "Read, search, change, import and follow the employees.",
            Self::Server => "Health checks, and this document.",
        }
    }
}

/// Writes a type's schema into the document, and returns a reference to it.
pub type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// One representation of a body.
pub struct Representation {
    /// Its media type.
    pub media_type: &'static str,
    /// Its schema.
    pub schema: SchemaOf,
}

const JSON: &str = "application/json";

/// A JSON body.
pub(super) fn json<T: JsonSchema>() -> Vec<Representation> {
    vec![Representation {
        media_type: JSON,
        schema: SchemaGenerator::subschema_for::<T>,
    }]
}

/// A text body in one of these media types.
pub(super) fn text(media_types: &[&'static str]) -> Vec<Representation> {
    let schema: SchemaOf = |_| json_schema!({"type": "string"});
    let content = |media_type: &&'static str| Representation { media_type, schema };
    media_types.iter().map(content).collect()
}

/// Where a parameter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterLocation {
    /// In the path, where the template has its name in braces.
    Path,
    /// In the query string.
    Query,
    /// A request header.
    Header,
}

/// A parameter of a route.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its key in the components of the OpenAPI document.
    pub key: String,
    /// Where it is.
    pub location: ParameterLocation,
    /// Its name in the request.
    pub name: &'static str,
    /// What it does.
    pub description: &'static str,
    /// Whether a request without it is refused.
    pub is_required: bool,
    /// Its JSON Schema.
    pub schema: Value,
}

/// A header of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseHeader {
    /// Its name.
    pub name: &'static str,
    /// Its meaning.
    pub description: &'static str,
}

/// A response to a successful request.
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// When it is sent, in a sentence.
    pub description: &'static str,
    /// The representations of its body; empty if it has no body.
    pub contents: Vec<Representation>,
    /// Its headers, without those of every response.
    pub headers: &'static [ResponseHeader],
}

/// The request body of a route.
pub struct Takes {
    /// The representations of the body.
    pub contents: Vec<Representation>,
    /// Whether a request without a body is refused.
    pub is_required: bool,
}

/// One entry of the route table, with everything about the route.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, with `{…}` for at most one segment that varies.
    pub path: &'static str,
    /// Who may call it, and the handler.
    pub guard: Guard,
    /// The name of the operation, unique in the table.
    pub name: &'static str,
    /// Its section of the document.
    pub tag: Tag,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// What else a client should know; may be empty.
    pub description: &'static str,
    /// The parameters in the path, the query and the headers.
    pub parameters: Vec<Parameter>,
    /// The body that it reads, if any.
    pub takes: Option<Takes>,
    /// Whether it reads or changes one record, whose version is the entity tag. The handler of such
    /// a route evaluates the preconditions; for other routes dispatch does.
    pub has_etag: bool,
    /// Whether it may be answered without the database.
    pub staleness: Staleness,
    /// The responses to successful requests.
    pub replies: Vec<Reply>,
    /// Its number in the table.
    pub number: usize,
    /// Other ways to authenticate besides the guard's.
    also: Vec<Security>,
    /// The problem codes of its handler, besides those that follow from guard, body, query and
    /// preconditions.
    own_codes: Vec<Code>,
}

impl Route {
    /// Creates an entry; the methods below add the rest.
    pub(super) fn new(method: Method, path: &'static str, guard: Guard) -> Self {
        Self {
            method,
            path,
            guard,
            name: "",
            tag: Tag::Server,
            summary: "",
            description: "",
            parameters: Vec::new(),
            takes: None,
            has_etag: false,
            staleness: Staleness::Refused,
            replies: Vec::new(),
            number: 0,
            also: Vec::new(),
            own_codes: Vec::new(),
        }
    }

    /// Finishes the entry: sets its number, and adds the responses that follow from the rest.
    pub(super) fn finished(mut self, number: usize) -> Self {
        self.number = number;
        if self.lacks_etag() && self.method.is_safe() {
            let description = "`If-None-Match: *` was sent.";
            return self.returns(304, description, Vec::new(), &[]);
        }
        self
    }

    /// Returns `true` if dispatch evaluates its preconditions, without an entity tag.
    fn lacks_etag(&self) -> bool {
        !self.has_etag && !self.uses_cookie()
    }

    /// Names the operation.
    pub(super) fn named(mut self, tag: Tag, name: &'static str, summary: &'static str) -> Self {
        (self.tag, self.name, self.summary) = (tag, name, summary);
        self
    }

    /// Adds a longer description.
    pub(super) fn described(mut self, description: &'static str) -> Self {
        self.description = description;
        self
    }

    /// Adds parameters.
    pub(super) fn with(mut self, parameters: impl IntoIterator<Item = Parameter>) -> Self {
        self.parameters.extend(parameters);
        self
    }

    /// Adds a way to authenticate.
    pub(super) fn or(mut self, security: Security) -> Self {
        self.also.push(security);
        self
    }

    /// Marks it as working on one record, whose version is the entity tag.
    pub(super) fn with_etag(mut self) -> Self {
        self.has_etag = true;
        self
    }

    /// Allows answers from memory while the server is out of touch with the database.
    pub(super) fn may_be_stale(mut self) -> Self {
        self.staleness = Staleness::Allowed;
        self
    }

    /// Requires a request body.
    pub(super) fn takes(mut self, contents: Vec<Representation>) -> Self {
        self.takes = Some(Takes {
            contents,
            is_required: true,
        });
        self
    }

    /// Allows a request body.
    pub(super) fn may_take(mut self, contents: Vec<Representation>) -> Self {
        self.takes = Some(Takes {
            contents,
            is_required: false,
        });
        self
    }

    /// Adds a response.
    pub(super) fn returns(
        mut self,
        status: u16,
        description: &'static str,
        contents: Vec<Representation>,
        headers: &'static [ResponseHeader],
    ) -> Self {
        self.replies.push(Reply {
            status,
            description,
            contents,
            headers,
        });
        self
    }

    /// Adds a 204 response.
    pub(super) fn returns_nothing(self, description: &'static str) -> Self {
        self.returns(204, description, Vec::new(), &[])
    }

    /// Adds problem codes of its handler.
    pub(super) fn refuses(mut self, codes: &[Code]) -> Self {
        self.own_codes.extend(codes);
        self
    }

    /// Returns `true` if its handler reads the query string.
    fn has_query(&self) -> bool {
        self.parameters
            .iter()
            .any(|parameter| parameter.location == ParameterLocation::Query)
    }

    /// The ways to authenticate; empty if none is needed.
    pub fn security(&self) -> Vec<Security> {
        let of_guard = match self.guard {
            Guard::Bearer(..) => Some(Security::Bearer),
            Guard::Open(_) | Guard::Cookie(_) => None,
        };
        of_guard.into_iter().chain(self.also.clone()).collect()
    }

    /// Returns `true` if the handler reads or sets the refresh cookie.
    pub fn uses_cookie(&self) -> bool {
        matches!(self.guard, Guard::Cookie(_))
    }

    /// Returns `true` if the guard requires an access token.
    pub fn needs_token(&self) -> bool {
        matches!(self.guard, Guard::Bearer(..))
    }

    /// Every problem that a request to it can cause, in the order of [`Code::ALL`]: those of its
    /// guard, body, query and preconditions, and its own. [`Self::FAULTS`] are only included if a
    /// request can cause them.
    pub fn codes(&self) -> impl Iterator<Item = Code> {
        let of_preconditions: &[Code] = if self.lacks_etag() {
            &WITHOUT_ETAG
        } else {
            &[]
        };
        let of_body: &[Code] = if self.takes.is_some() { &BODY } else { &[] };
        let of_query: &[Code] = if self.has_query() { &QUERY } else { &[] };
        let lists: [&[Code]; 6] = [
            &EVERY_ROUTE,
            self.guard_codes(),
            of_body,
            of_query,
            of_preconditions,
            &self.own_codes,
        ];
        // Filtering the whole list sorts the codes and names each once: several lists have
        // `BadRequest`.
        Code::ALL
            .iter()
            .copied()
            .filter(move |code| lists.iter().any(|list| list.contains(code)))
    }

    fn guard_codes(&self) -> &'static [Code] {
        match self.guard {
            Guard::Open(_) => &[],
            Guard::Cookie(_) => &[Code::CrossSite],
            Guard::Bearer(Permission::Read, _) => &TOKEN,
            Guard::Bearer(..) => &TOKEN_AND_ROLE,
        }
    }

    /// Problems of the server itself, which any route can return at any time.
    pub const FAULTS: [Code; 2] = [Code::Internal, Code::Unavailable];
}

/// For a missing or malformed `Host`, malformed preconditions, and a head that is too large.
const EVERY_ROUTE: [Code; 2] = [Code::BadRequest, Code::HeadTooLarge];

const WITHOUT_ETAG: [Code; 1] = [Code::PreconditionFailed];

pub(super) const TOKEN: [Code; 5] = [
    Code::TokenMissing,
    Code::TokenExpired,
    Code::TokenInvalid,
    Code::TokenStale,
    Code::SessionEnded,
];

const TOKEN_AND_ROLE: [Code; 6] = [
    Code::TokenMissing,
    Code::TokenExpired,
    Code::TokenInvalid,
    Code::TokenStale,
    Code::SessionEnded,
    Code::RoleRequired,
];

const BODY: [Code; 5] = [
    Code::BadRequest,
    Code::BodyInvalid,
    Code::Timeout,
    Code::BodyTooLarge,
    Code::MediaTypeUnsupported,
];

const QUERY: [Code; 1] = [Code::QueryInvalid];
