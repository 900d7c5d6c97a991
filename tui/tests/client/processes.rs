//! Many processes on one jar, cut off and killed where it hurts most; and a thief with a copy of
//! it.

use std::iter::repeat_with;
use std::process::{Child, Command};

use fastrand::Rng;
use roster_common::api::path;
use roster_common::history::AuditAction;
use serde_json::Value;

use crate::proxy::Fault;
use crate::world::World;

const ROUNDS: usize = 16;
const COMMANDS: [&[&str]; 4] = [
    &["whoami"],
    &["employees", "list", "--limit", "1"],
    &["whoami", "--json"],
    &["employees", "list"],
];
/// How often a process asks again where no answer comes.
const TRIES: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn no_honest_client_is_signed_out_by_lost_answers_or_kills() {
    let world = World::new().await;
    world.signed_in().await;
    let session = whoami(&world)["session"]["id"].clone();
    let mut random = Rng::with_seed(7678);
    for round in 0..ROUNDS {
        world.let_the_token_expire();
        let before = world.proxy.count(path::REFRESH);
        let lost = random.usize(0..=TRIES + 2);
        let killed = random.bool();

        let codes = work(&world, killed, faults(&mut random, lost)).await;

        let expected: &[i32] = if lost < TRIES { &[0] } else { &[0, 3] };
        assert!(
            codes.iter().all(|code| expected.contains(code)),
            "round {round}, {lost} lost: {codes:?}"
        );
        world.proxy.forget();
        assert_eq!(whoami(&world)["session"]["id"], session);
        assert_eq!(
            world.proxy.count(path::REFRESH) - before,
            usize::from(killed) + lost + 1,
            "round {round}"
        );
    }
}

fn faults(random: &mut Rng, count: usize) -> Vec<Fault> {
    repeat_with(|| {
        if random.bool() {
            Fault::LoseAnswer
        } else {
            Fault::CutAnswer
        }
    })
    .take(count)
    .collect()
}

/// Runs a few processes at once, over a link with these faults; while they wait for one more, that
/// one is killed between the server's answer and its own jar, if so wished. Gives the exit codes of
/// those that lived.
async fn work(world: &World, kill: bool, faults: Vec<Fault>) -> Vec<i32> {
    let start = |args: &&[&str]| world.command(args).spawn().unwrap();
    let mut victim = None;
    if kill {
        world.proxy.spoil(path::REFRESH, [Fault::KeepAnswer]);
        victim = Some(start(&COMMANDS[0]));
        world.proxy.keeps_an_answer().await;
    }
    world.proxy.spoil(path::REFRESH, faults);
    let others: Vec<Child> = COMMANDS.iter().map(start).collect();
    if let Some(mut victim) = victim {
        victim.kill().unwrap();
        victim.wait().unwrap();
    }
    others
        .into_iter()
        .map(|child| child.wait_with_output().unwrap().status.code().unwrap())
        .collect()
}

/// What a process that meets no fault is told.
fn whoami(world: &World) -> Value {
    let output = world.command(&["whoami", "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copied_jar_ends_the_session_for_the_thief_and_for_its_owner() {
    for thief_is_first in [false, true] {
        let world = World::new().await;
        world.signed_in().await;
        let session = whoami(&world)["session"]["id"].clone();
        let stolen = world.stolen();
        let owner = || world.command(&["whoami", "--json"]);
        let thief = || world.command_on(&stolen, &["whoami", "--json"]);
        let both = if thief_is_first {
            [thief(), owner()]
        } else {
            [owner(), thief()]
        };
        let [mut first, mut second] = both;

        world.let_the_token_expire();
        assert_eq!(first.output().unwrap().status.code(), Some(0));
        world.let_the_token_expire();

        assert_eq!(refusal(&mut second), "session_reuse");
        assert_eq!(refusal(&mut first), "session_reuse");
        assert_eq!(
            refusal(&mut owner()),
            "token_missing",
            "asked to sign in, and not refused for ever"
        );
        assert_eq!(
            reuses(&world).await,
            [session.as_str().unwrap()],
            "audited, and once"
        );
    }
}

/// The sessions that the audit says were ended because a used token came back.
async fn reuses(world: &World) -> Vec<String> {
    let audit = world.signed_in().await.audit(None, 100).await.unwrap();
    audit
        .into_iter()
        .filter(|entry| entry.what == AuditAction::TokenReused)
        .filter_map(|entry| entry.target)
        .collect()
}

/// The code with which a process was refused, that ended with 4.
fn refusal(command: &mut Command) -> Value {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    serde_json::from_slice::<Value>(&output.stderr).unwrap()["code"].take()
}
