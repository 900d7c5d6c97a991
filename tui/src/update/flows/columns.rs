//! The columns: hidden, moved, pinned, wider and narrower; and kept for the next time.

use crate::effect::{Effects, LocalTask};
use crate::keys::Action;
use crate::state::State;
use crate::state::arrangement::{Arrangement, BAR, ColumnChange};
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
        Action::HideColumn => ColumnChange::Hide,
        Action::ColumnLeft => ColumnChange::Left,
        Action::ColumnRight => ColumnChange::Right,
        Action::PinColumn => ColumnChange::Pin,
        Action::Wider => ColumnChange::Resize {
            from: width(state, column),
            wider: true,
        },
        Action::Narrower => ColumnChange::Resize {
            from: width(state, column),
            wider: false,
        },
        _ => return reset(state, effects),
    };
    let before = state.table.arrangement.clone();
    state.table.arrangement.change(column, change);
    if state.table.arrangement == before {
        let message = limit(&before, column, change);
        return state.warn(message);
    }
    // The cursor stays on its column, or where it was.
    let shown: Vec<_> = state.table.arrangement.visible().collect();
    let at = shown
        .iter()
        .position(|shown| *shown == current)
        .unwrap_or(state.table.column);
    state.table.column = at.min(shown.len().saturating_sub(1));
    let mut order = state.table.order.iter();
    if order.any(|sorted| sorted.column == column && !shown.contains(&column)) {
        state.message(format!(
            "The table is still sorted by {}, which is now hidden.",
            column.label().to_lowercase()
        ));
    }
    keep(state, effects);
}

/// Why nothing has changed.
fn limit(arrangement: &Arrangement, column: TableColumn, change: ColumnChange) -> String {
    let setting = arrangement
        .all()
        .iter()
        .find(|setting| setting.column == column);
    let kind = if setting.is_some_and(|setting| setting.pinned) {
        "pinned"
    } else {
        "unpinned"
    };
    let label = column.label();
    match change {
        ColumnChange::Hide => format!("{label} is the last visible column and cannot be hidden."),
        ColumnChange::Left => format!("{label} is already the first {kind} column."),
        ColumnChange::Right => format!("{label} is already the last {kind} column."),
        ColumnChange::Resize { wider: true, .. } => format!("{label} cannot be wider."),
        ColumnChange::Resize { wider: false, .. } => format!("{label} cannot be narrower."),
        ColumnChange::Pin => String::new(),
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
    let laid_out = state
        .table
        .arrangement
        .lay_out(current, room, state.lines_per_row());
    laid_out
        .iter()
        .flatten()
        .find(|(shown, _)| *shown == column)
        .map_or(UNSEEN, |(_, width)| *width)
}

fn keep(state: &State, effects: &mut Effects) {
    if let Some(identity) = &state.identity {
        effects.push(LocalTask::SaveColumns {
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
        Err(why) => state.warn(format!("Can't read the saved columns: {why}.")),
    }
}
