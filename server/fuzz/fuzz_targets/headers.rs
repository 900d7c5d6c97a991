//! The fields of a request's head that the server reads into something.
#![no_main]

use hyper::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, COOKIE, HeaderMap,
    HeaderValue, IF_MATCH, IF_NONE_MATCH,
};
use libfuzzer_sys::fuzz_target;
use roster_common::Version;
use roster_server::http::content_coding::ContentCoding;
use roster_server::http::{extract, negotiation, preconditions};

fuzz_target!(|bytes: &[u8]| {
    let Ok(value) = HeaderValue::from_bytes(bytes) else {
        return;
    };
    let names = [
        ACCEPT,
        ACCEPT_ENCODING,
        AUTHORIZATION,
        CONTENT_ENCODING,
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
    let _ = extract::cookies(&headers, "__Host-refresh");
    let _ = preconditions::read(&headers).map(|read| read.check(Some(Version::new(7))));
    let _ = ContentCoding::of(&headers);
    let _ = negotiation::media_type(&headers, &[("text/csv; header=present", ())]);
    let _ = negotiation::prefers_gzip(&headers);
    let _ = extract::idempotency_key(&headers, b"{}");
});
