//! JSON Web Tokens: the one place that knows how they are signed.
//!
//! Both kinds are HS256 and nothing else: the provider below has no other algorithm to offer, so that none can be
//! asked for. A key ring's first key signs, and all of them verify, so that keys change without a sign-out.

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
/// By how much two clocks may differ.
const LEEWAY: SignedDuration = SignedDuration::from_secs(5);

/// Signs and verifies the tokens of this server. Its keys can be replaced while it is used.
pub struct Tokens {
    rings: ArcSwap<Rings>,
    /// How long an access token is good.
    pub access_ttl: SignedDuration,
}

/// What an access token says (RFC 9068, section 2.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessClaims {
    iss: String,
    aud: String,
    /// The account's username.
    pub sub: Username,
    /// What they may, when it was signed.
    pub role: Role,
    /// Of which session.
    pub sid: SessionId,
    /// Of which generation of it.
    #[serde(rename = "gen")]
    pub generation: u64,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: Uuid,
}

/// What a refresh token says.
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

/// A token that could not be signed: a fault of this program.
#[derive(Debug, thiserror::Error)]
#[error("cannot sign a token: {0}")]
pub struct SigningError(#[from] Error);

/// A token that is not good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It was signed here, and its time is over.
    #[error("expired")]
    Expired,
    /// It was not signed here, or not for this.
    #[error("not valid")]
    Invalid,
}

/// A signed refresh token, on its way into a cookie. It does not print.
pub struct RefreshToken(String);

impl RefreshToken {
    /// The token, for the cookie.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What the database keeps of it.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(&self.0).into()
    }
}

impl Tokens {
    /// Takes the keys, and how long an access token is good.
    pub fn new(keys: &Keys, access_ttl: SignedDuration) -> Self {
        static PROVIDER: CryptoProvider = CryptoProvider {
            signer_factory: signer,
            verifier_factory: verifier,
            key_utils: KeyUtils::new_unimplemented(),
        };
        static INSTALLED: Once = Once::new();
        // Refused only where it is installed already, and there is no other to install.
        INSTALLED.call_once(|| _ = PROVIDER.install_default());
        Self {
            rings: ArcSwap::from_pointee(Rings::new(keys)),
            access_ttl,
        }
    }

    /// From now on signs and verifies with these keys. A token of a key that is not among them is not good any more.
    pub fn replace_keys(&self, keys: &Keys) {
        self.rings.store(Arc::new(Rings::new(keys)));
    }

    /// Signs an access token of a session's current generation.
    ///
    /// # Errors
    /// Only if the claims cannot be written, which would be a fault of this program.
    pub fn access(
        &self,
        session: &Session,
        role: Role,
        now: Timestamp,
    ) -> Result<String, SigningError> {
        let iat = now.as_second();
        let claims = AccessClaims {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            sub: session.user.clone(),
            role,
            sid: session.id,
            generation: session.generation,
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
    /// [`TokenError`]; a token that is wrong in any other way is not called expired.
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

    /// Signs a session's new refresh token with the first key, and puts that key's name and the token's digest into
    /// the row.
    ///
    /// # Errors
    /// Only if the claims cannot be written, which would be a fault of this program.
    pub fn seal(&self, session: &mut Session) -> Result<RefreshToken, SigningError> {
        let rings = self.rings.load();
        session.kid.clone_from(&rings.refresh.first().kid);
        let token = refresh_token(&rings.refresh, session)?;
        session.digest = token.digest();
        Ok(token)
    }

    /// Signs a session's current refresh token: the same bytes each time, from the row alone.
    ///
    /// # Errors
    /// If the key that signed it first has left the ring.
    pub fn refresh(&self, session: &Session) -> Result<RefreshToken, SigningError> {
        refresh_token(&self.rings.load().refresh, session)
    }

    /// Verifies a refresh token's signature, and says which session it names and as which token of it. Whether its
    /// time is over is for the session's row to say.
    ///
    /// # Errors
    /// [`TokenError::Invalid`]
    pub fn verify_refresh(&self, token: &str) -> Result<(SessionId, Presented), TokenError> {
        let claims: RefreshClaims = self
            .rings
            .load()
            .refresh
            .verify(token)
            .ok_or(TokenError::Invalid)?;
        let presented = Presented {
            generation: claims.generation,
            digest: Sha256::digest(token).into(),
        };
        Ok((claims.sid, presented))
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

/// The keys of both kinds, which are replaced together, and what is known of tokens that they have signed.
struct Rings {
    access: Ring,
    refresh: Ring,
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
            verified: Verified::new(),
        }
    }

    /// The claims of an access token that one of the keys has signed.
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

/// A key, and the header of all that it signs.
struct PreparedKey {
    kid: String,
    header: Header,
    /// The header as it stands in a token.
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
        // Nothing can fail here; an empty text would be no token's header.
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

    /// The claims of a token that one of the keys has signed.
    ///
    /// Its header must be the key's to the byte: algorithm, type and key are then what they must be, and no header of
    /// anybody else's making is read at all.
    fn verify<T: DeserializeOwned>(&self, token: &str) -> Option<T> {
        let (message, signature) = token.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        let key = self.0.iter().find(|key| key.encoded == header)?;
        // Of the library only the signature: its checks of the claims read the computer's clock.
        let verdict = jsonwebtoken::crypto::verify(
            signature,
            message.as_bytes(),
            &key.verifying,
            Algorithm::HS256,
        );
        let claims = verdict
            .is_ok_and(|good| good)
            .then(|| URL_SAFE_NO_PAD.decode(claims).ok())??;
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
