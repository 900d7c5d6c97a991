//! `rosterd` in a folder of its own, with an environment that the test gives and nothing else.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use reqwest::header::COOKIE;
use reqwest::{Client, RequestBuilder};
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) const ACCESS_KEY: &str = "4f1d6a0c9b7e25388a61c3d2f04b5e97";
pub(crate) const REFRESH_KEY: &str = "90c2be71f3a84d56e1078b2f6c9d3a45";
pub(crate) const PASSWORD: &str = "ada knows the engine";

/// How long the program may take for anything, on a machine that has much else to do.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A folder with a database to be.
pub(crate) struct Folder(TempDir);

/// What a run of the program came to.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// Holds a refusal to saying these words on standard error, and nothing on standard output.
    #[track_caller]
    pub(crate) fn refused(self, words: &[&str]) {
        assert!(!self.status.success() && self.stdout.is_empty(), "{self:?}");
        assert!(
            words.iter().all(|word| self.stderr.contains(word)),
            "{words:?} are not in: {}",
            self.stderr
        );
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
    }
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A folder with an account: ada, an admin.
    pub(crate) fn with_ada() -> Self {
        let folder = Self::new();
        let run = folder.add("ada", "admin", PASSWORD);
        assert!(run.status.success(), "{run:?}");
        folder
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path().join("roster.redb")
    }

    /// The program with arguments, about to be run here without keys.
    pub(crate) fn rosterd(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rosterd"));
        command
            .args(arguments)
            .env_clear()
            .env("ROSTER_BCRYPT_COST", "4")
            .current_dir(self.path());
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// `rosterd serve` on a free port, with good keys.
    pub(crate) fn serve(&self) -> Command {
        let mut command = self.rosterd(&["serve", "--listen", "127.0.0.1:0"]);
        command
            .env("ACCESS_TOKEN_KEY", ACCESS_KEY)
            .env("REFRESH_TOKEN_KEY", REFRESH_KEY);
        command
    }

    pub(crate) fn start(&self) -> Rosterd {
        Rosterd::start(self.serve())
    }

    /// `rosterd user add`, with a password on standard input.
    pub(crate) fn add(&self, name: &str, role: &str, password: &str) -> Run {
        run(
            self.rosterd(&["user", "add", name, "--role", role]),
            &format!("{password}\n"),
        )
    }
}

/// Runs a command to its end.
pub(crate) fn run(mut command: Command, input: &str) -> Run {
    let mut child = command.spawn().unwrap();
    // One that refuses its arguments does not wait for input.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run {
        status: output.status,
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

/// A running server. It is killed when it is dropped.
pub(crate) struct Rosterd {
    child: Child,
    /// What it has logged and nobody has read yet, line by line; nothing where the log goes
    /// elsewhere.
    log: Receiver<String>,
    pub(crate) url: String,
    pub(crate) http: Client,
}

impl Rosterd {
    /// Starts it, and waits until it listens.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let said = lines_of(child.stdout.take().unwrap());
        let log = child.stderr.take().map_or_else(|| channel().1, lines_of);
        let line = said.recv_timeout(PATIENCE).unwrap_or_default();
        let Some(url) = line.strip_prefix("listening on ").map(str::trim) else {
            let _ = child.kill();
            panic!(
                "rosterd did not start: {line}{}",
                log.iter().collect::<String>()
            );
        };
        // Refused where another test has installed it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder()
            .no_proxy()
            .timeout(PATIENCE)
            .build()
            .unwrap();
        Self {
            url: url.to_owned(),
            child,
            log,
            http,
        }
    }

    /// Ends it as a crash of the machine's would: it is not asked.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The id of its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Tells it to read anew what may have changed.
    pub(crate) fn hang_up(&self) {
        let order = format!("kill -HUP {}", self.child.id());
        assert!(
            Command::new("sh")
                .args(["-c", &order])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Waits for a line of the log that has these words.
    #[track_caller]
    pub(crate) fn logs(&mut self, words: &str) -> String {
        let end = Instant::now() + PATIENCE;
        let mut lines = std::iter::from_fn(|| {
            self.log
                .recv_timeout(end.saturating_duration_since(Instant::now()))
                .ok()
        });
        lines
            .find(|line| line.contains(words))
            .unwrap_or_else(|| panic!("{words:?} is never logged"))
    }

    /// Lets it write no file beyond that size from now on: what is there can be read and not
    /// written.
    pub(crate) fn limit_files(&self, size: Option<u64>) {
        let limit = Rlimit {
            current: size,
            maximum: None,
        };
        prlimit(Some(Pid::from_child(&self.child)), Resource::Fsize, limit).unwrap();
    }

    /// Lets it have no more open files than this from now on.
    pub(crate) fn limit_open_files(&self, count: u64) {
        let limit = Rlimit {
            current: Some(count),
            maximum: Some(count),
        };
        prlimit(Some(Pid::from_child(&self.child)), Resource::Nofile, limit).unwrap();
    }

    /// Asks it to end, and waits until it has. Returns what it logged.
    pub(crate) fn terminate(mut self) -> (ExitStatus, String) {
        let order = format!("kill -TERM {}", self.child.id());
        assert!(
            Command::new("sh")
                .args(["-c", &order])
                .status()
                .unwrap()
                .success()
        );
        let end = Instant::now() + PATIENCE;
        let mut log = String::new();
        // The log ends when the program does.
        loop {
            match self
                .log
                .recv_timeout(end.saturating_duration_since(Instant::now()))
            {
                Ok(line) => log.push_str(&line),
                Err(RecvTimeoutError::Disconnected) => return (self.child.wait().unwrap(), log),
                Err(RecvTimeoutError::Timeout) => panic!("rosterd does not end: {log}"),
            }
        }
    }

    pub(crate) fn get(&self, path: &str, token: &str) -> RequestBuilder {
        self.http
            .get(format!("{}{path}", self.url))
            .bearer_auth(token)
    }

    /// The body of a `GET`, which is JSON.
    pub(crate) async fn get_json<T: DeserializeOwned>(&self, path: &str, token: &str) -> T {
        let answer = self.get(path, token).send().await.unwrap();
        answer.json().await.unwrap()
    }

    pub(crate) fn post(&self, path: &str, token: &str, body: &Value) -> RequestBuilder {
        self.http
            .post(format!("{}{path}", self.url))
            .bearer_auth(token)
            .json(body)
    }

    /// Signs ada in: her access token and her refresh token.
    pub(crate) async fn sign_in(&self) -> (String, String) {
        let credentials = json!({"user": "ada", "pwd": PASSWORD});
        tokens(
            self.http
                .post(format!("{}/auth", self.url))
                .json(&credentials),
        )
        .await
    }

    /// Signs out whoever has this cookie.
    pub(crate) async fn sign_out(&self, cookie: &str) {
        let logout = self.http.post(format!("{}/logout", self.url));
        let cookie = format!("__Host-refresh={cookie}");
        let left = logout.header(COOKIE, cookie).send().await.unwrap();
        assert_eq!(left.status(), 204);
    }

    pub(crate) fn refresh(&self, cookie: &str) -> RequestBuilder {
        self.http
            .post(format!("{}/refresh", self.url))
            .header(COOKIE, format!("__Host-refresh={cookie}"))
    }
}

/// The lines as they come. They are always taken: a program whose log nobody takes stands still
/// when the pipe is full.
fn lines_of(log: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(log).lines().map_while(Result::ok) {
            // Who does not want to read them lets them go by.
            let _ = sender.send(line + "\n");
        }
    });
    lines
}

impl Drop for Rosterd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The access and the refresh token that a request is answered with.
pub(crate) async fn tokens(request: RequestBuilder) -> (String, String) {
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    let cookie = cookie
        .split(';')
        .next()
        .unwrap()
        .strip_prefix("__Host-refresh=")
        .unwrap()
        .to_owned();
    let json: Value = response.json().await.unwrap();
    (json["accessToken"].as_str().unwrap().to_owned(), cookie)
}
