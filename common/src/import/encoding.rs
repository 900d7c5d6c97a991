//! The encoding of a file.

use std::fmt;
use std::io::Read;

use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE};
use encoding_rs_io::DecodeReaderBytesBuilder;

/// An encoding that the user names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding(&'static encoding_rs::Encoding);

impl Encoding {
    /// Finds an encoding by a label of the Encoding Standard, like `windows-1252` or `latin1`.
    pub fn from_name(label: &str) -> Option<Self> {
        encoding_rs::Encoding::for_label(label.as_bytes()).map(Self)
    }

    /// The encoding that a byte order mark at the start of a file declares.
    fn of_mark(start: &[u8]) -> Option<Self> {
        encoding_rs::Encoding::for_bom(start).map(|(encoding, _)| Self(encoding))
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

/// The encoding in which a file is read: as its byte order mark says, else as the user says, else
/// UTF-8. UTF-16 without a mark is recognised by the zero bytes of ASCII letters.
pub(super) fn encoding_of(start: &[u8], named: Option<Encoding>) -> Encoding {
    let zeros_at = |offset: usize| {
        let bytes = start.iter().skip(offset).step_by(2).take(64);
        let count = bytes.clone().count();
        count > 4 && bytes.filter(|byte| **byte == 0).count() * 4 > count * 3
    };
    Encoding::of_mark(start).or(named).unwrap_or_else(|| {
        if zeros_at(1) && !zeros_at(0) {
            Encoding(UTF_16LE)
        } else if zeros_at(0) && !zeros_at(1) {
            Encoding(UTF_16BE)
        } else {
            Encoding(UTF_8)
        }
    })
}

/// Reads a source as UTF-8 without its byte order mark. Bytes that should be UTF-8 are passed on
/// unchanged, so that each row can report its own.
pub(super) fn decoded<'a>(source: impl Read + 'a, encoding: Encoding) -> Box<dyn Read + 'a> {
    let mut builder = DecodeReaderBytesBuilder::new();
    builder
        .utf8_passthru(true)
        .strip_bom(true)
        .bom_override(true);
    if encoding.0 != UTF_8 {
        builder.encoding(Some(encoding.0));
    }
    Box::new(builder.build(source))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8], named: Option<&str>) -> Vec<u8> {
        let named = named.and_then(Encoding::from_name);
        let mut text = Vec::new();
        let encoding = encoding_of(bytes, named);
        decoded(bytes, encoding).read_to_end(&mut text).unwrap();
        text
    }

    #[test]
    fn a_byte_order_mark_decides_and_is_removed() {
        assert_eq!(
            text(b"\xef\xbb\xbfZo\xc3\xab", Some("latin1")),
            "Zoë".as_bytes()
        );
        assert_eq!(text(b"\xff\xfeZ\0o\0\xeb\0", None), "Zoë".as_bytes());
        assert_eq!(text(b"\xfe\xff\0Z\0o\0\xeb", None), "Zoë".as_bytes());
    }

    #[test]
    fn without_a_mark_the_users_word_counts_and_else_it_is_utf_8() {
        assert_eq!(
            text(b"Zo\xeb \x80", Some("windows-1252")),
            "Zoë €".as_bytes()
        );
        assert_eq!(text(b"Zo\xeb", None), b"Zo\xeb");
        assert_eq!(text(b"", None), b"");
    }

    #[test]
    fn utf_16_without_a_mark_is_recognised_by_its_zeros() {
        let wide: Vec<u8> = "firstname,lastname"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(text(&wide, None), b"firstname,lastname");
        let wide: Vec<u8> = "firstname,lastname"
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        assert_eq!(text(&wide, None), b"firstname,lastname");
    }
}
