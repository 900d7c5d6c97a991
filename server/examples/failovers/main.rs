//! Clients of two servers that share a database, while its primary is taken away again and again.
//!
//! `failovers URL URL FILE` creates the file when its clients are at work. Then it reads what is
//! about to be done from standard input, one line each time, and prints the longest gaps between
//! two successes since. After an empty line it compares what the
//! servers have with what they acknowledged, prints a table, and exits with 1 if anything was lost,
//! done twice, or allowed for longer than a second after it had been revoked. The variables
//! `PASSWORD` (of `admin`) and `ROSTER_DATABASE` are set by `scripts/failovers`.
//!
//! - [`report`]: what was seen, and the table.
//! - [`client`]: requests that are repeated until they are answered, and sessions.
//! - [`work`]: people who refresh, create, read, sign out, and whose account is disabled.
//! - [`follower`]: those who follow the events.
//! - [`plain`]: writes in plain SQL, for comparison.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a failure ends the trial, and it prints what it saw"
)]

mod client;
mod follower;
mod plain;
mod report;
mod work;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::client::Client;
use crate::follower::Follower;
use crate::report::{Table, World};

const REFRESHING: usize = 4;
const CREATING: usize = 2;
const READING: usize = 2;
const LEAVING: usize = 2;
const ASKING: usize = 2;
const FOLLOWING: usize = 2;

#[tokio::main]
async fn main() -> ExitCode {
    // Only the first of several may be installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [one, other, ready] = &arguments[..] else {
        panic!("usage: failovers URL URL FILE");
    };
    let world = Arc::new(World::of(
        [one.clone(), other.clone()],
        std::env::var("PASSWORD").unwrap(),
    ));
    let followers = followers(&world).await;
    let mut at_work = clients(&world).await;
    plain::write_on_every_node(&world);
    while world.created.lock().unwrap().is_empty() {
        sleep(Duration::from_millis(50)).await;
    }
    std::fs::write(ready, "").unwrap();

    let mut table = Table::default();
    let mut lines = std::io::stdin().lines();
    let mut begun: Option<String> = None;
    loop {
        let next = tokio::task::block_in_place(|| lines.next().transpose().unwrap());
        let next = next.filter(|line| !line.is_empty());
        let gaps = world.take_gaps();
        if let Some(kind) = begun {
            println!("{kind}: {gaps}");
            table.add(kind, gaps);
        }
        let Some(kind) = next else { break };
        begun = Some(kind);
    }
    world.over.store(true, Ordering::Relaxed);
    while let Some(ended) = at_work.join_next().await {
        ended.unwrap();
    }
    for follower in &followers {
        // What is missing then is counted as lost.
        let _ = timeout(Duration::from_secs(30), follower.catches_up(&world)).await;
        follower.compare(&world);
    }
    work::compare(&mut Client::of(&world)).await;
    print!("{table}\n{}", world.summary());
    if world.is_sound() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Followers that have begun to follow.
async fn followers(world: &Arc<World>) -> Vec<Arc<Follower>> {
    let mut followers = Vec::new();
    for number in 0..FOLLOWING {
        let follower = Arc::new(Follower::default());
        let client = Client::with_account(world, &format!("follower{number}"), "viewer").await;
        tokio::spawn(Arc::clone(&follower).follow(client));
        follower.has_begun().await;
        followers.push(follower);
    }
    followers
}

/// Starts all clients that end when the trial is over.
async fn clients(world: &Arc<World>) -> JoinSet<()> {
    let mut at_work = JoinSet::new();
    for number in 0..REFRESHING {
        let name = format!("refreshing{number}");
        at_work.spawn(work::refresh(
            Client::with_account(world, &name, "viewer").await,
        ));
    }
    for number in 0..READING {
        let name = format!("reading{number}");
        at_work.spawn(work::read(
            Client::with_account(world, &name, "viewer").await,
        ));
    }
    for number in 0..CREATING {
        let name = format!("creating{number}");
        at_work.spawn(work::create(
            Client::with_account(world, &name, "editor").await,
        ));
    }
    for number in 0..LEAVING {
        let name = format!("leaving{number}");
        at_work.spawn(work::sign_out(
            Client::with_account(world, &name, "viewer").await,
        ));
    }
    for _ in 0..ASKING {
        at_work.spawn(work::ask_for_those_signed_out(Client::of(world)));
    }
    let disabled = Client::with_account(world, "disabled", "viewer").await;
    at_work.spawn(work::disable(disabled));
    at_work
}
