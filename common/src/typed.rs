//! Values as people type them: in a form, on the command line and in a filter.

use jiff::civil::Date;

use crate::dates::{self, DateError};
use crate::employee::{Field, Kind};
use crate::import::status_named;

/// The value that a typed text means, as records have it: `yesterday` is a day, `on leave` a status
/// and `#7` an id. A text that means nothing else is returned as it is, for [`Field::check`].
///
/// # Errors
/// [`DateError`], if a date is not exactly one.
pub fn value(field: Field, typed: &str, today: Date) -> Result<String, DateError> {
    let text = typed.trim();
    let meant = match field.kind() {
        _ if text.is_empty() => None,
        Kind::Date => Some(dates::read(text, today)?.to_string()),
        Kind::Status => status_named(text).map(|status| status.to_string()),
        Kind::Person => text.strip_prefix('#').map(str::to_owned),
        Kind::Required | Kind::Text | Kind::Lines | Kind::Email | Kind::Phone => None,
    };
    Ok(meant.unwrap_or_else(|| typed.to_owned()))
}
