//! `roster login`

use roster_common::{Password, Username};

use super::console::Console;
use super::failure::{ExitStatus, Failure};
use super::password::PasswordSource;
use super::whoami;
use crate::client::Client;

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
    // Before the username is read, so that a script does not wait at that prompt either.
    let instead = "--user NAME --password-stdin";
    let source = PasswordSource::new(args.password_stdin, instead, console)?;
    let user = match args.user {
        Some(user) => user,
        None => username(console)?,
    };
    let password = source.read("Password: ", console)?;
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
