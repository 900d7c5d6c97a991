//! What nobody may read over a shoulder or in a log: no password and no token is printed, whatever
//! happens.

use std::fs;

use jiff::SignedDuration;
use roster_server::testing::{keys, password_of};

use crate::shell::{Done, Shell};

const WRONG: &str = "the password of another place";

/// A shell, and all that its commands have printed.
struct Watched {
    shell: Shell,
    printed: String,
    secrets: Vec<String>,
}

impl Watched {
    fn run(&mut self, args: &[&str], input: &str) -> i32 {
        let Done { code, out, err } = self.shell.pipe(args, input);
        self.printed.push_str(&out);
        self.printed.push_str(&err);
        code
    }

    /// Runs a command as text and as JSON.
    fn both(&mut self, args: &[&str], input: &str) -> [i32; 2] {
        [
            self.run(args, input),
            self.run(&[args, &["--json"]].concat(), input),
        ]
    }

    /// Remembers the tokens that the jar has now.
    fn remember(&mut self) {
        let jar = self.shell.jar();
        let cookie = jar["cookies"][0]["raw_cookie"].as_str().unwrap();
        let (_, refresh) = cookie.split(';').next().unwrap().split_once('=').unwrap();
        let access = jar["access"]["token"].as_str().unwrap();
        for token in [refresh, access] {
            // The signature alone: the rest of a token is no secret by itself.
            self.secrets
                .push(token.rsplit('.').next().unwrap().to_owned());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_password_and_no_token_is_ever_printed() {
    let password = password_of("ada").expose().to_owned();
    let (printed, secrets) = (String::new(), vec![password.clone(), WRONG.to_owned()]);
    let mut watched = Watched {
        shell: Shell::new().await,
        printed,
        secrets,
    };
    let login = ["login", "--user", "ada", "--password-stdin"];

    assert_eq!(watched.both(&login, &password), [0, 0]);
    watched.remember();
    assert_eq!(watched.both(&login, WRONG), [4, 4]);
    assert_eq!(watched.both(&["login", "--user", "ada"], &password), [2, 2]);
    assert_eq!(
        watched.both(
            &["login", "--user", "ada", &format!("--password={WRONG}")],
            ""
        ),
        [2, 2]
    );
    assert_eq!(watched.both(&["whoami"], ""), [0, 0]);
    watched.shell.server.turn(SignedDuration::from_mins(11));
    assert_eq!(watched.both(&["employees", "list"], ""), [0, 0]);
    watched.remember();
    damage(&watched.shell);
    assert_eq!(watched.both(&["whoami"], ""), [4, 4]);
    assert_eq!(watched.both(&login, &password), [0, 0]);
    watched.remember();
    watched.shell.server.keys = keys(2);
    watched.shell.server.restart().await;
    assert_eq!(watched.both(&["whoami"], ""), [4, 4]);
    watched.shell.server.stop().await;
    assert_eq!(watched.both(&login, &password), [3, 3]);

    assert_eq!(watched.secrets.len(), 2 + 3 * 2);
    for secret in &watched.secrets {
        assert!(
            !watched.printed.contains(secret),
            "{secret} in {}",
            watched.printed
        );
    }
}

/// Leaves all secrets in the jar, and makes it unreadable.
fn damage(shell: &Shell) {
    let text = fs::read_to_string(shell.jar_file()).unwrap();
    fs::write(
        shell.jar_file(),
        text.replace("\"access\":", "\"access\":7,"),
    )
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_no_argument_and_no_variable() {
    let shell = Shell::new().await;
    let help = shell.run(&["login", "--help"]).out;

    assert!(
        help.contains("--password-stdin") && !help.contains("--password "),
        "{help}"
    );
    assert!(
        !help.contains("PASSWORD") && !help.contains("TOKEN"),
        "no variable holds one: {help}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_terminal_a_sign_in_says_how_to_give_the_password() {
    let shell = Shell::new().await;
    for args in [&["login"][..], &["login", "--user", "ada"]] {
        let refused = shell.pipe(args, password_of("ada").expose());

        assert_eq!((refused.code, refused.out.as_str()), (2, ""));
        assert!(
            refused.err.contains("--user NAME --password-stdin"),
            "{refused:?}"
        );
    }
    assert_eq!(
        shell.run(&["whoami"]).code,
        4,
        "what stood on standard input was not taken as a password"
    );
}
