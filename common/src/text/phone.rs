//! Phone numbers, which people write in many ways.

use std::borrow::Cow;

/// The word before an extension in the stored form.
const EXTENSION: &str = " ext. ";

/// The digits of a phone number and its extension, or of a part of one; `None` if `text` has other
/// characters than phone numbers have, or fewer than three digits.
pub fn phone_digits(text: &str) -> Option<String> {
    is_phone(text).then(|| text.chars().filter(char::is_ascii_digit).collect())
}

/// Returns `true` if a text has [`phone_digits`].
pub fn is_phone(text: &str) -> bool {
    let (number, extension) = text.split_once(EXTENSION).unwrap_or((text, "0"));
    let is_extension = !extension.is_empty() && extension.bytes().all(|b| b.is_ascii_digit());
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    digits >= 3 && number.bytes().all(|b| b == b' ' || is_part(b)) && is_extension
}

/// A digit, or what stands between digits.
fn is_part(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'(' | b')' | b'.' | b'/')
}

/// The stored form of a number as people write it: without `tel:`, with ordinary spaces and dashes,
/// and with `ext. 12` for an extension in any spelling.
pub fn normalised_phone(text: &str) -> Cow<'_, str> {
    // Without letters there is nothing to rewrite, so the text is not copied.
    let mut words = text.split(' ');
    if words.all(|word| !word.is_empty() && word.bytes().all(is_part)) {
        return Cow::Borrowed(text);
    }
    let plain: String = text.chars().filter_map(on_keyboard).collect();
    let lower = plain.to_ascii_lowercase();
    let number = lower.strip_prefix("tel:").unwrap_or(&lower);
    let (number, extension) = split_extension(number);
    let mut stored = number.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some(extension) = extension {
        stored.push_str(EXTENSION);
        stored.push_str(extension);
    }
    Cow::Owned(stored)
}

/// A number and its extension: `555 0100 x12`, `555 0100;ext=12`, `555 0100 #12`.
fn split_extension(number: &str) -> (&str, Option<&str>) {
    let digits = number
        .trim_end()
        .trim_end_matches(|c: char| c.is_ascii_digit());
    let extension = number.get(digits.len()..).unwrap_or_default().trim_end();
    let before = digits.trim_end_matches([' ', '.', ':', '=']);
    let words = [
        "extension",
        "extn",
        "ext",
        "x",
        "#",
        "durchwahl",
        "dw",
        "poste",
        "int",
        "interno",
        "ramal",
        "toestel",
        "wewn",
    ];
    // Only after something else: a number may begin with a sign that means an extension elsewhere.
    let ends = words
        .into_iter()
        .filter_map(|word| before.strip_suffix(word));
    match ends.min_by_key(|number| number.len()) {
        Some(number) if !extension.is_empty() => {
            (number.trim_end_matches([' ', ',', ';']), Some(extension))
        }
        _ => (number, None),
    }
}

/// The character that a keyboard has for a typographic one; `None` for invisible ones.
fn on_keyboard(c: char) -> Option<char> {
    match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ff0d}' => Some('-'),
        '\u{ff0b}' => Some('+'),
        '\u{ff10}'..='\u{ff19}' => char::from_digit(c as u32 - 0xff10, 10),
        '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{feff}' => None,
        c if c.is_whitespace() => Some(' '),
        c => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_stored_in_one_form() {
        for (text, stored) in [
            ("+49 30 1234567", "+49 30 1234567"),
            ("tel:+15550100", "+15550100"),
            ("TEL: 030/123", "030/123"),
            ("+49\u{a0}30\u{202f}12345", "+49 30 12345"),
            ("+1 (555) 010-0100 ext. 12", "+1 (555) 010-0100 ext. 12"),
            ("+1 555 0100 x123", "+1 555 0100 ext. 123"),
            ("+1 555 0100x123", "+1 555 0100 ext. 123"),
            ("tel:+1-555-0100;ext=123", "+1-555-0100 ext. 123"),
            ("555 0100, Ext 7", "555 0100 ext. 7"),
            ("555 0100 #7", "555 0100 ext. 7"),
            ("030 1234 Durchwahl 56", "030 1234 ext. 56"),
            ("\u{202a}+49–30–12\u{202c}", "+49-30-12"),
        ] {
            assert_eq!(normalised_phone(text), stored, "{text}");
            assert_eq!(normalised_phone(stored), stored);
            assert!(phone_digits(stored).is_some(), "{stored}");
        }
    }

    #[test]
    fn what_is_no_number_stays_none() {
        for text in [
            "call me",
            "12",
            "555 0100 ext. ",
            "x123",
            "+49 30 12 ext. 1a",
            "555 0100 ext. 1 ext. 2",
        ] {
            assert!(phone_digits(&normalised_phone(text)).is_none(), "{text}");
        }
    }
}
