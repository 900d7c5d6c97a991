//! The form of a record: each field with its hint or error.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use roster_common::{Field, Kind, Status};

use super::theme::Theme;
use super::widgets::{dialog, field as input, form_field, grid, suggestions};
use crate::cells;
use crate::keys::Keymap;
use crate::layout::form::{
    FormLine, LABEL, Note, NoteKind, WIDTH, area_lines, area_width, extent, height, hint,
    lines_in_view, notes, parts,
};
use crate::layout::text_area::TextArea;
use crate::state::Form;
use crate::state::form::Purpose;

/// The indentation of the hint, which begins below the labels.
const HINT: u16 = 2;

pub(super) fn draw(
    frame: &mut Frame<'_>,
    form: &Form,
    has_keys: bool,
    keymap: &Keymap,
    theme: &Theme,
) {
    let title = match &form.purpose {
        Purpose::Create { .. } => "New person".to_owned(),
        Purpose::Edit(base) | Purpose::Restore(base) => {
            cells::cut(&base.details.full_name(), usize::from(WIDTH) - 2)
        }
        Purpose::Many(_) => format!("Set fields for {}", form.name()),
    };
    let notes = notes(form, frame.area());
    let height = height(form, &notes, frame.area());
    let inner = dialog::open_with_note(frame, &title, &corner(form), WIDTH, height, theme);
    let [area, hint_area] = parts(form, frame.area(), inner, &notes);
    let (hidden, lines) = lines_in_view(&notes, form.focus, frame.area(), area.height.into());
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
            FormLine::Field(field) => draw_field(frame, area, form, field, has_keys, theme),
            FormLine::Area(line) => {
                let rest = form_field::after(area, LABEL);
                let value = input::draw_extent(frame, extent(rest), theme);
                draw_area(frame, value, form, line, has_keys);
            }
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
        NoteKind::Warning => theme.warn,
        NoteKind::Error => theme.bad,
    };
    Line::styled(note.text.as_str(), style)
}

/// Draws the hint below the fields.
fn draw_hint(frame: &mut Frame<'_>, area: Rect, hint: &str, theme: &Theme) {
    let area = form_field::after(area, HINT);
    let lines = form_field::wrapped(hint, area.width, theme.soft);
    for (line, row) in lines.into_iter().zip(area.rows()) {
        frame.render_widget(line, row);
    }
}

/// What the corner of the box says: how much is changed, or the version.
fn corner(form: &Form) -> String {
    let base = match &form.purpose {
        Purpose::Edit(base) => base,
        Purpose::Restore(_) => return "deleted".to_owned(),
        Purpose::Create { .. } | Purpose::Many(_) => return String::new(),
    };
    match form.changes().iter().count() {
        0 => format!("version {}", base.version),
        1 => "1 field changed".to_owned(),
        changed => format!("{changed} fields changed"),
    }
}

fn draw_field(
    frame: &mut Frame<'_>,
    area: Rect,
    form: &Form,
    field: Field,
    has_keys: bool,
    theme: &Theme,
) {
    let is_focus = form.focus == field && has_keys;
    let is_required = field.kind() == Kind::Required && !form.is_for_many();
    let label = field.label();
    let rest = form_field::right_label(frame, area, LABEL, label, is_required, is_focus, theme);
    let focused = is_focus && !form.saving;
    let extent = extent(rest);
    let sign = form_field::after(rest, extent.width);
    frame.render_widget(field_sign(form, field, theme), sign);
    if field.kind() == Kind::Status {
        return frame.render_widget(status(form.text(field), extent.width, theme), extent);
    }
    let value = input::draw_extent(frame, extent, theme);
    // The focused field is drawn as an input instead, since its cursor needs a place.
    if form.keeps(field) && !focused {
        return frame.render_widget(Line::styled("(unchanged)", theme.soft), value);
    }
    if form.clears(field) {
        frame.render_widget(Line::styled("(cleared for everyone)", theme.strong), value);
    }
    if field.kind() == Kind::Lines {
        return draw_area(frame, value, form, 0, has_keys);
    }
    if let Some(line) = form.lines.get(&field) {
        input::draw(frame, value, line, focused);
    }
    if form.is_new(field) {
        form_field::draw_new(frame, value, form.text(field), theme);
    }
}

/// Draws a line of the notes; they are scrolled to the line of the cursor.
fn draw_area(frame: &mut Frame<'_>, value: Rect, form: &Form, line: usize, has_keys: bool) {
    let Some(edit) = form.lines.get(&Field::Notes) else {
        return;
    };
    let focused = has_keys && form.focus == Field::Notes && !form.saving;
    // `draw_field` has written “(unchanged)” here.
    if form.keeps(Field::Notes) && !focused {
        return;
    }
    let screen = frame.area();
    let cursor = edit.before_cursor().len();
    let text = TextArea::new(edit.text(), cursor, area_width(screen));
    let first = match focused {
        true => (text.cursor_line() + 1).saturating_sub(area_lines(screen)),
        false => 0,
    };
    let shown = text.lines().nth(first + line).unwrap_or_default();
    let has_cursor = focused && text.cursor_line() == first + line;
    let before = if has_cursor { text.before_cursor() } else { "" };
    input::draw_text(frame, value, shown.trim_end(), before, has_cursor);
}

/// The sign after a field: wrong, or changed.
fn field_sign(form: &Form, field: Field, theme: &Theme) -> Span<'static> {
    let is_changed =
        matches!(form.purpose, Purpose::Edit(_)) && form.changes().get(field).is_some();
    if form.shown_error(field).is_some() {
        Span::styled("✗", theme.bad)
    } else if is_changed {
        Span::styled("~", theme.warn)
    } else {
        Span::raw("")
    }
}

fn status(chosen: &str, cells: u16, theme: &Theme) -> Line<'static> {
    let words = Status::ALL.map(|status| (status.as_str(), status.as_str() == chosen));
    form_field::choice(&words, cells, theme)
}
