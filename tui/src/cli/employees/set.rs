//! `roster employees set`

use roster_common::{EmployeeId, Version};

use super::input::{Given, document, given};
use crate::cli::console::Console;
use crate::cli::failure::{Exit, Failure};
use crate::client::Client;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The employee's number
    id: EmployeeId,
    /// New values, as in title=Director phone= ; or - for JSON on standard input
    #[arg(required = true, value_name = "FIELD=VALUE", value_parser = given)]
    given: Vec<Given>,
    /// Change only this version; the newest if not said
    #[arg(long, value_name = "N")]
    version: Option<u64>,
}

pub(super) async fn run(
    args: Args,
    client: &Client,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let document = document(args.given, console)?;
    if document.id.is_some_and(|id| id != args.id) {
        return Err(Failure::Usage(
            "The record on standard input has another id.".into(),
        ));
    }
    let version = match args.version.map(Version::new).or(document.version) {
        Some(version) => version,
        None => client.employee(args.id).await?.version,
    };
    console.record(&client.change(args.id, version, &document.changes).await?)?;
    Ok(Exit::Done)
}
