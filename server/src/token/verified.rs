//! The access tokens that were found good a moment ago.
//!
//! A client sends one token with each request of ten minutes, and to read its signature and its claims costs more than
//! all else that a small answer takes. What is kept is only what never changes: that these keys have signed these
//! bytes, and what they say. Whether a token's time is over, and what has become of its session and of its user's role,
//! is looked at each time.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use arc_swap::ArcSwapOption;

use super::AccessClaims;

/// How many tokens are kept, a kilobyte each.
const PLACES: usize = 4096;

/// Tokens that one set of keys has signed. Each has one place, where the next one of that place drives it out.
pub(super) struct Verified {
    places: Box<[ArcSwapOption<Token>]>,
    /// Keyed at random, so that nobody can choose tokens for one place.
    hasher: RandomState,
}

struct Token {
    hash: u64,
    text: Box<str>,
    claims: Arc<AccessClaims>,
}

impl Verified {
    /// None yet.
    pub(super) fn new() -> Self {
        Self {
            places: (0..PLACES).map(|_| ArcSwapOption::empty()).collect(),
            hasher: RandomState::new(),
        }
    }

    /// What a token says, if it is known.
    pub(super) fn get(&self, text: &str) -> Option<Arc<AccessClaims>> {
        let hash = self.hash(text);
        let known = self.place(hash)?.load();
        let token = known.as_ref()?;
        // How long the comparison takes tells a guesser nothing: it begins only where the whole hash is right.
        (token.hash == hash && *token.text == *text).then(|| Arc::clone(&token.claims))
    }

    /// Keeps what a token says, whose signature has been found good.
    pub(super) fn keep(&self, text: &str, claims: &Arc<AccessClaims>) {
        let hash = self.hash(text);
        let token = Token {
            hash,
            text: text.into(),
            claims: Arc::clone(claims),
        };
        if let Some(place) = self.place(hash) {
            place.store(Some(Arc::new(token)));
        }
    }

    /// Of the signature alone, which no two tokens share and which is the shortest part.
    fn hash(&self, text: &str) -> u64 {
        self.hasher.hash_one(text.rsplit('.').next())
    }

    fn place(&self, hash: u64) -> Option<&ArcSwapOption<Token>> {
        self.places.get(hash as usize % PLACES)
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};
    use roster_common::Role;
    use uuid::Uuid;

    use super::*;
    use crate::config::{KeyRing, Keys};
    use crate::token::{AUDIENCE, ISSUER, TokenError, Tokens};

    const NOON: Timestamp = Timestamp::UNIX_EPOCH;

    fn keys(name: &str) -> Keys {
        let ring = |kind| {
            KeyRing::parse(
                "KEY",
                &format!("{name}:{name}-{kind}-0123456789-abcdefghij"),
            )
            .unwrap()
        };
        Keys::new(ring("access"), ring("refresh")).unwrap()
    }

    fn tokens() -> Tokens {
        Tokens::new(&keys("old"), SignedDuration::from_mins(10))
    }

    /// A new token, good from noon for ten minutes.
    fn token(tokens: &Tokens) -> String {
        let claims = AccessClaims {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            sub: "ada".parse().unwrap(),
            role: Role::Viewer,
            sid: Uuid::now_v7(),
            generation: 1,
            iat: 0,
            nbf: 0,
            exp: 600,
            jti: Uuid::now_v7(),
        };
        tokens.rings.load().access.first().sign(&claims).unwrap()
    }

    /// How many tokens are kept.
    fn kept(tokens: &Tokens) -> usize {
        tokens
            .rings
            .load()
            .verified
            .places
            .iter()
            .filter(|place| place.load().is_some())
            .count()
    }

    #[test]
    fn a_token_that_is_known_is_not_good_for_longer() {
        let tokens = tokens();
        let token = token(&tokens);
        let first = tokens.verify_access(&token, NOON).unwrap();
        assert!(
            Arc::ptr_eq(&first, &tokens.verify_access(&token, NOON).unwrap()),
            "read once"
        );
        let later = NOON + SignedDuration::from_mins(11);
        assert_eq!(
            tokens.verify_access(&token, later).unwrap_err(),
            TokenError::Expired
        );
    }

    #[test]
    fn a_token_whose_key_has_left_is_refused_at_once() {
        let tokens = tokens();
        let token = token(&tokens);
        tokens.verify_access(&token, NOON).unwrap();
        tokens.replace_keys(&keys("new"));
        assert_eq!(
            tokens.verify_access(&token, NOON).unwrap_err(),
            TokenError::Invalid
        );
    }

    #[test]
    fn a_token_that_is_like_a_known_one_is_not_known() {
        let tokens = tokens();
        let token = token(&tokens);
        tokens.verify_access(&token, NOON).unwrap();
        for (place, byte) in token.bytes().enumerate() {
            let other = if byte == b'A' { "B" } else { "A" };
            let mut bent = token.clone();
            bent.replace_range(place..=place, other);
            assert!(tokens.rings.load().verified.get(&bent).is_none(), "{bent}");
        }
    }

    #[test]
    fn the_cache_is_bounded_and_keeps_no_refused_token() {
        let tokens = tokens();
        for _ in 0..2 * PLACES {
            let token = token(&tokens);
            tokens.verify_access(&token, NOON).unwrap();
            assert!(tokens.verify_access(&token[1..], NOON).is_err());
        }
        assert!((PLACES / 2..=PLACES).contains(&kept(&tokens)));
    }
}
