//! Tokens that were forged, bent or taken for something else.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::HeaderValue;
use roster_server::config::KeyRing;
use roster_server::testing::keys;
use serde_json::{Value, json};
use sha2::{Sha256, Sha384};

use crate::support::{Person, Server};

const INVALID: Option<&str> = Some("Bearer realm=\"roster\", error=\"invalid_token\"");

fn encode(text: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// The header or the claims of a token, as they are written there.
fn text(token: &str, index: usize) -> String {
    let part = token.split('.').nth(index).unwrap();
    String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// What the header or the claims of a token say.
fn part(token: &str, index: usize) -> Value {
    serde_json::from_str(&text(token, index)).unwrap()
}

fn secret(ring: &KeyRing) -> &[u8] {
    ring.keys()[0].secret()
}

/// A token of these texts, signed by a key of the test servers.
fn signed(ring: &KeyRing, header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
    let message = format!("{}.{}", encode(header), encode(claims));
    let mac = Hmac::<Sha256>::new_from_slice(secret(ring))
        .unwrap()
        .chain_update(&message);
    format!("{message}.{}", encode(mac.finalize().into_bytes()))
}

/// Somebody whose own token a test bends.
struct Forger {
    server: Server,
    vic: Person,
    header: String,
    claims: Value,
}

impl Forger {
    async fn at_work() -> Self {
        let server = Server::start().await;
        let vic = server.sign_in("vic").await;
        let (header, claims) = (text(&vic.access, 0), part(&vic.access, 1));
        Self {
            server,
            vic,
            header,
            claims,
        }
    }

    /// With another value in the header, or one more.
    fn header(&self, member: &str, value: Value) -> String {
        let header: Value = serde_json::from_str(&self.header).unwrap();
        let header = match header.get(member) {
            Some(old) => self.header.replace(
                &format!("\"{member}\":{old}"),
                &format!("\"{member}\":{value}"),
            ),
            None => self
                .header
                .replace('}', &format!(",\"{member}\":{value}}}")),
        };
        assert_ne!(header, self.header);
        signed(&keys(1).access, header, self.claims.to_string())
    }

    fn claim(&self, member: &str, value: Value) -> String {
        let mut claims = self.claims.clone();
        claims[member] = value;
        signed(&keys(1).access, &self.header, claims.to_string())
    }

    async fn is_believed(&self, token: &str) {
        self.server.bearing(token).get("/me").await.expect(200);
    }

    async fn is_caught(&self, what: &str, token: &str) {
        let value = HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
        let answer = self
            .server
            .get("/me")
            .header("Authorization", value.to_str().unwrap())
            .await;
        assert_eq!(answer.status, 403, "{what}");
        answer
            .refused(403, "token_invalid", "refresh")
            .challenge(INVALID);
    }
}

#[tokio::test]
async fn a_token_signed_with_the_right_key_is_believed() {
    let forger = Forger::at_work().await;
    assert_eq!(
        forger.header,
        r#"{"typ":"at+jwt","alg":"HS256","kid":"k1"}"#
    );
    // So that what is refused below is refused for the one thing that is wrong with it.
    forger
        .is_believed(&signed(
            &keys(1).access,
            &forger.header,
            forger.claims.to_string(),
        ))
        .await;
    forger
        .is_believed(&forger.claim("jti", json!("0190b7d2-0000-7000-8000-000000000000")))
        .await;
}

#[tokio::test]
async fn another_signature_is_none() {
    let forger = Forger::at_work().await;
    let (header, claims) = (forger.header.clone(), forger.claims.to_string());
    let message = forger.vic.access.rsplit_once('.').unwrap().0;
    forger
        .is_caught(
            "another server's key",
            &signed(&keys(2).access, &header, &claims),
        )
        .await;
    forger
        .is_caught(
            "the key of refresh tokens",
            &signed(&keys(1).refresh, &header, &claims),
        )
        .await;
    forger
        .is_caught("no signature", &format!("{message}."))
        .await;
    forger.is_caught("no third part", message).await;
    forger
        .is_caught(
            "a cut signature",
            &forger.vic.access[..forger.vic.access.len() - 4],
        )
        .await;
    forger
        .is_caught("bytes behind it", &format!("{}AA", forger.vic.access))
        .await;
    forger
        .is_caught("a fourth part", &format!("{}.AA", forger.vic.access))
        .await;
    forger
        .is_caught("padding", &format!("{}=", forger.vic.access))
        .await;
    forger
        .is_caught(
            "another token behind it",
            &format!("{0}, {0}", forger.vic.access),
        )
        .await;
}

#[tokio::test]
async fn no_other_algorithm_is_taken() {
    let forger = Forger::at_work().await;
    for alg in [
        "none", "None", "nOnE", "HS384", "HS512", "RS256", "ES256", "EdDSA", "hs256", "",
    ] {
        forger
            .is_caught(alg, &forger.header("alg", json!(alg)))
            .await;
    }
    let unsigned = format!(
        "{}.{}.",
        encode(r#"{"alg":"none","typ":"at+jwt","kid":"k1"}"#),
        encode(forger.claims.to_string())
    );
    forger.is_caught("not signed at all", &unsigned).await;

    let message = format!(
        "{}.{}",
        encode(r#"{"alg":"HS384","typ":"at+jwt","kid":"k1"}"#),
        encode(forger.claims.to_string())
    );
    let mac = Hmac::<Sha384>::new_from_slice(secret(&keys(1).access))
        .unwrap()
        .chain_update(&message);
    forger
        .is_caught(
            "truly HS384",
            &format!("{message}.{}", encode(mac.finalize().into_bytes())),
        )
        .await;
}

#[tokio::test]
async fn a_header_must_be_the_one_that_is_written_here() {
    let forger = Forger::at_work().await;
    for typ in ["JWT", "rt+jwt", "application/at+jwt", "AT+JWT", ""] {
        forger
            .is_caught(typ, &forger.header("typ", json!(typ)))
            .await;
    }
    for kid in [
        "",
        "k2",
        "../k1",
        "/etc/passwd",
        "/dev/null",
        "k1\u{0}",
        "k1' OR 1=1",
        " k1",
    ] {
        forger
            .is_caught(kid, &forger.header("kid", json!(kid)))
            .await;
    }
    forger
        .is_caught("kid null", &forger.header("kid", Value::Null))
        .await;
    forger
        .is_caught("kid a list", &forger.header("kid", json!(["k1"])))
        .await;
    forger
        .is_caught("typ null", &forger.header("typ", Value::Null))
        .await;
    forger
        .is_caught("crit", &forger.header("crit", json!(["exp"])))
        .await;
    let spaced = signed(
        &keys(1).access,
        forger.header.replace(',', ", "),
        forger.claims.to_string(),
    );
    forger
        .is_caught("the same, written otherwise", &spaced)
        .await;
    forger
        .is_caught("an empty crit", &forger.header("crit", json!([])))
        .await;
    let claims = forger.claims.to_string();
    for header in [
        "",
        "{}",
        "null",
        "[]",
        "\"at+jwt\"",
        r#"{"alg":"HS256"}"#,
        "\u{fffd}",
        "{\"alg\":\"HS256\"} {}",
    ] {
        forger
            .is_caught(header, &signed(&keys(1).access, header, &claims))
            .await;
    }
    let doubled = r#"{"alg":"none","alg":"HS256","typ":"at+jwt","kid":"k1"}"#;
    forger
        .is_caught("two algorithms", &signed(&keys(1).access, doubled, &claims))
        .await;
}

#[tokio::test]
async fn keys_that_come_with_a_token_are_not_looked_at() {
    let forger = Forger::at_work().await;
    let key = json!({"kty": "oct", "k": encode(secret(&keys(2).access))});
    let brought = format!(",\"jwk\":{key},\"jku\":\"http://127.0.0.1:9/keys\"}}");
    let token = signed(
        &keys(2).access,
        forger.header.replace('}', &brought),
        forger.claims.to_string(),
    );
    forger
        .is_caught("signed by the key that it brings", &token)
        .await;
}

#[tokio::test]
async fn each_claim_must_be_the_one_that_is_written_here() {
    let forger = Forger::at_work().await;
    let exp = forger.claims["exp"].as_i64().unwrap();
    for (claim, value) in [
        ("iss", json!("elsewhere")),
        ("iss", json!(["roster"])),
        ("aud", json!("another-api")),
        ("aud", json!(["roster-api", "another-api"])),
        ("sub", json!("")),
        ("sub", json!("ada\u{0}")),
        ("sub", Value::Null),
        ("role", json!("root")),
        ("role", json!("Admin")),
        ("sid", json!("../1")),
        ("gen", json!(-1)),
        ("gen", json!("1")),
        ("exp", json!(exp.to_string())),
        ("exp", json!(exp as f64 + 0.5)),
        ("exp", json!(1e300)),
        ("exp", json!(u64::MAX)),
        ("exp", Value::Null),
        ("nbf", json!(exp)),
        ("nbf", json!("now")),
        ("iat", json!({})),
        ("jti", json!("")),
        ("scope", json!("admin")),
    ] {
        forger
            .is_caught(&format!("{claim} is {value}"), &forger.claim(claim, value))
            .await;
    }
}

#[tokio::test]
async fn a_claim_that_is_missing_or_doubled_is_refused() {
    let forger = Forger::at_work().await;
    let claims = forger.claims.as_object().unwrap();
    for name in claims.keys() {
        let mut without = claims.clone();
        without.remove(name);
        let token = signed(
            &keys(1).access,
            &forger.header,
            Value::Object(without).to_string(),
        );
        forger.is_caught(&format!("without {name}"), &token).await;
        let text = forger.claims.to_string();
        let doubled = text.replacen('{', &format!("{{\"{name}\":{},", claims[name]), 1);
        let token = signed(&keys(1).access, &forger.header, doubled);
        forger
            .is_caught(&format!("with {name} twice"), &token)
            .await;
    }
    for claims in [
        "",
        "null",
        "[]",
        "{}",
        &format!("{} {{}}", forger.claims),
        "\u{1}",
    ] {
        forger
            .is_caught(claims, &signed(&keys(1).access, &forger.header, claims))
            .await;
    }
}

#[tokio::test]
async fn an_invalid_expired_token_is_reported_as_invalid() {
    let forger = Forger::at_work().await;
    forger
        .is_caught("over, for another API", &{
            let mut claims = forger.claims.clone();
            claims["aud"] = json!("another-api");
            claims["exp"] = json!(1);
            signed(&keys(1).access, &forger.header, claims.to_string())
        })
        .await;
    let over = forger.claim("exp", json!(i64::MIN));
    forger
        .server
        .bearing(&over)
        .get("/me")
        .await
        .refused(403, "token_expired", "refresh");
}

#[tokio::test]
async fn a_forged_role_claim_is_refused() {
    let forger = Forger::at_work().await;
    // Even with the key: what the user may is what the account says.
    let admin = forger.claim("role", json!("admin"));
    forger
        .server
        .bearing(&admin)
        .get("/me")
        .await
        .refused(403, "token_stale", "refresh")
        .challenge(INVALID);
    let ada = forger.claim("sub", json!("ada"));
    forger
        .server
        .bearing(&ada)
        .get("/me")
        .await
        .refused(403, "session_ended", "login")
        .challenge(INVALID);
    let elsewhere = forger.claim("sid", json!("0190b7d2-0000-7000-8000-000000000000"));
    forger
        .server
        .bearing(&elsewhere)
        .get("/me")
        .await
        .refused(403, "session_ended", "login");
}

#[tokio::test]
async fn neither_token_does_for_the_other() {
    let forger = Forger::at_work().await;
    forger
        .is_caught("a refresh token as an access token", &forger.vic.cookie)
        .await;
    let answer =
        forger
            .server
            .refresh(&forger.vic.access)
            .await
            .refused(403, "refresh_invalid", "login");
    assert!(answer.clears_the_cookie());
    // Nor does one that is signed with the key of the other, or wears its type.
    let claims = part(&forger.vic.cookie, 1).to_string();
    let header = text(&forger.vic.cookie, 0);
    let with_access_key = signed(&keys(1).access, &header, &claims);
    forger
        .server
        .refresh(&with_access_key)
        .await
        .refused(403, "refresh_invalid", "login");
    let as_access = signed(&keys(1).refresh, header.replace("rt+", "at+"), &claims);
    forger
        .server
        .refresh(&as_access)
        .await
        .refused(403, "refresh_invalid", "login");
    forger
        .is_caught("with the key of refresh tokens", &as_access)
        .await;
}

#[tokio::test]
async fn a_forged_refresh_token_ends_nothing() {
    let forger = Forger::at_work().await;
    let header = text(&forger.vic.cookie, 0);
    let claims = part(&forger.vic.cookie, 1);
    let bent = |member: &str, value: Value| {
        let mut claims = claims.clone();
        claims[member] = value;
        signed(&keys(1).refresh, &header, claims.to_string())
    };
    for token in [
        signed(&keys(2).refresh, &header, claims.to_string()),
        bent("jti", json!("0190b7d2-0000-7000-8000-000000000000")),
        bent("gen", json!(2)),
        bent("gen", json!(u64::MAX)),
        bent("sid", json!("0190b7d2-0000-7000-8000-000000000000")),
        bent("sid", json!(7)),
        bent("role", json!("admin")),
        String::new(),
        "\u{22}\u{22}".into(),
    ] {
        let answer = forger
            .server
            .refresh(&token)
            .await
            .refused(403, "refresh_invalid", "login")
            .challenge(None);
        assert!(answer.clears_the_cookie());
    }
    forger.vic.get("/me").await.expect(200);
    forger.server.refresh(&forger.vic.cookie).await.expect(200);
}
