//! Changes the columns and saves them for the next time.

use crate::effect::{Effects, LocalTask};
use crate::keys::Action;
use crate::state::State;
use crate::state::arrangement::{Arrangement, BAR, ColumnChange};
use crate::state::column::TableColumn;

/// The starting width for widening a column that is not on the screen.
const UNSEEN: u16 = 12;

/// Applies an action to a column and saves the arrangement.
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
    // Keep the cursor on its column, or in its place if that is hidden.
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

/// The message if nothing changed.
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
        // This always changes something.
        ColumnChange::Pin => String::new(),
    }
}

fn reset(state: &mut State, effects: &mut Effects) {
    state.table.arrangement = Arrangement::default();
    state.table.column = 0;
    keep(state, effects);
}

/// The current width of a column on the screen.
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

/// Applies the saved columns. An invalid file is reported and ignored.
pub(crate) fn on_loaded(state: &mut State, text: Result<Option<String>, String>) {
    match text.and_then(|text| text.map(|text| Arrangement::from_text(&text)).transpose()) {
        Ok(None) => {}
        Ok(Some(arrangement)) => state.table.arrangement = arrangement,
        Err(why) => state.warn(format!("Can't read the saved columns: {why}.")),
    }
}
