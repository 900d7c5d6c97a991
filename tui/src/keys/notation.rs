//! The notation of keys, in the help and in config.toml: `j`, `Ctrl-d`, `Space`, `PgDn`, `↑`, `gg`.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use super::key::Key;

/// The named keys.
const NAMES: [(Key, &str); 18] = [
    (Key::Char(' '), "Space"),
    (Key::Enter, "Enter"),
    (Key::Esc, "Esc"),
    (Key::Tab, "Tab"),
    (Key::BackTab, "Shift-Tab"),
    (Key::Backspace, "Backspace"),
    (Key::Delete, "Del"),
    (Key::Up, "↑"),
    (Key::Down, "↓"),
    (Key::Left, "←"),
    (Key::Right, "→"),
    (Key::WordLeft, "Ctrl-←"),
    (Key::WordRight, "Ctrl-→"),
    (Key::Home, "Home"),
    (Key::End, "End"),
    (Key::PageUp, "PgUp"),
    (Key::PageDown, "PgDn"),
    (Key::Ctrl(' '), "Ctrl-Space"),
];

/// Names for the arrows, which are hard to type.
const ARROWS: [(&str, &str); 4] = [("up", "↑"), ("down", "↓"), ("left", "←"), ("right", "→")];

/// The numbers of the function keys.
const FUNCTION_KEYS: RangeInclusive<u8> = 1..=12;

/// Ctrl keys that terminals send as another key.
const ALIASES: [(char, &str); 5] = [
    ('h', "Backspace"),
    ('i', "Tab"),
    ('j', "Enter"),
    ('m', "Enter"),
    ('[', "Esc"),
];

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((_, name)) = NAMES.iter().find(|(key, _)| key == self) {
            return f.write_str(name);
        }
        match self {
            Self::Char(c) => write!(f, "{c}"),
            Self::Twice(c) => write!(f, "{c}{c}"),
            Self::Ctrl(c) => write!(f, "Ctrl-{c}"),
            Self::Alt(' ') => f.write_str("Alt-Space"),
            Self::Alt(c) => write!(f, "Alt-{c}"),
            Self::F(number) => write!(f, "F{number}"),
            named => write!(f, "{named:?}"),
        }
    }
}

/// Why a text is not a key that terminals can send.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyNotationError {
    /// Not a key.
    #[error(
        "unknown key {0:?}: write keys as the help shows them, like j, G, gg, Space, Enter, \
            Ctrl-d, Alt-u, PgDn, F1, ↑ or Up"
    )]
    Unknown(String),
    /// Shift with a character.
    #[error("write Shift-{0} as the character it types, like {upper}", upper = .0.to_uppercase())]
    Shift(char),
    /// Terminals send it as another key.
    #[error("terminals send Ctrl-{0} as {1}; write {1}")]
    Twin(char, &'static str),
    /// Terminals cannot send it.
    #[error("terminals cannot send Ctrl-{0}")]
    NotSent(char),
}

impl FromStr for Key {
    type Err = KeyNotationError;

    /// Parses the notation. Names and Ctrl letters may be in either case, and `Up` stands for `↑`.
    fn from_str(text: &str) -> Result<Self, KeyNotationError> {
        let name = text.to_lowercase();
        let spelt = |known: &str| {
            ARROWS
                .iter()
                .fold(known.to_lowercase(), |known, (word, arrow)| {
                    known.replace(arrow, word)
                })
        };
        if let Some((key, _)) = NAMES
            .iter()
            .find(|(_, known)| known.to_lowercase() == name || spelt(known) == name)
        {
            return Ok(*key);
        }
        let unknown = || KeyNotationError::Unknown(text.to_owned());
        if let Some(rest) = name.strip_prefix("ctrl-") {
            return ctrl(one(rest).ok_or_else(unknown)?);
        }
        if let Some(rest) = name.strip_prefix("shift-") {
            return Err(one(rest).map_or_else(unknown, KeyNotationError::Shift));
        }
        if name.starts_with("alt-") {
            // From the text as written: unlike Ctrl, Alt tells capital letters from small ones.
            let rest = text.get("alt-".len()..).unwrap_or_default();
            let letter = if rest.eq_ignore_ascii_case("space") {
                Some(' ')
            } else {
                one(rest)
            };
            return letter.map(Self::Alt).ok_or_else(unknown);
        }
        if let Some(number) = name.strip_prefix('f').and_then(|rest| rest.parse().ok()) {
            return Some(Self::F(number))
                .filter(|_| FUNCTION_KEYS.contains(&number))
                .ok_or_else(unknown);
        }
        let mut chars = text.chars();
        match (
            chars.next().filter(|c| is_written(*c)),
            chars.next(),
            chars.next(),
        ) {
            (Some(c), None, _) => Ok(Self::Char(c)),
            (Some(c), Some(again), None) if c == again => Ok(Self::Twice(c)),
            _ => Err(unknown()),
        }
    }
}

/// The character, if the text is a single visible one.
fn one(text: &str) -> Option<char> {
    let mut chars = text.chars();
    chars
        .next()
        .filter(|c| is_written(*c) && chars.next().is_none())
}

fn is_written(c: char) -> bool {
    !c.is_control() && !c.is_whitespace()
}

/// Ctrl combines with letters and four signs; some of them arrive as other keys.
fn ctrl(c: char) -> Result<Key, KeyNotationError> {
    match ALIASES.into_iter().find(|(twin, _)| *twin == c) {
        Some((_, sent)) => Err(KeyNotationError::Twin(c, sent)),
        None if matches!(c, 'a'..='z' | '\\' | ']' | '^' | '_') => Ok(Key::Ctrl(c)),
        None => Err(KeyNotationError::NotSent(c)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Any key that a terminal can send, and a pair of letters.
    fn keys() -> impl Strategy<Value = Key> {
        let is_letter = |c: &char| is_written(*c) && !"↑↓←→".contains(*c);
        let seen =
            move || any::<char>().prop_filter("a character that is seen, and no arrow", is_letter);
        let control =
            prop::char::range('a', 'z').prop_filter("Ctrl and a letter", |c| ctrl(*c).is_ok());
        prop_oneof![
            prop::sample::select(NAMES.as_slice()).prop_map(|(key, _)| key),
            seen().prop_map(Key::Char),
            seen().prop_map(Key::Twice),
            seen().prop_map(Key::Alt),
            FUNCTION_KEYS.prop_map(Key::F),
            control.prop_map(Key::Ctrl),
        ]
    }

    proptest! {
        #[test]
        fn a_key_is_written_as_it_is_shown(key in keys()) {
            prop_assert_eq!(key.to_string().parse(), Ok(key));
        }

        #[test]
        fn parsing_and_showing_a_key_round_trips(text in "(Ctrl-|Alt-|Shift-)?\\PC{0,6}") {
            if let Ok(key) = text.parse::<Key>() {
                prop_assert_eq!(key.to_string().parse(), Ok(key));
            }
        }
    }

    #[test]
    fn common_spellings_of_keys_are_accepted() {
        for (text, key) in [
            ("ctrl-D", Key::Ctrl('d')),
            ("space", Key::Char(' ')),
            ("PgUp", Key::PageUp),
            ("Up", Key::Up),
            ("Ctrl-Left", Key::WordLeft),
            ("Ctrl-_", Key::Ctrl('_')),
            ("Alt-U", Key::Alt('U')),
            ("-", Key::Char('-')),
            ("Alt--", Key::Alt('-')),
            ("gg", Key::Twice('g')),
            ("f1", Key::F(1)),
        ] {
            assert_eq!(text.parse(), Ok(key), "{text}");
        }
    }

    #[test]
    fn an_impossible_key_is_refused_with_the_key_to_use() {
        let why = |text: &str| text.parse::<Key>().unwrap_err().to_string();
        assert_eq!(why("Ctrl-i"), "terminals send Ctrl-i as Tab; write Tab");
        assert_eq!(why("Ctrl-;"), "terminals cannot send Ctrl-;");
        assert_eq!(
            why("Shift-g"),
            "write Shift-g as the character it types, like G"
        );
        for text in [
            "", "gx", "ggg", "Ctrl-", "Ctrl-dd", "Ctrl+d", "F0", "F13", "\t", "Alt-",
        ] {
            assert_eq!(
                text.parse::<Key>(),
                Err(KeyNotationError::Unknown(text.to_owned()))
            );
        }
    }
}
