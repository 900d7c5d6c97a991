//! An attempt to prove a password: where it comes from, and how it ends.

use std::net::IpAddr;

use roster_common::Username;

use super::{App, AppError};
use crate::rules::session::SessionId;
use crate::rules::throttle::{Attempt, AttemptResult, Source, network};
use crate::token::VerifiedRefresh;

/// An attempt that the throttle has admitted. Dropping it counts a failure: a client that hangs up
/// before the answer must not get a free guess.
pub(super) struct Admission<'a> {
    app: &'a App,
    attempt: Attempt,
    outcome: AttemptResult,
}

impl<'a> Admission<'a> {
    /// Admits an attempt.
    ///
    /// # Errors
    /// [`AppError::Throttled`]
    pub(super) fn admit(app: &'a App, attempt: Attempt) -> Result<Self, AppError> {
        let admitted = app.throttle().admit(&attempt, app.clock.uptime());
        admitted.map_err(AppError::Throttled)?;
        Ok(Self {
            app,
            attempt,
            outcome: AttemptResult::Failed,
        })
    }

    /// Counts the outcome.
    pub(super) fn settle(mut self, outcome: AttemptResult) {
        self.outcome = outcome;
    }
}

impl Drop for Admission<'_> {
    fn drop(&mut self) {
        let now = self.app.clock.uptime();
        self.app.throttle().settle(&self.attempt, self.outcome, now);
    }
}

/// The attempt of a client that names an account, and may hold a refresh token.
///
/// # Errors
/// [`AppError::Store`]
pub(super) async fn of(
    app: &App,
    username: &str,
    address: IpAddr,
    token: Option<&VerifiedRefresh>,
) -> Result<Attempt, AppError> {
    let account = account_key(username);
    let network = network(address);
    // Each source has a back-off of its own, so a flood of guesses by strangers does not delay the
    // owner of the account.
    let source = if let Some(token) = token
        && token.user.as_str() == account
    {
        Source::Session(token.session)
    } else if is_known(app, &account, network).await? {
        Source::Known(network)
    } else {
        Source::Stranger
    };
    Ok(Attempt {
        account,
        network,
        source,
    })
}

/// The attempt of somebody who is signed in with a session.
pub(super) fn of_session(user: &Username, session: SessionId, address: IpAddr) -> Attempt {
    Attempt {
        account: account_key(user.as_str()),
        network: network(address),
        source: Source::Session(session),
    }
}

/// Returns `true` if the account has an open session from the network, or had one lately.
async fn is_known(app: &App, account: &str, of: IpAddr) -> Result<bool, AppError> {
    if app.throttle().is_known(account, of, app.clock.uptime()) {
        return Ok(true);
    }
    let Ok(name) = account.parse() else {
        return Ok(false);
    };
    let sessions = app.store.sessions(&name).await?;
    let mut addresses = sessions.iter().flat_map(|session| session.address.parse());
    Ok(addresses.any(|address| network(address) == of))
}

/// The key under which the throttle counts an account. It is cut to a username's length, so that a
/// flood of invented names needs little memory.
fn account_key(username: &str) -> String {
    username
        .trim()
        .chars()
        .take(Username::MAX_CHARS)
        .collect::<String>()
        .to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_username_uses_little_memory() {
        assert_eq!(account_key(" Ada.Lovelace "), "ada.lovelace");
        assert_eq!(
            account_key(&"Ж".repeat(60_000)).chars().count(),
            Username::MAX_CHARS
        );
    }
}
