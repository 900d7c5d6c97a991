//! The accounts, for who manages them.

use roster_common::users::Account;
use roster_common::{FieldError, Role, Username};

use super::{ask, edit, question, steps};
use crate::event::Effect;
use crate::keys::{Action, Key};
use crate::state::users::Entry;
use crate::state::{AccountCall, Handover, Question, State, UserForm, Users};

pub(super) fn open(state: &mut State) -> Vec<Effect> {
    state.open(Users::default());
    ask(state, Effect::Account(AccountCall::Users))
}

pub(super) fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let by = steps(state, action);
    let Some(users) = state.part_mut::<Users>() else {
        return Vec::new();
    };
    match action {
        Action::Up | Action::Down | Action::First | Action::Last => users.move_by(by),
        Action::New => state.open(UserForm::add()),
        Action::Refresh => return super::account::read_anew(state),
        Action::Close => state.close::<Users>(),
        _ => return act_on_one(state, action),
    }
    Vec::new()
}

/// What is done to the account of the cursor.
fn act_on_one(state: &mut State, action: Action) -> Vec<Effect> {
    let Some(account) = state.part::<Users>().and_then(Users::current).cloned() else {
        return Vec::new();
    };
    let ask = match action {
        Action::Edit => {
            state.open(UserForm::change(account));
            return Vec::new();
        }
        Action::Password => AccountCall::ResetPassword(account.username),
        Action::EndSessions => AccountCall::EndSessionsOf(account.username),
        Action::Delete => AccountCall::Remove(account.username),
        _ => return Vec::new(),
    };
    question(state, Question::Account(Box::new(ask)))
}

pub(super) fn act_on_form(state: &mut State, action: Action) -> Vec<Effect> {
    let Some(form) = state.part_mut::<UserForm>().filter(|form| !form.saving) else {
        return Vec::new();
    };
    match action {
        Action::Up => form.go(-1),
        Action::Down => form.go(1),
        Action::Reveal => form.revealed = !form.revealed,
        Action::Save => return save(state),
        Action::Close => state.close::<UserForm>(),
        _ => {}
    }
    Vec::new()
}

pub(super) fn write(state: &mut State, key: Key) {
    let Some(form) = state.part_mut::<UserForm>().filter(|form| !form.saving) else {
        return;
    };
    form.refused = None;
    match form.focus {
        Entry::Name => _ = edit::edit(&mut form.name, key),
        Entry::Password => edit::edit_secret(&mut form.password, key),
        Entry::Role => {
            let chosen = edit::choose(&Role::ALL.map(Role::as_str), form.role.as_str(), key);
            form.role = chosen
                .and_then(|role| role.parse().ok())
                .unwrap_or(form.role);
        }
        Entry::Access if matches!(key, Key::Left | Key::Right | Key::Char(' ')) => {
            form.disabled = !form.disabled;
        }
        Entry::Access => {}
    }
}

pub(super) fn paste(state: &mut State, text: &str) {
    let Some(form) = state.part_mut::<UserForm>().filter(|form| !form.saving) else {
        return;
    };
    form.refused = None;
    match form.focus {
        Entry::Name => form.name.paste(text),
        Entry::Password => form.password.paste(text),
        Entry::Role | Entry::Access => {}
    }
}

/// Sends the form, or goes to the first field that must be mended.
fn save(state: &mut State) -> Vec<Effect> {
    let Some(form) = state.part_mut::<UserForm>() else {
        return Vec::new();
    };
    form.tried = true;
    if let Some(entry) = form.first_error() {
        form.focus = entry;
        return Vec::new();
    }
    let change = match (&form.account, form.name.text().parse()) {
        (Some(account), _) => changes(account, form),
        (None, Ok(name)) => {
            let password = Some(form.password.clone()).filter(|password| !password.is_empty());
            Some(AccountCall::Add {
                name,
                role: form.role,
                password,
            })
        }
        (None, Err(_)) => return Vec::new(),
    };
    let Some(change) = change else {
        state.close::<UserForm>();
        state.say("Nothing was changed.");
        return Vec::new();
    };
    let is_own = |form: &UserForm| {
        form.account
            .as_ref()
            .is_some_and(|account| state.is_me(account.username.as_str()))
    };
    if state.part::<UserForm>().is_some_and(is_own) {
        return question(state, Question::Account(Box::new(change)));
    }
    send(state, change)
}

/// Asks the server for it; a form that wants it waits for the answer.
pub(super) fn send(state: &mut State, it: AccountCall) -> Vec<Effect> {
    state
        .part_mut::<UserForm>()
        .into_iter()
        .for_each(|form| form.saving = true);
    ask(state, Effect::Account(it))
}

/// What the form asks for that is not so already.
fn changes(account: &Account, form: &UserForm) -> Option<AccountCall> {
    let role = Some(form.role).filter(|role| *role != account.role);
    let disabled = Some(form.disabled).filter(|disabled| *disabled != account.disabled);
    (role.is_some() || disabled.is_some()).then(|| AccountCall::Change {
        name: account.username.clone(),
        role,
        disabled,
    })
}

/// What has changed for an account, in words.
pub(super) fn told(name: &Username, role: Option<Role>, disabled: Option<bool>) -> String {
    let role = role.map(|role| format!("is {role} now"));
    let access = disabled.map(|disabled| match disabled {
        true => "may not sign in any more".to_owned(),
        false => "may sign in again".to_owned(),
    });
    let parts: Vec<_> = role.into_iter().chain(access).collect();
    format!("{name} {}.", parts.join(", and "))
}

/// The server does not take what is written.
pub(super) fn refuse(state: &mut State, errors: &[FieldError]) {
    if let Some(error) = errors.first() {
        let entry = if error.field == "username" {
            Entry::Name
        } else {
            Entry::Password
        };
        refuse_entry(state, entry, &error.message);
    }
}

pub(super) fn refuse_entry(state: &mut State, entry: Entry, why: &str) {
    if let Some(form) = state.part_mut::<UserForm>() {
        form.focus = entry;
        form.refused = Some((entry, why.to_owned()));
    }
}

pub(super) fn act_on_handover(state: &mut State, action: Action) -> Vec<Effect> {
    match (action, state.part::<Handover>()) {
        (Action::CopyCell, Some(handover)) => {
            let (text, what) = (
                handover.password.clone(),
                format!("the password of {}", handover.name),
            );
            return vec![Effect::Copy { text, what }];
        }
        (Action::Close, _) => state.close::<Handover>(),
        _ => {}
    }
    Vec::new()
}
