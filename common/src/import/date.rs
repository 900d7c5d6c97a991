//! Dates as people and spreadsheets write them.

use jiff::ToSpan;
use jiff::civil::{Date, date};

use crate::text;

/// Whether the day or the month comes first in dates such as `03/02/2015`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DateOrder {
    /// 3 February.
    DayFirst,
    /// 2 March.
    MonthFirst,
}

impl DateOrder {
    /// Reads `dmy` or `mdy`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "dmy" => Some(Self::DayFirst),
            "mdy" => Some(Self::MonthFirst),
            _ => None,
        }
    }
}

/// How a text can be read as a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DateReading {
    /// There is no date.
    Empty,
    /// Exactly one date, and the order that it proves if it would be none in the other.
    One(Date, Option<DateOrder>),
    /// Day and month could be swapped.
    Two { day_first: Date, month_first: Date },
    /// No date.
    Invalid,
}

impl DateReading {
    /// The date, if the order decides it. `Ok(None)` if there is no date.
    pub(super) fn in_order(self, order: Option<DateOrder>) -> Result<Option<Date>, Self> {
        match (self, order) {
            (Self::Empty, _) => Ok(None),
            (Self::One(date, _), _) => Ok(Some(date)),
            (Self::Two { day_first, .. }, Some(DateOrder::DayFirst)) => Ok(Some(day_first)),
            (Self::Two { month_first, .. }, Some(DateOrder::MonthFirst)) => Ok(Some(month_first)),
            _ => Err(self),
        }
    }
}

/// The first day that a spreadsheet's serial number is read as, 1950-01-01, and the last,
/// 2099-12-31. Smaller numbers are more likely something else.
const SERIAL_NUMBERS: std::ops::RangeInclusive<i64> = 18_264..=73_050;

/// Reads a date. A time after it is ignored. A year of two digits is at most one year after
/// `today`.
pub(super) fn read(text: &str, today: Date) -> DateReading {
    if let Some(date) = serial_number(text) {
        return DateReading::One(date, None);
    }
    let folded = text::folded(text);
    let day = without_time(&folded);
    // Databases export a missing date as `0000-00-00` or `00/00/0000`.
    if day.is_empty() || day.bytes().all(|b| matches!(b, b'0' | b'/' | b'-' | b'.')) {
        return DateReading::Empty;
    }
    let words: Vec<&str> = day
        .split(|c: char| !c.is_alphanumeric())
        .map(ordinal)
        .filter(|word| !matches!(*word, "" | "de" | "of" | "do"))
        .collect();
    // With dots the day comes first almost everywhere; with slashes it depends on the country.
    let is_dotted = day.contains('.') && !day.contains('/');
    match words.as_slice() {
        [digits] => compact(digits),
        [_weekday, words @ ..]
            if words.len() == 3 && !_weekday.starts_with(|c: char| c.is_ascii_digit()) =>
        {
            three(words, is_dotted, today)
        }
        words if words.len() == 3 => three(words, is_dotted, today),
        _ => DateReading::Invalid,
    }
}

/// The date without a time: `2015-03-02T08:15:00Z`, `3/2/2015 8:15:00 AM`.
fn without_time(text: &str) -> &str {
    let text = text.trim();
    let end = match text.find(':') {
        Some(colon) => text
            .get(..colon)
            .and_then(|before| before.rfind([' ', 't'])),
        None => None,
    };
    end.and_then(|end| text.get(..end))
        .unwrap_or(text)
        .trim_end_matches([',', ' '])
}

/// `1er`, `2nd`, `3º` without their endings.
fn ordinal(word: &str) -> &str {
    let digits = word.trim_end_matches(|c: char| !c.is_ascii_digit());
    let ending = word.get(digits.len()..).unwrap_or_default();
    if !digits.is_empty()
        && matches!(
            ending,
            "st" | "nd" | "rd" | "th" | "er" | "e" | "o" | "a" | "年" | "月" | "日"
        )
    {
        digits
    } else {
        word
    }
}

/// `43832` and `43832.0`: days since 1899-12-30, as spreadsheets count them.
fn serial_number(text: &str) -> Option<Date> {
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    let is_number = whole.len() == 5 && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let days: i64 = whole
        .parse()
        .ok()
        .filter(|days| is_number && SERIAL_NUMBERS.contains(days))?;
    date(1899, 12, 30).checked_add(days.days()).ok()
}

/// `20150302` and `2015年3月2日`.
fn compact(word: &str) -> DateReading {
    if let Some((year, rest)) = word.split_once('年') {
        let day = rest.trim_end_matches('日').split_once('月');
        return day.map_or(DateReading::Invalid, |(month, day)| one(year, month, day));
    }
    match (word.len(), word.get(..4), word.get(4..6), word.get(6..)) {
        (8, Some(year), Some(month), Some(day)) => one(year, month, day),
        _ => DateReading::Invalid,
    }
}

fn three(words: &[&str], is_dotted: bool, today: Date) -> DateReading {
    let [first, second, third] = words else {
        return DateReading::Invalid;
    };
    let year = year_of(third, today);
    if first.len() == 4 && number(first).is_some() {
        let month = month(second).map_or_else(|| (*second).to_owned(), |month| month.to_string());
        return one(first, &month, third);
    }
    match (month(first), month(second)) {
        (None, Some(month)) => one(&year, &month.to_string(), first),
        (Some(month), None) => one(&year, &month.to_string(), second),
        _ if is_dotted => one(&year, second, first),
        _ => either_order(first, second, &year),
    }
}

fn either_order(first: &str, second: &str, year: &str) -> DateReading {
    match (day(year, second, first), day(year, first, second)) {
        (Some(day_first), Some(month_first)) if day_first == month_first => {
            DateReading::One(day_first, None)
        }
        (Some(day_first), Some(month_first)) => DateReading::Two {
            day_first,
            month_first,
        },
        (Some(date), None) => DateReading::One(date, Some(DateOrder::DayFirst)),
        (None, Some(date)) => DateReading::One(date, Some(DateOrder::MonthFirst)),
        (None, None) => DateReading::Invalid,
    }
}

fn one(year: &str, month: &str, in_month: &str) -> DateReading {
    day(year, month, in_month).map_or(DateReading::Invalid, |date| DateReading::One(date, None))
}

fn day(year: &str, month: &str, day: &str) -> Option<Date> {
    let year = i16::try_from(number(year)?).ok()?;
    let (month, day) = (
        number(month)?.try_into().ok()?,
        number(day)?.try_into().ok()?,
    );
    Date::new(year, month, day).ok()
}

/// A year with its century: `15` is 2015, and `98` is 1998.
fn year_of(text: &str, today: Date) -> String {
    let short = number(text).filter(|_| text.len() == 2);
    let Some(short) = short else {
        return text.to_owned();
    };
    let year = 2000 + short;
    let is_future = year > i32::from(today.year()) + 1;
    (if is_future { year - 100 } else { year }).to_string()
}

fn number(text: &str) -> Option<i32> {
    let is_plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| is_plain)
}

/// A month by its folded name or a common abbreviation, in eight languages.
fn month(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "jan january januar janvier janv ene enero sty styczen stycznia janeiro gen gennaio januari",
        "feb february februar fev fevr fevrier febrero lut luty lutego fevereiro febbraio februari",
        "mar march marz maerz mrz mars marzo marzec marca marco mrt maart",
        "apr april avr avril abr abril kwi kwiecien kwietnia aprile",
        "may mai mayo maj maja maio mag maggio mei",
        "jun june juni juin junio cze czerwiec czerwca junho giu giugno",
        "jul july juli juil juillet julio lip lipiec lipca julho lug luglio",
        "aug august aout ago agosto sie sierpien sierpnia augustus",
        "sep sept september septembre septiembre wrz wrzesien wrzesnia set setembro settembre",
        "oct october okt oktober octobre octubre paz pazdziernik pazdziernika out outubro ott ottobre",
        "nov november novembre noviembre lis listopad listopada novembro",
        "dec december dez dezember decembre dic diciembre gru grudzien grudnia dezembro dicembre",
    ];
    // Most dates are all digits.
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let is_in = |names: &str| names.split_whitespace().any(|name| name == word);
    let at = MONTHS.iter().position(|names| is_in(names))?;
    i8::try_from(at + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TODAY: Date = date(2026, 11, 27);

    #[test]
    fn a_date_is_read_as_people_write_it() {
        for text in [
            "2020-01-02",
            "2020/01/02",
            "2020-1-2",
            "2020.01.02",
            "20200102",
            "43832",
            "43832.0",
            "43832.5",
            "2020-01-02 00:00:00",
            "2020-01-02T00:00:00Z",
            "2020-01-02T00:00:00.000+01:00",
            "02.01.2020",
            "2.1.2020",
            "02.01.20",
            "2-Jan-2020",
            "2 Jan 2020",
            "Jan 2, 2020",
            "2nd of January 2020",
            "Thu, 02 Jan 2020",
            "2 janvier 2020",
            "2. Januar 2020",
            "2 de enero de 2020",
            "2 stycznia 2020",
            "2 janv. 2020",
            "2020-Jan-02",
            "2020年1月2日",
            "02-JAN-20",
        ] {
            assert_eq!(
                read(text, TODAY),
                DateReading::One(date(2020, 1, 2), None),
                "{text}"
            );
        }
    }

    #[test]
    fn day_and_month_that_could_be_swapped_are_two_readings() {
        let both = DateReading::Two {
            day_first: date(2015, 2, 3),
            month_first: date(2015, 3, 2),
        };
        for text in ["03/02/2015", "3-2-2015", "3/2/15", "3/2/2015 8:15:00 AM"] {
            assert_eq!(read(text, TODAY), both, "{text}");
        }
        assert_eq!(
            both.in_order(Some(DateOrder::DayFirst)),
            Ok(Some(date(2015, 2, 3)))
        );
        assert_eq!(
            both.in_order(Some(DateOrder::MonthFirst)),
            Ok(Some(date(2015, 3, 2)))
        );
        assert_eq!(both.in_order(None), Err(both));
    }

    #[test]
    fn a_day_after_the_twelfth_proves_the_order() {
        assert_eq!(
            read("13/01/2020", TODAY),
            DateReading::One(date(2020, 1, 13), Some(DateOrder::DayFirst))
        );
        assert_eq!(
            read("01/13/2020", TODAY),
            DateReading::One(date(2020, 1, 13), Some(DateOrder::MonthFirst))
        );
        assert_eq!(
            read("05/05/2020", TODAY),
            DateReading::One(date(2020, 5, 5), None)
        );
    }

    #[test]
    fn a_short_year_is_not_in_the_future() {
        assert_eq!(
            read("13.01.98", TODAY),
            DateReading::One(date(1998, 1, 13), None)
        );
        assert_eq!(
            read("13.01.27", TODAY),
            DateReading::One(date(2027, 1, 13), None)
        );
    }

    #[test]
    fn zeros_are_no_date_and_other_texts_are_invalid() {
        for text in ["", "0/0/00", "0000-00-00", "00.00.0000"] {
            assert_eq!(read(text, TODAY), DateReading::Empty, "{text}");
        }
        for text in [
            "soon",
            "2020-02-30",
            "31/31/2020",
            "99999",
            "1",
            "1.5",
            "2020",
            "Never logged in",
            "1/2/3/4",
        ] {
            assert_eq!(read(text, TODAY), DateReading::Invalid, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,20}|[-0-9/. :tz年月日]{0,14}") {
            let _ = read(&text, TODAY);
        }

        #[test]
        fn every_day_is_read_back_from_its_serial_number(days in SERIAL_NUMBERS) {
            let day = date(1899, 12, 30).checked_add(days.days()).unwrap();
            prop_assert_eq!(read(&days.to_string(), TODAY), DateReading::One(day, None));
        }
    }
}
