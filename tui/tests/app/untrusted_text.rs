//! A record, or a whole server, that means harm: what it says is shown, and steers nothing.

use proptest::prelude::*;
use roster::effect::{Call, Effect};
use roster::event::{Event, Reply};
use roster::keys::Screen;
use roster::remote::ClientError;
use roster::view::Theme;
use roster_common::{Code, Employee, Problem, Role, Version};
use serde_json::json;

use crate::world::{World, stale};

/// Clears the screen, names the window, rings, turns the writing round, hides, and joins what does
/// not belong together.
const HARM: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\r\n\u{202e}\u{200b}\u{e0041}e\u{301}\u{301}👩\u{200d}\u{3164}";

/// A record of which nobody has checked a word: those of a server that is not ours.
fn unchecked(text: &str) -> Employee {
    let record = json!({
        "id": 1, "version": 1, "status": "active", "manager": 1, "hired": "2020-02-29",
        "firstname": text, "lastname": text, "email": text, "phone": text, "title": text,
        "department": text, "location": text, "notes": text, "updatedBy": text,
        "created": "2026-11-23T09:30:00Z", "updated": "2026-11-23T09:30:00Z",
    });
    serde_json::from_value(record).unwrap()
}

fn refusal(code: Code, text: &str) -> ClientError {
    let problem = Problem::new(code, text);
    ClientError::Refused(Box::new(Problem {
        title: text.to_owned(),
        ..problem
    }))
}

/// Goes through every screen on which foreign text stands; drawing one holds each of its cells fit
/// for a terminal.
fn tour(text: &str, (width, height): (u16, u16)) {
    let open = || World::signed_in(Role::Admin, vec![unchecked(text)], (width, height));
    let draw = |world: &World| _ = world.buffer(&Theme::COLOUR);

    for keys in ["l", "Enter", "e", "e Tab Tab Tab", "e X Esc", "d", "y", "Y"] {
        let mut world = open();
        draw(world.keys(keys));
    }
    let mut world = open();
    world.keys("y").take();
    world.event(Event::Copied {
        what: text.to_owned(),
        result: Err(text.to_owned()),
    });
    draw(&world);
    draw(world.keys("/").event(Event::Paste(text.to_owned())));

    // Two versions of one record.
    let mut world = open();
    world.keys("e X Ctrl-s");
    let saves = world
        .take()
        .into_iter()
        .any(|effect| matches!(effect, Effect::Call(Call::Change { .. })));
    if saves {
        let other = Employee {
            version: Version::FIRST.next(),
            ..unchecked(&format!("{text}!"))
        };
        world.reply(Reply::Changed(Err(stale(&other))));
        assert_eq!(world.state.screen(), Screen::Conflict);
        draw(&world);
    }

    // What a server says when it refuses: on the table, and on the way in.
    let mut world = open();
    world.keys("r").take();
    let query_number = world.state.table.query_number;
    world.reply(Reply::Loaded {
        query_number,
        offset: 0,
        result: Err(refusal(Code::Unknown, text)),
    });
    draw(&world);
    let mut world = World::started(Vec::new(), (width, height));
    draw(world.reply(Reply::Resumed(Err(refusal(Code::TokenMissing, text)))));
    draw(world.reply(Reply::Resumed(Err(ClientError::Protocol(text.to_owned())))));
}

#[test]
fn what_steers_a_terminal_is_shown_on_every_screen() {
    tour(HARM, (120, 40));
    let mut world = World::signed_in(Role::Admin, vec![unchecked(HARM)], (120, 40));
    world.keys("Enter");
    assert!(
        world.screen().contains("⟨001B⟩[2J⟨001B⟩]0;"),
        "{}",
        world.screen()
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn no_text_reaches_a_cell_raw(text in any::<String>(), width in 20u16..90, height in 5u16..20) {
        tour(&text, (width, height));
    }
}
