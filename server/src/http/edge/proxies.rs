//! Trusted proxies, and what they report: the client's address, TLS, and the path of the server.

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::{PoisonError, RwLock};

use hyper::header::{HOST, HeaderMap, HeaderName, HeaderValue, LINK, LOCATION};
use hyper::http::request::Parts;
use hyper::{Method, Version};
use ipnet::IpNet;
use roster_common::api::path;

use super::host;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_FORWARDED_PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");

/// The networks of trusted proxies; none by default.
#[derive(Debug, Clone, Default)]
pub struct Proxies(Vec<IpNet>);

impl From<Vec<IpNet>> for Proxies {
    fn from(listed: Vec<IpNet>) -> Self {
        Self(listed)
    }
}

impl Proxies {
    /// Returns `true` if the address is that of a trusted proxy.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// What is known of the client of a request that `peer` has sent.
    pub(in crate::http) fn client(
        &self,
        peer: IpAddr,
        head: &Parts,
        silent: &SilentProxies,
    ) -> RequestClient {
        if !self.contains(peer) {
            return RequestClient::direct(peer);
        }
        let address = if silent.includes(peer, head) {
            peer.to_canonical()
        } else {
            self.address(peer, &head.headers)
        };
        RequestClient {
            address,
            over_tls: is_forwarded_over_tls(&head.headers),
            prefix: prefix(&head.headers),
        }
    }

    /// The client's address: the peer, or behind a trusted proxy the last address in
    /// `X-Forwarded-For` that is not a proxy. Anything before that could be forged.
    fn address(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let lines = headers
            .get_all(X_FORWARDED_FOR)
            .iter()
            .map(|line| line.to_str().unwrap_or_default());
        let mut named: Vec<_> = lines
            .flat_map(|line| line.split(','))
            .map(address_of)
            .collect();
        while self.contains(client)
            && let Some(Some(address)) = named.pop()
        {
            client = address;
        }
        client
    }
}

/// The client of a request, as far as the peer can be believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::http) struct RequestClient {
    /// Its address.
    pub(in crate::http) address: IpAddr,
    /// Whether a trusted proxy has received the request over TLS.
    pub(in crate::http) over_tls: bool,
    /// The path under which a trusted proxy offers this server, like `/roster`; empty if it offers
    /// it at the root.
    prefix: String,
}

impl RequestClient {
    fn direct(peer: IpAddr) -> Self {
        Self {
            address: peer.to_canonical(),
            over_tls: false,
            prefix: String::new(),
        }
    }

    /// Makes the paths in `Location` and `Link` those that the client has to use.
    pub(in crate::http) fn localize(&self, response: &mut HeaderMap) {
        let prefix = &self.prefix;
        if prefix.is_empty() {
            return;
        }
        let located = |path: &str| format!("{prefix}{path}");
        // Every target in `Link` is a path, and has no `<` in it.
        let linked = |links: &str| links.replace("</", &format!("<{prefix}/"));
        change(response, LOCATION, located);
        change(response, LINK, linked);
    }
}

/// Replaces the value of a header, if there is one.
fn change(headers: &mut HeaderMap, name: HeaderName, new: impl Fn(&str) -> String) {
    let value = headers.get(&name).and_then(|value| value.to_str().ok());
    if let Some(Ok(value)) = value.map(|value| HeaderValue::try_from(new(value))) {
        headers.insert(name, value);
    }
}

/// Returns `true` if the client's own connection uses TLS. With several proxies, the first value is
/// that of the client's. A client that forges it only gets a cookie that its browser ignores.
fn is_forwarded_over_tls(headers: &HeaderMap) -> bool {
    let value = headers.get(X_FORWARDED_PROTO).map(HeaderValue::as_bytes);
    let first = value.and_then(|value| value.split(|byte| *byte == b',').next());
    first.is_some_and(|scheme| scheme.trim_ascii().eq_ignore_ascii_case(b"https"))
}

/// The path in `X-Forwarded-Prefix`; empty if it is not one.
fn prefix(headers: &HeaderMap) -> String {
    let value = headers.get(X_FORWARDED_PREFIX).map(HeaderValue::to_str);
    let path = value.and_then(Result::ok).unwrap_or_default().trim();
    let path = path.trim_end_matches('/');
    // `//host` would lead to another server.
    let is_path = path.starts_with('/') && !path.contains("//") && path.bytes().all(is_plain);
    if is_path {
        path.to_owned()
    } else {
        String::new()
    }
}

/// Returns `true` for the bytes of a path that need no quoting anywhere.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"/-._~%".contains(&byte)
}

/// Trusted proxies that have passed on a client's request without `X-Forwarded-For`.
///
/// Such a proxy does not set the header, so any that arrives through it was sent by a client, who
/// could name any address. Until a restart its clients are not told apart.
#[derive(Debug, Default)]
pub(in crate::http) struct SilentProxies(RwLock<HashSet<IpAddr>>);

impl SilentProxies {
    /// Returns `true` if the proxy is one of them, with this request.
    fn includes(&self, proxy: IpAddr, head: &Parts) -> bool {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let is_known = known.contains(&proxy);
        drop(known);
        let is_silent = !head.headers.contains_key(X_FORWARDED_FOR);
        if is_silent && !is_known && is_passed_on(proxy, head) {
            self.add(proxy);
        }
        is_silent || is_known
    }

    fn add(&self, proxy: IpAddr) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.insert(proxy) {
            tracing::warn!(
                %proxy,
                "a trusted proxy does not set X-Forwarded-For: all its clients count as one address. \
                 Set the header there and restart this server."
            );
        }
    }
}

/// Returns `true` if a proxy's request is a client's, and not a health check of its own or that of
/// a program on the same host, which reaches the server by its loopback address.
fn is_passed_on(proxy: IpAddr, head: &Parts) -> bool {
    let is_check =
        head.method == Method::OPTIONS || [path::HEALTHZ, path::READYZ].contains(&head.uri.path());
    let host = head.headers.get(HOST).and_then(|host| host.to_str().ok());
    let names_loopback = host.is_some_and(host::is_loopback);
    let is_local =
        proxy.to_canonical().is_loopback() && names_loopback && head.version == Version::HTTP_11;
    !is_check && !is_local
}

/// Parses an address with or without a port.
fn address_of(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let address = text
        .parse()
        .ok()
        .or_else(|| text.parse().ok().map(|address: SocketAddr| address.ip()));
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &[&str], peer: &str, forwarded: &[&'static str]) -> String {
        let proxies = Proxies(
            trusted
                .iter()
                .map(|network| network.parse().unwrap())
                .collect(),
        );
        let lines = forwarded
            .iter()
            .map(|line| (X_FORWARDED_FOR, line.parse().unwrap()));
        proxies
            .address(peer.parse().unwrap(), &lines.collect())
            .to_string()
    }

    #[test]
    fn an_unlisted_proxy_is_ignored() {
        assert_eq!(client(&[], "127.0.0.1", &["192.0.2.1"]), "127.0.0.1");
        assert_eq!(
            client(&["10.0.0.0/8"], "11.0.0.1", &["192.0.2.1"]),
            "11.0.0.1"
        );
    }

    #[test]
    fn a_listed_proxy_names_only_its_own_client() {
        let trusted = ["127.0.0.1/32", "10.0.0.0/8", "2001:db8::/32"];
        let client = |peer, forwarded: &[&'static str]| client(&trusted, peer, forwarded);
        assert_eq!(client("127.0.0.1", &[]), "127.0.0.1");
        assert_eq!(client("127.0.0.1", &["192.0.2.1"]), "192.0.2.1");
        assert_eq!(
            client("::ffff:127.0.0.1", &["::ffff:192.0.2.1"]),
            "192.0.2.1"
        );
        assert_eq!(
            client("127.0.0.1", &["198.51.100.7, 192.0.2.1, 10.1.2.3"]),
            "192.0.2.1"
        );
        assert_eq!(
            client("127.0.0.1", &["198.51.100.7", "192.0.2.1,10.1.2.3:4711"]),
            "192.0.2.1"
        );
        assert_eq!(
            client("127.0.0.1", &["192.0.2.1, [2001:db8::5]:443"]),
            "192.0.2.1"
        );
        assert_eq!(
            client("127.0.0.1", &["192.0.2.1, unknown, 10.1.2.3"]),
            "10.1.2.3"
        );
    }

    /// The head of a request with these fields.
    fn head(path: &str, fields: &[(&str, &str)]) -> Parts {
        let request = hyper::Request::builder().uri(path);
        let request = fields.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        });
        request.body(()).unwrap().into_parts().0
    }

    fn listed() -> Proxies {
        Proxies(vec![
            "10.0.0.0/8".parse().unwrap(),
            "127.0.0.1/32".parse().unwrap(),
        ])
    }

    #[test]
    fn only_a_listed_proxy_reports_tls() {
        let over_tls = |peer: &str, scheme: &str| {
            let head = head("/me", &[("x-forwarded-proto", scheme)]);
            let silent = SilentProxies::default();
            listed()
                .client(peer.parse().unwrap(), &head, &silent)
                .over_tls
        };
        assert!(over_tls("10.0.0.1", "https"));
        assert!(over_tls("10.0.0.1", "HTTPS, http"));
        assert!(!over_tls("10.0.0.1", "http, https"));
        assert!(!over_tls("10.0.0.1", "httpsx"));
        assert!(!over_tls("192.0.2.1", "https"));
    }

    #[test]
    fn links_stay_under_the_path_that_a_listed_proxy_names() {
        let localized = |peer: &str, prefix: &str| {
            let head = head("/employees", &[("x-forwarded-prefix", prefix)]);
            let mut response = HeaderMap::new();
            response.insert(LOCATION, HeaderValue::from_static("/employees/7"));
            let links =
                "</employees?limit=1>; rel=\"first\", </employees?limit=1&offset=1>; rel=\"next\"";
            response.insert(LINK, HeaderValue::from_static(links));
            let client = listed().client(peer.parse().unwrap(), &head, &SilentProxies::default());
            client.localize(&mut response);
            let text = |name| response.get(name).unwrap().to_str().unwrap().to_owned();
            (
                text(LOCATION),
                text(LINK).matches("</hr/staff/employees?").count(),
            )
        };
        for prefix in ["/hr/staff", "/hr/staff/"] {
            let expected = ("/hr/staff/employees/7".to_owned(), 2);
            assert_eq!(localized("10.0.0.1", prefix), expected);
        }
        for (peer, prefix) in [
            ("192.0.2.1", "/hr/staff"),
            ("10.0.0.1", "/"),
            ("10.0.0.1", "//evil.example"),
            ("10.0.0.1", "https://evil.example"),
            ("10.0.0.1", "/a>; rel=\"next\""),
            ("10.0.0.1", "hr/staff"),
        ] {
            let expected = ("/employees/7".to_owned(), 0);
            assert_eq!(localized(peer, prefix), expected, "{prefix}");
        }
    }

    #[test]
    fn behind_a_proxy_that_sets_no_address_no_client_can_choose_one() {
        let silent = SilentProxies::default();
        let address = |peer: &str, path: &str, fields: &[(&str, &str)]| {
            let client = listed().client(peer.parse().unwrap(), &head(path, fields), &silent);
            client.address.to_string()
        };
        let host = ("host", "roster.example");
        let forged = ("x-forwarded-for", "198.51.100.7");
        // Neither the proxy's own checks nor a program beside it say anything about the header.
        address("10.0.0.1", "/healthz", &[host]);
        address("127.0.0.1", "/me", &[("host", "localhost:7678")]);
        address("127.0.0.1", "/me", &[("host", "[::1]:7678")]);
        for peer in ["10.0.0.1", "127.0.0.1"] {
            assert_eq!(address(peer, "/me", &[host, forged]), "198.51.100.7");
            assert_eq!(address(peer, "/me", &[host]), peer);
            assert_eq!(address(peer, "/me", &[host, forged]), peer);
        }
        assert_eq!(address("10.0.0.2", "/me", &[host, forged]), "198.51.100.7");
    }
}
