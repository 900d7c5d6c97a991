//! `roster employees show`

use roster_common::EmployeeId;

use crate::cli::console::Console;
use crate::cli::failure::{Exit, Failure};
use crate::client::Client;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The employee's number
    id: EmployeeId,
}

pub(super) async fn run(
    args: Args,
    client: &Client,
    console: &mut Console,
) -> Result<Exit, Failure> {
    console.record(&client.employee(args.id).await?)?;
    Ok(Exit::Done)
}
