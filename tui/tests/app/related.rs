//! What the open record shows beyond its fields: who reports to the person, and the last changes.

use roster::effect::{Call, Effect, LocalTask};
use roster::event::{Event, Reply, Timer};
use roster_common::{Employee, Field, Role};

use crate::history::past;
use crate::live::changes_to;
use crate::world::{World, changed, crowd, staff, unreachable};

fn opened(people: Vec<Employee>) -> World {
    let mut world = World::signed_in(Role::Editor, people, (120, 40));
    world.effects.clear();
    world.keys("Enter");
    world
}

/// The people about whom something is asked.
fn asked(world: &World) -> Vec<u64> {
    let asked = world.effects.iter().filter_map(|effect| match effect {
        Effect::Call(Call::Related { id }) => Some(id.get()),
        _ => None,
    });
    asked.collect()
}

/// Whether it waits for the cursor to rest.
fn waits(world: &World) -> bool {
    let is_wait =
        |effect: &Effect| matches!(effect, Effect::Local(LocalTask::Wait(Timer::Related, _)));
    world.effects.iter().any(is_wait)
}

#[test]
fn a_record_that_is_opened_shows_reports_and_changes_at_once() {
    let mut world = opened(staff());
    assert_eq!(asked(&world), [1]);
    world.serves_related(&["Ariadna Bétancourt", "서지훈"], past());
    let screen = world.screen();
    assert!(
        screen.contains("Reports     2: Ariadna Bétancourt"),
        "{screen}"
    );
    assert!(
        screen.contains("11-22 06:30") && screen.contains("eve: Title Foreman → "),
        "{screen}"
    );
    assert!(screen.contains("ada added it"), "{screen}");
}

#[test]
fn moving_the_cursor_sends_nothing_until_it_rests() {
    let mut world = opened(crowd(50));
    world.serves_related(&["Bo Lee"], past()).take();
    world.keys("j j j j");
    assert!(asked(&world).is_empty());
    assert!(waits(&world));
    let screen = world.screen();
    assert!(
        !screen.contains("Bo Lee") && !screen.contains("added it"),
        "{screen}"
    );
    world.event(Event::Timer(Timer::Related));
    assert_eq!(asked(&world), [5]);
    world.serves_related(&["Bo Lee"], past());
    assert!(world.screen().contains("Bo Lee"), "{}", world.screen());
}

#[test]
fn an_answer_about_somebody_else_is_not_shown() {
    let mut world = opened(crowd(50));
    world.keys("j").serves_related(&["Bo Lee"], past());
    assert!(!world.screen().contains("Bo Lee"), "{}", world.screen());
}

#[test]
fn a_closed_record_asks_nothing() {
    let mut world = opened(crowd(50));
    world.keys("j Esc").effects.clear();
    world.event(Event::Timer(Timer::Related)).keys("j");
    assert!(asked(&world).is_empty());
    assert!(!waits(&world));
}

#[test]
fn a_change_of_the_record_or_of_a_report_loads_them_again() {
    let mut world = opened(staff());
    for (person, concerns) in [(0, true), (1, true), (2, false)] {
        world.effects.clear();
        let theirs = changed(&world.people[person], &[(Field::Title, "Other")]);
        world.event(changes_to(&theirs));
        assert_eq!(waits(&world), concerns, "{person}");
    }
}

#[test]
fn without_an_answer_the_record_goes_without() {
    let mut world = opened(staff());
    let id = world.people[0].id;
    world.reply(Reply::RelatedLoaded {
        id,
        result: Err(unreachable()),
    });
    let screen = world.screen();
    assert!(
        screen.contains("Reports\n") || screen.contains("Reports "),
        "{screen}"
    );
    assert!(screen.contains("maya.castro@example.com"), "{screen}");
}

#[test]
fn the_same_lines_hold_the_same_values_so_that_a_move_changes_little() {
    let mut world = opened(crowd(50));
    let line_of = |world: &World, text: &str| {
        let screen = world.screen();
        screen.lines().position(|line| line.contains(text)).unwrap()
    };
    let mut lines = Vec::new();
    for key in ["j", "j", "k"] {
        world.keys(key);
        lines.push(
            ["Phone", "Manager", "Notes", "Updated", "Changes"].map(|it| line_of(&world, it)),
        );
    }
    let theirs = changed(&world.people[1], &[(Field::Title, "Head of Everything")]);
    world.event(changes_to(&theirs));
    assert!(
        world.screen().contains("changed by eve"),
        "{}",
        world.screen()
    );
    lines.push(["Phone", "Manager", "Notes", "Updated", "Changes"].map(|it| line_of(&world, it)));
    lines.dedup();
    assert_eq!(lines.len(), 1, "{lines:?}");
}
