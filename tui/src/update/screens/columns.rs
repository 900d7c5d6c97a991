//! The column settings.

use crate::effect::Effects;
use crate::keys::Action;
use crate::state::column::TableColumn;
use crate::state::{Columns, State};
use crate::update::flows::columns;

pub(crate) fn act(state: &mut State, action: Action, effects: &mut Effects) {
    let settings = state.table.arrangement.all();
    let last = settings.len().saturating_sub(1);
    let Some(here) = state
        .overlay::<Columns>()
        .map(|dialog| dialog.chosen.min(last))
    else {
        return;
    };
    let column = settings
        .get(here)
        .map_or(TableColumn::Name, |setting| setting.column);
    let there = match action {
        Action::Close => return state.close::<Columns>(),
        Action::Up => here.saturating_sub(1),
        Action::Down => (here + 1).min(last),
        _ => {
            columns::change(state, column, action, effects);
            // The change may have moved the column, and the cursor follows it.
            let mut settings = state.table.arrangement.all().iter();
            settings
                .position(|setting| setting.column == column)
                .unwrap_or(here)
        }
    };
    if let Some(dialog) = state.overlay_mut::<Columns>() {
        dialog.chosen = there;
    }
}
