//! A query string: what is read is written and read again, the same.
#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use roster_common::Query;

fuzz_target!(|text: &str| {
    let Ok(query) = Query::parse(text) else {
        return;
    };
    let _ = (query.filter(Timestamp::UNIX_EPOCH), query.mistake());
    assert_eq!(Query::parse(&query.to_query_string()), Ok(query));
});
