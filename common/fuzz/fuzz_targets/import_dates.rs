//! A column of dates: each is read as a valid day, or refused.
#![no_main]

use jiff::civil::date;
use libfuzzer_sys::fuzz_target;
use roster_common::import::{Import, Options};

fuzz_target!(|dates: &str| {
    let mut text = String::from("firstname,lastname,hired\n");
    for date in dates.lines() {
        text.push_str(&format!("Ada,Lovelace,\"{}\"\n", date.replace('"', "\"\"")));
    }
    let mut source = text.as_bytes();
    let Ok(import) = Import::understand(&mut source, Options::new(date(2026, 11, 27))) else {
        return;
    };
    import
        .people(&mut source)
        .expect("memory can be read")
        .for_each(drop);
});
