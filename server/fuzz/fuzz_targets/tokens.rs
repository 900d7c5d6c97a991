//! Tokens: what was not signed is refused, and claims that were are read or refused.
#![no_main]

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use libfuzzer_sys::fuzz_target;
use roster_server::config::{KeyRing, Keys};
use roster_server::token::Tokens;
use sha2::Sha256;

const ACCESS: &str = "4f1d6a0c9b7e25388a61c3d2f04b5e97";
const REFRESH: &str = "90c2be71f3a84d56e1078b2f6c9d3a45";

static TOKENS: LazyLock<Tokens> = LazyLock::new(|| {
    let ring =
        |secret| KeyRing::parse("ACCESS_TOKEN_KEY", &format!("k:{secret}")).expect("a good key");
    let keys = Keys::new(ring(ACCESS), ring(REFRESH)).expect("two keys");
    Tokens::new(&keys, SignedDuration::from_mins(10))
});

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        assert!(TOKENS.verify_access(text, Timestamp::UNIX_EPOCH).is_err());
        assert!(TOKENS.verify_refresh(text).is_err());
    }
    let _ = TOKENS.verify_access(&signed("at+jwt", ACCESS, bytes), Timestamp::UNIX_EPOCH);
    let _ = TOKENS.verify_refresh(&signed("rt+jwt", REFRESH, bytes));
});

fn signed(kind: &str, secret: &str, claims: &[u8]) -> String {
    let head = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"HS256","typ":"{kind}","kid":"k"}}"#));
    let message = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key");
    mac.update(message.as_bytes());
    format!(
        "{message}.{}",
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    )
}
