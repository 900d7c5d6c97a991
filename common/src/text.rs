//! Normal forms of text: for storage and for comparison.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Normalizes text for storage: Unicode NFC, trimmed.
pub fn normalised(text: &str) -> String {
    text.nfc().collect::<String>().trim().to_owned()
}

/// Folds text for comparison: no accents, lower case, so that `betan` finds `Bétancourt`.
///
/// Compatibility forms are folded too (NFKD), so full-width letters match their plain ones.
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        // Lower-casing can make new marks: `İ` gives `i` and a dot above.
        .filter(|c| !is_combining_mark(*c))
        .map(strip_stroke)
        .collect()
}

/// Letters that people type without their stroke or dot, and that NFKD does not decompose.
fn strip_stroke(c: char) -> char {
    match c {
        'ł' => 'l',
        'ø' => 'o',
        'đ' => 'd',
        'ħ' => 'h',
        'ı' => 'i',
        other => other,
    }
}

/// Returns `true` if `text` contains control characters (Unicode `Cc`).
pub fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

/// The text if it has at most `most` characters, otherwise its beginning and an ellipsis, `most` characters together.
///
/// For messages that quote what somebody sent: however long that was, little of it goes back.
pub fn excerpt(text: &str, most: usize) -> Cow<'_, str> {
    let end = |count: usize| text.char_indices().nth(count).map(|(index, _)| index);
    match (end(most), end(most.saturating_sub(1))) {
        (Some(_), Some(kept)) => Cow::Owned(format!("{}…", text.get(..kept).unwrap_or_default())),
        _ => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_the_text_or_its_beginning_with_an_ellipsis() {
        assert_eq!(excerpt("", 4), "");
        assert_eq!(excerpt("über", 4), "über");
        assert_eq!(excerpt("überall", 4), "übe…");
    }

    #[test]
    fn accents_case_strokes_and_width_fold_away() {
        for (typed, found_by) in [
            ("Bétancourt", "betancourt"),
            ("İstanbul", "istanbul"),
            ("Hà Nội", "ha noi"),
            ("Łódź", "lodz"),
            ("Ｒｏｓｔｅｒ", "roster"),
            ("東京", "東京"),
            ("ΦΑΣΟΥΛΊΔΟΥ", "φασουλιδου"),
        ] {
            assert_eq!(folded(typed), found_by);
        }
    }

    #[test]
    fn folding_twice_changes_nothing() {
        for text in ["Straße", "डी’सोउज़ा", "서", "ﬁne", "Ǆ"] {
            assert_eq!(folded(&folded(text)), folded(text));
        }
    }

    #[test]
    fn kept_text_is_composed_and_trimmed() {
        assert_eq!(normalised("  Jose\u{301} "), "José");
    }
}
