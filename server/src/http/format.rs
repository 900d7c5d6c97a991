//! List formats: content negotiation and encoding.

use bytes::Bytes;
use hyper::header::{HeaderMap, HeaderValue};
use roster_common::problem::Code;
use roster_common::rows;

use super::reply::JSON;
use super::{Failure, csv, negotiation};
use crate::store::Records;

/// The format of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One array.
    Json,
    /// CSV (RFC 4180) with a header.
    Csv,
    /// NDJSON: one object per line.
    Ndjson,
}

impl Format {
    /// Every format with its media type, the default first.
    const OFFERED: [(&str, Self); 3] = [
        ("application/json", Self::Json),
        ("text/csv; charset=utf-8; header=present", Self::Csv),
        ("application/x-ndjson", Self::Ndjson),
    ];

    /// The format that `Accept` prefers.
    ///
    /// # Errors
    /// [`Code::NotAcceptable`]
    pub fn accepted(headers: &HeaderMap) -> Result<Self, Failure> {
        negotiation::media_type(headers, &Self::OFFERED).ok_or_else(|| {
            Failure::new(
                Code::NotAcceptable,
                "Accept application/json, text/csv or application/x-ndjson.",
            )
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

    /// The text before the first record.
    pub fn opening(self) -> Bytes {
        let mut header = Vec::new();
        match self {
            Self::Json => return Bytes::from_static(b"["),
            Self::Csv => rows::write_header(&mut header),
            Self::Ndjson => {}
        }
        header.into()
    }

    /// The text after the last record.
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

    /// Some records of a list. `first` must be `true` for those right after the opening.
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
