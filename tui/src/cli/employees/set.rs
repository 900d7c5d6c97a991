//! `roster employees set`

use roster_common::{EmployeeId, Version};

use super::existing::{existing, explained};
use super::input::{FieldArg, document, field_argument, find_manager};
use crate::cli::console::Console;
use crate::cli::failure::{ExitStatus, Failure};
use crate::client::Client;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Employee id
    id: EmployeeId,
    /// New values, for example title=Director phone= ; or - to read JSON from standard input
    #[arg(required = true, value_name = "FIELD=VALUE", value_parser = field_argument)]
    fields: Vec<FieldArg>,
    /// Change only if this is the current version (default: the newest)
    #[arg(long, value_name = "N")]
    version: Option<u64>,
}

pub(super) async fn run(
    args: Args,
    client: &Client,
    console: &mut Console,
) -> Result<ExitStatus, Failure> {
    let mut document = document(args.fields, console)?;
    if document.id.is_some_and(|id| id != args.id) {
        return Err(Failure::Usage(
            "The record on standard input has a different id.".into(),
        ));
    }
    find_manager(&mut document.changes, client).await?;
    let version = match args.version.map(Version::new).or(document.version) {
        Some(version) => version,
        None => existing(args.id, client).await?.version,
    };
    match client.change(args.id, version, &document.changes).await {
        Ok(saved) => console.saved(&saved)?,
        Err(error) => return Err(explained(args.id, error, client).await),
    }
    Ok(ExitStatus::Done)
}
