//! A list of any length, streamed record by record.

use reqwest::Response;
use roster_common::Employee;

use super::Client;
use crate::remote::{ClientError, Result};

/// The most bytes of one record. The longest that the server stores has about a hundredth of it.
const LONGEST: usize = 1 << 20;

/// The records of an NDJSON response. Only one chunk of it is in memory.
pub struct RowStream {
    client: Client,
    response: Response,
    /// Bytes received and not yet parsed.
    buffer: Vec<u8>,
    /// Where the next line starts in the buffer.
    start: usize,
}

impl RowStream {
    pub(super) fn new(client: Client, response: Response) -> Self {
        Self {
            client,
            response,
            buffer: Vec::new(),
            start: 0,
        }
    }

    /// The next record; `None` after the last one.
    ///
    /// # Errors
    /// If the list is cut off, which is never mistaken for its end, or a record is longer than the
    /// server stores.
    pub async fn next(&mut self) -> Result<Option<Employee>> {
        loop {
            if let Some(line) = self.line() {
                return serde_json::from_slice(line)
                    .map(Some)
                    .map_err(|e| ClientError::Protocol(e.to_string()));
            }
            if self.buffer.len() - self.start > LONGEST {
                return Err(ClientError::Protocol("a record is too long".into()));
            }
            match self
                .response
                .chunk()
                .await
                .map_err(|e| self.client.0.http.unreachable(&e))?
            {
                Some(piece) => {
                    // Once per chunk: dropping each line alone would move the rest of the chunk
                    // every time.
                    self.buffer.drain(..self.start);
                    self.start = 0;
                    self.buffer.extend_from_slice(&piece);
                }
                None if self.start == self.buffer.len() => return Ok(None),
                None => {
                    return Err(ClientError::Protocol(
                        "the list ends in the middle of a record".into(),
                    ));
                }
            }
        }
    }

    fn line(&mut self) -> Option<&[u8]> {
        let rest = self.buffer.get(self.start..)?;
        let length = rest.iter().position(|byte| *byte == b'\n')?;
        self.start += length + 1;
        rest.get(..length)
    }
}
