//! The heading of a file: no column is lost, and no field has two of them.
#![no_main]

use std::collections::HashSet;

use jiff::civil::date;
use libfuzzer_sys::fuzz_target;
use roster_common::Field;
use roster_common::import::{Import, Options};

fuzz_target!(|heading: &str| {
    let text = format!("firstname,lastname,{heading}\nAda,Lovelace\n");
    let Ok(import) = Import::understand(&mut text.as_bytes(), Options::new(date(2026, 11, 27)))
    else {
        return;
    };
    let mut seen = HashSet::new();
    for field in import.columns().iter().filter_map(|column| column.field) {
        assert!(
            field == "lastname" || Field::from_name(field).is_none() || seen.insert(field),
            "two columns are {field}"
        );
    }
});
