//! The admin socket: the operator's commands while the server runs.

use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixListener;

use roster_server::serve::socket_of;
use serde_json::json;

use crate::program::{Folder, PASSWORD, run};

#[tokio::test]
async fn accounts_are_managed_while_the_server_runs() {
    let folder = Folder::with_ada();
    let server = folder.start();
    assert_eq!(
        folder.add("bob", "viewer", PASSWORD).stdout,
        "added bob, viewer\n"
    );
    let list = || run(folder.rosterd(&["user", "list"]), "").stdout;
    assert_eq!(list(), "ada\tadmin\tenabled\nbob\tviewer\tenabled\n");
    let (access, _) = server.sign_in().await;
    let set = run(
        folder.rosterd(&["user", "set", "ada", "--password"]),
        "another good password\n",
    );
    assert_eq!(set.stdout, "set ada, admin, enabled\n", "{set:?}");
    assert_eq!(
        server.get("/me", &access).send().await.unwrap().status(),
        403,
        "the session has ended"
    );
    folder
        .add("bob", "viewer", PASSWORD)
        .refused(&["the account bob already exists"]);
    run(folder.rosterd(&["user", "set", "ada", "--disable"]), "")
        .refused(&["ada is the last admin who can sign in"]);
    run(folder.rosterd(&["user", "set", "zoe", "--enable"]), "").refused(&["no account named zoe"]);
    server.terminate();
    assert_eq!(list(), "ada\tadmin\tenabled\nbob\tviewer\tenabled\n");
}

#[tokio::test]
async fn only_the_owner_can_reach_the_socket_and_it_goes_with_the_server() {
    let folder = Folder::with_ada();
    let socket = socket_of(&folder.database());
    // As a server that was killed leaves it.
    drop(UnixListener::bind(&socket).unwrap());
    let server = folder.start();
    assert_eq!(
        run(folder.rosterd(&["user", "list"]), "").stdout,
        "ada\tadmin\tenabled\n"
    );
    let file = fs::symlink_metadata(&socket).unwrap();
    assert!(file.file_type().is_socket());
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
    server.terminate();
    assert!(!socket.exists());
}

#[tokio::test]
async fn the_status_says_how_the_server_is() {
    let folder = Folder::with_ada();
    run(folder.rosterd(&["status"]), "").refused(&["no server has roster.redb open"]);
    let server = folder.start();
    let status = run(folder.rosterd(&["status"]), "").stdout;
    for line in [
        "database\troster.redb",
        "employees\t0",
        "accounts\t1",
        "sessions\t0",
        "ready\tyes",
        &format!("address\t{}", server.url),
    ] {
        assert!(status.lines().any(|said| said == line), "{line}: {status}");
    }
}

#[tokio::test]
async fn the_log_level_changes_without_a_restart() {
    let folder = Folder::with_ada();
    let mut server = folder.start();
    run(folder.rosterd(&["log-level", "roster=loud"]), "").refused(&["expected one of"]);
    let set = run(folder.rosterd(&["log-level", "debug"]), "");
    assert!(set.status.success(), "{set:?}");
    let (access, _) = server.sign_in().await;
    server.get("/employees", &access).send().await.unwrap();
    server.logs("\"level\":\"DEBUG\"");
}

#[tokio::test]
async fn without_a_socket_the_server_serves_all_the_same() {
    let folder = Folder::with_ada();
    let mut path = folder.path().to_owned();
    path.push("d".repeat(100));
    fs::create_dir(&path).unwrap();
    path.push("roster.redb");
    fs::rename(folder.database(), &path).unwrap();
    let mut serve = folder.serve();
    serve.env("ROSTER_DATA", &path);
    let mut server = crate::program::Rosterd::start(serve);
    server.logs("cannot make the admin socket");
    let (access, _) = server.sign_in().await;
    let created = server
        .post(
            "/employees",
            &access,
            &json!({"firstname": "Maya", "lastname": "Castro"}),
        )
        .send()
        .await
        .unwrap();
    assert_eq!(created.status(), 201);
}
