//! Named filters, filters used before, and the one of the last run.

use roster::effect::{Effect, LocalTask};
use roster::event::Event;
use roster::keys::Screen;
use roster_common::Role;

use crate::world::{World, staff};

fn at_table() -> World {
    let mut world = World::signed_in(Role::Viewer, staff(), (120, 30));
    world.take();
    world
}

/// The newest text of the file.
fn file(world: &World) -> String {
    let saved = |effect: &Effect| match effect {
        Effect::Local(LocalTask::SaveFilters { text, .. }) => Some(text.clone()),
        _ => None,
    };
    world.effects.iter().rev().find_map(saved).unwrap()
}

/// The same person at the next start.
fn next_start(text: String, keeps_filter: bool) -> World {
    let mut world = at_table();
    world.state.keeps_filter = keeps_filter;
    world.event(Event::FiltersLoaded {
        user: "ada".parse().unwrap(),
        text: Ok(Some(text)),
    });
    world.serve();
    world
}

#[test]
fn a_named_filter_brings_back_filter_sort_and_columns() {
    let mut world = at_table();
    world.keys("/").types("engineer").keys("Enter").serve();
    world.keys("l s").serve();
    world.keys("l - f n").types("Engineers").keys("Enter");
    assert!(world.screen().contains("Saved the filter “Engineers”."));

    let mut world = next_start(file(&world), false);
    assert_eq!(world.state.table.applied, "");
    world.keys("f");
    assert_eq!(world.state.screen(), Screen::NamedFilters);
    assert!(world.screen().contains("> Engineers"), "{}", world.screen());
    world.keys("Enter").serve();
    let screen = world.screen();
    assert!(
        screen.contains("2 of 5") && screen.contains("Title ↑") && !screen.contains("Department"),
        "{screen}"
    );
    world.keys("Ctrl-o").serve();
    assert!(world.screen().contains("5 people"));
}

#[test]
fn a_named_filter_is_deleted() {
    let mut world = at_table();
    world.keys("f n").types("All").keys("Enter f d");
    assert!(world.screen().contains("Deleted the filter “All”."));
    world.keys("Enter");
    assert!(world.screen().contains("There are no named filters yet."));
}

#[test]
fn a_name_can_be_given_up() {
    let mut world = at_table();
    world.keys("f n").types("x");
    assert_eq!(world.state.screen(), Screen::FilterName);
    world.keys("Esc");
    assert_eq!(world.state.screen(), Screen::NamedFilters);
    world.keys("Esc");
    assert!(world.state.table.saved.named.is_empty());
}

#[test]
fn the_arrow_up_recalls_filters_in_the_empty_line() {
    let mut world = at_table();
    for filter in ["cas", "engineer"] {
        world.keys("/").types(filter).keys("Enter").serve();
        world.keys("Esc").serve();
    }
    world.keys("/ Up").serve();
    assert_eq!(world.state.table.search.text(), "engineer");
    assert!(world.screen().contains("2 of 5"), "{}", world.screen());
    world.keys("Up Up").serve();
    assert_eq!(world.state.table.search.text(), "cas");
    world.keys("Down Down").serve();
    assert_eq!(world.state.table.search.text(), "");
    assert!(world.screen().contains("5 people"));
}

#[test]
fn while_a_filter_is_typed_the_arrows_move_the_cursor() {
    let mut world = at_table();
    world.keys("/").types("cas").keys("Enter").serve();
    world.keys("Esc /").types("e").serve();
    let cursor = world.state.table.cursor;
    world.keys("Down");
    assert_eq!(
        (world.state.table.search.text(), world.state.table.cursor),
        ("e", cursor + 1)
    );
}

#[test]
fn the_last_filter_and_sort_return_where_that_is_wanted() {
    let mut world = at_table();
    world.keys("/").types("engineer").keys("Enter").serve();
    world.keys("l s s").serve();
    let text = file(&world);
    assert_eq!(next_start(text.clone(), false).state.table.applied, "");
    let world = next_start(text, true);
    let screen = world.screen();
    assert!(
        screen.contains("2 of 5") && screen.contains("Title ↓"),
        "{screen}"
    );
}

#[test]
fn a_file_that_cannot_be_read_is_reported_and_left_alone() {
    let world = next_start("{".into(), true);
    assert!(
        world.screen().contains("Can't read the saved filters:"),
        "{}",
        world.screen()
    );
}
