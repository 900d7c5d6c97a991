//! A line of a small form: mark, label and value.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use roster_common::NewPassword;

use super::field;
use crate::cells;
use crate::state::text::Secret;
use crate::view::theme::Theme;

/// Draws the label in the first `cells` of a row, with a mark if it is focused. Returns the area of
/// the value.
pub fn label(
    frame: &mut Frame<'_>,
    row: Rect,
    cells: u16,
    label: &str,
    focused: bool,
    theme: &Theme,
) -> Rect {
    let mark = if focused { "> " } else { "  " };
    let style = if focused { theme.accent } else { theme.soft };
    frame.render_widget(
        Span::styled(format!("{mark}{label}"), style),
        Rect {
            width: cells.min(row.width),
            ..row
        },
    );
    after(row, cells)
}

/// Like [`label`], right-aligned, with `*` if the field is required.
pub fn right_label(
    frame: &mut Frame<'_>,
    row: Rect,
    cells: u16,
    text: &str,
    is_required: bool,
    focused: bool,
    theme: &Theme,
) -> Rect {
    let (mark, style) = if focused {
        (">", theme.accent)
    } else {
        (" ", theme.soft)
    };
    // The star and a blank stand before the field, the mark and a blank before the label.
    let room = usize::from(cells).saturating_sub(5);
    let padding = " ".repeat(room.saturating_sub(cells::width(text)));
    let label = Line::from(vec![
        Span::styled(mark, style),
        Span::raw(format!(" {padding}")),
        Span::styled(text.to_owned(), style),
        Span::styled(if is_required { " *" } else { "" }, theme.accent),
    ]);
    let area = Rect {
        width: cells.min(row.width),
        ..row
    };
    frame.render_widget(label, area);
    after(row, cells)
}

/// The rest of a row after its first `cells`.
pub fn after(row: Rect, cells: u16) -> Rect {
    let cells = cells.min(row.width);
    Rect {
        x: row.x + cells,
        width: row.width - cells,
        ..row
    }
}

/// Says after a text that no one has it as a value yet.
pub fn draw_new(frame: &mut Frame<'_>, value: Rect, text: &str, theme: &Theme) {
    let written = u16::try_from(cells::width(text) + 2).unwrap_or(u16::MAX);
    frame.render_widget(Line::styled("(new)", theme.soft), after(value, written));
}

/// Draws a password, as text or as dots.
pub fn secret(
    frame: &mut Frame<'_>,
    area: Rect,
    secret: &Secret,
    revealed: bool,
    focused: bool,
    theme: &Theme,
) {
    let area = field::draw_extent(frame, area, theme);
    if revealed {
        return field::draw_text(
            frame,
            area,
            secret.expose(),
            secret.before_cursor(),
            focused,
        );
    }
    let dots = |text: &str| "•".repeat(text.chars().count());
    let (all, before) = (dots(secret.expose()), dots(secret.before_cursor()));
    field::draw_text(frame, area, &all, &before, focused);
}

/// The width of a password, as text or as dots.
pub fn secret_width(secret: &Secret, revealed: bool) -> u16 {
    let cells = if revealed {
        cells::width(secret.expose())
    } else {
        secret.expose().chars().count()
    };
    u16::try_from(cells).unwrap_or(u16::MAX)
}

/// Draws a choice among a few words. If they do not fit, only the selected one is shown, between
/// arrows.
pub fn choice(words: &[(&str, bool)], cells: u16, theme: &Theme) -> Line<'static> {
    let spans = words.iter().map(|(word, chosen)| match chosen {
        true => Span::styled(format!("● {word}   "), theme.strong),
        false => Span::styled(format!("○ {word}   "), theme.soft),
    });
    let all = Line::from(spans.collect::<Vec<_>>());
    // The gap after the last word may be cut off.
    if all.width() <= usize::from(cells) + AIR {
        return all;
    }
    let chosen = words
        .iter()
        .find(|(_, chosen)| *chosen)
        .map_or("", |(word, _)| word);
    Line::from(vec![
        Span::styled("← ", theme.soft),
        Span::styled(chosen.to_owned(), theme.strong),
        Span::styled(" →", theme.soft),
    ])
}

/// The gap between the words of a [`choice`].
const AIR: usize = 3;

/// The error or hint under a field, wrapped to `cells`.
pub fn notes(
    error: Option<String>,
    hint: Option<String>,
    cells: u16,
    theme: &Theme,
) -> Vec<Line<'static>> {
    match (error, hint) {
        (Some(error), _) => wrapped(&format!("! {error}"), cells, theme.bad),
        (None, Some(hint)) => wrapped(&hint, cells, theme.soft),
        (None, None) => Vec::new(),
    }
}

/// Draws the notes into the next rows, under the value.
pub fn draw_notes(
    frame: &mut Frame<'_>,
    rows: &mut impl Iterator<Item = Rect>,
    cells: u16,
    notes: Vec<Line<'static>>,
) {
    for (note, row) in notes.into_iter().zip(rows) {
        frame.render_widget(note, after(row, cells));
    }
}

/// The allowed length of a new password, and the length it has now. It counts bytes only if they
/// differ from the characters.
pub fn password_length(password: &str) -> String {
    let (min, max) = (NewPassword::MIN_BYTES, NewPassword::MAX_BYTES);
    let unit = if password.is_ascii() {
        "characters"
    } else {
        "bytes"
    };
    match password.len() {
        0 => format!("{min} to {max} {unit}"),
        length => format!("{min} to {max} {unit} (now {length})"),
    }
}

/// The Caps Lock hint, if a hidden password looks like it.
pub fn caps_lock(secret: &Secret) -> Option<String> {
    secret
        .is_all_capitals()
        .then(|| "Is Caps Lock on?".to_owned())
}

/// Wraps `sentence` to `cells`.
pub fn wrapped(sentence: &str, cells: u16, style: Style) -> Vec<Line<'static>> {
    cells::wrap(sentence, cells.max(2).into())
        .into_iter()
        .map(|line| Line::styled(line, style))
        .collect()
}
