//! Measures the store with many records: `RECORDS=1000000 cargo bench -p roster-server --bench
//! store`. The file is kept in the target folder, so that a second run shows what a start costs and
//! how much memory it takes, without what filling it has left behind.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "what fails ends the bench, and it prints figures"
)]

use std::future::Future;
use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::future::join_all;
use jiff::Timestamp;
use roster_common::employee::{Details, Employee, Field};
use roster_common::query::{Filter, Sort};
use roster_common::{Changes, Query};
use roster_server::sample;
use roster_server::store::redb::RedbStore;
use roster_server::store::{Attribution, EmployeeStore, RunStore, ValidRow};

/// As in `rosterd`, so that the memory is what it needs.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn stamp() -> Attribution {
    Attribution {
        by: "ada".parse().unwrap(),
        at: Timestamp::now(),
    }
}

/// An invented person without a manager, so that no change of one creates a cycle.
fn person(seed: u64) -> Details {
    let mut changes: Changes = sample::employees(1, seed).next().unwrap();
    changes.set(Field::Manager, "");
    changes.to_details().unwrap()
}

async fn fill(path: &Path, records: u64) {
    let store = RedbStore::open(path).unwrap();
    let begin = Instant::now();
    let mut people = sample::employees(records, 1).peekable();
    while people.peek().is_some() {
        let row = |changes: Changes| ValidRow::of_new(None, &changes.to_details().unwrap());
        let part = people.by_ref().take(10_000).map(row).collect();
        let added = store.add_employees(part, stamp()).await.unwrap();
        added.unwrap();
    }
    println!(
        "{:<44} {:>10.1?}",
        "filled, 50,000 a transaction",
        begin.elapsed()
    );
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
    println!(
        "{what:<44} p50 {:>9.1?}  p99 {:>9.1?}  max {:>9.1?}",
        at(50),
        at(99),
        at(100)
    );
}

/// Changes the first record.
async fn touch(store: &RedbStore, number: usize) {
    let details = person(number as u64);
    let rule = Box::new(move |_: &Employee| Ok(details.clone()));
    store
        .change_employee(1.try_into().unwrap(), rule, stamp())
        .await
        .unwrap()
        .unwrap();
}

async fn page(store: &RedbStore, query: &str) -> usize {
    store
        .page(&Query::parse(query).unwrap(), Timestamp::now())
        .await
        .unwrap()
        .total
}

/// Searches of a kind, more of each than results are kept, so that each does its work.
fn new_searches(records: u64) -> Vec<(&'static str, Vec<String>)> {
    let letters = "an en er in on el ar ma le ro or es";
    let letters: Vec<&str> = letters.split(' ').collect();
    let parts = "son ton ber ing wal mar oak field man ran ell ham example";
    let owned = |all: &str| all.split(' ').map(str::to_owned).collect();
    let rare = (0..24).map(|i| format!("{}@ex", records - i * 7919 % records));
    let two = letters.iter().zip(parts.split(' '));
    let departments = "eng ope sup sal res fin peo leg mark manu inf fac";
    vec![
        ("two letters", owned(&letters.join(" "))),
        ("a common part of a word", owned(parts)),
        ("part of an address", rare.collect()),
        ("two words", two.map(|(a, b)| format!("{a} {b}")).collect()),
        (
            "a department, without some",
            departments
                .split(' ')
                .map(|part| format!("dept:{part} !left"))
                .collect(),
        ),
        (
            "hired since, or elsewhere",
            (2000..2012)
                .map(|year| format!("hired:>{year}|<1999 mar|oak"))
                .collect(),
        ),
        (
            "the newest records",
            (0..12)
                .map(|hours| format!("created:<{}d", hours + 1))
                .collect(),
        ),
    ]
}

async fn search(store: &RedbStore, q: &str) {
    let query = Query {
        q: q.to_owned(),
        ..Query::parse("limit=50&sort=lastname").unwrap()
    };
    store.page(&query, Timestamp::now()).await.unwrap();
}

async fn timed_search(store: &RedbStore, q: &str) -> Duration {
    let begin = Instant::now();
    search(store, q).await;
    begin.elapsed()
}

fn print_memory(when: &str) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    for line in status
        .lines()
        .filter(|line| line.starts_with("VmRSS") || line.starts_with("VmHWM"))
    {
        println!(
            "{when:<44} {}",
            line.split_whitespace().collect::<Vec<_>>().join(" ")
        );
    }
}

#[tokio::main]
async fn main() {
    let records: u64 = std::env::var("RECORDS").map_or(100_000, |number| number.parse().unwrap());
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("store-{records}.redb"));
    if !path.exists() {
        fill(&path, records).await;
    }
    let begin = Instant::now();
    let store = RedbStore::open(&path).unwrap();
    println!(
        "{:<44} {:>10.1?}",
        format!("start with {records} records"),
        begin.elapsed()
    );
    print_memory("memory after the start");

    let last = records - 50;
    measure("page of 50, id", 200, |i| page_at(&store, "id", i, last)).await;
    measure("page of 50, lastname", 200, |i| {
        page_at(&store, "lastname", i, last)
    })
    .await;
    measure("first page of 50, -hired", 1, |i| {
        page_at(&store, "-hired", i, last)
    })
    .await;
    measure("page of 50, -hired", 200, |i| {
        page_at(&store, "-hired", i, last)
    })
    .await;
    measure("first page of 50, department,-lastname", 1, |i| {
        page_at(&store, "department,-lastname", i, last)
    })
    .await;
    measure("page of 50, department,-lastname", 200, |i| {
        page_at(&store, "department,-lastname", i, last)
    })
    .await;
    let store = &store;
    for (what, searches) in new_searches(records) {
        measure(&format!("new search: {what}"), 200, |i| {
            search(store, &searches[i % searches.len()])
        })
        .await;
        let mut all = Vec::new();
        for round in 0..40 {
            let eight =
                (0..8).map(|i| timed_search(store, &searches[(round * 8 + i) % searches.len()]));
            all.extend(join_all(eight).await);
        }
        print_times(&format!("eight at once: {what}"), all);
    }
    for q in ["4711@", "dept:fin", "zzzz", "an", "!left", "a"] {
        let known = |_| async move { page(store, &format!("limit=50&sort=lastname&q={q}")).await };
        println!("{:<44} {:>10}", format!("found by {q}"), known(0).await);
        measure(&format!("next page of {q}"), 100, known).await;
        let mut new = Vec::new();
        for i in 0..100 {
            // A change in between, so that the result kept has to be brought up to it.
            touch(store, i).await;
            let begin = Instant::now();
            known(0).await;
            new.push(begin.elapsed());
        }
        print_times(&format!("{q} after a change"), new);
    }
    let begin = Instant::now();
    let scanned = store
        .scan(Filter::All(Vec::new()), &Sort::default())
        .await
        .unwrap()
        .fold(0, |n, piece| async move { n + piece.unwrap().len() })
        .await;
    println!(
        "{:<44} {:>10.1?}",
        format!("scan of {scanned}"),
        begin.elapsed()
    );

    let create = |i: usize| store.create_employee(person(i as u64), None, stamp());
    measure("create, one at a time", 200, create).await;
    let begin = Instant::now();
    join_all((0..2000).map(create)).await;
    println!(
        "{:<44} {:>10.1?} each",
        "create, 2000 at once",
        begin.elapsed() / 2000
    );
    measure("change, one at a time", 200, |i| touch(store, i + 5)).await;
    print_memory("memory at the end");
}

async fn page_at(store: &RedbStore, sort: &str, time: usize, last: u64) -> usize {
    let offset = time as u64 * 7919 * 7919 % last;
    page(store, &format!("limit=50&offset={offset}&sort={sort}")).await
}
