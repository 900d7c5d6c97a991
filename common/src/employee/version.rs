//! The version of a record, and its entity tag.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The version of a record: 1 when it is created, one more with each change. In quotes it is the
/// record's strong entity tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Version(u64);

impl Version {
    /// The version of a new record.
    pub const FIRST: Self = Self(1);

    /// Wraps a stored or received version.
    pub fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number itself.
    pub fn get(self) -> u64 {
        self.0
    }

    /// The version after one more change.
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The entity tag (RFC 9110, section 8.8.3): `"7"`.
    pub fn etag(self) -> String {
        format!("\"{}\"", self.0)
    }

    /// Reads one strong entity tag as [`Version::etag`] writes it.
    pub fn from_etag(tag: &str) -> Option<Self> {
        let digits = tag.trim().strip_prefix('"')?.strip_suffix('"')?;
        let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| digits.parse().ok().map(Self)).flatten()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_entity_tags_parse() {
        assert_eq!(
            Version::from_etag(&Version::new(7).etag()),
            Some(Version::new(7))
        );
        for other in [
            "7",
            "W/\"7\"",
            "\"\"",
            "\"+7\"",
            "\"x\"",
            "*",
            "\"99999999999999999999\"",
        ] {
            assert_eq!(Version::from_etag(other), None, "{other}");
        }
    }
}
