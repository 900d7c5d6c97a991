//! A session over SSH whose connection is lost: nothing goes on at the other end.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::Signal;
use tempfile::TempDir;

use crate::Office;
use crate::processes::Process;
use crate::terminal::{PROGRAM, Terminal, command};

const SSHD: &str = "/usr/sbin/sshd";

/// An SSH server of our own, on loopback, for whoever runs the test.
struct Sshd {
    folder: TempDir,
    port: u16,
    process: Child,
}

impl Sshd {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for key in ["host", "user"] {
            let mut keygen = Command::new("ssh-keygen");
            keygen
                .args(["-q", "-t", "ed25519", "-N", "", "-f"])
                .arg(folder.path().join(key));
            assert!(keygen.status().unwrap().success());
        }
        let path = |name: &str| folder.path().join(name).display().to_string();
        let config = format!(
            "ListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nStrictModes no\nUsePAM no\n\
             PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n",
            path("host"),
            path("user.pub"),
        );
        fs::write(folder.path().join("config"), config).unwrap();
        // Where the server is root's, it wants an empty folder there.
        if rustix::process::getuid().is_root() {
            fs::create_dir_all("/run/sshd").unwrap();
        }
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let mut sshd = Command::new(SSHD);
        sshd.args(["-D", "-e", "-p", &port.to_string(), "-f", &path("config")]);
        let process = sshd
            .stdin(Stdio::null())
            .stderr(fs::File::create(folder.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        Self {
            folder,
            port,
            process,
        }
    }

    /// What a person's own ssh would be told, and nothing of their configuration.
    fn arguments(&self) -> Vec<String> {
        let arguments = [
            "-tt",
            "-F",
            "none",
            "-o",
            "IdentitiesOnly=yes",
            "-o",
            "LogLevel=ERROR",
            "-o",
            "ConnectionAttempts=20",
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            "UserKnownHostsFile=/dev/null",
        ];
        let identity = self.folder.path().join("user").display().to_string();
        let own = ["-p", &self.port.to_string(), "-i", &identity, "127.0.0.1"];
        arguments
            .iter()
            .chain(&own)
            .map(|&argument| argument.to_owned())
            .collect()
    }

    /// Whether it can give whoever runs the test a terminal. Only root can, where `/dev/pts` is mounted
    /// without the group of the terminals.
    fn gives_terminals(&self) -> bool {
        let mut probe = Command::new("ssh");
        probe.args(self.arguments()).arg("true");
        let ended = probe.stdin(Stdio::null()).output().unwrap();
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap();
        ended.status.success() || !log.contains("chown(/dev/pts")
    }

    fn session(&self, office: &Office) -> Terminal {
        let mut ssh = command("ssh");
        ssh.args(self.arguments());
        let (server, home) = (&office.server.url, office.home.path().display());
        ssh.arg(format!(
            "echo $$ >{}; unset LANG LC_ALL; exec env ROSTER_SERVER={server} XDG_STATE_HOME={home} {PROGRAM}",
            self.pid_file().display(),
        ));
        Terminal::run(ssh, server, office.home.path())
    }

    fn pid_file(&self) -> PathBuf {
        self.folder.path().join("pid")
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Whether whoever runs the test is in the list of users. In a container they may be a bare number.
fn has_account() -> bool {
    let name = Command::new("id").arg("-un").output();
    name.is_ok_and(|name| name.status.success())
}

/// Everything that the session of somebody in this office consists of, at both ends.
fn parts(office: &Office, sshd: &Process) -> Vec<Process> {
    let theirs = format!("ROSTER_SERVER={}", office.server.url);
    let mut parts = sshd.descendants();
    parts.extend(
        Process::all()
            .into_iter()
            .filter(|process| process.has_in_its_environment(&theirs)),
    );
    parts
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_leaves_no_process_and_an_idle_processor() {
    if !Path::new(SSHD).exists() {
        return println!("left out: there is no {SSHD} here");
    }
    if !has_account() {
        return println!("left out: ssh needs a user who is in the list of users");
    }
    let server = Sshd::start();
    if !server.gives_terminals() {
        return println!("left out: sshd of this user cannot give a terminal here");
    }
    let office = Office::open().await;
    office.signed_in().types("q").ends();
    let sshd = [Process::of(server.process.id()).unwrap()];
    let mut session = server.session(&office);
    session
        .sees("Castro, Maya")
        .sees("渡辺智也")
        .types("/betan")
        .sees("1 of 3");
    let program: u32 = fs::read_to_string(server.pid_file())
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    let before = parts(&office, &sshd[0]);
    assert!(
        before.iter().any(|process| process.pid == program),
        "{before:?}"
    );

    let all = [&before[..], &sshd].concat();
    session.comes_to_rest(&all);

    session.signals(Signal::KILL);
    for process in before {
        process.ends();
    }
    session.comes_to_rest(&sshd);
    let left = parts(&office, &sshd[0]);
    assert!(left.is_empty(), "{left:?}");
}
