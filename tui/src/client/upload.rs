//! The rows of an import, streamed to the server.

use std::fs::File;
use std::io;

use futures_util::stream;
use reqwest::Body;
use tokio::io::AsyncReadExt;

/// The chunk size for streaming a file, in bytes.
const PIECE: usize = 64 * 1024;

/// The body of an import.
#[derive(Debug)]
pub struct Upload {
    pub(super) body: Body,
    /// Whether it can be sent only once, so that the token should be renewed first.
    pub(super) is_stream: bool,
}

impl Upload {
    /// The whole body, from memory.
    pub fn whole(rows: impl Into<Vec<u8>>) -> Self {
        Self {
            body: rows.into().into(),
            is_stream: false,
        }
    }

    /// A file from its current position to its end, in chunks. `sent` is called with the number of
    /// bytes sent.
    pub fn file(file: File, sent: impl Fn(u64) + Send + 'static) -> Self {
        let begin = (tokio::fs::File::from_std(file), sent, 0);
        let pieces = stream::try_unfold(begin, async |(mut file, sent, before)| {
            let mut piece = Vec::with_capacity(PIECE);
            let size = file.read_buf(&mut piece).await? as u64;
            sent(before + size);
            Ok::<_, io::Error>((size > 0).then_some((piece, (file, sent, before + size))))
        });
        Self {
            body: Body::wrap_stream(pieces),
            is_stream: true,
        }
    }
}
