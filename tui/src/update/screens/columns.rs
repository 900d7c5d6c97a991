//! The dialog of the columns.

use crate::effect::Effects;
use crate::keys::Action;
use crate::state::column::TableColumn;
use crate::state::{Columns, State};
use crate::update::flows::columns;

pub(crate) fn act(state: &mut State, action: Action, effects: &mut Effects) {
    let setups = state.table.arrangement.all();
    let last = setups.len().saturating_sub(1);
    let Some(here) = state
        .part::<Columns>()
        .map(|dialog| dialog.chosen.min(last))
    else {
        return;
    };
    let column = setups
        .get(here)
        .map_or(TableColumn::Name, |setup| setup.column);
    let there = match action {
        Action::Close => return state.close::<Columns>(),
        Action::Up => here.saturating_sub(1),
        Action::Down => (here + 1).min(last),
        _ => {
            columns::change(state, column, action, effects);
            let mut setups = state.table.arrangement.all().iter();
            setups
                .position(|setup| setup.column == column)
                .unwrap_or(here)
        }
    };
    if let Some(dialog) = state.part_mut::<Columns>() {
        dialog.chosen = there;
    }
}
