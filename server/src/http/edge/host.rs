//! Checks `Host`: an HTTP/1.1 request must have exactly one, and it must be valid (RFC 9112,
//! section 3.2).

use std::net::{IpAddr, Ipv6Addr};

use hyper::Version;
use hyper::header::{HOST, HeaderValue};
use hyper::http::request::Parts;
use hyper::http::uri::Authority;

/// The request does not have exactly one valid host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Send one `Host` field with the name and port of this server.")]
pub struct InvalidHost;

/// Checks the `Host` of a request. If the request target is in absolute form, its authority
/// replaces the header (RFC 9112, section 3.2.2), so that later code only reads the header.
///
/// # Errors
/// If there is none (except in HTTP/1.0), several, or an invalid one.
pub fn normalize(head: &mut Parts) -> Result<(), InvalidHost> {
    let mut hosts = head.headers.get_all(HOST).iter();
    let is_good = match (hosts.next(), hosts.next()) {
        (None, _) => head.version < Version::HTTP_11,
        (Some(host), None) => is_valid(host.as_bytes()),
        (Some(_), Some(_)) => false,
    };
    let authority = head.uri.authority().map(|authority| authority.as_str());
    if !is_good || !authority.is_none_or(|authority| is_valid(authority.as_bytes())) {
        return Err(InvalidHost);
    }
    if let Some(Ok(host)) = authority.map(HeaderValue::from_str) {
        head.headers.insert(HOST, host);
    }
    Ok(())
}

/// Returns `true` if a host, with or without a port, is this computer's own address or name.
pub(in crate::http) fn is_loopback(host: &str) -> bool {
    host.parse::<Authority>().is_ok_and(|authority| {
        let name = authority.host().trim_matches(['[', ']']);
        let address = name.parse::<IpAddr>();
        name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|ip| ip.is_loopback())
    })
}

/// Checks `uri-host [ ":" port ]` (RFC 3986, section 3.2.2). The host must not be empty (RFC 9110,
/// section 4.2.1).
fn is_valid(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else {
        return false;
    };
    if let Some(literal) = text.strip_prefix('[') {
        let Some((address, port)) = literal.split_once(']') else {
            return false;
        };
        let is_port = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        return address.parse::<Ipv6Addr>().is_ok() && is_port;
    }
    let (name, port) = text.split_once(':').unwrap_or((text, ""));
    !name.is_empty() && is_name(name) && is_port(port)
}

/// A registered name or an IPv4 address: unreserved characters, escapes and sub-delimiters.
fn is_name(name: &str) -> bool {
    let mut parts = name.split('%');
    let is_plain = |part: &str| {
        part.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&b))
    };
    let is_escape = |part: &str| {
        let digits = part.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    parts.next().is_some_and(is_plain) && parts.all(|part| is_escape(part) && is_plain(part))
}

/// The digits of a port; it may be empty.
fn is_port(port: &str) -> bool {
    port.is_empty() || (port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::Request;

    /// The host that a request has in the end; `None` if it is refused.
    fn settled(version: Version, target: &str, hosts: &[&str]) -> Option<String> {
        let request = Request::builder().version(version).uri(target);
        let request = hosts
            .iter()
            .fold(request, |request, host| request.header(HOST, *host));
        let (mut head, ()) = request.body(()).unwrap().into_parts();
        normalize(&mut head).ok()?;
        let host = head.headers.get(HOST).map(|host| host.to_str().unwrap());
        Some(host.unwrap_or_default().to_owned())
    }

    #[test]
    fn http_1_1_has_exactly_one_host() {
        let settled = |hosts: &[&str]| settled(Version::HTTP_11, "/me", hosts);
        assert_eq!(
            settled(&["roster.example"]).as_deref(),
            Some("roster.example")
        );
        assert_eq!(settled(&[]), None);
        assert_eq!(settled(&["a.example", "a.example"]), None);
        assert_eq!(settled(&[""]), None);
    }

    #[test]
    fn http_1_0_may_have_none_but_not_a_bad_one() {
        let settled = |hosts: &[&str]| settled(Version::HTTP_10, "/me", hosts);
        assert_eq!(settled(&[]).as_deref(), Some(""));
        assert_eq!(
            settled(&["roster.example"]).as_deref(),
            Some("roster.example")
        );
        assert_eq!(settled(&["a b"]), None);
        assert_eq!(settled(&["a", "b"]), None);
    }

    #[test]
    fn an_absolute_target_overrides_the_field() {
        let settled = |target, hosts: &[&str]| settled(Version::HTTP_11, target, hosts);
        let target = "http://roster.example:8080/me";
        assert_eq!(
            settled(target, &["other.example"]).as_deref(),
            Some("roster.example:8080")
        );
        assert_eq!(settled(target, &[]), None);
        assert_eq!(
            settled("http://ada@roster.example/me", &["roster.example"]),
            None
        );
    }

    #[test]
    fn a_host_is_a_name_or_an_address_with_a_port_or_without() {
        for good in [
            "roster",
            "ROSTER.example.",
            "127.0.0.1:8080",
            "[::1]",
            "[2001:db8::7]:443",
            "a:",
            "xn--bcher-kva.example",
            "a%2db",
            "a_b",
        ] {
            assert!(is_valid(good.as_bytes()), "{good}");
        }
        for bad in [
            "",
            ":80",
            "a:b",
            "a:99999",
            "a:80:80",
            "a b",
            "a/b",
            "a@b",
            "a?b",
            "::1",
            "[::1",
            "[::1]x",
            "[::1]80x",
            "[]",
            "[::1]]",
            "a%2",
            "a%zz",
            "bücher.example",
            "a\\b",
            "a\"b",
            "<a>",
        ] {
            assert!(!is_valid(bad.as_bytes()), "{bad}");
        }
    }
}
