//! Somebody else's changes: how long until they are on the screen, and how many bytes they cost.

use std::io::{self, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use roster::client::{Client, Options};
use roster_common::{Changes, EmployeeId, Field, Password};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::program::{Program, Subject};
use crate::{REST, SIZES, ready};

/// Whom the colleague changes: the fifth of all.
const CHANGED: u64 = 5;

/// How many changes are measured in the table, with a record open and with a filter.
const CHANGES: usize = 50;

/// How many changes are measured beside a form, which is opened for each.
const FORMS: usize = 20;

/// How many changes are measured right after a connection was cut.
const CUTS: usize = 20;

/// A stream must have lasted for a second to be opened again at once.
const BETWEEN_CUTS: Duration = Duration::from_millis(1200);

/// How long changes take until they are shown, by what is on the screen, and their mean bytes.
#[derive(Default)]
pub(crate) struct ChangeFigures {
    pub(crate) in_table: Vec<Duration>,
    pub(crate) with_filter: Vec<Duration>,
    pub(crate) beside_form: Vec<Duration>,
    pub(crate) after_cut: Vec<Duration>,
    pub(crate) bytes: usize,
    pub(crate) bytes_with_record: usize,
}

pub(crate) fn measure(subject: &Subject, colleague: &mut Colleague) -> ChangeFigures {
    let mut figures = ChangeFigures::default();
    let mut program = ready(subject, SIZES[0]);
    let shown = |program: &mut Program, colleague: &mut Colleague, times: usize| {
        program.bytes = 0;
        let times: Vec<_> = (0..times).map(|_| colleague.is_seen(program)).collect();
        (times, program.bytes / CHANGES)
    };
    (figures.in_table, figures.bytes) = shown(&mut program, colleague, CHANGES);
    program.settle("4j");
    program.settle("\r");
    while program.read(REST) {}
    (_, figures.bytes_with_record) = shown(&mut program, colleague, CHANGES);
    program.settle("\x1b");
    program.settle(&format!("/id:{CHANGED}\r"));
    (figures.with_filter, _) = shown(&mut program, colleague, CHANGES);
    figures.beside_form = (0..FORMS)
        .map(|_| colleague.is_seen_in_form(&mut program))
        .collect();
    figures.after_cut = after_cuts(subject, colleague);
    figures
}

/// Changes that come just when the connection is cut.
fn after_cuts(subject: &Subject, colleague: &mut Colleague) -> Vec<Duration> {
    let relay = Relay::open();
    sign_in_at(&relay.url);
    let mut subject = subject.clone();
    subject.command.env("ROSTER_SERVER", &relay.url);
    let mut program = ready(&subject, SIZES[0]);
    let cut = |_| {
        thread::sleep(BETWEEN_CUTS);
        relay.cut();
        colleague.is_seen(&mut program)
    };
    (0..CUTS).map(cut).collect()
}

fn sign_in_at(url: &str) {
    let mut login = Command::new(env!("CARGO_BIN_EXE_roster"))
        .args(["login", "--user", "bench", "--password-stdin"])
        .env("ROSTER_SERVER", url)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let password = std::env::var("BENCH_PASSWORD").unwrap();
    login
        .stdin
        .take()
        .unwrap()
        .write_all(password.as_bytes())
        .unwrap();
    assert!(login.wait().unwrap().success());
}

/// Somebody else at another computer, who changes people on the screen.
pub(crate) struct Colleague {
    runtime: Runtime,
    client: Client,
    changes: usize,
    _home: TempDir,
}

impl Colleague {
    pub(crate) fn sign_in() -> Self {
        let home = tempfile::tempdir().unwrap();
        let runtime = Runtime::new().unwrap();
        let client = Client::new(Options {
            server: std::env::var("ROSTER_SERVER").unwrap(),
            state: home.path().to_owned(),
            insecure_http: false,
            ca: None,
        })
        .unwrap();
        let password = Password::new(&std::env::var("BENCH_PASSWORD").unwrap());
        let name = "colleague".parse().unwrap();
        runtime.block_on(client.sign_in(&name, &password)).unwrap();
        Self {
            runtime,
            client,
            changes: 0,
            _home: home,
        }
    }

    /// Changes the title; how long until the screen shows it.
    fn is_seen(&mut self, program: &mut Program) -> Duration {
        self.changes += 1;
        let title = format!("Title {:04}", self.changes);
        let start = Instant::now();
        self.change(&title);
        program.until(&title, |screen| screen.contents().contains(&title));
        let time = start.elapsed();
        program.rest();
        time
    }

    /// Changes the title while a form with unsaved input is open; how long until the form shows it.
    fn is_seen_in_form(&mut self, program: &mut Program) -> Duration {
        program.settle("e");
        program.settle("!");
        let time = self.is_seen(program);
        program.settle("\x1b");
        program.settle("y");
        time
    }

    fn change(&self, title: &str) {
        let id = EmployeeId::try_from(CHANGED).unwrap();
        let mut changes = Changes::default();
        changes.set(Field::Title, title);
        let change = async {
            let version = self.client.employee(id).await?.version;
            self.client.change(id, version, &changes).await
        };
        self.runtime.block_on(change).unwrap();
    }
}

/// The network between the application and the server, which can be cut.
struct Relay {
    url: String,
    connections: Arc<Mutex<Vec<TcpStream>>>,
}

impl Relay {
    fn open() -> Self {
        let server = std::env::var("ROSTER_SERVER").unwrap();
        let server = server.strip_prefix("http://").unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let connections = Arc::new(Mutex::new(Vec::new()));
        let open = Arc::clone(&connections);
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                let far = TcpStream::connect(&server).unwrap();
                copy(&near, &far);
                copy(&far, &near);
                open.lock().unwrap().extend([near, far]);
            }
        });
        Self { url, connections }
    }

    /// Cuts all connections. New ones can be opened.
    fn cut(&self) {
        for connection in self.connections.lock().unwrap().drain(..) {
            _ = connection.shutdown(Shutdown::Both);
        }
    }
}

/// Copies in one direction, in the background.
fn copy(from: &TcpStream, to: &TcpStream) {
    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
    to.set_nodelay(true).unwrap();
    thread::spawn(move || {
        _ = io::copy(&mut from, &mut to);
        _ = to.shutdown(Shutdown::Write);
    });
}
