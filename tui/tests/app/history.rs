//! What became of a record, and how an old value comes back.

use jiff::SignedDuration;
use roster::event::{Effect, Reply};
use roster::state::{Form, History, Screen};
use roster_common::history::{FieldChange, Happening, HistoryEntry};
use roster_common::{Code, Field, Role, Version};

use crate::world::{World, now, refused, staff};

fn entry(version: u64, by: &str, what: Happening, changes: &[(Field, &str, &str)]) -> HistoryEntry {
    let change = |(field, old, new): &(Field, &str, &str)| FieldChange {
        field: *field,
        old: (*old).to_owned(),
        new: (*new).to_owned(),
    };
    HistoryEntry {
        version: Version::new(version),
        at: now() - SignedDuration::from_hours(30 - i64::try_from(version).unwrap()),
        by: by.to_owned(),
        what,
        changes: changes.iter().map(change).collect(),
    }
}

/// What became of the first of the staff.
pub(crate) fn past() -> Vec<HistoryEntry> {
    vec![
        entry(
            3,
            "eve",
            Happening::Changed,
            &[(Field::Title, "Foreman", "Plant Operator"), (Field::Phone, "", "+1-555")],
        ),
        entry(2, "ada", Happening::Changed, &[(Field::Title, "Operator", "Foreman")]),
        entry(1, "ada", Happening::Created, &[]),
    ]
}

fn opened(size: (u16, u16)) -> World {
    let mut world = World::signed_in(Role::Editor, staff(), size);
    world.take();
    world.keys("t");
    let id = world.people[0].id;
    assert_eq!(world.take(), [Effect::History { id, before: None }]);
    world.reply(Reply::HistoryRead { id, before: None, result: Ok(past()) });
    world
}

#[test]
fn an_answer_to_an_earlier_opening_is_not_shown_twice() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("t t t");
    let id = world.people[0].id;
    for _ in 0..2 {
        world.reply(Reply::HistoryRead { id, before: None, result: Ok(past()) });
    }
    assert_eq!(world.state.part::<History>().unwrap().entries.len(), 3);
}

#[test]
fn an_old_value_comes_back_through_the_form() {
    let mut world = opened((80, 24));
    world.keys("Down Enter");
    let form = world.state.part::<Form>().unwrap();
    assert_eq!((form.focus, form.text(Field::Title)), (Field::Title, "Foreman"));
    assert_eq!(form.text(Field::Phone), "+1-555-0122-8293", "and nothing else");
    assert!(form.is_changed());
    world.keys("Ctrl-s");
    assert!(matches!(world.take()[..], [Effect::Change { .. }]));
}

#[test]
fn a_whole_change_comes_back_at_once() {
    let mut world = opened((80, 24));
    world.keys("Enter");
    let form = world.state.part::<Form>().unwrap();
    assert_eq!((form.text(Field::Title), form.text(Field::Phone)), ("Foreman", ""));
}

#[test]
fn the_beginning_has_no_value_before_it() {
    let mut world = opened((80, 24));
    world.keys("G Enter");
    assert_eq!(world.state.screen(), Screen::History);
    assert!(world.screen().contains("Nothing was there before."), "{}", world.screen());
}

#[test]
fn a_long_past_is_read_as_far_as_somebody_looks() {
    let mut world = World::signed_in(Role::Viewer, staff(), (80, 24));
    world.keys("t");
    let id = world.people[0].id;
    world.take();
    let page: Vec<_> =
        (51..101).rev().map(|v| entry(v, "ada", Happening::Changed, &[(Field::Notes, "a", "b")])).collect();
    world.reply(Reply::HistoryRead { id, before: None, result: Ok(page) });
    assert_eq!(world.take(), []);
    world.keys("G");
    assert_eq!(world.take(), [Effect::History { id, before: Some(Version::new(51)) }]);
    world.keys("Esc");
    world.reply(Reply::HistoryRead { id, before: Some(Version::new(51)), result: Err(refused(Code::Internal)) });
    assert!(world.state.part::<History>().is_none() && world.state.banner.is_none(), "a late answer tells nothing");
}
