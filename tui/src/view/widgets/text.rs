//! Text of any script in a fixed number of cells.

use std::ops::Range;

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use roster_common::text::folded;
use unicode_linebreak::linebreaks;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::visible::visible;

/// How many cells a text takes on the screen.
pub fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// The beginning of `text` that fits into `cells`, with `…` where something is cut off; without hidden characters.
pub fn cut(text: &str, cells: usize) -> String {
    let text = visible(text);
    if width(&text) <= cells {
        return text.into_owned();
    }
    let mut shown = String::new();
    let mut room = cells.saturating_sub(1);
    for grapheme in text.graphemes(true) {
        let Some(left) = room.checked_sub(grapheme.width()) else {
            break;
        };
        room = left;
        shown.push_str(grapheme);
    }
    if cells > 0 {
        shown.push('…');
    }
    shown
}

/// [`cut`], and filled with spaces to exactly `cells`.
pub fn fit(text: &str, cells: usize) -> String {
    let shown = cut(text, cells);
    let fill = cells.saturating_sub(width(&shown));
    shown + &" ".repeat(fill)
}

/// `text` in lines of at most `cells`, broken where its script allows it (UAX #14), and within a word only where that
/// alone has no room.
pub fn wrap(text: &str, cells: usize) -> Vec<String> {
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
                // A space at the end of a line would not be seen.
                if grapheme == " " {
                    continue;
                }
                lines.push(String::new());
                room = cells;
            }
            lines.last_mut().into_iter().for_each(|line| line.push_str(grapheme));
            room = room.saturating_sub(grapheme.width());
        }
    }
    lines
}

/// `text`, which is fit to be shown, with the places that match one of the folded `terms` in another style.
pub fn marked(text: String, terms: &[&str], plain: Style, found: Style) -> Line<'static> {
    if terms.is_empty() {
        return Line::styled(text, plain);
    }
    let text = text.as_str();
    let mut spans = Vec::new();
    let mut end = 0;
    for place in places(text, terms) {
        spans.push(Span::styled(text.get(end..place.start).unwrap_or_default().to_owned(), plain));
        spans.push(Span::styled(text.get(place.clone()).unwrap_or_default().to_owned(), plain.patch(found)));
        end = place.end;
    }
    spans.push(Span::styled(text.get(end..).unwrap_or_default().to_owned(), plain));
    Line::from(spans)
}

/// The byte ranges of `text` that match, in order and apart.
fn places(text: &str, terms: &[&str]) -> Vec<Range<usize>> {
    let mut plain = String::new();
    // For each grapheme: where its folded form ends, and its place in the text.
    let mut graphemes = Vec::new();
    for (at, grapheme) in text.grapheme_indices(true) {
        let start = plain.len();
        plain.push_str(&folded(grapheme));
        graphemes.push((start..plain.len(), at..at + grapheme.len()));
    }
    let hits: Vec<_> = terms
        .iter()
        .filter(|term| !term.is_empty())
        .flat_map(|term| plain.match_indices(*term).map(|(at, hit)| at..at + hit.len()))
        .collect();
    let is_hit = |folded: &Range<usize>| hits.iter().any(|hit| folded.start < hit.end && hit.start < folded.end);
    let mut places: Vec<Range<usize>> = Vec::new();
    for (_, place) in graphemes.into_iter().filter(|(folded, _)| is_hit(folded)) {
        match places.last_mut().filter(|last| last.end == place.start) {
            Some(last) => last.end = place.end,
            None => places.push(place),
        }
    }
    places
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
    fn what_the_filter_found_is_marked_without_case_and_accents() {
        let hit = |text: &str, term: &str| {
            places(text, &[term]).into_iter().map(|place| text[place].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(hit("Bétancourt", "betan"), ["Bétan"]);
        assert_eq!(hit("Anna Hannah", "ann"), ["Ann", "ann"]);
        assert_eq!(hit("東京都", "京"), ["京"]);
        assert!(hit("Bob", "x").is_empty());
    }

    #[test]
    fn long_text_is_broken_at_spaces() {
        assert_eq!(wrap("on leave until May", 9), ["on leave ", "until May"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("sort by this column: up", 19), ["sort by this ", "column: up"]);
        assert_eq!(wrap("not \"exact words\"", 9), ["not ", "\"exact ", "words\""]);
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

        #[test]
        fn every_place_can_be_marked(text in ".{0,30}", term in ".{1,3}") {
            let line = marked(text.clone(), &[&folded(&term)], Style::new(), Style::new());
            prop_assert_eq!(line.spans.iter().map(|span| span.content.as_ref()).collect::<String>(), text);
        }
    }
}
