//! Plain HTTP to another computer is refused unless it is allowed.
//!
//! The other computer is an address that is nobody's (RFC 5737). `http_proxy` leads to it, so that
//! whatever leaves the process is seen here.

use std::io::{ErrorKind, Write};
use std::net::TcpListener;
use std::process::Output;

use roster_common::api::path;
use roster_server::http::CookieKind;
use roster_server::testing::password_of;

use crate::world::World;

const ELSEWHERE: &str = "http://192.0.2.2:7678";

fn run(world: &World, proxy_url: &str, args: &[&str]) -> Output {
    let mut command = world.command(&[&["--server", ELSEWHERE], args].concat());
    let mut child = command
        .env("http_proxy", proxy_url)
        .env("no_proxy", "")
        .spawn()
        .unwrap();
    // A command that refuses closes its input unread.
    let _ = child
        .stdin
        .take()
        .unwrap()
        .write_all(password_of("ada").expose().as_bytes());
    child.wait_with_output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_refused_before_anything_leaves_this_computer() {
    let world = World::new().await;
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    proxy.set_nonblocking(true).unwrap();
    let proxy_url = format!("http://{}", proxy.local_addr().unwrap());

    for args in [
        &["login", "--user", "ada", "--password-stdin"][..],
        &["whoami"],
        &["logout"],
        &["employees", "list"],
    ] {
        let refused = run(&world, &proxy_url, args);

        let message = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(
            (refused.status.code(), refused.stdout.as_slice()),
            (Some(2), &b""[..]),
            "{args:?}: {message}"
        );
        assert!(
            message.contains("https://") && message.contains("--insecure-http"),
            "{message}"
        );
    }

    assert_eq!(
        proxy.accept().unwrap_err().kind(),
        ErrorKind::WouldBlock,
        "nobody has connected"
    );
    assert!(!world.has_jar(), "nothing is kept for it");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_flag_a_plain_cookie_is_used() {
    let mut world = World::new().await;
    world.server.http.cookie = CookieKind::Plain;
    world.server.restart().await;
    let insecure = |args: &[&str]| {
        let output = run(
            &world,
            &world.proxy.url,
            &[&["--insecure-http"], args].concat(),
        );
        (
            output.status.code().unwrap(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };

    assert_eq!(
        insecure(&["login", "--user", "ada", "--password-stdin"]),
        (0, "ada\tadmin\n".into())
    );
    world.let_the_token_expire();
    assert_eq!(insecure(&["whoami"]), (0, "ada\tadmin\n".into()));
    assert_eq!(insecure(&["logout"]).0, 0);
    assert_eq!(insecure(&["whoami"]).0, 4);

    assert_eq!(world.proxy.cookies(), [path::REFRESH, path::LOGOUT]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secure_cookie_is_not_kept_there_even_then() {
    let world = World::new().await;

    let login = run(
        &world,
        &world.proxy.url,
        &[
            "--insecure-http",
            "login",
            "--user",
            "ada",
            "--password-stdin",
        ],
    );

    assert_eq!(login.status.code(), Some(1));
    assert!(
        String::from_utf8(login.stderr)
            .unwrap()
            .contains("refresh cookie")
    );
    assert_eq!(world.proxy.count(path::AUTH), 1);
}
