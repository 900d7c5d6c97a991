//! The form for the user's own password.

use crate::effect::{Call, Effects};
use crate::keys::{Action, Key};
use crate::state::{AccountCall, ChangePassword, Confirm, Question, State};
use crate::update::next::Next;
use crate::update::verbs::{call, edit};

/// The form, unless a request is in flight.
fn open_form(state: &mut State) -> Option<&mut ChangePassword> {
    state
        .overlay_mut::<ChangePassword>()
        .filter(|form| !form.saving)
}

pub(crate) fn act(state: &mut State, action: Action, effects: &mut Effects) -> Option<Next> {
    let form = open_form(state)?;
    match action {
        Action::Up => form.focus = form.focus.previous(),
        Action::Down => form.focus = form.focus.next(),
        Action::Reveal => form.revealed = !form.revealed,
        Action::Save => save(state, effects),
        Action::Close if form.is_changed() => return Next::open(Confirm::new(Question::Discard)),
        Action::Close => state.close::<ChangePassword>(),
        _ => {}
    }
    None
}

pub(crate) fn write(state: &mut State, key: Key) {
    if let Some(form) = open_form(state) {
        form.refused = None;
        edit::edit_secret(form.focused(), key);
    }
}

pub(crate) fn on_paste(state: &mut State, text: &str) {
    if let Some(form) = open_form(state) {
        form.refused = None;
        form.focused().paste(text);
    }
}

/// Sends the passwords, or focuses the first invalid one.
fn save(state: &mut State, effects: &mut Effects) {
    let Some(form) = state.overlay_mut::<ChangePassword>() else {
        return;
    };
    if let Some(which) = form.first_error() {
        form.focus = which;
        let message = form.error(which).unwrap_or_default();
        return state.warn(message);
    }
    form.saving = true;
    let change = AccountCall::ChangePassword {
        current: form.current.clone(),
        new: form.new.clone(),
    };
    call::send(state, Call::Account(change), effects);
}
