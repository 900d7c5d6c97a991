//! Unanswered calls about accounts and sessions, checked against the reloaded lists.

use roster_common::Username;
use roster_common::users::{Account, OpenSession};

use crate::keys::{Action, Screen};
use crate::state::{AccountCall, State, UserForm};
use crate::update::verbs::message::account_changed;

/// Checks them against the user's sessions.
pub(crate) fn on_sessions(state: &mut State, sessions: &[OpenSession]) {
    for ask in take(state, false) {
        let is_there = |id: &str| sessions.iter().any(|session| session.id == id);
        match ask {
            AccountCall::EndSession(session) if is_there(&session.id) => {
                state.warn(format!(
                    "The session from {} has not ended so far; the request may be lost.",
                    session.address
                ));
            }
            AccountCall::EndSession(session) => {
                state.success(format!("Ended the session from {}.", session.address));
            }
            AccountCall::EndOthers if sessions.len() > 1 => {
                state.warn("Your other sessions have not ended so far; the request may be lost.");
            }
            AccountCall::EndOthers => state.success("Ended your other sessions."),
            // Only a sign-in would show it.
            _ => {
                state
                    .warn("Your password may have changed: if the old one fails, try the new one.");
            }
        }
    }
}

/// Checks them against the accounts.
pub(crate) fn on_users(state: &mut State, accounts: &[Account]) {
    for ask in take(state, true) {
        let (is_done, message) = of_user(state, &ask, accounts);
        if is_done && matches!(ask, AccountCall::Add { .. } | AccountCall::Change { .. }) {
            state.close::<UserForm>();
        }
        if is_done {
            state.success(message);
        } else {
            state.warn(message);
        }
    }
}

/// Whether it took effect, and the message.
fn of_user(state: &State, ask: &AccountCall, accounts: &[Account]) -> (bool, String) {
    let find = |name: &Username| accounts.iter().find(|account| account.username == *name);
    let reset = state.keymap.key(Screen::Users, Action::Password);
    match ask {
        AccountCall::Add { name, password, .. } => match (find(name), password) {
            (None, _) => (
                false,
                format!("{name} has not been added so far; the request may be lost."),
            ),
            (Some(_), Some(_)) => (true, format!("Added {name}; the server's answer was lost.")),
            (Some(_), None) => (
                true,
                format!("Added {name}, but the password was lost. Press {reset} to reset it."),
            ),
        },
        AccountCall::Change {
            name,
            role,
            disabled,
        } => {
            let is_so = |account: &Account| {
                role.is_none_or(|role| account.role == role)
                    && disabled.is_none_or(|it| it == account.disabled)
            };
            if find(name).is_some_and(is_so) {
                (true, account_changed(name, *role, *disabled))
            } else {
                let message =
                    format!("{name} has not been changed so far; the request may be lost.");
                (false, message)
            }
        }
        AccountCall::EndSessionsOf(name) => {
            if find(name).is_some_and(|account| account.sessions > 0) {
                (false, format!("{name} is still signed in."))
            } else {
                (true, format!("Signed {name} out everywhere."))
            }
        }
        AccountCall::Remove(name) => match find(name) {
            Some(_) => (
                false,
                format!("{name} has not been deleted so far; the request may be lost."),
            ),
            None => (true, format!("Deleted the account {name}.")),
        },
        // A generated password is shown once, and this one never was.
        AccountCall::ResetPassword(name) => (
            false,
            format!("{name}'s password may have changed. Press {reset} to reset it."),
        ),
        AccountCall::Sessions
        | AccountCall::Users
        | AccountCall::EndSession(_)
        | AccountCall::EndOthers
        | AccountCall::ChangePassword { .. } => (true, String::new()),
    }
}

/// Removes and returns the calls that this list can answer.
fn take(state: &mut State, of_users: bool) -> Vec<AccountCall> {
    state
        .unanswered
        .accounts
        .extract_if(.., |ask| ask.is_of_users() == of_users)
        .collect()
}
