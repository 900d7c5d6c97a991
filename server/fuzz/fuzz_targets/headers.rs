//! The fields of a request's head that the server reads into something.
#![no_main]

use hyper::header::{
    AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderMap, HeaderValue, IF_MATCH, IF_NONE_MATCH,
};
use libfuzzer_sys::fuzz_target;
use roster_common::Version;
use roster_server::http::extract;

fuzz_target!(|bytes: &[u8]| {
    let Ok(value) = HeaderValue::from_bytes(bytes) else {
        return;
    };
    let names = [
        AUTHORIZATION,
        CONTENT_TYPE,
        COOKIE,
        IF_MATCH,
        IF_NONE_MATCH,
        extract::IDEMPOTENCY_KEY,
    ];
    let headers: HeaderMap = names
        .into_iter()
        .map(|name| (name, value.clone()))
        .collect();
    let _ = extract::bearer(&headers);
    let _ = extract::media_type(&headers);
    let _ = extract::refresh_cookie(&headers, "__Host-refresh");
    let _ = extract::if_match(&headers);
    let _ = extract::has_already(&headers, Version::new(7));
    let _ = extract::idempotency_key(&headers, b"{}");
});
