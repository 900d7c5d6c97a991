//! `rosterd user`: manages accounts while no server has the database open, to create the first
//! admin or after a lockout.

use std::io::{BufRead, IsTerminal};
use std::net::{IpAddr, Ipv4Addr};

use anyhow::{Context, bail, ensure};
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Subcommand};
use roster_common::{NewPassword, Password, Role, Username};
use roster_server::app::AppError;
use roster_server::app::users::{self, AccountUpdate, NewAccount};
use roster_server::clock::{Clock, System};
use roster_server::password::Passwords;
use roster_server::store::{AccountRefusal, AccountStore, Attribution};
use zeroize::Zeroizing;

use super::prompt::ask_hidden;
use super::{Cli, Data, Hashing, open};

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
        match self {
            Self::Add(options) => add(options).await,
            Self::Set(options) => set(options).await,
            Self::List(data) => list(&data).await,
        }
    }
}

async fn add(options: Add) -> anyhow::Result<()> {
    let Add {
        name,
        role,
        data,
        hashing,
    } = options;
    let store = open(&data)?;
    let new = NewAccount {
        username: name.clone(),
        role,
        password: ask_password()?,
    };
    let added = users::add(
        &store,
        &Passwords::new(hashing.bcrypt_cost)?,
        new,
        operator()?,
        HERE,
    )
    .await?;
    ensure!(added, "the account {name} already exists");
    println!("added {name}, {role}");
    Ok(())
}

async fn set(options: Set) -> anyhow::Result<()> {
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
        let message = "nothing to change; pass --role, --enable, --disable or --password";
        Cli::command()
            .error(ErrorKind::MissingRequiredArgument, message)
            .exit();
    }
    let store = open(existing(&data)?)?;
    ensure!(
        store.account(&name).await?.is_some(),
        "no account named {name}"
    );
    let password = if password {
        Some(ask_password()?)
    } else {
        None
    };
    let changes = AccountUpdate {
        role,
        disabled: (disable || enable).then_some(disable),
        password,
    };
    let passwords = Passwords::new(hashing.bcrypt_cost)?;
    let changed =
        users::change_offline(&store, &passwords, &name, changes, operator()?, HERE).await;
    match changed {
        Ok(account) => println!(
            "set {}, {}, {}",
            account.username,
            account.role,
            state(account.disabled)
        ),
        Err(AppError::Account(AccountRefusal::LastAdmin)) => {
            bail!("{name} is the last admin who can sign in; make someone else an admin first")
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

async fn list(data: &Data) -> anyhow::Result<()> {
    for account in open(existing(data)?)?.accounts().await? {
        println!(
            "{}\t{}\t{}",
            account.username,
            account.role,
            state(account.disabled)
        );
    }
    Ok(())
}

fn state(disabled: bool) -> &'static str {
    if disabled { "disabled" } else { "enabled" }
}

/// Checks that the database exists: only `add` creates one.
fn existing(data: &Data) -> anyhow::Result<&Data> {
    let found = data
        .path
        .try_exists()
        .with_context(|| format!("cannot read {}", data.path.display()))?;
    ensure!(found, "no database at {}", data.path.display());
    Ok(data)
}

/// Where the operator is.
const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Attributes the change to `rosterd` in the audit log, since no account is signed in.
fn operator() -> anyhow::Result<Attribution> {
    Ok(Attribution {
        by: "rosterd".parse()?,
        at: System.now(),
    })
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
