//! What there is to watch: the metrics, and the log.

use std::process::Command;

use serde_json::{Value, json};

use crate::program::{Folder, Rosterd, run};

/// A server that shows its metrics, and where.
pub(crate) fn watched(folder: &Folder) -> (Rosterd, String) {
    started_watched(folder.serve())
}

/// The same, of a server that is about to be started.
pub(crate) fn started_watched(mut serve: Command) -> (Rosterd, String) {
    serve.args(["--metrics", "127.0.0.1:0"]);
    let mut server = Rosterd::start(serve);
    let line: Value = serde_json::from_str(&server.logs("serving metrics")).unwrap();
    let url = format!(
        "http://{}/metrics",
        line["fields"]["address"].as_str().unwrap()
    );
    (server, url)
}

pub(crate) async fn page(url: &str) -> String {
    let answer = reqwest::get(url).await.unwrap();
    assert_eq!(
        answer.headers()["content-type"],
        "text/plain; version=0.0.4"
    );
    answer.text().await.unwrap()
}

/// The value of a sample.
#[track_caller]
pub(crate) fn value(page: &str, sample: &str) -> f64 {
    let line = page
        .lines()
        .find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{sample} is not in:\n{page}"))
        .parse()
        .unwrap()
}

#[tokio::test]
async fn requests_are_counted() {
    let folder = Folder::with_ada();
    let (server, url) = watched(&folder);
    let before = page(&url).await;
    assert_eq!(
        (
            value(&before, "roster_sessions"),
            value(&before, "roster_employees")
        ),
        (0.0, 0.0)
    );

    let (access, _) = server.sign_in().await;
    server
        .post(
            "/auth",
            "none",
            &json!({"user": "ada", "pwd": "a guess of mine"}),
        )
        .send()
        .await
        .unwrap();
    for name in ["Maya", "Noor"] {
        server
            .post(
                "/employees",
                &access,
                &json!({"firstname": name, "lastname": "Castro"}),
            )
            .send()
            .await
            .unwrap();
    }
    server
        .get("/employees?q=hush", &access)
        .send()
        .await
        .unwrap();
    server.get("/employees/2", &access).send().await.unwrap();
    server.get("/nothing", &access).send().await.unwrap();

    let after = page(&url).await;
    for (sample, expected) in [
        (
            "roster_requests_total{method=\"POST\",route=\"/auth\",status=\"200\"}",
            1.0,
        ),
        (
            "roster_requests_total{method=\"POST\",route=\"/auth\",status=\"401\"}",
            1.0,
        ),
        (
            "roster_requests_total{method=\"POST\",route=\"/employees\",status=\"201\"}",
            2.0,
        ),
        (
            "roster_requests_total{method=\"GET\",route=\"/employees/{id}\",status=\"200\"}",
            1.0,
        ),
        (
            "roster_requests_total{method=\"\",route=\"\",status=\"404\"}",
            1.0,
        ),
        (
            "roster_request_seconds_count{method=\"POST\",route=\"/employees\"}",
            2.0,
        ),
        ("roster_refusals_total{code=\"credentials_invalid\"}", 1.0),
        ("roster_refusals_total{code=\"too_many_requests\"}", 0.0),
        ("roster_sessions", 1.0),
        ("roster_employees", 2.0),
        ("roster_hash_queue", 0.0),
    ] {
        assert_eq!(value(&after, sample), expected, "{sample}");
    }
    // The session, its first use, and two employees, each durable before its answer.
    let commits = |page: &str| {
        (
            value(page, "roster_commit_writes_count"),
            value(page, "roster_commit_writes_sum"),
        )
    };
    let (count, writes) = commits(&after);
    assert!(
        count >= commits(&before).0 + 4.0 && writes >= count,
        "{after}"
    );
    // Every number stands under a metric that says what it is; what was searched for is nowhere.
    let named = |line: &str| {
        after.contains(&format!(
            "# HELP {} ",
            line.split([' ', '{']).next().unwrap()
        ))
    };
    let bare = |line: &str| {
        ["_bucket", "_sum", "_count"]
            .iter()
            .fold(line.to_owned(), |line, end| line.replacen(end, "", 1))
    };
    assert!(
        after
            .lines()
            .filter(|line| !line.starts_with('#'))
            .all(|line| named(line) || named(&bare(line))),
        "{after}"
    );
    assert!(!after.contains("hush"));
}

#[tokio::test]
async fn the_metrics_are_on_their_own_port_and_nowhere_else() {
    let folder = Folder::with_ada();
    let (server, url) = watched(&folder);
    assert_eq!(
        server
            .get("/metrics", "none")
            .send()
            .await
            .unwrap()
            .status(),
        404
    );
    for path in ["/", "/healthz", "/employees"] {
        assert_eq!(
            reqwest::get(url.replace("/metrics", path))
                .await
                .unwrap()
                .status(),
            404
        );
    }
    let (status, _) = server.terminate();
    assert_eq!(status.code(), Some(0));
    for address in ["0.0.0.0:0", "192.0.2.1:9100", "[::]:9100"] {
        run(folder.rosterd(&["serve", "--metrics", address]), "")
            .refused(&["--metrics", "must be a loopback address"]);
    }
}

#[tokio::test]
async fn the_log_has_changes_and_refusals_and_reads_at_debug_level() {
    let folder = Folder::with_ada();
    for (level, reads) in [("info", 0), ("debug", 1)] {
        let mut serve = folder.serve();
        serve.env("RUST_LOG", format!("roster_server={level}"));
        let server = Rosterd::start(serve);
        let (access, _) = server.sign_in().await;
        server
            .get("/employees?q=hush", &access)
            .send()
            .await
            .unwrap();
        server
            .post(
                "/employees",
                &access,
                &json!({"firstname": "Maya", "lastname": "Castro"}),
            )
            .send()
            .await
            .unwrap();
        let refused = server.get("/me", "none").send().await.unwrap();
        let id = refused.headers()["x-request-id"]
            .to_str()
            .unwrap()
            .to_owned();
        let (_, log) = server.terminate();

        assert!(!log.contains("hush"), "{log}");
        let lines: Vec<Value> = log
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let answered = |method: &str, path: &str| {
            let fields = lines
                .iter()
                .map(|line| &line["fields"])
                .filter(|fields| fields["message"] == "answered");
            fields
                .filter(|fields| fields["method"] == method && fields["path"] == path)
                .collect::<Vec<_>>()
        };
        assert_eq!(answered("GET", "/employees").len(), reads);
        for (method, path, status) in [("POST", "/auth", 200), ("POST", "/employees", 201)] {
            let [line] = answered(method, path)[..] else {
                panic!("{log}")
            };
            assert_eq!(
                (&line["status"], &line["user"]),
                (&json!(status), &json!("ada"))
            );
            assert!(
                line["micros"].is_u64()
                    && line["address"] == "127.0.0.1"
                    && line["request_id"].is_string(),
                "{line}"
            );
        }
        let [refusal] = answered("GET", "/me")[..] else {
            panic!("{log}")
        };
        assert_eq!(
            (&refusal["status"], &refusal["request_id"]),
            (&json!(403), &json!(id))
        );
        assert!(refusal.get("user").is_none());
    }
}

#[tokio::test]
async fn a_blocked_log_delays_no_request() {
    let folder = Folder::with_ada();
    let (_unread, log) = std::io::pipe().unwrap();
    let mut serve = folder.serve();
    serve.env("RUST_LOG", "trace").stderr(log);
    let server = Rosterd::start(serve);
    // Far more lines than a pipe holds.
    for _ in 0..2000 {
        assert_eq!(
            server
                .get("/healthz", "none")
                .send()
                .await
                .unwrap()
                .status(),
            200
        );
    }
    assert!(server.terminate().0.success());
}
