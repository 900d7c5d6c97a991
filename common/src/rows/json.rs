//! The texts of many JSON values: one per line, or the elements of one array. They are found
//! without reading the values, so a malformed one hides no other.

use std::io::{self, BufRead, BufReader, Read};

use thiserror::Error;

use super::MAX_ROW_BYTES;

/// The text of one value, with its line or its place in the array, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JsonText {
    pub line: u64,
    pub text: Result<Vec<u8>, NoText>,
}

/// Why there is no text of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum NoText {
    /// It is longer than [`MAX_ROW_BYTES`].
    #[error("The row is longer than 64 KiB.")]
    TooLong,
    /// A comma has no value before or after it.
    #[error("A comma has no value before or after it.")]
    Missing,
    /// The array has no end.
    #[error("The array has no closing bracket. The file may be incomplete.")]
    Unclosed,
}

fn of_bounded_size(text: Vec<u8>) -> Result<Vec<u8>, NoText> {
    if text.len() > MAX_ROW_BYTES {
        return Err(NoText::TooLong);
    }
    Ok(text)
}

/// The lines that are not empty. A byte order mark at the start is skipped.
pub(crate) fn json_lines(source: impl Read) -> impl Iterator<Item = JsonText> {
    let mut source = BufReader::new(source);
    let mut line = 0;
    std::iter::from_fn(move || {
        loop {
            let mut text = Vec::new();
            let size = read_line(&mut source, &mut text).ok()?;
            // Empty lines count, so that an editor shows the same line number.
            line += 1;
            if line == 1 && text.starts_with(b"\xef\xbb\xbf") {
                text.drain(..3);
            }
            match text.trim_ascii() {
                _ if size == 0 => return None,
                b"" => {}
                _ => {
                    let text = of_bounded_size(text);
                    return Some(JsonText { line, text });
                }
            }
        }
    })
}

/// Reads the next line with its line feed, or the start of one that is longer than
/// [`MAX_ROW_BYTES`]. Returns how many bytes were read.
pub(crate) fn read_line(source: &mut impl BufRead, text: &mut Vec<u8>) -> io::Result<usize> {
    let most = MAX_ROW_BYTES as u64 + 1;
    let size = source.by_ref().take(most).read_until(b'\n', text)?;
    if size > MAX_ROW_BYTES && !text.ends_with(b"\n") {
        source.skip_until(b'\n')?;
    }
    Ok(size)
}

/// The elements of an array. What stands before `[` and after the closing `]` is an element of its
/// own, which is malformed, unless it is white space or a byte order mark.
pub(crate) fn json_elements(source: impl Read) -> impl Iterator<Item = JsonText> {
    Elements {
        bytes: BufReader::new(source).bytes(),
        place: 0,
        scan: Scan::default(),
        last: None,
    }
}

struct Elements<R> {
    bytes: io::Bytes<BufReader<R>>,
    /// The place of the last element: an array may be all in one line.
    place: u64,
    scan: Scan,
    /// What was before the rest.
    last: Option<Separator>,
}

/// What stands around the elements of the outermost array.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Separator {
    Open,
    Comma,
    Close,
}

/// Where the scanner is: how deep in brackets, and whether in a string.
#[derive(Default)]
struct Scan {
    depth: usize,
    is_text: bool,
    is_escaped: bool,
}

impl Scan {
    /// Takes the next byte. Returns what it separates in the outermost array, if it does.
    fn take(&mut self, byte: u8) -> Option<Separator> {
        if self.is_text {
            self.is_text = self.is_escaped || byte != b'"';
            self.is_escaped = byte == b'\\' && !self.is_escaped;
            return None;
        }
        // Brackets are counted but not matched: a wrong one is found when its element is parsed.
        match byte {
            b'"' => self.is_text = true,
            b'[' | b'{' => {
                self.depth += 1;
                return (self.depth == 1 && byte == b'[').then_some(Separator::Open);
            }
            b']' | b'}' => {
                self.depth = self.depth.saturating_sub(1);
                return (self.depth == 0).then_some(Separator::Close);
            }
            b',' => return (self.depth == 1).then_some(Separator::Comma),
            _ => {}
        }
        None
    }
}

impl<R: Read> Elements<R> {
    /// The text up to the next separator, and that separator; `None` at the end.
    fn piece(&mut self) -> (Vec<u8>, Option<Separator>) {
        let mut text = Vec::new();
        while let Some(Ok(byte)) = self.bytes.next() {
            if let Some(separator) = self.scan.take(byte) {
                return (text, Some(separator));
            }
            // A byte order mark stands outside all brackets.
            let is_mark = self.scan.depth == 0 && matches!(byte, 0xef | 0xbb | 0xbf);
            let is_before = text.is_empty() && (byte.is_ascii_whitespace() || is_mark);
            if !is_before && text.len() <= MAX_ROW_BYTES {
                text.push(byte);
            }
        }
        (text, None)
    }
}

impl<R: Read> Iterator for Elements<R> {
    type Item = JsonText;

    fn next(&mut self) -> Option<JsonText> {
        let text = loop {
            let before = self.last;
            let (text, after) = self.piece();
            self.last = after;
            let is_after_comma = before == Some(Separator::Comma);
            match after {
                // Before the text itself is checked: the last element of a truncated file is
                // incomplete, and not malformed.
                None if matches!(before, Some(Separator::Open | Separator::Comma)) => {
                    break Err(NoText::Unclosed);
                }
                _ if !text.is_empty() => break of_bounded_size(text),
                None => return None,
                Some(Separator::Comma) => break Err(NoText::Missing),
                Some(Separator::Close) if is_after_comma => break Err(NoText::Missing),
                Some(Separator::Open | Separator::Close) => {}
            }
        };
        self.place += 1;
        Some(JsonText {
            line: self.place,
            text,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn elements(text: &str) -> Vec<(u64, String)> {
        let element = |element: JsonText| {
            (
                element.line,
                String::from_utf8(element.text.unwrap())
                    .unwrap()
                    .trim()
                    .to_owned(),
            )
        };
        json_elements(text.as_bytes()).map(element).collect()
    }

    #[test]
    fn an_array_is_split_at_its_commas() {
        let text = "\u{feff}[{\"a\": \"],\\\"[\"},\n {\"b\": [1, 2]}\n,\n7 ]\n";
        let expected = [
            (1, "{\"a\": \"],\\\"[\"}"),
            (2, "{\"b\": [1, 2]}"),
            (3, "7"),
        ];
        assert_eq!(
            elements(text),
            expected.map(|(line, text)| (line, text.to_owned()))
        );
        assert!(
            elements("[]").is_empty() && elements(" [ ] ").is_empty() && elements("").is_empty()
        );
    }

    #[test]
    fn a_value_that_is_too_long_hides_no_other() {
        let text = format!("[\"{}\",\"b\"]", "a".repeat(MAX_ROW_BYTES));
        let found: Vec<_> = json_elements(text.as_bytes())
            .map(|element| element.text.is_ok())
            .collect();
        assert_eq!(found, [false, true]);
    }

    #[test]
    fn what_an_array_lacks_is_an_element_of_its_own() {
        let faults = |text: &str| -> Vec<_> {
            json_elements(text.as_bytes())
                .map(|element| element.text.err())
                .collect()
        };
        let missing = Some(NoText::Missing);
        assert_eq!(faults("[,]"), [missing, missing]);
        assert_eq!(faults("[{},]"), [None, missing]);
        assert_eq!(faults("[{}, ,{}]"), [None, missing, None]);
        for cut in ["[", "[{}", "[{},", "[{},{\"a\": 1"] {
            assert_eq!(faults(cut).last(), Some(&Some(NoText::Unclosed)), "{cut}");
        }
    }

    #[test]
    fn a_mark_before_the_first_line_is_skipped() {
        let lines: Vec<_> = json_lines("\u{feff}{}\n\n[1]\r\n".as_bytes())
            .map(|line| line.line)
            .collect();
        assert_eq!(lines, [1, 3]);
        assert_eq!(
            json_lines("\u{feff}{}\n".as_bytes())
                .next()
                .unwrap()
                .text
                .unwrap(),
            b"{}\n"
        );
    }

    proptest! {
        #[test]
        fn every_array_is_split_into_its_elements(values in prop::collection::vec("[a-z\\[\\]{},\"\\\\]{0,8}", 0..6)) {
            let text = serde_json::to_string_pretty(&values).unwrap();
            let found: Vec<String> = json_elements(text.as_bytes())
                .map(|element| serde_json::from_slice(&element.text.unwrap()).unwrap())
                .collect();
            prop_assert_eq!(found, values);
        }
    }
}
