//! `roster logout`

use super::console::Console;
use super::failure::{ExitStatus, Failure};
use crate::client::Client;

pub(super) async fn run(client: &Client, console: &mut Console) -> Result<ExitStatus, Failure> {
    client.sign_out().await?;
    if !console.is_json() {
        console.message(&format!("Signed out of {}.", client.server()));
    }
    Ok(ExitStatus::Done)
}
