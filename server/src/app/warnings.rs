//! Warnings about records that were saved, or are about to be imported.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use roster_common::warning::about_shared_email;
use roster_common::{Details, Employee, RecordWarning};

use super::{App, AppError};
use crate::rules::packed::EmailsSeen;
use crate::store::{ImportRecord, ImportRecords, Record};

/// How many rows are compared with the store at a time.
const PIECE: usize = 1000;

/// A record that was saved, and warnings about it.
pub struct Saved {
    /// The record.
    pub record: Record,
    /// Its warnings.
    pub warnings: Vec<RecordWarning>,
}

/// Looks for warnings about a record that was saved. It is saved in any case, so there are none if
/// the look-up fails.
pub async fn saved(app: &App, record: Record) -> Saved {
    let warnings = match serde_json::from_slice::<Employee>(&record.json) {
        Ok(employee) => of_employee(app, &employee).await.unwrap_or_default(),
        Err(_) => Vec::new(),
    };
    Saved { record, warnings }
}

async fn of_employee(app: &App, employee: &Employee) -> Result<Vec<RecordWarning>, AppError> {
    let mut warnings = employee.details.warnings(today(app.clock.now()));
    if let Some(email) = employee.details.email() {
        let emails = vec![email.to_owned()];
        let in_use = app.store.emails_in_use(emails, Some(employee.id)).await?;
        warnings.extend(in_use.contains(&true).then(about_shared_email));
    }
    Ok(warnings)
}

/// The day, in UTC.
pub(super) fn today(now: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(now).date()
}

/// The warnings about the rows of an import, by their index. Rows without warnings are left out.
pub(super) async fn of_rows(
    app: &App,
    rows: &ImportRecords,
) -> Result<Vec<(usize, Vec<RecordWarning>)>, AppError> {
    let today = today(app.clock.now());
    let mut earlier = EmailsSeen::default();
    let mut warned = Vec::new();
    let mut start = 0;
    while start < rows.len() {
        let piece: Vec<Details> = (start..rows.len().min(start + PIECE))
            .filter_map(|index| rows.get(index))
            .map(|ImportRecord { details, .. }| details)
            .collect();
        // A row without an address asks about an empty one, so that the answers line up with the
        // rows.
        let email = |details: &Details| details.email().unwrap_or_default().to_owned();
        let emails = piece.iter().map(email).collect();
        let in_use = app.store.emails_in_use(emails, None).await?;
        for ((index, details), in_use) in (start..).zip(&piece).zip(in_use) {
            let mut warnings = details.warnings(today);
            let is_repeated = details.email().is_some_and(|email| !earlier.insert(email));
            warnings.extend((in_use || is_repeated).then(about_shared_email));
            if !warnings.is_empty() {
                warned.push((index, warnings));
            }
        }
        start += PIECE;
    }
    Ok(warned)
}
