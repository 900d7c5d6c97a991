//! Copying out of the application.

use roster::effect::{Effect, LocalTask};
use roster::event::{Clipboard, Event};
use roster_common::{Field, Role};

use crate::world::{World, crowd, person, staff};

/// What is to be copied.
fn copied(world: &mut World) -> (String, String) {
    match world.take().as_slice() {
        [Effect::Local(LocalTask::Copy { text, what })] => (text.expose().to_owned(), what.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn y_copies_what_stands_in_the_marked_column_and_says_where_it_went() {
    let mut world = World::signed_in(Role::Viewer, staff(), (80, 24));
    world.keys("y");
    assert_eq!(copied(&mut world).0, "Castro, Maya");
    world.keys("l y");
    let (text, what) = copied(&mut world);
    assert_eq!(text, "Plant Operator");

    for (result, message) in [
        (
            Ok(Clipboard::Terminal),
            "Copied Plant Operator (terminal clipboard, not confirmed)",
        ),
        (Ok(Clipboard::Tmux), "Copied Plant Operator (tmux)"),
        (
            Ok(Clipboard::File("/home/ada/copied.txt".into())),
            "Written to /home/ada/copied.txt: Plant Operator",
        ),
        (
            Err("no space left on device".into()),
            "Not copied: no space left on device.",
        ),
    ] {
        world.event(Event::Copied {
            what: what.clone(),
            result,
        });
        assert!(world.screen().contains(message), "{}", world.screen());
    }
}

#[test]
fn nothing_is_copied_where_nothing_stands() {
    let mut world = World::signed_in(Role::Viewer, staff(), (80, 24));
    world.keys("j 1 0 l y");
    assert_eq!(copied(&mut world).0, "2");
    world.keys("G h h h y");
    assert!(world.take().is_empty());
    assert!(world.screen().contains("This cell is empty."));

    let mut world = World::signed_in(Role::Viewer, Vec::new(), (80, 24));
    assert!(world.keys("y Y").take().is_empty());
    assert!(world.screen().contains("No one selected."));
}

#[test]
fn upper_case_y_copies_the_record_without_control_characters() {
    let people = vec![person(
        7,
        "Ada",
        "Love\u{200e}lace",
        &[(Field::Title, "Countess"), (Field::Hired, "2020-02-29")],
    )];
    let mut world = World::signed_in(Role::Viewer, people, (80, 24));
    let (text, what) = copied(world.keys("Y"));
    assert_eq!(
        text,
        "Id: 7\nFirst name: Ada\nLast name: Love⟨200E⟩lace\nTitle: Countess\nStatus: active\nHired: 2020-02-29\n"
    );
    assert_eq!(what, "the record of Ada Love\u{200e}lace");
}

#[test]
fn who_is_marked_is_copied_whether_the_filter_shows_them_or_not() {
    let people: Vec<_> = crowd(2)
        .into_iter()
        .chain([person(7, "Ada", "Lovelace", &[])])
        .collect();
    let mut world = World::signed_in(Role::Viewer, people, (80, 24));
    world.keys("Space Space G y");
    let names = (
        "Family1, Given1\nFamily2, Given2".to_owned(),
        "Name of 2 people".to_owned(),
    );
    assert_eq!(copied(&mut world), names);
    let (text, what) = copied(world.keys("Y"));
    assert!(
        text.starts_with("Id: 1\nFirst name: Given1\n") && text.contains("\n\nId: 2\n"),
        "{text}"
    );
    assert!(!text.contains("Lovelace"), "{text}");
    assert_eq!(what, "the records of 2 people");
    world.keys("/").types("nobody").serve();
    world.keys("Enter").take();
    assert_eq!(copied(world.keys("Y")).1, "the records of 2 people");
}

#[test]
fn marked_people_who_are_not_loaded_are_not_copied_and_reported() {
    let mut world = World::signed_in(Role::Viewer, crowd(1204), (80, 24));
    world.keys("*").serve().take();
    let (text, what) = copied(world.keys("y"));
    assert_eq!(text.lines().count(), 1000);
    assert_eq!(
        what,
        "Name of 1,000 of 1,204 people (the rest is not loaded)"
    );
}
