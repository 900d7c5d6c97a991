//! A server, a proxy before it, and the computer of one person.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use jiff::{SignedDuration, Timestamp};
use roster::client::{Client, Options};
use roster::remote::ClientError;
use roster_common::{Code, Username};
use roster_server::testing::{TestServer, password_of};
use tempfile::TempDir;

use crate::proxy::Proxy;

pub(crate) struct World {
    pub(crate) server: TestServer,
    pub(crate) proxy: Proxy,
    state: TempDir,
}

impl World {
    /// One in which nobody is signed in.
    pub(crate) async fn new() -> Self {
        let server = TestServer::start().await;
        let proxy = Proxy::before(&server.url).await;
        Self {
            server,
            proxy,
            state: tempfile::tempdir().unwrap(),
        }
    }

    /// One more process of the person, on the same jar.
    pub(crate) fn process(&self) -> Client {
        self.process_on(&self.proxy.url)
    }

    /// The same, that asks a server at another address, with the session of the jar at the proxy's.
    pub(crate) fn on_the_same_jar(&self, url: &str) -> Client {
        let mine = self.folder();
        let port = url.rsplit_once(':').unwrap().1;
        let theirs = mine.with_file_name(format!("http_127.0.0.1_{port}"));
        std::fs::create_dir_all(&theirs).unwrap();
        std::fs::copy(mine.join("jar.json"), theirs.join("jar.json")).unwrap();
        self.process_on(url)
    }

    /// The same, that asks a server at another address.
    pub(crate) fn process_on(&self, url: &str) -> Client {
        let options = Options {
            server: url.to_owned(),
            state: self.state.path().join("roster"),
            insecure_http: false,
            ca: None,
        };
        Client::new(options).unwrap()
    }

    /// A command of the person, with an operating system's process of its own.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        self.command_on(&self.state, args)
    }

    /// The same, on the jar of another computer.
    pub(crate) fn command_on(&self, state: &TempDir, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_roster"));
        command
            .args(args)
            .env("XDG_STATE_HOME", state.path())
            .env("XDG_CONFIG_HOME", state.path())
            .env("ROSTER_SERVER", &self.proxy.url);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Copies the jar to another computer.
    pub(crate) fn stolen(&self) -> TempDir {
        let theirs = tempfile::tempdir().unwrap();
        let folder = theirs
            .path()
            .join(self.folder().strip_prefix(self.state.path()).unwrap());
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::copy(self.folder().join("jar.json"), folder.join("jar.json")).unwrap();
        theirs
    }

    /// A process in which Ada has signed in.
    pub(crate) async fn signed_in(&self) -> Client {
        let client = self.process();
        sign_in(&client, "ada").await.unwrap();
        client
    }

    /// Lets more time pass on the server than an access token has.
    pub(crate) fn let_the_token_expire(&self) {
        self.server.turn(SignedDuration::from_mins(11));
    }

    /// Lets the token in the jar end in `left`, for every process that reads it from then on.
    pub(crate) fn leave_the_token(&self, left: SignedDuration) {
        let mut jar: serde_json::Value = serde_json::from_slice(&self.jar().unwrap()).unwrap();
        jar["access"]["expires"] = serde_json::json!(Timestamp::now() + left);
        std::fs::write(self.folder().join("jar.json"), jar.to_string()).unwrap();
    }

    /// Has the jar say what it would if this computer's clock had been ahead, or behind, when it
    /// was written.
    pub(crate) fn write_the_jar_by_a_clock_ahead_by(&self, ahead: SignedDuration) {
        let mut jar: serde_json::Value = serde_json::from_slice(&self.jar().unwrap()).unwrap();
        let shift = |time: &mut serde_json::Value| {
            // The last representable date stays.
            if let Ok(written) = time.as_str().unwrap().parse::<Timestamp>() {
                *time = serde_json::json!(written + ahead);
            }
        };
        shift(&mut jar["access"]["expires"]);
        for cookie in jar["cookies"].as_array_mut().unwrap() {
            shift(&mut cookie["expires"]["AtUtc"]);
        }
        std::fs::write(self.folder().join("jar.json"), jar.to_string()).unwrap();
    }

    /// The folder of the jar.
    pub(crate) fn folder(&self) -> PathBuf {
        std::fs::read_dir(self.state.path().join("roster"))
            .unwrap()
            .next()
            .unwrap()
            .unwrap()
            .path()
    }

    /// Whether there is a jar of any server.
    pub(crate) fn has_jar(&self) -> bool {
        self.state.path().join("roster").exists()
    }

    /// The jar's bytes; nothing where there is no jar.
    pub(crate) fn jar(&self) -> Option<Vec<u8>> {
        std::fs::read(self.folder().join("jar.json")).ok()
    }
}

pub(crate) async fn sign_in(client: &Client, name: &str) -> Result<(), ClientError> {
    let username: Username = name.parse().unwrap();
    client
        .sign_in(&username, &password_of(name))
        .await
        .map(drop)
}

/// The code with which a call was refused.
pub(crate) fn code<T: std::fmt::Debug>(result: Result<T, ClientError>) -> Code {
    match result {
        Err(ClientError::Refused(problem)) => problem.code,
        other => panic!("not refused: {other:?}"),
    }
}
