//! Usernames, roles and passwords.

use std::fmt;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::field_error::{FieldError, Rule};
use crate::words::words;

/// The name that an account signs in with: 1 to 64 of `a-z 0-9 . _ @ -`, the first a letter or
/// digit.
///
/// Upper case is folded to lower case. Only ASCII is allowed, so no two names look alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Username(String);

impl Username {
    /// The maximum length in characters.
    pub const MAX_CHARS: usize = 64;

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text is not a valid username.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a username is 1 to 64 of a-z 0-9 . _ @ -, and starts with a letter or a digit")]
pub struct InvalidUsername;

impl FromStr for Username {
    type Err = InvalidUsername;

    fn from_str(text: &str) -> Result<Self, InvalidUsername> {
        let name = text.trim().to_ascii_lowercase();
        let first = name
            .bytes()
            .next()
            .is_some_and(|b| b.is_ascii_alphanumeric());
        let rest = name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._@-".contains(&b));
        (first && rest && name.len() <= Self::MAX_CHARS)
            .then_some(Self(name))
            .ok_or(InvalidUsername)
    }
}

impl TryFrom<String> for Username {
    type Error = InvalidUsername;

    fn try_from(text: String) -> Result<Self, InvalidUsername> {
        text.parse()
    }
}

impl From<Username> for String {
    fn from(name: Username) -> String {
        name.0
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

words! {
    /// What an account may do. Each role includes the permissions of the one before it.
    pub enum Role {
        /// Can view employees.
        Viewer = "viewer",
        /// Can also add and edit employees.
        Editor = "editor",
        /// Can also delete employees and manage users.
        Admin = "admin",
    }
}

impl FromStr for Role {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::from_name(word).ok_or("the role must be viewer, editor or admin")
    }
}

/// A password as entered, in Unicode NFC (RFC 8265, section 4.2). It is wiped when dropped and
/// never printed.
#[derive(Debug, Clone)]
pub struct Password(SecretString);

impl Password {
    /// Wraps a password of any length. Only the server decides whether it is correct.
    pub fn new(typed: &str) -> Self {
        Self(SecretString::from(typed.nfc().collect::<String>()))
    }

    /// The secret, for the hash and for the request that carries it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// A password that satisfies the rules for new passwords.
#[derive(Debug, Clone)]
pub struct NewPassword(Password);

impl NewPassword {
    /// The minimum length in bytes.
    pub const MIN_BYTES: usize = 12;
    /// The maximum length in bytes: bcrypt ignores the rest.
    pub const MAX_BYTES: usize = 72;

    /// Checks the length and the list of common passwords. There are no composition rules (NIST SP
    /// 800-63B, section 5.1.1.2).
    ///
    /// # Errors
    /// [`Rule::TooShort`], [`Rule::TooLong`] or [`Rule::Common`]. A long password is never
    /// truncated.
    pub fn parse(password: Password) -> Result<Self, FieldError> {
        let refuse = |rule, message: &str| Err(FieldError::new("password", rule, message));
        match password.expose().len() {
            0..Self::MIN_BYTES => refuse(Rule::TooShort, "Use at least 12 characters."),
            Self::MIN_BYTES..=Self::MAX_BYTES if is_common(password.expose()) => refuse(
                Rule::Common,
                "This password is too common. Choose one that is hard to guess.",
            ),
            Self::MIN_BYTES..=Self::MAX_BYTES => Ok(Self(password)),
            _ => refuse(
                Rule::TooLong,
                "Use at most 72 bytes; a non-ASCII character counts as two to four.",
            ),
        }
    }

    /// The password itself.
    pub fn as_password(&self) -> &Password {
        &self.0
    }
}

/// Common passwords of at least [`NewPassword::MIN_BYTES`]: those of zxcvbn 4.5 (MIT) that are long
/// enough, and well-known default passwords. One per line, in lower case, sorted by byte.
const COMMON: &str = include_str!("common-passwords.txt");

fn is_common(password: &str) -> bool {
    let password = password.to_lowercase();
    is_run(&password) || COMMON.lines().any(|common| common == password)
}

/// Returns `true` for a run like `aaaaaaaaaaaa` or `abcdefghijkl`, where every step is equal.
fn is_run(text: &str) -> bool {
    let codes: Vec<i64> = text.chars().map(|c| i64::from(u32::from(c))).collect();
    codes.windows(3).all(|w| w[1] - w[0] == w[2] - w[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usernames_are_folded_to_lower_case() {
        assert_eq!(
            "Ada.Lovelace@example".parse::<Username>().unwrap().as_str(),
            "ada.lovelace@example"
        );
        for bad in [
            "",
            " ",
            ".ada",
            "ada lovelace",
            "аda",
            "ada:x",
            &"a".repeat(65),
        ] {
            assert_eq!(bad.parse::<Username>(), Err(InvalidUsername), "{bad}");
        }
    }

    #[test]
    fn a_password_is_measured_in_bytes_and_never_cut() {
        let rule = |typed: &str| {
            NewPassword::parse(Password::new(typed))
                .map(|_| ())
                .map_err(|e| e.code)
        };
        assert_eq!(rule(&"ab".repeat(5)), Err(Rule::TooShort));
        assert_eq!(rule(&"ab".repeat(6)), Ok(()));
        assert_eq!(rule(&"éü".repeat(18)), Ok(()));
        assert_eq!(rule(&"éü".repeat(19)), Err(Rule::TooLong));
        assert_eq!(rule(&"ab".repeat(37)), Err(Rule::TooLong));
    }

    #[test]
    fn common_passwords_are_refused() {
        for common in [
            "Qwerty123456",
            "needforspeed",
            "aaaaaaaaaaaaa",
            "abcdefghijklm",
            "9876543210/.",
        ] {
            let refused = NewPassword::parse(Password::new(common)).unwrap_err();
            assert_eq!(refused.code, Rule::Common, "{common}");
        }
        assert!(
            COMMON
                .lines()
                .all(|line| line.len() >= NewPassword::MIN_BYTES && line == line.to_lowercase())
        );
    }

    #[test]
    fn a_password_does_not_print() {
        assert!(!format!("{:?}", Password::new("correct horse battery")).contains("horse"));
    }
}
