//! Two people on one record.

use roster::effect::{Call, Effect};
use roster::event::Reply;
use roster::state::conflict::Side;
use roster::state::{Conflict, Form};
use roster_common::{Changes, EmployeeId, Field, Role};

use crate::world::{World, changed, person, staff, stale};

/// Maya's name and title are changed here, her title and location by eve meanwhile.
fn conflict() -> World {
    conflict_with(&[(Field::Title, "Plant Manager"), (Field::Location, "Leeds")])
}

/// Maya's name and title are changed here, and these fields by eve meanwhile.
fn conflict_with(fields: &[(Field, &str)]) -> World {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world
        .keys("e")
        .types("!")
        .keys("Tab Tab Tab Tab Ctrl-u")
        .types("Operator")
        .keys("Ctrl-s");
    world.take();
    let theirs = changed(&world.people[0], fields);
    world.people[0] = theirs.clone();
    world.reply(Reply::Changed(Err(stale(&theirs))));
    world
}

fn taken(world: &World) -> Vec<(Field, Option<Side>)> {
    world
        .state
        .overlay::<Conflict>()
        .unwrap()
        .rows
        .iter()
        .map(|row| (row.field, row.take))
        .collect()
}

#[test]
fn what_only_one_has_changed_is_taken_and_the_rest_is_asked() {
    let world = conflict();
    let expected = [
        (Field::Firstname, Some(Side::Mine)),
        (Field::Title, None),
        (Field::Location, Some(Side::Theirs)),
    ];
    assert_eq!(taken(&world), expected);
    for message in ["eve changed", "Operator", "Plant Manager", "Original"] {
        assert!(
            world.screen().contains(message),
            "{message}\n{}",
            world.screen()
        );
    }
}

#[test]
fn nothing_is_saved_while_a_field_is_open() {
    let mut world = conflict();
    world.keys("Enter");
    assert_eq!(world.take(), []);
    assert!(world.screen().contains("Choose a value"));
}

#[test]
fn the_result_is_saved_over_their_version() {
    let mut world = conflict();
    world.keys("m Enter");
    let mut expected = Changes::default();
    expected.set(Field::Firstname, "Maya!");
    expected.set(Field::Title, "Operator");
    let [
        Effect::Call(Call::Change {
            version, changes, ..
        }),
    ] = &world.take()[..]
    else {
        panic!()
    };
    assert_eq!((version.get(), changes), (2, &expected));

    let saved = changed(
        &world.people[0],
        &[(Field::Firstname, "Maya!"), (Field::Title, "Operator")],
    );
    world.people[0] = saved.clone();
    world.reply(Reply::Changed(Ok(saved))).serve();
    assert_eq!(
        (
            world.state.overlay::<Conflict>(),
            world.state.overlay::<Form>()
        ),
        (None, None)
    );
    assert!(world.screen().contains("Saved Maya! Castro."));
}

#[test]
fn a_third_change_restarts_the_conflict_and_keeps_my_values() {
    let mut world = conflict();
    world.keys("m Enter");
    let third = changed(&world.people[0], &[(Field::Title, "Director")]);
    world.reply(Reply::Changed(Err(stale(&third))));
    assert_eq!(taken(&world)[1], (Field::Title, None));
    assert!(world.screen().contains("Director") && world.screen().contains("Operator"));
}

#[test]
fn taking_all_of_theirs_writes_nothing() {
    let mut world = conflict();
    world.take();
    world.keys("t Up Up t Enter");
    assert_eq!(world.take(), []);
    assert!(world.screen().contains("Kept their version"));
    assert_eq!(world.state.overlay::<Form>(), None);
}

#[test]
fn back_leads_to_the_form_and_loses_nothing() {
    let mut world = conflict();
    world.keys("Esc");
    assert_eq!(
        world
            .state
            .overlay::<Form>()
            .unwrap()
            .text(Field::Firstname),
        "Maya!"
    );
}

#[test]
fn one_key_takes_one_side_in_all_that_both_have_written() {
    let mut world = conflict();
    world.keys("T");
    let expected = [
        (Field::Firstname, Some(Side::Mine)),
        (Field::Title, Some(Side::Theirs)),
        (Field::Location, Some(Side::Theirs)),
    ];
    assert_eq!(
        taken(&world),
        expected,
        "what was merged by itself stays so"
    );
    world.keys("M");
    assert_eq!(taken(&world)[1], (Field::Title, Some(Side::Mine)));
}

#[test]
fn the_result_is_edited_in_the_form_over_their_version() {
    let mut world = conflict();
    world.take();
    world.keys("e");
    let form = world.state.overlay::<Form>().unwrap();
    assert_eq!(
        (form.focus, form.text(Field::Title)),
        (Field::Title, "Operator")
    );
    assert_eq!(
        (form.text(Field::Firstname), form.text(Field::Location)),
        ("Maya!", "Leeds")
    );
    world.types(" and Manager").keys("Ctrl-s");
    let [
        ..,
        Effect::Call(Call::Change {
            version, changes, ..
        }),
    ] = &world.take()[..]
    else {
        panic!()
    };
    assert_eq!(
        (version.get(), changes.get(Field::Title)),
        (2, Some("Operator and Manager"))
    );
    assert_eq!(
        changes.get(Field::Location),
        None,
        "theirs is not written again"
    );
}

/// Two fields have been changed by both.
fn two_conflicts() -> World {
    conflict_with(&[(Field::Firstname, "Maja"), (Field::Title, "Plant Manager")])
}

#[test]
fn e_takes_no_side_in_silence() {
    let mut world = two_conflicts();
    world.keys("e");
    assert!(
        world.state.overlay::<Conflict>().is_some(),
        "the other field is still open"
    );
    assert!(
        world.screen().contains("Choose a value first"),
        "{}",
        world.screen()
    );
    let open = world.state.overlay::<Conflict>().unwrap();
    assert_eq!(open.rows[open.focus].field, Field::Title);
    world.keys("t Up e");
    let form = world.state.overlay::<Form>().unwrap();
    assert_eq!(
        (form.text(Field::Firstname), form.text(Field::Title)),
        ("Maya!", "Plant Manager")
    );
    assert!(
        world
            .screen()
            .contains("First name is yours; theirs is “Maja”. Press Ctrl-s to save it."),
        "{}",
        world.screen()
    );
}

#[test]
fn a_long_value_of_the_selected_field_is_shown_in_full() {
    let mine = "Prefers to be called in the morning, at the office, and not on Fridays";
    let theirs = "Speaks Korean, German and English, some Portuguese, and a bit of Latin";
    for size in [(80, 24), (120, 40), (40, 18)] {
        let mut world = World::signed_in(Role::Editor, staff(), size);
        world.keys("e PgDn").types(mine).keys("Ctrl-s");
        let now = changed(&world.people[0], &[(Field::Notes, theirs)]);
        world.reply(Reply::Changed(Err(stale(&now))));
        let screen = world.screen();
        let words: Vec<_> = screen.split(|c: char| !c.is_alphanumeric()).collect();
        for word in mine.split(' ').chain(theirs.split(' ')) {
            let word = word.trim_matches(',');
            assert!(words.contains(&word), "{word}\n{screen}");
        }
    }
}

#[test]
fn a_value_that_is_longer_than_the_screen_leaves_the_keys_in_sight() {
    for size in [(80, 24), (120, 40), (60, 10)] {
        let mut world = World::signed_in(Role::Editor, staff(), size);
        world
            .keys("e PgDn")
            .types(&"mine ".repeat(300))
            .keys("Ctrl-s");
        let theirs = "theirs ".repeat(250);
        let now = changed(&world.people[0], &[(Field::Notes, theirs.trim())]);
        world.reply(Reply::Changed(Err(stale(&now))));
        let screen = world.screen();
        assert!(
            screen.contains("> Notes") && screen.contains("1 conflict left"),
            "{screen}"
        );
    }
}

#[test]
fn managers_are_compared_by_their_names() {
    let manager = |id| conflict_with(&[(Field::Title, "Plant Manager"), (Field::Manager, id)]);
    let world = manager("3");
    assert!(
        world.screen().contains("渡辺智也 (#3)"),
        "{}",
        world.screen()
    );

    // Somebody who is in no row is asked for.
    let mut world = manager("77");
    let id = EmployeeId::try_from(77).unwrap();
    assert!(world.take().contains(&Effect::Call(Call::Fetch { id })));
    world.reply(Reply::Fetched {
        id,
        result: Ok(person(77, "Ida", "Falk", &[])),
    });
    assert!(
        world.screen().contains("Ida Falk (#77)"),
        "{}",
        world.screen()
    );
}
