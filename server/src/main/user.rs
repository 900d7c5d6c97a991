//! `rosterd user`: accounts on a database that nobody serves, for whoever is locked out or has none yet.

use std::io::{BufRead, IsTerminal};

use anyhow::{Context, bail, ensure};
use clap::{Args, Subcommand};
use roster_common::{NewPassword, Password, Role, Username};
use roster_server::app::AppError;
use roster_server::app::users::{self, Changes, New};
use roster_server::clock::{Clock, System};
use roster_server::password::Passwords;
use roster_server::store::{AccountRefused, AccountStore, Attribution};

use super::{Data, Hashing, open};

#[derive(Subcommand)]
pub(crate) enum User {
    /// Add an account; its password is asked for, or read as one line of standard input
    Add(Add),
    /// Change an account, and end its sessions where it is disabled or gets another password
    Set(Set),
    /// List the accounts
    List(Data),
}

#[derive(Args)]
pub(crate) struct Add {
    /// 1 to 64 of a-z 0-9 . _ @ -
    name: Username,
    /// What it may do: viewer reads, editor also writes, admin also deletes and manages users
    #[arg(long)]
    role: Role,
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    hashing: Hashing,
}

#[derive(Args)]
pub(crate) struct Set {
    /// Which account
    name: Username,
    /// What it may do from now on
    #[arg(long, required_unless_present_any = ["disable", "enable", "password"])]
    role: Option<Role>,
    /// It may not sign in any more
    #[arg(long, conflicts_with = "enable")]
    disable: bool,
    /// It may sign in again
    #[arg(long)]
    enable: bool,
    /// It gets another password, which is asked for, or read as one line of standard input
    #[arg(long)]
    password: bool,
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    hashing: Hashing,
}

impl User {
    pub(crate) async fn obey(self) -> anyhow::Result<()> {
        match self {
            Self::Add(options) => add(options).await,
            Self::Set(options) => set(options).await,
            Self::List(data) => list(&data).await,
        }
    }
}

async fn add(
    Add {
        name,
        role,
        data,
        hashing,
    }: Add,
) -> anyhow::Result<()> {
    let store = open(&data)?;
    let new = New {
        username: name.clone(),
        role,
        password: ask_password()?,
    };
    let added = users::add(
        &store,
        &Passwords::new(hashing.bcrypt_cost)?,
        new,
        operator()?,
    )
    .await?;
    ensure!(added, "there is an account of the name {name} already");
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
    let store = open(existing(&data)?)?;
    ensure!(
        store.account(&name).await?.is_some(),
        "there is no account of the name {name}"
    );
    let password = if password {
        Some(ask_password()?)
    } else {
        None
    };
    let changes = Changes {
        role,
        disabled: (disable || enable).then_some(disable),
        password,
    };
    let passwords = Passwords::new(hashing.bcrypt_cost)?;
    match users::change_offline(&store, &passwords, &name, changes, operator()?).await {
        Ok(account) => println!(
            "set {}, {}, {}",
            account.username,
            account.role,
            state(account.disabled)
        ),
        Err(AppError::Account(AccountRefused::LastAdmin)) => {
            bail!("{name} is the last admin who may sign in; make somebody else one first")
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

/// Only where something is to be added is a database made.
fn existing(data: &Data) -> anyhow::Result<&Data> {
    let found = data
        .path
        .try_exists()
        .with_context(|| format!("{} cannot be read", data.path.display()))?;
    ensure!(found, "there is no database {}", data.path.display());
    Ok(data)
}

/// Under whose name the audit tells what is done on this machine.
fn operator() -> anyhow::Result<Attribution> {
    Ok(Attribution {
        by: "rosterd".parse()?,
        at: System.now(),
    })
}

/// From the prompt, twice, or from one line of standard input: never an argument, which others could see.
fn ask_password() -> anyhow::Result<NewPassword> {
    let typed = if std::io::stdin().is_terminal() {
        prompted()?
    } else {
        piped()?
    };
    NewPassword::parse(typed).map_err(|error| anyhow::anyhow!("{}", error.message))
}

fn prompted() -> anyhow::Result<Password> {
    let password = rpassword::prompt_password("Password (12 to 72 bytes): ")?;
    let again = rpassword::prompt_password("Once more: ")?;
    ensure!(password == again, "the two are not the same");
    Ok(Password::new(&password))
}

fn piped() -> anyhow::Result<Password> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(Password::new(line.trim_end_matches(['\r', '\n'])))
}
