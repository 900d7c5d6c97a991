//! Two servers on one PostgreSQL, where it is installed.

use std::process::Command;
use std::time::{Duration, Instant};

use roster_server::store::postgres::Address;
use roster_server::testing::TestDatabase;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::observability::{page, started_watched, value};
use crate::program::{Folder, PASSWORD, Rosterd, run, tokens};

/// A folder, and a database with an account: ada, an admin. `None` if PostgreSQL is not installed.
async fn database_of_ada() -> Option<(Folder, String)> {
    Some(folder_of_ada(&TestDatabase::create().await?))
}

/// A folder, and the URL of a database that gets an account: ada, an admin.
fn folder_of_ada(database: &TestDatabase) -> (Folder, String) {
    let Address { url, .. } = database.address();
    let (folder, url) = (Folder::new(), url.expose_secret().to_owned());
    let mut add = folder.rosterd(&["user", "add", "ada", "--role", "admin"]);
    add.args(["--database", &url]);
    let added = run(add, &format!("{PASSWORD}\n"));
    assert!(added.status.success(), "{added:?}");
    (folder, url)
}

fn serve(folder: &Folder, url: &str) -> Rosterd {
    let mut serve = folder.serve();
    serve.env("ROSTER_DATABASE", url);
    Rosterd::start(serve)
}

async fn status(server: &Rosterd, access: &str) -> u16 {
    let answer = server.get("/me", access).send().await.unwrap();
    answer.status().as_u16()
}

fn signal(server: &Rosterd, name: &str) {
    let order = format!("kill -{name} {}", server.id());
    let sent = Command::new("sh").args(["-c", &order]).status().unwrap();
    assert!(sent.success());
}

#[tokio::test]
async fn whoever_signs_in_on_one_server_is_signed_in_on_the_other_at_once_and_signed_out_within_a_second()
 {
    let Some((folder, url)) = database_of_ada().await else {
        return;
    };
    let (one, other) = (serve(&folder, &url), serve(&folder, &url));
    for _ in 0..50 {
        let (access, cookie) = one.sign_in().await;
        assert_eq!(status(&other, &access).await, 200);
        // A refresh goes to whichever server gets it, and its token is good on both.
        let (access, cookie) = tokens(other.refresh(&cookie)).await;
        assert_eq!(status(&one, &access).await, 200);
        let (access, cookie) = tokens(one.refresh(&cookie)).await;
        assert_eq!(status(&other, &access).await, 200);
        one.sign_out(&cookie).await;
        let answered = Instant::now();
        while status(&other, &access).await == 200 {
            assert!(
                answered.elapsed() < Duration::from_secs(1),
                "a second is over"
            );
        }
    }
}

#[tokio::test]
async fn a_server_that_was_stopped_never_lets_in_whoever_was_signed_out_meanwhile() {
    let Some((folder, url)) = database_of_ada().await else {
        return;
    };
    let (one, stopped) = (serve(&folder, &url), serve(&folder, &url));
    let (access, cookie) = one.sign_in().await;
    assert_eq!(status(&stopped, &access).await, 200);
    signal(&stopped, "STOP");
    one.sign_out(&cookie).await;
    // The bound begins with the last commit of the server that is stopped now.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    signal(&stopped, "CONT");
    let first = status(&stopped, &access).await;
    assert!([401, 403, 503].contains(&first), "{first}");
}

#[tokio::test]
async fn the_people_of_a_sample_are_on_every_server() {
    let Some((folder, url)) = database_of_ada().await else {
        return;
    };
    let server = serve(&folder, &url);
    let mut sample = folder.rosterd(&["sample", "300"]);
    sample.env("ROSTER_DATABASE", &url);
    let run = run(sample, "");
    assert!(run.status.success(), "{run:?}");
    let (access, _) = server.sign_in().await;
    let begun = Instant::now();
    loop {
        let page = server
            .get("/employees?limit=1", &access)
            .send()
            .await
            .unwrap();
        if page.headers()["x-total-count"] == "300" {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(5), "{page:?}");
    }
}

#[tokio::test]
async fn the_server_is_killed_again_and_again_and_the_other_loses_nothing() {
    let Some((folder, url)) = database_of_ada().await else {
        return;
    };
    let lasting = serve(&folder, &url);
    let (access, _) = lasting.sign_in().await;
    let person =
        |number: usize| json!({"firstname": "Maya", "lastname": format!("Castro {number}")});
    let mut created = 0;
    for round in 0..20 {
        let mut killed = serve(&folder, &url);
        let create =
            |server: &Rosterd, number| server.post("/employees", &access, &person(number)).send();
        let on_killed = (0..20).map(|number| create(&killed, number));
        let on_lasting = (0..10).map(|number| create(&lasting, number));
        let (first, others, lasting_ones) = tokio::join!(
            create(&killed, round),
            async { futures_util::future::join_all(on_killed).await },
            async { futures_util::future::join_all(on_lasting).await },
        );
        let acknowledged = others.into_iter().chain(lasting_ones).chain([first]);
        created += acknowledged
            .filter(|answer| answer.as_ref().is_ok_and(|a| a.status() == 201))
            .count();
        let under_way: Vec<_> = (0..20)
            .map(|number| tokio::spawn(create(&killed, number)))
            .collect();
        killed.kill();
        for answer in under_way {
            if answer
                .await
                .unwrap()
                .is_ok_and(|answer| answer.status() == 201)
            {
                created += 1;
            }
        }
        let asked = Instant::now();
        let next = create(&lasting, round).await.unwrap();
        assert_eq!(next.status(), 201);
        created += 1;
        assert!(
            asked.elapsed() < Duration::from_secs(3),
            "{:?}",
            asked.elapsed()
        );
    }
    let list: Vec<Value> = lasting.get_json("/employees", &access).await;
    let unacknowledged = list.len().checked_sub(created);
    assert!(
        unacknowledged.is_some_and(|more| more <= 20 * 20),
        "{created} of {}",
        list.len()
    );
}

#[tokio::test]
async fn a_server_with_other_keys_than_a_running_one_says_what_to_do() {
    let Some((folder, url)) = database_of_ada().await else {
        return;
    };
    let _running = serve(&folder, &url);
    let mut other = folder.serve();
    other
        .env("ROSTER_DATABASE", &url)
        .env("ACCESS_TOKEN_KEY", "new:c7d2e91f5a3b84067d9ce1f2a48b3d60");
    run(other, "").refused(&[
        "a running server does not know the key that this one signs with, new of ACCESS_TOKEN_KEY",
        "reload them with SIGHUP",
    ]);
}

#[tokio::test]
async fn two_servers_admit_together_as_many_registrations_as_one() {
    let Some((folder, url)) = database_of_ada().await else {
        return;
    };
    let start = || {
        let mut serve = folder.serve();
        serve.args(["--registration", "open", "--database", &url]);
        started_watched(serve)
    };
    let servers = [start(), start()];
    for (number, (server, metrics)) in servers.iter().enumerate() {
        let begun = Instant::now();
        while value(&page(metrics).await, "roster_servers") != 2.0 {
            assert!(begun.elapsed() < Duration::from_secs(5), "they do not meet");
        }
        let mut statuses = Vec::new();
        for attempt in 0..6 {
            let user =
                json!({"user": format!("zoe.{number}.{attempt}"), "pwd": "zoe zooms out a lot"});
            let answer = server
                .post("/register", "none", &user)
                .send()
                .await
                .unwrap();
            statuses.push(answer.status().as_u16());
        }
        assert_eq!(statuses, [201, 201, 201, 201, 201, 429]);
    }
}

/// Keeps all servers from writing until [`go_on`].
async fn stop_database(database: &TestDatabase) {
    // What another transaction has locked stays locked until it sees a table.
    const HOLD: &str = "DO $$ BEGIN \
        LOCK TABLE roster.head, roster.server IN ACCESS EXCLUSIVE MODE; \
        WHILE NOT EXISTS (SELECT FROM pg_class WHERE relname = 'go_on') LOOP \
            PERFORM pg_sleep(0.02); \
        END LOOP; END $$";
    let holder = database.clone();
    tokio::spawn(async move { holder.execute(HOLD).await });
    let held = "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted \
        AND relation IN ('roster.head'::regclass, 'roster.server'::regclass)";
    let begun = Instant::now();
    while database.execute(held).await != ["2"] {
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "it is not locked"
        );
    }
}

/// Lets servers write again.
async fn go_on(database: &TestDatabase) {
    database.execute("CREATE TABLE go_on ()").await;
}

#[tokio::test]
async fn without_a_primary_only_employees_are_read_if_that_is_allowed_and_say_how_old_they_are() {
    let Some(database) = TestDatabase::create().await else {
        return;
    };
    let (folder, url) = folder_of_ada(&database);
    let strict = serve(&folder, &url);
    let mut lenient = folder.serve();
    lenient.args(["--stale-reads", "60", "--database", &url]);
    let lenient = Rosterd::start(lenient);
    let (access, cookie) = strict.sign_in().await;
    let person = json!({"firstname": "Maya", "lastname": "Castro"});
    let created = strict.post("/employees", &access, &person).send().await;
    assert_eq!(created.unwrap().status(), 201);
    assert_eq!(status(&lenient, &access).await, 200);

    stop_database(&database).await;
    for server in [&strict, &lenient] {
        let begun = Instant::now();
        while status(server, &access).await == 200 {
            assert!(
                begun.elapsed() < Duration::from_secs(5),
                "it trusts its memory"
            );
        }
    }
    let stale = async |server: &Rosterd, path: &str| {
        let answer = server.get(path, &access).send().await.unwrap();
        let age = answer.headers().get("roster-stale");
        let age = age.map(|age| age.to_str().unwrap().parse::<u64>().unwrap());
        (answer.status().as_u16(), age.is_some_and(|age| age <= 60))
    };
    for path in [
        "/employees?limit=5",
        "/employees/1",
        "/employees/values/title",
    ] {
        assert_eq!(stale(&lenient, path).await, (200, true), "{path}");
        assert_eq!(stale(&strict, path).await, (503, false), "{path}");
    }
    assert_eq!(stale(&lenient, "/employees/9").await, (404, true));
    for path in [
        "/me",
        "/users",
        "/me/sessions",
        "/employees/1/history",
        "/audit",
        "/readyz",
    ] {
        assert_eq!(stale(&lenient, path).await, (503, false), "{path}");
    }
    let write = lenient.post("/employees", &access, &person).send();
    assert_eq!(write.await.unwrap().status(), 503);
    let refused = lenient.refresh(&cookie).send().await.unwrap();
    assert!(
        refused.headers().get("set-cookie").is_none(),
        "nothing rotates"
    );

    go_on(&database).await;
    let begun = Instant::now();
    while stale(&lenient, "/employees/1").await != (200, false) {
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "it does not come back"
        );
    }
}

#[test]
fn stale_reads_are_refused_with_a_file_and_for_more_than_a_minute() {
    let folder = Folder::with_ada();
    let with = |seconds| {
        let mut serve = folder.serve();
        serve.args(["--stale-reads", seconds]);
        run(serve, "")
    };
    with("5").refused(&["--stale-reads is for a PostgreSQL database"]);
    with("61").refused(&["--stale-reads", "0..=60"]);
}

#[test]
fn a_file_and_a_database_exclude_each_other() {
    let folder = Folder::new();
    let both = [
        "serve",
        "--data",
        "x.redb",
        "--database",
        "postgres://localhost/x",
    ];
    run(folder.rosterd(&both), "").refused(&["--data", "cannot be used with", "--database"]);
    let mut two = folder.serve();
    two.env("ROSTER_DATABASE", "postgres://localhost/x")
        .env("ROSTER_DATABASE_FILE", "x");
    run(two, "").refused(&["ROSTER_DATABASE and ROSTER_DATABASE_FILE are both set"]);
}

#[test]
fn a_password_of_the_database_is_refused_on_the_command_line_and_repeated_nowhere() {
    let folder = Folder::new();
    let canary = "canary-6e1f";
    let url = format!("postgres://roster:{canary}@127.0.0.1:1/roster");
    let mut as_argument = folder.serve();
    as_argument.args(["--database", &url]);
    let refused = run(as_argument, "");
    assert!(!refused.stderr.contains(canary), "{refused:?}");
    refused.refused(&[
        "other users of this machine can read the password",
        "ROSTER_DATABASE_FILE",
    ]);

    let file = folder.path().join("url");
    std::fs::write(&file, format!("{url}\n")).unwrap();
    let malformed = url.replace(":1/", ":one/");
    for (name, value) in [
        ("ROSTER_DATABASE", url.as_str()),
        ("ROSTER_DATABASE", malformed.as_str()),
        ("ROSTER_DATABASE_FILE", file.to_str().unwrap()),
    ] {
        let mut serve = folder.serve();
        serve.env(name, value).env("RUST_LOG", "trace");
        let failed = run(serve, "");
        assert!(!failed.status.success(), "nothing listens there");
        assert!(!format!("{failed:?}").contains(canary), "{failed:?}");
    }
}

#[tokio::test]
async fn what_works_on_a_file_only_names_the_tools_of_the_database_and_check_works() {
    let Some((folder, url)) = database_of_ada().await else {
        return;
    };
    let on_database = |arguments: &[&str]| {
        let mut command = folder.rosterd(arguments);
        command.env("ROSTER_DATABASE", &url);
        run(command, "")
    };
    for arguments in [
        ["backup", "copy"].as_slice(),
        &["restore", "copy", "--yes"],
        &["status"],
        &["log-level", "debug"],
    ] {
        on_database(arguments).refused(&["PostgreSQL"]);
    }
    let mut backups = folder.serve();
    backups.args(["--backup", "."]).env("ROSTER_DATABASE", &url);
    run(backups, "").refused(&["PostgreSQL"]);
    let checked = on_database(&["check"]);
    assert!(checked.status.success(), "{checked:?}");
    let sound = "is sound: 0 employees and 1 account";
    assert!(checked.stdout.contains(sound), "{checked:?}");
}
