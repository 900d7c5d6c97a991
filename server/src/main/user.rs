//! `rosterd user`: manages accounts without signing in, to create the first admin or after a
//! lockout.

use std::io::{BufRead, IsTerminal};

use anyhow::{bail, ensure};
use clap::error::ErrorKind;
use clap::{Args, Subcommand};
use roster_common::{NewPassword, Password, Role, Username};
use roster_server::app::operator::{self, AccountCommand, PlainPassword};
use roster_server::clock::{Clock, System};
use roster_server::password::Passwords;
use roster_server::serve::AdminCommand;
use zeroize::Zeroizing;

use super::admin::send;
use super::data::{Data, Hashing, Location};
use super::output::print;
use super::prompt::ask_hidden;

#[derive(Subcommand)]
pub(crate) enum User {
    /// Add an account; prompts for the password, or reads one line from standard input
    Add(Add),
    /// Change an account; disabling it or changing its password ends its sessions
    Set(Set),
    /// List accounts
    List(Data),
}

#[derive(Args)]
pub(crate) struct Add {
    /// Username: 1 to 64 of a-z 0-9 . _ @ -
    name: Username,
    /// Role: viewer (view), editor (also add and edit) or admin (also delete and manage users)
    #[arg(long)]
    role: Role,
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    hashing: Hashing,
}

#[derive(Args)]
pub(crate) struct Set {
    /// Username
    name: Username,
    /// New role
    #[arg(long)]
    role: Option<Role>,
    /// Disable the account
    #[arg(long, conflicts_with = "enable")]
    disable: bool,
    /// Enable the account
    #[arg(long)]
    enable: bool,
    /// Set a new password; prompts for it, or reads one line from standard input
    #[arg(long)]
    password: bool,
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    hashing: Hashing,
}

impl User {
    pub(crate) async fn run_command(self) -> anyhow::Result<()> {
        let done = match self {
            Self::Add(options) => add(options).await,
            Self::Set(options) => set(options).await,
            Self::List(data) => list(&data).await,
        };
        print(done?)
    }
}

async fn add(options: Add) -> anyhow::Result<String> {
    let Add {
        name,
        role,
        data,
        hashing,
    } = options;
    let password = PlainPassword(ask_password()?);
    let command = AccountCommand::Add {
        name,
        role,
        password,
    };
    carry_out(command, &data.location()?, &hashing).await
}

async fn set(options: Set) -> anyhow::Result<String> {
    let Set {
        name,
        role,
        disable,
        enable,
        password,
        data,
        hashing,
    } = options;
    if role.is_none() && !(disable || enable || password) {
        let message = "nothing to change; pass --role, --enable, --disable or --password\n";
        clap::Error::raw(ErrorKind::MissingRequiredArgument, message).exit();
    }
    let location = data.location()?;
    // Before the prompt: nobody should type a password for a database that does not exist.
    location.check_exists()?;
    let password = if password {
        Some(PlainPassword(ask_password()?))
    } else {
        None
    };
    let command = AccountCommand::Set {
        name,
        role,
        disabled: (disable || enable).then_some(disable),
        password,
    };
    carry_out(command, &location, &hashing).await
}

/// Has the server that has the file open carry out a command, or does so itself if there is none.
async fn carry_out(
    command: AccountCommand,
    location: &Location<'_>,
    hashing: &Hashing,
) -> anyhow::Result<String> {
    let command = AdminCommand::Account(command);
    if let Some(done) = send_to_server(location, &command)? {
        return Ok(done);
    }
    let AdminCommand::Account(command) = command else {
        bail!("not about an account");
    };
    let store = location.open().await?;
    let passwords = Passwords::new(hashing.bcrypt_cost)?;
    Ok(operator::carry_out(&*store, &passwords, command, System.now()).await?)
}

async fn list(data: &Data) -> anyhow::Result<String> {
    let location = data.location()?;
    if let Some(accounts) = send_to_server(&location, &AdminCommand::Accounts)? {
        return Ok(accounts);
    }
    location.check_exists()?;
    Ok(operator::list(&*location.open().await?).await?)
}

/// Sends a command to the server that has the file open. PostgreSQL can be changed beside servers.
fn send_to_server(
    location: &Location<'_>,
    command: &AdminCommand,
) -> anyhow::Result<Option<String>> {
    match location {
        Location::File(path) => send(path, command),
        Location::Postgres(_) => Ok(None),
    }
}

/// Prompts twice, or reads one line from standard input. It is never an argument, since other users
/// of the machine can see those.
fn ask_password() -> anyhow::Result<NewPassword> {
    let typed = if std::io::stdin().is_terminal() {
        prompted()?
    } else {
        piped()?
    };
    NewPassword::parse(typed).map_err(|error| anyhow::anyhow!("{}", error.message))
}

fn prompted() -> anyhow::Result<Password> {
    let password = ask_hidden("Password (12 to 72 bytes): ")?;
    let again = ask_hidden("Repeat password: ")?;
    ensure!(password == again, "the passwords do not match");
    Ok(Password::new(&password))
}

fn piped() -> anyhow::Result<Password> {
    let mut line = Zeroizing::new(String::new());
    let read = std::io::stdin().lock().read_line(&mut line)?;
    ensure!(read > 0, "no password on standard input");
    // PowerShell begins what it pipes with a byte order mark.
    let password = line
        .trim_start_matches('\u{feff}')
        .trim_end_matches(['\r', '\n']);
    Ok(Password::new(password))
}
