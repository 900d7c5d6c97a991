//! List formats: content negotiation and encoding.

use bytes::Bytes;
use hyper::header::{HeaderMap, HeaderValue};
use roster_common::problem::Code;
use roster_common::rows::{self, LineEnd};

use super::reply::JSON;
use super::{Failure, csv, negotiation};
use crate::store::Records;

/// CSV with LF at the end of its lines.
const CSV: &str = "text/csv; charset=utf-8; header=present";

/// CSV with CRLF at the end of its lines. `eol` is a parameter of our own.
const CSV_CRLF: &str = "text/csv; charset=utf-8; header=present; eol=crlf";

/// The format of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One array.
    Json,
    /// CSV (RFC 4180) with a header. Its lines end in LF, as most programs write them, or in CRLF,
    /// as the RFC has it.
    Csv(LineEnd),
    /// NDJSON: one object per line.
    Ndjson,
}

impl Format {
    /// Every format with its media type, the default first.
    const OFFERED: [(&str, Self); 4] = [
        ("application/json", Self::Json),
        (CSV, Self::Csv(LineEnd::Lf)),
        (CSV_CRLF, Self::Csv(LineEnd::CrLf)),
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
            Self::Csv(LineEnd::Lf) => HeaderValue::from_static(CSV),
            Self::Csv(LineEnd::CrLf) => HeaderValue::from_static(CSV_CRLF),
            Self::Ndjson => HeaderValue::from_static("application/x-ndjson"),
        }
    }

    /// The text before the first record.
    pub fn opening(self) -> Bytes {
        let mut header = Vec::new();
        match self {
            Self::Json => return Bytes::from_static(b"["),
            Self::Csv(line_end) => rows::write_header(&mut header, line_end),
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
            Self::Csv(_) | Self::Ndjson => {
                [self.opening(), self.piece(records, true)].concat().into()
            }
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
            match self {
                Self::Csv(line_end) => csv::write_line(&mut out, json, line_end),
                Self::Json | Self::Ndjson => write_line(&mut out, json),
            }
        }
        out.into()
    }
}

fn write_line(out: &mut Vec<u8>, json: &[u8]) {
    out.extend_from_slice(json);
    out.push(b'\n');
}
