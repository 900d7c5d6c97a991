//! `roster employees add`

use uuid::Uuid;

use super::input::{Given, document, given};
use crate::cli::console::Console;
use crate::cli::failure::{Exit, Failure};
use crate::client::Client;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Values, as in firstname=Ada lastname=Lovelace; or - for JSON on standard input
    #[arg(required = true, value_name = "FIELD=VALUE", value_parser = given)]
    given: Vec<Given>,
}

pub(super) async fn run(
    args: Args,
    client: &Client,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let document = document(args.given, console)?;
    if document.id.is_some() {
        return Err(Failure::Usage(
            "The server gives the id: leave it out.".into(),
        ));
    }
    let employee = client
        .create(&document.changes, &Uuid::now_v7().to_string())
        .await?;
    console.record(&employee)?;
    Ok(Exit::Done)
}
