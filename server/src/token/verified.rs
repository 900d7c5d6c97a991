//! A cache of access tokens whose signature was verified recently.
//!
//! A client sends the same token with every request for ten minutes, and verifying it costs more
//! than the rest of a small response. The cache holds only what cannot change: that our keys signed
//! these bytes, and the claims in them. Expiry, session and role are checked on each request.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use arc_swap::ArcSwapOption;

use super::AccessClaims;

/// The number of cached tokens, of about one kilobyte each.
const SLOTS: usize = 4096;

/// The cached tokens of one set of keys. A token's hash selects its slot, and a new token replaces
/// the one in its slot.
pub(super) struct Verified {
    slots: Box<[ArcSwapOption<Token>]>,
    /// Keyed at random, so that nobody can choose tokens that share a slot.
    hasher: RandomState,
}

struct Token {
    hash: u64,
    text: Box<str>,
    claims: Arc<AccessClaims>,
}

impl Verified {
    /// An empty cache.
    pub(super) fn new() -> Self {
        Self {
            slots: (0..SLOTS).map(|_| ArcSwapOption::empty()).collect(),
            hasher: RandomState::new(),
        }
    }

    /// The claims of a token, if it is cached.
    pub(super) fn get(&self, text: &str) -> Option<Arc<AccessClaims>> {
        let hash = self.hash(text);
        let known = self.slot(hash)?.load();
        let token = known.as_ref()?;
        // The comparison needs no constant time: it only starts if the keyed hash is equal.
        (token.hash == hash && *token.text == *text).then(|| Arc::clone(&token.claims))
    }

    /// Caches a token whose signature has been verified.
    pub(super) fn keep(&self, text: &str, claims: &Arc<AccessClaims>) {
        let hash = self.hash(text);
        let token = Token {
            hash,
            text: text.into(),
            claims: Arc::clone(claims),
        };
        if let Some(slot) = self.slot(hash) {
            slot.store(Some(Arc::new(token)));
        }
    }

    /// Hashes only the signature, which is short and different for each token.
    fn hash(&self, text: &str) -> u64 {
        self.hasher.hash_one(text.rsplit('.').next())
    }

    fn slot(&self, hash: u64) -> Option<&ArcSwapOption<Token>> {
        self.slots.get(hash as usize % SLOTS)
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
            .slots
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
        for _ in 0..2 * SLOTS {
            let token = token(&tokens);
            tokens.verify_access(&token, NOON).unwrap();
            assert!(tokens.verify_access(&token[1..], NOON).is_err());
        }
        assert!((SLOTS / 2..=SLOTS).contains(&kept(&tokens)));
    }
}
