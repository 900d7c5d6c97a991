//! Line ends: `\r\n`, and `\r` alone as old spreadsheets write it, become `\n`.

use std::io::{self, BufRead, BufReader, Read};

/// A source whose line ends are all `\n`.
pub(super) struct LineFeeds<R> {
    source: BufReader<R>,
    /// Whether the last byte was a carriage return, which was passed on as a line feed.
    after_return: bool,
}

impl<R: Read> LineFeeds<R> {
    pub(super) fn new(source: R) -> Self {
        Self {
            source: BufReader::with_capacity(64 * 1024, source),
            after_return: false,
        }
    }
}

impl<R: Read> Read for LineFeeds<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let chunk = self.source.fill_buf()?;
            let skip = usize::from(self.after_return && chunk.first() == Some(&b'\n'));
            if chunk.is_empty() || out.is_empty() {
                return Ok(0);
            }
            self.after_return = false;
            let rest = chunk.get(skip..).unwrap_or_default();
            let piece = rest.get(..rest.len().min(out.len())).unwrap_or_default();
            // Up to the next carriage return, which is replaced.
            let end = memchr::memchr(b'\r', piece);
            let size = end.map_or(piece.len(), |end| end + 1);
            if let (Some(out), Some(piece)) = (out.get_mut(..size), piece.get(..size)) {
                out.copy_from_slice(piece);
                if end.is_some() {
                    out[size - 1] = b'\n';
                    self.after_return = true;
                }
            }
            self.source.consume(skip + size);
            // Nothing is left of a chunk that was only the second half of a line end.
            if size > 0 {
                return Ok(size);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_kind_of_line_end_becomes_a_line_feed() {
        let mut text = String::new();
        let source = &b"a\r\nb\rc\n\r\n\rd\r"[..];
        LineFeeds::new(source).read_to_string(&mut text).unwrap();
        assert_eq!(text, "a\nb\nc\n\n\nd\n");
    }

    proptest! {
        #[test]
        fn it_is_as_if_all_were_replaced_at_once(text in "[ab\r\n]{0,40}", piece in 1usize..5) {
            let mut source = LineFeeds { source: BufReader::with_capacity(piece, text.as_bytes()), after_return: false };
            let mut found = String::new();
            source.read_to_string(&mut found).unwrap();
            prop_assert_eq!(found, text.replace("\r\n", "\n").replace('\r', "\n"));
        }
    }
}
