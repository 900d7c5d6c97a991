//! Columns: hidden, moved, pinned, wider, and kept for the next time.

use roster::effect::{Effect, LocalTask};
use roster::event::Event;
use roster::state::Columns;
use roster::state::column::TableColumn;
use roster_common::Role;

use crate::world::{World, staff};

fn table() -> World {
    World::signed_in(Role::Viewer, staff(), (80, 24))
}

/// The headings, from left to right, without the signs for those that have no room.
fn header(world: &World) -> Vec<String> {
    let screen = world.screen().replace(['‹', '›'], " ");
    screen
        .lines()
        .nth(1)
        .unwrap()
        .split("  ")
        .map(str::trim)
        .filter(|s| !s.is_empty())
        .map(str::to_owned)
        .collect()
}

/// What was to be kept last.
fn kept(world: &World) -> String {
    let kept = world.effects.iter().rev().find_map(|effect| match effect {
        Effect::Local(LocalTask::SaveColumns { user, text }) if user.as_str() == "ada" => {
            Some(text.clone())
        }
        _ => None,
    });
    kept.unwrap()
}

#[test]
fn a_column_is_hidden_and_shown_again_in_the_dialog() {
    let mut world = table();
    world.keys("l -");
    assert_eq!(header(&world), ["Name", "Department", "Location", "Status"]);
    world.keys("c");
    world.keys("k Space Esc");
    assert_eq!(header(&world)[1], "Title");
}

#[test]
fn a_column_moves_with_the_cursor_on_it() {
    let mut world = table();
    world.keys("l l H");
    assert_eq!(header(&world)[..3], ["Name", "Department", "Title"]);
    assert_eq!(world.state.table.column().label(), "Department");
    world.keys("L L");
    assert_eq!(
        header(&world)[..4],
        ["Name", "Title", "Location", "Department"]
    );
}

#[test]
fn a_pinned_column_stays_when_the_others_move_along() {
    let mut world = table();
    world.keys("l l |").keys("1 0 l");
    let header = header(&world);
    assert_eq!(
        (header[0].as_str(), header[1].as_str()),
        ("Name", "Department")
    );
    assert_eq!(header.last().map(String::as_str), Some("Id"));
}

#[test]
fn a_column_gets_wider_and_narrower() {
    let mut world = table();
    let gap = |world: &World| {
        let screen = world.screen();
        let header = screen.lines().nth(1).unwrap().to_owned();
        header.find("Department").unwrap() - header.find("Title").unwrap()
    };
    let before = gap(&world);
    world.keys("l > >");
    assert_eq!(gap(&world), before + 4);
    world.keys("< < <");
    assert_eq!(gap(&world), before - 2);
}

#[test]
fn the_last_column_stays() {
    let mut world = table();
    world.keys(&["-"; 30].join(" "));
    assert_eq!(header(&world).len(), 1);
    assert!(
        world
            .screen()
            .contains(" is the last visible column and cannot be hidden."),
        "{}",
        world.screen()
    );
}

#[test]
fn a_column_that_goes_no_further_says_why_and_nothing_is_kept() {
    for (keys, message) in [
        ("H", "Name is already the first pinned column."),
        ("L", "Name is already the last pinned column."),
        ("l H", "Title is already the first unpinned column."),
        ("1 0 l L", "Id is already the last unpinned column."),
        ("c j K", "Title is already the first unpinned column."),
    ] {
        let mut world = table();
        world.keys(keys);
        assert!(
            world.screen().contains(message),
            "{keys}: {}",
            world.screen()
        );
    }
    let mut world = table();
    world.take();
    world.keys("H");
    assert_eq!(world.take(), []);
}

#[test]
fn columns_are_kept_for_the_next_time_and_recalled() {
    let mut world = table();
    world.keys("l - l H");
    let text = kept(&world);
    let before = header(&world);
    let mut next = table();
    next.event(Event::ColumnsLoaded {
        user: "ada".parse().unwrap(),
        text: Ok(Some(text)),
    });
    assert_eq!(header(&next), before);
    next.keys("c r");
    assert_eq!(
        next.state.table.arrangement.visible().collect::<Vec<_>>(),
        TableColumn::all()
    );
}

#[test]
fn an_invalid_columns_file_is_reported_and_ignored() {
    let mut world = table();
    let before = header(&world);
    world.event(Event::ColumnsLoaded {
        user: "ada".parse().unwrap(),
        text: Ok(Some("{".into())),
    });
    assert_eq!(header(&world), before);
    assert!(world.screen().contains("Can't read"), "{}", world.screen());
    world.event(Event::ColumnsLoaded {
        user: "eve".parse().unwrap(),
        text: Ok(Some("{".into())),
    });
    world.event(Event::SaveFailed {
        what: "Columns",
        why: "no space left".into(),
    });
    assert!(
        world.screen().contains("not saved: no space left."),
        "{}",
        world.screen()
    );
    assert_eq!(world.state.overlay::<Columns>(), None);
}

#[test]
fn the_header_shows_that_columns_are_hidden_for_lack_of_room() {
    let header = |world: &World| world.screen().lines().nth(1).unwrap().to_owned();
    let mut world = World::signed_in(Role::Viewer, staff(), (80, 24));
    assert!(
        header(&world).starts_with("  Name") && header(&world).ends_with("›"),
        "{}",
        header(&world)
    );
    world.keys("l l l l l l");
    assert!(
        header(&world).starts_with("‹ Name") && header(&world).ends_with("›"),
        "{}",
        header(&world)
    );
    world.keys("1 0 l");
    assert!(
        header(&world).starts_with("‹ Name") && !header(&world).contains("›"),
        "{}",
        header(&world)
    );
    let world = World::signed_in(Role::Viewer, staff(), (220, 24));
    assert!(!header(&world).contains(['‹', '›']), "{}", header(&world));
    let world = World::signed_in(Role::Viewer, staff(), (40, 15));
    assert!(
        world.screen().lines().nth(2).unwrap().ends_with("›"),
        "{}",
        world.screen()
    );
}
