//! Highlights the parts of a text that match the filter.

use std::ops::Range;

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use roster_common::text::folded;
use unicode_segmentation::UnicodeSegmentation;

/// Styles the parts of `text` that match one of the folded `terms`. `text` must be escaped already.
pub fn marked(text: String, terms: &[&str], plain: Style, found: Style) -> Line<'static> {
    if terms.is_empty() {
        return Line::styled(text, plain);
    }
    let text = text.as_str();
    let mut spans = Vec::new();
    let mut end = 0;
    for place in places(text, terms) {
        spans.push(Span::styled(
            text.get(end..place.start).unwrap_or_default().to_owned(),
            plain,
        ));
        spans.push(Span::styled(
            text.get(place.clone()).unwrap_or_default().to_owned(),
            // Added to the plain style, so that a match in a quiet or bold text stays quiet or
            // bold.
            plain.patch(found),
        ));
        end = place.end;
    }
    spans.push(Span::styled(
        text.get(end..).unwrap_or_default().to_owned(),
        plain,
    ));
    Line::from(spans)
}

/// The byte ranges of `text` that match, in order and apart.
fn places(text: &str, terms: &[&str]) -> Vec<Range<usize>> {
    let mut plain = String::new();
    // For each grapheme: the end of its folded form, and its range in the text.
    let mut graphemes = Vec::new();
    for (at, grapheme) in text.grapheme_indices(true) {
        let start = plain.len();
        plain.push_str(&folded(grapheme));
        graphemes.push((start..plain.len(), at..at + grapheme.len()));
    }
    let hits: Vec<_> = terms
        .iter()
        .filter(|term| !term.is_empty())
        .flat_map(|term| {
            plain
                .match_indices(*term)
                .map(|(at, hit)| at..at + hit.len())
        })
        .collect();
    let is_hit = |folded: &Range<usize>| {
        hits.iter()
            .any(|hit| folded.start < hit.end && hit.start < folded.end)
    };
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
    fn what_the_filter_found_is_marked_without_case_and_accents() {
        let hit = |text: &str, term: &str| {
            places(text, &[term])
                .into_iter()
                .map(|place| text[place].to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(hit("Bétancourt", "betan"), ["Bétan"]);
        assert_eq!(hit("Anna Hannah", "ann"), ["Ann", "ann"]);
        assert_eq!(hit("東京都", "京"), ["京"]);
        assert!(hit("Bob", "x").is_empty());
    }

    proptest! {
        #[test]
        fn every_place_can_be_marked(text in ".{0,30}", term in ".{1,3}") {
            let line = marked(text.clone(), &[&folded(&term)], Style::new(), Style::new());
            prop_assert_eq!(line.spans.iter().map(|span| span.content.as_ref()).collect::<String>(), text);
        }
    }
}
