//! Normal forms of text: for storage and for comparison.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

mod fold;
mod invisible;
mod phone;

pub use fold::folded;
pub(crate) use invisible::is_ignorable;
pub use invisible::{has_bidi_control, has_visible};
pub use phone::{normalised_phone, phone_digits};

/// Normalizes text for storage: Unicode NFC, trimmed.
pub fn normalised(text: &str) -> String {
    text.nfc().collect::<String>().trim().to_owned()
}

/// Replaces the line ends of every system by line feeds (The Unicode Standard, section 5.8).
pub fn with_line_feeds(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace(['\r', '\u{85}', '\u{2028}', '\u{2029}'], "\n")
}

/// Returns `true` if `text` contains control characters (Unicode `Cc`) or line separators (`Zl`,
/// `Zp`).
pub fn has_control(text: &str) -> bool {
    text.contains(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
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
