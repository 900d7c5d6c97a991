//! The rows of an import, on their way to the server.

use std::fs::File;
use std::io;

use futures_util::stream;
use reqwest::Body;
use tokio::io::AsyncReadExt;

/// How much of a file is in memory at a time, in bytes.
const PIECE: usize = 64 * 1024;

/// What an import sends.
#[derive(Debug)]
pub struct Upload {
    pub(super) body: Body,
    /// Whether it can be sent but once, and so should not meet a token that is past its time.
    pub(super) is_stream: bool,
}

impl Upload {
    /// All of it, from memory.
    pub fn whole(rows: impl Into<Vec<u8>>) -> Self {
        Self {
            body: rows.into().into(),
            is_stream: false,
        }
    }

    /// A file from where it stands to its end, a piece at a time. `sent` is told how many bytes have gone.
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
