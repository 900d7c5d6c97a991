//! Trusted proxies, and the client address that they report.

use std::net::{IpAddr, SocketAddr};

use hyper::header::{HeaderMap, HeaderName};
use ipnet::IpNet;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

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

    /// The client's address: the peer, or behind a trusted proxy the last address in
    /// `X-Forwarded-For` that is not a proxy. Anything before that could be forged.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
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
            .client(peer.parse().unwrap(), &lines.collect())
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
}
