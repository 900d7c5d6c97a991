//! Measures the store with many records: `RECORDS=1000000 cargo test --release -p roster-server --test
//! store_million -- --ignored --nocapture`. The file is kept in the target folder, so that a second run shows
//! what a start costs and how much memory it takes, without what filling it has left behind.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "what fails here fails the test, and it prints figures")]

use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::future::join_all;
use jiff::Timestamp;
use roster_common::employee::{Details, Employee, Field};
use roster_common::{Changes, Query};
use roster_server::store::redb::RedbStore;
use roster_server::store::{Commit, ImportRecord, Stamp, Store};

fn stamp() -> Stamp {
    Stamp { by: "ada".parse().unwrap(), at: Timestamp::now() }
}

/// Somebody whose values are as long and as various as those of a real staff.
fn person(number: u64) -> Details {
    let mix = |salt: u64| {
        (number.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(17) ^ salt).wrapping_mul(0xD6E8_FEB8_6659_FD93) >> 40
    };
    let one_of = |words: &'static [&'static str], salt| words[usize::try_from(mix(salt)).unwrap() % words.len()];
    let first =
        one_of(&["Maya", "Ashley", "智也", "Bétancourt", "지훈", "Oluwaseun", "Anna", "Łukasz", "Ravi", "Noor"], 1);
    let last =
        format!("{}{}", one_of(&["Castro", "Hall", "渡辺", "Nguyen", "Okafor", "Schmidt", "Silva"], 2), mix(3) % 5000);
    let mut changes = Changes::default();
    for (field, value) in [
        (Field::Firstname, first.to_owned()),
        (Field::Email, format!("{}.{number}@example.com", last.to_lowercase())),
        (Field::Lastname, last),
        (Field::Phone, format!("+1-555-{:04}-{:04}", mix(4) % 10_000, mix(5) % 10_000)),
        (
            Field::Title,
            one_of(&["Plant Operator", "Support Engineer", "Logistics Coordinator", "Analyst"], 6).to_owned(),
        ),
        (Field::Department, one_of(&["Operations", "Support", "Finance", "Research & Development"], 7).to_owned()),
        (Field::Location, one_of(&["New York", "Berlin", "東京", "São Paulo", "Hà Nội"], 8).to_owned()),
        (Field::Manager, if number > 10 { (number / 10).to_string() } else { String::new() }),
        (Field::Status, one_of(&["active", "active", "active", "leave", "left"], 9).to_owned()),
        (Field::Hired, format!("{}-{:02}-{:02}", 1995 + mix(10) % 30, 1 + mix(11) % 12, 1 + mix(12) % 28)),
    ] {
        changes.set(field, value);
    }
    changes.to_details().unwrap()
}

async fn fill(path: &Path, records: u64) {
    let store = RedbStore::open(path).unwrap();
    let begin = Instant::now();
    let numbers: Vec<u64> = (1..=records).collect();
    for part in numbers.chunks(50_000) {
        let part = part.iter().map(|number| ImportRecord { id: None, details: person(*number) }).collect();
        assert!(store.import_employees(part, Commit::IfAllGood, stamp()).await.unwrap().written);
    }
    println!("{:<44} {:>10.1?}", "filled, 50,000 a transaction", begin.elapsed());
}

/// Prints how long the middle and the slowest of some calls took.
async fn measure<F: Future>(what: &str, times: usize, mut call: impl FnMut(usize) -> F) {
    let mut took = Vec::new();
    for time in 0..times {
        let begin = Instant::now();
        call(time).await;
        took.push(begin.elapsed());
    }
    print_times(what, took);
}

fn print_times(what: &str, mut took: Vec<Duration>) {
    took.sort_unstable();
    let at = |share: usize| took[(took.len() * share / 100).min(took.len() - 1)];
    println!("{what:<44} p50 {:>9.1?}  p99 {:>9.1?}  max {:>9.1?}", at(50), at(99), at(100));
}

/// Changes the first record.
async fn touch(store: &RedbStore, number: usize) {
    // The first ten have no manager, so none of them closes a circle.
    let details = person(number as u64 % 10);
    let rule = Box::new(move |_: &Employee| Ok(details));
    store.change_employee(1.try_into().unwrap(), rule, stamp()).await.unwrap().unwrap();
}

async fn page(store: &RedbStore, query: &str) -> usize {
    store.page(&Query::parse(query).unwrap()).await.unwrap().total
}

fn print_memory(when: &str) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    for line in status.lines().filter(|line| line.starts_with("VmRSS") || line.starts_with("VmHWM")) {
        println!("{when:<44} {}", line.split_whitespace().collect::<Vec<_>>().join(" "));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement, not a test"]
async fn a_million_records() {
    let records: u64 = std::env::var("RECORDS").map_or(100_000, |number| number.parse().unwrap());
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("store-{records}.redb"));
    if !path.exists() {
        fill(&path, records).await;
    }
    let begin = Instant::now();
    let store = RedbStore::open(&path).unwrap();
    println!("{:<44} {:>10.1?}", format!("start with {records} records"), begin.elapsed());
    print_memory("memory after the start");

    let last = records - 50;
    measure("page of 50, id", 200, |i| page_at(&store, "id", i, last)).await;
    measure("page of 50, lastname", 200, |i| page_at(&store, "lastname", i, last)).await;
    measure("first page of 50, -hired", 1, |i| page_at(&store, "-hired", i, last)).await;
    measure("page of 50, -hired", 200, |i| page_at(&store, "-hired", i, last)).await;
    measure("first page of 50, department,-lastname", 1, |i| page_at(&store, "department,-lastname", i, last)).await;
    measure("page of 50, department,-lastname", 200, |i| page_at(&store, "department,-lastname", i, last)).await;
    let store = &store;
    for q in ["castro4711", "dept:fin", "zzzz", "an", "!left", "a"] {
        let known = |_| async move { page(store, &format!("limit=50&sort=lastname&q={q}")).await };
        println!("{:<44} {:>10}", format!("found by {q}"), known(0).await);
        measure(&format!("next page of {q}"), 100, known).await;
        let mut new = Vec::new();
        for i in 0..100 {
            // A change in between, so that no result is found ready.
            touch(store, i).await;
            let begin = Instant::now();
            known(0).await;
            new.push(begin.elapsed());
        }
        print_times(&format!("filter {q}"), new);
    }
    let begin = Instant::now();
    let scanned = store.scan(&Query::default()).await.unwrap().fold(0, |n, piece| async move { n + piece.len() }).await;
    println!("{:<44} {:>10.1?}", format!("scan of {scanned}"), begin.elapsed());

    let create = |i: usize| store.create_employee(person(i as u64), None, stamp());
    measure("create, one at a time", 200, create).await;
    let begin = Instant::now();
    join_all((0..2000).map(create)).await;
    println!("{:<44} {:>10.1?} each", "create, 2000 at once", begin.elapsed() / 2000);
    measure("change, one at a time", 200, |i| touch(store, i + 5)).await;
    print_memory("memory at the end");
}

async fn page_at(store: &RedbStore, sort: &str, time: usize, last: u64) -> usize {
    let offset = time as u64 * 7919 * 7919 % last;
    page(store, &format!("limit=50&offset={offset}&sort={sort}")).await
}
