//! The dialog of the columns.

use ratatui::Frame;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::theme::Theme;
use super::widgets::{dialog, list};
use crate::cells;
use crate::state::arrangement::Setup;
use crate::state::{Columns, State};

/// The widest content.
const WIDTH: u16 = 40;

/// The cells of a column's name.
const NAME: usize = 16;

pub(super) fn draw(frame: &mut Frame<'_>, dialog: Columns, state: &State, theme: &Theme) {
    let setups = state.table.arrangement.all();
    let area = dialog::open(frame, "Columns", WIDTH, setups.len(), theme);
    for (at, setup, row) in list::in_view(setups, dialog.chosen, area) {
        let is_chosen = at == dialog.chosen;
        frame.render_widget(line(setup, is_chosen, theme), row);
        if is_chosen {
            frame.buffer_mut().set_style(row, theme.selected);
        }
    }
}

fn line(setup: &Setup, is_chosen: bool, theme: &Theme) -> Line<'static> {
    let sign = if is_chosen { "> " } else { "  " };
    let shown = if setup.hidden { "○ " } else { "● " };
    let style = if setup.hidden {
        theme.dim
    } else {
        Style::new()
    };
    let pinned = if setup.pinned { "pinned" } else { "" };
    let width = setup
        .width
        .map(|width| format!("{width} wide"))
        .unwrap_or_default();
    Line::from(vec![
        Span::styled(
            format!("{sign}{shown}{}", cells::fit(setup.column.label(), NAME)),
            style,
        ),
        Span::styled(
            cells::fit(&format!("{} {width}", cells::fit(pinned, 7)), 20),
            theme.dim,
        ),
    ])
}
