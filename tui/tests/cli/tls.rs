//! A server that is reached over TLS, and whether it is trusted.

use std::fs;
use std::sync::Arc;

use roster_server::serve::Tls;
use roster_server::testing::{Authority, password_of};

use crate::shell::{Done, Shell};

/// A shell whose server has a certificate of this authority.
async fn shell(authority: &Authority) -> Shell {
    let mut shell = Shell::new().await;
    shell.server.tls = Some(Arc::new(Tls::new(authority.pair()).unwrap()));
    shell.server.restart().await;
    shell.server.url = shell.server.url.replace("http://", "https://");
    shell
}

fn login(shell: &Shell, options: &[&str]) -> Done {
    let args = [options, &["login", "--user", "ada", "--password-stdin"]].concat();
    shell.pipe(&args, password_of("ada").expose())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_names_the_authority_signs_in_once_and_goes_on() {
    let authority = Authority::new();
    let shell = shell(&authority).await;
    let ca = authority.certificate().display().to_string();
    assert_eq!(login(&shell, &["--ca", &ca]).out, "ada\tadmin\n");
    assert_eq!(shell.run(&["--ca", &ca, "whoami"]).out, "ada\tadmin\n");
    let mut by_variable = shell.command(&["logout"]);
    assert!(
        by_variable
            .env("ROSTER_CA", &ca)
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(shell.run(&["--ca", &ca, "whoami"]).code, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_untrusted_server_gets_no_password() {
    let (authority, other) = (Authority::new(), Authority::new());
    let shell = shell(&authority).await;
    let other = other.certificate().display().to_string();
    for options in [&[][..], &["--ca", &other]] {
        let done = login(&shell, options);
        assert_eq!(done.code, 3, "{done:?}");
        assert!(
            done.err.contains("not trusted") && done.err.contains("--ca"),
            "{}",
            done.err
        );
    }

    authority.issue(&["roster.example"]);
    shell.server.tls.as_ref().unwrap().reload().unwrap();
    let done = login(
        &shell,
        &["--ca", &authority.certificate().display().to_string()],
    );
    assert!(
        done.code == 3 && done.err.contains("for another name"),
        "{done:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wrong_scheme_is_named() {
    let authority = Authority::new();
    let mut shell = shell(&authority).await;
    shell.server.url = shell.server.url.replace("https://", "http://");
    let done = login(&shell, &[]);
    assert!(
        done.code == 1 && done.err.contains("start the address with https://"),
        "{done:?}"
    );

    let mut plain = Shell::new().await;
    plain.server.url = plain.server.url.replace("http://", "https://");
    let done = login(
        &plain,
        &["--ca", &authority.certificate().display().to_string()],
    );
    assert!(
        done.code == 3 && done.err.contains("start the address with http://"),
        "{done:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_holds_no_certificate_is_named_before_anything_is_asked() {
    let authority = Authority::new();
    let shell = shell(&authority).await;
    let empty = authority.certificate().with_file_name("empty.pem");
    fs::write(&empty, "").unwrap();
    for file in [empty.display().to_string(), "/nowhere/ca.pem".into()] {
        let done = login(&shell, &["--ca", &file]);
        assert!(
            done.code == 2 && done.err.contains(&file) && done.err.contains("--ca"),
            "{done:?}"
        );
    }
}
