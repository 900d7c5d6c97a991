//! `roster employees show`

use roster_common::EmployeeId;

use super::existing::existing;
use crate::cli::console::Console;
use crate::cli::failure::{ExitStatus, Failure};
use crate::client::Client;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Employee id
    id: EmployeeId,
}

pub(super) async fn run(
    args: Args,
    client: &Client,
    console: &mut Console,
) -> Result<ExitStatus, Failure> {
    console.record(&existing(args.id, client).await?)?;
    Ok(ExitStatus::Done)
}
