//! Content negotiation: which representation a client prefers (RFC 9110, section 12).

use hyper::header::{ACCEPT, ACCEPT_ENCODING, HeaderMap, HeaderName};

/// The media type that `Accept` prefers, out of `offers` (RFC 9110, section 12.5.1).
///
/// The most specific range that matches an offer determines its weight, and 0 excludes it. The
/// highest weight wins; among equals the one whose range was sent first, then the first offer.
/// Without the header the first offer wins. Returns `None` if no offer is acceptable.
pub fn media_type<'a, T: Copy>(headers: &HeaderMap, offers: &'a [(&'a str, T)]) -> Option<T> {
    let ranges = list(headers, &ACCEPT);
    if ranges.is_empty() {
        return offers.first().map(|(_, offer)| *offer);
    }
    let mut best: Option<(u16, usize, T)> = None;
    for (media_type, offer) in offers {
        let Some((weight, position)) = weight_of(media_type, &ranges) else {
            continue;
        };
        // RFC 9110 leaves open which of two equal weights wins. Clients list what they prefer
        // first.
        let is_better = best
            .is_none_or(|(most, first, _)| weight > most || (weight == most && position < first));
        if weight > 0 && is_better {
            best = Some((weight, position, *offer));
        }
    }
    best.map(|(_, _, offer)| offer)
}

/// The weight of an offer, and the position of the range that determines it.
fn weight_of(offer: &str, ranges: &[WeightedItem]) -> Option<(u16, usize)> {
    let offer = WeightedItem::read(offer);
    let matching = ranges
        .iter()
        .enumerate()
        .filter_map(|(position, range)| Some((range.specificity(&offer)?, position, range.weight)));
    // The first of equally specific ranges counts.
    let (_, position, weight) =
        matching.max_by_key(|(specificity, position, _)| (*specificity, usize::MAX - position))?;
    Some((weight, position))
}

/// Returns `true` if a client accepts gzip and does not prefer an unencoded response (RFC 9110,
/// section 12.5.3).
pub fn prefers_gzip(headers: &HeaderMap) -> bool {
    let codings = list(headers, &ACCEPT_ENCODING);
    let weight = |name: &str| {
        let coding = codings.iter().find(|coding| coding.name == name);
        coding.map(|coding| coding.weight)
    };
    let star = weight("*");
    let gzip = weight("gzip").or_else(|| weight("x-gzip")).or(star);
    let identity = weight("identity").or(star);
    gzip.is_some_and(|gzip| gzip > 0 && gzip >= identity.unwrap_or(0))
}

/// One element of a weighted list: a media range or a coding, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
struct WeightedItem {
    name: String,
    /// Parameters other than the weight.
    parameters: Vec<(String, String)>,
    /// In thousandths (RFC 9110, section 12.4.2).
    weight: u16,
}

impl WeightedItem {
    fn read(text: &str) -> Self {
        let mut parts = split(text, ';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let mut item = Self {
            name,
            parameters: Vec::new(),
            weight: 1000,
        };
        for part in parts.filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let name = name.trim().to_ascii_lowercase();
            // Quotation marks around a value do not change it (RFC 9110, section 5.6.6).
            let value = value.trim().trim_matches('"').to_ascii_lowercase();
            if name == "q" {
                item.weight = weight(&value);
            } else {
                item.parameters.push((name, value));
            }
        }
        item
    }

    /// How exactly this range names a media type; `None` if it does not match. `charset=utf-8`
    /// matches every offer, for all of them are UTF-8.
    fn specificity(&self, offer: &Self) -> Option<(u8, usize)> {
        let kind = offer.name.split('/').next().unwrap_or_default();
        let exactness = match self.name.as_str() {
            "*/*" => 0,
            name if name.strip_suffix("/*") == Some(kind) => 1,
            name if name == offer.name => 2,
            _ => return None,
        };
        let is_met = |parameter: &(String, String)| {
            let (name, value) = parameter;
            (name == "charset" && value == "utf-8") || offer.parameters.contains(parameter)
        };
        let all_met = self.parameters.iter().all(is_met);
        all_met.then_some((exactness, self.parameters.len()))
    }
}

/// A weight in thousandths. An invalid one counts as 1, as if it were absent.
fn weight(text: &str) -> u16 {
    let weight = text.parse::<f32>().ok();
    let weight = weight.filter(|weight| (0.0..=1.0).contains(weight));
    weight.map_or(1000, |weight| (weight * 1000.0).round() as u16)
}

/// The elements of a list that may be spread over several lines; empty ones are ignored.
fn list(headers: &HeaderMap, name: &HeaderName) -> Vec<WeightedItem> {
    let lines = headers.get_all(name).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| split(line, ','))
        .map(str::trim)
        .filter(|element| !element.is_empty())
        .map(WeightedItem::read)
        .collect()
}

/// Splits at a separator outside quoted strings (RFC 9110, section 5.6.4).
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |c: char| {
        let is_literal = escaped;
        escaped = quoted && c == '\\' && !is_literal;
        quoted ^= c == '"' && !is_literal;
        !quoted && c == separator
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;
    use proptest::prelude::*;

    const OFFERS: [(&str, &str); 3] = [
        ("application/json", "json"),
        ("text/csv; charset=utf-8; header=present", "csv"),
        ("application/x-ndjson", "ndjson"),
    ];

    fn accepted(lines: &[&str]) -> Option<&'static str> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(ACCEPT, HeaderValue::from_str(line).unwrap());
        }
        media_type(&headers, &OFFERS)
    }

    #[test]
    fn the_heaviest_acceptable_offer_wins() {
        for (accept, expected) in [
            ("", Some("json")),
            ("*/*", Some("json")),
            ("text/*", Some("csv")),
            ("text/csv;q=0.5, application/json", Some("json")),
            ("text/csv, application/json", Some("csv")),
            (
                "Text/CSV; Header=Present; Q=0.3, application/x-ndjson;q=0.2",
                Some("csv"),
            ),
            ("text/html, application/xhtml+xml, */*;q=0.8", Some("json")),
            ("application/json; charset=UTF-8", Some("json")),
            ("application/json;q=x", Some("json")),
            ("application/json;q=7", Some("json")),
            (
                "application/json;profile=\"a,b;c\", text/csv;q=0.1",
                Some("csv"),
            ),
            ("image/png", None),
            ("json", None),
        ] {
            assert_eq!(accepted(&[accept]), expected, "{accept}");
        }
        assert_eq!(accepted(&[]), Some("json"));
        assert_eq!(
            accepted(&["text/csv;q=0.2", "application/x-ndjson"]),
            Some("ndjson")
        );
    }

    #[test]
    fn the_most_specific_range_decides_whatever_the_order() {
        for (accept, expected) in [
            ("*/*, application/json;q=0", Some("csv")),
            ("application/json;q=0, */*", Some("csv")),
            ("application/*;q=0, */*;q=0.1", Some("csv")),
            ("*/*;q=0, application/x-ndjson", Some("ndjson")),
            (
                "application/json;q=0.1, application/*;q=0.9",
                Some("ndjson"),
            ),
            ("text/csv;q=0, text/csv;header=present", Some("csv")),
            ("text/csv, text/csv;header=present;q=0", None),
            ("text/csv;header=absent", None),
            ("application/json;q=0", None),
            ("*/*;q=0", None),
            ("*/*;q=0.000, text/*;q=0", None),
        ] {
            assert_eq!(accepted(&[accept]), expected, "{accept}");
        }
    }

    #[test]
    fn gzip_is_weighed_against_no_coding() {
        for (accept, expected) in [
            ("", false),
            ("gzip", true),
            ("GZip, deflate, br", true),
            ("deflate, x-gzip;q=0.1", true),
            ("*", true),
            ("*;q=0", false),
            ("gzip;q=0", false),
            ("gzip;q=0, *", false),
            ("*, gzip;q=0", false),
            ("*;q=0, gzip", true),
            ("*;q=0.5, gzip;q=0.2", false),
            ("gzip;q=0.2, *;q=0.5, identity;q=0.1", true),
            ("gzip; q=0.000", false),
            ("identity, gzip;q=0.5", false),
            ("identity;q=0.5, gzip", true),
            ("br", false),
            ("gzipped", false),
        ] {
            let headers =
                HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(accept))]);
            assert_eq!(prefers_gzip(&headers), expected, "{accept}");
        }
        assert!(!prefers_gzip(&HeaderMap::new()));
    }

    proptest! {
        #[test]
        fn an_excluded_type_is_never_sent(
            ranges in prop::collection::vec("(\\*/\\*|application/\\*|text/\\*|text/csv)(;q=(0|0\\.[1-9]|1))?", 0..5),
            position in 0usize..6,
        ) {
            let mut ranges = ranges;
            ranges.insert(position.min(ranges.len()), "application/json;q=0".to_owned());
            prop_assert_ne!(accepted(&[&ranges.join(", ")]), Some("json"));
        }

        #[test]
        fn no_field_panics(accept in "[ -~]{0,80}") {
            accepted(&[&accept]);
        }
    }
}
