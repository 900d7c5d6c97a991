//! One value is edited in its cell of the table.

use roster::effect::{Call, Effect};
use roster::event::{Event, Reply};
use roster::keys::Screen;
use roster::state::Form;
use roster_common::{Changes, Employee, Field, Role};

use crate::world::{World, changed, staff};

fn at_table() -> World {
    let mut world = World::signed_in(Role::Editor, staff(), (120, 30));
    world.take();
    world
}

/// The changes that are being saved, among requests for suggestions.
fn all_sent(world: &mut World) -> Vec<Changes> {
    let changes = |effect| match effect {
        Effect::Call(Call::Change { changes, .. }) => Some(changes),
        Effect::Call(Call::Values { .. }) => None,
        other => panic!("{other:?}"),
    };
    world.take().into_iter().filter_map(changes).collect()
}

fn sent(world: &mut World) -> Changes {
    let sent = all_sent(world);
    assert_eq!(sent.len(), 1, "{sent:?}");
    sent.into_iter().next().unwrap()
}

fn changes(field: Field, value: &str) -> Changes {
    let mut changes = Changes::default();
    changes.set(field, value);
    changes
}

fn saved(world: &mut World, fields: &[(Field, &str)]) -> Employee {
    let now = Employee {
        updated_by: "ada".into(),
        ..changed(&world.people[0], fields)
    };
    world.people[0] = now.clone();
    world.reply(Reply::Changed(Ok(now.clone()))).serve();
    now
}

#[test]
fn a_cell_is_changed_with_a_key_the_text_and_enter() {
    let mut world = at_table();
    world.keys("l i");
    assert_eq!(world.state.screen(), Screen::Cell);
    world.keys("Ctrl-u").types("Director").keys("Enter");
    assert_eq!(sent(&mut world), changes(Field::Title, "Director"));
    saved(&mut world, &[(Field::Title, "Director")]);
    let screen = world.screen();
    assert_eq!(world.state.screen(), Screen::Table);
    assert!(
        screen.contains("Director") && screen.contains("Saved Maya Castro. Press u to undo."),
        "{screen}"
    );
}

#[test]
fn tab_saves_and_goes_on_to_the_next_cell() {
    let mut world = at_table();
    world.keys("l i").types("!").keys("Tab");
    assert_eq!(sent(&mut world), changes(Field::Title, "Plant Operator!"));
    saved(&mut world, &[(Field::Title, "Plant Operator!")]);
    let form = world.state.overlay::<Form>().unwrap();
    assert_eq!(form.focus, Field::Department);
    assert_eq!(world.state.screen(), Screen::Cell);
    // Nothing was changed there, so it goes on at once.
    world.keys("Tab");
    let focus = world.state.overlay::<Form>().unwrap().focus;
    assert_eq!((focus, all_sent(&mut world)), (Field::Location, vec![]));
}

#[test]
fn escape_keeps_nothing_and_asks_nothing() {
    let mut world = at_table();
    world.keys("l i").types("!").keys("Esc");
    assert_eq!(
        (world.state.screen(), all_sent(&mut world)),
        (Screen::Table, vec![])
    );
    assert!(!world.screen().contains("Operator!"));
}

#[test]
fn the_status_has_a_key_and_its_words_a_letter_each() {
    let mut world = at_table();
    world.keys("x");
    assert!(
        world.screen().contains("● active   ○ leave   ○ left"),
        "{}",
        world.screen()
    );
    world.keys("l Enter");
    assert_eq!(sent(&mut world), changes(Field::Status, "leave"));
}

#[test]
fn the_rule_stands_on_the_status_line_and_a_wrong_value_is_not_sent() {
    let mut world = at_table();
    world.keys("l l l l l l i");
    assert_eq!(world.state.overlay::<Form>().unwrap().focus, Field::Email);
    world.keys("Ctrl-u").types("maya").keys("Enter");
    assert_eq!(
        (world.state.screen(), all_sent(&mut world)),
        (Screen::Cell, vec![])
    );
    assert!(
        world.screen().contains("Email: Enter an address like"),
        "{}",
        world.screen()
    );
}

#[test]
fn a_column_that_the_server_fills_cannot_be_edited() {
    let mut world = at_table();
    world.state.table.column = world
        .state
        .table
        .arrangement
        .visible()
        .position(|column| column.name() == "id")
        .unwrap();
    world.keys("i");
    assert_eq!(world.state.screen(), Screen::Table);
    assert!(
        world.screen().contains("Id cannot be edited."),
        "{}",
        world.screen()
    );
}

#[test]
fn where_the_record_hides_the_table_the_form_opens_at_the_field() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("l Enter i");
    assert_eq!(world.state.screen(), Screen::Form);
    assert_eq!(world.state.overlay::<Form>().unwrap().focus, Field::Title);
}

#[test]
fn a_cell_is_edited_where_it_stands() {
    let mut world = at_table();
    let column = |world: &World, text: &str| {
        let screen = world.screen();
        let line = screen.lines().find(|line| line.contains(text)).unwrap();
        line.split_once(text).unwrap().0.chars().count()
    };
    let before = column(&world, "New York");
    world.keys("l l l i").types("!");
    assert_eq!(column(&world, "New York!"), before);
}

#[test]
fn a_viewer_is_told_why_not() {
    let mut world = World::signed_in(Role::Viewer, staff(), (80, 24));
    world.keys("i");
    assert!(world.screen().contains("You have read-only access."));
}

#[test]
fn a_value_that_no_one_has_is_called_new_in_its_cell_too() {
    let mut world = at_table();
    world
        .keys("l l i Ctrl-u")
        .event(Event::Paste("Suport".into()));
    for text in ["", "Suport"] {
        world.reply(Reply::Values {
            field: Field::Department,
            text: text.into(),
            result: Ok(Vec::new()),
        });
    }
    let screen = world.screen();
    assert!(
        screen.contains("Suport  (new)")
            && screen.contains("Department: no one has this value yet"),
        "{screen}"
    );
}

/// A part of the next column's value would read like a word of its own.
#[test]
fn the_field_of_a_narrow_column_leaves_no_piece_of_its_neighbour() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("l i");
    let screen = world.screen();
    let line = screen.lines().find(|line| line.contains("Castro")).unwrap();
    assert!(
        line.contains("Plant Operator") && !line.contains("ions") && line.contains("New York"),
        "{line}"
    );
}
