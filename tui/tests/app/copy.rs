//! Copying out of the application.

use roster::event::{Clipboard, Effect, Event};
use roster_common::{Field, Role};

use crate::world::{World, person, staff};

/// What is to be copied.
fn copied(world: &mut World) -> (String, String) {
    match world.take().as_slice() {
        [Effect::Copy { text, what }] => (text.expose().to_owned(), what.clone()),
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

    for (result, told) in [
        (Ok(Clipboard::Terminal), "Sent to the terminal's clipboard: Plant Operator"),
        (Ok(Clipboard::Tmux), "Sent to tmux and the clipboard: Plant Operator"),
        (Ok(Clipboard::File("/home/ada/copied.txt".into())), "Written to /home/ada/copied.txt: Plant Operator"),
        (Err("no space left on device".into()), "Not copied: no space left on device."),
    ] {
        world.event(Event::Copied { what: what.clone(), result });
        assert!(world.screen().contains(told), "{}", world.screen());
    }
}

#[test]
fn nothing_is_copied_where_nothing_stands() {
    let mut world = World::signed_in(Role::Viewer, staff(), (80, 24));
    world.keys("j l l l l l l l l l y");
    assert_eq!(copied(&mut world).0, "2");
    world.keys("G h h y");
    assert!(world.take().is_empty());
    assert!(world.screen().contains("Nothing stands there."));

    let mut world = World::signed_in(Role::Viewer, Vec::new(), (80, 24));
    assert!(world.keys("y Y").take().is_empty());
    assert!(world.screen().contains("There is nobody in this row."));
}

#[test]
fn upper_case_y_copies_the_record_a_field_a_line_with_nothing_that_steers_a_terminal() {
    let people =
        vec![person(7, "Ada", "Love\u{202e}lace", &[(Field::Title, "Countess"), (Field::Hired, "2020-02-29")])];
    let mut world = World::signed_in(Role::Viewer, people, (80, 24));
    let (text, what) = copied(world.keys("Y"));
    assert_eq!(
        text,
        "Id: 7\nFirst name: Ada\nLast name: Love⟨202E⟩lace\nTitle: Countess\nStatus: active\nHired: 2020-02-29\n"
    );
    assert_eq!(what, "the record of Ada Love\u{202e}lace");
}
