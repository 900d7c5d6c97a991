//! Parses `If-Match` and `If-None-Match`: lists of entity tags, on one or several lines (RFC 9110,
//! sections 13.1.1 and 13.1.2). [`rules::preconditions`](crate::rules::preconditions) evaluates
//! them.
//!
//! The date-based fields are ignored, as section 13.1.4 requires of a server without modification
//! dates.

use hyper::header::{HeaderMap, HeaderName, IF_MATCH, IF_NONE_MATCH};

use crate::rules::preconditions::{EntityTag, Preconditions, Tags};

/// A header is neither `*` nor a list of entity tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` must be `*` or a list of entity tags in quotation marks, like \"7\".")]
pub struct InvalidPrecondition(&'static str);

/// Reads the preconditions of a request.
///
/// # Errors
/// [`InvalidPrecondition`]
pub fn read(headers: &HeaderMap) -> Result<Preconditions, InvalidPrecondition> {
    Ok(Preconditions {
        if_match: tags(headers, &IF_MATCH).ok_or(InvalidPrecondition("If-Match"))?,
        if_none_match: tags(headers, &IF_NONE_MATCH).ok_or(InvalidPrecondition("If-None-Match"))?,
        version: None,
    })
}

/// The value of a field, if it is there; `None` if it is malformed.
fn tags(headers: &HeaderMap, name: &HeaderName) -> Option<Option<Tags>> {
    if !headers.contains_key(name) {
        return Some(None);
    }
    // Several lines are one list (RFC 9110, section 5.3).
    let lines: Vec<&[u8]> = headers.get_all(name).iter().map(|v| v.as_bytes()).collect();
    parse(&lines.join(&b',')).map(Some)
}

/// Reads a list; empty elements are ignored (RFC 9110, section 5.6.1.2). `None` if it is malformed.
fn parse(text: &[u8]) -> Option<Tags> {
    if text.trim_ascii() == b"*" {
        return Some(Tags::Any);
    }
    let mut tags = Vec::new();
    let mut rest = text;
    loop {
        rest = skip(rest, |b| b == b',' || is_space(b));
        if rest.is_empty() {
            return Some(Tags::Listed(tags));
        }
        let (tag, after) = entity_tag(rest)?;
        tags.push(tag);
        rest = skip(after, is_space);
        // Two tags without a comma are malformed. A guess could let a change through.
        if !rest.is_empty() && !rest.starts_with(b",") {
            return None;
        }
    }
}

/// Reads one entity tag. Returns it with the rest of the input.
fn entity_tag(text: &[u8]) -> Option<(EntityTag, &[u8])> {
    let (weak, quoted) = match text.strip_prefix(b"W/") {
        Some(quoted) => (true, quoted),
        None => (false, text),
    };
    let after_quote = quoted.strip_prefix(b"\"")?;
    let end = after_quote.iter().position(|b| *b == b'"')?;
    let (opaque, rest) = after_quote.split_at_checked(end)?;
    // Visible ASCII except the quotation mark, and every byte from 0x80 (RFC 9110, section 8.8.3).
    let is_allowed = |b: &u8| *b > b' ' && *b != 0x7f;
    let tag = EntityTag {
        weak,
        opaque: opaque.to_vec(),
    };
    opaque
        .iter()
        .all(is_allowed)
        .then_some((tag, rest.get(1..)?))
}

fn is_space(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

fn skip(text: &[u8], is_skipped: impl Fn(u8) -> bool) -> &[u8] {
    let start = text.iter().position(|b| !is_skipped(*b));
    start
        .and_then(|start| text.get(start..))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::preconditions::Unmet;
    use hyper::header::HeaderValue;
    use proptest::prelude::*;
    use roster_common::Version;

    fn listed(tags: &[(bool, &str)]) -> Option<Tags> {
        let tag = |(weak, opaque): &(bool, &str)| EntityTag {
            weak: *weak,
            opaque: opaque.as_bytes().to_vec(),
        };
        Some(Tags::Listed(tags.iter().map(tag).collect()))
    }

    #[test]
    fn a_list_is_read_with_all_that_its_grammar_allows() {
        for (text, expected) in [
            ("*", Some(Tags::Any)),
            (" *\t", Some(Tags::Any)),
            ("", listed(&[])),
            (" , ,", listed(&[])),
            ("\"7\"", listed(&[(false, "7")])),
            ("W/\"7\"", listed(&[(true, "7")])),
            (",\"6\" , ,\t\"7\",", listed(&[(false, "6"), (false, "7")])),
            ("\"\"", listed(&[(false, "")])),
            ("\"a,b\\\",\"c\"", listed(&[(false, "a,b\\"), (false, "c")])),
        ] {
            assert_eq!(parse(text.as_bytes()), expected, "{text}");
        }
        for text in [
            "7",
            "'7'",
            "\"7",
            "7\"",
            "w/\"7\"",
            "W/7",
            "W/ \"7\"",
            "\"6\" \"7\"",
            "*, \"7\"",
            "*,*",
            "\"6\", *",
            "\"a b\"",
            "\"7\"x",
            "W/",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_malformed_header_is_refused_with_advice() {
        let headers = HeaderMap::from_iter([(IF_NONE_MATCH, HeaderValue::from_static("7"))]);
        let malformed = read(&headers).unwrap_err().to_string();
        assert!(malformed.contains("`If-None-Match`") && malformed.contains("\"7\""));
    }

    /// One tag as a client may send it, with what it means.
    fn any_tag() -> impl Strategy<Value = (bool, String)> {
        (any::<bool>(), "[0-9]|[a-z,W/]{0,3}")
    }

    fn any_field() -> impl Strategy<Value = Option<Result<Vec<(bool, String)>, ()>>> {
        let list = prop::collection::vec(any_tag(), 0..4);
        prop::option::of(prop_oneof![3 => list.prop_map(Ok), 1 => Just(Err(()))])
    }

    /// The lines of a field, the list split over them as `cuts` says.
    fn write(
        headers: &mut HeaderMap,
        name: HeaderName,
        field: Option<&Result<Vec<(bool, String)>, ()>>,
        cuts: &[bool],
    ) {
        let tags = match field {
            None => return,
            Some(Err(())) => {
                headers.append(name, HeaderValue::from_static(" * "));
                return;
            }
            Some(Ok(tags)) => tags,
        };
        let mut lines = vec![String::new()];
        for ((weak, opaque), cut) in tags.iter().zip(cuts.iter().cycle()) {
            if *cut {
                lines.push(String::new());
            }
            let prefix = if *weak { "W/" } else { "" };
            let line = lines.last_mut().unwrap();
            line.push_str(&format!("{prefix}\"{opaque}\" ,"));
        }
        for line in lines {
            headers.append(&name, HeaderValue::try_from(line).unwrap());
        }
    }

    /// RFC 9110, sections 13.1.1, 13.1.2 and 13.2.2, word for word: may the method be performed?
    fn model(
        if_match: Option<&Result<Vec<(bool, String)>, ()>>,
        if_none_match: Option<&Result<Vec<(bool, String)>, ()>>,
        current: &str,
    ) -> bool {
        let first = match if_match {
            None | Some(Err(())) => true,
            Some(Ok(tags)) => tags.contains(&(false, current.to_owned())),
        };
        let second = match if_none_match {
            None => true,
            Some(Err(())) => false,
            Some(Ok(tags)) => tags.iter().all(|(_, opaque)| opaque != current),
        };
        first && second
    }

    proptest! {
        #[test]
        fn preconditions_are_evaluated_as_the_rfc_says(
            if_match in any_field(),
            if_none_match in any_field(),
            cuts in prop::collection::vec(any::<bool>(), 1..4),
            current in 0u64..10,
        ) {
            let mut headers = HeaderMap::new();
            write(&mut headers, IF_MATCH, if_match.as_ref(), &cuts);
            write(&mut headers, IF_NONE_MATCH, if_none_match.as_ref(), &cuts);
            let outcome = read(&headers).unwrap().check(Some(Version::new(current)));
            let current = current.to_string();
            prop_assert_eq!(
                outcome.is_ok(),
                model(if_match.as_ref(), if_none_match.as_ref(), &current)
            );
            // 304 or 412 by If-None-Match only once If-Match holds.
            if outcome == Err(Unmet::Exists) {
                prop_assert!(model(if_match.as_ref(), None, &current));
            }
        }

        #[test]
        fn no_bytes_panic(text in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = parse(&text);
        }
    }
}
