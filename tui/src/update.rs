//! What happens when something happens: pure, one file a screen.

use std::time::Duration;

use roster_common::{Action as Remedy, Code, Role};

use crate::event::{Effect, Event, Exit, Reply, Timer};
use crate::keys::{Action, Key, Screen};
use crate::remote::{ClientError, Identity};
use crate::state::{Confirm, Help, Palette, Question, SignIn, State};
use crate::why_not::why_not;

mod account;
mod batch;
mod columns;
mod completion;
mod confirm;
mod conflict;
mod copy;
mod draft;
mod edit;
mod fates;
mod form;
mod help;
mod history;
mod lost;
mod marks;
mod mouse;
mod offers;
mod offline;
mod palette;
mod reply;
mod search;
mod sign_in;
mod table;
mod undo;
mod users;

/// How long a frame of the spinner is shown.
const SPINNER: Duration = Duration::from_millis(100);

/// What to do at the start.
pub fn start(state: &mut State) -> Vec<Effect> {
    ask(state, Effect::Resume)
}

/// Changes the state by what happened, and says what is to be done about it.
pub fn update(state: &mut State, event: Event) -> Vec<Effect> {
    match event {
        Event::Key(key) => on_key(state, key),
        Event::Mouse(mouse, at) => mouse::on_mouse(state, mouse, at),
        Event::Paste(text) => on_paste(state, &text),
        Event::Resize(size) => {
            state.size = size;
            // What a terminal shows after it has changed its size, and perhaps back, is its own affair.
            let mut effects = table::settle(state);
            effects.push(Effect::Redraw);
            effects
        }
        Event::Reply(reply) => on_reply(state, *reply),
        Event::Timer(Timer::Spinner) => spin(state),
        Event::Timer(Timer::Retry) => offline::retry(state),
        Event::Composed {
            path,
            text,
            failure,
        } => draft::on_composed(state, path, text, failure),
        Event::Clock(now) => {
            state.now = now;
            Vec::new()
        }
        Event::Renewed(identity) => {
            renewed(state, identity);
            Vec::new()
        }
        Event::Recalled { user, text } => {
            if state
                .identity
                .as_ref()
                .is_some_and(|identity| identity.user.username == user)
            {
                columns::recalled(state, text);
            }
            Vec::new()
        }
        Event::NotKept { what, why } => {
            state.warn(format!("{what} not kept for the next time: {why}."));
            Vec::new()
        }
        Event::Copied { what, result } => {
            copy::copied(state, &what, result);
            Vec::new()
        }
    }
}

fn on_key(state: &mut State, key: Key) -> Vec<Effect> {
    let key = pair(state, key);
    let action = state.keymap.action(state.screen(), key);
    if !matches!(
        action,
        Some(Action::Interrupt | Action::Suspend | Action::Redraw)
    ) {
        state.banner = None;
    }
    if state.half.is_some() || table::counts(state, key) {
        return Vec::new();
    }
    let effects = match action {
        Some(action) => act(state, action),
        None => write(state, key),
    };
    state.count = None;
    effects
}

/// Makes one key of a letter's second press, where the pair has a meaning, and waits for it after the first.
fn pair(state: &mut State, key: Key) -> Key {
    let half = state.half.take();
    match key {
        Key::Char(c) if state.keymap.action(state.screen(), Key::Twice(c)).is_none() => key,
        Key::Char(c) if half == Some(c) => Key::Twice(c),
        Key::Char(c) => {
            state.half = Some(c);
            key
        }
        _ => key,
    }
}

/// Does what is possible now, and tells why the rest is not.
fn act(state: &mut State, action: Action) -> Vec<Effect> {
    if let Some(reason) = why_not(state, action) {
        state.warn(reason);
        return Vec::new();
    }
    match action {
        Action::Interrupt => return vec![Effect::Quit(Exit::Interrupted)],
        Action::Suspend => return vec![Effect::Suspend],
        Action::Redraw => return vec![Effect::Redraw],
        Action::Palette => {
            state.open(Palette::default());
            return Vec::new();
        }
        Action::Help => {
            state.open(Help::default());
            return Vec::new();
        }
        _ => {}
    }
    match state.screen() {
        Screen::Table | Screen::Detail => table::act(state, action),
        Screen::Search => search::act(state, action),
        Screen::Form => form::act(state, action),
        Screen::Confirm => confirm::act(state, action),
        Screen::Conflict => conflict::act(state, action),
        Screen::Batch => batch::act(state, action),
        Screen::History => history::act(state, action),
        Screen::SignIn => sign_in::act(state, action),
        Screen::Help => help::act(state, action),
        Screen::Columns => columns::act(state, action),
        Screen::Palette => palette::act(state, action),
        Screen::Account => account::act(state, action),
        Screen::ChangePassword => account::act_on_password(state, action),
        Screen::Users => users::act(state, action),
        Screen::UserForm => users::act_on_form(state, action),
        Screen::Handover => users::act_on_handover(state, action),
    }
}

/// A key that is no action is text where text is written.
fn write(state: &mut State, key: Key) -> Vec<Effect> {
    match state.screen() {
        Screen::Search => return search::write(state, key),
        Screen::Form => return form::write(state, key),
        Screen::SignIn => sign_in::write(state, key),
        Screen::Help => help::write(state, key),
        Screen::Palette => palette::write(state, key),
        Screen::ChangePassword => account::write_password(state, key),
        Screen::UserForm => users::write(state, key),
        Screen::Batch => batch::write(state, key),
        Screen::Table | Screen::Detail | Screen::Confirm | Screen::Conflict | Screen::History => {}
        Screen::Account | Screen::Users | Screen::Handover | Screen::Columns => {}
    }
    Vec::new()
}

/// A paste is text where text is written, and nothing elsewhere: it never presses a key.
fn on_paste(state: &mut State, text: &str) -> Vec<Effect> {
    match state.screen() {
        Screen::Search => return search::on_paste(state, text),
        Screen::Form => return form::on_paste(state, text),
        Screen::SignIn => sign_in::on_paste(state, text),
        Screen::Help => help::on_paste(state, text),
        Screen::Palette => palette::on_paste(state, text),
        Screen::ChangePassword => account::paste_password(state, text),
        Screen::UserForm => users::paste(state, text),
        Screen::Table | Screen::Detail | Screen::Confirm | Screen::Conflict => {}
        Screen::Account
        | Screen::Users
        | Screen::Handover
        | Screen::Batch
        | Screen::History
        | Screen::Columns => {}
    }
    Vec::new()
}

fn on_reply(state: &mut State, reply: Reply) -> Vec<Effect> {
    state.in_flight = state.in_flight.saturating_sub(1);
    state.writes = state.writes.saturating_sub(reply.is_to_write().into());
    reply::on_reply(state, reply)
}

/// Counts a call to the server as in flight, and starts the spinner with the first one.
fn ask(state: &mut State, effect: Effect) -> Vec<Effect> {
    state.in_flight += 1;
    state.writes += usize::from(effect.is_write());
    let mut effects = vec![effect];
    if state.in_flight == 1 {
        state.spinner = 0;
        effects.push(Effect::Wait(Timer::Spinner, SPINNER));
    }
    effects
}

/// The spinner turns only while something is in flight.
fn spin(state: &mut State) -> Vec<Effect> {
    state.spinner = state.spinner.wrapping_add(1);
    match state.in_flight {
        0 => Vec::new(),
        _ => vec![Effect::Wait(Timer::Spinner, SPINNER)],
    }
}

/// Who is signed in may do more or less than before: tells it, and takes nothing away that is open.
fn renewed(state: &mut State, identity: Identity) {
    let Some(known) = state
        .identity
        .as_mut()
        .filter(|known| known.user.username == identity.user.username)
    else {
        return;
    };
    let role = identity.user.role;
    let is_another = known.user.role != role;
    *known = identity;
    if is_another {
        state.say(format!("Your role is now {role}: {}.", may(role)));
    }
}

/// What a role may do, in a few words.
fn may(role: Role) -> &'static str {
    match role {
        Role::Viewer => "you may read, and change nothing",
        Role::Editor => "you may add and change people, and delete nobody",
        Role::Admin => "you may do everything",
    }
}

/// Leaves, unless the server still has to say what came of a change: leaving could lose it in silence.
fn leave(state: &mut State) -> Vec<Effect> {
    if state.is_waiting_for_a_write() {
        state.warn("The server has not answered yet. Ctrl-c leaves without its answer.");
        return Vec::new();
    }
    vec![Effect::Quit(Exit::Done)]
}

/// A question, with the harmless answer chosen.
fn question(state: &mut State, question: Question) -> Vec<Effect> {
    state.open(Confirm {
        question,
        chosen: 0,
    });
    Vec::new()
}

/// By how many rows an action moves the cursor of a list in a box.
fn steps(state: &State, action: Action) -> isize {
    let page = isize::try_from(state.rows_on_screen() / 2).unwrap_or(1);
    match action {
        Action::Down => 1,
        Action::Up => -1,
        Action::PageDown => page,
        Action::PageUp => -page,
        Action::First => isize::MIN,
        Action::Last => isize::MAX,
        _ => 0,
    }
}

/// Tells of a call that failed; a session that has ended is told by the sign-in form, over everything that is open.
fn failed(state: &mut State, error: &ClientError) {
    if error.needs_sign_in() {
        ask_to_sign_in(state, Some(in_words(error)));
    } else {
        state.warn(in_words(error));
    }
}

/// Opens the sign-in form, unless somebody is already writing in it.
fn ask_to_sign_in(state: &mut State, reason: Option<String>) {
    let identity = state.identity.take();
    if state.part::<SignIn>().is_none() {
        let username = identity.map(|identity| identity.user.username);
        state.open(SignIn::new(&state.server, username, reason));
    }
}

/// A failure as one person would tell it to another.
fn in_words(error: &ClientError) -> String {
    let problem = match error {
        ClientError::Refused(problem) => problem,
        ClientError::SignInAgain(told) => return told.clone(),
        ClientError::Unreachable { why, .. } => {
            return format!("The server cannot be reached: {why}.");
        }
        other => return capitalised(&format!("{other}.")),
    };
    match problem.code {
        Code::CredentialsInvalid => "Wrong username or password.".to_owned(),
        Code::SessionExpired => "Your session has expired. Sign in to go on.".to_owned(),
        Code::SessionEnded => {
            "The session has been ended, by you elsewhere or by an admin. Sign in to go on."
                .to_owned()
        }
        Code::SessionReuse => {
            "This session was in use in two places, and has been ended. Sign in to go on."
                .to_owned()
        }
        Code::AccountDisabled => {
            "Your account has been disabled. Only an admin can open it again.".to_owned()
        }
        Code::RefreshInvalid | Code::TokenInvalid => {
            "The server does not know this session any more. Sign in to go on.".to_owned()
        }
        Code::TokenMissing | Code::RefreshMissing => "Sign in to go on.".to_owned(),
        _ if problem.detail.is_empty() => format!("{}.", problem.title),
        _ if problem.action == Remedy::Login => format!("{} Sign in to go on.", problem.detail),
        _ => problem.detail.clone(),
    }
}

fn capitalised(text: &str) -> String {
    let text = text.replace("..", ".");
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}
