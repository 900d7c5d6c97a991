//! Losing and regaining the server.

use super::{accounts, batch, filter, live, marking, unanswered};
use crate::effect::{Call, Effects, LocalTask};
use crate::event::Timer;
use crate::keys::{Action, Screen};
use crate::remote::ClientError;
use crate::state::{Form, Offline, Severity, SignIn, State};
use crate::update::next::Next;
use crate::update::verbs::{call, load};

/// Updates the offline state from the result of a call.
pub(crate) fn on_answer(
    state: &mut State,
    error: Option<&ClientError>,
    effects: &mut Effects,
) -> Option<Next> {
    match error {
        Some(ClientError::Unreachable { why, .. }) => {
            on_disconnect(state, why, effects);
            None
        }
        None | Some(ClientError::Refused(_) | ClientError::Protocol(_)) => {
            on_reconnect(state, effects)
        }
        // The request was not sent.
        Some(_) => None,
    }
}

/// How the message of [`on_reconnect`] begins.
const BACK: &str = "Back online.";

/// The server is unreachable: schedules a retry with increasing delay.
fn on_disconnect(state: &mut State, why: &str, effects: &mut Effects) {
    let tries = match &state.offline {
        Some(offline) if !offline.trying => return,
        Some(offline) => offline.tries.saturating_add(1),
        None => 1,
    };
    _ = state.banner.take_if(|banner| banner.text.starts_with(BACK));
    let (offline, pause) = Offline::after(tries, state.now, why.to_owned());
    state.offline = Some(offline);
    effects.push(LocalTask::Wait(Timer::Retry, pause));
}

/// The server is back: reports it and catches up.
fn on_reconnect(state: &mut State, effects: &mut Effects) -> Option<Next> {
    _ = state.offline.take()?;
    if state.overlay::<Form>().is_some_and(Form::is_changed) {
        let save = state.keymap.key(Screen::Form, Action::Save);
        state.message(format!("{BACK} Press {save} to save your changes."));
    } else if !has_news(state) {
        state.message(BACK);
    }
    if state.identity.is_some() {
        filter::on_reconnect(state, effects);
        catch_up(state, load::bring_into_view, effects)
    } else {
        // Without a session, the rest waits for the sign-in.
        None
    }
}

/// Returns `true` if the message reports a success: a write whose answer was lost may be known to
/// be saved before any answer shows that the server is back.
fn has_news(state: &State) -> bool {
    let banner = state.banner.as_ref();
    banner.is_some_and(|banner| banner.severity == Severity::Success)
}

/// Catches up after a sign-in or reconnect. `read` also reloads the rows.
pub(crate) fn catch_up(
    state: &mut State,
    read: fn(&mut State, &mut Effects),
    effects: &mut Effects,
) -> Option<Next> {
    live::follow(state, effects);
    unanswered::resolve(state, effects);
    accounts::read_lists(state, effects);
    read(state, effects);
    marking::advance(state, effects);
    batch::read_on(state, effects)
}

/// Tries to reach the server by reloading what is on the screen.
pub(crate) fn retry(state: &mut State, effects: &mut Effects) {
    let is_asking = state.overlay::<SignIn>().is_some();
    let Some(offline) = state
        .offline
        .as_mut()
        .filter(|offline| !offline.trying && !is_asking)
    else {
        return;
    };
    offline.trying = true;
    if state.identity.is_some() {
        load::refresh(state, effects);
    } else {
        call::send(state, Call::Resume, effects);
    }
}

/// Retries at once if offline; otherwise checks all unanswered writes.
pub(crate) fn ask_now(state: &mut State, effects: &mut Effects) {
    if state.offline.is_some() {
        retry(state, effects);
    } else {
        unanswered::resolve(state, effects);
    }
}
