//! Warnings about records that were saved.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use roster_common::warning::about_shared_email;
use roster_common::{Employee, RecordWarning};

use super::{App, AppError};
use crate::store::Record;

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
