//! Narrower lists, managers and reports, and the way back.

use jiff::SignedDuration;
use ratatui::layout::Position;
use roster::effect::{Effect, LocalTask};
use roster::event::{Event, Mouse};
use roster::keys::Screen;
use roster_common::{Field, Role};

use crate::world::{World, crowd, person, staff};

fn at_table() -> World {
    let mut world = World::signed_in(Role::Editor, staff(), (120, 30));
    world.take();
    world
}

fn filter(world: &World) -> &str {
    &world.state.table.applied
}

fn selected(world: &World) -> u64 {
    world.state.table.selected.unwrap().get()
}

#[test]
fn one_key_narrows_to_the_value_of_a_cell_and_the_cursor_stays_on_its_person() {
    let mut world = at_table();
    world.keys("j j j l l ,").serve();
    assert_eq!(filter(&world), "dept:=Engineering");
    assert_eq!(selected(&world), 4);
    assert!(world.screen().contains("1 of 5"), "{}", world.screen());
    world.keys("l ,").serve();
    assert_eq!(filter(&world), "dept:=Engineering location:=İstanbul");
}

#[test]
fn another_key_leaves_the_value_out() {
    let mut world = at_table();
    world.keys("l l l !").serve();
    assert_eq!(filter(&world), "!location:=\"New York\"");
    assert!(world.screen().contains("4 of 5"), "{}", world.screen());
    assert_eq!(selected(&world), 2);
}

#[test]
fn an_empty_cell_narrows_to_the_people_without_a_value() {
    let mut world = at_table();
    world.keys("j l l l l l ,").serve();
    assert_eq!(filter(&world), "phone:\"\"");
    assert!(world.screen().contains("4 of 5"), "{}", world.screen());
}

#[test]
fn a_value_that_no_filter_can_express_says_so() {
    let people = vec![person(
        1,
        "Ada",
        "Lovelace",
        &[(Field::Title, "\"The\" Countess")],
    )];
    let mut world = World::signed_in(Role::Viewer, people, (120, 30));
    world.keys("l ,");
    assert_eq!(filter(&world), "");
    assert!(
        world
            .screen()
            .contains("A filter cannot express this value.")
    );
}

#[test]
fn back_goes_through_filter_sort_and_cursor() {
    let mut world = at_table();
    world.keys("j j s").serve();
    world.keys("l l ,").serve();
    world
        .keys("/ x")
        .keys("Ctrl-u")
        .types("cas")
        .keys("Enter")
        .serve();
    assert_eq!((filter(&world), selected(&world)), ("cas", 1));

    world.keys("Ctrl-o").serve();
    assert_eq!((filter(&world), selected(&world)), ("dept:=Finance", 3));
    world.keys("Ctrl-o").serve();
    assert_eq!((filter(&world), selected(&world)), ("", 3));
    assert_eq!(world.state.table.order.len(), 1);
    world.keys("Ctrl-o").serve();
    assert_eq!((world.state.table.order.len(), selected(&world)), (0, 3));
    world.keys("Ctrl-o");
    assert!(world.screen().contains("There is nowhere to go back to."));
}

#[test]
fn back_puts_the_cursor_on_the_line_where_it_was() {
    let mut world = World::signed_in(Role::Editor, crowd(500), (80, 24));
    world.keys("3 0 0 G 5 k").serve();
    let place = (world.state.table.cursor, world.state.table.top);
    world.keys(",").serve();
    world.keys("Ctrl-o").serve();
    assert_eq!((world.state.table.cursor, world.state.table.top), place);
}

#[test]
fn a_key_goes_to_the_manager_and_another_shows_the_reports() {
    let mut world = at_table();
    world.keys("j m").serve();
    assert_eq!(selected(&world), 1);
    world.keys("R").serve();
    assert_eq!(filter(&world), "mgr:1");
    assert!(world.screen().contains("2 of 5"), "{}", world.screen());
    world.keys("Ctrl-o Ctrl-o").serve();
    assert_eq!((filter(&world), selected(&world)), ("", 2));
    world.keys("g g m");
    assert!(
        world.screen().contains("No manager is recorded."),
        "{}",
        world.screen()
    );
}

#[test]
fn the_way_to_a_manager_whom_the_filter_hides_clears_it() {
    let mut world = at_table();
    world.keys("/").types("engineer").keys("Enter").serve();
    world.keys("m").serve();
    assert_eq!((filter(&world), selected(&world)), ("", 1));
    world.keys("Ctrl-o").serve();
    assert_eq!(filter(&world), "engineer");
}

#[test]
fn there_is_no_way_to_a_manager_who_was_deleted() {
    let mut world = at_table();
    world.people.retain(|person| person.id.get() != 1);
    world.keys("j").serve();
    let here = selected(&world);
    world.keys("m").serve();
    assert!(
        world
            .screen()
            .contains("The manager (#1) has been deleted."),
        "{}",
        world.screen()
    );
    assert_eq!((filter(&world), selected(&world)), ("", here));
}

#[test]
fn one_key_copies_the_email_address_from_every_column() {
    let mut world = at_table();
    world.keys("C");
    let copied = world.take();
    assert!(
        matches!(copied.as_slice(), [Effect::Local(LocalTask::Copy { what, .. })] if what == "maya.castro@example.com"),
        "{copied:?}"
    );
    world.keys("j C");
    assert!(
        world.screen().contains("There is no email here."),
        "{}",
        world.screen()
    );
}

#[test]
fn two_presses_of_the_mouse_open_a_record_and_two_slow_ones_do_not() {
    let press = Event::Mouse(Mouse::Press, Position::new(5, 4));
    let mut world = at_table();
    world.event(press.clone()).event(press.clone());
    assert_eq!(
        (world.state.screen(), selected(&world)),
        (Screen::Detail, 3)
    );

    let mut world = at_table();
    world.event(press.clone());
    let later = world.state.now + SignedDuration::from_secs(1);
    world.event(Event::Clock(later)).event(press);
    assert_eq!(world.state.screen(), Screen::Table);
}
