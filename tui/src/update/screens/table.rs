//! The table, and the open record beside it.

use roster_common::Field;
use roster_common::query::Column;

use crate::availability::unavailable_on;
use crate::effect::Effects;
use crate::keys::{Action, Key, Screen};
use crate::layout::cell;
use crate::layout::record::last_line;
use crate::state::column::TableColumn;
use crate::state::form::Cell;
use crate::state::jumps::Jump;
use crate::state::table::SortedColumn;
use crate::state::{Columns, Confirm, Form, NamedFilters, Question, SignIn, State, Themes};
use crate::update::flows::{
    accounts, batch, columns, copy, deletion, draft, export, filter, history, import, live,
    marking, navigation, reading, saved_filters, undo,
};
use crate::update::next::Next;
use crate::update::verbs::{cursor, leave, load, message, names, propose, related};

/// The columns that have keys of their own.
const EMAIL: TableColumn = TableColumn::Column(Column::Field(Field::Email));
const STATUS: TableColumn = TableColumn::Column(Column::Field(Field::Status));

/// The maximum count: more than any list has.
const MAX_COUNT: usize = 1_000_000_000;

/// How many columns the table can be sorted by. The name column needs two of the server's sort
/// keys.
const MAX_ORDER: usize = 3;

/// Adds a digit to the count before a movement key. Returns `true` if the key is one.
pub(crate) fn counts(state: &mut State, key: Key) -> bool {
    let on_rows = matches!(state.screen(), Screen::Table | Screen::Detail);
    let digit = digit(state, key).filter(|_| on_rows);
    if let Some(digit) = digit {
        state.count = Some((state.count.unwrap_or(0) * 10 + digit).min(MAX_COUNT));
    }
    digit.is_some()
}

/// The digit of a key; a count cannot start with 0.
fn digit(state: &State, key: Key) -> Option<usize> {
    let Key::Char(c) = key else { return None };
    let digit = c.to_digit(10)? as usize;
    (digit > 0 || state.count.is_some()).then_some(digit)
}

pub(crate) fn act(state: &mut State, action: Action, effects: &mut Effects) -> Option<Next> {
    let count = state.count.take();
    match action {
        Action::Left | Action::Right => move_column(state, action, count.unwrap_or(1)),
        Action::Sort | Action::SortAlso => sort(state, action == Action::SortAlso, effects),
        Action::Search => filter::open(state),
        // While a range or a mark-all is under way, the key ends that and leaves the filter alone.
        Action::ClearSearch if marking::stop(state) => {}
        Action::ClearSearch => filter::clear(state, effects),
        Action::Mark => marking::toggle(state, effects),
        Action::MarkRange => marking::range(state, effects),
        Action::MarkAll => marking::all(state, effects),
        Action::ClearMarks => state.table.marks.clear(),
        Action::Open => open_record(state, effects),
        Action::Close => state.table.detail = None,
        Action::ScrollDown => scroll(state, 1),
        Action::ScrollUp => scroll(state, -1),
        Action::New => return write_new(state),
        Action::Edit => return write_changes(state, effects),
        Action::Delete => return delete(state, effects),
        Action::Set => return set(state),
        Action::OpenEditor => return draft::open(state, effects),
        Action::Undo => return undo::undo(state),
        Action::Redo => return undo::redo(state),
        Action::History => return open_history(state, effects),
        Action::Refresh => reading::reload(state, effects),
        Action::Pause => live::toggle_pause(state, effects),
        Action::CopyCell => copy::column(state, state.table.column(), effects),
        Action::CopyEmail => copy::column(state, EMAIL, effects),
        Action::Narrow => navigation::narrow(state, effects),
        Action::Exclude => navigation::exclude(state, effects),
        Action::Manager => navigation::to_manager(state, effects),
        Action::Reports => navigation::to_reports(state, effects),
        Action::Back => navigation::back(state, effects),
        Action::EditCell => return edit_cell(state, state.table.column(), effects),
        Action::EditStatus => return edit_cell(state, STATUS, effects),
        Action::Export => return export::open(state),
        Action::Import => return import::open(effects),
        Action::CopyRecord => copy::record(state, effects),
        Action::SignOut => return sign_out(state),
        Action::Server => return change_server(state),
        Action::MySessions => return accounts::open_sessions(state, effects),
        Action::Users => return accounts::open_users(state, effects),
        Action::Theme => return open_themes(state),
        Action::Columns => return open_columns(state),
        Action::NamedFilters => return Next::open(NamedFilters::default()),
        Action::HideColumn
        | Action::ColumnLeft
        | Action::ColumnRight
        | Action::Narrower
        | Action::Wider
        | Action::PinColumn => {
            let column = state.table.column();
            columns::change(state, column, action, effects);
        }
        Action::Quit => leave::quit(state, effects),
        _ => cursor::move_cursor(state, action, count, effects),
    }
    None
}

fn move_column(state: &mut State, action: Action, by: usize) {
    let column = match action {
        Action::Left => state.table.column.saturating_sub(by),
        _ => state.table.column.saturating_add(by),
    };
    state.table.column = column.min(state.table.arrangement.visible().count().saturating_sub(1));
}

/// Scrolls the open record, up to its end.
fn scroll(state: &mut State, by: isize) {
    let last = last_line(state);
    state.table.detail = state
        .table
        .detail
        .map(|line| line.min(last).saturating_add_signed(by).min(last));
}

/// Cycles the sort of the cursor's column: ascending, descending, off. It replaces the other sort
/// columns unless `also` is set.
fn sort(state: &mut State, also: bool, effects: &mut Effects) {
    let column = state.table.column();
    let jump = Jump::of(&state.table);
    let order = &mut state.table.order;
    let before = order.iter().find(|sorted| sorted.column == column).copied();
    if !also {
        order.retain(|sorted| sorted.column == column);
    }
    match before {
        None if order.len() == MAX_ORDER => {
            return state.warn(format!("You can sort by at most {MAX_ORDER} columns."));
        }
        None => order.push(SortedColumn {
            column,
            descending: false,
        }),
        Some(SortedColumn {
            descending: true, ..
        }) => order.retain(|sorted| sorted.column != column),
        Some(_) => {
            for sorted in order.iter_mut().filter(|sorted| sorted.column == column) {
                sorted.descending = true;
            }
        }
    }
    state.table.jumps.push(jump);
    saved_filters::remember(state, effects);
    // The cursor stays on its record, unless it was never moved.
    if state.table.cursor == 0 && state.table.detail.is_none() {
        load::requery(state, effects);
    } else {
        load::refresh(state, effects);
    }
}

/// Moves to the column whose heading was clicked, and sorts by it.
pub(crate) fn press_heading(state: &mut State, column: TableColumn, effects: &mut Effects) {
    if let Some(reason) = unavailable_on(state, Screen::Table, Action::Sort) {
        return state.warn(reason);
    }
    let place = state
        .table
        .arrangement
        .visible()
        .position(|shown| shown == column);
    state.table.column = place.unwrap_or(state.table.column);
    sort(state, false, effects);
}

/// Opens the current record and reloads it, since it may have changed.
fn open_record(state: &mut State, effects: &mut Effects) {
    state.table.detail = state.current().map(|_| 0);
    load::read_current(state, effects);
    names::fetch_shown_manager(state, effects);
    related::open(state, effects);
}

fn write_new(state: &mut State) -> Option<Next> {
    let key = state.next_idempotency_key();
    Next::open(Form::create(key, state.today()))
}

fn write_changes(state: &mut State, effects: &mut Effects) -> Option<Next> {
    let mut form = Form::edit(state.current()?.clone(), state.today());
    // Beside an open record, the cursor's column is not what the user looks at.
    let column = Some(state.table.column()).filter(|_| state.table.detail.is_none());
    form.focus = column.and_then(TableColumn::field).unwrap_or(form.focus);
    load::read_current(state, effects);
    names::name_manager(state, &mut form, effects);
    Next::open(form)
}

/// Edits one value of the current record, in the table. Where the table is hidden, the form opens
/// at its field.
fn edit_cell(state: &mut State, column: TableColumn, effects: &mut Effects) -> Option<Next> {
    let Some(field) = column.cell_field() else {
        state.warn(format!("{} cannot be edited.", column.label()));
        return None;
    };
    let mut form = Form::edit(state.current()?.clone(), state.today());
    form.focus = field;
    form.cell = cell::place(state, field).map(|_| Cell::default());
    names::name_manager(state, &mut form, effects);
    Next::open(form)
}

/// Opens the form for the marked people, or for the current one.
fn set(state: &mut State) -> Option<Next> {
    let targets = propose::targets(state);
    let ids = targets.into_iter().map(|(id, _)| id).collect();
    Next::open(Form::many(ids, state.today()))
}

fn delete(state: &mut State, effects: &mut Effects) -> Option<Next> {
    if !state.table.marks.is_empty() {
        return batch::delete_marked(state);
    }
    let employee = state.current()?.clone();
    deletion::ask(state, employee, None, effects)
}

fn open_history(state: &mut State, effects: &mut Effects) -> Option<Next> {
    let employee = state.current()?;
    let (id, name) = (employee.id, employee.details.full_name());
    history::open(state, id, name, effects)
}

fn sign_out(state: &mut State) -> Option<Next> {
    if state.identity.is_some() {
        Next::open(Confirm::new(Question::SignOut))
    } else {
        message::sign_in(state, None)
    }
}

fn change_server(state: &State) -> Option<Next> {
    let me = state.identity.as_ref();
    let username = me.map(|identity| identity.user.username.clone());
    Next::open(SignIn::elsewhere(&state.server, username))
}

fn open_columns(state: &State) -> Option<Next> {
    let here = state.table.column();
    let mut settings = state.table.arrangement.all().iter();
    let chosen = settings.position(|setting| setting.column == here);
    Next::open(Columns {
        chosen: chosen.unwrap_or(0),
    })
}

/// Opens the themes, at the current one.
fn open_themes(state: &State) -> Option<Next> {
    Next::open(Themes {
        before: state.theme,
    })
}
