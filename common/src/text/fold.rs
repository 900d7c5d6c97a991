//! Folding: the form in which two texts are compared, so that a name is found even if it is typed
//! in capitals, without its accents, or on another keyboard.
//!
//! Search, completion, grouping and sort orders all use this one fold. It removes only what a
//! writer of the script would call optional: `é` folds to `e` and `ё` to `е`, but the vowel signs
//! of Devanagari and Thai and the voicing marks of kana spell different words, so they stay. राम
//! and रमी therefore differ: neither finds the other, they are two values in a group, and they sort
//! by the code points of their letters and vowel signs.

use unicase::UniCase;
use unicode_normalization::UnicodeNormalization;

use super::invisible::is_ignorable;

/// Folds `text` for comparison. Folding twice changes nothing.
///
/// The steps follow Unicode's compatibility caseless matching (The Unicode Standard, section 3.13,
/// D146), and then go further: accents and invisible characters are removed, letters without a
/// decomposition get their base letters (`ø` → `o`), and typographic punctuation becomes the form
/// on a keyboard (`’` → `'`). A line break counts as a space, so that words are found across it.
pub fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_into(text, &mut folded);
    folded
}

/// Appends a text to `to`, folded as [`folded`] does.
pub fn fold_into(text: &str, to: &mut String) {
    if is_simple(text) {
        return fold_simple(text, to);
    }
    // No letter is composed across a space, and most words of most texts are simple.
    for (index, word) in text.split(' ').enumerate() {
        if index > 0 {
            to.push(' ');
        }
        if is_simple(word) && !word.contains('`') {
            fold_simple(word, to);
        } else {
            fold_unicode(word, to);
        }
    }
}

/// Whether a text of one line has only ASCII. A grave accent stays one in it: the keys of personnel
/// numbers in databases are folded so.
fn is_simple(text: &str) -> bool {
    text.is_ascii() && !text.contains('\n')
}

fn fold_simple(text: &str, to: &mut String) {
    let begin = to.len();
    to.push_str(text);
    if let Some(text) = to.get_mut(begin..) {
        text.make_ascii_lowercase();
    }
}

fn fold_unicode(text: &str, to: &mut String) {
    let decomposed: String = text.chars().map(on_keyboard).nfkd().collect();
    let caseless = UniCase::unicode(decomposed).to_folded_case();
    let mut plain = String::with_capacity(caseless.len());
    for c in caseless.chars().map(on_keyboard) {
        match base_letters(c) {
            Some(letters) => plain.push_str(letters),
            None if is_accent(c) || is_ignorable(c) => {}
            None => plain.push(c),
        }
    }
    // Puts together again what was taken apart only to look for accents: kana, Hangul, Indic
    // letters.
    to.extend(plain.nfc());
}

/// The character that a keyboard has in place of a typographic one.
///
/// Some are mapped before they are decomposed as well: U+00B4, for one, would become a space and an
/// accent.
fn on_keyboard(c: char) -> char {
    match c {
        '\u{60}' | '\u{b4}' | '\u{2b9}' | '\u{2bb}'..='\u{2bd}' | '\u{2c8}' | '\u{384}' => '\'',
        '\u{5f3}' | '\u{1fbd}' | '\u{1fbf}' | '\u{1ffd}' | '\u{1ffe}' => '\'',
        '\u{2018}'..='\u{201b}' | '\u{2032}' | '\u{2035}' | '\u{a78c}' => '\'',
        '\u{5f4}' | '\u{201c}'..='\u{201f}' | '\u{2033}' | '\u{ab}' | '\u{bb}' => '"',
        '\u{58a}' | '\u{5be}' | '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' => '-',
        '\u{301c}' | '\u{ff5e}' => '~',
        '\n' => ' ',
        other => digit(other).unwrap_or(other),
    }
}

/// The ASCII digit for a decimal digit of another script. Full-width digits decompose to it anyway.
fn digit(c: char) -> Option<char> {
    // The zero of each script; its nine other digits follow (The Unicode Standard, section 4.6).
    const ZEROS: [u32; 16] = [
        0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0,
        0xf20, 0x1040, 0x17e0,
    ];
    let value = |zero: &u32| u32::from(c).checked_sub(*zero).filter(|value| *value < 10);
    char::from_digit(ZEROS.iter().find_map(value)?, 10)
}

/// Letters without a decomposition, as people type them who do not have the key. `c` is caseless.
fn base_letters(c: char) -> Option<&'static str> {
    Some(match c {
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ƀ' | 'ɓ' => "b",
        'ƈ' | 'ȼ' => "c",
        'đ' | 'ð' | 'ɖ' | 'ɗ' => "d",
        'ə' | 'ǝ' | 'ɛ' | 'ɇ' => "e",
        'ƒ' => "f",
        'ǥ' | 'ɠ' | 'ɣ' => "g",
        'ħ' | 'ɦ' | 'ⱨ' => "h",
        'ı' | 'ɨ' | 'ɩ' => "i",
        'ɉ' => "j",
        'ƙ' | 'ĸ' | 'ⱪ' => "k",
        'ł' | 'ƚ' | 'ɫ' | 'ⱡ' => "l",
        'ŋ' | 'ɲ' | 'ƞ' => "n",
        'ø' | 'ɔ' | 'ɵ' => "o",
        'ƥ' | 'ᵽ' => "p",
        'ɋ' => "q",
        'ɍ' | 'ɽ' => "r",
        'ȿ' => "s",
        'ŧ' | 'ƭ' | 'ʈ' | 'ⱦ' => "t",
        'ʉ' | 'ʊ' => "u",
        'ʋ' => "v",
        'ⱳ' => "w",
        'ƴ' | 'ɏ' => "y",
        'ƶ' | 'ʒ' | 'ȥ' | 'ⱬ' => "z",
        // Cyrillic letters with a stroke or a descender, as typed on a Russian keyboard.
        'ғ' | 'ґ' | 'ҕ' => "г",
        'җ' => "ж",
        'ҙ' => "з",
        'қ' | 'ҡ' | 'ҝ' | 'ҟ' => "к",
        'ң' | 'ҥ' => "н",
        'ө' => "о",
        'ҫ' => "с",
        'ү' | 'ұ' => "у",
        'ҳ' => "х",
        'ҷ' | 'ҹ' => "ч",
        _ => return None,
    })
}

/// Returns `true` for the marks that writers of the script leave out when in a hurry: the accents
/// of Latin, Greek and Cyrillic, the points of Hebrew, the vowels of Arabic and Syriac.
///
/// The combining marks of all other scripts are part of the spelling.
fn is_accent(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}'
        // Hebrew points and cantillation marks.
        | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}'..='\u{5c2}' | '\u{5c4}'..='\u{5c5}'
        | '\u{5c7}'
        // Arabic vowels and Koranic marks, the hamza on a carrier, and the stretching tatweel.
        | '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}'
        | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e4}' | '\u{6e7}'..='\u{6e8}'
        | '\u{6ea}'..='\u{6ed}' | '\u{8ca}'..='\u{8e1}' | '\u{8e3}'..='\u{8ff}'
        | '\u{711}' | '\u{730}'..='\u{74a}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_text_folds_word_by_word_as_it_does_as_a_whole(
            text in "[ aA`\u{301}\u{93c}क\u{3099}ガカ가\u{1100}\u{1175}\u{11b7}´éΣß\n\u{a0}\u{200d}]{0,12}",
        ) {
            let mut whole = String::new();
            if is_simple(&text) {
                fold_simple(&text, &mut whole);
            } else {
                fold_unicode(&text, &mut whole);
            }
            prop_assert_eq!(folded(&text), whole);
        }
    }
}
