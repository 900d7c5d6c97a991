//! `rosterd` as it is run, killed in the middle of somebody's work: nothing is lost, and nothing is
//! done twice.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;

use roster::client::Client;
use roster_common::Query;
use roster_server::testing::USERS;
use tempfile::TempDir;

use crate::proxy::{Fault, Proxy};
use crate::terminal::{PATIENCE, PROGRAM, Terminal};
use crate::{CLEAR_LINE, SAVE, TAB, elsewhere, hire};

/// A `rosterd` with a process of its own, on a database that outlives it.
struct Rosterd {
    folder: TempDir,
    process: Child,
    url: String,
}

impl Rosterd {
    /// Starts one with the accounts of every test server; nothing where it has not been built.
    #[expect(clippy::print_stdout, reason = "whoever runs the tests is told")]
    fn start() -> Option<Self> {
        if !program().exists() {
            println!("left out: there is no {}", program().display());
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        for (name, role, password) in USERS {
            let mut add = rosterd(
                folder.path(),
                &["user", "add", name, "--role", role.as_str()],
            );
            let mut add = add.stdin(Stdio::piped()).spawn().unwrap();
            writeln!(add.stdin.take().unwrap(), "{password}").unwrap();
            assert!(add.wait().unwrap().success());
        }
        let (process, url) = serve(folder.path(), "127.0.0.1:0");
        Some(Self {
            folder,
            process,
            url,
        })
    }

    /// Kills it as a crash would: it is not asked.
    fn is_killed(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Starts it again, on the same port and the same database.
    fn is_back(&mut self) {
        let address = self.url.strip_prefix("http://").unwrap();
        (self.process, self.url) = serve(self.folder.path(), address);
    }
}

impl Drop for Rosterd {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Beside our own program, where whoever tests the whole workspace has built it.
fn program() -> PathBuf {
    Path::new(PROGRAM).with_file_name("rosterd")
}

/// The program with arguments, about to be run in a folder and with nothing else of the person's
/// who runs the tests.
fn rosterd(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    command
        .args(arguments)
        .env_clear()
        .env("ROSTER_BCRYPT_COST", "4")
        .current_dir(folder);
    command.env("ACCESS_TOKEN_KEY", "4f1d6a0c9b7e25388a61c3d2f04b5e97");
    command.env("REFRESH_TOKEN_KEY", "90c2be71f3a84d56e1078b2f6c9d3a45");
    let log = File::options()
        .create(true)
        .append(true)
        .open(folder.join("log"))
        .unwrap();
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log);
    command
}

/// Starts the server, and waits until it listens; where.
fn serve(folder: &Path, address: &str) -> (Child, String) {
    let mut process = rosterd(folder, &["serve", "--listen", address])
        .spawn()
        .unwrap();
    let mut said = BufReader::new(process.stdout.take().unwrap());
    let (tell, message) = mpsc::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let _ = said.read_line(&mut line);
        tell.send(line)
    });
    let line = message.recv_timeout(PATIENCE).unwrap_or_default();
    let url = line
        .strip_prefix("listening on ")
        .unwrap_or_default()
        .trim()
        .to_owned();
    if url.is_empty() {
        let _ = process.kill();
    }
    assert!(
        !url.is_empty(),
        "rosterd does not listen: {line}{}",
        fs::read_to_string(folder.join("log")).unwrap()
    );
    (process, url)
}

/// The versions of all who are on the server, by family name.
async fn versions(colleague: &Client) -> Vec<(String, u64)> {
    let people = colleague.employees(&Query::default()).await.unwrap().rows;
    people
        .iter()
        .map(|person| (person.details.lastname().to_owned(), person.version.get()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_and_restarted_server_loses_no_typed_text() {
    let Some(mut rosterd) = Rosterd::start() else {
        return;
    };
    let (colleague, _elsewhere) = elsewhere(&rosterd.url, "eve").await;
    hire(&colleague, "Maya", "Castro").await;
    hire(&colleague, "Ariadna", "Bétancourt").await;
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(&rosterd.url, home.path());
    terminal
        .signs_in("ada")
        .types("e")
        .sees("> First name")
        .types("!");

    // The next field asks the server what others have there.
    rosterd.is_killed();
    terminal
        .types(&TAB.repeat(4))
        .types(CLEAR_LINE)
        .types("Lead")
        .sees("Offline, next try");
    terminal
        .sees("Maya!")
        .sees("2 people")
        .types(SAVE)
        .sees("Not saved.")
        .sees("Maya!")
        .sees("Lead");

    rosterd.is_back();
    terminal
        .sees("Back online. Press Ctrl-s to save your changes.")
        .types(SAVE)
        .sees("Saved Maya! Castro.");
    terminal.sees("2 people").sees_no("> Title");
    assert_eq!(
        versions(&colleague).await,
        [("Castro".to_owned(), 2), ("Bétancourt".to_owned(), 1)]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unanswered_write_before_a_kill_is_reported_and_saved_once() {
    let Some(mut rosterd) = Rosterd::start() else {
        return;
    };
    let (colleague, _elsewhere) = elsewhere(&rosterd.url, "eve").await;
    hire(&colleague, "Maya", "Castro").await;
    let proxy = Proxy::before(&rosterd.url).await;
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(&proxy.url, home.path());
    terminal.signs_in("ada");

    proxy.spoil("PATCH /employees/1", [Fault::KeepAnswer]);
    terminal
        .types("e")
        .sees("> First name")
        .types("!")
        .types(SAVE);
    proxy.keeps_an_answer().await;
    rosterd.is_killed();
    proxy.forget();
    terminal.sees("No answer for Maya Castro");
    rosterd.is_back();
    terminal
        .sees("Saved Maya Castro; the server's answer was lost.")
        .sees("Castro, Maya!");

    proxy.spoil("POST /employees", [Fault::KeepAnswer]);
    terminal
        .types("n")
        .sees("New person")
        .types("Grace")
        .types(TAB)
        .types("Hopper")
        .types(SAVE);
    proxy.keeps_an_answer().await;
    rosterd.is_killed();
    proxy.forget();
    terminal.sees("No answer for Grace Hopper");
    rosterd.is_back();
    terminal.sees("Added Grace Hopper").sees("2 people");
    assert_eq!(
        versions(&colleague).await,
        [("Castro".to_owned(), 2), ("Hopper".to_owned(), 1)]
    );
}
