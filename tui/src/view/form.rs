//! The form of a record: each field with its hint or error.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use roster_common::{Field, Kind, Status};

use super::theme::Theme;
use super::widgets::{dialog, field as input, form_field, grid, suggestions};
use crate::cells;
use crate::keys::Keymap;
use crate::layout::form::{
    FormLine, LABEL, Note, NoteKind, WIDTH, height, hint, lines_in_view, notes, parts,
};
use crate::state::Form;
use crate::state::form::Purpose;

/// The indentation of the hint, which begins below the labels.
const HINT: u16 = 2;

pub(super) fn draw(frame: &mut Frame<'_>, form: &Form, keymap: &Keymap, theme: &Theme) {
    let title = match &form.purpose {
        Purpose::Create { .. } => "New person".to_owned(),
        Purpose::Edit(base) => cells::cut(&base.details.full_name(), usize::from(WIDTH) - 2),
        Purpose::Many(_) => format!("Set fields for {}", form.name()),
    };
    let notes = notes(form, frame.area());
    let height = height(form, &notes, frame.area());
    let inner = dialog::open(frame, &title, WIDTH, height, theme);
    let [area, hint_area] = parts(form, inner, &notes);
    let (hidden, lines) = lines_in_view(&notes, form.focus, area.height.into());
    let outer = dialog::place(frame.area(), WIDTH, height).0;
    let bar = Rect {
        x: outer.right().saturating_sub(1),
        width: 1,
        ..area
    };
    grid::draw_scroll_bar(
        frame.buffer_mut(),
        bar,
        hidden,
        area.height.into(),
        hidden + lines.len(),
        theme,
    );
    // The list may reach into the hint.
    if !form.suggestions.is_shown() {
        draw_hint(frame, hint_area, &hint(form, keymap), theme);
    }
    let mut focused = area;
    for (line, area) in lines.into_iter().zip(area.rows()) {
        match line {
            FormLine::Field(field) => draw_field(frame, area, form, field, theme),
            FormLine::Note(note) => {
                frame.render_widget(styled(note, theme), form_field::after(area, LABEL));
            }
        }
        if matches!(line, FormLine::Field(field) if field == form.focus) {
            focused = area;
        }
    }
    if form.suggestions.is_shown() {
        let x = focused.x.saturating_add(LABEL - 2);
        let field = Rect {
            x,
            width: focused.right().saturating_sub(x),
            ..focused
        };
        let within = dialog::between_air(inner);
        suggestions::draw(frame, field, within, &form.suggestions, theme);
    }
}

/// Errors stand out from warnings.
fn styled<'a>(note: &'a Note, theme: &Theme) -> Line<'a> {
    let style = match note.kind {
        NoteKind::Warning => theme.strong,
        NoteKind::Error => theme.bad,
    };
    Line::styled(note.text.as_str(), style)
}

/// Draws the hint below the fields.
fn draw_hint(frame: &mut Frame<'_>, area: Rect, hint: &str, theme: &Theme) {
    let area = form_field::after(area, HINT);
    let lines = form_field::wrapped(hint, area.width, theme.dim);
    for (line, row) in lines.into_iter().zip(area.rows()) {
        frame.render_widget(line, row);
    }
}

fn draw_field(frame: &mut Frame<'_>, area: Rect, form: &Form, field: Field, theme: &Theme) {
    let value = form_field::label(
        frame,
        area,
        LABEL,
        field.label(),
        form.focus == field,
        theme,
    );
    let focused = form.focus == field && !form.saving;
    if field.kind() == Kind::Status {
        return frame.render_widget(status(form.text(field), value.width, theme), value);
    }
    if form.keeps(field) && !focused {
        return frame.render_widget(Line::styled("(unchanged)", theme.dim), value);
    }
    if form.clears(field) {
        frame.render_widget(Line::styled("(cleared for everyone)", theme.strong), value);
    }
    if let Some(line) = form.lines.get(&field) {
        input::draw(frame, value, line, focused);
    }
    if focused && form.suggestions.is_new {
        let written = cells::width(form.text(field)) + 2;
        let after = form_field::after(value, u16::try_from(written).unwrap_or(u16::MAX));
        frame.render_widget(Line::styled("(new)", theme.dim), after);
    }
}

fn status(chosen: &str, cells: u16, theme: &Theme) -> Line<'static> {
    let words = Status::ALL.map(|status| (status.as_str(), status.as_str() == chosen));
    form_field::choice(&words, cells, theme)
}
