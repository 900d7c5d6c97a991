//! Whole screens, as a person sees them. The snapshots hold text; styles are asserted here.

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};
use roster::event::Reply;
use roster::view::Theme;
use roster_common::{Code, Field, Role};

use crate::world::{World, changed, crowd, refused, staff, stale};

fn table(size: (u16, u16)) -> World {
    World::signed_in(Role::Admin, staff(), size)
}

#[test]
fn the_table() {
    let mut world = table((80, 24));
    world.keys("j s").serve();
    insta::assert_snapshot!("table-80x24", world.screen());
}

#[test]
fn the_table_with_an_open_record() {
    let mut world = table((120, 40));
    world.keys("j Enter");
    insta::assert_snapshot!("record-120x40", world.screen());
}

#[test]
fn a_small_terminal() {
    let mut world = table((40, 15));
    insta::assert_snapshot!("table-40x15", world.screen());
    world.keys("j Enter");
    insta::assert_snapshot!("record-40x15", world.screen());
}

#[test]
fn a_search() {
    let mut world = World::signed_in(Role::Viewer, crowd(1234), (80, 24));
    world.keys("/").types("given12").serve();
    insta::assert_snapshot!("search-80x24", world.screen());
    world.types("x").serve();
    insta::assert_snapshot!("nobody-80x24", world.screen());
}

#[test]
fn the_way_in() {
    let mut world = World::started(staff(), (80, 24));
    world.reply(Reply::Resumed(Ok(None))).types("ada").keys("Tab").types("wrong").keys("Enter");
    world.reply(Reply::SignedIn(Err(refused(Code::CredentialsInvalid))));
    insta::assert_snapshot!("sign-in-80x24", world.screen());
}

#[test]
fn a_form_with_errors() {
    let mut world = table((80, 24));
    world.keys("n").types("Grace").keys("Tab Tab").types("grace").keys("Ctrl-s");
    insta::assert_snapshot!("form-80x24", world.screen());
}

#[test]
fn a_question() {
    let mut world = table((80, 24));
    world.keys("j d");
    insta::assert_snapshot!("delete-80x24", world.screen());
}

#[test]
fn a_conflict() {
    for size in [(80, 24), (120, 40), (40, 15)] {
        let mut world = table(size);
        world.keys("e").types("!").keys("Tab Tab Tab Tab Ctrl-u").types("Operator").keys("Ctrl-s");
        let theirs = changed(&world.people[0], &[(Field::Title, "Plant Manager"), (Field::Location, "Leeds")]);
        world.reply(Reply::Changed(Err(stale(&theirs))));
        insta::assert_snapshot!(format!("conflict-{}x{}", size.0, size.1), world.screen());
    }
}

#[test]
fn the_keys() {
    let mut world = table((80, 24));
    world.keys("?");
    insta::assert_snapshot!("help-80x24", world.screen());
}

/// The cell in which `text` begins.
fn cell(world: &World, theme: &Theme, text: &str) -> Cell {
    let buffer = world.buffer(theme);
    let width = usize::from(world.state.size.width);
    for row in buffer.content.chunks(width) {
        for at in 0..width {
            let here: String = row[at..].iter().map(Cell::symbol).collect();
            if here.starts_with(text) {
                return row[at].clone();
            }
        }
    }
    panic!("{text:?} is not on the screen\n{}", world.screen());
}

#[test]
fn the_cursors_row_is_reversed_and_marked() {
    for theme in [Theme::COLOUR, Theme::MONO] {
        let world = table((80, 24));
        assert!(cell(&world, &theme, "> Castro").modifier.contains(Modifier::REVERSED));
        assert!(cell(&world, &theme, "Plant Operator").modifier.contains(Modifier::REVERSED));
        assert!(!cell(&world, &theme, "Support Engineer").modifier.contains(Modifier::REVERSED));
    }
}

#[test]
fn what_was_found_is_marked() {
    let mut world = table((80, 24));
    world.keys("/").types("betan");
    world.people.retain(|person| person.id.get() == 4);
    world.state.table.renew();
    let page = roster::client::Page { rows: world.people.clone(), offset: 0, total: 1 };
    let generation = world.state.table.generation;
    world.reply(Reply::Loaded { generation, offset: 0, result: Ok(page) });
    let found = cell(&world, &Theme::COLOUR, "Bétan");
    assert!(found.modifier.contains(Modifier::UNDERLINED));
    assert!(!cell(&world, &Theme::COLOUR, "court").modifier.contains(Modifier::UNDERLINED));
}

#[test]
fn without_colour_no_cell_has_one() {
    let mut world = table((120, 40));
    for keys in ["Enter", "Esc e", "Esc d", "Esc ?", "Esc Q"] {
        world.keys(keys);
        let buffer = world.buffer(&Theme::MONO);
        assert!(buffer.content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset), "{keys}");
    }
}

#[test]
fn the_marked_column_is_told_without_colour() {
    let mut world = table((80, 24));
    world.keys("l");
    assert!(cell(&world, &Theme::MONO, "Title").modifier.contains(Modifier::UNDERLINED));
    assert!(!cell(&world, &Theme::MONO, "Name").modifier.contains(Modifier::UNDERLINED));
}

#[test]
fn columns_stand_under_their_headings_in_every_script() {
    let world = table((80, 24));
    let buffer = world.buffer(&Theme::COLOUR);
    let column = |text: &str| {
        let symbols = |y: u16| (0..80).map(|x| buffer[(x, y)].symbol().to_owned()).collect::<Vec<_>>();
        (0..24).find_map(|y| (0..80).find(|x| symbols(y)[*x..].concat().starts_with(text))).unwrap()
    };
    let department = column("Department");
    for text in ["Operations", "Support  ", "Finance", "Engineering", "Legal"] {
        assert_eq!(column(text), department, "{text}");
    }
}
