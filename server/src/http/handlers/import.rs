//! Many employees in one body, read while it arrives.

use hyper::header::RETRY_AFTER;
use roster_common::api::ImportMode;
use roster_common::parameters::Parameters;
use roster_common::problem::Code;
use roster_common::rows::{self, HeaderError, Row};

use crate::app::auth::Identity;
use crate::app::import::{Options, Rows, import};
use crate::http::body::{BodyReader, read_long};
use crate::http::reply::json;
use crate::http::{Failure, Request, Response, extract};

/// The most rows of an import.
const MOST_ROWS: usize = 2_000_000;
/// How many imports there may be at a time: each takes about as much memory as its rows have bytes.
pub(in crate::http) const AT_ONCE: usize = 2;

/// `POST /employees/import`: 200 with a result for each row; 422 where rows are refused and so nothing was imported,
/// the same report in the problem.
pub async fn post(request: Request, who: Identity) -> Result<Response, Failure> {
    let options = options(request.head.uri.query().unwrap_or_default())?;
    let read = match extract::media_type(&request.head.headers).as_deref() {
        Some("text/csv") => read_csv,
        Some("application/x-ndjson") => read_ndjson,
        _ => {
            let detail = "Send `Content-Type: text/csv` or `application/x-ndjson`.";
            return Err(Failure::new(Code::MediaTypeUnsupported, detail));
        }
    };
    let _place = request.state.imports.try_acquire().map_err(|_| busy())?;
    let rows = read_long(request.body, read).await??;
    let report = import(&request.state.app, &who, rows, options).await?;
    if report.refused > 0 && options.mode == ImportMode::Atomic && !options.dry_run {
        let detail = format!(
            "{} rows are refused, so nothing was imported.",
            report.refused
        );
        let failure = Failure::new(Code::ValidationFailed, detail);
        return Err(failure.with_problem(|problem| problem.report = Some(Box::new(report))));
    }
    json(&report)
}

fn busy() -> Failure {
    let detail = format!("{AT_ONCE} imports are under way; try again in a minute.");
    Failure::new(Code::Unavailable, detail).with(RETRY_AFTER, "60".into())
}

fn read_csv(body: BodyReader) -> Result<Rows, Failure> {
    checked(rows::read_csv(body).map_err(bad_header)?)
}

fn read_ndjson(body: BodyReader) -> Result<Rows, Failure> {
    checked(rows::read_ndjson(body))
}

fn checked(rows: impl Iterator<Item = Row>) -> Result<Rows, Failure> {
    let mut all = Rows::default();
    for row in rows {
        if all.len() == MOST_ROWS {
            return Err(Failure::new(
                Code::BodyTooLarge,
                format!("Send at most {MOST_ROWS} rows at a time."),
            ));
        }
        all.push(row);
    }
    Ok(all)
}

fn bad_header(error: HeaderError) -> Failure {
    match error {
        HeaderError::Columns(errors) => Failure::fields(Code::BodyInvalid, errors),
        HeaderError::Unreadable(_) => {
            Failure::new(Code::BodyInvalid, "The first line cannot be read.")
        }
    }
}

fn options(query: &str) -> Result<Options, Failure> {
    let mut parameters = Parameters::read(query);
    let modes = [
        ("atomic", ImportMode::Atomic),
        ("partial", ImportMode::Partial),
    ];
    let options = Options {
        mode: parameters.choice("mode", &modes).unwrap_or_default(),
        dry_run: parameters.flag("dry_run").unwrap_or_default(),
    };
    parameters.finish().map_err(Failure::query)?;
    Ok(options)
}
