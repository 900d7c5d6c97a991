//! The changes by others, as they are committed.
//!
//! A changed record that is loaded is replaced at once: the event carries it, so no request is
//! needed. The rows are reloaded, around the cursor's person, only if a change may have moved a
//! row: at once after a single change, and once a second at most.

use std::time::Duration;

use jiff::SignedDuration;
use roster_common::event::{ChangedManyEvent, Event, RecordEvent};
use roster_common::query::{Column, SortKey};
use roster_common::{Employee, Field};

use super::{completion, offline, reading, unanswered};
use crate::effect::{Effects, LocalTask};
use crate::event::{StreamEvent, Timer};
use crate::format::people;
use crate::keys::{Action, Screen};
use crate::remote::ClientError;
use crate::state::column::TableColumn;
use crate::state::live::Live;
use crate::state::{Banner, Conflict, Severity, State};
use crate::update::next::Next;
use crate::update::verbs::message::{error_text, failed, left_list};
use crate::update::verbs::{cursor, form, load, names, related};

/// How long to wait if the server has no room for another stream.
const RETRY: Duration = Duration::from_secs(30);

/// Follows the changes, unless that is being done.
pub(crate) fn follow(state: &mut State, effects: &mut Effects) {
    if state.identity.is_some() && !state.live.following {
        state.live.following = true;
        effects.push(LocalTask::Follow);
    }
}

/// Handles what comes from the stream.
pub(crate) fn on_stream(
    state: &mut State,
    event: StreamEvent,
    effects: &mut Effects,
) -> Option<Next> {
    match event {
        StreamEvent::Opened => {
            on_opened(state);
            None
        }
        StreamEvent::Change(event) => on_change(state, event, effects),
        StreamEvent::Ended(error) => on_ended(state, &error, effects),
    }
}

/// The stream could not be opened: the server is unreachable, the session has ended, or there are
/// too many streams. The first two follow again once that is over.
fn on_ended(state: &mut State, error: &ClientError, effects: &mut Effects) -> Option<Next> {
    state.live.following = false;
    if matches!(error, ClientError::Unreachable { .. }) {
        return offline::on_answer(state, Some(error), effects);
    }
    if error.needs_sign_in() {
        return failed(state, error);
    }
    // Reported once: the attempts go on, and most fail in the same way.
    if state.live.refused.is_none() {
        let why = match error {
            ClientError::Protocol(_) => "The server does not answer.".to_owned(),
            _ => error_text(error),
        };
        let message = format!("No live updates. {why}");
        state.warn(message.as_str());
        state.live.refused = Some(message);
    }
    effects.push(LocalTask::Wait(Timer::Follow, RETRY));
    None
}

/// The stream is open: a message that it is not is outdated.
fn on_opened(state: &mut State) {
    let refused = state.live.refused.take();
    if refused.is_some() {
        _ = state
            .banner
            .take_if(|banner| Some(&banner.text) == refused.as_ref());
    }
}

fn on_change(state: &mut State, event: Event, effects: &mut Effects) -> Option<Next> {
    _ = state.identity.as_ref()?;
    let next = match &event {
        Event::Created(change) | Event::Changed(change) | Event::Deleted(change) => {
            unanswered::on_change(state, change, effects)
        }
        Event::ChangedMany(_) | Event::Reset(_) => None,
    };
    show_change(state, event, effects);
    next
}

fn show_change(state: &mut State, event: Event, effects: &mut Effects) {
    if let Some(missed) = state.live.paused.as_mut() {
        *missed += 1;
        return on_change_while_paused(state, &event, effects);
    }
    match event {
        Event::Created(change) => on_record(state, &change, true, effects),
        Event::Changed(change) => on_record(state, &change, false, effects),
        Event::Deleted(change) => on_deleted(state, &change, effects),
        Event::ChangedMany(many) => on_many(state, &many, effects),
        Event::Reset(_) => reload_after_burst(state, effects),
    }
}

/// An open form learns of its record even then.
fn on_change_while_paused(state: &mut State, event: &Event, effects: &mut Effects) {
    match event {
        Event::Created(change) | Event::Changed(change) => update_form(state, change, effects),
        Event::Deleted(change) => delete_form(state, change),
        Event::ChangedMany(_) | Event::Reset(_) => {}
    }
}

/// A record was added or changed.
fn on_record(state: &mut State, change: &RecordEvent, is_new: bool, effects: &mut Effects) {
    let Some(now) = change.record.as_deref() else {
        return;
    };
    let before = state.table.loaded(change.id).cloned();
    update_form(state, change, effects);
    related::on_change(state, change, before.as_ref(), effects);
    // Our own change, whose answer came first.
    if before.as_ref().is_some_and(|it| it.version >= now.version) {
        return;
    }
    if !state.is_me(&change.by) {
        state.live.note(change, is_new, before.as_ref());
    }
    state.table.replace(now);
    match &before {
        Some(before) if stays_in_place(state, before, now) => {}
        Some(before) => {
            report_left(state, before, now);
            reload(state, effects);
        }
        None => reload(state, effects),
    }
    names::fetch_shown_manager(state, effects);
}

/// Whether a loaded row still belongs where it is.
fn stays_in_place(state: &State, before: &Employee, now: &Employee) -> bool {
    let filter = state.table.conditions(state.now);
    let sort = state.table.sort();
    let is_sorted_alike = sort
        .keys()
        .iter()
        .map(|key| TableColumn::Column(key.column))
        .all(|column| column.of(before) == column.of(now));
    // Another name moves the reports too, if the list is sorted by it.
    let is_by_manager = |key: &SortKey| key.column == Column::Field(Field::Manager);
    let moves_reports = before.details.full_name() != now.details.full_name()
        && sort.keys().iter().any(is_by_manager);
    is_sorted_alike && !moves_reports && filter.matches(now)
}

/// Reports why a person on the screen is about to leave the list.
fn report_left(state: &mut State, before: &Employee, now: &Employee) {
    let matches = state.table.conditions(state.now).matches(now);
    let Some(news) = state.live.news(now.id).filter(|_| !matches) else {
        return;
    };
    let text = left_list(before, Some(news));
    report(state, now, text);
}

/// Shows a message about a person who is on the screen. It replaces an error only if it is about
/// the cursor's person, since a key would now act on someone else.
fn report(state: &mut State, person: &Employee, text: String) {
    if state.table.selected == Some(person.id) {
        state.message(text);
    } else if is_on_screen(state, person) {
        inform(state, text);
    }
}

fn is_on_screen(state: &State, person: &Employee) -> bool {
    let table = &state.table;
    let rows = table.top..table.top + state.rows_on_screen();
    rows.filter_map(|row| table.row(row))
        .any(|row| row.id == person.id)
}

/// Shows a message, unless there is an error to read.
fn inform(state: &mut State, text: String) {
    let is_error = |banner: &Banner| banner.severity == Severity::Error;
    if !state.banner.as_ref().is_some_and(is_error) {
        state.message(text);
    }
}

/// A record was deleted.
fn on_deleted(state: &mut State, change: &RecordEvent, effects: &mut Effects) {
    let person = state.table.loaded(change.id).cloned();
    related::on_change(state, change, person.as_ref(), effects);
    if let Some(person) = person.filter(|_| !state.is_me(&change.by)) {
        let text = format!("{} deleted {}.", change.by, person.details.full_name());
        report(state, &person, text);
    }
    delete_form(state, change);
    state.live.pass(change.id);
    cursor::on_deleted(state, change.id);
    reload(state, effects);
}

/// An import, or the undo of one, has changed records.
fn on_many(state: &mut State, many: &ChangedManyEvent, effects: &mut Effects) {
    if !state.is_me(&many.by) {
        let (by, who) = (&many.by, people(many.ids.len()));
        let text = match many.undoes {
            Some(run) => format!("{by} undid import {run} ({who})."),
            None => format!("{by} imported {who}."),
        };
        inform(state, text);
    }
    reload_after_burst(state, effects);
}

/// Tells the open form, and a conflict over it, that its record has changed.
fn update_form(state: &mut State, change: &RecordEvent, effects: &mut Effects) {
    let Some(now) = change.record.as_deref() else {
        return;
    };
    if let Some(conflict) = state.overlay::<Conflict>() {
        let is_newer = conflict.theirs.id == now.id && conflict.theirs.version < now.version;
        if is_newer && !conflict.saving {
            let by = state.who(&change.by);
            state.warn(format!("{by} changed this record again. Saving shows it."));
        }
        return;
    }
    // Also a change by the same account, from another program. What this form saves is no news to
    // it: until the answer it is locked, and then it is closed.
    _ = reading::update_form(state, now, effects);
}

fn delete_form(state: &mut State, change: &RecordEvent) {
    if form::is_of(state, change.id) {
        state.close::<Conflict>();
        form::on_record_deleted(state);
    }
}

/// Reloads the rows, now or when the last reload is a second ago.
fn reload(state: &mut State, effects: &mut Effects) {
    if state.live.waits {
        return;
    }
    match state.live.wait(state.now) {
        _ if is_busy(state) => reload_after_burst(state, effects),
        SignedDuration::ZERO => reload_now(state, effects),
        wait => reload_in(state, wait, effects),
    }
}

/// Reloads the rows when no more changes have come for a second.
fn reload_after_burst(state: &mut State, effects: &mut Effects) {
    related::on_many_changes(state, effects);
    reload_in(state, Live::PAUSE, effects);
}

fn reload_in(state: &mut State, wait: SignedDuration, effects: &mut Effects) {
    state.live.waits = true;
    let wait = Duration::try_from(wait).unwrap_or_default();
    effects.push(LocalTask::Wait(Timer::Reload, wait));
}

/// The timer of a reload fired.
pub(crate) fn on_timer(state: &mut State, effects: &mut Effects) {
    state.live.waits = false;
    if state.live.paused.is_some() {
        return;
    }
    if is_busy(state) {
        return reload_after_burst(state, effects);
    }
    reload_now(state, effects);
}

/// While a range is being marked, its rows must not move.
fn is_busy(state: &State) -> bool {
    state.table.range().is_some()
}

fn reload_now(state: &mut State, effects: &mut Effects) {
    state.live.reloaded = Some(state.now);
    load::refresh(state, effects);
    completion::refresh(state, effects);
}

/// Pauses live updates, or resumes them and shows what has changed since.
pub(crate) fn toggle_pause(state: &mut State, effects: &mut Effects) {
    if state.live.paused.take().is_none() {
        state.live.paused = Some(0);
        let key = state.keymap.key(Screen::Table, Action::Pause);
        return state.message(format!("Live updates paused. Press {key} to go on."));
    }
    state.message("Live updates are on.");
    reload_now(state, effects);
}
