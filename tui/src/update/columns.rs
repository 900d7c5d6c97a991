//! The columns: hidden, moved, pinned, wider and narrower; and kept for the next time.

use crate::event::Effect;
use crate::keys::Action;
use crate::state::arrangement::{Arrangement, BAR, Change};
use crate::state::column::TableColumn;
use crate::state::{Columns, State};

/// The width from which a column that has no room is made wider.
const UNSEEN: u16 = 12;

/// In the dialog.
pub(super) fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let setups = state.table.arrangement.all();
    let last = setups.len().saturating_sub(1);
    let Some(here) = state
        .part::<Columns>()
        .map(|dialog| dialog.chosen.min(last))
    else {
        return Vec::new();
    };
    let column = setups
        .get(here)
        .map_or(TableColumn::Name, |setup| setup.column);
    let (there, effects) = match action {
        Action::Close => {
            state.close::<Columns>();
            return Vec::new();
        }
        Action::Up => (here.saturating_sub(1), Vec::new()),
        Action::Down => ((here + 1).min(last), Vec::new()),
        _ => {
            let effects = change(state, column, action);
            let at = state
                .table
                .arrangement
                .all()
                .iter()
                .position(|setup| setup.column == column);
            (at.unwrap_or(here), effects)
        }
    };
    state.open(Columns { chosen: there });
    effects
}

/// Changes the column of the cursor.
pub(super) fn change_current(state: &mut State, action: Action) -> Vec<Effect> {
    let column = state.table.column();
    change(state, column, action)
}

fn change(state: &mut State, column: TableColumn, action: Action) -> Vec<Effect> {
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
        _ => return reset(state),
    };
    let before = state.table.arrangement.clone();
    state.table.arrangement.change(column, change);
    if state.table.arrangement == before {
        let told = limit(&before, column, change);
        state.warn(told);
        return Vec::new();
    }
    // The cursor stays on its column, or where it was.
    let shown: Vec<_> = state.table.arrangement.visible().collect();
    let at = shown
        .iter()
        .position(|shown| *shown == current)
        .unwrap_or(state.table.column);
    state.table.column = at.min(shown.len().saturating_sub(1));
    if state
        .table
        .order
        .iter()
        .any(|ordered| ordered.column == column && !shown.contains(&column))
    {
        state.say(format!(
            "The table is still sorted by {}, which is hidden.",
            column.label().to_lowercase()
        ));
    }
    keep(state)
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

fn reset(state: &mut State) -> Vec<Effect> {
    state.table.arrangement = Arrangement::default();
    state.table.column = 0;
    keep(state)
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

fn keep(state: &State) -> Vec<Effect> {
    let keep = |identity: &crate::remote::Identity| Effect::KeepColumns {
        user: identity.user.username.clone(),
        text: state.table.arrangement.to_text(),
    };
    state.identity.as_ref().map(keep).into_iter().collect()
}

/// Takes the columns as they were the last time. A file that cannot be used is told, and changes nothing.
pub(super) fn recalled(state: &mut State, text: Result<Option<String>, String>) {
    match text.and_then(|text| text.map(|text| Arrangement::from_text(&text)).transpose()) {
        Ok(None) => {}
        Ok(Some(arrangement)) => state.table.arrangement = arrangement,
        Err(why) => state.warn(format!(
            "The columns of the last time cannot be read: {why}."
        )),
    }
}
