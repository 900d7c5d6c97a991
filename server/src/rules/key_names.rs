//! The signing keys of servers that share a database: each has to know the keys that the others
//! sign with, or it refuses their tokens.

/// The signing keys of one server, by names that do not reveal the secrets. Keys with the same name
/// are equal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyNames {
    /// Those that sign new tokens, one for each kind of token. Empty for a program that serves
    /// nobody.
    pub signing: Vec<String>,
    /// Those with which tokens are verified; the signing ones are among them.
    pub known: Vec<String>,
}

/// Why two servers refuse each other's tokens.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyMismatch {
    /// Another server does not know a key that this one signs with.
    #[error(
        "a running server does not know the key that this one signs with, {0}; add it to the keys \
         of all servers and reload them with SIGHUP, then start this one"
    )]
    UnknownElsewhere(String),
    /// This server does not know a key that another one signs with.
    #[error(
        "this server does not know the key that a running one signs with, {0}; give all servers \
         the same keys"
    )]
    UnknownHere(String),
}

impl KeyNames {
    /// Checks that this server and another one accept each other's new tokens.
    ///
    /// # Errors
    /// [`KeyMismatch`]
    pub fn check_with(&self, other: &Self) -> Result<(), KeyMismatch> {
        if !self.signs() || !other.signs() {
            return Ok(());
        }
        if let Some(name) = self.signing.iter().find(|name| !other.known.contains(name)) {
            return Err(KeyMismatch::UnknownElsewhere(name.clone()));
        }
        match other.signing.iter().find(|name| !self.known.contains(name)) {
            Some(name) => Err(KeyMismatch::UnknownHere(name.clone())),
            None => Ok(()),
        }
    }

    /// Returns `true` for a server that signs tokens, and `false` for another program.
    pub fn signs(&self) -> bool {
        !self.signing.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(signing: &[&str], known: &[&str]) -> KeyNames {
        let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        KeyNames {
            signing: owned(signing),
            known: owned(known),
        }
    }

    #[test]
    fn servers_go_together_if_each_knows_what_the_other_signs_with() {
        let old = names(&["old"], &["old"]);
        let prepared = names(&["old"], &["old", "new"]);
        let replaced = names(&["new"], &["new", "old"]);
        assert_eq!(prepared.check_with(&old), Ok(()));
        assert_eq!(replaced.check_with(&prepared), Ok(()));
        let new = || "new".to_owned();
        assert_eq!(
            replaced.check_with(&old),
            Err(KeyMismatch::UnknownElsewhere(new()))
        );
        assert_eq!(
            old.check_with(&replaced),
            Err(KeyMismatch::UnknownHere(new()))
        );
    }

    #[test]
    fn a_program_that_signs_nothing_goes_with_every_server() {
        let server = names(&["a"], &["a"]);
        assert_eq!(server.check_with(&KeyNames::default()), Ok(()));
        assert_eq!(KeyNames::default().check_with(&server), Ok(()));
    }
}
