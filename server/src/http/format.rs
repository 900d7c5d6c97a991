//! How a list is written: which of its formats the client likes best, and the bytes of each.

use bytes::Bytes;
use hyper::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue};
use roster_common::problem::Code;
use roster_common::rows;

use super::reply::JSON;
use super::{Failure, csv};
use crate::store::Records;

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
        let accept = listed(headers, &ACCEPT);
        let mut ranges: Vec<(&str, f32)> = weights(&accept).collect();
        if ranges.is_empty() {
            return Ok(Self::Json);
        }
        ranges.retain(|(_, weight)| *weight > 0.0);
        ranges.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        let found = ranges
            .into_iter()
            .find_map(|(range, _)| Self::within(range));
        found.ok_or_else(|| {
            Failure::new(
                Code::NotAcceptable,
                "Accept application/json, text/csv or application/x-ndjson.",
            )
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

    /// A whole list.
    pub fn whole(self, records: Records) -> Bytes {
        match self {
            Self::Json => records.into_array(),
            Self::Csv | Self::Ndjson => [self.opening(), self.piece(records, true)].concat().into(),
        }
    }

    /// A part of a list; `first` if nothing but the opening stands before it.
    pub fn piece(self, records: Records, first: bool) -> Bytes {
        if self == Self::Json {
            let elements = records.into_elements();
            return elements.slice(usize::from(first && !elements.is_empty())..);
        }
        let mut out = Vec::new();
        for json in records.iter() {
            if self == Self::Csv {
                csv::write_line(&mut out, json);
            } else {
                write_line(&mut out, json);
            }
        }
        out.into()
    }
}

fn write_line(out: &mut Vec<u8>, json: &[u8]) {
    out.extend_from_slice(json);
    out.push(b'\n');
}

/// A field that is a list, of however many lines.
pub(super) fn listed(headers: &HeaderMap, name: &HeaderName) -> String {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect::<Vec<_>>()
        .join(",")
}

/// What a field lists, and the weight of each (RFC 9110, section 12.4.2).
pub(super) fn weights(listed: &str) -> impl Iterator<Item = (&str, f32)> {
    listed
        .split(',')
        .map(str::trim)
        .filter(|range| !range.is_empty())
        .map(weighed)
}

/// A media range and its weight, which is 1 where none can be read.
fn weighed(range: &str) -> (&str, f32) {
    let mut parts = range.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    (
        name,
        weight.and_then(|weight| weight.parse().ok()).unwrap_or(1.0),
    )
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
            (
                "text/html;q=1, application/x-ndjson;q=0.2, Text/CSV; header=present; Q=0.3",
                Some(Format::Csv),
            ),
            ("application/json;q=0, text/csv;q=0.1", Some(Format::Csv)),
            ("application/json;q=0", None),
            ("application/json;q=x", Some(Format::Json)),
            ("image/png", None),
        ] {
            assert_eq!(accepted(accept), format, "{accept}");
        }
    }
}
