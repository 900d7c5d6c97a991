//! LDIF (RFC 2849), the text form of a directory. Each entry is a row; its attributes are columns.

use std::io::{BufReader, Read};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::keyed::KeyedRow;
use super::row::RowFault;
use crate::rows::{MAX_ROW_BYTES, read_line};

/// The entries of a text whose line ends are line feeds.
pub(super) fn rows<'a>(source: impl Read + 'a) -> impl Iterator<Item = KeyedRow> + 'a {
    let mut lines = Unfolded::new(source);
    std::iter::from_fn(move || entry(&mut lines))
}

/// The next entry; `None` at the end.
fn entry(lines: &mut Unfolded<impl Read>) -> Option<KeyedRow> {
    let mut entry: Option<KeyedRow> = None;
    let mut size = 0;
    for (number, line) in lines.by_ref() {
        if line.is_empty() && entry.is_some() {
            break;
        }
        if line.is_empty()
            || line.starts_with(b"#")
            || (entry.is_none() && line.starts_with(b"version:"))
        {
            continue;
        }
        size += line.len();
        let entry = entry.get_or_insert_with(|| KeyedRow {
            line: number,
            pairs: Ok(Vec::new()),
        });
        match (attribute(&line), &mut entry.pairs) {
            // A faulty entry is still read to its end, so that the next one begins at its own `dn`.
            _ if size > MAX_ROW_BYTES => entry.pairs = Err(RowFault::TooLong),
            (Ok((name, value)), Ok(pairs)) => add(pairs, name, value),
            (Err(fault), Ok(_)) => entry.pairs = Err(fault),
            _ => {}
        }
    }
    entry
}

/// Adds a value. The classes of an entry are one value, since one alone does not tell what it is.
fn add(pairs: &mut Vec<(String, String)>, name: String, value: String) {
    let same = pairs
        .iter_mut()
        .find(|(other, _)| *other == name && name == "objectClass");
    match same {
        Some((_, classes)) => {
            classes.push(' ');
            classes.push_str(&value);
        }
        None => pairs.push((name, value)),
    }
}

/// One attribute: `name: value`, `name:: base64`, or `name:< URL`, whose value is elsewhere.
fn attribute(line: &[u8]) -> Result<(String, String), RowFault> {
    let line = std::str::from_utf8(line).map_err(|_| RowFault::NotUtf8)?;
    let malformed =
        || RowFault::Malformed("This line is not LDIF: it has no attribute.".to_owned());
    let (name, value) = line.split_once(':').ok_or_else(malformed)?;
    // An option of the attribute, such as a language, is no part of its name.
    let name = name.split(';').next().unwrap_or(name).trim();
    let value = match value.as_bytes() {
        [b':', encoded @ ..] => decoded(encoded.trim_ascii()),
        [b'<', ..] => String::new(),
        _ => value.trim().to_owned(),
    };
    Ok((name.to_owned(), value))
}

/// The text of a value in base64; empty for a picture or a key.
fn decoded(value: &[u8]) -> String {
    let bytes = STANDARD.decode(value).unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

/// Lines without their line ends, each joined with the lines that continue it: those begin with
/// white space. Numbered by their first line.
pub(super) struct Unfolded<R> {
    source: BufReader<R>,
    number: u64,
    next: Option<Vec<u8>>,
}

impl<R: Read> Unfolded<R> {
    pub(super) fn new(source: R) -> Self {
        Self {
            source: BufReader::new(source),
            number: 0,
            next: None,
        }
    }

    /// The next line, or the beginning of a long one.
    fn line(&mut self) -> Option<Vec<u8>> {
        let mut line = Vec::new();
        let size = read_line(&mut self.source, &mut line).ok()?;
        if line.last() == Some(&b'\n') {
            line.pop();
        }
        (size > 0).then_some(line)
    }
}

impl<R: Read> Iterator for Unfolded<R> {
    type Item = (u64, Vec<u8>);

    fn next(&mut self) -> Option<(u64, Vec<u8>)> {
        let mut line = self.next.take().or_else(|| self.line())?;
        self.number += 1;
        let number = self.number;
        while let Some(next) = self.line() {
            let [b' ' | b'\t', rest @ ..] = next.as_slice() else {
                self.next = Some(next);
                break;
            };
            self.number += 1;
            if line.len() <= MAX_ROW_BYTES {
                line.extend_from_slice(rest);
            }
        }
        Some((number, line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_a_row_of_its_attributes() {
        let text = "version: 1\n# people\n\ndn: uid=zoe\nobjectClass: top\nobjectClass: person\ngivenName:: Wm/D\n qw==\n\
            sn;lang-de: Brandt\njpegPhoto:< file:///x\n\n\ndn: uid=ada\ncn: Ada\n  Lovelace\n";
        let rows: Vec<_> = rows(text.as_bytes()).collect();
        let pairs = |index: usize| rows[index].pairs.clone().unwrap();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [4, 13]);
        assert_eq!(
            pairs(0),
            [
                pair("dn", "uid=zoe"),
                pair("objectClass", "top person"),
                pair("givenName", "Zoë"),
                pair("sn", "Brandt"),
                pair("jpegPhoto", "")
            ]
        );
        assert_eq!(
            pairs(1),
            [pair("dn", "uid=ada"), pair("cn", "Ada Lovelace")]
        );
    }

    #[test]
    fn a_malformed_entry_hides_no_other() {
        let text = format!(
            "dn: a\nnonsense\n\ndn: b\nx: {}\n\ndn: c\n",
            "y".repeat(100_000)
        );
        let rows: Vec<_> = rows(text.as_bytes()).map(|row| row.pairs.is_ok()).collect();
        assert_eq!(rows, [false, false, true]);
    }
}
