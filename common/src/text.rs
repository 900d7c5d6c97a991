//! Normal forms of text: for storage and for comparison.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

mod fold;
mod invisible;

pub use fold::folded;
pub use invisible::{has_bidi_control, has_visible};

/// Normalizes text for storage: Unicode NFC, trimmed.
pub fn normalised(text: &str) -> String {
    text.nfc().collect::<String>().trim().to_owned()
}

/// Returns `true` if `text` contains control characters (Unicode `Cc`).
pub fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

/// Shortens a text to at most `most` characters, including an ellipsis if anything was cut.
///
/// For messages that quote a client's input, which may be long.
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
    fn kept_text_is_composed_and_trimmed() {
        assert_eq!(normalised("  Jose\u{301} "), "José");
    }
}
