//! A server that goes away and comes back.

use super::{account, ask, batch, lost, marks, table};
use crate::event::{Effect, Timer};
use crate::keys::{Action, Screen};
use crate::state::{Form, Offline, SignIn, State};

/// The server was not reached: tries again after a while, each time a longer one, unless that is under way.
pub(super) fn gone(state: &mut State, why: &str) -> Vec<Effect> {
    let tries = match &state.offline {
        Some(offline) if !offline.trying => return Vec::new(),
        Some(offline) => offline.tries.saturating_add(1),
        None => 1,
    };
    let (offline, pause) = Offline::after(tries, state.now, why.to_owned());
    state.offline = Some(offline);
    vec![Effect::Wait(Timer::Retry, pause)]
}

/// The server was reached: tells it if that is news, and catches up on what could not be asked.
pub(super) fn back(state: &mut State) -> Vec<Effect> {
    if state.offline.take().is_none() {
        return Vec::new();
    }
    match state.part::<Form>().is_some_and(Form::is_changed) {
        true => {
            let save = state.keymap.key(Screen::Form, Action::Save);
            state.say(format!("Back online. {save} saves what you wrote."));
        }
        false => state.say("Back online."),
    }
    if state.identity.is_none() {
        // All that follows is asked once somebody has signed in.
        return Vec::new();
    }
    catch_up(state, table::settle)
}

/// Asks for all that could not be asked: nobody was signed in, or the server was not there. `read` has the rows.
pub(super) fn catch_up(state: &mut State, read: fn(&mut State) -> Vec<Effect>) -> Vec<Effect> {
    let mut effects = lost::find_out(state);
    effects.extend(account::read_anew(state));
    effects.extend(read(state));
    effects.extend(marks::go_on(state));
    effects.extend(batch::read_on(state));
    effects
}

/// Tries to reach the server now, by asking for what is on the screen.
pub(super) fn retry(state: &mut State) -> Vec<Effect> {
    let is_asking = state.part::<SignIn>().is_some();
    let Some(offline) = state
        .offline
        .as_mut()
        .filter(|offline| !offline.trying && !is_asking)
    else {
        return Vec::new();
    };
    offline.trying = true;
    match state.identity {
        Some(_) => table::refresh(state),
        None => ask(state, Effect::Resume),
    }
}
