//! Importing many employees from one body, which is read while it arrives.

use std::io::{self, Read};

use hyper::header::{HeaderMap, RETRY_AFTER};
use roster_common::api::{
    EmptyCells, ImportMode, ImportOptions, ImportReport, ImportRow, MatchBy, Matching,
    MissingPeople, RowResult,
};
use roster_common::parallel;
use roster_common::parameters::Parameters;
use roster_common::problem::Code;
use roster_common::rows::{self, HeaderError};
use sha2::{Digest, Sha256};

use crate::app::auth::Identity;
use crate::app::import::{CheckedRow, ImportedRows, import};
use crate::app::{AppError, runs};
use crate::http::body::read_long;
use crate::http::reply::json;
use crate::http::state::IMPORTS_AT_ONCE;
use crate::http::{Failure, Request, RequestBody, Response, extract};
use crate::store::IdempotencyKey;

/// The maximum number of rows of an import.
const MAX_ROWS: usize = 2_000_000;
/// The maximum size of the rows in a refusal, in bytes of JSON.
const REPORT_SIZE: usize = 32 * 1024;

/// `POST /employees/import`: 200 with a report, or 422 with the report in the problem if an atomic
/// import was refused.
pub async fn post(request: Request, who: Identity) -> Result<Response, Failure> {
    let query = request.head.uri.query().unwrap_or_default().to_owned();
    let options = parse_query(&query)?;
    let format = format(&request)?;
    let _permit = request.state.imports.try_acquire().map_err(|_| busy())?;
    let app = &request.state.app;
    let (headers, body) = (&request.head.headers, request.body);
    let key = extract::import_key(headers)?;
    let matching = options.matching;
    let read = move |body: &mut dyn Read| collect(matching, format, body);
    let (rows, digest) = read_digested(headers, body, query, read).await?;
    let key = key.map(|key| IdempotencyKey { key, digest });
    let report = import(app, &who, rows, options, key).await?;
    let is_written = report.run.is_some() || options.dry_run;
    if report.refused > 0 && options.mode == ImportMode::Atomic && !is_written {
        return Err(refused(report));
    }
    json(&report)
}

/// Reads the rows while the body arrives. Returns them with a digest of the query and the body.
async fn read_digested(
    headers: &HeaderMap,
    body: RequestBody,
    query: String,
    read: impl FnOnce(&mut dyn Read) -> Result<ImportedRows, Failure> + Send + 'static,
) -> Result<(ImportedRows, [u8; 32]), Failure> {
    let read = move |body: &mut dyn Read| {
        let digest = Sha256::new_with_prefix(query);
        let mut body = Digesting { body, digest };
        read(&mut body).map(|rows| (rows, body.digest.finalize().into()))
    };
    read_long(headers, body, read).await?
}

/// A body whose bytes are added up as they are read.
struct Digesting<'a> {
    body: &'a mut dyn Read,
    digest: Sha256,
}

impl Read for Digesting<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let size = self.body.read(out)?;
        self.digest.update(out.get(..size).unwrap_or_default());
        Ok(size)
    }
}

/// `GET /employees/imports`
pub async fn runs(request: Request, _: Identity) -> Result<Response, Failure> {
    json(&runs::list(&request.state.app).await?)
}

/// `POST /employees/imports/{run}/undo`
pub async fn undo(request: Request, who: Identity) -> Result<Response, Failure> {
    let run = extract::named(&request).and_then(|text| text.parse().ok());
    let run = run.ok_or(AppError::NoRun)?;
    json(&runs::undo(&request.state.app, &who, run).await?)
}

/// The refusal of an atomic import, with as many rows of the report as fit.
fn refused(mut report: ImportReport) -> Failure {
    let rows = match report.refused {
        1 => "1 row was refused".to_owned(),
        refused => format!("{refused} rows were refused"),
    };
    // A row may be refused after the check, when others have been written.
    let outcome = match report.run {
        None => "so nothing was imported",
        Some(_) => "because their employees changed meanwhile; the others were imported",
    };
    let mut detail = format!("{rows}, {outcome}.");
    let all = report.rows.len();
    shorten(&mut report.rows);
    if report.rows.len() < all {
        let more = " The report has the first of them; a dry run lists up to 10,000.";
        detail.push_str(more);
    }
    Failure::new(Code::ValidationFailed, detail)
        .with_problem(|problem| problem.report = Some(Box::new(report)))
}

/// Shortens the rows to [`REPORT_SIZE`]. If not all fit, only the first refused rows are kept.
fn shorten(rows: &mut Vec<ImportRow>) {
    // Numbers and text can always be serialised.
    let size_of = |row: &ImportRow| serde_json::to_vec(row).map_or(0, |json| json.len() + 1);
    if rows.iter().map(size_of).sum::<usize>() <= REPORT_SIZE {
        return;
    }
    rows.retain(|row| row.result == RowResult::Refused);
    let mut size = 0;
    let fits = |row: &&ImportRow| {
        size += size_of(row);
        size <= REPORT_SIZE
    };
    let kept = rows.iter().take_while(fits).count();
    rows.truncate(kept);
}

fn busy() -> Failure {
    let detail = format!("{IMPORTS_AT_ONCE} imports are already running. Try again in a minute.");
    Failure::new(Code::Unavailable, detail).with(RETRY_AFTER, "60".into())
}

/// The format of the body.
#[derive(Debug, Clone, Copy)]
enum Format {
    Csv,
    Ndjson,
    Json,
}

fn format(request: &Request) -> Result<Format, Failure> {
    match extract::media_type(&request.head.headers).as_deref() {
        Some("text/csv") => Ok(Format::Csv),
        Some("application/x-ndjson") => Ok(Format::Ndjson),
        Some("application/json") => Ok(Format::Json),
        _ => {
            let detail =
                "Send `Content-Type: text/csv`, `application/x-ndjson` or `application/json`.";
            Err(Failure::new(Code::MediaTypeUnsupported, detail))
        }
    }
}

fn collect(
    matching: Option<Matching>,
    format: Format,
    body: &mut dyn Read,
) -> Result<ImportedRows, Failure> {
    let checked = move |row| CheckedRow::of(row, matching);
    match format {
        Format::Csv => {
            let rows = rows::read_csv(body).map_err(bad_header)?;
            collect_rows(parallel::map(rows, checked))
        }
        Format::Ndjson => collect_rows(rows::read_ndjson(body, checked)),
        Format::Json => collect_rows(parallel::map(rows::read_json(body), checked)),
    }
}

fn collect_rows(rows: impl Iterator<Item = CheckedRow>) -> Result<ImportedRows, Failure> {
    let mut all = ImportedRows::default();
    for row in rows {
        if all.len() == MAX_ROWS {
            return Err(Failure::new(
                Code::BodyTooLarge,
                format!("Send at most {MAX_ROWS} rows at a time."),
            ));
        }
        all.push(row);
    }
    Ok(all)
}

fn bad_header(error: HeaderError) -> Failure {
    match error {
        HeaderError::Columns(errors) => Failure::fields(Code::BodyInvalid, errors),
        HeaderError::Unreadable(_) => Failure::new(Code::BodyInvalid, "Cannot read the header."),
    }
}

fn parse_query(query: &str) -> Result<ImportOptions, Failure> {
    let mut parameters = Parameters::read(query);
    let modes = [
        ("atomic", ImportMode::Atomic),
        ("partial", ImportMode::Partial),
    ];
    let mode = parameters.choice("mode", &modes).unwrap_or_default();
    let dry_run = parameters.flag("dry_run").unwrap_or_default();
    let by = parameters.choice("match", &MatchBy::WORDS);
    // Without `match` these two mean nothing, and stay unknown.
    let matching = by.map(|by| Matching {
        by,
        missing: parameters.choice("missing", &MissingPeople::WORDS),
        empty: parameters
            .choice("empty", &EmptyCells::WORDS)
            .unwrap_or_default(),
    });
    parameters.finish().map_err(Failure::query)?;
    Ok(ImportOptions {
        mode,
        dry_run,
        matching,
    })
}
