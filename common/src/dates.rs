//! Parses dates as people write them, or says what to type instead.

use jiff::Span;
use jiff::civil::{Date, Weekday};

/// Why a text is not exactly one date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// Not a known format.
    #[error("Enter a date like 2026-11-23.")]
    NotADate,
    /// A date that does not exist.
    #[error("Enter a date like 2026-11-23.")]
    NoSuchDay,
    /// Day and month could be swapped; holds both readings.
    #[error("{} or {}? Type it that way.", .0.strftime("%-d %b %Y"), .1.strftime("%-d %b %Y"))]
    TwoWays(Date, Date),
    /// A weekday without `last` or `next`.
    #[error("Type last or next before the weekday.")]
    WhichWeek,
    /// A year with two digits.
    #[error("Type the year with four digits.")]
    ShortYear,
}

/// Parses a date. Without a year, it is in the year of `today`. Case and commas do not matter.
///
/// - `2026-11-23`, with any of `- / .`
/// - `23.11.2026`, `23.11.`; `23/11/2026` where only one reading exists
/// - `23 Nov`, `Nov 23 2026`, `23rd November 2026`
/// - `today`, `yesterday`, `tomorrow`, `last monday`, `next fri`
/// - `-3d`, `+2w`, `-6m`, `-1y`: relative to today
///
/// # Errors
/// [`DateError`], whose text says what to type.
pub fn read(text: &str, today: Date) -> Result<Date, DateError> {
    let text = text.trim().to_lowercase().replace(',', " ");
    let words: Vec<_> = text.split_whitespace().collect();
    match words.as_slice() {
        [word] => read_word(word, today),
        ["last", day] => Ok(nth_weekday(today, weekday(day)?, -1)?),
        ["next", day] => Ok(nth_weekday(today, weekday(day)?, 1)?),
        [first, second] => read_named(first, second, today.year()),
        [first, second, year] => read_named(first, second, full_year(year)?),
        _ => Err(DateError::NotADate),
    }
}

fn read_word(word: &str, today: Date) -> Result<Date, DateError> {
    match word {
        "today" => Ok(today),
        "yesterday" => shifted(today, -1, 'd'),
        "tomorrow" => shifted(today, 1, 'd'),
        _ if weekday(word).is_ok() => Err(DateError::WhichWeek),
        _ if word.starts_with(['-', '+']) => read_distance(word, today),
        _ => read_numbers(word, today),
    }
}

/// `-3d`
fn read_distance(word: &str, today: Date) -> Result<Date, DateError> {
    let unit = word.chars().next_back().ok_or(DateError::NotADate)?;
    let number = word.strip_suffix(unit).unwrap_or_default();
    let digits = number.get(1..).unwrap_or_default();
    if digits.is_empty() || digits.len() > 5 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(DateError::NotADate);
    }
    shifted(
        today,
        number.parse().map_err(|_| DateError::NotADate)?,
        unit,
    )
}

fn shifted(today: Date, by: i64, unit: char) -> Result<Date, DateError> {
    let span = match unit {
        'd' => Span::new().try_days(by),
        'w' => Span::new().try_weeks(by),
        'm' => Span::new().try_months(by),
        'y' => Span::new().try_years(by),
        _ => return Err(DateError::NotADate),
    };
    span.and_then(|span| today.checked_add(span))
        .map_err(|_| DateError::NotADate)
}

/// Three numbers, or day and month with a dot after each.
fn read_numbers(word: &str, today: Date) -> Result<Date, DateError> {
    let separator = word
        .chars()
        .find(|c| matches!(c, '-' | '/' | '.'))
        .ok_or(DateError::NotADate)?;
    let parts: Vec<_> = word.split(separator).collect();
    // Four digits in front are a year, and dots mean that the day comes first. With `/` and `-`
    // both orders of day and month are in use.
    match (separator, parts.as_slice()) {
        (_, [year, month, day]) if year.len() == 4 => {
            date(full_year(year)?, number(month)?, number(day)?)
        }
        ('.', [day, month, ""] | [day, month]) => date(today.year(), number(month)?, number(day)?),
        ('.', [day, month, year]) => date(full_year(year)?, number(month)?, number(day)?),
        (_, [first, second, year]) => {
            day_or_month_first(full_year(year)?, number(first)?, number(second)?)
        }
        ('/', [first, second]) => day_or_month_first(today.year(), number(first)?, number(second)?),
        _ => Err(DateError::NotADate),
    }
}

/// Day and month, in unknown order.
fn day_or_month_first(year: i16, first: i8, second: i8) -> Result<Date, DateError> {
    match (date(year, second, first), date(year, first, second)) {
        (Ok(one), Ok(other)) if one != other => Err(DateError::TwoWays(one, other)),
        (Ok(only), _) | (_, Ok(only)) => Ok(only),
        _ => Err(DateError::NoSuchDay),
    }
}

/// A day and a month name, in either order.
fn read_named(first: &str, second: &str, year: i16) -> Result<Date, DateError> {
    match (month(first), month(second)) {
        (None, Some(month)) => date(year, month, day(first)?),
        (Some(month), None) => date(year, month, day(second)?),
        _ => Err(DateError::NotADate),
    }
}

/// `23`, `23.` or `23rd`
fn day(text: &str) -> Result<i8, DateError> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let suffix = text.get(digits.len()..).unwrap_or_default();
    if matches!(suffix, "" | "." | "st" | "nd" | "rd" | "th") {
        number(digits)
    } else {
        Err(DateError::NotADate)
    }
}

/// An English month name, or at least its first three letters.
fn month(text: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let name = text.trim_end_matches('.');
    let at = MONTHS
        .iter()
        // Fewer letters would be ambiguous: `ju` is June or July.
        .position(|month| name.len() >= 3 && month.starts_with(name))?;
    i8::try_from(at + 1).ok()
}

fn weekday(text: &str) -> Result<Weekday, DateError> {
    const DAYS: [&str; 7] = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let at = DAYS
        .iter()
        // Three letters, as for months; one would be ambiguous.
        .position(|day| text.len() >= 3 && day.starts_with(text));
    let at = at
        .and_then(|at| i8::try_from(at + 1).ok())
        .ok_or(DateError::NotADate)?;
    Weekday::from_monday_one_offset(at).map_err(|_| DateError::NotADate)
}

fn nth_weekday(today: Date, day: Weekday, nth: i32) -> Result<Date, DateError> {
    today.nth_weekday(nth, day).map_err(|_| DateError::NotADate)
}

fn full_year(text: &str) -> Result<i16, DateError> {
    let year = number(text)?;
    if text.len() == 4 {
        Ok(year)
    } else {
        Err(DateError::ShortYear)
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, DateError> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    plain
        .then(|| text.parse().ok())
        .flatten()
        .ok_or(DateError::NotADate)
}

fn date(year: i16, month: i8, day: i8) -> Result<Date, DateError> {
    Date::new(year, month, day).map_err(|_| DateError::NoSuchDay)
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    /// A Monday.
    const TODAY: Date = date(2026, 11, 23);

    #[test]
    fn a_date_is_read_as_people_write_it() {
        for (text, expected) in [
            ("2026-11-23", date(2026, 11, 23)),
            ("2026/1/2", date(2026, 1, 2)),
            ("23.11.2025", date(2025, 11, 23)),
            ("3.4.", date(2026, 4, 3)),
            ("23/11/2025", date(2025, 11, 23)),
            ("11/23/2025", date(2025, 11, 23)),
            ("5/5/2025", date(2025, 5, 5)),
            ("23 Nov", date(2026, 11, 23)),
            ("Nov 23 2025", date(2025, 11, 23)),
            ("November 23rd, 2025", date(2025, 11, 23)),
            (" 1. sept 2020 ", date(2020, 9, 1)),
            ("today", TODAY),
            ("Yesterday", date(2026, 11, 22)),
            ("tomorrow", date(2026, 11, 24)),
            ("-3d", date(2026, 11, 20)),
            ("+2w", date(2026, 12, 7)),
            ("-9m", date(2026, 2, 23)),
            ("-1y", date(2025, 11, 23)),
            ("last monday", date(2026, 11, 16)),
            ("next fri", date(2026, 11, 27)),
        ] {
            assert_eq!(read(text, TODAY), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_can_be_read_two_ways_is_refused_with_both() {
        let message = read("03/04/2026", TODAY).unwrap_err();
        assert_eq!(
            message,
            DateError::TwoWays(date(2026, 4, 3), date(2026, 3, 4))
        );
        assert_eq!(
            message.to_string(),
            "3 Apr 2026 or 4 Mar 2026? Type it that way."
        );
        assert_eq!(read("03-04-2026", TODAY), Err(message));
        assert_eq!(read("monday", TODAY), Err(DateError::WhichWeek));
        assert_eq!(read("23.11.26", TODAY), Err(DateError::ShortYear));
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "soon",
            "-3",
            "-d",
            "--3d",
            "3 4 2026",
            "Nov",
            "last",
            "23 Nov 2026 x",
        ] {
            assert_eq!(read(text, TODAY), Err(DateError::NotADate), "{text}");
        }
    }

    #[test]
    fn an_impossible_date_is_reported() {
        for text in ["2026-02-30", "31 Feb", "32.1.2026", "30/02/2026", "29.2."] {
            assert_eq!(read(text, TODAY), Err(DateError::NoSuchDay), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_day_is_read_back_from_every_form(days in 0i64..109_500) {
            let day = date(1900, 1, 1).checked_add(days.days()).unwrap();
            for form in ["%Y-%m-%d", "%-d.%-m.%Y", "%-d %b %Y", "%B %-d, %Y", "%b %-d %Y"] {
                prop_assert_eq!(read(&day.strftime(form).to_string(), TODAY), Ok(day), "{}", form);
            }
            let slashed = read(&day.strftime("%d/%m/%Y").to_string(), TODAY);
            prop_assert!(slashed == Ok(day) || matches!(slashed, Err(DateError::TwoWays(one, _)) if one == day));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,20}|[-+0-9dwmy./ ]{0,12}") {
            let _ = read(&text, TODAY);
        }
    }
}
