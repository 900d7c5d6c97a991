//! Decodes gzip request bodies (RFC 9110, section 8.4; RFC 1952) up to a size limit, so that a
//! small body that expands to a huge one costs bounded memory and time.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use hyper::header::{CONTENT_ENCODING, HeaderMap};

/// How a request body is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentCoding {
    /// Not encoded.
    Identity,
    /// gzip.
    Gzip,
}

/// The content coding is not supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Send the body with `Content-Encoding: gzip`, or not encoded.")]
pub struct UnsupportedCoding;

impl ContentCoding {
    /// Reads `Content-Encoding`.
    ///
    /// # Errors
    /// Any other coding, and more than one.
    pub fn of(headers: &HeaderMap) -> Result<Self, UnsupportedCoding> {
        let lines = headers.get_all(CONTENT_ENCODING).iter();
        let codings = lines.flat_map(|line| line.as_bytes().split(|b| *b == b','));
        let mut codings = codings
            .map(|coding| coding.trim_ascii().to_ascii_lowercase())
            .filter(|coding| !coding.is_empty() && coding != b"identity");
        match (codings.next().as_deref(), codings.next()) {
            (None, _) => Ok(Self::Identity),
            (Some(b"gzip" | b"x-gzip"), None) => Ok(Self::Gzip),
            _ => Err(UnsupportedCoding),
        }
    }
}

/// Why a body could not be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecodeError {
    /// Its decoded size exceeds the limit.
    TooLong,
    /// It is not gzip, is incomplete, or has a wrong checksum.
    Malformed,
}

/// Reads a body and decodes it. Reading ends at the first error, so that readers need not handle
/// it; [`Decoder::finish`] returns it afterwards.
pub struct Decoder<'a> {
    source: Box<dyn Read + 'a>,
    /// How many more decoded bytes are allowed.
    left: usize,
    error: Option<DecodeError>,
}

impl<'a> Decoder<'a> {
    /// Creates a decoder of `source`, limited to `limit` decoded bytes.
    pub fn new(coding: ContentCoding, source: impl Read + 'a, limit: usize) -> Self {
        Self {
            source: match coding {
                ContentCoding::Identity => Box::new(source),
                ContentCoding::Gzip => Box::new(MultiGzDecoder::new(source)),
            },
            left: limit,
            error: None,
        }
    }

    /// Checks that everything was decoded.
    ///
    /// # Errors
    /// The error at which reading ended.
    pub fn finish(self) -> Result<(), DecodeError> {
        self.error.map_or(Ok(()), Err)
    }
}

impl Read for Decoder<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.error.is_some() {
            return Ok(0);
        }
        match self.source.read(out) {
            Ok(size) if size <= self.left => {
                self.left -= size;
                return Ok(size);
            }
            Ok(_) => self.error = Some(DecodeError::TooLong),
            Err(_) => self.error = Some(DecodeError::Malformed),
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use hyper::header::HeaderValue;
    use proptest::prelude::*;
    use std::io::Write;

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    /// What is read of a body, and how it ended.
    fn decode(body: &[u8], limit: usize) -> (Vec<u8>, Result<(), DecodeError>) {
        let mut decoder = Decoder::new(ContentCoding::Gzip, body, limit);
        let mut plain = Vec::new();
        decoder.read_to_end(&mut plain).unwrap();
        (plain, decoder.finish())
    }

    #[test]
    fn gzip_is_the_one_coding() {
        let of = |lines: &[&'static str]| {
            let lines = lines
                .iter()
                .map(|line| (CONTENT_ENCODING, HeaderValue::from_static(line)));
            let mut headers = HeaderMap::new();
            lines.for_each(|(name, value)| _ = headers.append(name, value));
            ContentCoding::of(&headers).ok()
        };
        assert_eq!(of(&[]), Some(ContentCoding::Identity));
        assert_eq!(of(&["identity"]), Some(ContentCoding::Identity));
        assert_eq!(of(&["GZip"]), Some(ContentCoding::Gzip));
        assert_eq!(of(&["x-gzip, identity"]), Some(ContentCoding::Gzip));
        for refused in [
            &["br"][..],
            &["gzip, gzip"],
            &["gzip", "gzip"],
            &["deflate"],
            &["gzipx"],
        ] {
            assert_eq!(of(refused), None, "{refused:?}");
        }
    }

    #[test]
    fn several_members_are_one_body() {
        let body = [gzip(b"id,first"), gzip(b""), gzip(b"name\n")].concat();
        assert_eq!(decode(&body, 100), (b"id,firstname\n".to_vec(), Ok(())));
    }

    #[test]
    fn truncated_damaged_or_foreign_data_is_malformed() {
        let whole = gzip(b"firstname,lastname\n");
        let mut bent = whole.clone();
        bent[whole.len() - 6] ^= 1;
        let tailed = [whole.clone(), b"tail".to_vec()].concat();
        for body in [
            b"".as_slice(),
            b"plain",
            &whole[..whole.len() - 1],
            &bent,
            &tailed,
        ] {
            assert_eq!(decode(body, 100).1, Err(DecodeError::Malformed), "{body:?}");
        }
    }

    #[test]
    fn a_bomb_is_given_up_at_the_limit() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        for _ in 0..64 {
            encoder.write_all(&vec![0; 1 << 20]).unwrap();
        }
        let bomb = encoder.finish().unwrap();
        assert!(bomb.len() < 100_000);
        let (plain, outcome) = decode(&bomb, 65_536);
        assert_eq!(outcome, Err(DecodeError::TooLong));
        assert!(plain.len() <= 65_536);
    }

    proptest! {
        #[test]
        fn the_limit_counts_decoded_bytes(plain in prop::collection::vec(any::<u8>(), 0..3000), limit in 0usize..3000) {
            let (read, outcome) = decode(&gzip(&plain), limit);
            if plain.len() <= limit {
                prop_assert_eq!((read, outcome), (plain, Ok(())));
            } else {
                prop_assert_eq!(outcome, Err(DecodeError::TooLong));
                prop_assert!(plain.starts_with(&read));
            }
        }
    }
}
