//! A JSON body: what is taken is taken again, unchanged.
#![no_main]

use libfuzzer_sys::fuzz_target;
use roster_common::Changes;
use roster_common::changes::RecordInput;

fuzz_target!(|body: &[u8]| {
    let Ok(details) = RecordInput::from_json(body)
        .map_err(|_| ())
        .and_then(|d| d.changes.to_details().map_err(|_| ()))
    else {
        return;
    };
    let again = serde_json::to_vec(&Changes::from(&details)).expect("changes serialise");
    let again = RecordInput::from_json(&again)
        .expect("they are read back")
        .changes
        .to_details()
        .expect("and pass");
    assert_eq!(details, again);
});
