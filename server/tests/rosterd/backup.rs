//! `rosterd backup`, `check` and `restore`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::Client;
use reqwest::header::{COOKIE, IF_MATCH};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::program::{Folder, Rosterd, Run, run};

fn backup(folder: &Folder) -> Run {
    run(folder.rosterd(&["backup", "backup.redb"]), "")
}

fn check(folder: &Folder, file: &str) -> Run {
    run(folder.rosterd(&["check", file]), "")
}

fn restore(folder: &Folder) -> Run {
    run(folder.rosterd(&["restore", "backup.redb", "--yes"]), "")
}

/// People who create employees, one after the other, until the server is gone. Counts those that
/// were acknowledged.
struct Load {
    acknowledged: Arc<AtomicUsize>,
    tasks: Vec<JoinHandle<()>>,
}

impl Load {
    fn start(server: &Rosterd, access: &str) -> Self {
        let acknowledged = Arc::new(AtomicUsize::new(0));
        let create = |_| {
            let (http, url, access, acknowledged) = (
                Client::clone(&server.http),
                format!("{}/employees", server.url),
                access.to_owned(),
                Arc::clone(&acknowledged),
            );
            tokio::spawn(async move {
                let person = json!({"firstname": "Maya", "lastname": "Castro"});
                loop {
                    let request = http.post(&url).bearer_auth(&access).json(&person);
                    match request.send().await {
                        Ok(answer) if answer.status() == 201 => {
                            acknowledged.fetch_add(1, Ordering::SeqCst);
                        }
                        _ => return,
                    }
                }
            })
        };
        let tasks = (0..4).map(create).collect();
        Self {
            acknowledged,
            tasks,
        }
    }

    fn count(&self) -> usize {
        self.acknowledged.load(Ordering::SeqCst)
    }

    async fn reach(&self, count: usize) {
        while self.count() < count {
            tokio::task::yield_now().await;
        }
    }

    async fn end(self) -> usize {
        for task in self.tasks {
            task.await.unwrap();
        }
        self.acknowledged.load(Ordering::SeqCst)
    }
}

async fn ids(server: &Rosterd, access: &str) -> Vec<u64> {
    let list = server.get("/employees?sort=id", access).send().await;
    let list: Vec<Value> = list.unwrap().json().await.unwrap();
    list.iter()
        .map(|person| person["id"].as_u64().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_restore_drill_brings_back_a_whole_prefix_of_what_was_acknowledged() {
    let folder = Folder::with_ada();
    let mut server = folder.start();
    let (access, cookie) = server.sign_in().await;
    let load = Load::start(&server, &access);
    load.reach(20).await;
    let before = load.count();
    let done = backup(&folder);
    assert!(done.status.success(), "{done:?}");
    let after = load.count();
    let person = server.get("/employees/1", &access).send().await.unwrap();
    let tag = person.headers()["etag"].clone();
    load.reach(after + 20).await;
    server.kill();
    let acknowledged = load.end().await;

    let mode = fs::metadata(folder.path().join("backup.redb")).unwrap();
    assert_eq!(mode.permissions().mode() & 0o777, 0o600);
    assert!(check(&folder, "backup.redb").stdout.contains("is sound"));
    let restored = restore(&folder);
    assert!(restored.status.success(), "{restored:?}");
    for words in ["Lost since the backup:", "employee created", "is kept in"] {
        assert!(restored.stdout.contains(words), "{restored:?}");
    }
    assert!(check(&folder, "roster.redb").status.success());

    let server = folder.start();
    // The old tokens are refused, with the reason.
    let refused = server.get("/me", &access).send().await.unwrap();
    assert_eq!(refused.status(), 403);
    let refused = server.refresh(&cookie).send().await.unwrap();
    assert_eq!(refused.status(), 403);
    let why: Value = refused.json().await.unwrap();
    assert!(
        why["detail"]
            .as_str()
            .unwrap()
            .contains("restored from a backup"),
        "{why}"
    );
    // Each of the four may have had one that was committed and not acknowledged.
    let (access, _) = server.sign_in().await;
    let ids = ids(&server, &access).await;
    assert!((before..=after + 4).contains(&ids.len()));
    assert_eq!(ids, (1..=ids.len() as u64).collect::<Vec<_>>());
    let new = server
        .post(
            "/employees",
            &access,
            &json!({"firstname": "A", "lastname": "B"}),
        )
        .send()
        .await
        .unwrap();
    let new: Value = new.json().await.unwrap();
    assert!(new["id"].as_u64().unwrap() > acknowledged as u64);
    // An entity tag from before still names the state that it named, and only that.
    let edit = |title: &str| {
        server
            .http
            .patch(format!("{}/employees/1", server.url))
            .bearer_auth(&access)
            .header(IF_MATCH, tag.clone())
            .header("Content-Type", "application/merge-patch+json")
            .body(json!({"title": title}).to_string())
            .send()
    };
    assert_eq!(edit("one").await.unwrap().status(), 200);
    assert_eq!(edit("two").await.unwrap().status(), 412);
}

#[tokio::test]
async fn a_backup_works_on_a_file_that_nobody_serves() {
    let folder = Folder::with_ada();
    assert!(run(folder.rosterd(&["sample", "20"]), "").status.success());
    let done = backup(&folder);
    assert!(
        done.stdout
            .starts_with("backed up 20 employees and 1 account "),
        "{done:?}"
    );
    fs::remove_file(folder.database()).unwrap();
    let restored = restore(&folder);
    assert!(
        restored.stdout.contains("There is no database to replace."),
        "{restored:?}"
    );
    let server = folder.start();
    let (access, _) = server.sign_in().await;
    assert_eq!(ids(&server, &access).await.len(), 20);
}

#[test]
fn a_check_exits_with_3_for_damage_and_with_1_if_it_cannot_check() {
    let folder = Folder::with_ada();
    let sound = check(&folder, "roster.redb");
    assert_eq!(sound.status.code(), Some(0), "{sound:?}");
    let mut bytes = fs::read(folder.database()).unwrap();
    let ada = bytes.windows(3).rposition(|part| part == b"ada").unwrap();
    bytes[ada] ^= 1;
    fs::write(folder.path().join("damaged.redb"), bytes).unwrap();
    let damaged = check(&folder, "damaged.redb");
    assert_eq!(damaged.status.code(), Some(3), "{damaged:?}");
    assert!(damaged.stderr.contains("is damaged"), "{damaged:?}");
    assert_eq!(check(&folder, "nowhere.redb").status.code(), Some(1));
}

#[tokio::test]
async fn a_server_in_use_is_neither_checked_nor_restored() {
    let folder = Folder::with_ada();
    assert!(backup(&folder).status.success());
    let server = folder.start();
    check(&folder, "roster.redb").refused(&["in use by another process", "rosterd backup"]);
    restore(&folder).refused(&["in use by another process", "stop it first"]);
    let (_, cookie) = server.sign_in().await;
    let refreshed = server
        .http
        .post(format!("{}/refresh", server.url))
        .header(COOKIE, format!("__Host-refresh={cookie}"));
    assert_eq!(refreshed.send().await.unwrap().status(), 200);
}

#[test]
fn a_restore_asks_before_it_replaces_anything() {
    let folder = Folder::with_ada();
    assert!(backup(&folder).status.success());
    let before = fs::read(folder.database()).unwrap();
    let asked = run(folder.rosterd(&["restore", "backup.redb"]), "y\n");
    assert!(
        !asked.status.success() && asked.stderr.contains("--yes"),
        "{asked:?}"
    );
    assert!(fs::read(folder.database()).unwrap() == before);
}

#[tokio::test]
async fn a_server_writes_backups_at_intervals_and_keeps_the_newest() {
    let folder = Folder::with_ada();
    fs::create_dir(folder.path().join("backups")).unwrap();
    let mut serve = folder.serve();
    serve.args(["--backup", "backups", "--every", "1s", "--keep", "2"]);
    let mut server = Rosterd::start(serve);
    for _ in 0..4 {
        server.logs("wrote a backup");
    }
    server.terminate();
    let names = fs::read_dir(folder.path().join("backups")).unwrap();
    let names: Vec<_> = names
        .map(|entry| entry.unwrap().path().display().to_string())
        .filter(|name| name.ends_with(".redb"))
        .collect();
    assert!((2..=3).contains(&names.len()), "{names:?}");
    assert!(check(&folder, &names[0]).status.success(), "{names:?}");
}
