//! A `.env` file: each value is a ring of good keys or a refusal.
#![no_main]

use libfuzzer_sys::fuzz_target;
use roster_server::config::KeyRing;

fuzz_target!(|bytes: &[u8]| {
    for (_, value) in dotenvy::from_read_iter(bytes).flatten() {
        if let Ok(ring) = KeyRing::parse("ACCESS_TOKEN_KEY", &value) {
            assert!(
                !ring.keys().is_empty() && ring.keys().iter().all(|key| key.secret().len() >= 32)
            );
        }
    }
});
