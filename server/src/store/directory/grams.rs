//! Grams: three neighbouring letters of a text. A record that contains a text has all its grams.
//!
//! A letter is one of 128 codes, so that a gram is a small number. ASCII letters have codes of
//! their own; all others share [`SHARED`], so that records with their grams need a look at the text.

use std::ops::RangeInclusive;

use roster_common::employee::Field;

use super::dictionary;
use super::entry::{END, Entry};

/// Three letters, seven bits each, the first in the highest. Behind the end of a field there are
/// only zeros. Grams that begin alike are neighbours.
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
    pub(super) fn new(first: u8, second: u8, third: u8) -> Self {
        Self(u32::from(first) << 14 | u32::from(second) << 7 | u32::from(third))
    }

    /// The first letter.
    pub(super) fn first(self) -> usize {
        (self.0 >> 14) as usize
    }

    /// The second and the third letter.
    pub(super) fn rest(self) -> u16 {
        (self.0 & 0x3fff) as u16
    }

    /// Stands in every record that has a value in the field.
    pub(super) fn value_of(field: Field) -> Self {
        Self::new(0, field as u8 + 1, 0)
    }
}

/// The grams by which records with a text are found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Needed {
    /// A record has all of these.
    All(Vec<Gram>),
    /// A record has one of these.
    One(RangeInclusive<Gram>),
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
            letters.push(0);
        }
        match *letters.as_slice() {
            [] => Self::All(Vec::new()),
            [only] => Self::One(Gram::new(only, 0, 0)..=Gram::new(only, LAST, LAST)),
            [first, second] => {
                Self::One(Gram::new(first, second, 0)..=Gram::new(first, second, LAST))
            }
            _ => {
                let mut grams: Vec<Gram> = letters
                    .array_windows()
                    .map(|[first, second, third]| Gram::new(*first, *second, *third))
                    .collect();
                grams.sort_unstable();
                grams.dedup();
                Self::All(grams)
            }
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
        let text = word.map_or(own, |word| &word.folded);
        if !text.is_empty() {
            visit(Gram::value_of(field));
            extend(letters, text);
            letters.extend([0, 0]);
        }
    }
    letters.extend(entry.phone().bytes().map(phone_letter));
    letters.extend([0, 0]);
    for [first, second, third] in letters.array_windows() {
        match (first, second) {
            (0, _) => {}
            (_, 0) => visit(Gram::new(*first, 0, 0)),
            _ => visit(Gram::new(*first, *second, *third)),
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

    #[test]
    fn a_text_needs_its_grams_and_a_short_one_those_that_begin_with_it() {
        let gram = |text: &str| {
            let letters: Vec<u8> = text.chars().map(letter).collect();
            Gram::new(letters[0], letters[1], letters[2])
        };
        let all = Needed::All(vec![gram("aba"), gram("bab")]);
        assert_eq!(Needed::by_text("ababa", false), all);
        assert_eq!(Needed::by_text("", false), Needed::All(Vec::new()));
        let Needed::One(short) = Needed::by_text("ab", false) else {
            panic!("two letters are the beginning of many grams");
        };
        assert!(short.contains(&gram("aba")) && short.contains(&gram("abb")));
        assert!(!short.contains(&gram("aaz")) && !short.contains(&gram("ac ")));
        assert_ne!(
            Needed::by_text("123", false),
            Needed::by_phone("123", false)
        );
    }

    #[test]
    fn only_a_short_text_of_ascii_is_known_without_a_look() {
        assert!(is_exact("a") && is_exact("a@b"));
        assert!(!is_exact("abcd") && !is_exact("é"));
    }
}
