//! One value that is edited in its cell of the table.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use roster_common::{Kind, Status};

use super::theme::Theme;
use super::widgets::{dialog, field, form_field, suggestions};
use crate::cells;
use crate::keys::Keymap;
use crate::layout::cell::{covered, place};
use crate::layout::form::hint;
use crate::state::{Form, State};

/// The width of a list of people.
const LIST: u16 = 40;

pub(super) fn draw(frame: &mut Frame<'_>, form: &Form, state: &State, theme: &Theme) {
    let Some((area, rows)) = place(state, form.focus) else {
        return;
    };
    dialog::clear(frame, covered(state, area, rows));
    if form.focus.kind() == Kind::Status {
        let chosen = form.text(form.focus);
        let words = Status::ALL.map(|status| (status.as_str(), status.as_str() == chosen));
        let choice = form_field::choice(&words, area.width, theme);
        frame.render_widget(choice, area);
    } else if let Some(line) = form.lines.get(&form.focus) {
        let value = field::draw_extent(frame, area, theme);
        field::draw(frame, value, line, !form.saving);
        if form.is_new(form.focus) {
            form_field::draw_new(frame, value, line.text(), theme);
        }
    }
    if form.suggestions.is_shown() {
        let width = area.width.max(LIST).min(rows.width);
        // The list may be wider than the cell and must stay within the table.
        let x = area.x.min(rows.right() - width);
        suggestions::draw(
            frame,
            Rect { x, width, ..area },
            rows,
            &form.suggestions,
            theme,
        );
    }
}

/// What the status line says while a cell is edited: the error of the value, or its rule.
pub(super) fn note(form: &Form, width: usize, keymap: &Keymap, theme: &Theme) -> Line<'static> {
    let (text, style) = match form.error(form.focus) {
        Some(error) => (error.to_string(), theme.bad),
        None if form.is_new(form.focus) => ("no one has this value yet".to_owned(), theme.soft),
        None => (hint(form, keymap), theme.soft),
    };
    let text = format!("{}: {text}", form.focus.label());
    Line::styled(cells::cut(&text, width), style)
}
