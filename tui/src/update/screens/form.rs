//! The form of a record.

use roster_common::{Field, Kind, Status};

use crate::effect::{Call, Effects, TerminalTask};
use crate::keys::{Action, Key};
use crate::layout::form::area_width;
use crate::layout::text_area::TextArea;
use crate::state::form::{Cell, Purpose};
use crate::state::suggestions::shows_person;
use crate::state::text::LineEdit;
use crate::state::{Confirm, Form, Question, State};
use crate::update::flows::{batch, email_owner, offline, suggestions, unanswered};
use crate::update::next::Next;
use crate::update::verbs::cursor::next_cell;
use crate::update::verbs::form as open_form;
use crate::update::verbs::{call, edit};

pub(crate) fn act(state: &mut State, action: Action, effects: &mut Effects) -> Option<Next> {
    let area = area_width(state.size.into());
    let form = state.overlay_mut::<Form>()?;
    match action {
        Action::Close if form.lost => return Next::open(Confirm::new(Question::LeaveUnconfirmed)),
        Action::Save if form.lost => {
            let is_sent = unanswered::save_again(state, effects);
            if !is_sent {
                offline::ask_now(state, effects);
            }
        }
        // While a request is in flight, the form can be neither edited nor closed.
        Action::Close if form.saving => state.message("The server has not answered yet."),
        Action::Close if form.suggestions.is_shown() => form.suggestions.close(),
        Action::Close if form.is_changed() => return Next::open(Confirm::new(Question::Discard)),
        Action::Close => open_form::close(state),
        _ if form.saving => {}
        Action::Save => return save(state, effects),
        Action::Suggestion => suggestions::open(state, effects),
        Action::EditField => {
            effects.push(TerminalTask::EditField(form.text(form.focus).to_owned()));
        }
        Action::Undo => again(form, LineEdit::undo),
        Action::Redo => again(form, LineEdit::redo),
        Action::NewLine if form.focus.kind() == Kind::Lines => {
            write(state, Key::Char('\n'), effects);
        }
        Action::Open | Action::NewLine => accept_or_next(form),
        Action::Down if form.suggestions.is_shown() => form.suggestions.choose(1),
        Action::Up | Action::Previous if form.suggestions.is_shown() => {
            form.suggestions.choose(-1);
        }
        Action::Down if move_line(form, 1, area) => {}
        Action::Up if move_line(form, -1, area) => {}
        Action::Down => go(form, 1),
        Action::Up | Action::Previous => go(form, -1),
        Action::First => leave_for(form, Field::ALL[0]),
        Action::Last => leave_for(form, Field::ALL[Field::ALL.len() - 1]),
        _ => {}
    }
    None
}

/// Moves the cursor a line down or up in the notes. Returns `false` if there is no such line, or the
/// focus is elsewhere.
fn move_line(form: &mut Form, by: isize, width: usize) -> bool {
    if form.focus.kind() != Kind::Lines {
        return false;
    }
    let line = form.line();
    let text = TextArea::new(line.text(), line.before_cursor().len(), width);
    let Some(at) = text.moved(by) else {
        return false;
    };
    line.move_to(at);
    true
}

/// A form of one cell: Enter saves, Tab also goes on to the next cell, and Esc keeps nothing.
pub(crate) fn act_in_cell(
    state: &mut State,
    action: Action,
    effects: &mut Effects,
) -> Option<Next> {
    let form = state.overlay_mut::<Form>()?;
    match action {
        // With a request in flight or an answer lost, the rules of the whole form apply, by the
        // last arm.
        Action::Save | Action::Open if !form.saving && !form.lost => {
            form.cell = Some(Cell {
                goes_on: action == Action::Open,
            });
            save_cell(state, effects)
        }
        Action::Close if !form.saving && !form.lost && !form.suggestions.is_shown() => {
            open_form::close(state);
            None
        }
        Action::Down if !form.suggestions.is_shown() => {
            suggestions::open(state, effects);
            None
        }
        Action::Up if !form.suggestions.is_shown() => None,
        _ => act(state, action, effects),
    }
}

fn save_cell(state: &mut State, effects: &mut Effects) -> Option<Next> {
    let form = state.overlay_mut::<Form>()?;
    let field = form.focus;
    if let Some(text) = form.offered().map(|suggestion| suggestion.text.clone()) {
        form.put(field, text);
    }
    form.suggestions.close();
    // The record may have an older error in another field, which cannot be fixed here.
    if form.error(field).is_some() {
        return None;
    }
    if form.changes().is_empty() {
        let goes_on = form.cell.is_some_and(|cell| cell.goes_on);
        open_form::finish(state);
        return goes_on.then(|| next_cell(state)).flatten();
    }
    send(state, effects)
}

/// Edits the field and updates its suggestions.
pub(crate) fn write(state: &mut State, key: Key, effects: &mut Effects) {
    let Some(form) = state.overlay_mut::<Form>().filter(|form| !form.saving) else {
        return;
    };
    if matches!(key, Key::Char(_)) {
        narrow_or_accept(form);
    }
    let changed = match form.focus.kind() {
        Kind::Status => choose_status(form, key),
        Kind::Person if shows_person(form.text(form.focus)) => replace_person(form.line(), key),
        Kind::Lines => edit::edit_lines(form.line(), key),
        Kind::Required | Kind::Text | Kind::Email | Kind::Phone | Kind::Person | Kind::Date => {
            edit::edit(form.line(), key)
        }
    };
    if changed {
        form.mark_edited();
        suggestions::on_edit(state, effects);
        email_owner::ask(state, effects);
    } else if matches!(key, Key::Ctrl('u') | Key::Delete) && form.can_clear(form.focus) {
        // Nothing was left to delete, so for many people the key clears the field for all.
        form.toggle_clear();
    }
}

/// Typing in the list of all values narrows it, and does not extend the value that the field has.
/// After a selected suggestion it keeps that one and goes on, as shells do.
fn narrow_or_accept(form: &mut Form) {
    if !form.suggestions.is_shown() || form.focus.kind() == Kind::Person {
        return;
    }
    if form.suggestions.is_picked {
        if let Some(text) = form.offered().map(|suggestion| suggestion.text.clone()) {
            form.put(form.focus, text);
        }
    } else if !form.touched.contains(&form.focus) {
        form.line().replace("");
    }
}

/// Returns the number of lines pasted.
pub(crate) fn on_paste(state: &mut State, text: &str, effects: &mut Effects) -> usize {
    let Some(form) = state
        .overlay_mut::<Form>()
        .filter(|form| !form.saving && form.focus.kind() != Kind::Status)
    else {
        return 0;
    };
    // A chosen person is one unit, which the paste replaces.
    if form.focus.kind() == Kind::Person && shows_person(form.text(form.focus)) {
        form.line().replace("");
    }
    let lines = match form.focus.kind() {
        Kind::Lines => {
            form.line().paste_lines(text);
            1
        }
        _ => form.line().paste(text),
    };
    form.mark_edited();
    suggestions::on_edit(state, effects);
    email_owner::ask(state, effects);
    lines
}

/// Takes over the text of a field from the editor. The line break at its end, which editors add, is
/// left out.
pub(crate) fn on_field_edited(
    state: &mut State,
    result: Result<String, String>,
    effects: &mut Effects,
) {
    match result {
        Err(failure) => state.warn(failure),
        Ok(text) => {
            let Some(form) = state.overlay_mut::<Form>() else {
                return;
            };
            let before = form.line().clone();
            // Emptied, so that the paste replaces the text instead of adding to it.
            form.line().replace("");
            let text = text.trim_end_matches(['\r', '\n']);
            if text == before.text() {
                *form.line() = before;
            } else if text.is_empty() {
                form.mark_edited();
            } else {
                _ = on_paste(state, text, effects);
            }
        }
    }
}

/// Focuses the field that was clicked.
pub(crate) fn press(state: &mut State, field: Field) {
    if let Some(form) = state
        .overlay_mut::<Form>()
        .filter(|form| !form.saving && !form.suggestions.is_shown())
    {
        leave_for(form, field);
    }
}

/// A chosen person is one unit: it is deleted whole, and typing replaces it.
fn replace_person(line: &mut LineEdit, key: Key) -> bool {
    let mut typed = LineEdit::default();
    let is_text = edit::edit(&mut typed, key);
    let changed = edit::edit(&mut line.clone(), key);
    if is_text || changed {
        line.replace(typed.text());
    }
    is_text || changed
}

fn again(form: &mut Form, step: fn(&mut LineEdit) -> bool) {
    if step(form.line()) {
        form.mark_edited();
    }
}

/// Accepts a suggestion, if any, and moves to the next field.
fn accept_or_next(form: &mut Form) {
    if let Some(text) = form.offered().map(|suggestion| suggestion.text.clone()) {
        form.put(form.focus, text);
    }
    go(form, 1);
}

/// Moves to another field, wrapping around.
fn go(form: &mut Form, by: isize) {
    let fields = Field::ALL;
    let here = fields
        .iter()
        .position(|field| *field == form.focus)
        .unwrap_or(0);
    let there = (here + fields.len()).saturating_add_signed(by) % fields.len();
    leave_for(form, fields.get(there).copied().unwrap_or(Field::Firstname));
}

/// Focuses `field`; the field that was left may now show its error.
fn leave_for(form: &mut Form, field: Field) {
    if !form.visited.contains(&form.focus) {
        form.visited.push(form.focus);
    }
    let left = form.focus;
    let (text, meant) = (form.text(left).to_owned(), form.value(left));
    if left.kind() == Kind::Date && meant != text {
        form.put(left, meant);
    }
    form.suggestions.close();
    form.focus = field;
}

fn choose_status(form: &mut Form, key: Key) -> bool {
    let before = form.text(Field::Status).to_owned();
    if matches!(form.purpose, Purpose::Many(_))
        && matches!(key, Key::Ctrl('u') | Key::Delete | Key::Backspace)
    {
        form.line().replace("");
    } else if let Some(word) = edit::choose(&Status::ALL.map(Status::as_str), &before, key) {
        _ = form.lines.insert(Field::Status, LineEdit::new(word));
    }
    form.text(Field::Status) != before
}

/// Sends the form, or focuses the first invalid field.
fn save(state: &mut State, effects: &mut Effects) -> Option<Next> {
    let form = state.overlay_mut::<Form>()?;
    form.visited = Field::ALL.to_vec();
    if let Some(field) = form.first_error() {
        leave_for(form, field);
        return None;
    }
    send(state, effects)
}

/// Sends the changes of a form without errors.
fn send(state: &mut State, effects: &mut Effects) -> Option<Next> {
    let form = state.overlay_mut::<Form>()?;
    // The server would refuse the older version, so the conflict opens without a request.
    if let Some(theirs) = form.newer.take() {
        return open_form::open_conflict(state, *theirs);
    }
    let changes = form.changes();
    let call = match &form.purpose {
        // Only these can be without changes: a new or restored record sends all its values.
        Purpose::Edit(_) | Purpose::Many(_) if changes.is_empty() => {
            open_form::finish(state);
            state.message("Nothing was changed.");
            return None;
        }
        Purpose::Edit(base) => Call::Change {
            id: base.id,
            version: base.version,
            changes,
        },
        Purpose::Create { key } => Call::Create {
            changes,
            key: key.clone(),
        },
        Purpose::Restore(base) => Call::Restore {
            id: base.id,
            changes,
        },
        Purpose::Many(ids) => {
            let ids = ids.clone();
            return batch::preview(state, &ids, &changes);
        }
    };
    form.saving = true;
    call::send(state, call, effects);
    None
}
