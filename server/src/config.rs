//! Configuration: signing keys and limits. Secrets are never printed.

use std::collections::HashSet;
use std::fmt;
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretSlice};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::rules::key_names::KeyNames;

mod environment;

pub use environment::Environment;

/// The shortest secret, in bytes: as long as HS256's hash (RFC 7518, section 3.2).
const MIN_SECRET: usize = 32;

/// The variable of the keys for access tokens.
const ACCESS_VARIABLE: &str = "ACCESS_TOKEN_KEY";

/// The variable of the keys for refresh tokens.
const REFRESH_VARIABLE: &str = "REFRESH_TOKEN_KEY";

/// How to generate keys; ends every message about a key.
const ADVICE: &str = "Generate keys with `rosterd keygen .env`.";

/// Who may create accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Registration {
    /// Admins only.
    #[default]
    Closed,
    /// Anyone can register an account with the lowest role.
    Open,
}

/// A signing key with the name by which tokens refer to it.
#[derive(Clone)]
pub struct SigningKey {
    /// Its name, the `kid` of the tokens that it signs.
    pub kid: String,
    secret: SecretSlice<u8>,
}

impl SigningKey {
    /// The secret, for the signature.
    pub fn secret(&self) -> &[u8] {
        self.secret.expose_secret()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.kid)
    }
}

/// The keys for one kind of token, at least one. The first signs and all verify.
#[derive(Debug, Clone)]
pub struct KeyRing(Vec<SigningKey>);

impl KeyRing {
    /// The keys.
    pub fn keys(&self) -> &[SigningKey] {
        &self.0
    }

    /// Parses `secret` or `kid:secret,kid:secret`. `name` is the variable, for error messages.
    ///
    /// # Errors
    /// [`KeyError`]
    pub fn parse(name: &'static str, text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        let keys: Vec<SigningKey> = if text.contains(':') {
            let entries = text.split(',').map(|entry| Self::entry(name, entry));
            entries.collect::<Result<_, _>>()?
        } else {
            vec![key(name, &fingerprint(text.as_bytes()), text)?]
        };
        let names: HashSet<_> = keys.iter().map(|key| &key.kid).collect();
        if names.len() < keys.len() {
            return Err(KeyError::Doubled(name));
        }
        Ok(Self(keys))
    }

    /// The names of the keys, the signing one first.
    fn names(&self, variable: &str) -> Vec<String> {
        // Servers may have different secrets under one kid, so the kid alone is not enough.
        let name = |key: &SigningKey| {
            let fingerprint = fingerprint(key.secret());
            format!("{} of {variable} (SHA-256 {fingerprint})", key.kid)
        };
        self.0.iter().map(name).collect()
    }

    fn entry(name: &'static str, entry: &str) -> Result<SigningKey, KeyError> {
        let (kid, secret) = entry.split_once(':').ok_or(KeyError::Form(name))?;
        let kid = kid.trim();
        let plain = !kid.is_empty()
            && kid.len() <= 32
            && kid.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !plain {
            return Err(KeyError::Form(name));
        }
        key(name, kid, secret.trim())
    }
}

/// The name of a key that was given without one: a prefix of its hash.
fn fingerprint(secret: &[u8]) -> String {
    let hash = Sha256::digest([b"roster kid ", secret].concat());
    hash[..4].iter().map(|byte| format!("{byte:02x}")).collect()
}

fn key(name: &'static str, kid: &str, secret: &str) -> Result<SigningKey, KeyError> {
    if secret.len() < MIN_SECRET {
        return Err(KeyError::Short(name, secret.len()));
    }
    if is_guessable(secret) {
        return Err(KeyError::Example(name));
    }
    Ok(SigningKey {
        kid: kid.to_owned(),
        secret: secret.as_bytes().to_vec().into(),
    })
}

/// Returns `true` if a secret looks like an example or repeats few characters.
fn is_guessable(secret: &str) -> bool {
    let lower = secret.to_lowercase();
    let example = [
        "secret",
        "example",
        "changeme",
        "change-me",
        "change_me",
        "your-",
        "your_",
        "password",
        "access_token",
        "refresh_token",
    ];
    let distinct: HashSet<_> = secret.bytes().collect();
    distinct.len() < 10 || example.iter().any(|word| lower.contains(word))
}

/// Why the signing keys cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No key is set.
    #[error("{0} is not set. {ADVICE}")]
    Missing(&'static str),
    /// It is set both directly and as a file.
    #[error("{0} and {0}_FILE are both set. Keep only one.")]
    Both(&'static str),
    /// Its file cannot be read.
    #[error("cannot read {path} (from {0}_FILE): {why}", path = .1.display(), why = .2)]
    File(&'static str, PathBuf, String),
    /// It is too short to be safe.
    #[error("{0} has {1} bytes; at least {MIN_SECRET} are required. {ADVICE}")]
    Short(&'static str, usize),
    /// It is a known example or easy to guess.
    #[error("{0} looks like an example or is easy to guess. {ADVICE}")]
    Example(&'static str),
    /// The key ring is malformed.
    #[error("{0} must have the form `kid:secret,kid:secret`; a kid has letters, digits and `-`.")]
    Form(&'static str),
    /// Two keys in the ring have the same name.
    #[error("{0} has two keys with the same kid.")]
    Doubled(&'static str),
    /// Access and refresh keys are equal.
    #[error("ACCESS_TOKEN_KEY and REFRESH_TOKEN_KEY share a secret. {ADVICE}")]
    Equal,
}

/// The keys of both kinds.
#[derive(Debug, Clone)]
pub struct Keys {
    /// For access tokens.
    pub access: KeyRing,
    /// For refresh tokens.
    pub refresh: KeyRing,
}

impl Keys {
    /// Reads both from the environment, through `variable`.
    ///
    /// # Errors
    /// [`KeyError`]
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Result<Self, KeyError> {
        let ring = |name| KeyRing::parse(name, &value_of(name, &variable)?);
        Self::new(ring(ACCESS_VARIABLE)?, ring(REFRESH_VARIABLE)?)
    }

    /// Combines two rings, which must not share a secret.
    ///
    /// # Errors
    /// [`KeyError::Equal`]
    pub fn new(access: KeyRing, refresh: KeyRing) -> Result<Self, KeyError> {
        let shared = access
            .0
            .iter()
            .any(|a| refresh.0.iter().any(|r| a.secret() == r.secret()));
        if shared {
            Err(KeyError::Equal)
        } else {
            Ok(Self { access, refresh })
        }
    }

    /// The names of the keys, for a comparison with those of other servers.
    pub fn names(&self) -> KeyNames {
        let access = self.access.names(ACCESS_VARIABLE);
        let refresh = self.refresh.names(REFRESH_VARIABLE);
        let signing = [access.first(), refresh.first()];
        KeyNames {
            signing: signing.into_iter().flatten().cloned().collect(),
            known: [access, refresh].concat(),
        }
    }
}

/// A variable's value, or the content of the file that `NAME_FILE` names.
fn value_of(
    name: &'static str,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<String, KeyError> {
    let set = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
    match (set(name), set(&format!("{name}_FILE"))) {
        (Some(_), Some(_)) => Err(KeyError::Both(name)),
        (Some(value), None) => Ok(value),
        (None, Some(file)) => std::fs::read_to_string(&file)
            .map_err(|e| KeyError::File(name, file.into(), e.to_string())),
        (None, None) => Err(KeyError::Missing(name)),
    }
}

/// Generates two keys, as lines for a `.env` file.
///
/// # Errors
/// If the system provides no random bytes.
pub fn generate() -> Result<Zeroizing<String>, getrandom::Error> {
    let line = |name: &str| {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret)?;
        let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(format!("{name}={hex}\n"))
    };
    Ok(Zeroizing::new(
        line(ACCESS_VARIABLE)? + &line(REFRESH_VARIABLE)?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "4f1d6a0c9b7e25388a61c3d2f04b5e97";
    const OTHER: &str = "90c2be71f3a84d56e1078b2f6c9d3a45";

    fn keys(access: &str, refresh: &str) -> Result<Keys, KeyError> {
        let value = |name: &str| match name {
            "ACCESS_TOKEN_KEY" => Some(access.to_owned()),
            "REFRESH_TOKEN_KEY" => Some(refresh.to_owned()),
            _ => None,
        };
        Keys::from_environment(value)
    }

    #[test]
    fn two_good_keys_are_taken() {
        let keys = keys(
            GOOD,
            &format!("new:{OTHER},old:{}", OTHER.replace('9', "e")),
        )
        .unwrap();
        assert_eq!(
            keys.refresh
                .keys()
                .iter()
                .map(|k| k.kid.as_str())
                .collect::<Vec<_>>(),
            ["new", "old"]
        );
    }

    #[test]
    fn each_bad_key_is_refused_with_what_to_do() {
        let name = "ACCESS_TOKEN_KEY";
        for (access, refresh, expected) in [
            ("", OTHER, KeyError::Missing(name)),
            ("short", OTHER, KeyError::Short(name, 5)),
            (GOOD, GOOD, KeyError::Equal),
            (
                "my-super-secret-key-0123456789-abcdef",
                OTHER,
                KeyError::Example(name),
            ),
            (&"abcd".repeat(8), OTHER, KeyError::Example(name)),
            (
                &format!("a:{GOOD},a:{OTHER}"),
                OTHER,
                KeyError::Doubled(name),
            ),
            (&format!("../a:{GOOD}"), OTHER, KeyError::Form(name)),
            (&format!("a:{GOOD},{OTHER}"), OTHER, KeyError::Form(name)),
            (&format!("a:{OTHER},b:{GOOD}"), GOOD, KeyError::Equal),
        ] {
            assert_eq!(keys(access, refresh).unwrap_err(), expected);
        }
        assert!(
            keys("", OTHER)
                .unwrap_err()
                .to_string()
                .contains("rosterd keygen")
        );
    }

    #[test]
    fn keys_are_named_without_their_secrets_and_different_ones_differently() {
        let ours = keys(&format!("a:{GOOD}"), OTHER).unwrap().names();
        let theirs = keys(&format!("a:{}", GOOD.replace('4', "5")), OTHER);
        let theirs = theirs.unwrap().names();
        assert_ne!(ours.known[0], theirs.known[0], "of one kid");
        assert_eq!(ours.known[1], theirs.known[1], "of one secret");
        let text = format!("{ours:?}");
        assert!(!text.contains(GOOD) && !text.contains(OTHER), "{text}");
    }

    #[test]
    fn a_key_does_not_print() {
        assert!(!format!("{:?}", keys(GOOD, OTHER).unwrap()).contains(GOOD));
    }

    #[test]
    fn a_file_may_hold_a_key_and_both_may_not() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), format!("{GOOD}\n")).unwrap();
        let path = file.path().display().to_string();
        let from_file = |name: &str| match name {
            "ACCESS_TOKEN_KEY_FILE" => Some(path.clone()),
            "REFRESH_TOKEN_KEY" => Some(OTHER.to_owned()),
            _ => None,
        };
        assert!(Keys::from_environment(from_file).is_ok());
        let both = |name: &str| from_file(name).or_else(|| Some(GOOD.to_owned()));
        assert_eq!(
            Keys::from_environment(both).unwrap_err(),
            KeyError::Both("ACCESS_TOKEN_KEY")
        );
    }

    #[test]
    fn generated_keys_are_good_and_new_each_time() {
        let parse = |text: &str| {
            let value = |name: &str| {
                text.lines()
                    .find_map(|l| l.strip_prefix(&format!("{name}=")))
                    .map(str::to_owned)
            };
            Keys::from_environment(value)
        };
        let [one, two] = [generate().unwrap(), generate().unwrap()];
        assert!(parse(&one).is_ok() && parse(&two).is_ok() && one != two);
    }
}
