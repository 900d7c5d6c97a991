//! The lines of a form: the fields with errors and warnings under them, and one hint in a fixed
//! place, so that nothing moves with the focus.

use ratatui::layout::{Constraint, Layout, Position, Rect};
use roster_common::dates::{self, DateError};
use roster_common::{Field, Kind};

use super::dialog;
use crate::cells;
use crate::keys::{Action, Keymap, Screen};
use crate::state::Form;
use crate::state::form::Purpose;

/// The width of mark, label and gap.
pub const LABEL: u16 = 15;

/// The width of the content.
pub const WIDTH: u16 = 70;

/// The widest field, with the cell for its closing bracket.
const FIELD: u16 = 50;

/// The cells for the sign after a field.
const SIGN: u16 = 2;

/// The lines of the notes, and those on a lower screen.
const AREA: usize = 4;
const LOW_AREA: usize = 2;

/// The height of a screen on which the whole form fits.
const TALL: u16 = 24;

/// The hint takes two lines in a box that is narrower than this.
const NARROW: u16 = 50;

/// There is no hint in a box that is lower than this.
const LOW: u16 = 4;

/// An error or a warning under a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The field.
    pub field: Field,
    /// One line of the text.
    pub text: String,
    /// What it says.
    pub kind: NoteKind,
}

/// What a note says about its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteKind {
    /// That its value is unusual.
    Warning,
    /// That its value cannot be saved.
    Error,
}

/// A line of the form.
#[derive(Debug, Clone, Copy)]
pub enum FormLine<'a> {
    /// A field, with the first line of its value.
    Field(Field),
    /// A further line of the notes.
    Area(usize),
    /// A note.
    Note(&'a Note),
}

/// How many lines the notes take, which are a text area.
pub fn area_lines(screen: Rect) -> usize {
    if screen.height < TALL { LOW_AREA } else { AREA }
}

/// The width of a line of the notes, without the cell for the cursor behind it.
pub fn area_width(screen: Rect) -> usize {
    let row = dialog::width(screen, WIDTH);
    let extent = extent(Rect::new(0, 0, row.saturating_sub(LABEL), 1));
    usize::from(extent.width.saturating_sub(2))
}

/// The extent of a field in what is left of its row after the label; a sign stands behind it.
pub fn extent(rest: Rect) -> Rect {
    Rect {
        width: rest.width.saturating_sub(SIGN).min(FIELD),
        ..rest
    }
}

/// All errors and warnings, line by line.
pub fn notes(form: &Form, screen: Rect) -> Vec<Note> {
    let inner = dialog::place(screen, WIDTH, 0).1;
    let cells = inner.width.saturating_sub(LABEL).max(2);
    let note = |field| {
        let (text, kind) = match (form.shown_error(field), form.warning(field)) {
            (Some(error), _) => (format!("! {error}"), NoteKind::Error),
            (None, Some(warning)) => (format!("? {warning}"), NoteKind::Warning),
            (None, None) => return Vec::new(),
        };
        let lines = cells::wrap(&text, cells.into()).into_iter();
        lines.map(|text| Note { field, text, kind }).collect()
    };
    Field::ALL.into_iter().flat_map(note).collect()
}

/// The lines of the hint.
fn hint_height(form: &Form, width: u16) -> u16 {
    if width < NARROW || form.is_for_many() {
        2
    } else {
        1
    }
}

/// The height of the form, with a blank line above and below, and one above the hint.
pub fn height(form: &Form, notes: &[Note], screen: Rect) -> usize {
    let hint = hint_height(form, dialog::width(screen, WIDTH));
    field_lines(screen) + notes.len() + usize::from(hint) + 3
}

/// The lines of all fields.
fn field_lines(screen: Rect) -> usize {
    Field::ALL.len() + area_lines(screen) - 1
}

/// Splits the box into the fields and the hint. If space is short, the blank line between them is
/// left out first, then the hint.
pub fn parts(form: &Form, screen: Rect, inner: Rect, notes: &[Note]) -> [Rect; 2] {
    let inner = dialog::between_air(inner);
    let hint = match inner.height {
        ..LOW => 0,
        _ => hint_height(form, inner.width),
    };
    let lines = field_lines(screen) + notes.len() + usize::from(hint);
    let blank = u16::from(lines < usize::from(inner.height));
    let [fields, _, hint] = Layout::vertical([
        Constraint::Min(0),
        Constraint::Length(blank),
        Constraint::Length(hint),
    ])
    .areas(inner);
    [fields, hint]
}

/// The field at a position on the screen.
pub fn field_at(form: &Form, screen: Rect, at: Position) -> Option<Field> {
    let notes = notes(form, screen);
    let inner = dialog::place(screen, WIDTH, height(form, &notes, screen)).1;
    let [area, _] = parts(form, screen, inner, &notes);
    let line = usize::from(at.y.checked_sub(area.y)?);
    let (_, lines) = lines_in_view(&notes, form.focus, screen, area.height.into());
    match lines.get(line)? {
        FormLine::Field(field) if area.contains(at) => Some(*field),
        FormLine::Area(_) if area.contains(at) => Some(Field::Notes),
        _ => None,
    }
}

/// The visible lines, scrolled just far enough to show the focused field, and how many are hidden
/// above.
pub fn lines_in_view(
    notes: &[Note],
    focus: Field,
    screen: Rect,
    height: usize,
) -> (usize, Vec<FormLine<'_>>) {
    let mut lines = Vec::new();
    let mut focused = 0;
    for field in Field::ALL {
        lines.push(FormLine::Field(field));
        if field.kind() == Kind::Lines {
            lines.extend((1..area_lines(screen)).map(FormLine::Area));
        }
        lines.extend(
            notes
                .iter()
                .filter(|note| note.field == field)
                .map(FormLine::Note),
        );
        // Below its notes, so that an error scrolls into view with its field.
        if field == focus {
            focused = lines.len();
        }
    }
    let hidden = focused.saturating_sub(height).min(lines.len());
    (hidden, lines.split_off(hidden))
}

/// The hint about the focused field: its rule and, in a form for many people, the key that clears
/// it.
pub fn hint(form: &Form, keymap: &Keymap) -> String {
    let field = form.focus;
    let is_chosen = field.kind() == Kind::Status
        && matches!(form.purpose, Purpose::Many(_))
        && !form.keeps(field);
    match rule(form, field, keymap) {
        _ if is_chosen || form.clears(field) => "Ctrl-u keeps each person's value".to_owned(),
        rule if !form.can_clear(field) => rule,
        rule => format!("{rule} (Ctrl-u clears it for everyone)"),
    }
}

fn rule(form: &Form, field: Field, keymap: &Keymap) -> String {
    // As the check counts it, without spaces around it.
    let length = form.text(field).trim().chars().count();
    match field.kind() {
        Kind::Date => date_hint(form, field),
        Kind::Person => "type a name and choose, or #id".to_owned(),
        _ if form.keeps(field) && form.can_clear(field) => "unchanged".to_owned(),
        _ if form.keeps(field) => "unchanged; type a value to set it for everyone".to_owned(),
        _ if length > field.max_chars() => {
            format!("{} characters too many", length - field.max_chars())
        }
        _ if length * 10 > field.max_chars() * 9 => {
            format!("{} characters left", field.max_chars() - length)
        }
        Kind::Status => "← → choose".to_owned(),
        Kind::Required | Kind::Text | Kind::Email | Kind::Phone if field.is_shared() => format!(
            "{} lists suggestions",
            keymap.key(Screen::Form, Action::Suggestion)
        ),
        Kind::Lines => format!(
            "{}; {} opens $EDITOR",
            field.hint(),
            keymap.key(Screen::Form, Action::EditField)
        ),
        Kind::Required | Kind::Text | Kind::Email | Kind::Phone => field.hint().to_owned(),
    }
}

/// Shows which date the text means: `= 2026-11-23, Monday`.
fn date_hint(form: &Form, field: Field) -> String {
    match dates::read(form.text(field), form.today) {
        Ok(date) => date.strftime("= %Y-%m-%d, %A").to_string(),
        Err(DateError::NotADate) => {
            "2026-11-23, 23 Nov, 23.11.2026, today, -3d, last monday".to_owned()
        }
        Err(unclear) => unclear.to_string(),
    }
}
