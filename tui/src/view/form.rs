//! A record while it is written: each field with its rule, or with what is wrong.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;
use roster_common::{Field, Kind, Status};

use super::theme::Theme;
use super::widgets::{dialog, entry, field as input, grid, offers};
use crate::cells;
use crate::dates::{self, Unclear};
use crate::keys::{Action, Keymap, Screen};
use crate::state::Form;
use crate::state::form::Purpose;

/// The cells of the mark, a label and the space after it.
const LABEL: u16 = 15;

/// The width of the content.
const WIDTH: u16 = 70;

pub(super) fn draw(frame: &mut Frame<'_>, form: &Form, keymap: &Keymap, theme: &Theme) {
    let title = match &form.purpose {
        Purpose::Create { .. } => "New person".to_owned(),
        Purpose::Edit(base) => cells::cut(&base.details.full_name(), usize::from(WIDTH) - 2),
        Purpose::Many(_) => format!("Set for {}", form.name()),
    };
    let notes = notes(form, keymap, frame.area(), theme);
    let area = dialog::between_air(dialog::open(frame, &title, WIDTH, height(&notes), theme));
    let (hidden, lines) = layout(&notes, form.focus, area.height.into());
    let outer = dialog::place(frame.area(), WIDTH, height(&notes)).0;
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
    let mut focused = area;
    for (line, area) in lines.into_iter().zip(area.rows()) {
        match line {
            Row::Field(field) => draw_field(frame, area, form, field, theme),
            Row::Note(note) => frame.render_widget(note, entry::after(area, LABEL)),
        }
        if matches!(line, Row::Field(field) if field == form.focus) {
            focused = area;
        }
    }
    if form.offers.is_shown() {
        let x = focused.x.saturating_add(LABEL - 2);
        let field = Rect {
            x,
            width: focused.right().saturating_sub(x),
            ..focused
        };
        offers::draw(frame, field, area, &form.offers, theme);
    }
}

/// What stands under the fields, line by line.
fn notes(form: &Form, keymap: &Keymap, screen: Rect, theme: &Theme) -> Vec<(Field, Line<'static>)> {
    let cells = dialog::place(screen, WIDTH, 0)
        .1
        .width
        .saturating_sub(LABEL);
    let lines = |field| {
        let hint = (form.focus == field).then(|| hint(form, field, keymap));
        entry::notes(form.shown_error(field), hint, cells, theme)
            .into_iter()
            .map(move |line| (field, line))
    };
    Field::ALL.into_iter().flat_map(lines).collect()
}

/// The lines that all of it needs, with one of air above and one below.
fn height(notes: &[(Field, Line<'static>)]) -> usize {
    Field::ALL.len() + notes.len() + 2
}

/// The field whose line is at a place of the screen.
pub(super) fn field_at(form: &Form, keymap: &Keymap, screen: Rect, at: Position) -> Option<Field> {
    let notes = notes(form, keymap, screen, &Theme::MONO);
    let area = dialog::between_air(dialog::place(screen, WIDTH, height(&notes)).1);
    let line = usize::from(at.y.checked_sub(area.y)?);
    match layout(&notes, form.focus, area.height.into()).1.get(line) {
        Some(Row::Field(field)) if area.contains(at) => Some(*field),
        _ => None,
    }
}

/// A line of the form.
enum Row<'a> {
    Field(Field),
    Note(&'a Line<'static>),
}

/// The lines in view: from the first on, or as many further down as the focused field needs; and how many that is.
fn layout<'a>(
    notes: &'a [(Field, Line<'static>)],
    focus: Field,
    height: usize,
) -> (usize, Vec<Row<'a>>) {
    let mut rows = Vec::new();
    let mut focused = 0;
    for field in Field::ALL {
        rows.push(Row::Field(field));
        rows.extend(
            notes
                .iter()
                .filter(|(of, _)| *of == field)
                .map(|(_, note)| Row::Note(note)),
        );
        if field == focus {
            focused = rows.len();
        }
    }
    let hidden = focused.saturating_sub(height).min(rows.len());
    (hidden, rows.split_off(hidden))
}

/// What is to be known of a field while it is written: its rule, and how it is emptied in all of many.
fn hint(form: &Form, field: Field, keymap: &Keymap) -> String {
    let is_chosen = field.kind() == Kind::Status
        && matches!(form.purpose, Purpose::Many(_))
        && !form.keeps(field);
    match rule(form, field, keymap) {
        _ if is_chosen || form.empties(field) => "Ctrl-u leaves it as it is in each".to_owned(),
        rule if !form.can_empty(field) => rule,
        rule => format!("{rule}; Ctrl-u empties it in all"),
    }
}

fn rule(form: &Form, field: Field, keymap: &Keymap) -> String {
    let length = form.text(field).chars().count();
    match field.kind() {
        Kind::Date => date_hint(form, field),
        Kind::Person => "type a name and choose, or #id".to_owned(),
        _ if form.keeps(field) && form.can_empty(field) => "as it is in each".to_owned(),
        _ if form.keeps(field) => "as it is in each; what you write is set in all".to_owned(),
        _ if length > field.max_chars() => {
            format!("{} characters too many", length - field.max_chars())
        }
        _ if length * 10 > field.max_chars() * 9 => {
            format!("{} characters left", field.max_chars() - length)
        }
        Kind::Status => "← → choose".to_owned(),
        Kind::Required | Kind::Text | Kind::Email | Kind::Phone if field.is_shared() => format!(
            "{} lists what others have",
            keymap.key(Screen::Form, Action::Offer)
        ),
        Kind::Required | Kind::Text | Kind::Email | Kind::Phone => field.hint().to_owned(),
    }
}

/// What the date comes to while it is written: `= 2026-11-23, Monday`.
fn date_hint(form: &Form, field: Field) -> String {
    match dates::read(form.text(field), form.today) {
        Ok(date) => date.strftime("= %Y-%m-%d, %A").to_string(),
        Err(Unclear::NotADate) => {
            "2026-11-23, 23 Nov, 23.11.2026, today, -3d, last monday".to_owned()
        }
        Err(unclear) => unclear.to_string(),
    }
}

fn draw_field(frame: &mut Frame<'_>, area: Rect, form: &Form, field: Field, theme: &Theme) {
    let value = entry::label(
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
        return frame.render_widget(Line::styled("·", theme.dim), value);
    }
    if form.empties(field) {
        frame.render_widget(Line::styled("(empty in all)", theme.strong), value);
    }
    if let Some(line) = form.lines.get(&field) {
        input::draw(frame, value, line, focused);
    }
}

fn status(chosen: &str, cells: u16, theme: &Theme) -> Line<'static> {
    let words = Status::ALL.map(|status| (status.as_str(), status.as_str() == chosen));
    entry::choice(&words, cells, theme)
}
