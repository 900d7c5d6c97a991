//! What a person is told: a call that failed, in words.

use roster_common::{Action as Remedy, Code, Role, Username};

use crate::remote::ClientError;
use crate::state::{SignIn, State};
use crate::update::next::Next;

/// Tells of a call that failed. A session that has ended asks to sign in, over everything that is
/// open.
pub(crate) fn failed(state: &mut State, error: &ClientError) -> Option<Next> {
    if error.needs_sign_in() {
        return sign_in(state, Some(in_words(error)));
    }
    state.warn(in_words(error));
    None
}

/// Asks the person to sign in, unless they are already doing so.
pub(crate) fn sign_in(state: &mut State, reason: Option<String>) -> Option<Next> {
    let identity = state.identity.take();
    if state.part::<SignIn>().is_some() {
        return None;
    }
    let username = identity.map(|identity| identity.user.username);
    Next::open(SignIn::new(&state.server, username, reason))
}

/// A failure as one person would tell it to another.
pub(crate) fn in_words(error: &ClientError) -> String {
    let problem = match error {
        ClientError::Refused(problem) => problem,
        ClientError::SignInAgain(told) => return told.clone(),
        ClientError::Unreachable { why, .. } => {
            return format!("The server cannot be reached: {why}.");
        }
        other => return capitalised(&format!("{other}.")),
    };
    match problem.code {
        Code::CredentialsInvalid => "Wrong username or password.".to_owned(),
        Code::SessionExpired => "Your session has expired. Sign in to go on.".to_owned(),
        Code::SessionEnded => {
            "The session has been ended, by you elsewhere or by an admin. Sign in to go on."
                .to_owned()
        }
        Code::SessionReuse => {
            "This session was in use in two places, and has been ended. Sign in to go on."
                .to_owned()
        }
        Code::AccountDisabled => {
            "Your account has been disabled. Only an admin can open it again.".to_owned()
        }
        Code::RefreshInvalid | Code::TokenInvalid => {
            "The server does not know this session any more. Sign in to go on.".to_owned()
        }
        Code::TokenMissing | Code::RefreshMissing => "Sign in to go on.".to_owned(),
        _ if problem.detail.is_empty() => format!("{}.", problem.title),
        _ if problem.action == Remedy::Login => format!("{} Sign in to go on.", problem.detail),
        _ => problem.detail.clone(),
    }
}

fn capitalised(text: &str) -> String {
    let text = text.replace("..", ".");
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

/// What has changed for an account.
pub(crate) fn account_changed(
    name: &Username,
    role: Option<Role>,
    disabled: Option<bool>,
) -> String {
    let role = role.map(|role| format!("is {role} now"));
    let access = disabled.map(|disabled| {
        if disabled {
            "may not sign in any more".to_owned()
        } else {
            "may sign in again".to_owned()
        }
    });
    let parts: Vec<_> = role.into_iter().chain(access).collect();
    format!("{name} {}.", parts.join(", and "))
}

/// What a role may do, in a few words.
pub(crate) fn may(role: Role) -> &'static str {
    match role {
        Role::Viewer => "you may read, and change nothing",
        Role::Editor => "you may add and change people, and delete nobody",
        Role::Admin => "you may do everything",
    }
}
