//! One line of a small form: a mark, a label, and what is written.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use roster_common::NewPassword;

use super::field;
use crate::cells;
use crate::state::text::Secret;
use crate::view::theme::Theme;

/// Draws the label in the first `cells` of a row, with the mark of the one that is being written; and says where the
/// value goes.
pub fn label(
    frame: &mut Frame<'_>,
    row: Rect,
    cells: u16,
    label: &str,
    focused: bool,
    theme: &Theme,
) -> Rect {
    let mark = if focused { "> " } else { "  " };
    let style = if focused { theme.accent } else { theme.dim };
    frame.render_widget(
        Span::styled(format!("{mark}{label}"), style),
        Rect {
            width: cells.min(row.width),
            ..row
        },
    );
    after(row, cells)
}

/// What is left of a row behind its first `cells`.
pub fn after(row: Rect, cells: u16) -> Rect {
    let cells = cells.min(row.width);
    Rect {
        x: row.x + cells,
        width: row.width - cells,
        ..row
    }
}

/// Draws a password: as it is, or a dot for each character.
pub fn secret(frame: &mut Frame<'_>, area: Rect, secret: &Secret, revealed: bool, focused: bool) {
    if revealed {
        return field::draw_text(frame, area, secret.expose(), secret.expose(), focused);
    }
    let dots = "•".repeat(secret.expose().chars().count());
    field::draw_text(frame, area, &dots, &dots, focused);
}

/// One of a few words, the chosen one marked by more than its colour; it alone, between the arrows that change it,
/// where so many cells have no room for all.
pub fn choice(words: &[(&str, bool)], cells: u16, theme: &Theme) -> Line<'static> {
    let spans = words.iter().map(|(word, chosen)| match chosen {
        true => Span::styled(format!("● {word}   "), theme.strong),
        false => Span::styled(format!("○ {word}   "), theme.dim),
    });
    let all = Line::from(spans.collect::<Vec<_>>());
    if all.width() <= usize::from(cells) + AIR {
        return all;
    }
    let chosen = words
        .iter()
        .find(|(_, chosen)| *chosen)
        .map_or("", |(word, _)| word);
    Line::from(vec![
        Span::styled("← ", theme.dim),
        Span::styled(chosen.to_owned(), theme.strong),
        Span::styled(" →", theme.dim),
    ])
}

/// The cells after a word of a [`choice`].
const AIR: usize = 3;

/// What stands under a field, in lines of at most `cells`: what is wrong with it, or a hint.
pub fn notes(
    error: Option<String>,
    hint: Option<String>,
    cells: u16,
    theme: &Theme,
) -> Vec<Line<'static>> {
    match (error, hint) {
        (Some(error), _) => wrapped(&format!("! {error}"), cells, theme.bad),
        (None, Some(hint)) => wrapped(&hint, cells, theme.dim),
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

/// What may be the matter with a password that nobody sees, if it looks like that.
pub fn caps_lock(secret: &Secret) -> Option<String> {
    secret
        .is_all_capitals()
        .then(|| "Is Caps Lock on?".to_owned())
}

/// As many lines as `sentence` takes in `cells`.
pub fn wrapped(sentence: &str, cells: u16, style: Style) -> Vec<Line<'static>> {
    cells::wrap(sentence, cells.max(2).into())
        .into_iter()
        .map(|line| Line::styled(line, style))
        .collect()
}
