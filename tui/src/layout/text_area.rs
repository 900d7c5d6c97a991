//! A text of several lines: where its lines break, and where the cursor is in them.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::cells;
use crate::escape::visible;

/// A text, broken into lines of a width.
#[derive(Debug)]
pub struct TextArea<'a> {
    text: &'a str,
    /// The bytes of each line, without line feeds; there is at least one.
    lines: Vec<Range<usize>>,
    /// The line of the cursor, and its byte in the text.
    cursor: (usize, usize),
}

impl<'a> TextArea<'a> {
    /// Breaks a text after spaces, so that no line is wider than `width` cells, except for spaces
    /// at its end. `cursor` is a byte offset.
    pub fn new(text: &'a str, cursor: usize, width: usize) -> Self {
        let mut lines = Vec::new();
        let mut start = 0;
        for line in text.split('\n') {
            wrap(line, start, width.max(2), &mut lines);
            start += line.len() + 1;
        }
        // At a break, the cursor is in the line that begins there.
        let at = lines.partition_point(|line| line.start <= cursor);
        Self {
            text,
            lines,
            cursor: (at.saturating_sub(1), cursor),
        }
    }

    /// The text of each line.
    pub fn lines(&self) -> impl Iterator<Item = &'a str> {
        let lines = self.lines.iter();
        lines.map(|line| self.text.get(line.clone()).unwrap_or_default())
    }

    /// The line of the cursor.
    pub fn cursor_line(&self) -> usize {
        self.cursor.0
    }

    /// The part of its line before the cursor.
    pub fn before_cursor(&self) -> &'a str {
        let (line, cursor) = self.cursor;
        let start = self.lines.get(line).map_or(0, |line| line.start);
        self.text.get(start..cursor).unwrap_or_default()
    }

    /// The byte offset of the cursor in the line above or below, at the same column or at the end;
    /// `None` if there is no such line.
    pub fn moved(&self, by: isize) -> Option<usize> {
        let line = self.lines.get(self.cursor.0.checked_add_signed(by)?)?;
        let text = self.text.get(line.clone())?;
        let column = cells::width(&visible(self.before_cursor()));
        Some(line.start + cells::first(text, column).len())
    }
}

/// Adds the lines of a text without line feeds that begins at byte `offset`.
fn wrap(text: &str, offset: usize, width: usize, lines: &mut Vec<Range<usize>>) {
    let (mut start, mut used) = (0, 0);
    let mut after_space = None;
    for (at, grapheme) in text.grapheme_indices(true) {
        let cells = cells::width(&visible(grapheme));
        let is_space = grapheme == " ";
        // A space may hang over the right edge, so that no line begins with one.
        while used + cells > width && !is_space && at > start {
            let end = after_space.unwrap_or(at);
            lines.push(offset + start..offset + end);
            used = cells::width(&visible(text.get(end..at).unwrap_or_default()));
            (start, after_space) = (end, None);
        }
        used += cells;
        if is_space {
            after_space = Some(at + 1);
        }
    }
    lines.push(offset + start..offset + text.len());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(text: &str, width: usize) -> Vec<&str> {
        TextArea::new(text, 0, width).lines().collect()
    }

    #[test]
    fn a_line_breaks_after_a_space_and_a_long_word_where_it_must() {
        assert_eq!(
            lines("Likes tea and toast", 8),
            ["Likes ", "tea and ", "toast"]
        );
        assert_eq!(
            lines("Donaudampfschiff an", 8),
            ["Donaudam", "pfschiff ", "an"]
        );
        assert_eq!(lines("渡辺智也", 5), ["渡辺", "智也"]);
        assert_eq!(lines("One\n\ntwo\n", 8), ["One", "", "two", ""]);
    }

    #[test]
    fn the_cursor_moves_between_lines_and_keeps_its_column() {
        let text = "Likes tea\nno\nand toast";
        let area = TextArea::new(text, 8, 20);
        assert_eq!((area.cursor_line(), area.before_cursor()), (0, "Likes te"));
        assert_eq!(
            (area.moved(-1), area.moved(1)),
            (None, Some("Likes tea\nno".len()))
        );
        let area = TextArea::new(text, text.len(), 20);
        assert_eq!(
            (area.moved(-1), area.moved(1)),
            (Some("Likes tea\nno".len()), None)
        );
    }

    proptest! {
        #[test]
        fn no_text_is_lost_and_the_cursor_is_in_it(text in "([a-c é渡]|\n| {2}|\\PC){0,40}", width in 0usize..12, cut in 0usize..40) {
            let cursor = text.char_indices().nth(cut).map_or(text.len(), |(at, _)| at);
            let area = TextArea::new(&text, cursor, width);
            let all: String = area.lines().collect();
            prop_assert_eq!(all, text.replace('\n', ""));
            for by in [-1, 1] {
                prop_assert!(area.moved(by).is_none_or(|at| text.is_char_boundary(at)));
            }
            for line in area.lines().map(|line| line.trim_end_matches(' ')) {
                let cells = cells::width(&visible(line));
                prop_assert!(cells <= width.max(2) || line.graphemes(true).count() == 1);
            }
        }
    }
}
