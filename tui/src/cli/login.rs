//! `roster login`

use std::io::BufRead;

use roster_common::{Password, Username};
use zeroize::Zeroizing;

use super::console::Console;
use super::failure::{ExitStatus, Failure};
use super::whoami;
use crate::client::Client;
use crate::runtime::terminal::ask_password;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Username (prompted for if omitted)
    #[arg(long, value_name = "NAME")]
    user: Option<Username>,
    /// Read the password from the first line of standard input
    #[arg(long, requires = "user")]
    password_stdin: bool,
}

pub(super) async fn run(
    args: Args,
    client: &Client,
    console: &mut Console,
) -> Result<ExitStatus, Failure> {
    // Before the username is read, so that a script fails at once and does not wait at a prompt.
    if !args.password_stdin && !console.can_ask() {
        let message =
            "Cannot prompt for a password without a terminal; use --user NAME --password-stdin.";
        return Err(Failure::Usage(message.into()));
    }
    let user = match args.user {
        Some(user) => user,
        None => username(console)?,
    };
    let password = if args.password_stdin {
        first_line(console)?
    } else {
        ask_password("Password: ").map_err(Failure::from_stdin)?
    };
    if password.is_empty() {
        let message = if args.password_stdin {
            "No password on standard input."
        } else {
            "No password was given."
        };
        return Err(Failure::Usage(message.into()));
    }
    let identity = client.sign_in(&user, &Password::new(&password)).await?;
    whoami::print(&identity.user, &identity.session, client, console)?;
    Ok(ExitStatus::Done)
}

fn username(console: &Console) -> Result<Username, Failure> {
    let typed = console.ask("Username: ").map_err(Failure::from_stdin)?;
    typed
        .parse()
        .map_err(|error: roster_common::account::InvalidUsername| Failure::Usage(error.to_string()))
}

fn first_line(console: &Console) -> Result<Zeroizing<String>, Failure> {
    let mut line = Zeroizing::new(String::new());
    console
        .stdin()
        .lock()
        .read_line(&mut line)
        .map_err(Failure::from_stdin)?;
    // PowerShell begins what it pipes with a byte order mark.
    let password = line
        .trim_start_matches('\u{feff}')
        .trim_end_matches(['\r', '\n']);
    Ok(Zeroizing::new(password.to_owned()))
}
