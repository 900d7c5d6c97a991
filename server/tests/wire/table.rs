//! A walk over the route table: every row for every role, and every status of every row.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use reqwest::Method;
use roster_common::Role;
use roster_server::config::Registration;
use roster_server::http::routes::{Guard, ParameterLocation, ROUTES, Route};
use roster_server::testing::USERS;
use serde_json::{Value, json};

use crate::support::{Answer, Ask, Person, Raw, SECOND, Server, pass, password_of};

/// A request that the route answers with its first listed status, if the caller is allowed.
struct ValidRequest {
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Option<(&'static str, String)>,
}

impl ValidRequest {
    fn of(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            headers: Vec::new(),
            body: None,
        }
    }

    fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn json(mut self, body: &Value) -> Self {
        self.body = Some(("application/json", body.to_string()));
        self
    }

    fn csv(mut self, body: &str) -> Self {
        self.body = Some(("text/csv", body.to_owned()));
        self
    }
}

/// A server that is open for registration, with somebody of each role, and a counter for new names.
struct World {
    server: Server,
    admin: Person,
    next: u32,
}

impl World {
    async fn start() -> Self {
        let mut server = Server::start().await;
        server.running.registration = Registration::Open;
        server.restart().await;
        let admin = server.sign_in("ada").await;
        Self {
            server,
            admin,
            next: 0,
        }
    }

    fn name(&mut self) -> String {
        self.next += 1;
        // Time for the throttles of sign-ins and registrations to forget the one before.
        self.server.turn(SECOND);
        format!("user{}", self.next)
    }

    /// Somebody new, as an admin creates them.
    async fn user(&mut self) -> String {
        let name = self.name();
        let new = json!({"username": name, "password": "a pass for walking", "role": "viewer"});
        self.admin.post("/users", new).await.expect(201);
        name
    }

    /// The path of a new employee.
    async fn employee(&mut self) -> String {
        let created = self.admin.post("/employees", person()).await.expect(201);
        created.header("location").unwrap().to_owned()
    }

    /// A request to a row that a caller of that name may be allowed to send.
    async fn valid_request(&mut self, route: &Route, caller: &str) -> ValidRequest {
        match route.name {
            "signIn" => {
                self.server.turn(SECOND * 10);
                let credentials = json!({"user": caller, "pwd": password_of(caller)});
                ValidRequest::of("/auth").json(&credentials)
            }
            "refresh" | "refreshByGet" => {
                self.server.turn(SECOND * 10);
                let session = self.server.sign_in(caller).await;
                let cookie = format!("__Host-refresh={}", session.cookie);
                ValidRequest::of(route.path).header("cookie", cookie)
            }
            "register" => {
                let new = json!({"user": self.name(), "pwd": "a pass for walking"});
                ValidRequest::of(route.path).json(&new)
            }
            "changePassword" => {
                let same = json!({"current": password_of(caller), "new": password_of(caller)});
                ValidRequest::of(route.path).json(&same)
            }
            "endSession" => {
                self.server.turn(SECOND * 10);
                let other = self.server.sign_in(caller).await;
                ValidRequest::of(format!("/me/sessions/{}", other.session))
            }
            "createUser" => {
                let name = self.name();
                let password = "a pass for walking";
                let new = json!({"username": name, "password": password, "role": "editor"});
                ValidRequest::of(route.path).json(&new)
            }
            "updateUser" => {
                let path = route.path.replace("{name}", &self.user().await);
                ValidRequest::of(path).json(&json!({"disabled": true}))
            }
            "deleteUser" | "endUserSessions" => {
                ValidRequest::of(route.path.replace("{name}", &self.user().await))
            }
            "createEmployee" => ValidRequest::of(route.path).json(&person()),
            "updateEmployeeByBody" | "deleteEmployeeByBody" => {
                let path = self.employee().await;
                let id: u64 = path.rsplit('/').next().unwrap().parse().unwrap();
                ValidRequest::of(route.path).json(&json!({"id": id}))
            }
            "importEmployees" => {
                ValidRequest::of(route.path).csv("firstname,lastname\nAda,Lovelace\n")
            }
            "undoImport" => {
                self.server.turn(SECOND * 10);
                let who = self.server.sign_in(caller).await;
                let import = who.ask(Method::POST, "/employees/import");
                let rows = "firstname,lastname\nAda,Lovelace\n";
                let answer = import.body("text/csv", rows).await;
                // Somebody who may not import may not undo either.
                let run = if answer.status == 200 {
                    answer.json()["run"].clone()
                } else {
                    json!(1)
                };
                ValidRequest::of(route.path.replace("{run}", &run.to_string()))
            }
            "getProblemType" => ValidRequest::of(route.path.replace("{code}", "stale")),
            "listFieldValues" => ValidRequest::of(route.path.replace("{field}", "title")),
            "getEmployee" => ValidRequest::of(self.employee().await),
            "listHistory" => ValidRequest::of(format!("{}/history", self.employee().await)),
            "replaceEmployee" | "updateEmployee" => ValidRequest::of(self.employee().await)
                .header("if-match", "*")
                .json(&person()),
            "mergeEmployee" => {
                let other = self.employee().await;
                let other: u64 = other.rsplit('/').next().unwrap().parse().unwrap();
                let path = route
                    .path
                    .replace("/employees/{id}", &self.employee().await);
                ValidRequest::of(path)
                    .header("if-match", "*")
                    .json(&json!({"id": other}))
            }
            "deleteEmployee" => ValidRequest::of(self.employee().await).header("if-match", "*"),
            _ => ValidRequest::of(route.path),
        }
    }

    /// The request as somebody sends it.
    fn ask(&self, who: Option<&Person>, route: &Route, valid_request: &ValidRequest) -> Ask {
        let caller = who.map_or(&*self.server, |person| person);
        let mut ask = caller.ask(route.method.clone(), &valid_request.path);
        for (name, value) in &valid_request.headers {
            ask = ask.header(name, value);
        }
        match &valid_request.body {
            Some((media_type, body)) => ask.body(media_type, body.clone()),
            None => ask,
        }
    }
}

fn person() -> Value {
    json!({"firstname": "Maya", "lastname": "Castro", "title": "Analyst"})
}

/// The status of a response, whose body may have no end.
async fn status_of(ask: Ask) -> u16 {
    ask.open().await.status().as_u16()
}

fn is_allowed(route: &Route, role: Role) -> bool {
    match route.guard {
        Guard::Bearer(permission, _) => permission.is_allowed_for(role),
        Guard::Open(_) | Guard::Cookie(_) => true,
    }
}

#[tokio::test]
async fn every_row_answers_every_role() {
    let mut world = World::start().await;
    for (name, role, _) in USERS {
        let who = world.server.sign_in(name).await;
        if role == Role::Admin {
            // A change of the password ends the other sessions of the account.
            world.admin = who.clone();
        }
        for route in ROUTES.iter() {
            let valid_request = world.valid_request(route, name).await;
            let ask = world.ask(Some(&who), route, &valid_request);
            if !is_allowed(route, role) {
                ask.await.refused(403, "role_required", "none");
            } else if route.name == "followEmployees" {
                assert_eq!(status_of(ask).await, 200);
            } else {
                let answer = ask.await;
                let status = route.replies[0].status;
                assert_eq!(
                    answer.status, status,
                    "{} as {name}: {answer:?}",
                    route.name
                );
            }
        }
    }
}

/// The statuses of each row that a test has seen.
#[derive(Default)]
struct Seen(BTreeMap<&'static str, BTreeSet<u16>>);

impl Seen {
    fn note(&mut self, route: &'static Route, answer: &Answer) {
        self.0.entry(route.name).or_default().insert(answer.status);
    }
}

/// The statuses that a row lists.
fn listed(route: &Route) -> BTreeSet<u16> {
    let of_replies = route.replies.iter().map(|reply| reply.status);
    of_replies
        .chain(route.codes().map(|code| code.status()))
        .collect()
}

fn row(name: &str) -> &'static Route {
    ROUTES.iter().find(|route| route.name == name).unwrap()
}

/// Statuses that need time, a full queue or the end of the server: tests of their own provoke them.
const ELSEWHERE: [u16; 3] = [408, 413, 503];

/// Conflicts that need a store that fails, or two requests at once: see `failing_store`.
const WITH_A_CONFLICT: [&str; 2] = ["importEmployees", "undoImport"];

#[tokio::test]
async fn every_status_of_every_row_can_be_provoked() {
    let mut world = World::start().await;
    let mut seen = Seen::default();
    for route in ROUTES.iter() {
        provoke_by_kind(&mut world, &mut seen, route).await;
    }
    provoke_by_row(&mut world, &mut seen).await;
    for route in ROUTES.iter() {
        let expected: BTreeSet<u16> = listed(route)
            .into_iter()
            .filter(|status| !ELSEWHERE.contains(status))
            .filter(|status| *status != 409 || !WITH_A_CONFLICT.contains(&route.name))
            .collect();
        assert_eq!(seen.0[route.name], expected, "{}", route.name);
    }
}

/// What follows from the guard, the query and the body of a row.
async fn provoke_by_kind(world: &mut World, seen: &mut Seen, route: &'static Route) {
    let admin = world.admin.clone();
    let valid_request = world.valid_request(route, "ada").await;
    let long = "x".repeat(17 * 1024);
    let ask = world
        .ask(Some(&admin), route, &valid_request)
        .header("x-long", &long);
    seen.note(route, &ask.await.refused(431, "head_too_large", "none"));
    let ask = world.ask(Some(&admin), route, &valid_request);
    let answer = ask.header("host", "no host").await;
    seen.note(route, &answer.refused(400, "bad_request", "none"));
    if !route.has_etag && !matches!(route.guard, Guard::Cookie(_)) {
        let ask = world.ask(Some(&admin), route, &valid_request);
        let answer = ask.if_match("\"9\"").await;
        seen.note(route, &answer.refused(412, "precondition_failed", "none"));
        if route.method.is_safe() {
            let ask = world.ask(Some(&admin), route, &valid_request);
            let answer = ask.header("if-none-match", "*").await;
            seen.note(route, &answer.expect(304));
        }
    }
    match route.guard {
        Guard::Open(_) => {}
        Guard::Cookie(_) => {
            let ask = world.ask(None, route, &valid_request);
            let ask = ask.header("sec-fetch-site", "cross-site");
            seen.note(route, &ask.await.refused(403, "cross_site", "none"));
        }
        Guard::Bearer(..) => {
            let ask = world.ask(None, route, &valid_request);
            seen.note(route, &ask.await.refused(401, "token_missing", "login"));
            let forger = admin.bearing("forged");
            let mut ask = forger.ask(route.method.clone(), &valid_request.path);
            if let Some((media_type, body)) = &valid_request.body {
                ask = ask.body(media_type, body.clone());
            }
            seen.note(route, &ask.await.refused(403, "token_invalid", "refresh"));
        }
    }
    if route
        .parameters
        .iter()
        .any(|each| each.location == ParameterLocation::Query)
    {
        let path = format!("{}?surprise=1", valid_request.path);
        let ask = world.ask(
            Some(&admin),
            route,
            &ValidRequest {
                path,
                ..valid_request
            },
        );
        seen.note(route, &ask.await.refused(400, "query_invalid", "none"));
    } else if route.takes.is_some() {
        let mut bad = world.valid_request(route, "ada").await;
        bad.body = Some(("application/json", "{".into()));
        let ask = world.ask(Some(&admin), route, &bad);
        seen.note(route, &ask.await.refused(400, "body_invalid", "none"));
    }
    if route.takes.is_some() {
        let mut bad = world.valid_request(route, "ada").await;
        bad.body = Some(("text/plain", "x".into()));
        let ask = world.ask(Some(&admin), route, &bad);
        seen.note(
            route,
            &ask.await.refused(415, "media_type_unsupported", "none"),
        );
    }
    let valid_request = world.valid_request(route, "ada").await;
    let ask = world.ask(Some(&admin), route, &valid_request);
    if route.name == "followEmployees" {
        seen.0
            .entry(route.name)
            .or_default()
            .insert(status_of(ask).await);
    } else {
        seen.note(route, &ask.await);
    }
}

/// What only one row or a few have.
async fn provoke_by_row(world: &mut World, seen: &mut Seen) {
    let admin = world.admin.clone();
    for name in ["refresh", "refreshByGet"] {
        let ask = world.server.ask(row(name).method.clone(), "/refresh");
        seen.note(
            row(name),
            &ask.await.refused(401, "refresh_missing", "login"),
        );
    }
    for name in ["signOut", "signOutByGet"] {
        let ask = world
            .server
            .ask(row(name).method.clone(), "/logout?scope=all");
        seen.note(row(name), &ask.await.refused(401, "token_missing", "login"));
    }
    let answer = admin.delete("/me/sessions/none").await;
    seen.note(
        row("endSession"),
        &answer.refused(404, "session_not_found", "none"),
    );

    let answer = admin.get("/employees").header("accept", "image/png").await;
    seen.note(
        row("listEmployees"),
        &answer.refused(406, "not_acceptable", "none"),
    );
    let answer = admin.get("/problems/none").await;
    seen.note(
        row("getProblemType"),
        &answer.refused(404, "not_found", "none"),
    );
    let answer = admin.get("/employees/9000000").await;
    seen.note(
        row("getEmployee"),
        &answer.refused(404, "employee_not_found", "none"),
    );
    let path = world.employee().await;
    let answer = admin.get(&path).if_match("\"9\"").await;
    seen.note(row("getEmployee"), &answer.refused(412, "stale", "none"));
    let answer = admin.get("/employees/values/notes").await;
    seen.note(
        row("listFieldValues"),
        &answer.refused(404, "not_found", "none"),
    );
    let nameless = json!({"firstname": " ", "lastname": "Castro"});
    let answer = admin.post("/employees", nameless.clone()).await;
    seen.note(
        row("createEmployee"),
        &answer.refused(422, "validation_failed", "none"),
    );
    let rows = "firstname,lastname\nAda,\n";
    let ask = admin.ask(Method::POST, "/employees/import");
    let answer = ask.body("text/csv", rows).await;
    seen.note(
        row("importEmployees"),
        &answer.refused(422, "validation_failed", "none"),
    );

    let answer = admin.ask(Method::POST, "/employees/imports/999/undo").await;
    seen.note(
        row("undoImport"),
        &answer.refused(404, "run_not_found", "none"),
    );

    provoke_by_id_in_body(&admin, seen).await;
    provoke_by_id_in_path(world, &admin, seen, &nameless).await;
    provoke_accounts(world, &admin, seen).await;
    provoke_throttles(world, &admin, seen).await;
}

async fn provoke_by_id_in_body(admin: &Person, seen: &mut Seen) {
    let created = admin.post("/employees", person()).await.expect(201).json();
    for (name, method) in [
        ("updateEmployeeByBody", Method::PUT),
        ("deleteEmployeeByBody", Method::DELETE),
    ] {
        let send = |body: Value| admin.ask(method.clone(), "/employees").json(body);
        let answer = send(json!({})).await;
        seen.note(row(name), &answer.refused(422, "validation_failed", "none"));
        let answer = send(json!({"id": 9_000_000})).await;
        seen.note(
            row(name),
            &answer.refused(404, "employee_not_found", "none"),
        );
        let answer = send(json!({"id": created["id"], "version": 9})).await;
        seen.note(row(name), &answer.refused(412, "stale", "none"));
    }
}

async fn provoke_by_id_in_path(
    world: &mut World,
    admin: &Person,
    seen: &mut Seen,
    nameless: &Value,
) {
    let path = world.employee().await;
    let answer = admin.get(&path).header("if-none-match", "\"1\"").await;
    seen.note(row("getEmployee"), &answer.expect(304));
    let answer = admin.get("/employees/9000000").await;
    seen.note(
        row("getEmployee"),
        &answer.refused(404, "employee_not_found", "none"),
    );
    let answer = admin.get("/employees/9000000/history").await;
    seen.note(
        row("listHistory"),
        &answer.refused(404, "employee_not_found", "none"),
    );
    provoke_merges(world, admin, seen, &path).await;
    for name in ["replaceEmployee", "updateEmployee", "deleteEmployee"] {
        let route = row(name);
        let send = |path: &str, body: &Value| {
            let ask = admin.ask(route.method.clone(), path);
            if route.takes.is_some() {
                ask.json(body.clone())
            } else {
                ask
            }
        };
        let answer = send(&path, &person()).await;
        seen.note(route, &answer.refused(428, "version_required", "none"));
        let answer = send(&path, &person()).if_match("\"9\"").await;
        seen.note(route, &answer.refused(412, "stale", "none"));
        let answer = send("/employees/9000000", &person()).if_match("*").await;
        seen.note(route, &answer.refused(404, "employee_not_found", "none"));
        if route.takes.is_some() {
            let answer = send(&path, nameless).if_match("*").await;
            seen.note(route, &answer.refused(422, "validation_failed", "none"));
        }
    }
    admin.delete(&path).if_match("*").await.expect(204);
    let answer = admin
        .put(&path, person())
        .header("if-none-match", "*")
        .await;
    seen.note(row("replaceEmployee"), &answer.expect(201));
}

async fn provoke_merges(world: &mut World, admin: &Person, seen: &mut Seen, path: &str) {
    let route = row("mergeEmployee");
    let other = world.employee().await;
    let other: u64 = other.rsplit('/').next().unwrap().parse().unwrap();
    let path = format!("{path}/merge");
    let send = |body: Value| admin.post(&path, body);
    let answer = send(json!({"id": other})).await;
    seen.note(route, &answer.refused(428, "version_required", "none"));
    let answer = send(json!({"id": other, "version": 9})).if_match("*").await;
    seen.note(route, &answer.refused(412, "stale", "none"));
    let answer = send(json!({"id": 9_000_000})).if_match("*").await;
    seen.note(route, &answer.refused(404, "employee_not_found", "none"));
    let answer = send(json!({})).if_match("*").await;
    seen.note(route, &answer.refused(422, "validation_failed", "none"));
}

async fn provoke_accounts(world: &mut World, admin: &Person, seen: &mut Seen) {
    let new = |name: &str, password: &str| {
        admin.post(
            "/users",
            json!({"username": name, "password": password, "role": "viewer"}),
        )
    };
    let answer = new("ada", "a pass for walking").await;
    seen.note(
        row("createUser"),
        &answer.refused(409, "username_taken", "none"),
    );
    let answer = new("noor", "short").await;
    seen.note(
        row("createUser"),
        &answer.refused(422, "validation_failed", "none"),
    );

    let answer = admin
        .patch("/users/nobody", json!({"disabled": true}))
        .await;
    seen.note(
        row("updateUser"),
        &answer.refused(404, "user_not_found", "none"),
    );
    let answer = admin.patch("/users/ada", json!({"role": "viewer"})).await;
    seen.note(
        row("updateUser"),
        &answer.refused(409, "last_admin", "none"),
    );
    let answer = admin.patch("/users/vic", json!({"role": "king"})).await;
    seen.note(
        row("updateUser"),
        &answer.refused(422, "validation_failed", "none"),
    );
    let answer = admin.delete("/users/nobody").await;
    seen.note(
        row("deleteUser"),
        &answer.refused(404, "user_not_found", "none"),
    );
    let answer = admin.delete("/users/ada").await;
    seen.note(
        row("deleteUser"),
        &answer.refused(409, "last_admin", "none"),
    );
    let answer = admin.delete("/users/nobody/sessions").await;
    seen.note(
        row("endUserSessions"),
        &answer.refused(404, "user_not_found", "none"),
    );

    world.server.turn(SignedDuration::from_mins(1));
    let register = |name: &str, password: &str| {
        let body = json!({"user": name, "pwd": password});
        world.server.post("/register", body)
    };
    let answer = register("vic", "a pass for walking").await;
    seen.note(
        row("register"),
        &answer.refused(409, "username_taken", "none"),
    );
    let answer = register("noor", "short").await;
    seen.note(
        row("register"),
        &answer.refused(422, "validation_failed", "none"),
    );
}

/// Wrong passwords, until the throttle steps in; and accounts, until an address has enough of them.
async fn provoke_throttles(world: &mut World, admin: &Person, seen: &mut Seen) {
    let wrong = json!({"current": "not the password", "new": "a pass for walking"});
    let answer = admin.put("/me/password", wrong.clone()).await;
    seen.note(
        row("changePassword"),
        &answer.refused(422, "validation_failed", "none"),
    );
    let answer = until_throttled(|| admin.put("/me/password", wrong.clone())).await;
    seen.note(row("changePassword"), &answer);

    let wrong = json!({"user": "vic", "pwd": "not the password"});
    let answer = world.server.post("/auth", wrong.clone()).await;
    seen.note(
        row("signIn"),
        &answer.refused(401, "credentials_invalid", "login"),
    );
    let answer = until_throttled(|| world.server.post("/auth", wrong.clone())).await;
    seen.note(row("signIn"), &answer);

    let mut number = 0;
    let answer = until_throttled(|| {
        number += 1;
        let body = json!({"user": format!("flood{number}"), "pwd": "a pass for walking"});
        world.server.post("/register", body)
    })
    .await;
    seen.note(row("register"), &answer);
}

async fn until_throttled(mut ask: impl FnMut() -> Ask) -> Answer {
    for _ in 0..100 {
        let answer = ask().await;
        if answer.status == 429 {
            return answer.refused(429, "too_many_requests", "none");
        }
    }
    panic!("100 requests were not throttled");
}

/// A request whose body is only announced.
async fn announce(world: &World, route: &Route, valid_request: &ValidRequest, length: u64) -> Raw {
    let mut raw = Raw::open(&world.server).await;
    let (media_type, _) = valid_request.body.as_ref().unwrap();
    let mut head = format!(
        "{} {} HTTP/1.1\r\nHost: r\r\nExpect: 100-continue\r\nContent-Type: {media_type}\r\n\
         Authorization: Bearer {}\r\nContent-Length: {length}\r\n",
        route.method, valid_request.path, world.admin.access
    );
    if route.name == "signIn" {
        // Credentials are in the header or in the body.
        head = head.replace("Authorization: Bearer", "X-Token:");
    }
    for (name, value) in &valid_request.headers {
        head += &format!("{name}: {value}\r\n");
    }
    raw.send(head + "\r\n").await;
    raw
}

#[tokio::test]
async fn every_row_with_a_body_refuses_one_that_is_too_large_or_too_late() {
    let mut world = World::start().await;
    for route in ROUTES.iter().filter(|route| route.takes.is_some()) {
        let valid_request = world.valid_request(route, "ada").await;
        let mut raw = announce(&world, route, &valid_request, 513 << 20).await;
        let answer = raw.until("\"code\":\"body_too_large\"").await;
        assert!(
            answer.starts_with("HTTP/1.1 413 "),
            "{}: {answer}",
            route.name
        );
    }
    let mut late = Vec::new();
    for route in ROUTES.iter().filter(|route| route.takes.is_some()) {
        let valid_request = world.valid_request(route, "ada").await;
        let mut raw = announce(&world, route, &valid_request, 20).await;
        raw.receive("HTTP/1.1 100 Continue\r\n\r\n").await;
        late.push((route.name, raw));
    }
    pass(11).await;
    for (name, mut raw) in late {
        let answer = raw.until("\"code\":\"timeout\"").await;
        assert!(answer.starts_with("HTTP/1.1 408 "), "{name}: {answer}");
    }
}

#[tokio::test]
async fn the_rows_that_may_be_too_busy_say_so() {
    let busy = ROUTES.iter().filter(|route| listed(route).contains(&503));
    let names: Vec<_> = busy.map(|route| route.name).collect();
    // The queue of passwords: `hashing`. The places for imports: `import`, and for streams:
    // `events`. The end: `handlers`.
    let expected = [
        "signIn",
        "register",
        "changePassword",
        "createUser",
        "updateUser",
        "importEmployees",
        "followEmployees",
        "getReadiness",
    ];
    assert_eq!(names, expected);
}
