//! Every dialog in a small pane and on a whole screen; the sizes between are in the stories of each.

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};
use roster::event::Reply;
use roster::event::account::Answer;
use roster::view::Theme;
use roster_common::{Field, Role};

use crate::history::past;
use crate::world::{World, accounts, changed, crowd, sessions, staff, stale};

type Size = (u16, u16);

const SIZES: [Size; 2] = [(40, 15), (200, 50)];

/// A dialog's name, and how it is opened.
type Dialog = (&'static str, fn(Size) -> World);

const DIALOGS: [Dialog; 12] = [
    ("columns", |size| pressed(size, "c")),
    ("delete", |size| pressed(size, "j d")),
    ("sign-out", |size| pressed(size, "Q")),
    ("help", |size| pressed(size, "?")),
    ("form", |size| pressed(size, "j e")),
    ("conflict", conflict),
    ("history", history),
    ("sessions", account),
    ("users", users),
    ("user", user),
    ("preview", |size| {
        let mut world = pressed(size, "Space Space Space =");
        world.types("Lead").keys("Ctrl-s");
        world
    }),
    ("delete-many", |size| {
        let mut world = World::signed_in(Role::Admin, crowd(9), size);
        world.keys("*").serve().keys("d").types("8");
        world
    }),
];

fn pressed(size: Size, keys: &str) -> World {
    let mut world = World::signed_in(Role::Admin, staff(), size);
    world.keys(keys);
    world
}

fn conflict(size: Size) -> World {
    let mut world = pressed(size, "e");
    world.types("!").keys("Tab Tab Tab Tab Ctrl-u").types("Operator").keys("Ctrl-s");
    let theirs = changed(&world.people[0], &[(Field::Title, "Plant Manager"), (Field::Location, "Leeds")]);
    world.reply(Reply::Changed(Err(stale(&theirs))));
    world
}

fn history(size: Size) -> World {
    let mut world = pressed(size, "t");
    let id = world.people[0].id;
    world.reply(Reply::HistoryRead { id, result: Ok(past()) });
    world
}

fn account(size: Size) -> World {
    let mut world = pressed(size, "a");
    world.reply(Reply::Account(Answer::Sessions(Ok(sessions()))));
    world
}

fn users(size: Size) -> World {
    let mut world = pressed(size, "A");
    world.reply(Reply::Account(Answer::Users(Ok(accounts()))));
    world
}

fn user(size: Size) -> World {
    let mut world = users(size);
    world.keys("e Right");
    world
}

fn name(dialog: &str, (width, height): Size) -> String {
    format!("{dialog}-{width}x{height}")
}

#[test]
fn every_dialog_is_seen_on_the_smallest_terminals_and_the_largest() {
    for (dialog, open) in DIALOGS {
        for size in SIZES {
            insta::assert_snapshot!(name(dialog, size), open(size).screen());
        }
    }
}

#[test]
fn nothing_covers_the_edge_of_a_dialog_even_on_a_low_terminal() {
    for (dialog, open) in DIALOGS {
        for size in [(80, 24), (40, 15), (40, 9), (20, 5)] {
            let screen = open(size).screen();
            for corner in ["╰", "╯"] {
                assert!(screen.contains(corner), "{}\n{screen}", name(dialog, size));
            }
        }
    }
}

#[test]
fn no_dialog_has_a_colour_where_none_is_wanted() {
    for (dialog, open) in DIALOGS {
        let buffer = open((80, 24)).buffer(&Theme::MONO);
        assert!(buffer.content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset), "{dialog}");
    }
}

/// An underline beyond the words would read as a rule across the screen.
#[test]
fn high_contrast_underlines_words_and_not_the_room_beside_them() {
    for (dialog, open) in DIALOGS {
        let buffer = open((80, 24)).buffer(&Theme::HIGH_CONTRAST);
        for row in buffer.content.chunks(80) {
            let blank = |cell: &Cell| cell.symbol() == " " && cell.modifier.contains(Modifier::UNDERLINED);
            assert!(!row.windows(2).any(|pair| pair.iter().all(blank)), "{dialog}");
        }
    }
}

#[test]
fn an_answer_is_chosen_among_those_that_have_room() {
    let screen = user((40, 15)).screen();
    assert!(screen.contains("Role        ← admin →"), "{screen}");
    let screen = user((80, 24)).screen();
    assert!(screen.contains("○ viewer   ○ editor   ● admin"), "{screen}");
}

#[test]
fn marks_are_seen_at_every_size() {
    for size in [(40, 15), (80, 24), (200, 50)] {
        insta::assert_snapshot!(name("marks", size), pressed(size, "Space j v j").screen());
    }
}

#[test]
fn three_columns_of_an_order_are_counted_in_the_header() {
    for size in [(40, 15), (80, 24), (120, 40)] {
        let mut world = pressed(size, "l l s l S S h h S");
        insta::assert_snapshot!(name("order", size), world.serve().screen());
    }
}
