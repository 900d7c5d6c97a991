//! The way in.

use roster_common::Username;

use super::{ask, edit};
use crate::event::Effect;
use crate::keys::{Action, Key, Screen};
use crate::state::sign_in::Focus;
use crate::state::{SignIn, State};

pub(super) fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let Some(form) = state.part_mut::<SignIn>() else {
        return Vec::new();
    };
    match action {
        Action::Quit => return super::leave(state),
        _ if form.waiting => {}
        Action::Down => form.focus = form.focus.next(),
        Action::Up => form.focus = form.focus.previous(),
        Action::Reveal => form.revealed = !form.revealed,
        Action::Open => return submit(state),
        _ => {}
    }
    Vec::new()
}

pub(super) fn on_paste(state: &mut State, text: &str) {
    let Some(form) = state.part_mut::<SignIn>().filter(|form| !form.waiting) else {
        return;
    };
    form.clear_error();
    match form.line() {
        Some(line) => line.paste(text),
        None => form.password.paste(text),
    }
}

pub(super) fn write(state: &mut State, key: Key) {
    let Some(form) = state.part_mut::<SignIn>().filter(|form| !form.waiting) else {
        return;
    };
    form.clear_error();
    match form.line() {
        Some(line) => _ = edit::edit(line, key),
        None => edit::edit_secret(&mut form.password, key),
    }
}

/// What would be lost, if somebody else signs in or at another server, and has not been told yet.
fn what_is_dropped(state: &State, username: &Username) -> Option<String> {
    let form = state
        .part::<SignIn>()
        .filter(|form| !form.warned && state.has_unsaved())?;
    let before = form.covers.as_ref()?;
    if before == username && form.server.text().trim() == state.server {
        return None;
    }
    let again = state.keymap.key(Screen::SignIn, Action::Open);
    let dropped = format!("is dropped if {username} signs in here. {again} again drops it.");
    Some(format!("What {before} wrote is not saved, and {dropped}"))
}

fn warn(state: &mut State, warning: String) {
    if let Some(form) = state.part_mut::<SignIn>() {
        form.warned = true;
        form.wrong = Some(warning);
    }
}

/// Signs in if everything is there, else goes to what is missing.
fn submit(state: &mut State) -> Vec<Effect> {
    let Some(form) = state.part_mut::<SignIn>() else {
        return Vec::new();
    };
    if form.server.text().trim().is_empty() {
        form.focus = Focus::Server;
        form.wrong = Some("Write the server's address.".into());
        return Vec::new();
    }
    let Ok(username) = form.username.text().parse::<Username>() else {
        form.wrong = Some(match form.username.text() {
            "" => "Write your username.".into(),
            _ => "A username has letters without accents, digits and . _ @ - only.".into(),
        });
        form.focus = Focus::Username;
        return Vec::new();
    };
    if form.password.is_empty() {
        form.focus = Focus::Password;
        form.wrong = Some("Write your password.".into());
        return Vec::new();
    }
    if let Some(warning) = what_is_dropped(state, &username) {
        warn(state, warning);
        return Vec::new();
    }
    let Some(form) = state.part_mut::<SignIn>() else {
        return Vec::new();
    };
    form.waiting = true;
    form.wrong = None;
    let effect = Effect::SignIn {
        server: form.server.text().trim().to_owned(),
        username: username.to_string(),
        password: form.password.clone(),
    };
    ask(state, effect)
}
