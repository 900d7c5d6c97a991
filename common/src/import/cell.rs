//! The text of a cell, without what spreadsheets and exporters put around it.

use std::borrow::Cow;

use crate::text::is_ignorable;

/// Trims white space, invisible characters and the end-of-file mark of DOS, then one pair of
/// quotation marks, the `="…"` and the leading apostrophe with which spreadsheets mark text.
pub(super) fn cleaned(cell: &str) -> &str {
    // Most cells begin and end with a letter or a digit, and have nothing around them.
    if let (Some(first), Some(last)) = (cell.bytes().next(), cell.bytes().next_back())
        && first.is_ascii_alphanumeric()
        && last.is_ascii_alphanumeric()
    {
        return cell;
    }
    let text = trimmed(cell);
    let text = text
        .strip_prefix('=')
        .filter(|rest| rest.starts_with('"'))
        .unwrap_or(text);
    let text = ['"', '\'']
        .into_iter()
        .find_map(|mark| unquoted(text, mark))
        .unwrap_or(text);
    // An apostrophe before a sign or a digit keeps a spreadsheet from calculating.
    let is_calculable = |rest: &&str| {
        rest.starts_with(['+', '-', '=', '@']) || rest.starts_with(|c: char| c.is_ascii_digit())
    };
    text.strip_prefix('\'')
        .filter(is_calculable)
        .unwrap_or(text)
}

/// What to do about a number that a spreadsheet has shortened.
pub(crate) const SCIENTIFIC: &str = "A spreadsheet shortened this number. Format the column as text, enter the full number, and export again.";

/// Returns `true` for a number as spreadsheets write one that is too long for them: `1.00E+05`.
pub(crate) fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else {
        return false;
    };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    // Without a sign it may be a personnel number such as 1E05.
    let exponent = exponent.strip_prefix(['+', '-']);
    is_number(whole) && is_number(fraction) && exponent.is_some_and(is_number)
}

fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || is_ignorable(c) || c == '\u{1a}' || c == '\0')
}

/// The inside of a text between two equal marks.
fn unquoted(text: &str, mark: char) -> Option<&str> {
    let inside = text.strip_prefix(mark)?.strip_suffix(mark)?;
    Some(trimmed(inside))
}

/// Returns `true` for what people and systems write into a cell that has no value. Names are not
/// checked with it, since Null is a surname.
pub(super) fn is_nothing(text: &str) -> bool {
    let nothing = [
        "-",
        "--",
        "—",
        "–",
        "n/a",
        "#n/a",
        "na",
        "null",
        "none",
        "nil",
        "(blank)",
        "[blank]",
        "(empty)",
        "undefined",
        "?",
    ];
    nothing.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Decodes HTML entities such as `&amp;`, with which some systems export their texts. Returns
/// `None` if there are none.
pub(super) fn without_entities(text: &str) -> Option<String> {
    if !(text.contains('&') && text.contains(';')) {
        return None;
    }
    match html_escape::decode_html_entities(text) {
        Cow::Owned(decoded) => Some(trimmed(&decoded).to_owned()).filter(|decoded| decoded != text),
        Cow::Borrowed(_) => None,
    }
}

/// Returns `true` if letters of a name were lost: a question mark or a replacement character
/// beside a letter.
pub(super) fn has_lost_letters(name: &str) -> bool {
    name.contains(['?', '\u{fffd}']) && name.contains(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_around_a_text_is_removed_once() {
        for (cell, text) in [
            ("  Ada ", "Ada"),
            ("\u{feff}Ada\u{200b}\u{1a}", "Ada"),
            (" \"Ada\"", "Ada"),
            ("'Ada'", "Ada"),
            ("=\"00123\"", "00123"),
            ("'+49 30 5550101", "+49 30 5550101"),
            ("\u{a0}Ada\u{a0}", "Ada"),
            ("\"\"", ""),
            ("\"", "\""),
            ("'", "'"),
            ("'s-Hertogenbosch", "'s-Hertogenbosch"),
            ("O'Brien", "O'Brien"),
            ("", ""),
        ] {
            assert_eq!(cleaned(cell), text, "{cell:?}");
        }
    }

    #[test]
    fn entities_are_decoded_and_other_ampersands_kept() {
        assert_eq!(without_entities("R&amp;D").as_deref(), Some("R&D"));
        assert_eq!(
            without_entities("Zo&euml; &#39;&#x41;&nbsp;").as_deref(),
            Some("Zoë 'A")
        );
        for plain in ["R&D; Sales", "R & D", "", "Ada;"] {
            assert_eq!(without_entities(plain), None, "{plain}");
        }
    }

    #[test]
    fn a_question_mark_in_a_name_is_a_lost_letter() {
        assert!(has_lost_letters("Zo?") && has_lost_letters("M\u{fffd}ller"));
        assert!(!has_lost_letters("Zoë") && !has_lost_letters("?"));
    }
}
