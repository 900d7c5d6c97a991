//! What somebody signs in with, from the header and from the body: both forms of one pair are the
//! same pair.
#![no_main]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;
use roster_server::http::extract::{from_basic, from_json};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = from_basic(text);
    }
    let Ok(given) = from_json(bytes) else { return };
    if !given.username.contains(':') {
        let pair = format!("{}:{}", given.username, given.password.expose());
        let again =
            from_basic(&STANDARD.encode(pair)).unwrap_or_else(|_| panic!("a pair is no pair"));
        assert!(
            again.username == given.username && again.password.expose() == given.password.expose()
        );
    }
});
