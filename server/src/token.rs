//! JSON Web Tokens: signing and verification.
//!
//! Both kinds of tokens use HS256. The crypto provider below implements no other algorithm, so no
//! token can select one. The first key of a ring signs and all keys verify, so keys can be rotated
//! without ending sessions.

use std::sync::{Arc, Once};

use arc_swap::ArcSwap;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::signature::{self, Signer, Verifier};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, EncodingKey, Header};
use roster_common::{Role, Username};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use self::verified::Verified;
use crate::config::{KeyRing, Keys};
use crate::rules::key_names::KeyNames;
use crate::rules::session::{Presented, Session, SessionId};

mod verified;

/// `typ` of an access token (RFC 9068, section 2.1).
const ACCESS: &str = "at+jwt";
/// `typ` of a refresh token.
const REFRESH: &str = "rt+jwt";
/// `iss` of both.
const ISSUER: &str = "roster";
/// `aud` of an access token.
const AUDIENCE: &str = "roster-api";
/// The allowed clock difference.
const LEEWAY: SignedDuration = SignedDuration::from_secs(5);

/// Signs and verifies the server's tokens. The keys can be replaced while it is in use.
pub struct Tokens {
    rings: ArcSwap<Rings>,
    /// The lifetime of an access token.
    pub access_ttl: SignedDuration,
}

/// The claims of an access token (RFC 9068, section 2.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessClaims {
    iss: String,
    aud: String,
    /// The account's username.
    pub sub: Username,
    /// The account's role when the token was signed.
    pub role: Role,
    /// The session that the token belongs to.
    pub sid: SessionId,
    /// The session's generation when the token was signed.
    #[serde(rename = "gen")]
    pub generation: u64,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: Uuid,
}

impl AccessClaims {
    /// The moment from which the token, which has been verified, is refused as expired.
    pub fn accepted_until(&self) -> Timestamp {
        Timestamp::from_second(self.exp.saturating_add(LEEWAY.as_secs())).unwrap_or(Timestamp::MAX)
    }
}

/// The claims of a refresh token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RefreshClaims {
    sub: Username,
    sid: SessionId,
    #[serde(rename = "gen")]
    generation: u64,
    jti: Uuid,
    iat: i64,
    exp: i64,
}

/// A token could not be signed, which is a bug.
#[derive(Debug, thiserror::Error)]
#[error("cannot sign a token: {0}")]
pub struct SigningError(#[from] Error);

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The token is valid but has expired.
    #[error("expired")]
    Expired,
    /// The token was not signed with our keys, or not for this use.
    #[error("not valid")]
    Invalid,
}

/// Whom an access token is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The account's username.
    pub user: Username,
    /// The account's role.
    pub role: Role,
    /// The session.
    pub session: SessionId,
    /// The session's generation.
    pub generation: u64,
}

impl Subject {
    /// The holder of a session's current refresh token.
    pub fn of(session: &Session, role: Role) -> Self {
        Self {
            user: session.user.clone(),
            role,
            session: session.id,
            generation: session.generation,
        }
    }
}

/// A refresh token whose signature has been verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedRefresh {
    /// The account's username when the token was signed.
    pub user: Username,
    /// The session that the token belongs to, which may have ended.
    pub session: SessionId,
    /// What the rotation rule needs to know of it.
    pub presented: Presented,
}

/// A signed refresh token for the cookie. It has no `Debug` or `Display`, so it cannot be logged.
pub struct RefreshToken(String);

impl RefreshToken {
    /// The token, for the cookie.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Its SHA-256, which the database stores in place of the token.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(&self.0).into()
    }
}

impl Tokens {
    /// Creates them from the signing keys and the lifetime of an access token.
    pub fn new(keys: &Keys, access_ttl: SignedDuration) -> Self {
        static PROVIDER: CryptoProvider = CryptoProvider {
            signer_factory: signer,
            verifier_factory: verifier,
            key_utils: KeyUtils::new_unimplemented(),
        };
        static INSTALLED: Once = Once::new();
        // Fails only if a provider is already installed, and there is no other one.
        INSTALLED.call_once(|| _ = PROVIDER.install_default());
        Self {
            rings: ArcSwap::from_pointee(Rings::new(keys)),
            access_ttl,
        }
    }

    /// Replaces the keys. Tokens signed with a key that is no longer in the ring become invalid.
    pub fn replace_keys(&self, keys: &Keys) {
        self.rings.store(Arc::new(Rings::new(keys)));
    }

    /// The names of the keys that are in use now.
    pub fn key_names(&self) -> KeyNames {
        self.rings.load().names.clone()
    }

    /// Signs an access token.
    ///
    /// # Errors
    /// If the claims cannot be serialised, which would be a bug.
    pub fn sign_access(&self, subject: Subject, now: Timestamp) -> Result<String, SigningError> {
        let iat = now.as_second();
        let claims = AccessClaims {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            sub: subject.user,
            role: subject.role,
            sid: subject.session,
            generation: subject.generation,
            iat,
            nbf: iat,
            exp: iat.saturating_add(self.access_ttl.as_secs()),
            jti: Uuid::now_v7(),
        };
        self.rings.load().access.first().sign(&claims)
    }

    /// Verifies an access token at `now`.
    ///
    /// # Errors
    /// [`TokenError::Expired`] only if the token is otherwise valid.
    pub fn verify_access(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Arc<AccessClaims>, TokenError> {
        let claims = self
            .rings
            .load()
            .access_claims(token)
            .ok_or(TokenError::Invalid)?;
        let early = claims.nbf > now.as_second().saturating_add(LEEWAY.as_secs());
        if early || claims.iss != ISSUER || claims.aud != AUDIENCE {
            return Err(TokenError::Invalid);
        }
        if claims.exp.saturating_add(LEEWAY.as_secs()) <= now.as_second() {
            Err(TokenError::Expired)
        } else {
            Ok(claims)
        }
    }

    /// Signs a session's new refresh token with the first key. Stores the key's name and the
    /// token's digest in the session.
    ///
    /// # Errors
    /// If the claims cannot be serialised, which would be a bug.
    pub fn sign_refresh(&self, session: &mut Session) -> Result<RefreshToken, SigningError> {
        let rings = self.rings.load();
        session.kid.clone_from(&rings.refresh.first().kid);
        let token = refresh_token(&rings.refresh, session)?;
        session.digest = token.digest();
        Ok(token)
    }

    /// Signs a session's current refresh token again. The result is always the same bytes, since it
    /// depends only on the session.
    ///
    /// # Errors
    /// If the key that signed it is no longer in the ring.
    pub fn sign_refresh_again(&self, session: &Session) -> Result<RefreshToken, SigningError> {
        refresh_token(&self.rings.load().refresh, session)
    }

    /// Verifies a refresh token's signature. Expiry is not checked here, since the stored session
    /// decides it.
    ///
    /// # Errors
    /// [`TokenError::Invalid`]
    pub fn verify_refresh(&self, token: &str) -> Result<VerifiedRefresh, TokenError> {
        let claims: RefreshClaims = self
            .rings
            .load()
            .refresh
            .verify(token)
            .ok_or(TokenError::Invalid)?;
        Ok(VerifiedRefresh {
            user: claims.sub,
            session: claims.sid,
            presented: Presented {
                generation: claims.generation,
                digest: Sha256::digest(token).into(),
            },
        })
    }
}

fn refresh_token(ring: &Ring, session: &Session) -> Result<RefreshToken, SigningError> {
    let claims = RefreshClaims {
        sub: session.user.clone(),
        sid: session.id,
        generation: session.generation,
        jti: session.jti,
        iat: session.issued.as_second(),
        exp: session.expires.as_second(),
    };
    ring.named(&session.kid)
        .ok_or_else(|| Error::from(ErrorKind::InvalidKeyFormat))?
        .sign(&claims)
        .map(RefreshToken)
}

/// The keys of both kinds, which are replaced together, and a cache of the tokens that they
/// verified.
struct Rings {
    access: Ring,
    refresh: Ring,
    names: KeyNames,
    verified: Verified,
}

impl Rings {
    fn new(keys: &Keys) -> Self {
        let (access, refresh) = (
            Ring::new(ACCESS, &keys.access),
            Ring::new(REFRESH, &keys.refresh),
        );
        Self {
            access,
            refresh,
            names: keys.names(),
            verified: Verified::new(),
        }
    }

    /// Verifies the signature of an access token and returns its claims.
    fn access_claims(&self, token: &str) -> Option<Arc<AccessClaims>> {
        self.verified.get(token).or_else(|| {
            let claims = Arc::new(self.access.verify(token)?);
            self.verified.keep(token, &claims);
            Some(claims)
        })
    }
}

/// The keys for one kind of token. It is never empty, as a [`KeyRing`] is not.
struct Ring(Vec<PreparedKey>);

/// A key with the header of the tokens that it signs.
struct PreparedKey {
    kid: String,
    header: Header,
    /// The header as encoded in a token.
    encoded: String,
    signing: EncodingKey,
    verifying: DecodingKey,
}

impl PreparedKey {
    fn new(typ: &str, kid: &str, secret: &[u8]) -> Self {
        let header = Header {
            typ: Some(typ.into()),
            kid: Some(kid.into()),
            ..Header::new(Algorithm::HS256)
        };
        let signing = EncodingKey::from_secret(secret);
        // This cannot fail. If it did, the empty header would match no token.
        let token = jsonwebtoken::encode(&header, &(), &signing).unwrap_or_default();
        let encoded = token.split('.').next().unwrap_or_default().to_owned();
        Self {
            kid: kid.into(),
            header,
            encoded,
            signing,
            verifying: DecodingKey::from_secret(secret),
        }
    }

    fn sign(&self, claims: &impl Serialize) -> Result<String, SigningError> {
        Ok(jsonwebtoken::encode(&self.header, claims, &self.signing)?)
    }
}

impl Ring {
    fn new(typ: &str, ring: &KeyRing) -> Self {
        Self(
            ring.keys()
                .iter()
                .map(|key| PreparedKey::new(typ, &key.kid, key.secret()))
                .collect(),
        )
    }

    fn first(&self) -> &PreparedKey {
        &self.0[0]
    }

    fn named(&self, kid: &str) -> Option<&PreparedKey> {
        self.0.iter().find(|key| key.kid == kid)
    }

    /// Verifies the signature of a token and returns its claims.
    ///
    /// The token's header must be identical to that of one of the keys. So algorithm, type and key
    /// are right, and no foreign header is ever parsed.
    fn verify<T: DeserializeOwned>(&self, token: &str) -> Option<T> {
        let (message, signature) = token.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        let key = self.0.iter().find(|key| key.encoded == header)?;
        // The library only verifies the signature. Its checks of the claims would read the system
        // clock, and our callers pass the time.
        let verified = jsonwebtoken::crypto::verify(
            signature,
            message.as_bytes(),
            &key.verifying,
            Algorithm::HS256,
        );
        if !verified.unwrap_or(false) {
            return None;
        }
        let claims = URL_SAFE_NO_PAD.decode(claims).ok()?;
        serde_json::from_slice(&claims).ok()
    }
}

fn signer(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>, Error> {
    Ok(Box::new(Hs256::new(
        *algorithm,
        key.family(),
        key.as_bytes(),
    )?))
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    Ok(Box::new(Hs256::new(
        *algorithm,
        key.family(),
        key.try_get_as_bytes()?,
    )?))
}

/// HMAC with SHA-256 (RFC 7518, section 3.2).
struct Hs256(Hmac<Sha256>);

impl Hs256 {
    fn new(algorithm: Algorithm, family: AlgorithmFamily, key: &[u8]) -> Result<Self, Error> {
        if algorithm != Algorithm::HS256 || family != AlgorithmFamily::Hmac {
            return Err(ErrorKind::InvalidAlgorithm.into());
        }
        Hmac::new_from_slice(key)
            .map(Self)
            .map_err(|_| ErrorKind::InvalidKeyFormat.into())
    }

    fn over(&self, message: &[u8]) -> Hmac<Sha256> {
        self.0.clone().chain_update(message)
    }
}

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        Ok(self.over(message).finalize().into_bytes().to_vec())
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        self.over(message)
            .verify_slice(signature)
            .map_err(signature::Error::from_source)
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}
