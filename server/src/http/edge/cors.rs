//! CORS and cross-site checks (Fetch, section 3.2; RFC 6454). Pages of other sites can neither use
//! the refresh cookie nor read responses, unless their origin is listed.

use std::str::FromStr;

use hyper::Method;
use hyper::StatusCode;
use hyper::Uri;
use hyper::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderMap,
    HeaderName, HeaderValue, ORIGIN, REFERER, STRICT_TRANSPORT_SECURITY, USER_AGENT, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use hyper::http::request::Parts;
use roster_common::problem::Code;

use super::host;
use crate::http::reply::{empty, set};
use crate::http::{Failure, Response};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-resource-policy");

/// How long a browser may cache a preflight response, in seconds.
const PREFLIGHT_SECONDS: &str = "600";

/// An origin whose pages may use this server, as a browser writes it: `https://app.example`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(HeaderValue);

/// The text is not a valid origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "an origin is https://HOST or https://HOST:PORT, in lower case and without a path; http:// \
        only on loopback"
)]
pub struct InvalidOrigin;

impl FromStr for Origin {
    type Err = InvalidOrigin;

    /// Accepts only the form that browsers send, since another would never match.
    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let uri: Uri = text.parse().map_err(|_| InvalidOrigin)?;
        let (scheme, host) = (
            uri.scheme_str().ok_or(InvalidOrigin)?,
            uri.host().ok_or(InvalidOrigin)?,
        );
        let (default_port, safe) = match scheme {
            "https" => (443, true),
            "http" => (80, host::is_loopback(host)),
            _ => return Err(InvalidOrigin),
        };
        let port = uri
            .port_u16()
            .map(|port| format!(":{port}"))
            .unwrap_or_default();
        let written = format!("{scheme}://{}{port}", host.to_ascii_lowercase());
        if safe && written == text && uri.port_u16() != Some(default_port) {
            HeaderValue::try_from(written)
                .map(Self)
                .map_err(|_| InvalidOrigin)
        } else {
            Err(InvalidOrigin)
        }
    }
}

/// The origins whose pages may use this server; none by default.
#[derive(Debug, Clone, Default)]
pub struct Origins(Vec<Origin>);

impl From<Vec<Origin>> for Origins {
    fn from(listed: Vec<Origin>) -> Self {
        Self(listed)
    }
}

impl Origins {
    /// Returns `true` if no origin is listed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The request's origin, if it is listed.
    pub fn of_request(&self, headers: &HeaderMap) -> Option<&Origin> {
        let sent = headers.get(ORIGIN)?;
        self.0.iter().find(|origin| origin.0 == sent)
    }

    /// Refuses cross-site requests from unlisted origins. Clients that are not browsers pass.
    ///
    /// # Errors
    /// [`Code::CrossSite`]
    pub fn admit(&self, head: &Parts) -> Result<(), Failure> {
        if is_own(head) || self.of_request(&head.headers).is_some() {
            return Ok(());
        }
        Err(Failure::new(
            Code::CrossSite,
            "Send a POST from a page on the server's own site.",
        ))
    }

    /// Returns `true` if the request comes from a listed cross-site origin. Its cookie cannot be
    /// `SameSite=Strict`.
    pub fn is_cross_site(&self, headers: &HeaderMap) -> bool {
        let same_site = text(headers, SEC_FETCH_SITE).is_some_and(|site| site.starts_with("same-"));
        !same_site && self.of_request(headers).is_some()
    }

    /// The response to a preflight request from a listed origin, which allows these request headers
    /// and methods. `None` if the request is not such a preflight.
    pub fn preflight(
        &self,
        head: &Parts,
        headers: &HeaderValue,
        methods: impl FnOnce() -> String,
    ) -> Option<Response> {
        let is_preflight = head.method == Method::OPTIONS
            && head.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        if !is_preflight || self.of_request(&head.headers).is_none() {
            return None;
        }
        let mut response = empty(StatusCode::NO_CONTENT);
        set(&mut response, ACCESS_CONTROL_ALLOW_METHODS, methods());
        set(&mut response, ACCESS_CONTROL_ALLOW_HEADERS, headers.clone());
        set(&mut response, ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS);
        Some(response)
    }

    /// Lets pages of `origin`, which must be listed, read the response and its `exposed` headers.
    pub fn expose(&self, origin: Option<&Origin>, exposed: &HeaderValue, response: &mut HeaderMap) {
        if !self.is_empty() {
            response.append(VARY, HeaderValue::from_name(ORIGIN));
        }
        if let Some(Origin(origin)) = origin {
            response.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            response.insert(
                ACCESS_CONTROL_ALLOW_CREDENTIALS,
                HeaderValue::from_static("true"),
            );
            response.insert(ACCESS_CONTROL_EXPOSE_HEADERS, exposed.clone());
        }
    }
}

/// Returns `true` if the request is same-origin, or not from a page.
fn is_own(head: &Parts) -> bool {
    let text = |name| text(&head.headers, name);
    let is_own = |url| text(HOST).is_some_and(|host| has_host(url, host));
    match (text(SEC_FETCH_SITE), text(ORIGIN), text(REFERER)) {
        (Some(site), _, _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin), _) => is_own(origin),
        (None, None, Some(referer)) => is_own(referer),
        // An old browser sends no mark with an image if the page hides its address. It sends
        // `Origin` with every POST.
        (None, None, None) => !(head.method.is_safe() && is_browser(&head.headers)),
    }
}

/// Returns `true` if a URL has this host and port. The default port of its scheme may be left out,
/// and names are case-insensitive (RFC 3986, section 6.2).
fn has_host(url: &str, host: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else {
        return false;
    };
    let default_port = match scheme {
        "https" => ":443",
        "http" => ":80",
        _ => return false,
    };
    let without_default = |authority: &str| {
        let authority = authority.strip_suffix(':').unwrap_or(authority);
        let name = authority.strip_suffix(default_port).unwrap_or(authority);
        name.to_ascii_lowercase()
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    without_default(authority) == without_default(host)
}

/// Returns `true` for the `User-Agent` of a browser. All of them begin like that of the first.
fn is_browser(headers: &HeaderMap) -> bool {
    text(headers, USER_AGENT).is_some_and(|agent| agent.starts_with("Mozilla/"))
}

/// A header's value. An invalid one still counts as present.
fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers
        .get(name)
        .map(|value| value.to_str().unwrap_or_default())
}

/// Adds the security headers of every response.
pub fn harden(response: &mut HeaderMap, over_tls: bool) {
    response.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Responses are data: a browser that is led to open one must not run, load or frame anything.
    response.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    );
    response.insert(
        CROSS_ORIGIN_RESOURCE_POLICY,
        HeaderValue::from_static("same-origin"),
    );
    // RFC 6797, section 7.2 forbids this header without TLS.
    if over_tls {
        response.insert(
            STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    fn head(method: &Method, pairs: &[(&'static str, &'static str)]) -> Parts {
        let request = hyper::Request::builder().method(method).body(()).unwrap();
        let (mut head, ()) = request.into_parts();
        head.headers = headers(pairs);
        head
    }

    fn listing(origin: &str) -> Origins {
        Origins(vec![origin.parse().unwrap()])
    }

    #[test]
    fn an_origin_is_written_as_a_browser_writes_it() {
        for good in [
            "https://app.example",
            "https://app.example:8443",
            "http://localhost:3000",
            "http://[::1]:3000",
        ] {
            assert!(good.parse::<Origin>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "*",
            "null",
            "app.example",
            "https://",
            "https://app.exa mple",
            "https://app.example/",
            "https://app.example/x",
            "https://app.example?x",
            "https://App.example",
            "https://ada@app.example",
            "https://app.example:443",
            "http://app.example",
            "http://localhost:80",
            "ftp://app.example",
        ] {
            assert_eq!(bad.parse::<Origin>(), Err(InvalidOrigin), "{bad}");
        }
    }

    #[test]
    fn fetch_metadata_decides_about_the_cookie() {
        let pass = |pairs: &[(&'static str, &'static str)]| {
            let head = head(&Method::POST, pairs);
            Origins::default().admit(&head).is_ok()
        };
        assert!(pass(&[]));
        assert!(pass(&[
            ("sec-fetch-site", "same-origin"),
            ("origin", "https://elsewhere")
        ]));
        assert!(pass(&[
            ("origin", "https://roster.example:8443"),
            ("host", "roster.example:8443")
        ]));
        assert!(!pass(&[("sec-fetch-site", "cross-site")]));
        assert!(!pass(&[("sec-fetch-site", "same-site")]));
        assert!(!pass(&[
            ("origin", "https://evil.example"),
            ("host", "roster.example")
        ]));
        assert!(!pass(&[("origin", "null"), ("host", "roster.example")]));
    }

    #[test]
    fn an_old_browser_is_recognised_by_its_referer_or_its_user_agent() {
        let host = ("host", "roster.example");
        let safari = ("user-agent", "Mozilla/5.0 (Macintosh) Safari/605.1.15");
        let pass = |method, pairs: &[(&'static str, &'static str)]| {
            Origins::default().admit(&head(&method, pairs)).is_ok()
        };
        let own = ("referer", "https://roster.example/page?x=1");
        let other = ("referer", "https://evil.example/?https://roster.example");
        for method in [Method::GET, Method::POST] {
            assert!(pass(method.clone(), &[host, own, safari]));
            assert!(!pass(method.clone(), &[host, other, safari]));
            assert!(!pass(method, &[host, other]));
        }
        assert!(!pass(Method::GET, &[host, safari]));
        assert!(pass(Method::POST, &[host, safari]));
        assert!(pass(Method::GET, &[host, ("user-agent", "curl/8.5.0")]));
    }

    #[test]
    fn a_host_with_a_default_port_or_capitals_equals_its_origin() {
        for (url, host) in [
            ("https://roster.example", "roster.example:443"),
            ("https://roster.example", "Roster.Example"),
            ("https://roster.example", "ROSTER.example:443"),
            ("http://roster.example", "roster.example:80"),
            ("http://roster.example", "roster.example:"),
            ("http://[::1]", "[::1]:80"),
            ("https://roster.example:8443", "Roster.example:8443"),
            ("https://roster.example/page", "roster.example"),
        ] {
            assert!(has_host(url, host), "{url} {host}");
        }
        for (url, host) in [
            ("https://roster.example", "roster.example:80"),
            ("http://roster.example", "roster.example:443"),
            ("https://roster.example:8443", "roster.example"),
            ("https://roster.example", "roster.example:4430"),
            ("https://roster.example.evil.example", "roster.example"),
            ("https://roster.example@evil.example", "roster.example"),
            ("https://evil.example/?://roster.example", "roster.example"),
            ("https://[::443]", "[:"),
            ("ftp://roster.example", "roster.example"),
            ("roster.example", "roster.example"),
            ("null", "null"),
        ] {
            assert!(!has_host(url, host), "{url} {host}");
        }
    }

    #[test]
    fn only_the_exact_listed_origin_is_allowed() {
        let pass = |origin| {
            let marks = [("sec-fetch-site", "cross-site"), ("origin", origin)];
            let head = head(&Method::POST, &marks);
            listing("https://app.example").admit(&head).is_ok()
        };
        assert!(pass("https://app.example"));
        for other in [
            "http://app.example",
            "https://app.example:8443",
            "https://app.example.evil.example",
            "null",
        ] {
            assert!(!pass(other), "{other}");
        }
    }
}
