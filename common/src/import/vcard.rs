//! vCard 2.1, 3.0 and 4.0 (RFC 6350). Each card is a row; its properties are columns under the
//! headings that other files use.

use std::io::Read;

use super::keyed::KeyedRow;
use super::ldif::Unfolded;
use super::row::RowFault;
use crate::rows::MAX_ROW_BYTES;

/// The cards of a text whose line ends are line feeds.
pub(super) fn rows<'a>(source: impl Read + 'a) -> impl Iterator<Item = KeyedRow> + 'a {
    let mut lines = Unfolded::new(source);
    std::iter::from_fn(move || card(&mut lines))
}

/// The next card; `None` at the end.
fn card(lines: &mut impl Iterator<Item = (u64, Vec<u8>)>) -> Option<KeyedRow> {
    let begin = lines.find(|(_, line)| line.trim_ascii().eq_ignore_ascii_case(b"BEGIN:VCARD"))?;
    let mut card = Card::default();
    let mut size = 0;
    let mut fault = None;
    while let Some((_, mut line)) = lines.next() {
        if line.trim_ascii().eq_ignore_ascii_case(b"END:VCARD") {
            break;
        }
        // A soft line break of quoted-printable, which only version 2.1 has.
        while line.ends_with(b"=") && line.len() <= MAX_ROW_BYTES && is_quoted_printable(&line) {
            line.pop();
            line.extend(lines.next().map(|(_, next)| next).unwrap_or_default());
        }
        size += line.len();
        if size > MAX_ROW_BYTES {
            fault = Some(RowFault::TooLong);
        } else {
            match std::str::from_utf8(&line) {
                Ok(line) => card.add(line),
                Err(_) => fault = Some(RowFault::NotUtf8),
            }
        }
    }
    let pairs = fault.map_or_else(|| Ok(card.pairs()), Err);
    Some(KeyedRow {
        line: begin.0,
        pairs,
    })
}

fn is_quoted_printable(line: &[u8]) -> bool {
    let name = line.split(|b| *b == b':').next().unwrap_or_default();
    name.to_ascii_uppercase()
        .windows(16)
        .any(|part| part == b"QUOTED-PRINTABLE")
}

/// The values of a card that matter, each with how much it is preferred.
#[derive(Debug, Default)]
struct Card(Vec<(&'static str, u8, String)>);

impl Card {
    fn add(&mut self, line: &str) {
        let Some((name, value)) = split_property(line) else {
            return;
        };
        let upper = name.to_ascii_uppercase();
        let mut parts = upper.split(';');
        // A group, as in `item1.EMAIL`, is no part of the name.
        let property = parts
            .next()
            .unwrap_or_default()
            .rsplit('.')
            .next()
            .unwrap_or_default();
        let parameters: Vec<_> = parts.collect();
        let value = if parameters
            .iter()
            .any(|parameter| parameter.contains("QUOTED-PRINTABLE"))
        {
            decoded(value)
        } else {
            value.to_owned()
        };
        let rank = rank(&parameters);
        let part = |index: usize| {
            components(&value)
                .into_iter()
                .nth(index)
                .unwrap_or_default()
        };
        match property {
            "N" => {
                self.push("lastname", rank, part(0));
                self.push("firstname", rank, part(1));
            }
            "FN" => self.push("fullname", rank, unescaped(&value)),
            "EMAIL" => self.push("email", rank, unescaped(&value)),
            "TEL" => self.push("phone", rank, unescaped(&value)),
            "TITLE" => self.push("title", rank, unescaped(&value)),
            "ROLE" => self.push("role", rank, unescaped(&value)),
            "ORG" => self.push("department", rank, part(1)),
            "ADR" => self.push("location", rank, part(3)),
            "NOTE" => self.push("notes", rank, unescaped(&value)),
            "UID" => self.push("uid", rank, unescaped(&value)),
            "KIND" => self.push("usertype", rank, unescaped(&value)),
            _ => {}
        }
    }

    fn push(&mut self, name: &'static str, rank: u8, value: String) {
        self.0.push((name, rank, value));
    }

    /// The preferred value of each name first.
    fn pairs(mut self) -> Vec<(String, String)> {
        self.0.sort_by_key(|(_, rank, _)| *rank);
        self.0
            .into_iter()
            .map(|(name, _, value)| (name.to_owned(), value))
            .collect()
    }
}

/// Work before everything else, and fax and home last.
fn rank(parameters: &[&str]) -> u8 {
    let has = |word: &str| parameters.iter().any(|parameter| parameter.contains(word));
    match () {
        () if has("FAX") => 5,
        () if has("HOME") => 4,
        () if has("WORK") && has("PREF") => 0,
        () if has("WORK") => 1,
        () if has("PREF") => 2,
        () => 3,
    }
}

/// Splits `NAME;PARAMETERS:value` at the first colon outside quotation marks.
fn split_property(line: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let colon = line.find(|c| {
        quoted ^= c == '"';
        c == ':' && !quoted
    })?;
    Some((line.get(..colon)?, line.get(colon + 1..)?))
}

/// The parts of a value between semicolons that are not escaped.
fn components(value: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for c in value.chars() {
        match parts.last_mut() {
            _ if c == ';' && !escaped => parts.push(String::new()),
            Some(part) => part.push(c),
            None => {}
        }
        escaped = c == '\\' && !escaped;
    }
    parts.iter().map(|part| unescaped(part)).collect()
}

fn unescaped(value: &str) -> String {
    let mut text = String::new();
    let mut characters = value.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => match characters.next() {
                Some('n' | 'N') => text.push('\n'),
                Some(other) => text.push(other),
                None => {}
            },
            c => text.push(c),
        }
    }
    text
}

/// The text of a value in quoted-printable, which is UTF-8 or else Latin-1.
fn decoded(value: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = value.as_bytes();
    while let [byte, after @ ..] = rest {
        rest = after;
        let hex = |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
        match (byte, after.get(..2).and_then(hex)) {
            (b'=', Some(decoded)) => {
                bytes.push(decoded);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => bytes.push(*byte),
        }
    }
    String::from_utf8(bytes)
        .unwrap_or_else(|error| error.as_bytes().iter().copied().map(char::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card_of(text: &str) -> Vec<(String, String)> {
        rows(text.as_bytes()).next().unwrap().pairs.unwrap()
    }

    fn value(card: &[(String, String)], name: &str) -> String {
        card.iter()
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.clone())
            .unwrap_or_default()
    }

    #[test]
    fn a_card_of_version_4_is_read() {
        let card = card_of(
            "BEGIN:VCARD\nVERSION:4.0\nN:Brandt;Zoë;;;\nTEL;TYPE=home:1\nTEL;VALUE=uri;TYPE=\"voice,work\":tel:+49-30-5550101\n\
             item1.EMAIL;PREF=1:zoe@example.com\nORG:Example\\; Sons;R&D\nADR;TYPE=work:;;;Berlin;;;Germany\nNOTE:one\\ntwo\\, t\n hree\nEND:VCARD\n",
        );
        for (name, expected) in [
            ("firstname", "Zoë"),
            ("lastname", "Brandt"),
            ("phone", "tel:+49-30-5550101"),
            ("email", "zoe@example.com"),
            ("department", "R&D"),
            ("location", "Berlin"),
            ("notes", "one\ntwo, three"),
        ] {
            assert_eq!(value(&card, name), expected, "{name}");
        }
    }

    #[test]
    fn a_card_of_version_2_1_is_read() {
        let card = card_of(
            "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=\n=BCrgen\nTEL;WORK;VOICE:+49 30 1\n\
             TEL;HOME:2\nEND:VCARD\n",
        );
        assert_eq!(
            (
                value(&card, "firstname").as_str(),
                value(&card, "lastname").as_str()
            ),
            ("Jürgen", "Müller")
        );
        assert_eq!(value(&card, "phone"), "+49 30 1");
    }
}
