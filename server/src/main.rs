//! `rosterd`: reads the arguments and runs the command; each has a file in `main`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use roster_server::config::Environment;
use roster_server::http::openapi;
use tokio::signal::unix::{SignalKind, signal};

#[path = "main/admin.rs"]
mod admin;
#[path = "main/arguments.rs"]
mod arguments;
#[path = "main/backup.rs"]
mod backup;
#[path = "main/data.rs"]
mod data;
#[path = "main/keygen.rs"]
mod keygen;
#[path = "main/log.rs"]
mod log;
#[path = "main/output.rs"]
mod output;
#[path = "main/prompt.rs"]
mod prompt;
#[path = "main/retention.rs"]
mod retention;
#[path = "main/sample.rs"]
mod sample;
#[path = "main/serve.rs"]
mod serve;
#[path = "main/serve_options.rs"]
mod serve_options;
#[path = "main/transfer.rs"]
mod transfer;
#[path = "main/user.rs"]
mod user;

use self::output::{print, tell, with_causes};

/// It gives the memory of closed connections back to the system within seconds. The allocator of
/// the C library keeps most of it.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The server behind Roster: sign-in, tokens and employee records.
#[derive(Parser)]
#[command(name = "rosterd", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server until SIGTERM or SIGINT
    Serve(Box<serve_options::Serve>),
    /// Manage accounts
    #[command(subcommand)]
    User(user::User),
    /// Write a backup of the database
    Backup(backup::Backup),
    /// Check a database or backup; exits with 3 if it is damaged
    Check(backup::Check),
    /// Replace the database with a backup, while no server runs
    Restore(backup::Restore),
    /// Move the database into PostgreSQL, or out of it, while no server runs
    Move(transfer::Move),
    /// Show the status of the running server
    Status(admin::Status),
    /// Change what the running server logs
    LogLevel(admin::LogLevel),
    /// Generate two signing keys for a .env file
    Keygen(keygen::Keygen),
    /// Print the OpenAPI 3.1 document
    Openapi,
    /// Fill an empty database with sample employees
    Sample(sample::Sample),
}

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            tell(with_causes(&error));
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<ExitCode> {
    // First of all: arguments can come from the environment, and it may only be changed before
    // there is another thread that reads it. The allocator's own thread does not.
    let environment = Environment::load(".env");
    let command = arguments::parse::<Cli>().command;
    tokio::runtime::Runtime::new()?.block_on(run_command(command, environment))
}

async fn run_command(command: Command, environment: Environment) -> anyhow::Result<ExitCode> {
    // A limit on the size of files is then an error of the write, and does not end the process.
    let _ignored = signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()))?;
    if let Some(failure) = environment.failure()
        && !matches!(command, Command::Serve(_))
    {
        tell(format_args!("ignoring .env: {failure}"));
    }
    match command {
        Command::Check(command) => return command.run().await,
        Command::Serve(options) => options.run(environment).await?,
        Command::User(command) => command.run_command().await?,
        Command::Status(command) => command.run()?,
        Command::LogLevel(command) => command.run()?,
        Command::Backup(command) => command.run()?,
        Command::Restore(command) => command.run()?,
        Command::Move(command) => command.run().await?,
        Command::Keygen(command) => command.run()?,
        Command::Openapi => print(String::from_utf8_lossy(&openapi::DOCUMENT))?,
        Command::Sample(command) => command.run().await?,
    }
    Ok(ExitCode::SUCCESS)
}
