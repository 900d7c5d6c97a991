//! The list of named filters.

use ratatui::Frame;
use ratatui::text::{Line, Span};

use super::theme::Theme;
use super::widgets::{dialog, field, form_field, list};
use crate::cells;
use crate::keys::{Action, Screen};
use crate::state::saved_filters::SavedFilter;
use crate::state::{NamedFilters, State};

/// The maximum width of the content.
const WIDTH: u16 = 64;

/// The width of a name.
const NAME: usize = 24;

/// The width of the label before a new name.
const LABEL: u16 = 8;

pub(super) fn draw(frame: &mut Frame<'_>, shown: &NamedFilters, state: &State, theme: &Theme) {
    let named: Vec<_> = state.table.saved.named.iter().collect();
    let height = named.len().max(1) + 4;
    let area = dialog::between_air(dialog::open(frame, "Filters", WIDTH, height, theme));
    let Some((last, rows)) = dialog::last_line(area) else {
        return;
    };
    if named.is_empty() && shown.name.is_none() {
        frame.render_widget(Line::styled("No filters yet.", theme.soft), rows);
    }
    for (at, (name, view), row) in list::in_view(&named, shown.chosen, rows) {
        // While a name is typed, the keys go to that field, so no row looks selected.
        let is_chosen = at == shown.chosen && shown.name.is_none();
        let sign = if is_chosen { "> " } else { "  " };
        let line = Line::from(vec![
            Span::raw(format!("{sign}{}", cells::fit(name, NAME))),
            Span::styled(
                what(view, usize::from(row.width).saturating_sub(NAME + 3)),
                theme.soft,
            ),
        ]);
        frame.render_widget(line, row);
        if is_chosen {
            frame.buffer_mut().set_style(row, theme.selected);
        }
    }
    if let Some(name) = &shown.name {
        let value = form_field::label(frame, last, LABEL, "Name", true, theme);
        let value = field::draw_extent(frame, value, theme);
        return field::draw(frame, value, name, true);
    }
    let key = state.keymap.key(Screen::NamedFilters, Action::New);
    let hint = format!("{key} names the current filter, sort and columns");
    frame.render_widget(Line::styled(hint, theme.soft), last);
}

/// The filter and the sort of a view.
fn what(view: &SavedFilter, width: usize) -> String {
    let filter = if view.filter.is_empty() {
        "everybody"
    } else {
        &view.filter
    };
    let sort = match view.sort.as_slice() {
        [] => String::new(),
        sort => format!(", by {}", sort.join(", ")),
    };
    cells::cut(&crate::escape::visible(&format!("{filter}{sort}")), width)
}
