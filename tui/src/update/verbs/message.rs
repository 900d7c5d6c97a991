//! Messages for failed calls and changed accounts.

use roster_common::{Code, Employee, Remedy, Role, Username};

use crate::remote::ClientError;
use crate::state::live::News;
use crate::state::{SignIn, State};
use crate::update::next::Next;

/// Reports a failed call. If the session ended, opens the sign-in form on top of everything.
pub(crate) fn failed(state: &mut State, error: &ClientError) -> Option<Next> {
    if error.needs_sign_in() {
        return sign_in(state, Some(error_text(error)));
    }
    state.warn(error_text(error));
    None
}

/// Opens the sign-in form, unless it is open.
pub(crate) fn sign_in(state: &mut State, reason: Option<String>) -> Option<Next> {
    let identity = state.identity.take();
    if let Some(form) = state.overlay_mut::<SignIn>() {
        // A form that was opened to go elsewhere is now needed here.
        if std::mem::take(&mut form.optional) {
            form.reason = reason;
        }
        return None;
    }
    let username = identity.map(|identity| identity.user.username);
    // The form shows the reason; an older message beside it would contradict it.
    state.banner = None;
    Next::open(SignIn::new(&state.server, username, reason))
}

/// An error as a sentence for people.
pub(crate) fn error_text(error: &ClientError) -> String {
    let problem = match error {
        ClientError::Refused(problem) => problem,
        ClientError::SignInAgain(message) => return message.clone(),
        ClientError::Unreachable { why, .. } => {
            return format!("Can't reach the server: {why}.");
        }
        other => return capitalized(&format!("{other}.")),
    };
    match problem.code {
        Code::CredentialsInvalid => "Wrong username or password.".to_owned(),
        Code::SessionExpired => "Your session has expired. Sign in to continue.".to_owned(),
        Code::SessionEnded => "You or an admin ended this session. Sign in to continue.".to_owned(),
        Code::SessionReuse => {
            "This session was used in two places, so it was ended to protect you. Sign in to \
                continue."
                .to_owned()
        }
        Code::AccountDisabled => "Your account is disabled. Ask an admin to enable it.".to_owned(),
        Code::RefreshInvalid | Code::TokenInvalid => {
            "Your session has ended. Sign in to continue.".to_owned()
        }
        Code::TokenMissing | Code::RefreshMissing => "Sign in to continue.".to_owned(),
        // Anything else, also a code of a newer server, is shown in the server's words.
        _ if problem.detail.is_empty() => format!("{}.", problem.title),
        _ if problem.action == Remedy::Login => format!("{} Sign in to continue.", problem.detail),
        _ => problem.detail.clone(),
    }
}

fn capitalized(text: &str) -> String {
    let text = text.replace("..", ".");
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

/// The message for a changed account.
pub(crate) fn account_changed(
    name: &Username,
    role: Option<Role>,
    disabled: Option<bool>,
) -> String {
    let role = role.map(|role| format!("is now {}", crate::format::role_with_article(role)));
    let access = disabled.map(|disabled| {
        if disabled {
            "can no longer sign in".to_owned()
        } else {
            "can sign in again".to_owned()
        }
    });
    let parts: Vec<_> = role.into_iter().chain(access).collect();
    format!("{name} {}.", parts.join(" and "))
}

/// The message about a person who no longer matches, with the change that caused it, if known.
pub(crate) fn left_list(person: &Employee, news: Option<&News>) -> String {
    let name = person.details.full_name();
    match news {
        Some(news) => format!("{name} no longer matches the filter: {}.", news.what()),
        None => format!("{name} no longer matches the filter."),
    }
}

/// What a role allows.
pub(crate) fn may(role: Role) -> &'static str {
    match role {
        Role::Viewer => "you can view everything",
        Role::Editor => "you can add and edit people, but not delete them",
        Role::Admin => "you can do everything",
    }
}
