//! The sign-in form.

use roster_common::Username;

use crate::effect::{Call, Effects};
use crate::keys::{Action, Key, Screen};
use crate::state::sign_in::SignInField;
use crate::state::{SignIn, State};
use crate::update::flows::offline;
use crate::update::verbs::{call, edit, leave};

pub(crate) fn act(state: &mut State, action: Action, effects: &mut Effects) {
    let Some(form) = state.overlay_mut::<SignIn>() else {
        return;
    };
    match action {
        Action::Quit if form.optional => close(state, effects),
        Action::Quit => leave::quit(state, effects),
        _ if form.waiting => {}
        Action::Down => form.go(form.focus.next()),
        Action::Up => form.go(form.focus.previous()),
        Action::Reveal => form.revealed = !form.revealed,
        Action::Open => submit(state, effects),
        _ => {}
    }
}

/// Closes the form and keeps the current server.
fn close(state: &mut State, effects: &mut Effects) {
    if state.overlay::<SignIn>().is_some_and(|form| form.waiting) {
        return state.message("The server has not answered yet.");
    }
    state.close::<SignIn>();
    // It waited while the form was open.
    offline::retry(state, effects);
}

/// Returns the number of lines pasted into a line of text.
pub(crate) fn on_paste(state: &mut State, text: &str) -> usize {
    let Some(form) = state.overlay_mut::<SignIn>().filter(|form| !form.waiting) else {
        return 0;
    };
    form.clear_error();
    form.replace_selected();
    match form.line() {
        Some(line) => line.paste(text),
        None => {
            form.password.paste(text);
            0
        }
    }
}

pub(crate) fn write(state: &mut State, key: Key) {
    let Some(form) = state.overlay_mut::<SignIn>().filter(|form| !form.waiting) else {
        return;
    };
    form.clear_error();
    match form.line() {
        Some(line) => {
            _ = edit::edit(line, key);
        }
        None => {
            // A refused password is selected. Moving the cursor keeps it, to be corrected.
            if edit::only_moves(key) {
                form.selected = false;
            } else {
                form.replace_selected();
            }
            edit::edit_secret(&mut form.password, key);
        }
    }
}

/// The warning about work that is lost if another user signs in or the server changes; `None` if it
/// was shown already.
fn what_is_dropped(state: &State, username: &Username) -> Option<String> {
    let form = state
        .overlay::<SignIn>()
        .filter(|form| !form.warned && state.has_unsaved())?;
    let before = form.covers.as_ref()?;
    if before == username && form.server.text().trim() == state.server {
        return None;
    }
    let again = state.keymap.key(Screen::SignIn, Action::Open);
    let dropped = format!(
        "will be discarded if {username} signs in. Press {again} again to \
        discard."
    );
    Some(format!("{before}'s unsaved changes {dropped}"))
}

fn warn(state: &mut State, warning: String) {
    if let Some(form) = state.overlay_mut::<SignIn>() {
        form.warned = true;
        form.wrong = Some(warning);
    }
}

/// Signs in, or focuses the first missing field.
fn submit(state: &mut State, effects: &mut Effects) {
    let Some(form) = state.overlay_mut::<SignIn>() else {
        return;
    };
    if form.server.text().trim().is_empty() {
        form.focus = SignInField::Server;
        form.wrong = Some("Enter the server's address.".into());
        return;
    }
    let Ok(username) = form.username.text().parse::<Username>() else {
        form.wrong = Some(match form.username.text() {
            "" => "Enter your username.".into(),
            _ => "A username has only a-z, 0-9 and . _ @ -".into(),
        });
        form.focus = SignInField::Username;
        return;
    };
    if form.password.is_empty() {
        form.focus = SignInField::Password;
        form.wrong = Some("Enter your password.".into());
        return;
    }
    // Last, because it is shown only once: the next press signs in.
    if let Some(warning) = what_is_dropped(state, &username) {
        return warn(state, warning);
    }
    let Some(form) = state.overlay_mut::<SignIn>() else {
        return;
    };
    form.waiting = true;
    form.wrong = None;
    let sign_in = Call::SignIn {
        server: form.server.text().trim().to_owned(),
        username: username.to_string(),
        password: form.password.clone(),
    };
    call::send(state, sign_in, effects);
}
