//! A row of the route table, and the words in which the table is written.

use std::future::Future;

use futures_util::future::BoxFuture;
use hyper::Method;
use roster_common::problem::Code;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use crate::app::auth::Identity;
use crate::http::{Failure, Request, Response};
use crate::rules::access::Permission;

/// What a handler returns.
pub type Answer = BoxFuture<'static, Result<Response, Failure>>;

/// Who may call a route, together with the handler: one that takes an [`Identity`] cannot be reached
/// without one.
pub enum Guard {
    /// No authentication.
    Open(Box<dyn Fn(Request) -> Answer + Send + Sync>),
    /// Anybody but a page of another site: the handler reads or sets the refresh cookie.
    Cookie(Box<dyn Fn(Request) -> Answer + Send + Sync>),
    /// Anybody with an access token whose role has the permission.
    Bearer(
        Permission,
        Box<dyn Fn(Request, Identity) -> Answer + Send + Sync>,
    ),
}

/// [`Guard::Open`] before a handler.
pub(super) fn open<F, A>(handler: F) -> Guard
where
    F: Fn(Request) -> A + Send + Sync + 'static,
    A: Future<Output = Result<Response, Failure>> + Send + 'static,
{
    Guard::Open(Box::new(move |request| Box::pin(handler(request))))
}

/// [`Guard::Cookie`] before a handler.
pub(super) fn cookie<F, A>(handler: F) -> Guard
where
    F: Fn(Request) -> A + Send + Sync + 'static,
    A: Future<Output = Result<Response, Failure>> + Send + 'static,
{
    Guard::Cookie(Box::new(move |request| Box::pin(handler(request))))
}

/// [`Guard::Bearer`] before a handler.
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

/// How a client may authenticate, as the OpenAPI document names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// `Authorization: Basic`
    Basic,
    /// `Authorization: Bearer`
    Bearer,
    /// The refresh cookie.
    Cookie,
}

/// The chapter of the API to which a route belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// Signing in and out.
    Authentication,
    /// The account that is signed in.
    Account,
    /// Managing accounts.
    Users,
    /// The records.
    Employees,
    /// The server itself.
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

    /// What its routes are for.
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

/// One form of a body.
pub struct Content {
    /// Its media type.
    pub media_type: &'static str,
    /// Its schema.
    pub schema: SchemaOf,
}

const JSON: &str = "application/json";

/// A JSON body.
pub(super) fn json<T: JsonSchema>() -> Vec<Content> {
    vec![Content {
        media_type: JSON,
        schema: SchemaGenerator::subschema_for::<T>,
    }]
}

/// A body of text, in one of these media types.
pub(super) fn text(media_types: &[&'static str]) -> Vec<Content> {
    let schema: SchemaOf = |_| json_schema!({"type": "string"});
    let content = |media_type: &&'static str| Content { media_type, schema };
    media_types.iter().map(content).collect()
}

/// Where a parameter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
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
    /// Its key among the parameters of the document.
    pub key: String,
    /// Where it is.
    pub place: Place,
    /// Its name there.
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
    /// What it says.
    pub description: &'static str,
}

/// A response to a request that succeeded.
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// What it means.
    pub description: &'static str,
    /// The forms of its body; none if it has no body.
    pub contents: Vec<Content>,
    /// The headers that it has besides those of every response.
    pub headers: &'static [ResponseHeader],
}

/// What a route reads from the body of a request.
pub struct Takes {
    /// The forms of the body.
    pub contents: Vec<Content>,
    /// Whether a request without a body is refused.
    pub is_required: bool,
}

/// A row of the table: all there is to know about a route.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, with `{…}` for at most one segment that varies.
    pub path: &'static str,
    /// Who may call it, and the handler.
    pub guard: Guard,
    /// The name of the operation, unique in the table.
    pub name: &'static str,
    /// Its chapter.
    pub tag: Tag,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// What else a client should know; may be empty.
    pub description: &'static str,
    /// The parameters in the path, the query and the headers.
    pub parameters: Vec<Parameter>,
    /// The body that it reads, if any.
    pub takes: Option<Takes>,
    /// Whether it reads or changes one record, whose version is its entity tag. The preconditions of
    /// such a route are evaluated with the record, and those of the others without one.
    pub is_tagged: bool,
    /// The responses if all goes well.
    pub replies: Vec<Reply>,
    /// Its number in the table.
    pub number: usize,
    /// Other ways to authenticate besides the guard's.
    also: Vec<Security>,
    /// The problems that only this route has.
    own_codes: Vec<Code>,
}

impl Route {
    /// A row that says who may call what; the rest is added with the methods below.
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
            is_tagged: false,
            replies: Vec::new(),
            number: 0,
            also: Vec::new(),
            own_codes: Vec::new(),
        }
    }

    /// Gives the row its place in the table, and the responses that follow from the rest of it.
    pub(super) fn numbered(mut self, number: usize) -> Self {
        self.number = number;
        if self.is_untagged() && self.method.is_safe() {
            let description = "`If-None-Match: *` was sent, and there is something.";
            return self.returns(304, description, Vec::new(), &[]);
        }
        self
    }

    /// Whether preconditions apply to it although it has no entity tag.
    fn is_untagged(&self) -> bool {
        !self.is_tagged && !matches!(self.guard, Guard::Cookie(_))
    }

    /// Names the operation.
    pub(super) fn named(mut self, tag: Tag, name: &'static str, summary: &'static str) -> Self {
        (self.tag, self.name, self.summary) = (tag, name, summary);
        self
    }

    /// Says what the summary has no room for.
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

    /// Works on one record, whose version is its entity tag.
    pub(super) fn tagged(mut self) -> Self {
        self.is_tagged = true;
        self
    }

    /// Reads a body.
    pub(super) fn takes(mut self, contents: Vec<Content>) -> Self {
        self.takes = Some(Takes {
            contents,
            is_required: true,
        });
        self
    }

    /// Reads a body if there is one.
    pub(super) fn may_take(mut self, contents: Vec<Content>) -> Self {
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
        contents: Vec<Content>,
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

    /// Adds the response without a body.
    pub(super) fn returns_nothing(self, description: &'static str) -> Self {
        self.returns(204, description, Vec::new(), &[])
    }

    /// Adds the problems that only this route has.
    pub(super) fn refuses(mut self, codes: &[Code]) -> Self {
        self.own_codes.extend(codes);
        self
    }

    /// Whether a handler reads the query string.
    fn has_query(&self) -> bool {
        let places = self.parameters.iter().map(|parameter| parameter.place);
        places.into_iter().any(|place| place == Place::Query)
    }

    /// The ways to authenticate; none if anybody may call it.
    pub fn security(&self) -> Vec<Security> {
        let of_guard = match self.guard {
            Guard::Bearer(..) => Some(Security::Bearer),
            Guard::Open(_) | Guard::Cookie(_) => None,
        };
        of_guard.into_iter().chain(self.also.clone()).collect()
    }

    /// Whether the guard demands an access token.
    pub fn needs_token(&self) -> bool {
        matches!(self.guard, Guard::Bearer(..))
    }

    /// Every problem with which it may answer a request, in the order of [`Code::ALL`]: those of
    /// its guard, its body, its query and its own. Faults of the server ([`Self::FAULTS`]) are not
    /// among them, unless a request can bring one about.
    pub fn codes(&self) -> impl Iterator<Item = Code> {
        let of_preconditions: &[Code] = if self.is_untagged() { &UNTAGGED } else { &[] };
        let has_query = self.has_query();
        let of_body: &[Code] = if self.takes.is_some() { &BODY } else { &[] };
        let of_query: &[Code] = if has_query { &QUERY } else { &[] };
        let lists: [&[Code]; 6] = [
            &EVERY_ROUTE,
            self.guard_codes(),
            of_body,
            of_query,
            of_preconditions,
            &self.own_codes,
        ];
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

    /// The problems that are no request's doing: any route may answer with them at any time.
    pub const FAULTS: [Code; 2] = [Code::Internal, Code::Unavailable];
}

/// A `Host` that is missing or malformed, and malformed preconditions; a long head.
const EVERY_ROUTE: [Code; 2] = [Code::BadRequest, Code::HeadTooLarge];

const UNTAGGED: [Code; 1] = [Code::PreconditionFailed];

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
