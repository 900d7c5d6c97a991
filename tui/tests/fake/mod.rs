//! A small server that keeps the protocol: the real rotation rule, over tables in memory.
#![expect(clippy::result_large_err, reason = "a test makes few of them")]

use std::collections::{BTreeMap, HashMap};
use std::io::Cursor;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, IF_MATCH};
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use roster_common::api::{self, ImportMode, ImportReport, ImportRow, Me, RowResult, SignedIn, User, path};
use roster_common::changes::{Document, Malformed};
use roster_common::problem::MEDIA_TYPE;
use roster_common::query::{Column, Start, Window};
use roster_common::{Code, Details, Employee, EmployeeId, FieldError, Problem, Query, Role, Version, rows, text};
use roster_server::rules::session::{End, Limits, Presented, Refusal, Session, Verdict};
use serde::Serialize;
use tokio::net::TcpListener;
use uuid::Uuid;

pub(crate) struct Server {
    url: String,
    state: Arc<Mutex<State>>,
}

struct State {
    key: u32,
    now: Timestamp,
    users: HashMap<String, (String, Role)>,
    sessions: HashMap<Uuid, Session>,
    employees: BTreeMap<EmployeeId, Employee>,
    created: HashMap<String, Employee>,
}

struct Answer {
    status: u16,
    media_type: &'static str,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

type Answered = Result<Answer, Problem>;

impl Server {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = State {
            key: 1,
            now: Timestamp::now(),
            users: HashMap::new(),
            sessions: HashMap::new(),
            employees: BTreeMap::new(),
            created: HashMap::new(),
        };
        let state = Arc::new(Mutex::new(state));
        tokio::spawn(serve(listener, state.clone()));
        Self { url, state }
    }

    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    pub(crate) async fn add_user(&self, name: &str, password: &str, role: Role) {
        self.state.lock().unwrap().users.insert(name.into(), (password.into(), role));
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.state.lock().unwrap().now += by;
    }

    pub(crate) async fn restart_with_new_keys(&mut self) {
        self.state.lock().unwrap().key += 1;
    }
}

async fn serve(listener: TcpListener, state: Arc<Mutex<State>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let state = state.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| answer(request, state.clone()));
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(request: Request<Incoming>, state: Arc<Mutex<State>>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let answered = state.lock().unwrap().route(&Request::from_parts(head, body));
    let answer = answered.unwrap_or_else(|problem| {
        let clears = problem.code.as_str().starts_with("refresh_") || problem.code.as_str().starts_with("session_");
        let mut answer = json(problem.status, &problem);
        answer.media_type = MEDIA_TYPE;
        if clears {
            answer.headers.push(("set-cookie", "__Host-refresh=; Path=/; Secure; HttpOnly; Max-Age=0".into()));
        }
        answer
    });
    let mut response = Response::builder().status(answer.status).header(CONTENT_TYPE, answer.media_type);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    Ok(response.body(Full::from(answer.body)).unwrap())
}

fn json(status: u16, value: &impl Serialize) -> Answer {
    Answer { status, media_type: "application/json", headers: vec![], body: serde_json::to_vec(value).unwrap() }
}

fn refuse<T>(code: Code) -> Result<T, Problem> {
    Err(Problem::new(code, code.title()))
}

fn invalid(code: Code, errors: Vec<FieldError>) -> Problem {
    Problem { errors, ..Problem::new(code, code.title()) }
}

impl State {
    fn route(&mut self, request: &Request<Bytes>) -> Answered {
        match (request.method(), request.uri().path()) {
            (&Method::POST, path::AUTH) => self.sign_in(request),
            (&Method::POST, path::REFRESH) => self.refresh(request),
            (&Method::POST, path::LOGOUT) => self.sign_out(request),
            (method, path) => {
                let user = self.verify(request)?;
                if user.role < least(method) {
                    return refuse(Code::RoleRequired);
                }
                self.records(request, method, path, user)
            }
        }
    }

    fn sign_in(&mut self, request: &Request<Bytes>) -> Answered {
        let offered = &request.headers()[AUTHORIZATION];
        let user = self.users.iter().find(|(name, (password, _))| offered == basic(name, password));
        let Some((name, _)) = user else { return refuse(Code::CredentialsInvalid) };
        let name = name.clone();
        if let Some(old) = self.presented(request).and_then(|(id, _)| self.sessions.get_mut(&id)) {
            old.end(self.now, End::Replaced);
        }
        let session = Session {
            id: Uuid::now_v7(),
            user: name.parse().unwrap(),
            created: self.now,
            generation: 1,
            issued: self.now,
            expires: Session::expiry(self.now, self.now, &Limits::default()),
            jti: Uuid::nil(),
            kid: String::new(),
            digest: [1; 32],
            seen: None,
            earlier: vec![],
            latest: self.now,
            ended: None,
            address: String::new(),
            client: String::new(),
        };
        let id = session.id;
        self.sessions.insert(id, session);
        Ok(self.signed_in(id))
    }

    fn refresh(&mut self, request: &Request<Bytes>) -> Answered {
        if request.headers().get(COOKIE).is_none() {
            return refuse(Code::RefreshMissing);
        }
        let Some((id, generation)) = self.presented(request) else { return refuse(Code::RefreshInvalid) };
        let Some(session) = self.sessions.get_mut(&id) else { return refuse(Code::RefreshInvalid) };
        let presented = Presented { generation, digest: [u8::try_from(generation).unwrap(); 32] };
        match session.rotate(presented, self.now, Uuid::nil(), &Limits::default()) {
            Verdict::Refused(Refusal::Reuse) => refuse(Code::SessionReuse),
            Verdict::Refused(Refusal::Ended) => refuse(Code::SessionEnded),
            Verdict::Refused(Refusal::Expired) => refuse(Code::SessionExpired),
            Verdict::Refused(Refusal::Invalid | Refusal::Disabled) => refuse(Code::RefreshInvalid),
            Verdict::Rotated | Verdict::Repeated => {
                session.digest = [u8::try_from(session.generation).unwrap(); 32];
                Ok(self.signed_in(id))
            }
        }
    }

    fn sign_out(&mut self, request: &Request<Bytes>) -> Answered {
        if let Some(session) = self.presented(request).and_then(|(id, _)| self.sessions.get_mut(&id)) {
            session.end(self.now, End::Logout);
        }
        Ok(Answer { status: 204, media_type: "text/plain", headers: vec![], body: vec![] })
    }

    /// The session and generation of the cookie, if this server's key has signed it.
    fn presented(&self, request: &Request<Bytes>) -> Option<(Uuid, u64)> {
        let cookie = request.headers().get(COOKIE)?.to_str().ok()?.strip_prefix("__Host-refresh=")?.to_owned();
        let [key, id, generation] = cookie.split('.').collect::<Vec<_>>().try_into().ok()?;
        (key == self.key.to_string()).then_some((id.parse().ok()?, generation.parse().ok()?))
    }

    fn signed_in(&self, id: Uuid) -> Answer {
        let session = &self.sessions[&id];
        let (key, generation, until) = (self.key, session.generation, self.now.as_second() + 600);
        let mut answer = json(
            200,
            &SignedIn {
                access_token: format!("{key}.{id}.{generation}.{until}.{}", Uuid::now_v7()),
                token_type: "Bearer".into(),
                expires_in: 600,
                user: self.user(session),
                session: api::Session { id: id.to_string(), expires_at: session.expires },
            },
        );
        let cookie = format!("__Host-refresh={key}.{id}.{generation}; Path=/; Secure; HttpOnly; Max-Age=604800");
        answer.headers.push(("set-cookie", cookie));
        answer
    }

    fn user(&self, session: &Session) -> User {
        User { username: session.user.clone(), role: self.users[session.user.as_str()].1 }
    }

    fn verify(&mut self, request: &Request<Bytes>) -> Result<User, Problem> {
        let Some(header) = request.headers().get(AUTHORIZATION) else { return refuse(Code::TokenMissing) };
        let token = header.to_str().unwrap().strip_prefix("Bearer ").unwrap().to_owned();
        let parts: Vec<&str> = token.split('.').collect();
        if parts[0] != self.key.to_string() {
            return refuse(Code::TokenInvalid);
        }
        if parts[3].parse::<i64>().unwrap() <= self.now.as_second() {
            return refuse(Code::TokenExpired);
        }
        let session = self.sessions.get_mut(&parts[1].parse().unwrap()).unwrap();
        if session.ended.is_some() {
            return refuse(Code::SessionEnded);
        }
        session.confirm(parts[2].parse().unwrap(), self.now);
        let session = session.clone();
        Ok(self.user(&session))
    }

    fn records(&mut self, request: &Request<Bytes>, method: &Method, path: &str, user: User) -> Answered {
        match (method, path) {
            (&Method::GET, path::ME) => Ok(self.me(request, user)),
            (&Method::GET, path::EMPLOYEES) => self.list(request.uri().query().unwrap_or_default()),
            (&Method::POST, path::EMPLOYEES) => self.create(request, &user),
            (&Method::POST, path::IMPORT) => Ok(self.import(request, &user)),
            _ => self.one(request, method, path.rsplit('/').next().unwrap().parse().unwrap()),
        }
    }

    fn me(&self, request: &Request<Bytes>, user: User) -> Answer {
        let token = request.headers()[AUTHORIZATION].to_str().unwrap().to_owned();
        let id = token.split('.').nth(1).unwrap().to_owned();
        let expires_at = self.sessions[&id.parse().unwrap()].expires;
        json(200, &Me { user, session: api::Session { id, expires_at } })
    }

    fn list(&self, query: &str) -> Answered {
        let query = Query::parse(query).map_err(|errors| invalid(Code::QueryInvalid, errors))?;
        let terms = query.terms();
        let matches = |employee: &&Employee| {
            terms.iter().all(|term| {
                let value = text::folded(&employee.details.text(term.field.unwrap()));
                if term.whole { value == term.text } else { value.contains(&term.text) }
            })
        };
        let mut found: Vec<&Employee> = self.employees.values().filter(matches).collect();
        for key in query.sort.keys() {
            match key.column {
                Column::Field(field) => found.sort_by_key(|e| text::folded(&e.details.text(field))),
                _ => found.sort_by_key(|e| e.id),
            }
            if key.descending {
                found.reverse();
            }
        }
        match query.window {
            Window::All => {
                let lines = found.iter().flat_map(|e| [serde_json::to_vec(e).unwrap(), b"\n".to_vec()].concat());
                let body = lines.collect();
                Ok(Answer { status: 200, media_type: "application/x-ndjson", headers: vec![], body })
            }
            Window::Page { limit, start: Start::Offset(offset) } => {
                let page: Vec<_> = found.iter().skip(offset).take(limit).collect();
                let mut answer = json(200, &page);
                answer.headers.push(("x-total-count", found.len().to_string()));
                Ok(answer)
            }
            Window::Page { .. } => refuse(Code::QueryInvalid),
        }
    }

    fn create(&mut self, request: &Request<Bytes>, user: &User) -> Answered {
        let key = request.headers()["idempotency-key"].to_str().unwrap().to_owned();
        if let Some(employee) = self.created.get(&key) {
            return Ok(json(201, employee));
        }
        let details = document(request.body())?.changes.to_details().map_err(|e| invalid(Code::ValidationFailed, e))?;
        let employee = self.insert(details, user);
        self.created.insert(key, employee.clone());
        Ok(json(201, &employee))
    }

    fn insert(&mut self, details: Details, user: &User) -> Employee {
        let id = self.employees.keys().next_back().map_or(1, |id| id.get() + 1).try_into().unwrap();
        let (created, updated, updated_by) = (self.now, self.now, user.username.to_string());
        let employee = Employee { id, details, version: Version::FIRST, created, updated, updated_by };
        self.employees.insert(id, employee.clone());
        employee
    }

    fn one(&mut self, request: &Request<Bytes>, method: &Method, id: EmployeeId) -> Answered {
        let Some(employee) = self.employees.get_mut(&id) else { return refuse(Code::EmployeeNotFound) };
        if method == Method::GET {
            return Ok(json(200, employee));
        }
        if request.headers()[IF_MATCH].to_str().unwrap() != employee.version.etag() {
            let current = Some(Box::new(employee.clone()));
            return Err(Problem { current, ..Problem::new(Code::Stale, "Somebody changed it.") });
        }
        if method == Method::DELETE {
            self.employees.remove(&id);
            return Ok(Answer { status: 204, media_type: "text/plain", headers: vec![], body: vec![] });
        }
        let changes = document(request.body())?.changes;
        employee.details = changes.merged_into(&employee.details).map_err(|e| invalid(Code::ValidationFailed, e))?;
        employee.version = employee.version.next();
        Ok(json(200, employee))
    }

    fn import(&mut self, request: &Request<Bytes>, user: &User) -> Answer {
        let query = request.uri().query().unwrap();
        let (partial, dry_run) = (query.contains("mode=partial"), query.contains("dry_run=true"));
        let body = Cursor::new(request.body().clone());
        let rows: Vec<rows::Row> = match request.headers()[CONTENT_TYPE].as_bytes() {
            b"text/csv" => rows::read_csv(body).unwrap().collect(),
            _ => rows::read_ndjson(body).collect(),
        };
        let checked: Vec<_> =
            rows.into_iter().map(|row| (row.line, row.document.and_then(|d| d.changes.to_details()))).collect();
        let refused = checked.iter().filter(|(_, details)| details.is_err()).count() as u64;
        let takes = partial || refused == 0;
        let mut created = 0;
        let rows = checked.into_iter().map(|(line, details)| match details {
            Ok(details) if takes => {
                created += 1;
                let id = (!dry_run).then(|| self.insert(details, user).id);
                ImportRow { line, result: RowResult::Created, id, errors: vec![] }
            }
            Ok(_) => ImportRow { line, result: RowResult::Skipped, id: None, errors: vec![] },
            Err(errors) => ImportRow { line, result: RowResult::Refused, id: None, errors },
        });
        let rows = rows.collect();
        let mode = if partial { ImportMode::Partial } else { ImportMode::Atomic };
        json(200, &ImportReport { mode, dry_run, created, refused, rows })
    }
}

fn least(method: &Method) -> Role {
    match *method {
        Method::GET => Role::Viewer,
        Method::DELETE => Role::Admin,
        _ => Role::Editor,
    }
}

fn document(body: &[u8]) -> Result<Document, Problem> {
    Document::from_json(body).map_err(|malformed| match malformed {
        Malformed::Syntax(_) => invalid(Code::BodyInvalid, vec![]),
        Malformed::Members(errors) => invalid(Code::BodyInvalid, errors),
    })
}

/// The header for these credentials (RFC 7617).
fn basic(name: &str, password: &str) -> hyper::header::HeaderValue {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().tls_certs_only([]).build().unwrap();
    client.get("http://localhost").basic_auth(name, Some(password)).build().unwrap().headers()[AUTHORIZATION].clone()
}
