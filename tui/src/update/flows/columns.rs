//! The columns: hidden, moved, pinned, wider and narrower; and kept for the next time.

use crate::effect::{Effects, LocalTask};
use crate::keys::Action;
use crate::state::State;
use crate::state::arrangement::{Arrangement, BAR, Change};
use crate::state::column::TableColumn;

/// The width from which a column that has no room is made wider.
const UNSEEN: u16 = 12;

/// Changes a column as the action says, and keeps that for the next time.
pub(crate) fn change(
    state: &mut State,
    column: TableColumn,
    action: Action,
    effects: &mut Effects,
) {
    let current = state.table.column();
    let change = match action {
        Action::HideColumn => Change::Hide,
        Action::ColumnLeft => Change::Left,
        Action::ColumnRight => Change::Right,
        Action::PinColumn => Change::Pin,
        Action::Wider => Change::Resize {
            from: width(state, column),
            wider: true,
        },
        Action::Narrower => Change::Resize {
            from: width(state, column),
            wider: false,
        },
        _ => return reset(state, effects),
    };
    let before = state.table.arrangement.clone();
    state.table.arrangement.change(column, change);
    if state.table.arrangement == before {
        let told = limit(&before, column, change);
        return state.warn(told);
    }
    // The cursor stays on its column, or where it was.
    let shown: Vec<_> = state.table.arrangement.visible().collect();
    let at = shown
        .iter()
        .position(|shown| *shown == current)
        .unwrap_or(state.table.column);
    state.table.column = at.min(shown.len().saturating_sub(1));
    let mut order = state.table.order.iter();
    if order.any(|ordered| ordered.column == column && !shown.contains(&column)) {
        state.say(format!(
            "The table is still sorted by {}, which is hidden.",
            column.label().to_lowercase()
        ));
    }
    keep(state, effects);
}

/// Why nothing has changed.
fn limit(arrangement: &Arrangement, column: TableColumn, change: Change) -> String {
    let setup = arrangement
        .all()
        .iter()
        .find(|setup| setup.column == column);
    let kind = if setup.is_some_and(|setup| setup.pinned) {
        "pinned"
    } else {
        "unpinned"
    };
    let label = column.label();
    match change {
        Change::Hide => format!("{label} is the only column that is shown, and stays."),
        Change::Left => format!("{label} is the first of the {kind} columns."),
        Change::Right => format!("{label} is the last of the {kind} columns."),
        Change::Resize { wider: true, .. } => format!("{label} cannot be wider."),
        Change::Resize { wider: false, .. } => format!("{label} cannot be narrower."),
        Change::Pin => String::new(),
    }
}

fn reset(state: &mut State, effects: &mut Effects) {
    state.table.arrangement = Arrangement::default();
    state.table.column = 0;
    keep(state, effects);
}

/// How wide a column is on the screen.
fn width(state: &State, column: TableColumn) -> u16 {
    let (current, room) = (state.table.column(), state.size.width.saturating_sub(BAR));
    let laid = state
        .table
        .arrangement
        .lay_out(current, room, state.lines_per_row());
    laid.iter()
        .flatten()
        .find(|(shown, _)| *shown == column)
        .map_or(UNSEEN, |(_, width)| *width)
}

fn keep(state: &State, effects: &mut Effects) {
    if let Some(identity) = &state.identity {
        effects.push(LocalTask::KeepColumns {
            user: identity.user.username.clone(),
            text: state.table.arrangement.to_text(),
        });
    }
}

/// Takes the columns as they were the last time. A file that cannot be used is told, and changes
/// nothing.
pub(crate) fn on_recalled(state: &mut State, text: Result<Option<String>, String>) {
    match text.and_then(|text| text.map(|text| Arrangement::from_text(&text)).transpose()) {
        Ok(None) => {}
        Ok(Some(arrangement)) => state.table.arrangement = arrangement,
        Err(why) => state.warn(format!(
            "The columns of the last time cannot be read: {why}."
        )),
    }
}
