//! Comparisons of numbers and dates.

use std::ops::RangeInclusive;

use jiff::Timestamp;
use jiff::civil::{Date, date};

use super::Mistake;
use super::moment::{PeriodOrAge, days_of, instant};
use crate::dates::{self, DateError};
use crate::employee::{Employee, Kind};
use crate::query::Column;

/// A condition on a number, a date or a time: it must be in a range.
///
/// It is written with `>`, `>=`, `<`, `<=`, `=`, or as `2020..2022`, where one end may be missing.
/// A year, month or day stands for all of it: `hired:>2024` begins with 2025, and
/// `hired:2020..2022` ends with 2022. An age is compared with how long ago something is:
/// `created:<7d` is the last seven days, and `hired:>5y` more than five years ago. Records without a
/// date are in no range.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Range {
    /// The column: the id, a date, or when the record was created or changed.
    pub column: Column,
    /// The values that it may have, as [`ordinal`] counts them.
    pub values: RangeInclusive<i64>,
}

impl Range {
    /// Returns `true` if a record meets the condition.
    pub fn matches(&self, record: &Employee) -> bool {
        ordinal(record, self.column).is_some_and(|value| self.values.contains(&value))
    }
}

/// A record's number in a column that can be compared: an id, the days since 1970-01-01 of a date,
/// or the milliseconds since then of a time. `None` if it has none, or the column is text.
pub fn ordinal(record: &Employee, column: Column) -> Option<i64> {
    match column {
        Column::Id => Some(record.id.get().cast_signed()),
        Column::Created => Some(record.created.as_millisecond()),
        Column::Updated => Some(record.updated.as_millisecond()),
        Column::Field(field) if field.kind() == Kind::Date => days(&record.details.text(field)),
        Column::Field(_) => None,
    }
}

/// The days from 1970-01-01 to a date, as records have it; `None` if there is none.
pub fn days(date: &str) -> Option<i64> {
    date.parse::<Date>().ok().map(days_of)
}

/// The operators, the longer of two that begin alike first.
const OPERATORS: [&str; 5] = [">=", "<=", ">", "<", "="];

/// Returns `true` if a value is compared, and not searched for as text.
pub(super) fn is_comparison(value: &str, column: Column) -> bool {
    match column {
        // These have no text to search in.
        Column::Created | Column::Updated => true,
        // An empty value is one as text.
        _ if value == "=\"\"" => false,
        _ if value.starts_with(['<', '>', '=']) || value.contains("..") => true,
        Column::Id => false,
        Column::Field(_) => match value.strip_prefix('"') {
            // A quoted text is searched for, unless it is a date in several words.
            Some(quoted) => is_date_in_words(&quoted.replace('"', "")),
            None => !may_be_part_of_date(value),
        },
    }
}

fn is_date_in_words(text: &str) -> bool {
    // Whether a text is a date does not depend on the day, if the year has a 29 February.
    let leap_year = date(2000, 1, 1);
    dates::read(text, leap_year) != Err(DateError::NotADate)
}

/// Returns `true` for a text that dates as records have them can contain, such as `2021-05`, and for
/// none.
fn may_be_part_of_date(text: &str) -> bool {
    let of_digit = |c: char| if c.is_ascii_digit() { '0' } else { c };
    let shape: String = text.chars().map(of_digit).collect();
    "0000-00-00".contains(&shape)
}

/// Returns `true` if the word may become a year, a month or a day when more is typed.
fn begins_date(word: &str) -> bool {
    let is_whole = matches!(word.len(), 4 | 7 | 10);
    let fits = |(b, pattern): (u8, u8)| {
        if pattern == b'-' {
            b == b'-'
        } else {
            b.is_ascii_digit()
        }
    };
    !is_whole && word.len() < 10 && word.bytes().zip(*b"0000-00-00").all(fits)
}

/// Reads a comparison; `None` if it is still being typed.
pub(super) fn read(value: &str, column: Column, now: Timestamp) -> Result<Option<Range>, Mistake> {
    let range = |values| Some(Range { column, values });
    let moment = |text: &str| {
        let text = text.replace('"', "").to_lowercase();
        PeriodOrAge::read(&text, column, now)
    };
    if let Some((from, to)) = value.split_once("..") {
        return match (from, to) {
            ("", "") => Ok(None),
            ("", to) => Ok(range(i64::MIN..=moment(to)?.end())),
            (from, "") => Ok(range(moment(from)?.start()..=i64::MAX)),
            (from, to) => Ok(range(between(&moment(from)?, &moment(to)?))),
        };
    }
    let operator = OPERATORS.into_iter().find(|o| value.starts_with(o));
    let word = operator.map_or(value, |operator| &value[operator.len()..]);
    if word.is_empty() || (operator.is_none() && column != Column::Id && begins_date(word)) {
        return Ok(None);
    }
    let moment = moment(word)?;
    let now = instant(now, column);
    let values = match (operator.unwrap_or("="), &moment) {
        ("=", PeriodOrAge::Ago(_)) => return Err(Mistake::OnlyAge(word.to_owned())),
        ("=", PeriodOrAge::Period(period)) => period.clone(),
        (">", PeriodOrAge::Period(period)) => period.end().saturating_add(1)..=i64::MAX,
        (">=", PeriodOrAge::Period(period)) => *period.start()..=i64::MAX,
        ("<", PeriodOrAge::Period(period)) => i64::MIN..=period.start().saturating_sub(1),
        (_, PeriodOrAge::Period(period)) => i64::MIN..=*period.end(),
        // An older time is a smaller number. Less than seven days ago is not in the future.
        ("<", PeriodOrAge::Ago(then)) => then.saturating_add(1)..=now,
        ("<=", PeriodOrAge::Ago(then)) => *then..=now,
        (">", PeriodOrAge::Ago(then)) => i64::MIN..=then.saturating_sub(1),
        (_, PeriodOrAge::Ago(then)) => i64::MIN..=*then,
    };
    Ok(range(values))
}

/// From the beginning of the earlier to the end of the later.
fn between(a: &PeriodOrAge, b: &PeriodOrAge) -> RangeInclusive<i64> {
    a.start().min(b.start())..=a.end().max(b.end())
}
