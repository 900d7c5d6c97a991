//! How numbers and dates are written in a filter: `1000`, `2024`, `2024-05`, `7d`, and dates as a
//! form takes them.

use std::ops::RangeInclusive;

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};

use super::Mistake;
use crate::dates::{self, DateError};
use crate::employee::EmployeeId;
use crate::query::Column;

/// What a value in a comparison stands for, in the units of [`ordinal`](super::ordinal).
pub(super) enum PeriodOrAge {
    /// A number, or a day, month or year from its beginning to its end.
    Period(RangeInclusive<i64>),
    /// A time that is as long ago as the value says.
    Ago(i64),
}

impl PeriodOrAge {
    /// Reads a value for a column. Days begin and end in UTC.
    pub(super) fn read(text: &str, column: Column, now: Timestamp) -> Result<Self, Mistake> {
        if column == Column::Id {
            let id = text.parse::<EmployeeId>();
            let id = id.map_err(|_| Mistake::NoNumber(text.to_owned()))?;
            let id = id.get().cast_signed();
            return Ok(Self::Period(id..=id));
        }
        let no_date = || Mistake::NoDate(text.to_owned());
        let now = TimeZone::UTC.to_datetime(now);
        if let Some(age) = age(text) {
            let then = now
                .checked_sub(age)
                .and_then(|then| TimeZone::UTC.to_timestamp(then));
            return Ok(Self::Ago(instant(then.map_err(|_| no_date())?, column)));
        }
        let (first, last) = match calendar_period(text) {
            Some(days) => days,
            None => match dates::read(text, now.date()) {
                Ok(day) => (day, day),
                Err(DateError::NotADate | DateError::NoSuchDay) => return Err(no_date()),
                Err(unclear) => return Err(Mistake::UnclearDate(unclear)),
            },
        };
        Ok(Self::Period(
            period(first, last, column).ok_or_else(no_date)?,
        ))
    }

    /// Where it begins.
    pub(super) fn start(&self) -> i64 {
        match self {
            Self::Period(period) => *period.start(),
            Self::Ago(then) => *then,
        }
    }

    /// Where it ends.
    pub(super) fn end(&self) -> i64 {
        match self {
            Self::Period(period) => *period.end(),
            Self::Ago(then) => *then,
        }
    }
}

/// An age: a number of hours, days, weeks, months or years.
fn age(text: &str) -> Option<Span> {
    let unit = text.chars().next_back()?;
    let number: i64 = text
        .strip_suffix(unit)
        .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?
        .parse()
        .ok()?;
    let span = match unit {
        'h' => Span::new().try_hours(number),
        'd' => Span::new().try_days(number),
        'w' => Span::new().try_weeks(number),
        'm' => Span::new().try_months(number),
        'y' => Span::new().try_years(number),
        _ => return None,
    };
    span.ok()
}

/// The first and last day of a year, a month or a day.
fn calendar_period(text: &str) -> Option<(Date, Date)> {
    let is_number =
        |part: &&str, len| part.len() == len && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = text.split('-').collect();
    // The lengths are fixed, so that `2024-1`, which is still being typed, is not read as January.
    let lengths = [4, 2, 2];
    let are_numbers = parts.len() <= 3 && parts.iter().zip(lengths).all(|(p, n)| is_number(p, n));
    if !are_numbers {
        return None;
    }
    let number = |index: usize| {
        parts
            .get(index)
            .map(|part| part.parse::<i16>().unwrap_or(0))
    };
    let year = number(0)?;
    let month = number(1).map(i8::try_from).transpose().ok()?;
    let day = number(2).map(i8::try_from).transpose().ok()?;
    let first = Date::new(year, month.unwrap_or(1), day.unwrap_or(1)).ok()?;
    let last = match (month, day) {
        (_, Some(_)) => first,
        (Some(_), None) => first.last_of_month(),
        (None, None) => first.last_of_year(),
    };
    Some((first, last))
}

/// Whole days as a column counts them.
fn period(first: Date, last: Date, column: Column) -> Option<RangeInclusive<i64>> {
    if let Column::Field(_) = column {
        return Some(days_of(first)..=days_of(last));
    }
    let midnight = |date: Date| TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok();
    let next = last.checked_add(1.day()).ok()?;
    Some(midnight(first)?.as_millisecond()..=midnight(next)?.as_millisecond() - 1)
}

/// A time as a column counts it: in days or in milliseconds.
pub(super) fn instant(at: Timestamp, column: Column) -> i64 {
    match column {
        Column::Field(_) => days_of(TimeZone::UTC.to_datetime(at).date()),
        _ => at.as_millisecond(),
    }
}

/// The days from 1970-01-01 to a date.
pub(super) fn days_of(day: Date) -> i64 {
    day.duration_since(date(1970, 1, 1)).as_hours() / 24
}
