//! Accounts and sessions: calls and their answers.

use roster_common::{Code, FieldError, Role, Username};

use super::unanswered::accounts as unanswered;
use crate::effect::{Call, Effects};
use crate::event::account::AccountAnswer;
use crate::remote::ClientError;
use crate::state::account::PasswordField;
use crate::state::text::Secret;
use crate::state::users::UserField;
use crate::state::{
    AccountCall, ChangePassword, GeneratedPassword, MySessions, State, UserForm, Users,
};
use crate::update::next::Next;
use crate::update::verbs::call;
use crate::update::verbs::message::{account_changed, failed};

/// Opens the user's own sessions.
pub(crate) fn open_sessions(state: &mut State, effects: &mut Effects) -> Option<Next> {
    call::send(state, Call::Account(AccountCall::Sessions), effects);
    Next::open(MySessions::default())
}

/// Opens user management.
pub(crate) fn open_users(state: &mut State, effects: &mut Effects) -> Option<Next> {
    call::send(state, Call::Account(AccountCall::Users), effects);
    Next::open(Users::default())
}

/// Sends a change of an account or a session. Its form is locked until the answer.
pub(crate) fn send(state: &mut State, change: AccountCall, effects: &mut Effects) {
    if let Some(form) = state.overlay_mut::<UserForm>() {
        form.saving = true;
    }
    call::send(state, Call::Account(change), effects);
}

/// Reloads the open lists, and those needed to check unanswered calls.
pub(crate) fn read_lists(state: &mut State, effects: &mut Effects) {
    let is_unanswered = |of_users| {
        let mut calls = state.unanswered.accounts.iter();
        calls.any(|call| call.is_of_users() == of_users)
    };
    let sessions = state.overlay::<MySessions>().is_some() || is_unanswered(false);
    let users = state.overlay::<Users>().is_some() || is_unanswered(true);
    if sessions {
        call::send(state, Call::Account(AccountCall::Sessions), effects);
    }
    if users {
        call::send(state, Call::Account(AccountCall::Users), effects);
    }
}

/// Handles the answer to a call about accounts or sessions.
pub(crate) fn on_answer(
    state: &mut State,
    answer: AccountAnswer,
    effects: &mut Effects,
) -> Option<Next> {
    match answer {
        AccountAnswer::Sessions(Ok(sessions)) => {
            unanswered::on_sessions(state, &sessions);
            if let Some(account) = state.overlay_mut::<MySessions>() {
                account.take(sessions, |session| session.id.clone());
            }
            None
        }
        AccountAnswer::Users(Ok(accounts)) => {
            unanswered::on_users(state, &accounts);
            if let Some(users) = state.overlay_mut::<Users>() {
                users.take(accounts, |account| account.username.to_string());
            }
            None
        }
        AccountAnswer::Sessions(Err(error)) => failed(state, &error),
        AccountAnswer::Users(Err(error)) => failed(state, &error),
        AccountAnswer::Done {
            ask,
            password,
            result,
        } => {
            unlock(state, &ask);
            let next = match result {
                Ok(()) => done(state, *ask, password),
                Err(error) => not_done(state, &ask, error),
            };
            // Also after a failure: the lists show whether an unanswered call was done.
            read_lists(state, effects);
            next
        }
    }
}

/// Unlocks the form that made the call.
fn unlock(state: &mut State, change: &AccountCall) {
    match change {
        AccountCall::ChangePassword { .. } => {
            if let Some(form) = state.overlay_mut::<ChangePassword>() {
                form.saving = false;
            }
        }
        AccountCall::Add { .. } | AccountCall::Change { .. } => {
            if let Some(form) = state.overlay_mut::<UserForm>() {
                form.saving = false;
            }
        }
        _ => {}
    }
}

fn done(state: &mut State, change: AccountCall, password: Option<Secret>) -> Option<Next> {
    match &change {
        AccountCall::ChangePassword { .. } => state.close::<ChangePassword>(),
        AccountCall::Add { .. } | AccountCall::Change { .. } => state.close::<UserForm>(),
        _ => {}
    }
    if let (AccountCall::Add { name, .. }, Some(users)) = (&change, state.overlay_mut::<Users>()) {
        users.added = Some(name.to_string());
    }
    if let AccountCall::Change {
        name,
        role: Some(role),
        ..
    } = &change
    {
        follow_own_role(state, name, *role);
    }
    // It must be shown now: the program keeps it nowhere else.
    let generated_password = match (&change, password) {
        (AccountCall::Add { name, .. } | AccountCall::ResetPassword(name), Some(password)) => {
            let name = name.clone();
            Next::open(GeneratedPassword { name, password })
        }
        _ => None,
    };
    if let Some(message) = message(change) {
        state.success(message);
    }
    generated_password
}

/// The message for a successful change; `None` for a read.
fn message(change: AccountCall) -> Option<String> {
    Some(match change {
        AccountCall::Sessions | AccountCall::Users => return None,
        AccountCall::EndSession(session) => {
            format!("Ended the session from {}.", session.address)
        }
        AccountCall::EndOthers => "Ended your other sessions.".to_owned(),
        AccountCall::ChangePassword { .. } => {
            "Changed your password and ended your other sessions.".to_owned()
        }
        AccountCall::Add { name, role, .. } => format!(
            "Added {name} as {}.",
            crate::format::role_with_article(role)
        ),
        AccountCall::Change {
            name,
            role,
            disabled,
        } => account_changed(&name, role, disabled),
        AccountCall::ResetPassword(name) => {
            format!("Reset {name}'s password and signed them out everywhere.")
        }
        AccountCall::EndSessionsOf(name) => format!("Signed {name} out everywhere."),
        AccountCall::Remove(name) => format!("Deleted the account {name}."),
    })
}

/// Applies a change of the user's own role, and closes user management if they are no longer an
/// admin.
fn follow_own_role(state: &mut State, name: &Username, role: Role) {
    if !state.is_me(name.as_str()) {
        return;
    }
    if let Some(identity) = &mut state.identity {
        identity.user.role = role.into();
    }
    if !state.may(Role::Admin) {
        state.close::<Users>();
    }
}

/// Reports a failed call, at its field if there is one.
fn not_done(state: &mut State, change: &AccountCall, error: ClientError) -> Option<Next> {
    let problem = match error {
        ClientError::Refused(problem) => problem,
        // It may have been done, so it is not repeated; the lists show the result.
        ClientError::Unreachable { sent: true, .. } => {
            state.unanswered.accounts.push(change.clone());
            state.warn("No answer from the server; checking whether it was done.");
            return None;
        }
        error => return failed(state, &error),
    };
    match (problem.code, change) {
        (Code::ValidationFailed, AccountCall::ChangePassword { .. }) => {
            refuse_password(state, &problem.errors);
        }
        (Code::ValidationFailed, AccountCall::Add { .. }) => refuse_user(state, &problem.errors),
        (Code::UsernameTaken, AccountCall::Add { .. }) => {
            let why = "This username is taken.";
            refuse_entry(state, UserField::Name, why);
        }
        (Code::LastAdmin, AccountCall::Change { name, .. } | AccountCall::Remove(name)) => {
            state.warn(format!(
                "{name} is the last admin. Make someone else an admin first."
            ));
        }
        (Code::UserNotFound, _) => state.warn("This account no longer exists."),
        (Code::SessionNotFound, _) => state.warn("That session had already ended."),
        _ => return failed(state, &ClientError::Refused(problem)),
    }
    None
}

/// Shows the server's error at a password field.
fn refuse_password(state: &mut State, errors: &[FieldError]) {
    let (Some(form), Some(error)) = (state.overlay_mut::<ChangePassword>(), errors.first()) else {
        return;
    };
    let which = if error.field == "current" {
        PasswordField::Current
    } else {
        PasswordField::New
    };
    if which == PasswordField::Current {
        form.current.clear();
    }
    form.focus = which;
    form.refused = Some((which, error.message.clone()));
    state.warn(error.message.clone());
}

/// Shows the server's error at a field of the account form.
fn refuse_user(state: &mut State, errors: &[FieldError]) {
    if let Some(error) = errors.first() {
        let entry = if error.field == "username" {
            UserField::Name
        } else {
            UserField::Password
        };
        refuse_entry(state, entry, &error.message);
    }
}

fn refuse_entry(state: &mut State, entry: UserField, why: &str) {
    if let Some(form) = state.overlay_mut::<UserForm>() {
        form.focus = entry;
        form.refused = Some((entry, why.to_owned()));
    }
}
