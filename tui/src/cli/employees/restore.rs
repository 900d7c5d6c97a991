//! `roster employees restore`

use roster_common::EmployeeId;

use crate::cli::console::Console;
use crate::cli::failure::{ExitStatus, Failure};
use crate::client::Client;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The deleted employee's id
    id: EmployeeId,
}

pub(super) async fn run(
    args: Args,
    client: &Client,
    console: &mut Console,
) -> Result<ExitStatus, Failure> {
    let newest = client.history(args.id, None, 1).await?.pop();
    let was = newest
        .and_then(|entry| entry.deleted_values())
        .ok_or(Failure::NotRemoved(args.id))?;
    console.saved(&client.restore(args.id, &was).await?)?;
    Ok(ExitStatus::Done)
}
