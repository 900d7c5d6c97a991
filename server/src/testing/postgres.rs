//! Databases in a PostgreSQL that the tests start for themselves, where it is installed.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, OnceLock};

use tokio_postgres::{Config, NoTls};
use uuid::Uuid;

use crate::store::postgres::{Address, OpenError, PostgresStore, ServerOptions};

/// A PostgreSQL that ends with the process of the tests, or when it is dropped.
#[derive(Debug)]
struct Server {
    socket: PathBuf,
    /// It runs until its standard input is closed.
    _script: Child,
}

/// Starts a server; `None` if PostgreSQL is not installed.
fn start() -> Option<Arc<Server>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/postgres");
    let mut script = Command::new(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut socket = String::new();
    let output = script.stdout.take().unwrap();
    BufReader::new(output).read_line(&mut socket).unwrap();
    if socket.is_empty() {
        let status = script.wait().unwrap();
        // Only this code means that it is not installed. Another failure must not skip the tests.
        assert_eq!(status.code(), Some(3), "PostgreSQL does not start");
        return None;
    }
    Some(Arc::new(Server {
        socket: socket.trim_end().into(),
        _script: script,
    }))
}

/// A database of one test. Clones refer to the same one.
#[derive(Debug, Clone)]
pub struct TestDatabase {
    server: Arc<Server>,
    name: String,
}

impl TestDatabase {
    /// Creates an empty database, on a server that all tests of the process share. Returns `None`
    /// if PostgreSQL is not installed.
    pub async fn create() -> Option<Self> {
        static SHARED: OnceLock<Option<Arc<Server>>> = OnceLock::new();
        Some(Self::on(SHARED.get_or_init(start).clone()?).await)
    }

    /// Creates an empty database on a server of its own, whose settings a test may change.
    pub async fn create_alone() -> Option<Self> {
        Some(Self::on(start()?).await)
    }

    async fn on(server: Arc<Server>) -> Self {
        let all = Self {
            server,
            name: "postgres".to_owned(),
        };
        let name = format!("t{}", Uuid::now_v7().simple());
        all.execute(&format!("CREATE DATABASE {name}")).await;
        Self { name, ..all }
    }

    /// The folder of the server's socket.
    pub fn socket(&self) -> &Path {
        &self.server.socket
    }

    /// The address of the database.
    pub fn address(&self) -> Address {
        self.address_through(self.socket())
    }

    /// The address of the database behind a socket in another folder.
    pub fn address_through(&self, socket: &Path) -> Address {
        let socket = socket.display().to_string().replace('/', "%2F");
        Address {
            url: format!("postgres://roster@{socket}/{}", self.name).into(),
            authorities: None,
            insecure: false,
        }
    }

    /// Opens a store on it. There may be several.
    pub async fn open(&self) -> PostgresStore {
        PostgresStore::connect(&self.address()).await.unwrap()
    }

    /// Opens a store on it for a server.
    ///
    /// # Errors
    /// [`OpenError`]
    pub async fn open_server(&self, options: ServerOptions) -> Result<PostgresStore, OpenError> {
        PostgresStore::connect_server(&self.address(), options).await
    }

    /// All tables, as `pg_dump` writes them.
    pub async fn dump(&self) -> String {
        let arguments = ["pg_dump", "--schema=roster"];
        self.run_client(&arguments, String::new()).await
    }

    /// Puts a dump in the place of all tables, in one transaction, while servers may run.
    pub async fn restore(&self, dump: &str) {
        let arguments = [
            "psql",
            "--quiet",
            "--single-transaction",
            "--set=ON_ERROR_STOP=1",
        ];
        let script = format!("DROP SCHEMA roster CASCADE; {dump}");
        self.run_client(&arguments, script).await;
    }

    /// Runs a program of PostgreSQL on this database. Returns what it printed.
    async fn run_client(&self, arguments: &[&str], input: String) -> String {
        const FIND: &str =
            ". \"$0\"; program=$1; shift; exec \"$(postgres_programs)/$program\" \"$@\"";
        let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/lib.sh");
        let mut program = Command::new("bash");
        program.args(["-c", FIND]).arg(library).args(arguments);
        program.args(["--username=roster", "--dbname", &self.name, "--host"]);
        program.arg(self.socket());
        program.stdin(Stdio::piped()).stdout(Stdio::piped());
        let running = tokio::task::spawn_blocking(move || {
            let mut program = program.spawn().unwrap();
            let mut stdin = program.stdin.take().unwrap();
            // Dropped after it, which ends the input.
            stdin.write_all(input.as_bytes()).unwrap();
            drop(stdin);
            program.wait_with_output().unwrap()
        });
        let output = running.await.unwrap();
        assert!(output.status.success(), "{arguments:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs statements on a connection of their own. Returns the first column of their rows.
    pub async fn execute(&self, statements: &str) -> Vec<String> {
        let mut config = Config::new();
        config
            .host_path(self.socket())
            .user("roster")
            .dbname(&self.name);
        let (client, connection) = config.connect(NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        let messages = client.simple_query(statements).await.unwrap();
        drop(client);
        connection.await.unwrap().unwrap();
        let rows = messages.iter().filter_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        });
        rows.collect()
    }
}
