//! Grams: three neighbouring letters of a text. A record that contains a text has all its grams.
//!
//! A letter is one of 128 codes, so that a gram is a small number. ASCII letters have codes of
//! their own; all others share [`SHARED`], so that records with their grams need a look at the text.
//!
//! A gram with which a word ends is another one than the same letters further in front. Notes have
//! the same few words again and again, so "ford" is not looked for in all that have "for" and
//! "order".

use std::ops::RangeInclusive;

use roster_common::employee::Field;

use super::dictionary::{self, Word};
use super::entry::{END, Entry};

/// Three letters, seven bits each, the first in the highest, and a bit that is set if a word ends
/// with them. Behind the end of a field there are only zeros. Grams that begin alike are neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Gram(u32);

/// How many letters there are.
pub(super) const LETTERS: usize = 1 << 7;

/// The first letter of the digits of a phone number. They are apart from digits in other texts,
/// since a search for digits finds phone numbers however they are written.
const PHONE: u8 = 1;

/// The letter of a space, the first one in ASCII.
const ASCII: u8 = PHONE + 10;

/// The letter of `[`, the first one in ASCII behind the capital letters, which no folded text has.
const LOWER: u8 = ASCII + (b'A' - b' ');

/// The first letter that characters share.
const SHARED: u8 = LOWER + (b'~' + 1 - b'[');

/// How many such letters there are.
const SHARES: u32 = LETTERS as u32 - SHARED as u32;

impl Gram {
    /// Three letters, and the one behind them.
    pub(super) fn new([first, second, third]: [u8; 3], next: u8) -> Self {
        let (first, second, third) = (u32::from(first), u32::from(second), u32::from(third));
        Self(first << 15 | second << 8 | third << 1 | u32::from(!is_in_word(next)))
    }

    /// Those with these letters, whatever is behind them.
    fn all_with(letters: [u8; 3]) -> RangeInclusive<Self> {
        Self::new(letters, IN_WORD)..=Self::new(letters, 0)
    }

    /// The first letter.
    pub(super) fn first(self) -> usize {
        (self.0 >> 15) as usize
    }

    /// All but the first letter.
    pub(super) fn rest(self) -> u16 {
        (self.0 & 0x7fff) as u16
    }

    /// Stands in every record that has a value in the field.
    pub(super) fn value_of(field: Field) -> Self {
        Self::new([0, field as u8 + 1, 0], 0)
    }
}

/// The grams by which records with a text are found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Needed {
    /// A record has all of these,
    pub(super) all: Vec<Gram>,
    /// and one of these.
    pub(super) one: Option<RangeInclusive<Gram>>,
}

impl Needed {
    /// Those of a folded text that is searched for; `whole` if a field must be equal to it.
    pub(super) fn by_text(text: &str, whole: bool) -> Self {
        Self::by_letters(text.chars().map(letter).collect(), whole)
    }

    /// Those of digits that are searched for in phone numbers.
    pub(super) fn by_phone(digits: &str, whole: bool) -> Self {
        Self::by_letters(digits.bytes().map(phone_letter).collect(), whole)
    }

    fn by_letters(mut letters: Vec<u8>, whole: bool) -> Self {
        const LAST: u8 = LETTERS as u8 - 1;
        if whole {
            letters.extend([0, 0, 0]);
        }
        let mut all: Vec<Gram> = letters
            .array_windows()
            .map(|[first, second, third, next]| Gram::new([*first, *second, *third], *next))
            .collect();
        all.sort_unstable();
        all.dedup();
        // What is behind the last letters is not known, unless nothing is.
        let one = match *letters.as_slice() {
            [] => None,
            _ if whole => None,
            [only] => Some(Gram::new([only, 0, 0], IN_WORD)..=Gram::new([only, LAST, LAST], 0)),
            [first, second] => {
                Some(Gram::new([first, second, 0], IN_WORD)..=Gram::new([first, second, LAST], 0))
            }
            [.., first, second, third] => Some(Gram::all_with([first, second, third])),
        };
        Self { all, one }
    }

    /// This gram.
    pub(super) fn gram(gram: Gram) -> Self {
        Self {
            all: vec![gram],
            one: None,
        }
    }
}

/// Returns `true` if all records with the [`Needed`] grams contain the text.
pub(super) fn is_exact(text: &str) -> bool {
    text.chars().count() <= 3 && text.chars().all(|c| letter(c) < SHARED)
}

/// Visits the grams of a record: those of every field, and those of the digits of its phone number.
/// One may be visited several times. `letters` is room to work in.
pub(super) fn visit(entry: &Entry<'_>, letters: &mut Vec<u8>, mut visit: impl FnMut(Gram)) {
    letters.clear();
    let texts = entry.chunk.text_of(entry.index).split(char::from(END));
    for (own, field) in texts.zip(Field::ALL) {
        let word = dictionary::dictionary_index(field)
            .and_then(|index| entry.words.word(index, entry.word_id(index)));
        let text = word.map_or(own, Word::folded);
        if !text.is_empty() {
            visit(Gram::value_of(field));
            extend(letters, text);
            letters.extend([0, 0]);
        }
    }
    letters.extend(entry.phone().bytes().map(phone_letter));
    letters.extend([0, 0, 0]);
    for [first, second, third, next] in letters.array_windows() {
        match (first, second) {
            (0, _) => {}
            (_, 0) => visit(Gram::new([*first, 0, 0], 0)),
            (_, _) if *third == 0 => visit(Gram::new([*first, *second, 0], 0)),
            _ => visit(Gram::new([*first, *second, *third], *next)),
        }
    }
}

fn extend(letters: &mut Vec<u8>, text: &str) {
    if text.is_ascii() {
        letters.extend(text.bytes().map(|byte| letter(char::from(byte))));
    } else {
        letters.extend(text.chars().map(letter));
    }
}

fn letter(c: char) -> u8 {
    match c {
        ' '..='@' => ASCII + (c as u8 - b' '),
        '['..='~' => LOWER + (c as u8 - b'['),
        // The letters of an alphabet follow each other, so few of one share a code.
        _ => SHARED + (u32::from(c) % SHARES) as u8,
    }
}

/// Some letter that is in a word.
const IN_WORD: u8 = SHARED;

/// Whether a letter belongs to a word: it is no blank, no punctuation, and not the end of a field.
fn is_in_word(letter: u8) -> bool {
    const ZERO: u8 = ASCII + (b'0' - b' ');
    const A: u8 = LOWER + (b'a' - b'[');
    match letter {
        0 => false,
        PHONE..ASCII => true,
        ASCII..LOWER => (ZERO..ZERO + 10).contains(&letter),
        LOWER..SHARED => (A..A + 26).contains(&letter),
        _ => true,
    }
}

fn phone_letter(digit: u8) -> u8 {
    PHONE + digit.wrapping_sub(b'0') % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_ascii_are_not_shared() {
        let all: Vec<u8> = (' '..='@').chain('['..='~').map(letter).collect();
        assert!(all.is_sorted_by(|a, b| a < b) && all.iter().all(|letter| *letter < SHARED));
        let others: Vec<u8> = "éщ東𝕏A".chars().map(letter).collect();
        assert!(others.iter().all(|letter| *letter >= SHARED));
        assert_eq!((letter('~'), SHARES), (SHARED - 1, 48));
    }

    fn grams(text: &str) -> RangeInclusive<Gram> {
        let letters: Vec<u8> = text.chars().map(letter).collect();
        Gram::all_with(letters.try_into().unwrap())
    }

    #[test]
    fn a_text_needs_its_grams_and_a_short_one_those_that_begin_with_it() {
        let inside = |text: &str| *grams(text).start();
        let at_an_end = |text: &str| *grams(text).end();
        let ababa = Needed {
            all: vec![inside("aba"), inside("bab")],
            one: Some(grams("aba")),
        };
        assert_eq!(Needed::by_text("ababa", false), ababa);
        let two_words = Needed {
            all: vec![inside("n s"), at_an_end("ann")],
            one: Some(grams(" sm")),
        };
        let found = Needed::by_text("ann sm", false);
        assert_eq!(found.one, two_words.one);
        assert!(two_words.all.iter().all(|gram| found.all.contains(gram)));
        assert_eq!(Needed::by_text("", false), Needed::default());
        let short = Needed::by_text("ab", false).one.unwrap();
        assert!(short.contains(&inside("aba")) && short.contains(&at_an_end("abb")));
        assert!(!short.contains(&inside("aaz")) && !short.contains(&inside("ac ")));
        assert_ne!(
            Needed::by_text("123", false),
            Needed::by_phone("123", false)
        );
    }

    #[test]
    fn a_word_ends_where_no_letter_or_digit_follows() {
        let follows = |next: char| is_in_word(letter(next));
        assert!("az09éж渡".chars().all(follows));
        assert!(!" ,.@-'[~".chars().any(follows) && !is_in_word(0));
        assert!(is_in_word(phone_letter(b'0')) && is_in_word(phone_letter(b'9')));
    }

    #[test]
    fn only_a_short_text_of_ascii_is_known_without_a_look() {
        assert!(is_exact("a") && is_exact("a@b"));
        assert!(!is_exact("abcd") && !is_exact("é"));
    }
}
