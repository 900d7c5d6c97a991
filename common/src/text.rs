//! Normal forms of text: for storage and for comparison.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

mod fold;
mod invisible;
mod phone;

pub use fold::{fold_into, folded};
pub(crate) use invisible::is_ignorable;
pub use invisible::{has_bidi_control, has_visible};
pub use phone::{is_phone, normalised_phone, phone_digits};

/// Normalizes text for storage: Unicode NFC, trimmed. Most texts are so already, and are not copied.
pub fn normalised(text: &str) -> Cow<'_, str> {
    let is_composed = text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes;
    if is_composed {
        return Cow::Borrowed(text.trim());
    }
    Cow::Owned(text.nfc().collect::<String>().trim().to_owned())
}

/// Returns `true` if there are only letters, digits, punctuation and spaces of ASCII.
pub(crate) fn is_printable_ascii(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Replaces the line ends of every system by line feeds (The Unicode Standard, section 5.8).
pub fn with_line_feeds(text: &str) -> Cow<'_, str> {
    const OTHERS: [char; 4] = ['\r', '\u{85}', '\u{2028}', '\u{2029}'];
    if !text.contains(OTHERS) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace("\r\n", "\n").replace(OTHERS, "\n"))
}

/// Returns `true` if `text` contains control characters (Unicode `Cc`) or line separators (`Zl`,
/// `Zp`).
pub fn has_control(text: &str) -> bool {
    if text.is_ascii() {
        return text.bytes().any(|byte| byte.is_ascii_control());
    }
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

/// Removes the error numbers that the standard library adds to messages of the system:
/// `Permission denied`, not `Permission denied (os error 13)`. They help no reader.
pub fn without_error_numbers(message: &str) -> Cow<'_, str> {
    const START: &str = " (os error ";
    let mut parts = message.split(START);
    let mut text = Cow::Borrowed(parts.next().unwrap_or_default());
    for part in parts {
        match part.split_once(')') {
            Some((number, rest)) if number.bytes().all(|b| b.is_ascii_digit()) => text += rest,
            _ => {
                text += START;
                text += part;
            }
        }
    }
    text
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
    fn a_message_of_the_system_has_no_number() {
        for (message, expected) in [
            ("Permission denied (os error 13)", "Permission denied"),
            (
                "a: No such file (os error 2), b: Busy (os error 16).",
                "a: No such file, b: Busy.",
            ),
            ("disk is full", "disk is full"),
            (" (os error x)", " (os error x)"),
        ] {
            assert_eq!(without_error_numbers(message), expected);
        }
    }

    #[test]
    fn kept_text_is_composed_and_trimmed() {
        assert_eq!(normalised("  Jose\u{301} "), "José");
        assert_eq!(normalised("\u{b}\t Jose\r\n"), "Jose");
    }
}
