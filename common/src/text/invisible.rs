//! Characters that show nothing, and characters that change the order in which others are shown.

use unicode_normalization::char::is_combining_mark;

/// Returns `true` if a screen would show something for `text`. A combining mark with nothing under
/// it does not count.
pub fn has_visible(text: &str) -> bool {
    text.chars().any(|c| {
        !c.is_whitespace()
            && !c.is_control()
            && !is_ignorable(c)
            && !is_combining_mark(c)
            // The empty Braille pattern and the null notehead are blank, though Unicode calls them
            // symbols.
            && !matches!(c, '\u{2800}' | '\u{1d159}')
    })
}

/// Returns `true` if `text` contains an embedding, override or isolate, which can make it read as
/// something else (Unicode Standard Annex #9, section 2).
///
/// Left-to-right and right-to-left marks and the joiners are part of correct spelling, and allowed.
pub fn has_bidi_control(text: &str) -> bool {
    !text.is_ascii()
        && text.contains(|c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
}

/// Returns `true` for the characters that Unicode calls `Default_Ignorable_Code_Point` (Unicode
/// Standard, section 5.21): fillers, joiners, variation selectors and formatting marks.
pub(crate) fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}
