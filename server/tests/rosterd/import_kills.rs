//! Imports in slices, in the middle of which the server is killed or the client goes away. Each run
//! is then completed by its repeat or undone, nobody is added twice, and nothing half-done goes
//! unreported.

use std::time::Duration;

use fastrand::Rng;
use futures_util::StreamExt;
use reqwest::header::CONTENT_TYPE;
use serde_json::Value;

use crate::program::{Folder, Rosterd};

/// More people than one transaction has.
const PEOPLE: usize = 10_200;

/// How many slices that are.
const SLICES: usize = 3;

/// Ends a test that hangs. The test itself waits for slices and answers, which take a minute when the
/// machine is busy.
const HANGS: Duration = Duration::from_secs(900);

/// How often a run is interrupted.
fn kills() -> usize {
    if std::env::var_os("LONG_TESTS").is_some() {
        200
    } else {
        4
    }
}

/// The file of one night: everybody has another title than the night before.
#[derive(Clone, Copy)]
struct File {
    night: usize,
    /// Whether nobody is there, so that rows need not be matched.
    only_adds: bool,
}

impl File {
    fn rows(self) -> String {
        let title = self.night;
        let row = |number| {
            format!(
                "{{\"firstname\":\"Maya\",\"lastname\":\"Castro\",\"number\":\"E{number}\",\"title\":\"{title}\"}}\n"
            )
        };
        (0..PEOPLE).map(row).collect()
    }

    fn query(self) -> &'static str {
        if self.only_adds { "" } else { "?match=number" }
    }
}

#[tokio::test]
async fn an_import_that_is_interrupted_is_completed_or_undone_and_nobody_is_added_twice() {
    let mut random = Rng::with_seed(2311);
    let mut folder = Folder::with_ada();
    let mut server = folder.start();
    let mut before = None;
    for night in 0..kills() {
        if random.u8(0..3) == 0 {
            drop(server);
            folder = Folder::with_ada();
            server = folder.start();
            before = None;
        }
        let file = File {
            night,
            only_adds: before.is_none(),
        };
        let slices = random.usize(0..=SLICES);
        let (access, _) = server.sign_in().await;
        let key = format!("night {night}");
        let watched = begin(&server, &access, &key, file, slices).await;
        if random.bool() {
            server.kill();
            drop(watched);
            server = folder.start();
        } else {
            // The client goes away, and the server lives.
            drop(watched);
        }
        let (access, _) = server.sign_in().await;
        let run = unfinished(&server, &access).await;
        before = match run {
            Some(run) if random.bool() => {
                undo(&server, &access, &run).await;
                before
            }
            _ => {
                let report = import(&server, &access, &key, file).await;
                assert_eq!(report, import(&server, &access, &key, file).await);
                Some(night)
            }
        };
        holds(&server, &access, before).await;
    }
}

/// Sends an import, and returns when so many slices are committed, or all of them are done. The
/// request goes away with what is returned.
async fn begin(
    server: &Rosterd,
    access: &str,
    key: &str,
    file: File,
    slices: usize,
) -> tokio::task::JoinSet<()> {
    let events = server.get("/events", access).timeout(HANGS);
    let events = events.send().await.unwrap();
    let mut events = events.bytes_stream();
    events.next().await.unwrap().unwrap();
    let request = request(server, access, key, file);
    let mut sending = tokio::task::JoinSet::new();
    sending.spawn(async move {
        // No answer comes if the server is killed.
        let _ = request.send().await;
    });
    let mut seen = 0;
    while seen < slices {
        tokio::select! {
            piece = events.next() => {
                let piece = piece.unwrap().unwrap();
                let text = String::from_utf8_lossy(&piece);
                seen += text.matches("event: changed-many").count();
            }
            _ = sending.join_next(), if !sending.is_empty() => break,
        }
    }
    sending
}

fn request(server: &Rosterd, access: &str, key: &str, file: File) -> reqwest::RequestBuilder {
    let url = format!("{}/employees/import{}", server.url, file.query());
    let request = server.http.post(url).bearer_auth(access);
    request
        .timeout(HANGS)
        .header(CONTENT_TYPE, "application/x-ndjson")
        .header("idempotency-key", key)
        .body(file.rows())
}

/// Imports the file of a night, or completes that import.
async fn import(server: &Rosterd, access: &str, key: &str, file: File) -> Value {
    loop {
        let answer = request(server, access, key, file).send().await.unwrap();
        match answer.status().as_u16() {
            200 => {
                let report: Value = answer.json().await.unwrap();
                assert_eq!(report["refused"], 0);
                let created = report["created"].as_u64().unwrap();
                let changed = report["matched"]["changed"].as_u64().unwrap_or_default();
                assert_eq!(created + changed, PEOPLE as u64, "{}", report["run"]);
                return report;
            }
            // The server has not noticed yet that the first client went away.
            409 | 503 => {}
            other => panic!("{other}: {}", answer.text().await.unwrap()),
        }
    }
}

/// The run that is not complete, if there is one. There is never more than the newest.
async fn unfinished(server: &Rosterd, access: &str) -> Option<Value> {
    let runs: Vec<Value> = server.get_json("/employees/imports", access).await;
    let is_open = |run: &&Value| run["finished"] == false && run["undoneBy"].is_null();
    let open: Vec<_> = runs.iter().filter(is_open).collect();
    assert!(open.len() <= 1 && open.first().is_none_or(|run| run["id"] == runs[0]["id"]));
    open.first().map(|run| (*run).clone())
}

async fn undo(server: &Rosterd, access: &str, run: &Value) {
    let url = format!("{}/employees/imports/{}/undo", server.url, run["id"]);
    let undone = loop {
        let answer = server
            .http
            .post(&url)
            .timeout(HANGS)
            .bearer_auth(access)
            .send()
            .await
            .unwrap();
        if answer.status() != 409 {
            break answer;
        }
    };
    assert_eq!(undone.status(), 200);
    let undone: Value = undone.json().await.unwrap();
    assert_eq!(undone["kept"], 0, "nobody else has changed anything");
}

/// Everybody is there once, or nobody, all as that night's file has them; and no run is left open.
async fn holds(server: &Rosterd, access: &str, night: Option<usize>) {
    let list: Vec<Value> = server.get_json("/employees", access).await;
    let title = night.map(|night| night.to_string());
    assert_eq!(list.len(), if night.is_some() { PEOPLE } else { 0 });
    let differs = list
        .iter()
        .find(|person| person["title"].as_str() != title.as_deref());
    assert_eq!(differs, None);
    assert_eq!(unfinished(server, access).await, None);
}
