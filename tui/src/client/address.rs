//! The server's address as the user types it, and whether a password may be sent there.

use std::net::Ipv6Addr;

use reqwest::Url;

use crate::remote::{ClientError, Result};

/// The default port on loopback.
const DEFAULT_PORT: u16 = 7678;

/// A server's origin (RFC 6454): scheme, host, port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    url: Url,
    origin: String,
}

impl Address {
    /// Reads `host`, `host:port`, or an `http` or `https` URL without a path.
    pub(super) fn parse(typed: &str, insecure_http: bool) -> Result<Self> {
        let url = read(typed.trim())?;
        if url.scheme() == "http" && !is_loopback(&url) && !insecure_http {
            return Err(ClientError::Address(format!(
                "Plain HTTP would expose the password to anyone on the network path to {}. Use \
                    https://, or allow it with --insecure-http.",
                url.host_str().unwrap_or_default()
            )));
        }
        let origin = url.origin().ascii_serialization();
        Ok(Self { url, origin })
    }

    /// The origin as text: `http://127.0.0.1:7678`.
    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    /// The origin as a folder name: `http_127.0.0.1_7678`.
    pub(super) fn folder_name(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        let port = self.url.port_or_known_default().unwrap_or_default();
        format!("{}_{host}_{port}", self.url.scheme())
    }

    /// The URL of a path on the server.
    pub(super) fn url(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(path);
        url
    }

    pub(super) fn is_tls(&self) -> bool {
        self.url.scheme() == "https"
    }

    pub(super) fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }
}

fn read(typed: &str) -> Result<Url> {
    let url = match typed.contains("://") {
        true => typed.parse().ok(),
        false => without_scheme(typed),
    };
    let url = url.ok_or_else(|| refused(&format!("“{typed}” is not a server address.")))?;
    match what_is_wrong(&url) {
        Some(what) => Err(refused(&what)),
        None => Ok(url),
    }
}

/// Why a URL is not a server's address, as a sentence that says what to change. A password in it is
/// not repeated.
fn what_is_wrong(url: &Url) -> Option<String> {
    let scheme = url.scheme();
    if !matches!(scheme, "http" | "https") {
        return Some(format!(
            "A server address begins with http:// or https://, not {scheme}://."
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Some(
            "A server address has no username and password. You are asked for them.".to_owned(),
        );
    }
    if url.port() == Some(0) {
        return Some("A server does not listen on port 0.".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Some(
            "A server address ends after the host and port; leave out the rest.".to_owned(),
        );
    }
    let path = url.path();
    (!matches!(path, "" | "/"))
        .then(|| format!("A server address has no path; leave out “{path}”."))
}

/// Loopback uses plain HTTP, every other host TLS.
fn without_scheme(typed: &str) -> Option<Url> {
    let host = match typed.parse::<Ipv6Addr>() {
        Ok(address) => format!("[{address}]"),
        Err(_) => typed.to_owned(),
    };
    let mut url: Url = format!("http://{host}").parse().ok()?;
    if !is_loopback(&url) {
        return format!("https://{host}").parse().ok();
    }
    // `url` drops port 80 even if it was typed.
    if url.port().is_none() && !host.ends_with(":80") {
        url.set_port(Some(DEFAULT_PORT)).ok()?;
    }
    Some(url)
}

/// The only hosts to which the cookie store sends Secure cookies over plain HTTP.
fn is_loopback(url: &Url) -> bool {
    match url.host_str().map(|host| host.trim_matches(['[', ']'])) {
        Some("localhost") => true,
        Some(host) => host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback()),
        None => false,
    }
}

fn refused(why: &str) -> ClientError {
    ClientError::Address(format!(
        "{why} Use one like roster.example.com, 127.0.0.1:7678 or https://roster.example.com."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(typed: &str) -> Option<String> {
        Address::parse(typed, false)
            .ok()
            .map(|address| address.origin)
    }

    #[test]
    fn a_host_is_enough() {
        for (typed, meant) in [
            ("localhost", "http://localhost:7678"),
            ("127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("localhost:80", "http://localhost"),
            ("::1", "http://[::1]:7678"),
            ("[::1]:9", "http://[::1]:9"),
            (" Roster.Example.com ", "https://roster.example.com"),
            ("roster.example.com:8443", "https://roster.example.com:8443"),
            ("http://localhost", "http://localhost"),
            ("https://roster.example.com/", "https://roster.example.com"),
        ] {
            assert_eq!(origin(typed).as_deref(), Some(meant), "{typed}");
        }
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for typed in [
            "",
            " ",
            "http://",
            "ftp://localhost",
            "file:///etc/passwd",
            "http://localhost/roster",
            "localhost/x",
            "https://ada:secret@localhost",
            "https://localhost?x",
            "https://localhost#x",
            "host:99999",
            "a b",
            "localhost:0",
        ] {
            assert_eq!(origin(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_refused_address_says_why() {
        for (typed, why) in [
            ("http://localhost/roster", "leave out “/roster”"),
            ("localhost/x", "leave out “/x”"),
            ("https://localhost?x", "leave out the rest"),
            ("https://localhost#x", "leave out the rest"),
            ("https://ada:secret@localhost", "no username and password"),
            ("ftp://localhost", "not ftp://"),
            ("localhost:0", "port 0"),
            ("a b", "“a b” is not a server address"),
        ] {
            let message = Address::parse(typed, false).unwrap_err().to_string();
            assert!(message.contains(why), "{typed}: {message}");
            assert!(message.contains("Use one like"), "{typed}: {message}");
            assert!(!message.contains("secret"), "{typed}: {message}");
        }
    }

    #[test]
    fn plain_http_leaves_this_computer_only_when_allowed() {
        for typed in [
            "http://roster.example.com",
            "http://192.0.2.2:7678",
            "http://localhost.",
            "http://0.0.0.0",
        ] {
            assert!(
                matches!(Address::parse(typed, false), Err(ClientError::Address(_))),
                "{typed}"
            );
            assert!(Address::parse(typed, true).is_ok(), "{typed}");
        }
        assert!(Address::parse("http://127.8.8.8:1", false).is_ok());
    }

    #[test]
    fn each_origin_has_a_folder_of_its_own() {
        let names: std::collections::BTreeSet<String> = [
            "localhost:1",
            "localhost:2",
            "https://localhost:1",
            "127.0.0.1:1",
            "[::1]:1",
        ]
        .map(|typed| Address::parse(typed, false).unwrap().folder_name())
        .into();
        assert_eq!(names.len(), 5);
        assert!(names.iter().all(|name| !name.contains('/')));
    }
}
