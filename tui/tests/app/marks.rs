//! Marking people.

use roster::effect::{Call, Effect};
use roster::event::{Event, Reply, Timer};
use roster::state::SignIn;
use roster_common::{Code, Role};

use crate::world::{World, crowd, identity, person, refused, unreachable};

/// The ids of those who are marked.
fn marked(world: &World) -> Vec<u64> {
    world
        .state
        .table
        .marks
        .iter()
        .map(|(id, _)| id.get())
        .collect()
}

fn collects(effects: &[Effect]) -> usize {
    effects
        .iter()
        .filter(|effect| matches!(effect, Effect::Call(Call::Collect { .. })))
        .count()
}

#[test]
fn a_mark_goes_with_its_person() {
    let mut world = World::signed_in(Role::Viewer, crowd(50), (80, 24));
    world.keys("Space Space k Space");
    assert_eq!(marked(&world), [1]);
    assert_eq!(world.state.table.cursor, 2, "and the cursor goes down");
    world.people.insert(0, person(99, "New", "Comer", &[]));
    world.keys("r").serve();
    assert_eq!(marked(&world), [1]);
    let screen = world.screen();
    assert!(
        screen.contains(" *Family1, Given1") && screen.contains("1 marked"),
        "{screen}"
    );
    world.keys("M");
    assert_eq!(marked(&world), [0; 0]);
}

#[test]
fn those_whom_the_filter_hides_are_counted() {
    let mut world = World::signed_in(Role::Viewer, crowd(50), (80, 24));
    world.keys("Space Space Space /").types("given2").serve();
    assert!(
        world.screen().contains("3 marked, 2 hidden by the filter"),
        "{}",
        world.screen()
    );
    world.keys("Esc").serve();
    assert!(
        world.screen().contains("3 marked ") && !world.screen().contains("hidden"),
        "{}",
        world.screen()
    );
    assert_eq!(marked(&world), [1, 2, 3]);
}

#[test]
fn a_range_is_marked_from_either_end() {
    let mut world = World::signed_in(Role::Viewer, crowd(50), (80, 24));
    world.keys("v j j");
    assert!(world.screen().contains("range of 3"), "{}", world.screen());
    world.keys("v 9 G v k v");
    assert_eq!(marked(&world), [1, 2, 3, 8, 9]);
    world.keys("M v j Esc j v");
    assert_eq!(marked(&world), [0; 0], "Esc lets go, and v begins anew");
}

#[test]
fn all_that_match_are_marked_page_by_page_and_only_once_each() {
    let mut world = World::signed_in(Role::Viewer, crowd(2500), (80, 24));
    world.keys("*");
    assert_eq!(collects(&world.effects), 1);
    let first = world.take().remove(0);
    world.answer(first);
    assert!(
        world.screen().contains("marking 1,000 of 2,500, Esc stops"),
        "{}",
        world.screen()
    );
    world.serve();
    assert_eq!(world.state.table.marks.len(), 2500);
    assert!(
        world.screen().contains("2,500 marked"),
        "{}",
        world.screen()
    );
    world.keys("/").types("given9").serve();
    assert!(
        world.screen().contains("2,500 marked, some may be hidden"),
        "{}",
        world.screen()
    );
}

#[test]
fn a_filter_says_who_all_are() {
    let mut world = World::signed_in(Role::Viewer, crowd(2500), (80, 24));
    world.keys("/").types("given249").keys("Enter").serve();
    world.keys("*");
    assert_eq!(collects(&world.effects), 0, "they are all here");
    assert_eq!(
        marked(&world),
        [
            249, 2490, 2491, 2492, 2493, 2494, 2495, 2496, 2497, 2498, 2499
        ]
    );
}

#[test]
fn of_many_whom_one_filter_has_found_none_is_hidden_by_it() {
    let mut world = World::signed_in(Role::Viewer, crowd(2500), (80, 24));
    world.keys("/").types("given").keys("Enter *").serve();
    world.keys("r").serve();
    let screen = world.screen();
    assert!(
        screen.contains("2,500 marked") && !screen.contains("hidden"),
        "{screen}"
    );
}

#[test]
fn esc_stops_marking_and_late_answers_mark_no_one() {
    let mut world = World::signed_in(Role::Viewer, crowd(2500), (80, 24));
    world.keys("*");
    let first = world.take().remove(0);
    world.answer(first);
    let second = world.take().remove(0);
    world.keys("Esc").answer(second);
    assert_eq!(
        (world.state.table.marks.len(), collects(&world.effects)),
        (1000, 0)
    );
    assert!(
        world.screen().contains("Stopped; 1,000 marked."),
        "{}",
        world.screen()
    );
}

#[test]
fn a_lost_link_only_delays_the_marking() {
    let mut world = World::signed_in(Role::Viewer, crowd(2500), (80, 24));
    world.keys("*").take();
    let query = world.state.table.marking.as_ref().unwrap().page();
    world.reply(Reply::Collected {
        query,
        result: Err(unreachable()),
    });
    world.event(Event::Timer(Timer::Retry)).serve();
    assert_eq!(world.state.table.marks.len(), 2500);
}

#[test]
fn a_session_that_ends_only_delays_the_marking() {
    let mut world = World::signed_in(Role::Viewer, crowd(2500), (80, 24));
    world.keys("*").take();
    let query = world.state.table.marking.as_ref().unwrap().page();
    world.reply(Reply::Collected {
        query,
        result: Err(refused(Code::SessionExpired)),
    });
    assert!(world.state.overlay::<SignIn>().is_some());
    world
        .reply(Reply::SignedIn(Ok(identity(Role::Viewer))))
        .serve();
    assert_eq!(world.state.table.marks.len(), 2500);
}

#[test]
fn a_list_that_changes_while_marking_is_reported() {
    let mut world = World::signed_in(Role::Viewer, crowd(2500), (80, 24));
    world.keys("*");
    world.people.remove(0);
    world.serve();
    assert!(
        world.screen().contains("The list changed while marking."),
        "{}",
        world.screen()
    );
}

#[test]
fn a_deleted_marked_person_is_unmarked_and_reported() {
    let mut world = World::signed_in(Role::Viewer, crowd(5), (80, 24));
    world.keys("Space Space");
    world.people.remove(0);
    world.keys("r").serve();
    assert_eq!(marked(&world), [2]);
    assert!(
        world
            .screen()
            .contains("One marked person has been deleted."),
        "{}",
        world.screen()
    );
}
