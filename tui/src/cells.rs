//! Measuring, cutting and wrapping text by terminal cells.

use unicode_linebreak::linebreaks;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::escape::visible;

/// The width of a text in cells.
pub fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// Cuts `text` to `cells`, with `…` where something is cut off. Hidden characters are made visible.
pub fn cut(text: &str, cells: usize) -> String {
    let text = visible(text);
    if width(&text) <= cells {
        return text.into_owned();
    }
    let end = if cells > 0 { "…" } else { "" };
    format!("{}{end}", first(&text, cells.saturating_sub(1)))
}

/// The longest prefix of `text` that fits into `cells`.
pub fn first(text: &str, cells: usize) -> &str {
    let mut end = 0;
    let has_no_room = |(_, grapheme): &(usize, &str)| {
        end += grapheme.width();
        end > cells
    };
    let past = text
        .grapheme_indices(true)
        .find(has_no_room)
        .map(|(at, _)| at);
    past.map_or(text, |at| text.split_at(at).0)
}

/// Like [`cut`], padded with spaces to exactly `cells`.
pub fn fit(text: &str, cells: usize) -> String {
    let shown = cut(text, cells);
    let fill = cells.saturating_sub(width(&shown));
    shown + &" ".repeat(fill)
}

/// Wraps `text` to lines of at most `cells`. It breaks at line feeds and where the script allows it
/// (UAX #14), and within a word only if the word alone is too long.
pub fn wrap(text: &str, cells: usize) -> Vec<String> {
    let lines = text.split('\n');
    lines.flat_map(|line| wrap_line(line, cells)).collect()
}

fn wrap_line(text: &str, cells: usize) -> Vec<String> {
    let text = visible(text);
    let mut lines = vec![String::new()];
    let mut room = cells;
    let mut start = 0;
    for (end, _) in linebreaks(&text) {
        let word = text.get(start..end).unwrap_or_default();
        start = end;
        if width(word.trim_end()) > room && room < cells {
            lines.push(String::new());
            room = cells;
        }
        for grapheme in word.graphemes(true) {
            if grapheme.width() > room {
                // Spaces at the end of a line are invisible, so they do not count.
                if grapheme == " " {
                    continue;
                }
                lines.push(String::new());
                room = cells;
            }
            if let Some(line) = lines.last_mut() {
                line.push_str(grapheme);
            }
            room = room.saturating_sub(grapheme.width());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_cell_holds_text_of_any_script() {
        assert_eq!(fit("渡辺 太郎", 6), "渡辺 …");
        assert_eq!(fit("渡辺", 4), "渡辺");
        assert_eq!(fit("渡辺", 3), "渡…");
        assert_eq!(fit("Jose\u{301}", 6), "Jose\u{301}  ");
        assert_eq!(fit("a\u{202e}b", 8), "a⟨202E⟩b");
        assert_eq!(fit("abc", 0), "");
    }

    #[test]
    fn long_text_is_broken_at_spaces() {
        assert_eq!(wrap("on leave until May", 9), ["on leave ", "until May"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(
            wrap("sort by this column: up", 19),
            ["sort by this ", "column: up"]
        );
        assert_eq!(
            wrap("not \"exact words\"", 9),
            ["not ", "\"exact ", "words\""]
        );
        assert_eq!(
            wrap("on leave\n\nback in May", 9),
            ["on leave", "", "back in ", "May"]
        );
    }

    proptest! {
        #[test]
        fn a_cell_is_as_wide_as_it_was_asked_to_be(text in ".{0,30}", cells in 0usize..40) {
            prop_assert_eq!(width(&fit(&text, cells)), cells);
        }

        #[test]
        fn no_line_is_too_long(text in "\\PC{0,60}", cells in 2usize..20) {
            for line in wrap(&text, cells) {
                let one_cluster = line.graphemes(true).nth(1).is_none();
                prop_assert!(width(&line) <= cells || one_cluster, "{:?}", line);
            }
        }
    }
}
