//! The cookies of one server: what it may set, and what is sent back.

use cookie_store::{Cookie, CookieStore, RawCookie};
use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderValue, SET_COOKIE};
use roster_common::api::{COOKIE, PLAIN_COOKIE};
use serde::{Deserialize, Serialize};

/// A cookie store (RFC 6265) that also enforces the name prefixes, which the crate does not.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(into = "Vec<Cookie<'static>>", from = "Vec<Cookie<'static>>")]
pub(super) struct Cookies(CookieStore);

impl Cookies {
    /// The `Cookie` header of a request to `url`.
    pub(super) fn header(&self, url: &Url) -> Option<HeaderValue> {
        let pairs: Vec<String> = self
            .0
            .get_request_values(url)
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut header = HeaderValue::from_str(&pairs.join("; "))
            .ok()
            .filter(|_| !pairs.is_empty())?;
        header.set_sensitive(true);
        Some(header)
    }

    /// Stores the cookies that an answer from `url` sets. Invalid ones and those that break a
    /// prefix's rule are ignored (RFC 6265bis, section 5.7).
    pub(super) fn take(&mut self, headers: &HeaderMap, url: &Url) {
        let texts = headers
            .get_all(SET_COOKIE)
            .iter()
            .filter_map(|value| std::str::from_utf8(value.as_bytes()).ok());
        let cookies = texts
            .filter_map(|text| RawCookie::parse(text.to_owned()).ok())
            .filter(keeps_its_prefix)
            .map(until_cleared);
        self.0.store_response_cookies(cookies, url);
    }
}

impl From<Cookies> for Vec<Cookie<'static>> {
    fn from(cookies: Cookies) -> Self {
        cookies
            .0
            .iter_unexpired()
            .filter(|cookie| cookie.is_persistent())
            .cloned()
            .collect()
    }
}

impl From<Vec<Cookie<'static>>> for Cookies {
    fn from(cookies: Vec<Cookie<'static>>) -> Self {
        let good = cookies.into_iter().map(Ok::<_, std::convert::Infallible>);
        Self(CookieStore::from_cookies(good, false).unwrap_or_default())
    }
}

/// Keeps the refresh cookie until the server clears it. The server decides when a session ends: the
/// clock of this computer may be wrong, now or when the cookie came.
fn until_cleared(mut cookie: RawCookie<'_>) -> RawCookie<'_> {
    let is_refresh = [COOKIE, PLAIN_COOKIE].contains(&cookie.name());
    if let Some(max_age) = cookie.max_age().filter(|_| is_refresh) {
        // The store cuts this to the last date that it can represent. Zero, which clears, stays.
        cookie.set_max_age(max_age.saturating_mul(i32::MAX));
    }
    cookie
}

/// Whether a cookie has the attributes that its name prefix requires (RFC 6265bis, section 4.1.3).
fn keeps_its_prefix(cookie: &RawCookie<'_>) -> bool {
    let name = cookie.name().to_ascii_lowercase();
    let secure = cookie.secure() == Some(true);
    if name.starts_with("__host-") {
        return secure && cookie.path() == Some("/") && cookie.domain().is_none();
    }
    secure || !name.starts_with("__secure-")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str =
        "__Host-refresh=t0ken; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=3600";

    /// What is sent to `to` after `from` has set a cookie, and the jar has been written and read.
    fn sent(set: &str, from: &str, to: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.append(SET_COOKIE, HeaderValue::from_str(set).unwrap());
        let mut cookies = Cookies::default();
        cookies.take(&headers, &from.parse().unwrap());
        let cookies: Cookies =
            serde_json::from_str(&serde_json::to_string(&cookies).unwrap()).unwrap();
        cookies
            .header(&to.parse().unwrap())
            .map(|header| header.to_str().unwrap().to_owned())
    }

    #[test]
    fn a_secure_cookie_goes_over_tls_and_to_loopback_and_nowhere_else() {
        for origin in [
            "https://roster.example",
            "http://127.0.0.1:7",
            "http://127.9.9.9:7",
            "http://[::1]:7",
            "http://localhost:7",
        ] {
            assert_eq!(
                sent(HOST, origin, origin).as_deref(),
                Some("__Host-refresh=t0ken"),
                "{origin}"
            );
        }
        for origin in [
            "http://192.0.2.2:7",
            "http://dev.localhost",
            "http://localhost.",
            "http://0.0.0.0",
        ] {
            assert_eq!(sent(HOST, origin, origin), None, "{origin}");
        }
        assert_eq!(
            sent(HOST, "https://roster.example", "http://roster.example"),
            None
        );
    }

    #[test]
    fn a_cookie_that_breaks_its_prefix_is_not_kept() {
        for set in [
            "__Host-refresh=x; Path=/; Max-Age=60",
            "__Host-refresh=x; Path=/auth; Secure; Max-Age=60",
            "__Host-refresh=x; Secure; Max-Age=60",
            "__Host-refresh=x; Path=/; Secure; Domain=localhost; Max-Age=60",
            "__HOST-refresh=x; Path=/; Max-Age=60",
            "__Secure-refresh=x; Path=/; Max-Age=60",
        ] {
            assert_eq!(
                sent(set, "http://localhost/auth", "http://localhost/auth"),
                None,
                "{set}"
            );
        }
        assert_eq!(
            sent(
                "refresh=x; Path=/; Max-Age=60",
                "http://192.0.2.2",
                "http://192.0.2.2"
            )
            .unwrap(),
            "refresh=x"
        );
    }

    #[test]
    fn max_age_zero_takes_a_cookie_away() {
        let url: Url = "http://localhost:7/refresh".parse().unwrap();
        let mut cookies = Cookies::default();
        for (set, kept) in [
            (HOST, true),
            ("__Host-refresh=; Path=/; Secure; Max-Age=0", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.append(SET_COOKIE, HeaderValue::from_static(set));
            cookies.take(&headers, &url);
            assert_eq!(cookies.header(&url).is_some(), kept);
        }
    }

    #[test]
    fn the_cookie_is_marked_as_secret() {
        let mut headers = HeaderMap::new();
        headers.append(SET_COOKIE, HeaderValue::from_static(HOST));
        let url: Url = "http://localhost/".parse().unwrap();
        let mut cookies = Cookies::default();
        cookies.take(&headers, &url);
        assert!(cookies.header(&url).unwrap().is_sensitive());
    }
}
