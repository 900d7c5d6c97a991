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

/// A shell whose server has signed its own certificate for `localhost`, and the certificate's file.
async fn self_signed(authority: &Authority) -> (Shell, String) {
    authority.sign_itself();
    let mut shell = shell(authority).await;
    shell.server.url = shell.server.url.replace("127.0.0.1", "localhost");
    let certificate = authority.pair().certificate.display().to_string();
    (shell, certificate)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_self_signed_certificate_is_trusted_if_it_is_named() {
    let authority = Authority::new();
    let (mut shell, certificate) = self_signed(&authority).await;
    assert_eq!(login(&shell, &["--ca", &certificate]).out, "ada\tadmin\n");

    shell.server.url = shell.server.url.replace("localhost", "127.0.0.1");
    let done = login(&shell, &["--ca", &certificate]);
    assert!(
        done.code == 3 && done.err.contains("for another name"),
        "{done:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_self_signed_certificate_that_is_not_named_is_refused_in_plain_words() {
    let authority = Authority::new();
    let (shell, certificate) = self_signed(&authority).await;
    let other = format!("{certificate}.other");
    fs::copy(&certificate, &other).unwrap();
    authority.sign_itself();
    shell.server.tls.as_ref().unwrap().reload().unwrap();

    for options in [&[][..], &["--ca", &other]] {
        let done = login(&shell, options);
        assert_eq!(done.code, 3, "{done:?}");
        assert!(
            done.err.contains("self-signed") && done.err.contains("--ca"),
            "{done:?}"
        );
        assert!(!done.err.contains("Other"), "{done:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn byte_order_marks_in_pem_files_do_no_harm() {
    let authority = Authority::new();
    let pair = authority.pair();
    for file in [&authority.certificate(), &pair.certificate, &pair.key] {
        let pem = fs::read_to_string(file).unwrap();
        fs::write(file, format!("\u{feff}{pem}")).unwrap();
    }
    let shell = shell(&authority).await;

    // Two files joined into one have a second mark in the middle.
    let (other, named) = (Authority::new(), authority.certificate());
    let joined = named.with_file_name("joined.pem");
    let both = [other.certificate(), named.clone()].map(|file| fs::read_to_string(file).unwrap());
    fs::write(&joined, both.concat()).unwrap();

    for file in [named, joined] {
        let done = login(&shell, &["--ca", &file.display().to_string()]);
        assert_eq!(done.out, "ada\tadmin\n", "{done:?}");
    }
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
