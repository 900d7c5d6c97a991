//! `update(state, event) → effects`: pure, and the only way in which the state changes.
//!
//! This file dispatches events; nothing else calls a screen. A screen handles its keys with flows
//! and verbs, and returns what to open next as a [`Next`]. Nothing calls upwards.
//!
//! - [`screens`] one file for each screen: what its keys do
//! - [`flows`] tasks with several steps: saving, batches, undo, unanswered writes, offline
//! - [`verbs`] the small steps that screens and flows share: call, load, message, close
#![warn(
    unused_results,
    reason = "what is to be opened next must not be dropped by mistake"
)]

use jiff::SignedDuration;
use ratatui::layout::Position;
use roster_common::Field;

use crate::availability::unavailable;
use crate::effect::{Call, Effects, Exit, TerminalTask};
use crate::event::{Event, Mouse, Reply, Timer};
use crate::keys::{Action, Key, Screen};
use crate::layout::hit::{HitTarget, target};
use crate::state::{Help, Overlay, Palette, State};

mod flows;
mod next;
mod screens;
mod typed_ahead;
mod verbs;

use flows::{
    accounts, batch, columns, completion, copy, deletion, draft, email_owner, export, history,
    import, live, marking, offline, path, reading, saved_filters, saving, session, suggestions,
    unanswered, unsaved,
};
use next::Next;
use verbs::{call, cursor, load, names, related};

/// How many rows one step of the wheel scrolls.
const WHEEL_ROWS: usize = 3;

/// The effects at start.
pub fn start(state: &mut State) -> Effects {
    let mut effects = Effects::default();
    call::send(state, Call::Resume, &mut effects);
    effects
}

/// Applies an event to the state and returns the effects.
pub fn update(state: &mut State, event: Event) -> Effects {
    let mut effects = Effects::default();
    dispatch(state, event, &mut effects);
    names::fetch_for_dialogs(state, &mut effects);
    unsaved::keep(state, &mut effects);
    effects
}

fn dispatch(state: &mut State, event: Event, effects: &mut Effects) {
    match event {
        Event::Key(key) => on_key(state, key, effects),
        Event::Mouse(mouse, at) => on_mouse(state, mouse, at, effects),
        Event::Paste(text) => on_paste(state, &text, effects),
        Event::Resize(size) => {
            state.size = size;
            load::bring_into_view(state, effects);
            // Terminals reflow differently after a resize, so repaint everything.
            effects.push(TerminalTask::Redraw);
        }
        Event::Reply(reply) => {
            on_reply(state, *reply, effects);
            go_on(state, false, effects);
        }
        Event::Progress(progress) => {
            export::on_progress(state, &progress);
            import::on_progress(state, progress);
        }
        Event::FolderListed { folder, entries } => {
            path::on_listed(state, folder, entries);
            go_on(state, false, effects);
        }
        Event::Timer(Timer::Spinner) => call::spin(state, effects),
        Event::Timer(Timer::Retry) => offline::retry(state, effects),
        Event::Timer(Timer::Reload) => live::on_timer(state, effects),
        Event::Timer(Timer::Related) => related::load(state, effects),
        Event::Timer(Timer::Follow) => live::follow(state, effects),
        Event::Timer(Timer::CheckWrites) => unanswered::on_timer(state, effects),
        Event::Timer(Timer::TypedAhead) => go_on(state, true, effects),
        Event::Stream(event) => {
            let next = live::on_stream(state, *event, effects);
            follow(state, next, effects);
        }
        Event::EditorClosed {
            path,
            text,
            failure,
        } => {
            let next = draft::on_editor_closed(state, path, text, failure, effects);
            follow(state, next, effects);
        }
        Event::FieldEdited(result) => screens::form::on_field_edited(state, result, effects),
        Event::Clock(now) => state.now = now,
        Event::IdentityRenewed(identity) => session::on_renewed(state, identity),
        Event::ColumnsLoaded { user, text } => {
            if state.is_me(user.as_str()) {
                columns::on_loaded(state, text);
            }
        }
        Event::WorkFound { user, found } => {
            let is_mine = state.is_me(user.as_str());
            let next = is_mine.then(|| unsaved::on_found(state, *found)).flatten();
            follow(state, next, effects);
        }
        Event::FiltersLoaded { user, text } => {
            saved_filters::on_loaded(state, &user, text, effects);
        }
        Event::SaveFailed { what, why } => {
            state.warn(format!("{what} not saved: {why}."));
        }
        Event::WaitsForLock => state.warn("Waiting for another roster process …"),
        Event::Copied { what, result } => copy::on_copied(state, &what, result),
    }
}

/// Does what a screen or a flow returned.
fn follow(state: &mut State, next: Option<Next>, effects: &mut Effects) {
    match next {
        None => {}
        Some(Next::Open(screen)) => open(state, *screen, effects),
        Some(Next::Act(action)) => act(state, action, effects),
        Some(Next::Both(first, second)) => {
            follow(state, Some(*first), effects);
            follow(state, Some(*second), effects);
        }
    }
}

/// Opens an overlay. A batch begins at once, and may be done before anybody sees it.
fn open(state: &mut State, overlay: Overlay, effects: &mut Effects) {
    let is_batch = matches!(overlay, Overlay::Batch(_));
    state.open(overlay);
    if is_batch {
        let next = batch::advance(state, effects);
        follow(state, next, effects);
    }
}

fn on_key(state: &mut State, key: Key, effects: &mut Effects) {
    if !typed_ahead::keep(state, key, effects) {
        run_key(state, key, effects);
    }
}

/// Handles the keys that waited for a list, if they can go on.
fn go_on(state: &mut State, is_late: bool, effects: &mut Effects) {
    let mut keys = typed_ahead::release(state, is_late).into_iter();
    // The first one has waited long enough; the others may be about another list.
    if let Some(first) = keys.next() {
        run_key(state, first, effects);
    }
    for key in keys {
        on_key(state, key, effects);
    }
}

fn run_key(state: &mut State, key: Key, effects: &mut Effects) {
    if swallows(state, key) {
        return;
    }
    let key = pair(state, key);
    let action = state.keymap.action(state.screen(), key);
    // These keys are about the terminal and no answer to the message, which may still be unread.
    if !matches!(
        action,
        Some(Action::Interrupt | Action::Suspend | Action::Redraw)
    ) {
        state.banner = None;
    }
    // Half of a pair, or a digit of a count: what it does depends on the next key.
    if state.half.is_some() || screens::table::counts(state, key) {
        return;
    }
    match action {
        Some(action) => act(state, action, effects),
        None => write(state, key, effects),
    }
    state.count = None;
}

/// Whether a key belongs to the text for which a refused action would have opened a field. Its
/// letters must not run as commands.
fn swallows(state: &mut State, key: Key) -> bool {
    let Some(last) = state.swallowed.take() else {
        return false;
    };
    let is_soon = state.now.duration_since(last) < TYPING_PAUSE;
    let is_text = matches!(key, Key::Char(_) | Key::Backspace);
    state.swallowed = (is_soon && is_text).then_some(state.now);
    // The key that ends the text is part of it.
    is_soon && (is_text || matches!(key, Key::Enter | Key::Tab))
}

/// Whether the action opens a field, into which the next keys are typed.
fn opens_field(action: Action) -> bool {
    matches!(
        action,
        Action::Search
            | Action::New
            | Action::Edit
            | Action::EditCell
            | Action::Set
            | Action::Password
    )
}

/// Combines two presses of a letter into a pair, if the pair has an action; the first press waits
/// for the second.
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

/// Runs an action, or shows why it is unavailable.
fn act(state: &mut State, action: Action, effects: &mut Effects) {
    if let Some(reason) = unavailable(state, action) {
        state.swallowed = opens_field(action).then_some(state.now);
        return match action {
            // One Esc too many is no mistake.
            Action::ClearSearch => state.message(reason),
            _ => state.warn(reason),
        };
    }
    match action {
        Action::Interrupt => effects.push(TerminalTask::Quit(Exit::Interrupted)),
        Action::Suspend => effects.push(TerminalTask::Suspend),
        Action::Redraw => effects.push(TerminalTask::Redraw),
        Action::Palette => state.open(Palette::default()),
        Action::Help => state.open(Help::default()),
        _ => {
            let next = act_on_screen(state, action, effects);
            follow(state, next, effects);
        }
    }
}

fn act_on_screen(state: &mut State, action: Action, effects: &mut Effects) -> Option<Next> {
    match state.screen() {
        Screen::Table | Screen::Detail => return screens::table::act(state, action, effects),
        Screen::Form => return screens::form::act(state, action, effects),
        Screen::Cell => return screens::form::act_in_cell(state, action, effects),
        Screen::Confirm => return screens::confirm::act(state, action, effects),
        Screen::Conflict => return screens::conflict::act(state, action, effects),
        Screen::Batch => return screens::batch::act(state, action, effects),
        Screen::Export => return screens::export::act(state, action, effects),
        Screen::ImportFile => return screens::import::act_on_file(state, action, effects),
        Screen::Import => return screens::import::act(state, action, effects),
        Screen::History => return screens::history::act(state, action, effects),
        Screen::Palette => return screens::palette::act(state, action),
        Screen::MySessions => return screens::account::act(state, action, effects),
        Screen::Users => return screens::users::act(state, action, effects),
        Screen::UserForm => return screens::user_form::act(state, action, effects),
        Screen::ChangePassword => return screens::change_password::act(state, action, effects),
        Screen::Search => screens::search::act(state, action, effects),
        Screen::SignIn => screens::sign_in::act(state, action, effects),
        Screen::Help => screens::help::act(state, action),
        Screen::NamedFilters => screens::named_filters::act(state, action, effects),
        Screen::FilterName => screens::named_filters::act_on_name(state, action, effects),
        Screen::Columns => screens::columns::act(state, action, effects),
        Screen::Themes => screens::themes::act(state, action, effects),
        Screen::GeneratedPassword => screens::generated_password::act(state, action, effects),
    }
    None
}

/// A key without an action is text input.
fn write(state: &mut State, key: Key, effects: &mut Effects) {
    match state.screen() {
        Screen::Search => screens::search::write(state, key, effects),
        Screen::Form | Screen::Cell => screens::form::write(state, key, effects),
        Screen::SignIn => screens::sign_in::write(state, key),
        Screen::Help => screens::help::write(state, key),
        Screen::Palette => screens::palette::write(state, key),
        Screen::ChangePassword => screens::change_password::write(state, key),
        Screen::UserForm => screens::user_form::write(state, key),
        Screen::Batch => screens::batch::write(state, key),
        Screen::Export => screens::export::write(state, key, effects),
        Screen::ImportFile => screens::import::write(state, key, effects),
        Screen::FilterName => screens::named_filters::write(state, key),
        Screen::Table | Screen::Detail | Screen::Confirm | Screen::Conflict | Screen::History => {}
        Screen::MySessions
        | Screen::Users
        | Screen::GeneratedPassword
        | Screen::Columns
        | Screen::Themes
        | Screen::Import
        | Screen::NamedFilters => {}
    }
}

/// A paste is text input; it never triggers a key.
fn on_paste(state: &mut State, text: &str, effects: &mut Effects) {
    // The text comes after the keys before it.
    go_on(state, true, effects);
    state.banner = None;
    let lines = paste(state, text, effects);
    if lines > 1 && state.banner.is_none() {
        state.message(format!("Pasted {lines} lines as one."));
    }
}

/// Gives pasted text to the screen. Returns how many lines a line of text has taken.
fn paste(state: &mut State, text: &str, effects: &mut Effects) -> usize {
    match state.screen() {
        Screen::Search => screens::search::on_paste(state, text, effects),
        Screen::Form | Screen::Cell => screens::form::on_paste(state, text, effects),
        Screen::SignIn => screens::sign_in::on_paste(state, text),
        Screen::Help => screens::help::on_paste(state, text),
        Screen::Palette => screens::palette::on_paste(state, text),
        Screen::UserForm => screens::user_form::on_paste(state, text),
        Screen::FilterName => screens::named_filters::on_paste(state, text),
        Screen::Export => screens::export::on_paste(state, text, effects),
        Screen::ImportFile => screens::import::on_paste(state, text, effects),
        Screen::ChangePassword => {
            // A password is no line of text, so nothing is said about its lines.
            screens::change_password::on_paste(state, text);
            0
        }
        Screen::Table | Screen::Detail | Screen::Confirm | Screen::Conflict | Screen::History => 0,
        Screen::MySessions
        | Screen::Users
        | Screen::GeneratedPassword
        | Screen::Columns
        | Screen::Themes
        | Screen::NamedFilters
        | Screen::Import
        | Screen::Batch => 0,
    }
}

/// Handles the mouse, if it is enabled: the wheel scrolls and a press selects.
fn on_mouse(state: &mut State, mouse: Mouse, at: Position, effects: &mut Effects) {
    state.banner = None;
    (state.count, state.half) = (None, None);
    match mouse {
        Mouse::WheelUp => scroll(state, Action::Up, Action::ScrollUp, at, effects),
        Mouse::WheelDown => scroll(state, Action::Down, Action::ScrollDown, at, effects),
        Mouse::Press => press(state, at, effects),
    }
}

/// Scrolls the open record if the pointer is over it, otherwise moves the cursor. Forms ignore the
/// wheel, since it would leave fields.
fn scroll(state: &mut State, row: Action, line: Action, at: Position, effects: &mut Effects) {
    let has_list = state.table.suggestions.is_shown();
    match state.screen() {
        Screen::Table | Screen::Detail if target(state, at) == Some(HitTarget::Record) => {
            for _ in 0..WHEEL_ROWS {
                let next = screens::table::act(state, line, effects);
                follow(state, next, effects);
            }
        }
        Screen::Table | Screen::Detail => {
            cursor::move_cursor(state, row, Some(WHEEL_ROWS), effects);
        }
        // With suggestions open, the last arm moves in them and not in the rows that they cover.
        Screen::Search if !has_list => {
            cursor::move_cursor(state, row, Some(WHEEL_ROWS), effects);
        }
        Screen::Form
        | Screen::Cell
        | Screen::FilterName
        | Screen::SignIn
        | Screen::ChangePassword
        | Screen::Export
        | Screen::ImportFile
        | Screen::UserForm => {}
        _ => {
            for _ in 0..WHEEL_ROWS {
                act(state, row, effects);
            }
        }
    }
}

fn press(state: &mut State, at: Position, effects: &mut Effects) {
    match target(state, at) {
        // The suggestions may cover the table.
        Some(HitTarget::Heading(_) | HitTarget::Row(_)) if state.table.suggestions.is_shown() => {}
        Some(HitTarget::Heading(column)) => screens::table::press_heading(state, column, effects),
        Some(HitTarget::Row(row)) => press_row(state, row, effects),
        Some(HitTarget::Field(field)) => screens::form::press(state, field),
        Some(HitTarget::Record) | None => {}
    }
}

/// The pause that ends a text for which no field was opened.
const TYPING_PAUSE: SignedDuration = SignedDuration::from_secs(1);

/// The longest time between the presses of a double click.
const DOUBLE_CLICK: SignedDuration = SignedDuration::from_millis(500);

/// Moves to a row. A second press on the same person opens their record.
fn press_row(state: &mut State, row: usize, effects: &mut Effects) {
    let before = state.pressed.take();
    cursor::move_cursor(state, Action::First, Some(row + 1), effects);
    let Some(id) = state.table.selected else {
        return;
    };
    let is_second = before.is_some_and(|(then, person)| {
        person == id && state.now.duration_since(then) <= DOUBLE_CLICK
    });
    if is_second && state.screen() == Screen::Table {
        act(state, Action::Open, effects);
    } else {
        state.pressed = Some((state.now, id));
    }
}

fn on_reply(state: &mut State, reply: Reply, effects: &mut Effects) {
    call::on_answer(state, &reply);
    let next = offline::on_answer(state, reply.error(), effects);
    follow(state, next, effects);
    let next = route(state, reply, effects);
    follow(state, next, effects);
}

/// Passes a reply to the flow or screen that made the call.
fn route(state: &mut State, reply: Reply, effects: &mut Effects) -> Option<Next> {
    match reply {
        Reply::Resumed(result) => session::on_resumed(state, result, effects),
        Reply::SignedIn(result) => session::on_signed_in(state, result, effects),
        Reply::SignedOut(result) => session::on_signed_out(state, result, effects),
        Reply::Loaded {
            query_number,
            offset,
            result,
        } => reading::on_loaded(state, query_number, offset, result, effects),
        Reply::Values {
            field,
            text,
            result,
        } => {
            // The filter and a form ask in the same way; the filter knows its own question.
            if state.table.suggestions.awaits(field, &text) {
                completion::on_values(state, field, &text, result, effects);
            } else {
                suggestions::on_values(state, field, &text, result, effects);
            }
            None
        }
        Reply::People { text, result } => {
            if state.table.suggestions.awaits(Field::Manager, &text) {
                completion::on_people(state, &text, result, effects);
            } else {
                suggestions::on_people(state, &text, result, effects);
            }
            None
        }
        Reply::EmailOwners { email, result } => {
            email_owner::on_owners(state, email, result, effects);
            None
        }
        Reply::Fetched { id, result } => {
            // Several may want the same record; each ignores what it does not wait for.
            let of_table = reading::on_fetched(state, id, &result, effects);
            let of_batch = batch::on_fetched(state, id, &result, effects);
            suggestions::on_fetched(state, id, result, effects);
            Next::both(of_table, of_batch)
        }
        Reply::Exported(result) => export::on_exported(state, result, effects),
        Reply::Import(answer) => import::on_answer(state, *answer, effects),
        Reply::RunUndone { run, result } => import::on_undone(state, run, result, effects),
        Reply::HistoryRead { id, before, result } => {
            history::on_read(state, id, before, result, effects)
        }
        Reply::RelatedLoaded { id, result } => related::on_loaded(state, id, result),
        Reply::Applied { batch, row, result } => {
            batch::on_applied(state, batch, row, result, effects)
        }
        Reply::Collected { query, result } => {
            reading::on_collected(state, &query, &result);
            screens::confirm::on_collected(state, &query, &result);
            batch::on_collected(state, &query, &result);
            marking::on_collected(state, &query, result, effects)
        }
        Reply::Created(result) => saving::on_created(state, result, effects),
        Reply::Restored(result) => saving::on_restored(state, result, effects),
        Reply::Changed(result) => saving::on_changed(state, result, effects),
        Reply::Deleted { employee, result } => {
            deletion::on_deleted(state, employee, result, effects)
        }
        Reply::Account(answer) => accounts::on_answer(state, answer, effects),
        Reply::WriteChecked { write, result } => {
            unanswered::on_write_checked(state, *write, result, effects)
        }
        Reply::CreationChecked { creation, result } => {
            unanswered::on_creation_checked(state, *creation, result, effects)
        }
    }
}
