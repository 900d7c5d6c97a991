//! `roster users …`

use std::io;

use roster_common::time::written;
use roster_common::users::{Account, NewUser, UserChanges};
use roster_common::{Password, Role, Username};

use super::console::{Console, local_time};
use super::failure::{ExitStatus, Failure};
use super::password::PasswordSource;
use super::table;
use crate::client::Client;
use crate::escape::visible;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List accounts
    List,
    /// Add an account
    Add(AddArgs),
    /// Change an account; disabling it or setting its password ends its sessions
    Set(SetArgs),
    /// End all sessions of an account
    SignOut {
        /// Username
        name: Username,
    },
    /// Delete an account and end its sessions
    Delete(DeleteArgs),
}

#[derive(Debug, clap::Args)]
pub(super) struct AddArgs {
    /// Username: 1 to 64 of a-z 0-9 . _ @ -
    name: Username,
    /// Role: viewer (view), editor (also add and edit) or admin (also delete and manage users)
    #[arg(long)]
    role: Role,
    /// Read the password from the first line of standard input
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct SetArgs {
    /// Username
    name: Username,
    #[command(flatten)]
    change: ChangeArgs,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = true)]
struct ChangeArgs {
    /// New role
    #[arg(long)]
    role: Option<Role>,
    /// Disable the account
    #[arg(long, conflicts_with = "enable")]
    disable: bool,
    /// Enable the account
    #[arg(long)]
    enable: bool,
    /// Prompt for a new password
    #[arg(long, conflicts_with = "password_stdin")]
    password: bool,
    /// Read a new password from the first line of standard input
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct DeleteArgs {
    /// Username
    name: Username,
    /// Do not ask for confirmation
    #[arg(long, short)]
    yes: bool,
}

pub(super) async fn run(
    command: Command,
    client: &Client,
    console: &mut Console,
) -> Result<ExitStatus, Failure> {
    match command {
        Command::List => list(client, console).await?,
        Command::Add(args) => add(args, client, console).await?,
        Command::Set(args) => set(args, client, console).await?,
        Command::SignOut { name } => client.end_sessions_of(&name).await?,
        Command::Delete(args) => delete(&args, client, console).await?,
    }
    Ok(ExitStatus::Done)
}

async fn list(client: &Client, console: &mut Console) -> Result<(), Failure> {
    let accounts = client.users().await?;
    if console.is_json() {
        return Ok(console.json(&accounts)?);
    }
    if !console.is_terminal_output() {
        let mut lines = accounts.iter().map(tab_separated);
        return Ok(lines.try_for_each(|line| console.line(&line))?);
    }
    let header = ["NAME", "ROLE", "STATE", "SESSIONS", "LAST USED"].map(str::to_owned);
    let mut rows = vec![Vec::from(header)];
    rows.extend(accounts.iter().map(|account| {
        let used = account.used.map(local_time).unwrap_or_default();
        cells(account, used)
    }));
    for (number, line) in table::lines(&rows, table::terminal_width()).enumerate() {
        match number {
            0 => console.header(&line)?,
            _ => console.line(&line)?,
        }
    }
    Ok(())
}

async fn add(args: AddArgs, client: &Client, console: &mut Console) -> Result<(), Failure> {
    let source = PasswordSource::new(args.password_stdin, "--password-stdin", console)?;
    let password = source.read_new(console)?;
    let user = NewUser {
        username: args.name,
        password: Password::new(&password),
        role: args.role,
    };
    let account = client.add_user(&user).await?;
    Ok(print(&account, console)?)
}

async fn set(args: SetArgs, client: &Client, console: &mut Console) -> Result<(), Failure> {
    let SetArgs { name, change } = args;
    let password = if change.password || change.password_stdin {
        let source = PasswordSource::new(change.password_stdin, "--password-stdin", console)?;
        Some(Password::new(&source.read_new(console)?))
    } else {
        None
    };
    let changes = UserChanges {
        role: change.role,
        disabled: (change.disable || change.enable).then_some(change.disable),
        password,
    };
    let account = client.change_user(&name, &changes).await?;
    Ok(print(&account, console)?)
}

async fn delete(args: &DeleteArgs, client: &Client, console: &Console) -> Result<(), Failure> {
    let name = &args.name;
    if !args.yes {
        console.check_can_confirm()?;
        console.confirm(&format!("Delete the account {name} and end its sessions?"))?;
    }
    Ok(client.remove_user(name).await?)
}

/// Prints one account.
fn print(account: &Account, console: &mut Console) -> io::Result<()> {
    if console.is_json() {
        console.json(account)
    } else {
        console.line(&tab_separated(account))
    }
}

/// Name, role, state, number of sessions, and when one was last used.
fn tab_separated(account: &Account) -> String {
    let used = account.used.map(written).unwrap_or_default();
    cells(account, used).join("\t")
}

fn cells(account: &Account, used: String) -> Vec<String> {
    let state = if account.disabled {
        "disabled"
    } else {
        "enabled"
    };
    // A newer server may send a role that this program does not know, as any text.
    let role = visible(&account.role.to_string()).into_owned();
    let sessions = account.sessions.to_string();
    vec![
        account.username.to_string(),
        role,
        state.to_owned(),
        sessions,
        used,
    ]
}
