//! `roster whoami`

use roster_common::api::{Me, SessionInfo, User};

use super::console::Console;
use super::failure::{ExitStatus, Failure};
use crate::client::Client;

pub(super) async fn run(client: &Client, console: &mut Console) -> Result<ExitStatus, Failure> {
    let Me { user, session } = client.me().await?;
    print(&user, &session, client, console)?;
    Ok(ExitStatus::Done)
}

/// Shows who is signed in, on which server, and when the session expires if unused.
pub(super) fn print(
    user: &User,
    session: &SessionInfo,
    client: &Client,
    console: &mut Console,
) -> Result<(), Failure> {
    let User { username, role } = user;
    if console.is_json() {
        console.json(&Me {
            user: user.clone(),
            session: session.clone(),
        })?;
    } else if console.is_terminal_output() {
        let until = session.expires_at.strftime("%Y-%m-%d %H:%M UTC");
        console.line(&format!(
            "{username} ({role}) on {}; the session expires {until} unless used before",
            client.server()
        ))?;
    } else {
        console.line(&format!("{username}\t{role}"))?;
    }
    Ok(())
}
