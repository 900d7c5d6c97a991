//! The command line: one file per command, [`console`] for all output, and [`failure`] for the exit
//! codes.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use clap_complete::Shell;
use tokio::sync::watch;

use crate::app;
use crate::client::{Client, Options};
use crate::config::Config;

mod arguments;
mod console;
mod employees;
mod failure;
mod folders;
mod json;
mod login;
mod logout;
pub mod manual;
mod password;
mod table;
mod users;
mod whoami;

use console::Console;
use failure::{ExitStatus, Failure};
use folders::{config_file, state_folder};

/// A staff directory for the terminal.
#[derive(Debug, Parser)]
#[command(name = "roster", version, after_help = failure::HELP)]
pub struct Args {
    /// The server: a host, a host and port, or an http or https URL
    #[arg(
        long,
        env = "ROSTER_SERVER",
        default_value = "http://127.0.0.1:7678",
        value_name = "URL",
        help_heading = "Global options",
        global = true
    )]
    server: String,
    /// Allow plain HTTP to a remote host (anyone on the network path can read the password)
    #[arg(long, help_heading = "Global options", global = true)]
    insecure_http: bool,
    /// Trust only the certificates in this PEM file: CAs, or the server's own if it is self-signed
    #[arg(
        long,
        env = "ROSTER_CA",
        value_name = "FILE",
        help_heading = "Global options",
        global = true
    )]
    ca: Option<PathBuf>,
    /// Print JSON, including errors
    #[arg(long, help_heading = "Global options", global = true)]
    json: bool,
    /// Enable the mouse
    #[arg(long)]
    mouse: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(flatten)]
    Server(ServerCommand),
    /// Print the manual page
    #[command(hide = true)]
    Man,
    /// Print a shell completion script
    #[command(hide = true)]
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// A command that calls the server.
#[derive(Debug, Subcommand)]
enum ServerCommand {
    /// Sign in; later commands and the application share the session
    Login(login::Args),
    /// Sign out
    Logout,
    /// Show who is signed in
    Whoami,
    /// Manage employee records
    #[command(subcommand)]
    Employees(employees::Command),
    /// Manage accounts (admins only)
    #[command(subcommand)]
    Users(users::Command),
}

/// Reads the command line, runs the command, reports errors and returns the exit code.
pub fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    let mut console = Console::new(arguments::ask_for_json(&arguments));
    let exit = match arguments::read(arguments) {
        Ok((args, named_server)) => {
            console.server = named_server;
            run(args, &mut console)
        }
        Err(error) => console.usage(&error).map(ExitCode::from),
    };
    exit.unwrap_or_else(|failure| {
        console.fail(&failure);
        failure.exit().into()
    })
}

/// Runs the command. Without one it starts the application, if there is a terminal.
fn run(args: Args, console: &mut Console) -> Result<ExitCode, Failure> {
    let Args {
        server,
        insecure_http,
        ca,
        json: _,
        mouse,
        command,
    } = args;
    // Only where it is needed: the manual and the completions work without a home folder.
    let options = || {
        Ok::<_, Failure>(Options {
            server,
            state: state_folder()?,
            insecure_http,
            ca,
        })
    };
    match command {
        Some(Command::Server(command)) => {
            run_command(command, options()?, console).map(ExitCode::from)
        }
        Some(Command::Man) => print(&manual::page()?, console).map(ExitCode::from),
        Some(Command::Completions { shell }) => {
            print(&manual::completions(shell), console).map(ExitCode::from)
        }
        None => start_application(options()?, mouse),
    }
}

fn start_application(options: Options, mouse: bool) -> Result<ExitCode, Failure> {
    if let Some(why) = app::no_terminal() {
        return Err(Failure::Usage(why));
    }
    // An impossible address is refused before the screen is taken over.
    options.folder()?;
    let config = match config_file() {
        Some(file) => Config::read(&file)?,
        None => Config::default(),
    };
    let config = Config {
        mouse: config.mouse || mouse,
        ..config
    };
    app::run(options, config)
        .map(ExitCode::from)
        .map_err(Failure::Start)
}

fn print(text: &[u8], console: &mut Console) -> Result<ExitStatus, Failure> {
    console.text(&String::from_utf8_lossy(text))?;
    console.flush()?;
    Ok(ExitStatus::Done)
}

fn run_command(
    command: ServerCommand,
    options: Options,
    console: &mut Console,
) -> Result<ExitStatus, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::Start)?;
    let client = Client::new(options)?;
    runtime.spawn(report_waiting(client.waits_for_lock()));
    let exit = runtime.block_on(dispatch(command, &client, console));
    // Do not wait for a thread that is blocked on another process's lock.
    runtime.shutdown_background();
    let flushed = console.flush();
    let exit = exit?;
    flushed?;
    Ok(exit)
}

/// Says that a command waits for another process.
async fn report_waiting(mut waits: watch::Receiver<bool>) {
    while waits.wait_for(|waits| *waits).await.is_ok() {
        console::note(
            "Waiting for another roster process that uses the same session. Ctrl-C cancels.",
        );
        if waits.wait_for(|waits| !*waits).await.is_err() {
            return;
        }
    }
}

async fn dispatch(
    command: ServerCommand,
    client: &Client,
    console: &mut Console,
) -> Result<ExitStatus, Failure> {
    match command {
        ServerCommand::Login(args) => login::run(args, client, console).await,
        ServerCommand::Logout => logout::run(client, console).await,
        ServerCommand::Whoami => whoami::run(client, console).await,
        ServerCommand::Employees(command) => employees::run(command, client, console).await,
        ServerCommand::Users(command) => users::run(command, client, console).await,
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Args::command().debug_assert();
    }
}
