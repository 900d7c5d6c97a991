//! How a list is written: which of its formats the client likes best, and the bytes of each.

use bytes::{Bytes, BytesMut};
use hyper::header::{ACCEPT, HeaderMap, HeaderValue};
use roster_common::problem::Code;
use roster_common::{Employee, rows};

use super::Failure;
use super::reply::JSON;
use crate::store::Record;

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One array.
    Json,
    /// RFC 4180, with the names of the columns in the first line.
    Csv,
    /// One object a line.
    Ndjson,
}

impl Format {
    /// What `Accept` likes best of what can be sent, the first of equals (RFC 9110, section 12.5.1); JSON if there is
    /// no such field.
    ///
    /// # Errors
    /// [`Code::NotAcceptable`]
    pub fn accepted(headers: &HeaderMap) -> Result<Self, Failure> {
        let accept =
            headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(",");
        let ranges = accept.split(',').map(str::trim).filter(|range| !range.is_empty());
        let mut ranges: Vec<(&str, f32)> = ranges.map(weighed).collect();
        if ranges.is_empty() {
            return Ok(Self::Json);
        }
        ranges.retain(|(_, weight)| *weight > 0.0);
        ranges.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        let found = ranges.into_iter().find_map(|(range, _)| Self::within(range));
        found.ok_or_else(|| {
            Failure::new(Code::NotAcceptable, "Accept application/json, text/csv or application/x-ndjson.")
        })
    }

    /// The one that is meant by a media range, in any case.
    fn within(range: &str) -> Option<Self> {
        Some(match range.to_ascii_lowercase().as_str() {
            "application/json" | "application/*" | "*/*" => Self::Json,
            "text/csv" | "text/*" => Self::Csv,
            "application/x-ndjson" => Self::Ndjson,
            _ => return None,
        })
    }

    /// Its `Content-Type`.
    pub fn media_type(self) -> HeaderValue {
        match self {
            Self::Json => JSON,
            Self::Csv => HeaderValue::from_static("text/csv; charset=utf-8; header=present"),
            Self::Ndjson => HeaderValue::from_static("application/x-ndjson"),
        }
    }

    /// What stands before the first record.
    pub fn opening(self) -> Bytes {
        let mut header = Vec::new();
        match self {
            Self::Json => return Bytes::from_static(b"["),
            Self::Csv => rows::write_header(&mut header),
            Self::Ndjson => {}
        }
        header.into()
    }

    /// What stands behind the last.
    pub fn closing(self) -> Bytes {
        Bytes::from_static(if self == Self::Json { b"]" } else { b"" })
    }

    /// Writes records behind each other; `first` if nothing stands before them.
    pub fn write(self, records: &[Record], first: bool) -> Bytes {
        let size = records.iter().map(|record| record.json.len() + 1).sum();
        let mut out = BytesMut::with_capacity(size);
        for (i, record) in records.iter().enumerate() {
            match self {
                Self::Json => {
                    if i > 0 || !first {
                        out.extend_from_slice(b",");
                    }
                    out.extend_from_slice(&record.json);
                }
                Self::Ndjson => {
                    out.extend_from_slice(&record.json);
                    out.extend_from_slice(b"\n");
                }
                Self::Csv => out.extend_from_slice(&csv_line(record)),
            }
        }
        out.freeze()
    }
}

/// A media range and its weight, which is 1 where none can be read.
fn weighed(range: &str) -> (&str, f32) {
    let mut parts = range.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    (name, weight.and_then(|weight| weight.parse().ok()).unwrap_or(1.0))
}

/// A record as a CSV line. What the store holds is what the server wrote: it can be read.
fn csv_line(record: &Record) -> Vec<u8> {
    let mut line = Vec::with_capacity(record.json.len());
    if let Ok(employee) = serde_json::from_slice::<Employee>(&record.json) {
        rows::write_csv(&mut line, &employee);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(accept: &'static str) -> Option<Format> {
        let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]);
        Format::accepted(&headers).ok()
    }

    #[test]
    fn what_is_liked_best_is_sent() {
        for (accept, format) in [
            ("", Some(Format::Json)),
            ("text/csv;q=0.5, application/json", Some(Format::Json)),
            ("text/csv, application/json", Some(Format::Csv)),
            ("text/html;q=1, application/x-ndjson;q=0.2, Text/CSV; header=present; Q=0.3", Some(Format::Csv)),
            ("application/json;q=0, text/csv;q=0.1", Some(Format::Csv)),
            ("application/json;q=0", None),
            ("application/json;q=x", Some(Format::Json)),
            ("image/png", None),
        ] {
            assert_eq!(accepted(accept), format, "{accept}");
        }
    }
}
