//! The form of an account.

use roster_common::Role;
use roster_common::users::Account;

use crate::effect::Effects;
use crate::keys::{Action, Key};
use crate::state::users::{UserField, shown_role};
use crate::state::{AccountCall, Confirm, Question, State, UserForm};
use crate::update::flows::accounts;
use crate::update::next::Next;
use crate::update::verbs::edit;

/// The form, unless a request is in flight.
fn open_form(state: &mut State) -> Option<&mut UserForm> {
    state.overlay_mut::<UserForm>().filter(|form| !form.saving)
}

pub(crate) fn act(state: &mut State, action: Action, effects: &mut Effects) -> Option<Next> {
    let form = open_form(state)?;
    match action {
        Action::Up => form.go(-1),
        Action::Down => form.go(1),
        Action::Reveal => form.revealed = !form.revealed,
        Action::Save => return save(state, effects),
        Action::Close if form.is_changed() => return Next::open(Confirm::new(Question::Discard)),
        Action::Close => state.close::<UserForm>(),
        _ => {}
    }
    None
}

pub(crate) fn write(state: &mut State, key: Key) {
    let Some(form) = open_form(state) else {
        return;
    };
    // The refusal was about the values before this key.
    form.refused = None;
    match form.focus {
        UserField::Name => {
            _ = edit::edit(&mut form.name, key);
        }
        UserField::Password => edit::edit_secret(&mut form.password, key),
        UserField::Role => {
            let chosen = edit::choose(&Role::ALL.map(Role::as_str), form.role.as_str(), key);
            form.role = chosen
                .and_then(|role| role.parse().ok())
                .unwrap_or(form.role);
        }
        UserField::Account if matches!(key, Key::Left | Key::Right | Key::Char(' ')) => {
            form.disabled = !form.disabled;
        }
        UserField::Account => {}
    }
}

/// Returns the number of lines pasted into a line of text.
pub(crate) fn on_paste(state: &mut State, text: &str) -> usize {
    let Some(form) = open_form(state) else {
        return 0;
    };
    form.refused = None;
    match form.focus {
        UserField::Name => return form.name.paste(text),
        UserField::Password => form.password.paste(text),
        UserField::Role | UserField::Account => {}
    }
    0
}

/// Sends the form, or focuses the first invalid field.
fn save(state: &mut State, effects: &mut Effects) -> Option<Next> {
    let form = state.overlay_mut::<UserForm>()?;
    form.tried = true;
    if let Some(entry) = form.first_error() {
        form.focus = entry;
        return None;
    }
    let change = match &form.account {
        Some(account) => changes(account, form),
        None => Some(addition(form)?),
    };
    let own = form
        .account
        .as_ref()
        .map(|account| account.username.clone());
    let Some(change) = change else {
        state.close::<UserForm>();
        state.message("Nothing was changed.");
        return None;
    };
    // Changing one's own account may take away the right to change it back.
    if own.is_some_and(|own| state.is_me(own.as_str())) {
        return Next::open(Confirm::new(Question::Account(Box::new(change))));
    }
    accounts::send(state, change, effects);
    None
}

fn addition(form: &UserForm) -> Option<AccountCall> {
    let password = Some(form.password.clone()).filter(|password| !password.is_empty());
    Some(AccountCall::Add {
        name: form.name.text().parse().ok()?,
        role: form.role,
        password,
    })
}

/// The changes in the form, if there are any.
fn changes(account: &Account, form: &UserForm) -> Option<AccountCall> {
    let role = Some(form.role).filter(|role| *role != shown_role(account));
    let disabled = Some(form.disabled).filter(|disabled| *disabled != account.disabled);
    (role.is_some() || disabled.is_some()).then(|| AccountCall::Change {
        name: account.username.clone(),
        role,
        disabled,
    })
}
