//! Formats times in the user's time zone. They are absolute, so that they need no redrawing.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// `09:30` today, `3 Nov 09:30` this year, `2025-11-03` before.
pub(super) fn moment(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now) = (zone.to_datetime(at), zone.to_datetime(now));
    let format = match (at.date() == now.date(), at.year() == now.year()) {
        (true, _) => "%H:%M",
        (false, true) => "%-d %b %H:%M",
        (false, false) => "%Y-%m-%d",
    };
    at.strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_as_short_as_possible() {
        let shown = |at: &str| {
            moment(
                at.parse().unwrap(),
                "2026-11-23T09:30:00Z".parse().unwrap(),
                &TimeZone::UTC,
            )
        };
        assert_eq!(shown("2026-11-23T00:05:00Z"), "00:05");
        assert_eq!(shown("2026-11-03T17:00:00Z"), "3 Nov 17:00");
        assert_eq!(shown("2025-12-31T23:59:00Z"), "2025-12-31");
    }
}
