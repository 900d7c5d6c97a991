//! A shell on a computer of its own: runs `roster`, without a terminal.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use roster_server::testing::{TestServer, password_of};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) struct Shell {
    pub(crate) server: TestServer,
    state: TempDir,
}

/// What a command printed, and its exit code.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Shell {
    /// A shell in which nobody has signed in.
    pub(crate) async fn new() -> Self {
        Self {
            server: TestServer::start().await,
            state: tempfile::tempdir().unwrap(),
        }
    }

    /// A shell in which Ada has signed in.
    pub(crate) async fn signed_in() -> Self {
        let shell = Self::new().await;
        shell.sign_in("ada");
        shell
    }

    pub(crate) fn sign_in(&self, name: &str) {
        let done = self.pipe(
            &["login", "--user", name, "--password-stdin"],
            password_of(name).expose(),
        );
        assert_eq!(done.code, 0, "{done:?}");
    }

    pub(crate) fn run(&self, args: &[&str]) -> Done {
        self.pipe(args, "")
    }

    /// The jar, as JSON.
    pub(crate) fn jar(&self) -> Value {
        serde_json::from_slice(&fs::read(self.jar_file()).unwrap()).unwrap()
    }

    pub(crate) fn jar_file(&self) -> PathBuf {
        let folder = fs::read_dir(self.state.path().join("roster"))
            .unwrap()
            .next()
            .unwrap()
            .unwrap();
        folder.path().join("jar.json")
    }

    /// Writes a file, and gives its path.
    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        let path = self.state.path().join(name);
        fs::write(&path, text).unwrap();
        path.into_os_string().into_string().unwrap()
    }

    /// Writes `config.toml`.
    pub(crate) fn write_config(&self, text: &str) {
        let folder = self.state.path().join("config/roster");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("config.toml"), text).unwrap();
    }

    /// Runs a command with `input` on its standard input.
    pub(crate) fn pipe(&self, args: &[&str], input: &str) -> Done {
        done(self.command(args), input)
    }

    /// Runs a command with `input` on another computer, whose sessions are in `state`.
    pub(crate) fn pipe_elsewhere(&self, state: &Path, args: &[&str], input: &str) -> Done {
        let mut command = self.command(args);
        command.env("XDG_STATE_HOME", state);
        done(command, input)
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_roster"));
        command
            .args(args)
            .env("XDG_CONFIG_HOME", self.state.path().join("config"))
            .env("XDG_STATE_HOME", self.state.path())
            .env("ROSTER_SERVER", &self.server.url);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// `sh` in a folder of its own, which is also the home folder.
    pub(crate) fn in_shell(&self) -> Command {
        let mut command = Command::new("sh");
        command
            .current_dir(self.state.path())
            .env("HOME", self.state.path())
            .env("XDG_STATE_HOME", self.state.path())
            .env("XDG_CONFIG_HOME", self.state.path())
            .env("ROSTER_SERVER", &self.server.url);
        command
    }

    /// Adds an employee, and gives its id.
    pub(crate) fn add(&self, first: &str, last: &str) -> String {
        let (first, last) = (format!("firstname={first}"), format!("lastname={last}"));
        let done = self.run(&["employees", "add", &first, &last]);
        assert_eq!(done.code, 0, "{done:?}");
        done.out.split('\t').next().unwrap().to_owned()
    }
}

fn done(mut command: Command, input: &str) -> Done {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    // A command that does not read its input closes it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Done {
        code: output.status.code().unwrap(),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

impl Done {
    /// The data, as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The problem on standard error.
    pub(crate) fn problem(&self) -> Value {
        serde_json::from_str(&self.err).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}
