//! Narrower lists, managers and reports, and the way back.

use jiff::SignedDuration;
use proptest::prelude::*;
use ratatui::layout::Position;
use roster::effect::{Effect, LocalTask};
use roster::event::{Event, Mouse};
use roster::keys::Screen;
use roster_common::{Employee, EmployeeId, Field, Role};

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

/// What somebody at the keys and somebody else do.
#[derive(Debug, Clone, Copy)]
enum Step {
    Key(&'static str),
    Deletes(u64),
}

fn any_step() -> impl Strategy<Value = Step> {
    let keys = vec![
        "j", "k", "G", "m", "R", "Ctrl-o", "s", "l", ",", "!", "Enter", "Esc",
    ];
    prop_oneof![
        12 => proptest::sample::select(keys).prop_map(Step::Key),
        1 => (1u64..40).prop_map(Step::Deletes),
    ]
}

/// Each person from 2 on reports to the one of half the number.
fn tree(count: u64) -> Vec<Employee> {
    let member = |id: u64| {
        let manager = (id / 2).to_string();
        let fields = [(Field::Manager, manager.as_str())];
        let reports = if id > 1 { &fields[..] } else { &[] };
        person(id, &format!("Given{id}"), &format!("Family{id}"), reports)
    };
    (1..=count).map(member).collect()
}

/// Where the table is: its filter, its sort and its person.
fn place(world: &World) -> (String, usize, Option<EmployeeId>) {
    let table = &world.state.table;
    (table.applied.clone(), table.order.len(), table.selected)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn a_jump_ends_at_its_person_or_the_screen_says_why_not(
        count in 1u64..40,
        steps in prop::collection::vec(any_step(), 1..40),
    ) {
        let mut world = World::signed_in(Role::Admin, tree(count), (120, 30));
        let mut places = Vec::new();
        for step in steps {
            let before = place(&world);
            let manager = world.state.current().and_then(|person| person.details.manager());
            let is_here = |world: &World, id| world.people.iter().any(|person| person.id == id);
            match step {
                // The table learns of it when it is reloaded.
                Step::Deletes(id) => world.people.retain(|person| person.id.get() != id),
                Step::Key(key) => _ = world.keys(key).serve(),
            }
            let after = place(&world);
            let says = world.state.banner.is_some();
            match step {
                Step::Key("m") => match manager {
                    Some(id) if is_here(&world, id) => prop_assert_eq!(after.2, Some(id)),
                    _ => prop_assert!(says, "{}", world.screen()),
                },
                Step::Key("R") => if let Some(id) = before.2 {
                    prop_assert_eq!(&after.0, &format!("mgr:{id}"));
                },
                Step::Key("Ctrl-o") => match places.pop() {
                    Some((filter, sorts, Some(id))) if is_here(&world, id) => {
                        prop_assert_eq!(&after, &(filter, sorts, Some(id)));
                    }
                    Some((filter, sorts, person)) => {
                        prop_assert_eq!((&after.0, after.1), (&filter, sorts));
                        prop_assert!(says || person.is_none(), "{}", world.screen());
                    }
                    None => prop_assert!(says, "{}", world.screen()),
                },
                _ => {}
            }
            // A jump to a deleted manager leads back at once.
            places.truncate(world.state.table.jumps.len());
            if world.state.table.jumps.len() > places.len() {
                places.push(before);
            }
        }
    }
}
