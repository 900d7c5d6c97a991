//! CSV and NDJSON: every row is on a line of the text, and the lines go up.
#![no_main]

use std::convert::identity;

use libfuzzer_sys::fuzz_target;
use roster_common::rows::{InputRow, read_csv, read_ndjson};

fuzz_target!(|text: &[u8]| {
    if let Ok(rows) = read_csv(text) {
        check(rows, text);
    }
    check(read_ndjson(text, identity), text);
});

fn check(rows: impl Iterator<Item = InputRow>, text: &[u8]) {
    let lines = text.iter().filter(|b| **b == b'\n').count() as u64 + 1;
    let mut last = 0;
    for row in rows {
        assert!(
            row.line > last && row.line <= lines,
            "line {} after {last}, of {lines}",
            row.line
        );
        last = row.line;
    }
}
