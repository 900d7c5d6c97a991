//! Jumps elsewhere in the table, and back: to a manager, to the reports, to a narrower list.

use roster_common::query::Column;
use roster_common::{Employee, EmployeeId, Field};

use crate::effect::Effects;
use crate::state::State;
use crate::state::column::TableColumn;
use crate::state::jumps::Jump;
use crate::state::text::LineEdit;
use crate::update::verbs::{load, names};

/// The longest value that can be a condition.
const MAX_VALUE: usize = 200;

/// Remembers where the table is, before a jump.
pub(crate) fn leave(state: &mut State) {
    let jump = Jump::of(&state.table);
    state.table.jumps.push(jump);
}

/// Returns to the view before the last jump, with its filter, sort and cursor.
pub(crate) fn back(state: &mut State, effects: &mut Effects) {
    let Some(jump) = state.table.jumps.pop() else {
        return;
    };
    let table = &mut state.table;
    table.order = jump.order;
    (table.selected, table.cursor, table.top) = (jump.selected, jump.cursor, jump.top);
    set_filter(state, jump.filter);
    load::refresh(state, effects);
    names::fetch_filter_manager(state, effects);
}

/// Moves to the manager of the current person. The filter stays if it lets them through.
pub(crate) fn to_manager(state: &mut State, effects: &mut Effects) {
    let manager = state.current().and_then(|person| person.details.manager());
    let Some(id) = manager else {
        return;
    };
    leave(state);
    let filter = state.table.conditions(state.now);
    let is_listed = state.cached(id).is_some_and(|it| filter.matches(it));
    if !is_listed {
        set_filter(state, String::new());
    }
    state.table.selected = Some(id);
    state.table.sought = Some(id);
    state.table.detail = state.table.detail.map(|_| 0);
    load::refresh(state, effects);
}

/// The rows to which a jump led are there, without the manager: it leads back.
pub(crate) fn turn_back(state: &mut State, manager: EmployeeId, effects: &mut Effects) {
    back(state, effects);
    state.warn(format!("The manager (#{manager}) has been deleted."));
}

/// Lists the people who report to the current person.
pub(crate) fn to_reports(state: &mut State, effects: &mut Effects) {
    let Some(id) = state.current().map(|person| person.id) else {
        return;
    };
    leave(state);
    set_filter(state, format!("{}:{id}", Field::Manager.short_name()));
    state.table.detail = None;
    load::requery(state, effects);
    names::fetch_filter_manager(state, effects);
}

/// Lists the people who match a filter.
pub(crate) fn to_filter(state: &mut State, filter: String, effects: &mut Effects) {
    leave(state);
    set_filter(state, filter);
    state.table.detail = None;
    load::requery(state, effects);
}

/// Narrows the list to the value of the cursor's cell. The cursor stays on its person.
pub(crate) fn narrow(state: &mut State, effects: &mut Effects) {
    if let Some(condition) = cell_condition(state) {
        add_condition(state, &condition);
        load::refresh(state, effects);
        names::fetch_filter_manager(state, effects);
    }
}

/// Leaves out everyone with the value of the cursor's cell.
pub(crate) fn exclude(state: &mut State, effects: &mut Effects) {
    if let Some(condition) = cell_condition(state) {
        add_condition(state, &format!("!{condition}"));
        load::requery(state, effects);
    }
}

/// The condition that the cursor's cell meets, or a message.
fn cell_condition(state: &mut State) -> Option<String> {
    let column = state.table.column();
    let condition = condition(state.current()?, column);
    if condition.is_none() {
        state.warn("A filter cannot express this value.");
    }
    condition
}

fn condition(person: &Employee, column: TableColumn) -> Option<String> {
    let field = match column {
        TableColumn::Name => Field::Lastname,
        TableColumn::Column(Column::Id) => return Some(format!("id:{}", person.id)),
        column => column.field()?,
    };
    let name = field.short_name();
    let value = person.details.text(field);
    // A filter cannot contain these, and a part of the value would find other people.
    if value.contains(['"', '\n']) || value.chars().count() > MAX_VALUE {
        return None;
    }
    Some(match (field, value.as_ref()) {
        (_, "") => format!("{name}:\"\""),
        (Field::Manager, id) => format!("{name}:{id}"),
        (_, value) if value.chars().all(is_plain) => format!("{name}:={value}"),
        (_, value) => format!("{name}:=\"{value}\""),
    })
}

/// Whether a character means itself in a filter, also without quotation marks.
fn is_plain(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '.' | '@' | '_')
}

fn add_condition(state: &mut State, condition: &str) {
    leave(state);
    let filter = format!("{} {condition}", state.table.applied);
    set_filter(state, filter.trim_start().to_owned());
}

fn set_filter(state: &mut State, filter: String) {
    state.table.search = LineEdit::new(filter.as_str());
    state.table.applied = filter;
}
