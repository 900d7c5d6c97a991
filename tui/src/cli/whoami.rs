//! `roster whoami`

use roster_common::api::{Me, SessionInfo, User};

use super::console::{Console, local_time};
use super::failure::{ExitStatus, Failure};
use crate::client::Client;
use crate::escape::visible;

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
    // A newer server may send a role that this program does not know, as any text.
    let role = visible(&role.to_string()).into_owned();
    if console.is_json() {
        console.json(&Me {
            user: user.clone(),
            session: session.clone(),
        })?;
    } else if console.is_terminal_output() {
        let until = local_time(session.expires_at);
        console.line(&format!(
            "{username} ({role}) on {}; the session expires {until} unless used before",
            client.server()
        ))?;
    } else {
        console.line(&format!("{username}\t{role}"))?;
    }
    Ok(())
}
