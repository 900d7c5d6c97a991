//! A page from anywhere: whatever its query string says, it is a page of the table or a refusal.
#![no_main]

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use roster_common::Query;
use roster_common::query::Window;
use roster_server::sample;
use roster_server::store::redb::RedbStore;
use roster_server::store::{Attribution, EmployeeStore, RunStore, ValidRow};
use tokio::runtime::{Builder, Runtime};

const RECORDS: usize = 50;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_current_thread()
        .build()
        .expect("a runtime needs nothing of the system")
});

static STORE: LazyLock<RedbStore> = LazyLock::new(|| {
    let store = RedbStore::in_memory().expect("a store in memory");
    let details = |person: roster_common::Changes| {
        person
            .to_details()
            .expect("a sample person keeps the rules")
    };
    let rows = sample::employees(RECORDS as u64, 1)
        .map(|person| ValidRow::of_new(None, &details(person)))
        .collect();
    let stamp = Attribution {
        by: "ada".parse().expect("a name"),
        at: Timestamp::UNIX_EPOCH,
    };
    let added = RUNTIME.block_on(store.add_employees(rows, stamp));
    added.expect("it is written").expect("all keep the rules");
    store
});

fuzz_target!(|bytes: &[u8]| {
    let token = URL_SAFE_NO_PAD.encode(bytes);
    for sort in ["", "&sort=lastname,-hired", "&sort=manager"] {
        check(&format!("limit=10{sort}&cursor={token}"));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        check(text);
    }
});

fn check(text: &str) {
    let Ok(query) = Query::parse(text) else {
        return;
    };
    let Window::Page { limit, .. } = query.window else {
        return;
    };
    if let Ok(page) = RUNTIME.block_on(STORE.page(&query)) {
        assert!(page.total <= RECORDS && page.offset <= page.total && page.records.len() <= limit);
    }
}
