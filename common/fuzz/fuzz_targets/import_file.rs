//! A file of another system: however it is written, its people are on lines that go up, and pass
//! the rules of their fields.
#![no_main]

use jiff::civil::date;
use libfuzzer_sys::fuzz_target;
use roster_common::import::{Import, Options, ParsedRow};

fuzz_target!(|bytes: &[u8]| {
    let mut source = bytes;
    let Ok(import) = Import::understand(&mut source, Options::new(date(2026, 11, 27))) else {
        return;
    };
    let mut last = 0;
    for row in import.people(&mut source).expect("memory can be read") {
        if let ParsedRow::Person(person) = row {
            assert!(person.line > last, "line {} after {last}", person.line);
            last = person.line;
            person.changes.to_details().expect("its values are valid");
        }
    }
});
