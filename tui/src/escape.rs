//! Makes untrusted text safe for a terminal: control and invisible characters are shown instead of
//! sent.

use std::borrow::Cow;
use std::fmt::Write;

/// Replaces each character that moves the cursor, changes the text direction or is invisible with
/// its code point: `⟨202E⟩`. A line feed becomes `↵`.
///
/// Joiners, variation selectors and combining marks are kept: names and emoji need them.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => shown.push('↵'),
            // Writing to a string cannot fail.
            _ if is_hidden(c) => _ = write!(shown, "⟨{:04X}⟩", u32::from(c)),
            _ => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

/// Control characters (Unicode `Cc`), line separators and default-ignorable characters
/// (`Default_Ignorable`), except joiners and variation selectors.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
            | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e00ff}'
            | '\u{e01f0}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn control_and_bidi_characters_are_made_visible() {
        assert_eq!(visible("\u{1b}[31mred"), "⟨001B⟩[31mred");
        assert_eq!(visible("one\ntwo\u{9b}"), "one↵two⟨009B⟩");
        assert_eq!(visible("gnp.\u{202e}exe"), "gnp.⟨202E⟩exe");
        assert_eq!(
            visible("Ada\u{200b}\u{2066}\u{e0041}"),
            "Ada⟨200B⟩⟨2066⟩⟨E0041⟩"
        );
        assert_eq!(visible("admin\u{3164}\u{115f}"), "admin⟨3164⟩⟨115F⟩");
    }

    #[test]
    fn names_of_every_script_stay_as_they_are() {
        for name in [
            "Bétancourt",
            "می\u{200c}خواهم",
            "डी’सोउज़ा",
            "渡辺",
            "👩\u{200d}💻",
            "Jose\u{301}",
            "✈\u{fe0f}",
        ] {
            assert!(matches!(visible(name), Cow::Borrowed(same) if same == name));
        }
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_left(text in any::<String>()) {
            prop_assert!(!visible(&text).contains(is_hidden));
        }
    }
}
