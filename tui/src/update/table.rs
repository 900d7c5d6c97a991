//! The table: moving, sorting, and asking for the rows that come into view.

use std::ops::Range;

use roster_common::query::{Start, Window};
use roster_common::{Code, Employee, EmployeeId, Query};

use super::{ask, failed, lost, marks, offline, question, reply};
use crate::event::Effect;
use crate::keys::{Action, Key, Screen};
use crate::remote::{ClientError, Result};
use crate::state::form::Purpose;
use crate::state::named::Named;
use crate::state::table::{Heading, Ordered, PAGE};
use crate::state::{Columns, Conflict, Form, Question, State};
use crate::view::detail::last_line;

/// A count that is longer than any list.
const MAX_COUNT: usize = 1_000_000_000;

/// How many columns may order the table: with the two of a name, as many as the server takes.
const MAX_ORDER: usize = 3;

/// Takes a digit of the count before a command over rows; whether the key is one.
pub(super) fn counts(state: &mut State, key: Key) -> bool {
    let on_rows = matches!(state.screen(), Screen::Table | Screen::Detail);
    let digit = digit(state, key).filter(|_| on_rows);
    if let Some(digit) = digit {
        state.count = Some((state.count.unwrap_or(0) * 10 + digit).min(MAX_COUNT));
    }
    digit.is_some()
}

pub(super) fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let count = state.count.take();
    match action {
        Action::Left | Action::Right => move_column(state, action, count.unwrap_or(1)),
        Action::Sort | Action::SortAlso => return sort(state, action == Action::SortAlso),
        Action::Search => super::search::open(state),
        Action::ClearSearch if marks::stop(state) => {}
        Action::ClearSearch => return super::search::clear(state),
        Action::Mark => return marks::toggle(state),
        Action::MarkRange => return marks::range(state),
        Action::MarkAll => return marks::all(state),
        Action::ClearMarks => state.table.marks.clear(),
        Action::Open => {
            state.table.detail = state.current().map(|_| 0);
            let mut effects = read_current(state);
            effects.extend(super::offers::name_shown(state));
            return effects;
        }
        Action::Close => state.table.detail = None,
        Action::ScrollDown => scroll(state, 1),
        Action::ScrollUp => scroll(state, -1),
        Action::New => write_new(state),
        Action::Edit => return write_changes(state),
        Action::Delete => return delete(state),
        Action::Set => super::batch::set(state),
        Action::Compose => return super::draft::open(state),
        Action::Undo => return super::undo::undo(state),
        Action::Redo => return super::undo::redo(state),
        Action::History => return super::history::open(state),
        Action::Refresh => return read_anew(state),
        Action::CopyCell => return super::copy::cell(state),
        Action::CopyRecord => return super::copy::record(state),
        Action::SignOut if state.identity.is_some() => return question(state, Question::SignOut),
        Action::SignOut => super::ask_to_sign_in(state, None),
        Action::Account => return super::account::open(state),
        Action::Users => return super::users::open(state),
        Action::Theme => return next_theme(state),
        Action::Columns => open_columns(state),
        Action::HideColumn
        | Action::ColumnLeft
        | Action::ColumnRight
        | Action::Narrower
        | Action::Wider
        | Action::PinColumn => return super::columns::change_current(state, action),
        Action::Quit => return super::leave(state),
        _ => return move_cursor(state, action, count),
    }
    Vec::new()
}

/// A digit of a count: no count begins with a nought.
fn digit(state: &State, key: Key) -> Option<usize> {
    let Key::Char(c) = key else { return None };
    let digit = c.to_digit(10)? as usize;
    (digit > 0 || state.count.is_some()).then_some(digit)
}

/// Moves the cursor by rows or screens, as the action says.
pub(super) fn move_cursor(state: &mut State, action: Action, count: Option<usize>) -> Vec<Effect> {
    let screen = state.rows_on_screen();
    let by = count.unwrap_or(1);
    let here = state.table.cursor;
    let last = state.table.len().saturating_sub(1);
    let row = match action {
        Action::Down => here.saturating_add(by),
        Action::Up => here.saturating_sub(by),
        Action::PageDown => here.saturating_add(by.saturating_mul(screen)),
        Action::PageUp => here.saturating_sub(by.saturating_mul(screen)),
        Action::HalfDown => here.saturating_add(by.saturating_mul(screen.div_ceil(2))),
        Action::HalfUp => here.saturating_sub(by.saturating_mul(screen.div_ceil(2))),
        Action::First => count.map_or(0, |row| row - 1),
        Action::Last => count.map_or(last, |row| row - 1),
        _ => return Vec::new(),
    };
    let row = if state.offline.is_some() {
        hold(state, row)
    } else {
        row
    };
    state.table.heading = if row < here {
        Heading::Up
    } else {
        Heading::Down
    };
    state.table.move_to(row);
    state.table.detail = state.table.detail.map(|_| 0);
    settle(state)
}

/// Without a server the cursor stays where records are: the row that is nearest to this one.
fn hold(state: &mut State, row: usize) -> usize {
    let wanted = row.min(state.table.len().saturating_sub(1));
    let held = state.table.nearest_here(wanted).unwrap_or(wanted);
    if held != wanted {
        state.warn("Offline: the rows beyond are not here.");
    }
    held
}

/// The rows of the cursor cannot be read: it goes back among those that are here.
pub(super) fn stay(state: &mut State) {
    if state.current().is_none() {
        let row = hold(state, state.table.cursor);
        state.table.move_to(row);
        keep_cursor_in_view(state);
    }
}

fn move_column(state: &mut State, action: Action, by: usize) {
    let column = match action {
        Action::Left => state.table.column.saturating_sub(by),
        _ => state.table.column.saturating_add(by),
    };
    state.table.column = column.min(state.table.arrangement.visible().count().saturating_sub(1));
}

fn scroll(state: &mut State, by: isize) {
    let last = last_line(state);
    state.table.detail = state
        .table
        .detail
        .map(|line| line.min(last).saturating_add_signed(by).min(last));
}

/// Turns the order of the cursor's column: up, down, off. Alone, or as one more after those that are there.
fn sort(state: &mut State, also: bool) -> Vec<Effect> {
    let column = state.table.column();
    let order = &mut state.table.order;
    let before = order
        .iter()
        .find(|ordered| ordered.column == column)
        .copied();
    if !also {
        order.retain(|ordered| ordered.column == column);
    }
    match before {
        None if order.len() == MAX_ORDER => {
            state.warn(format!("Sort by at most {MAX_ORDER} columns."));
            return Vec::new();
        }
        None => order.push(Ordered {
            column,
            descending: false,
        }),
        Some(Ordered {
            descending: true, ..
        }) => order.retain(|ordered| ordered.column != column),
        Some(_) => order
            .iter_mut()
            .filter(|ordered| ordered.column == column)
            .for_each(|o| o.descending = true),
    }
    refresh(state)
}

/// Asks another question, from its first row on.
pub(super) fn requery(state: &mut State) -> Vec<Effect> {
    state.table.cursor = 0;
    state.table.top = 0;
    state.table.selected = None;
    refresh(state)
}

/// Asks for everything again: at once, where the next try to reach the server would come later.
fn read_anew(state: &mut State) -> Vec<Effect> {
    if state.offline.is_some() {
        return offline::retry(state);
    }
    state.table.named = Named::default();
    let mut effects = lost::find_out(state);
    effects.extend(refresh(state));
    effects
}

/// Asks anew; the cursor stays on its record.
pub(super) fn refresh(state: &mut State) -> Vec<Effect> {
    state.table.renew();
    settle(state)
}

fn open_columns(state: &mut State) {
    let here = state.table.column();
    let chosen = state
        .table
        .arrangement
        .all()
        .iter()
        .position(|setup| setup.column == here);
    state.open(Columns {
        chosen: chosen.unwrap_or(0),
    });
}

/// Changes the theme; for the next time too, unless the person has written down which one that is to be.
fn next_theme(state: &mut State) -> Vec<Effect> {
    state.theme = state.theme.next();
    let name = state.theme.name();
    if state.keeps_theme {
        state.say(format!("The theme is {name}."));
        return vec![Effect::KeepTheme(state.theme)];
    }
    state.say(format!(
        "The theme is {name}, until you leave: NO_COLOR or config.toml chooses it."
    ));
    Vec::new()
}

fn write_new(state: &mut State) {
    let key = state.next_idempotency_key();
    state.open(Form::create(key, state.today()));
}

fn write_changes(state: &mut State) -> Vec<Effect> {
    let Some(employee) = state.current().cloned() else {
        return Vec::new();
    };
    state.open(Form::edit(employee, state.today()));
    let mut effects = read_current(state);
    effects.extend(super::offers::name_manager(state));
    effects
}

/// Reads the record of the cursor anew: it may be another one than when the list was read.
pub(super) fn read_current(state: &mut State) -> Vec<Effect> {
    let can_ask = state.identity.is_some() && state.offline.is_none();
    let id = state
        .current()
        .filter(|_| can_ask)
        .map(|employee| employee.id);
    id.map(|id| ask(state, Effect::Fetch { id }))
        .unwrap_or_default()
}

/// A record has been asked for.
pub(super) fn on_fetched(
    state: &mut State,
    id: EmployeeId,
    result: &Result<Employee>,
) -> Vec<Effect> {
    match result {
        Ok(now) => read(state, now),
        Err(ClientError::Refused(problem)) if problem.code == Code::EmployeeNotFound => {
            gone(state, id)
        }
        Err(error) if error.needs_sign_in() => {
            failed(state, error);
            Vec::new()
        }
        Err(_) => Vec::new(),
    }
}

/// Shows a record in the list, and in its form as far as nobody has written something else there. An answer that was
/// overtaken, by that to a change for one, tells nothing.
fn read(state: &mut State, now: &Employee) -> Vec<Effect> {
    if state
        .known(now.id)
        .is_some_and(|known| known.version > now.version)
    {
        return Vec::new();
    }
    state.table.replace(now);
    let is_compared = state.part::<Conflict>().is_some();
    if is_compared
        || !state
            .part_mut::<Form>()
            .is_some_and(|form| form.catch_up(now))
    {
        return super::offers::name_shown(state);
    }
    state.say(format!(
        "{} has changed {} since the list was read.",
        now.updated_by,
        now.details.full_name()
    ));
    super::offers::name_manager(state)
}

/// Somebody is gone who was opened: a form stays, with every word in it, and else the list is read anew.
fn gone(state: &mut State, id: EmployeeId) -> Vec<Effect> {
    let is_of =
        |form: &Form| matches!(&form.purpose, Purpose::Edit(base) if base.id == id) && !form.saving;
    if state.part::<Form>().is_some_and(is_of) {
        reply::deleted_meanwhile(state);
        return Vec::new();
    }
    let is_open =
        state.overlays.is_empty() && state.current().is_some_and(|employee| employee.id == id);
    if is_open { refresh(state) } else { Vec::new() }
}

fn delete(state: &mut State) -> Vec<Effect> {
    if !state.table.marks.is_empty() {
        return super::batch::delete_marked(state);
    }
    match state.current().cloned() {
        Some(employee) => ask_to_delete(state, employee, None),
        None => Vec::new(),
    }
}

pub(super) fn ask_to_delete(
    state: &mut State,
    employee: Employee,
    changed_by: Option<String>,
) -> Vec<Effect> {
    let query = reports_to(employee.id);
    question(
        state,
        Question::Delete {
            employee: Box::new(employee),
            changed_by,
            reports: 0,
        },
    );
    let can_ask = state.identity.is_some();
    if can_ask {
        ask(state, Effect::Collect { query })
    } else {
        Vec::new()
    }
}

/// Those of whom this person is the manager; one of them is enough to have their number.
pub(super) fn reports_to(id: EmployeeId) -> Query {
    let window = Window::Page {
        limit: 1,
        start: Start::Offset(0),
    };
    Query {
        q: format!("mgr:{id}"),
        window,
        ..Query::default()
    }
}

/// Brings the cursor into view, and asks for what is missing there: rows, and the manager of who is open.
pub(super) fn settle(state: &mut State) -> Vec<Effect> {
    keep_cursor_in_view(state);
    let mut effects = load(state);
    effects.extend(super::offers::name_shown(state));
    effects
}

fn load(state: &mut State) -> Vec<Effect> {
    let Some(pages) = wanted(state) else {
        return Vec::new();
    };
    let (generation, offset) = (state.table.generation, pages.start * PAGE);
    let query = state.table.query(&pages);
    state.table.asked.push(pages);
    state.table.loads += 1;
    ask(
        state,
        Effect::Load {
            generation,
            query,
            offset,
        },
    )
}

fn keep_cursor_in_view(state: &mut State) {
    let screen = state.rows_on_screen();
    let table = &mut state.table;
    let least = (table.cursor + 1).saturating_sub(screen);
    let most = table.len().saturating_sub(screen);
    // While nothing is known of a new question's length, the window stays where it is.
    let top = if table.is_outdated() {
        table.top
    } else {
        table.top.min(most)
    };
    table.top = top.clamp(least, table.cursor.max(least));
}

/// The pages to ask for now: those in view, and what comes next in the direction of travel, in one request.
///
/// A new question is asked when the last one has been answered, so fast typing sends no more than the server takes.
fn wanted(state: &State) -> Option<Range<usize>> {
    let table = &state.table;
    let screen = state.rows_on_screen();
    let is_waiting = state
        .offline
        .as_ref()
        .is_some_and(|offline| !offline.trying);
    if state.identity.is_none() || is_waiting || (table.is_outdated() && table.loads > 0) {
        return None;
    }
    if table.total.is_none() || table.is_outdated() {
        let pages = table.top / PAGE..(table.top + screen).div_ceil(PAGE);
        return (!table.asked.contains(&pages)).then_some(pages);
    }
    let (above, below) = match table.heading {
        Heading::Up => (PAGE, 0),
        Heading::Down => (0, PAGE),
    };
    let first = table.top.saturating_sub(above) / PAGE;
    let end = (table.top + screen + below).min(table.len()).div_ceil(PAGE);
    let is_missing = |page: &usize| {
        !table.pages.contains_key(page) && !table.asked.iter().any(|a| a.contains(page))
    };
    let start = (first..end).find(is_missing)?;
    let end = (start..end).take_while(|page| is_missing(page)).count() + start;
    Some(start..end.min(start + Window::MAX_LIMIT / PAGE))
}
