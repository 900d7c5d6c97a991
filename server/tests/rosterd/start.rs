//! What `rosterd` needs before it serves, and what it says where that is missing.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use serde_json::Value;

use crate::program::{ACCESS_KEY, Folder, PASSWORD, REFRESH_KEY, Rosterd, run};

#[test]
fn keys_that_cannot_be_used_are_refused_with_how_to_make_new_ones() {
    let folder = Folder::new();
    for (access, refresh, words) in [
        (
            "",
            "",
            &["ACCESS_TOKEN_KEY is not set", "rosterd keygen"][..],
        ),
        (
            ACCESS_KEY,
            "",
            &["REFRESH_TOKEN_KEY is not set", "rosterd keygen"],
        ),
        (
            &ACCESS_KEY[..31],
            REFRESH_KEY,
            &[
                "ACCESS_TOKEN_KEY has 31 bytes",
                "at least 32",
                "rosterd keygen",
            ],
        ),
        (
            ACCESS_KEY,
            ACCESS_KEY,
            &["share a secret", "rosterd keygen"],
        ),
        (
            ACCESS_KEY,
            &"ab".repeat(20),
            &["REFRESH_TOKEN_KEY", "easy to guess", "rosterd keygen"],
        ),
        (
            "your-256-bit-secret-goes-here-please",
            REFRESH_KEY,
            &["example", "rosterd keygen"],
        ),
        (
            "k1:short,k2:short",
            REFRESH_KEY,
            &["ACCESS_TOKEN_KEY", "bytes"],
        ),
        (
            &format!("../k1:{ACCESS_KEY}"),
            REFRESH_KEY,
            &["ACCESS_TOKEN_KEY", "kid:secret"],
        ),
    ] {
        let mut serve = folder.serve();
        serve
            .env("ACCESS_TOKEN_KEY", access)
            .env("REFRESH_TOKEN_KEY", refresh);
        let run = run(serve, "");
        assert!(
            access.len() < 32 || !run.stderr.contains(access),
            "a key is in the message: {}",
            run.stderr
        );
        run.refused(words);
    }
    assert!(!folder.database().exists());
}

#[tokio::test]
async fn the_output_of_keygen_is_a_working_environment() {
    let folder = Folder::with_ada();
    let keys = run(folder.rosterd(&["keygen"]), "");
    assert!(keys.status.success() && keys.stderr.is_empty());
    assert_eq!(keys.stdout.lines().count(), 2);
    assert_ne!(keys.stdout, run(folder.rosterd(&["keygen"]), "").stdout);
    fs::write(folder.path().join(".env"), &keys.stdout).unwrap();
    let server = Rosterd::start(folder.rosterd(&["serve", "--listen", "127.0.0.1:0"]));
    let (access, _) = server.sign_in().await;
    assert_eq!(
        server.get("/me", &access).send().await.unwrap().status(),
        200
    );
}

#[tokio::test]
async fn the_environment_stands_over_the_file_and_keys_may_lie_in_files() {
    let folder = Folder::with_ada();
    fs::write(folder.path().join(".env"), "ACCESS_TOKEN_KEY=short\n").unwrap();
    drop(folder.start());
    fs::remove_file(folder.path().join(".env")).unwrap();
    fs::write(folder.path().join("access.key"), format!("{ACCESS_KEY}\n")).unwrap();
    let mut serve = folder.serve();
    serve
        .env_remove("ACCESS_TOKEN_KEY")
        .env("ACCESS_TOKEN_KEY_FILE", "access.key");
    let server = Rosterd::start(serve);
    server.sign_in().await;
    drop(server);
    let mut both = folder.serve();
    both.env("ACCESS_TOKEN_KEY_FILE", "access.key");
    run(both, "").refused(&["ACCESS_TOKEN_KEY and ACCESS_TOKEN_KEY_FILE are both set"]);
    let mut missing = folder.serve();
    missing
        .env_remove("ACCESS_TOKEN_KEY")
        .env("ACCESS_TOKEN_KEY_FILE", "no.key");
    run(missing, "").refused(&["cannot read no.key (from ACCESS_TOKEN_KEY_FILE)"]);
}

#[test]
fn a_line_of_the_file_that_cannot_be_read_is_not_repeated() {
    let folder = Folder::new();
    for line in [
        format!("ACCESS_TOKEN_KEY={ACCESS_KEY} x"),
        format!("ACCESS_TOKEN_KEY=\"{ACCESS_KEY}"),
        ACCESS_KEY.into(),
    ] {
        fs::write(folder.path().join(".env"), line).unwrap();
        let run = run(folder.rosterd(&["serve"]), "");
        assert!(
            !run.stderr.contains(ACCESS_KEY),
            "a key is in the message: {}",
            run.stderr
        );
        run.refused(&[".env has a line", "NAME=value"]);
    }
}

#[tokio::test]
async fn a_file_of_the_folder_above_is_not_read() {
    let folder = Folder::with_ada();
    fs::write(folder.path().join(".env"), "ROSTER_LISTEN=nowhere\n").unwrap();
    fs::create_dir(folder.path().join("below")).unwrap();
    let mut serve = folder.serve();
    serve
        .arg("--create")
        .current_dir(folder.path().join("below"));
    drop(Rosterd::start(serve));
}

#[test]
fn plain_http_is_for_loopback_alone_unless_said_otherwise() {
    let folder = Folder::new();
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:80"] {
        let mut serve = folder.rosterd(&["serve", "--listen", address]);
        serve
            .env("ACCESS_TOKEN_KEY", ACCESS_KEY)
            .env("REFRESH_TOKEN_KEY", REFRESH_KEY);
        run(serve, "").refused(&["is not loopback", "--insecure-http"]);
    }
}

#[test]
fn pages_of_other_sites_and_proxies_are_listed_exactly_or_not_at_all() {
    let folder = Folder::new();
    for (option, value) in [
        ("--origin", "*"),
        ("--origin", "https://app.example/"),
        ("--origin", "http://app.example"),
        ("--trusted-proxy", "10.0.0.0/33"),
        ("--trusted-proxy", "proxy.example"),
    ] {
        run(folder.rosterd(&["serve", option, value]), "").refused(&[option, value]);
    }
    let mut plain = folder.rosterd(&["serve", "--listen", "0.0.0.0:0", "--insecure-http"]);
    plain
        .env("ACCESS_TOKEN_KEY", ACCESS_KEY)
        .env("REFRESH_TOKEN_KEY", REFRESH_KEY);
    plain.env("ROSTER_ORIGIN", "https://app.example");
    run(plain, "").refused(&["--origin needs TLS"]);
}

#[test]
fn a_port_that_is_taken_is_named() {
    let folder = Folder::with_ada();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut serve = folder.rosterd(&["serve", "--listen", &address]);
    serve
        .env("ACCESS_TOKEN_KEY", ACCESS_KEY)
        .env("REFRESH_TOKEN_KEY", REFRESH_KEY);
    run(serve, "").refused(&["cannot listen on", &address]);
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_as_it_was() {
    let folder = Folder::new();
    fs::write(folder.database(), "id,firstname,lastname\n").unwrap();
    run(folder.serve(), "").refused(&["cannot open roster.redb"]);
    assert_eq!(
        fs::read_to_string(folder.database()).unwrap(),
        "id,firstname,lastname\n"
    );
}

#[test]
fn the_api_is_printed_without_keys_or_a_database() {
    let folder = Folder::new();
    let printed = run(folder.rosterd(&["openapi"]), "");
    let document: Value = serde_json::from_str(&printed.stdout).unwrap();
    assert!(
        printed.status.success() && document["openapi"] == "3.1.0" && !folder.database().exists()
    );
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let folder = Folder::new();
    for (option, value) in [
        ("--access-ttl", "0s"),
        ("--access-ttl", "soon"),
        ("--bcrypt-cost", "3"),
        ("--listen", "here"),
    ] {
        run(folder.rosterd(&["serve", option, value]), "").refused(&[option]);
    }
}

#[tokio::test]
async fn sample_employees_fill_an_empty_database_once() {
    let folder = Folder::with_ada();
    assert!(run(folder.rosterd(&["sample", "50"]), "").status.success());
    run(folder.rosterd(&["sample", "50"]), "").refused(&["already has employees"]);
    let server = folder.start();
    let (access, _) = server.sign_in().await;
    let page = server
        .get("/employees?limit=1", &access)
        .send()
        .await
        .unwrap();
    assert_eq!(page.headers()["x-total-count"], "50");
}

#[tokio::test]
async fn variables_that_are_empty_count_as_not_set() {
    let folder = Folder::with_ada();
    let mut serve = folder.serve();
    for variable in [
        "ROSTER_ACCESS_TTL",
        "ROSTER_BACKUP",
        "ROSTER_BCRYPT_COST",
        "ROSTER_COMPRESSION",
        "ROSTER_DATA",
        "ROSTER_METRICS",
        "ROSTER_ORIGIN",
        "ROSTER_REGISTRATION",
        "ROSTER_TLS_CERT",
        "ROSTER_TLS_KEY",
        "ROSTER_TRUSTED_PROXY",
    ] {
        serve.env(variable, "");
    }
    Rosterd::start(serve).sign_in().await;
}

#[tokio::test]
async fn a_server_in_the_wrong_folder_creates_no_database_unless_it_is_told_to() {
    let folder = Folder::new();
    run(folder.serve(), "").refused(&["no database at roster.redb", "rosterd user add"]);
    assert!(!folder.database().exists());
    let mut serve = folder.serve();
    serve.arg("--create");
    let mut server = Rosterd::start(serve);
    server.logs("there are no accounts");
    assert!(folder.database().exists());
}

#[test]
fn an_emptied_database_is_refused_by_every_command() {
    let folder = Folder::new();
    fs::write(folder.database(), "").unwrap();
    let words = ["roster.redb is empty", "rosterd restore"];
    let mut create = folder.serve();
    create.arg("--create");
    run(create, "").refused(&words);
    run(folder.serve(), "").refused(&words);
    folder.add("ada", "admin", PASSWORD).refused(&words);
    run(folder.rosterd(&["sample", "5"]), "").refused(&words);
    run(folder.rosterd(&["user", "list"]), "").refused(&words);
    assert_eq!(fs::read(folder.database()).unwrap(), b"");
}

#[test]
fn keys_in_a_file_are_for_its_owner_and_replace_none() {
    let folder = Folder::new();
    let keygen = || run(folder.rosterd(&["keygen", ".env"]), "");
    assert!(keygen().status.success());
    let file = folder.path().join(".env");
    let keys = fs::read(&file).unwrap();
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    keygen().refused(&["cannot create .env", "exists"]);
    assert_eq!(fs::read(&file).unwrap(), keys);
}

#[test]
fn key_files_that_others_can_read_are_warned_of() {
    let folder = Folder::with_ada();
    let key = folder.path().join("access.key");
    fs::write(&key, ACCESS_KEY).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    let mut serve = folder.serve();
    serve
        .env_remove("ACCESS_TOKEN_KEY")
        .env("ACCESS_TOKEN_KEY_FILE", "access.key");
    let mut server = Rosterd::start(serve);
    let warning = server.logs("others can read the keys");
    assert!(warning.contains("access.key"), "{warning}");
}

#[test]
fn a_full_or_closed_standard_output_is_no_panic() {
    let folder = Folder::with_ada();
    let full = || Stdio::from(fs::File::create("/dev/full").unwrap());
    for arguments in [
        &["keygen"][..],
        &["openapi"],
        &["user", "list"],
        &["check", "roster.redb"],
        &["--help"],
    ] {
        let mut command = folder.rosterd(arguments);
        command.stdout(full());
        let run = run(command, "");
        assert!(!run.stderr.contains("panicked"), "{arguments:?}: {run:?}");
        assert!(
            !run.status.success() || arguments == ["--help"],
            "{arguments:?}: {run:?}"
        );
        // With standard error full as well, there is nowhere left to say so.
        let mut command = folder.rosterd(arguments);
        command.stdout(full()).stderr(full());
        let status = command.spawn().unwrap().wait().unwrap();
        assert_ne!(status.code(), Some(101), "{arguments:?} panicked");
        let mut command = folder.rosterd(arguments);
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(!stderr.contains("panicked"), "{arguments:?}: {stderr}");
    }
}

#[tokio::test]
async fn a_server_whose_log_is_full_serves() {
    let folder = Folder::with_ada();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    drop(taken);
    let full = || Stdio::from(fs::File::create("/dev/full").unwrap());
    let mut serve = folder.rosterd(&["serve"]);
    serve
        .env("ACCESS_TOKEN_KEY", ACCESS_KEY)
        .env("REFRESH_TOKEN_KEY", REFRESH_KEY)
        .env("ROSTER_LISTEN", address.to_string())
        .stdout(full())
        .stderr(full());
    let mut child = serve.spawn().unwrap();
    let url = format!("http://{address}/healthz");
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = loop {
        match http.get(&url).send().await {
            Ok(answer) => break answer.status(),
            Err(_) => assert!(child.try_wait().unwrap().is_none(), "it has ended"),
        }
    };
    assert_eq!(answer, 200);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_variable_is_named_where_its_value_is_wrong_or_it_means_nothing() {
    let folder = Folder::with_ada();
    let mut wrong = folder.rosterd(&["serve"]);
    wrong.env("ROSTER_ACCESS_TTL", "soon");
    run(wrong, "").refused(&["'soon' for '--access-ttl <TIME>'", "ROSTER_ACCESS_TTL"]);
    let mut given = folder.rosterd(&["serve", "--access-ttl", "soon"]);
    given.env("ROSTER_ACCESS_TTL", "later");
    let refused = run(given, "");
    assert!(!refused.stderr.contains("comes from"), "{refused:?}");
    let mut serve = folder.serve();
    serve.env("ROSTER_LISTN", "127.0.0.1:1");
    serve.env("ROSTER_SERVER", "http://127.0.0.1:1");
    let mut server = Rosterd::start(serve);
    let warning = server.logs("unknown setting ignored");
    assert!(warning.contains("ROSTER_LISTN"), "{warning}");
}

#[test]
fn an_unrelated_env_file_breaks_nothing_that_needs_no_key() {
    let folder = Folder::with_ada();
    let env = folder.path().join(".env");
    for is_folder in [false, true] {
        if is_folder {
            fs::remove_file(&env).unwrap();
            fs::create_dir(&env).unwrap();
        } else {
            fs::write(&env, "export PS1='a b\nROSTER_LISTEN=nowhere\n").unwrap();
        }
        for arguments in [
            &["--help"][..],
            &["--version"],
            &["keygen"],
            &["openapi"],
            &["user", "list"],
            &["backup", "backup.redb"],
            &["check", "backup.redb"],
        ] {
            let run = run(folder.rosterd(arguments), "");
            assert!(run.status.success(), "{arguments:?}: {run:?}");
        }
    }
}

#[test]
fn the_start_is_logged_with_what_is_served() {
    let folder = Folder::with_ada();
    let mut server = folder.start();
    let line = server.logs("\"started\"");
    let line: Value = serde_json::from_str(&line).unwrap();
    let fields = &line["fields"];
    assert_eq!(fields["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(fields["file"], "roster.redb");
    assert_eq!(fields["accounts"], 1);
    assert_eq!(fields["employees"], 0);
    assert_eq!(fields["address"], server.url);
}

#[test]
fn an_address_may_be_a_name_or_of_either_family() {
    let folder = Folder::with_ada();
    for (listen, url) in [
        ("localhost:0", "http://127.0.0.1:"),
        ("127.0.0.1:0", "http://127.0.0.1:"),
        ("[::1]:0", "http://[::1]:"),
    ] {
        if listen.starts_with('[') && TcpListener::bind(listen).is_err() {
            continue; // This machine has no IPv6.
        }
        let mut serve = folder.rosterd(&["serve", "--listen", listen]);
        serve
            .env("ACCESS_TOKEN_KEY", ACCESS_KEY)
            .env("REFRESH_TOKEN_KEY", REFRESH_KEY);
        let server = Rosterd::start(serve);
        assert!(server.url.starts_with(url), "{listen}: {}", server.url);
    }
}

#[test]
fn a_file_that_cannot_be_read_is_reported_with_one_reason() {
    let folder = Folder::new();
    // A folder cannot be read as a file, not even by root.
    fs::create_dir(folder.path().join(".env")).unwrap();
    let run = run(folder.rosterd(&["keygen"]), "");
    assert_eq!(
        run.stderr,
        "rosterd: ignoring .env: cannot read .env: Is a directory\n"
    );
}
