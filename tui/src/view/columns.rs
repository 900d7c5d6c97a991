//! The column settings.

use ratatui::Frame;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::theme::Theme;
use super::widgets::{dialog, list};
use crate::cells;
use crate::state::arrangement::ColumnSetting;
use crate::state::{Columns, State};

/// The maximum width of the content.
const WIDTH: u16 = 40;

/// The width of a column's name.
const NAME: usize = 16;

pub(super) fn draw(frame: &mut Frame<'_>, dialog: Columns, state: &State, theme: &Theme) {
    let settings = state.table.arrangement.all();
    let height = settings.len() + 2;
    let area = dialog::between_air(dialog::open(frame, "Columns", WIDTH, height, theme));
    for (at, setting, row) in list::in_view(settings, dialog.chosen, area) {
        let is_chosen = at == dialog.chosen;
        frame.render_widget(line(setting, is_chosen, theme), row);
        if is_chosen {
            frame.buffer_mut().set_style(row, theme.selected);
        }
    }
}

fn line(setting: &ColumnSetting, is_chosen: bool, theme: &Theme) -> Line<'static> {
    let sign = if is_chosen { "> " } else { "  " };
    let shown = if setting.hidden { "○ " } else { "● " };
    let style = if setting.hidden {
        theme.line
    } else {
        Style::new()
    };
    let pinned = if setting.pinned { "pinned" } else { "" };
    let width = setting
        .width
        .map(|width| format!("width {width}"))
        .unwrap_or_default();
    Line::from(vec![
        Span::styled(
            format!("{sign}{shown}{}", cells::fit(setting.column.label(), NAME)),
            style,
        ),
        Span::styled(
            cells::fit(&format!("{} {width}", cells::fit(pinned, 7)), 20),
            theme.soft,
        ),
    ])
}
