//! The person's own account: their sessions, and another password.

use roster_common::{Code, FieldError, Role, Username};

use super::{ask, edit, failed, fates, question, steps, users};
use crate::event::Effect;
use crate::event::account::AccountAnswer;
use crate::keys::{Action, Key};
use crate::remote::ClientError;
use crate::state::account::Which;
use crate::state::text::Secret;
use crate::state::users::Entry;
use crate::state::{
    Account, AccountCall, ChangePassword, Handover, Question, State, UserForm, Users,
};

pub(super) fn open(state: &mut State) -> Vec<Effect> {
    state.open(Account::default());
    ask(state, Effect::Account(AccountCall::Sessions))
}

pub(super) fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let by = steps(state, action);
    let Some(account) = state.part_mut::<Account>() else {
        return Vec::new();
    };
    match action {
        Action::EndSession => return end_session(state),
        Action::EndSessions => {
            return question(state, Question::Account(Box::new(AccountCall::EndOthers)));
        }
        Action::Password => state.open(ChangePassword::default()),
        Action::Refresh => return read_anew(state),
        Action::Close => state.close::<Account>(),
        _ => account.move_by(by),
    }
    Vec::new()
}

fn end_session(state: &mut State) -> Vec<Effect> {
    match state.part::<Account>().and_then(Account::current).cloned() {
        Some(session) => question(
            state,
            Question::Account(Box::new(AccountCall::EndSession(Box::new(session)))),
        ),
        None => Vec::new(),
    }
}

/// Reads once more the lists that are open, and those that tell what became of what was not answered.
pub(super) fn read_anew(state: &mut State) -> Vec<Effect> {
    let is_unknown = |of_users| {
        state
            .unknown
            .asks
            .iter()
            .any(|ask| ask.is_of_users() == of_users)
    };
    let sessions =
        (state.part::<Account>().is_some() || is_unknown(false)).then_some(AccountCall::Sessions);
    let users = (state.part::<Users>().is_some() || is_unknown(true)).then_some(AccountCall::Users);
    sessions
        .into_iter()
        .chain(users)
        .flat_map(|it| ask(state, Effect::Account(it)))
        .collect()
}

pub(super) fn act_on_password(state: &mut State, action: Action) -> Vec<Effect> {
    let Some(form) = state
        .part_mut::<ChangePassword>()
        .filter(|form| !form.saving)
    else {
        return Vec::new();
    };
    match action {
        Action::Up => form.focus = form.focus.previous(),
        Action::Down => form.focus = form.focus.next(),
        Action::Reveal => form.revealed = !form.revealed,
        Action::Save => return save_password(state),
        Action::Close => state.close::<ChangePassword>(),
        _ => {}
    }
    Vec::new()
}

pub(super) fn write_password(state: &mut State, key: Key) {
    if let Some(form) = state
        .part_mut::<ChangePassword>()
        .filter(|form| !form.saving)
    {
        form.refused = None;
        edit::edit_secret(form.focused(), key);
    }
}

pub(super) fn paste_password(state: &mut State, text: &str) {
    if let Some(form) = state
        .part_mut::<ChangePassword>()
        .filter(|form| !form.saving)
    {
        form.refused = None;
        form.focused().paste(text);
    }
}

/// Sends the passwords, or goes to the first that must be mended.
fn save_password(state: &mut State) -> Vec<Effect> {
    let Some(form) = state.part_mut::<ChangePassword>() else {
        return Vec::new();
    };
    if let Some(which) = form.first_error() {
        form.focus = which;
        let told = form.error(which).unwrap_or_default();
        state.warn(told);
        return Vec::new();
    }
    form.saving = true;
    let change = AccountCall::ChangePassword {
        current: form.current.clone(),
        new: form.new.clone(),
    };
    ask(state, Effect::Account(change))
}

/// What came of a call about accounts.
pub(super) fn answered(state: &mut State, answer: AccountAnswer) -> Vec<Effect> {
    match answer {
        AccountAnswer::Sessions(Ok(sessions)) => {
            fates::of_sessions(state, &sessions);
            if let Some(account) = state.part_mut::<Account>() {
                account.take(sessions, |session| session.id.clone());
            }
        }
        AccountAnswer::Users(Ok(accounts)) => {
            fates::of_users(state, &accounts);
            if let Some(users) = state.part_mut::<Users>() {
                users.take(accounts, |account| account.username.clone());
            }
        }
        AccountAnswer::Sessions(Err(error)) => failed(state, &error),
        AccountAnswer::Users(Err(error)) => failed(state, &error),
        AccountAnswer::Done {
            ask,
            password,
            result,
        } => {
            unlock(state, &ask);
            match result {
                Ok(()) => done(state, *ask, password),
                Err(error) => not_done(state, &ask, error),
            }
            return read_anew(state);
        }
    }
    Vec::new()
}

/// Gives the form back that has asked for it.
fn unlock(state: &mut State, ask: &AccountCall) {
    match ask {
        AccountCall::ChangePassword { .. } => state
            .part_mut::<ChangePassword>()
            .into_iter()
            .for_each(|it| it.saving = false),
        AccountCall::Add { .. } | AccountCall::Change { .. } => {
            state
                .part_mut::<UserForm>()
                .into_iter()
                .for_each(|it| it.saving = false);
        }
        _ => {}
    }
}

fn done(state: &mut State, ask: AccountCall, password: Option<Secret>) {
    match &ask {
        AccountCall::ChangePassword { .. } => state.close::<ChangePassword>(),
        AccountCall::Add { .. } | AccountCall::Change { .. } => state.close::<UserForm>(),
        _ => {}
    }
    if let AccountCall::Change {
        name,
        role: Some(role),
        ..
    } = &ask
    {
        follow_own_role(state, name, *role);
    }
    if let (AccountCall::Add { name, .. } | AccountCall::ResetPassword(name), Some(password)) =
        (&ask, password)
    {
        state.open(Handover {
            name: name.clone(),
            password,
        });
    }
    state.say(match ask {
        AccountCall::Sessions | AccountCall::Users => return,
        AccountCall::EndSession(session) => {
            format!("The session from {} has ended.", session.address)
        }
        AccountCall::EndOthers => "Your other sessions have ended.".to_owned(),
        AccountCall::ChangePassword { .. } => {
            "Your password is changed, and your other sessions have ended.".to_owned()
        }
        AccountCall::Add { name, role, .. } => format!("{name} is added, as {role}."),
        AccountCall::Change {
            name,
            role,
            disabled,
        } => users::told(&name, role, disabled),
        AccountCall::ResetPassword(name) => {
            format!("{name} has another password, and is signed out everywhere.")
        }
        AccountCall::EndSessionsOf(name) => format!("{name} is signed out everywhere."),
        AccountCall::Remove(name) => format!("The account {name} is deleted."),
    });
}

/// Whoever has given themselves another role has it from now on, and leaves the users if those are admins' to see.
fn follow_own_role(state: &mut State, name: &Username, role: Role) {
    if !state.is_me(name.as_str()) {
        return;
    }
    state
        .identity
        .as_mut()
        .into_iter()
        .for_each(|identity| identity.user.role = role);
    if !state.may(Role::Admin) {
        state.close::<Users>();
    }
}

/// Tells why, at the field that it is about if there is one.
fn not_done(state: &mut State, ask: &AccountCall, error: ClientError) {
    let problem = match error {
        ClientError::Refused(problem) => problem,
        ClientError::Unreachable { sent: true, .. } => {
            state.unknown.asks.push(ask.clone());
            return state.warn("No answer: it may be done or not.");
        }
        error => return failed(state, &error),
    };
    match (problem.code, ask) {
        (Code::ValidationFailed, AccountCall::ChangePassword { .. }) => {
            refuse_password(state, &problem.errors);
        }
        (Code::ValidationFailed, AccountCall::Add { .. }) => users::refuse(state, &problem.errors),
        (Code::UsernameTaken, AccountCall::Add { .. }) => {
            users::refuse_entry(
                state,
                Entry::Name,
                "There is an account of this name already.",
            );
        }
        (Code::LastAdmin, AccountCall::Change { name, .. } | AccountCall::Remove(name)) => {
            state.warn(format!(
                "{name} is the last admin. Make somebody else an admin first."
            ));
        }
        (Code::UserNotFound, _) => state.warn("There is no such account any more."),
        (Code::SessionNotFound, _) => state.warn("That session had ended already."),
        _ => failed(state, &ClientError::Refused(problem)),
    }
}

/// The server does not take one of the passwords.
fn refuse_password(state: &mut State, errors: &[FieldError]) {
    let Some(form) = state.part_mut::<ChangePassword>() else {
        return;
    };
    let Some(error) = errors.first() else {
        return;
    };
    let which = if error.field == "current" {
        Which::Current
    } else {
        Which::New
    };
    if which == Which::Current {
        form.current.clear();
    }
    form.focus = which;
    form.refused = Some((which, error.message.clone()));
    state.warn(error.message.clone());
}
