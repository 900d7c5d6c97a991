//! The server is killed again and again in the middle of its work: people who sign in and stay
//! signed in, and others who create, change, delete and import. What was acknowledged is there
//! afterwards; of what was not, all or nothing.

use std::collections::BTreeMap;
use std::iter::repeat_with;
use std::sync::atomic::{AtomicIsize, Ordering};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fastrand::Rng;
use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use reqwest::header::{CONTENT_TYPE, COOKIE, IF_MATCH};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::program::{Folder, PASSWORD, Rosterd};

/// How many people only stay signed in.
const JARS: usize = 3;
/// How many work on the records.
const DESKS: usize = 3;

/// How often the server is killed: ten times as often in the long run of the tests.
fn kills() -> usize {
    if std::env::var_os("LONG_TESTS").is_some() {
        2000
    } else {
        200
    }
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_however_often_the_server_is_killed() {
    let folder = Folder::with_ada();
    let mut random = Rng::with_seed(7678);
    let mut server = folder.start();
    let mut jars = Vec::new();
    for _ in 0..JARS {
        jars.push(Jar::new(server.sign_in().await.1));
    }
    let mut desks: Vec<_> = (0..DESKS)
        .map(|number| Desk::new(number, random.fork()))
        .collect();
    for _ in 0..kills() {
        let life = Life::of(&server, random.isize(1..40));
        let jars_at_work = join_all(jars.iter_mut().map(|jar| jar.renews(&life)));
        let desks_at_work = join_all(desks.iter_mut().map(|desk| desk.works(&life)));
        tokio::join!(jars_at_work, desks_at_work, async {
            life.over.notified().await;
            server.kill();
        });
        server = folder.start();
        let (access, _) = server.sign_in().await;
        let list: Vec<Value> = server.get_json("/employees", &access).await;
        assert_eq!(
            desks
                .iter_mut()
                .map(|desk| desk.compares(&list))
                .sum::<usize>(),
            list.len()
        );
    }
    let life = Life::of(&server, isize::MAX);
    let all = stream::iter(desks.into_iter().flat_map(|desk| desk.jars).chain(jars));
    // Many at once share a commit: one by one they would wait for the disk a thousand times.
    let renewed = all.for_each_concurrent(DESKS * 20, |mut jar| {
        let life = &life;
        async move { jar.renew(life).await.unwrap() }
    });
    renewed.await;
}

/// One life of the server.
struct Life {
    url: String,
    http: Client,
    /// How much more it acknowledges before it is killed.
    left: AtomicIsize,
    over: Notify,
}

impl Life {
    fn of(server: &Rosterd, left: isize) -> Self {
        let (url, http) = (server.url.clone(), server.http.clone());
        Self {
            url,
            http,
            left: AtomicIsize::new(left),
            over: Notify::new(),
        }
    }

    fn acknowledged(&self) {
        if self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.over.notify_one();
        }
    }

    fn is_over(&self) -> bool {
        self.left.load(Ordering::Relaxed) <= 0
    }

    /// What came of a request; nothing where the server was killed over it. One that is not
    /// answered in time, and one that a living server has let fall, is a failure.
    fn outcome<T>(&self, result: reqwest::Result<T>) -> Option<T> {
        if let Err(error) = &result {
            assert!(
                self.is_over() && !error.is_timeout(),
                "the server lives, and has not answered: {error:?}"
            );
        }
        result.ok()
    }

    fn post(&self, path: &str) -> RequestBuilder {
        self.http.post(format!("{}{path}", self.url))
    }
}

/// The access and the refresh token of an answer; nothing where none came. Any answer but a success
/// is a failure.
async fn pair(life: &Life, request: RequestBuilder) -> Option<(String, String)> {
    let answer = life.outcome(request.send().await)?;
    assert_eq!(answer.status(), 200);
    let cookie = answer.headers()["set-cookie"]
        .to_str()
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let json: Value = life.outcome(answer.json().await)?;
    Some((
        json["accessToken"].as_str().unwrap().to_owned(),
        cookie.strip_prefix("__Host-refresh=")?.to_owned(),
    ))
}

/// One person's refresh cookie.
struct Jar {
    cookie: String,
    generation: u64,
}

impl Jar {
    fn new(cookie: String) -> Self {
        let claims = URL_SAFE_NO_PAD
            .decode(cookie.split('.').nth(1).unwrap())
            .unwrap();
        let generation = serde_json::from_slice::<Value>(&claims).unwrap()["gen"]
            .as_u64()
            .unwrap();
        Self { cookie, generation }
    }

    /// Renews the session until the server is gone.
    async fn renews(&mut self, life: &Life) {
        while self.renew(life).await.is_some() {
            life.acknowledged();
        }
    }

    /// Renews the session, and uses it. Nothing where no answer came.
    async fn renew(&mut self, life: &Life) -> Option<()> {
        let cookie = format!("__Host-refresh={}", self.cookie);
        let (access, cookie) = pair(life, life.post("/refresh").header(COOKIE, cookie)).await?;
        let next = Self::new(cookie);
        assert_eq!(
            next.generation,
            self.generation + 1,
            "the successor, also where its first answer was lost"
        );
        *self = next;
        let me = life
            .http
            .get(format!("{}/me", life.url))
            .bearer_auth(access)
            .send()
            .await;
        let me = life.outcome(me)?;
        assert_eq!(me.status(), 200);
        Some(())
    }
}

/// Employees' titles, by last name.
type Titles = BTreeMap<String, String>;

/// Somebody who works on records that are nobody else's.
struct Desk {
    name: String,
    random: Rng,
    /// How many people it has thought of.
    invented: usize,
    /// As it was acknowledged.
    titles: Titles,
    /// As it is if the request that was not answered was done.
    unheard: Option<Titles>,
    /// The ids of those that were there when this life of the server began.
    ids: BTreeMap<String, u64>,
    /// Of each sign-in.
    jars: Vec<Jar>,
}

impl Desk {
    fn new(number: usize, random: Rng) -> Self {
        let (titles, ids) = (Titles::new(), BTreeMap::new());
        Self {
            name: format!("Desk{number}"),
            random,
            invented: 0,
            titles,
            unheard: None,
            ids,
            jars: Vec::new(),
        }
    }

    /// Signs in, and works until the server is gone.
    async fn works(&mut self, life: &Life) {
        let credentials = json!({"user": "ada", "pwd": PASSWORD});
        let Some((access, cookie)) = pair(life, life.post("/auth").json(&credentials)).await else {
            return;
        };
        self.jars.push(Jar::new(cookie));
        life.acknowledged();
        while self.unheard.is_none() {
            let (request, titles) = self.next(life);
            match life.outcome(request.bearer_auth(&access).send().await) {
                // As many imports as there may be are under way: nothing was done.
                Some(answer) if answer.status() == 503 => {}
                Some(answer) => {
                    assert!(answer.status().is_success(), "{answer:?}");
                    self.titles = titles;
                    life.acknowledged();
                }
                None => self.unheard = Some(titles),
            }
        }
    }

    /// A request, and the titles as they are when it is done.
    fn next(&mut self, life: &Life) -> (RequestBuilder, Titles) {
        let mut titles = self.titles.clone();
        let there: Vec<_> = self
            .ids
            .iter()
            .filter(|(name, _)| titles.contains_key(*name))
            .collect();
        let known = self
            .random
            .choice(there)
            .map(|(name, id)| (name.clone(), format!("{}/employees/{id}", life.url)));
        let request = match (self.random.u8(0..8), known) {
            (0, _) => {
                let rows: Vec<_> = repeat_with(|| self.invent(&mut titles).to_string())
                    .take(5)
                    .collect();
                let import = life.post("/employees/import?mode=atomic");
                import
                    .header(CONTENT_TYPE, "application/x-ndjson")
                    .body(rows.join("\n"))
            }
            (1..4, Some((name, url))) => {
                titles.remove(&name);
                life.http.delete(url).header(IF_MATCH, "*")
            }
            (4..6, Some((name, url))) => {
                let title = format!("Title {}", self.random.u32(..));
                let request = life
                    .http
                    .patch(url)
                    .header(IF_MATCH, "*")
                    .json(&json!({"title": title}));
                titles.insert(name, title);
                request
            }
            _ => life.post("/employees").json(&self.invent(&mut titles)),
        };
        (request, titles)
    }

    /// Thinks of somebody new.
    fn invent(&mut self, titles: &mut Titles) -> Value {
        self.invented += 1;
        let name = format!("{} {}", self.name, self.invented);
        titles.insert(name.clone(), "New".into());
        json!({"firstname": "Maya", "lastname": name, "title": "New"})
    }

    /// Holds the server to what it acknowledged, to all or nothing of what it did not, and to
    /// nothing else. Returns how many of the list are this desk's.
    fn compares(&mut self, list: &[Value]) -> usize {
        let name = |employee: &Value| employee["lastname"].as_str().unwrap().to_owned();
        let own: Vec<_> = list
            .iter()
            .filter(|e| name(e).split(' ').next() == Some(&self.name))
            .collect();
        let found: Titles = own
            .iter()
            .map(|e| (name(e), e["title"].as_str().unwrap().to_owned()))
            .collect();
        assert!(
            found == self.titles || Some(&found) == self.unheard.as_ref(),
            "{found:?}"
        );
        self.titles = found;
        self.unheard = None;
        self.ids = own
            .iter()
            .map(|e| (name(e), e["id"].as_u64().unwrap()))
            .collect();
        own.len()
    }
}
