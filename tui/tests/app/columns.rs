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
        Effect::Local(LocalTask::KeepColumns { user, text }) if user.as_str() == "ada" => {
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
    world.keys("l l |").keys("9 l");
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
            .contains(" is the only column that is shown, and stays."),
        "{}",
        world.screen()
    );
}

#[test]
fn a_column_that_goes_no_further_says_why_and_nothing_is_kept() {
    for (keys, told) in [
        ("H", "Name is the first of the pinned columns."),
        ("L", "Name is the last of the pinned columns."),
        ("l H", "Title is the first of the unpinned columns."),
        ("9 l L", "Id is the last of the unpinned columns."),
        ("c j K", "Title is the first of the unpinned columns."),
    ] {
        let mut world = table();
        world.keys(keys);
        assert!(world.screen().contains(told), "{keys}: {}", world.screen());
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
    next.event(Event::Recalled {
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
fn a_broken_file_is_told_and_changes_nothing() {
    let mut world = table();
    let before = header(&world);
    world.event(Event::Recalled {
        user: "ada".parse().unwrap(),
        text: Ok(Some("{".into())),
    });
    assert_eq!(header(&world), before);
    assert!(
        world.screen().contains("cannot be read"),
        "{}",
        world.screen()
    );
    world.event(Event::Recalled {
        user: "eve".parse().unwrap(),
        text: Ok(Some("{".into())),
    });
    world.event(Event::NotKept {
        what: "The columns are",
        why: "no space left".into(),
    });
    assert!(
        world
            .screen()
            .contains("not kept for the next time: no space left."),
        "{}",
        world.screen()
    );
    assert_eq!(world.state.part::<Columns>(), None);
}

#[test]
fn columns_that_have_no_room_are_told_at_the_ends_of_the_header() {
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
    world.keys("9 l");
    assert!(
        header(&world).starts_with("‹ Name") && !header(&world).contains("›"),
        "{}",
        header(&world)
    );
    let world = World::signed_in(Role::Viewer, staff(), (200, 24));
    assert!(!header(&world).contains(['‹', '›']), "{}", header(&world));
    let world = World::signed_in(Role::Viewer, staff(), (40, 15));
    assert!(
        world.screen().lines().nth(2).unwrap().ends_with("›"),
        "{}",
        world.screen()
    );
}
