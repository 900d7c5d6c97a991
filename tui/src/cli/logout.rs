//! `roster logout`

use super::console::Console;
use super::failure::{Exit, Failure};
use crate::client::Client;

pub(super) async fn run(client: &Client, console: &mut Console) -> Result<Exit, Failure> {
    client.sign_out().await?;
    if !console.is_json() {
        console.tell(&format!("Signed out of {}.", client.server()));
    }
    Ok(Exit::Done)
}
