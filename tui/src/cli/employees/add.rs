//! `roster employees add`

use uuid::Uuid;

use super::input::{FieldArg, document, field_argument, find_manager};
use crate::cli::console::Console;
use crate::cli::failure::{ExitStatus, Failure};
use crate::client::Client;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Values, for example firstname=Ada lastname=Lovelace; or - to read JSON from standard input
    #[arg(required = true, value_name = "FIELD=VALUE", value_parser = field_argument)]
    fields: Vec<FieldArg>,
}

pub(super) async fn run(
    args: Args,
    client: &Client,
    console: &mut Console,
) -> Result<ExitStatus, Failure> {
    let mut document = document(args.fields, console)?;
    if document.id.is_some() {
        return Err(Failure::Usage(
            "The server assigns the id; leave it out.".into(),
        ));
    }
    find_manager(&mut document.changes, client).await?;
    let employee = client
        .create(&document.changes, &Uuid::now_v7().to_string())
        .await?;
    console.saved(&employee)?;
    Ok(ExitStatus::Done)
}
