//! A list of any length, read record by record while it arrives.

use reqwest::Response;
use roster_common::Employee;

use super::Client;
use crate::remote::{ClientError, Result};

/// The records of a list that is still arriving (NDJSON). Memory holds one piece of it.
pub struct RowStream {
    client: Client,
    response: Response,
    /// What has arrived and has not been read; lines end in a line feed.
    buffer: Vec<u8>,
    /// Where in the buffer the next line begins.
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

    /// The next record; nothing after the last.
    ///
    /// # Errors
    /// A list that breaks off is an error, and never a shorter list.
    pub async fn next(&mut self) -> Result<Option<Employee>> {
        loop {
            if let Some(line) = self.line() {
                return serde_json::from_slice(line)
                    .map(Some)
                    .map_err(|e| ClientError::Protocol(e.to_string()));
            }
            match self
                .response
                .chunk()
                .await
                .map_err(|e| self.client.0.http.unreachable(&e))?
            {
                Some(piece) => {
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
