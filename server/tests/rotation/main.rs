//! The rotation rule under everything that can happen to it: processes that share a jar, lost and
//! late answers, killed processes, a server that dies and comes back, clocks that are set, and a
//! thief.
//!
//! Each case is a sequence of random steps in a small [`world`](world::World). After every step the
//! rule must have answered what a plain model of the protocol says, and the promises to an honest
//! client must hold. Then each guard of the rule is taken away in turn, and the same property must
//! notice ([`guards`]).
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod disk;
mod guards;
mod servers;
mod stored;
mod world;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use world::{Keeper, Step, World};

/// Some steps in a row.
fn steps() -> impl Strategy<Value = Vec<Step>> {
    let process = 0..world::PROCESSES;
    let seconds = prop_oneof![4 => 0i64..4, 3 => 4i64..14, 2 => 14i64..7200, 1 => 7200i64..110_000];
    let step = prop_oneof![
        8 => process.clone().prop_map(Step::Read),
        8 => process.clone().prop_map(Step::Send),
        8 => process.clone().prop_map(Step::Receive),
        3 => process.clone().prop_map(Step::Lose),
        6 => process.clone().prop_map(Step::Use),
        1 => process.prop_map(Step::Kill),
        6 => seconds.prop_map(Step::Wait),
        1 => (-7200i64..7200).prop_map(Step::SetClock),
        1 => prop::bool::weighted(0.3).prop_map(Step::Disable),
        2 => Just(Step::SixDays),
        1 => Just(Step::Crash),
        2 => Just(Step::Steal),
        2 => Just(Step::ThiefRefresh),
        1 => Just(Step::ThiefUse),
        1 => Just(Step::Future),
        1 => Just(Step::Forge),
    ];
    prop::collection::vec(step, 1..60)
}

/// 2,000 cases, and 100,000 in the long run of the tests.
fn config() -> Config {
    let cases = if std::env::var_os("LONG_TESTS").is_some() {
        100_000
    } else {
        2000
    };
    Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    }
}

/// Plays every case in a world over such a keeper, which gets a seed for what is left to chance.
fn hold<K: Keeper>(mut runner: TestRunner, keeper: impl Fn(u64) -> K) -> Result<(), String> {
    runner
        .run(&(steps(), any::<u64>()), |(steps, seed)| {
            let mut world = World::new(keeper(seed));
            for step in steps {
                world
                    .play(step)
                    .map_err(|broken| TestCaseError::fail(format!("{step:?}: {broken}")))?;
            }
            world.close().map_err(TestCaseError::fail)
        })
        .map_err(|failure| failure.to_string())
}

#[test]
fn the_rule_keeps_every_promise() {
    hold(TestRunner::new(config()), |_| guards::whole()).unwrap();
}

#[test]
fn the_store_keeps_every_promise_over_losses_of_power() {
    hold(TestRunner::new(config()), stored::Stored::new).unwrap();
}

#[test]
fn the_store_keeps_every_promise_on_two_servers() {
    let Some(fleet) = servers::Fleet::start() else {
        return;
    };
    // Each step waits for a commit or more.
    let config = Config {
        cases: config().cases / 40,
        ..config()
    };
    hold(TestRunner::new(config), |seed| {
        servers::Served::new(&fleet, seed)
    })
    .unwrap();
}

#[test]
fn without_any_one_guard_the_rule_breaks_a_promise() {
    // The same cases each time: whether 2,000 random ones find a missing guard must not be a matter
    // of luck.
    let runner = || {
        let config = Config {
            max_shrink_iters: 0,
            ..config()
        };
        TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
    };
    let unnoticed: Vec<_> = guards::ALL
        .iter()
        .filter(|guard| hold(runner(), |_| guards::without(guard)).is_ok())
        .map(|guard| guard.name)
        .collect();
    assert!(unnoticed.is_empty(), "nothing broke without: {unnoticed:?}");
}
