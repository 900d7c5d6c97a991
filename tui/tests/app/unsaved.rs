//! Unsaved work is kept while it is written, and offered at the next start.

use jiff::SignedDuration;
use roster::effect::{Effect, LocalTask};
use roster::event::{Event, Reply};
use roster::keys::Screen;
use roster::state::unsaved::{FoundWork, KeptWork, UnsavedWork};
use roster::state::{Batch, Conflict, Form};
use roster_common::{Field, Role};

use crate::world::{World, changed, now, staff, stale};

fn signed_in() -> World {
    World::signed_in(Role::Admin, staff(), (80, 24))
}

/// The work that is in the file now.
fn kept(world: &World) -> Option<UnsavedWork> {
    let mut works = world.effects.iter().filter_map(|effect| match effect {
        Effect::Local(LocalTask::KeepWork { user, work }) => {
            assert_eq!(user.as_str(), "ada");
            Some(work.as_deref().cloned())
        }
        _ => None,
    });
    works.next_back().flatten()
}

/// The file, as it would be written and read again.
fn file(work: UnsavedWork) -> KeptWork {
    let file = KeptWork { at: now(), work };
    let text = serde_json::to_string(&file).unwrap();
    KeptWork::read(&text, now()).unwrap()
}

/// The program has started again and found the work.
fn restarted(work: UnsavedWork) -> World {
    let mut world = signed_in();
    world.event(found(work));
    world
}

fn found(work: UnsavedWork) -> Event {
    Event::WorkFound {
        user: "ada".parse().unwrap(),
        found: Box::new(FoundWork {
            kept: file(work),
            path: "/state/unsaved-ada.7.json".into(),
        }),
    }
}

/// A form that an earlier run has left behind.
pub(crate) fn found_form() -> Event {
    let mut world = signed_in();
    world.keys("e").types("!");
    found(kept(&world).unwrap())
}

#[test]
fn a_form_is_continued_after_the_end_of_the_program() {
    let mut world = signed_in();
    world.keys("e Tab Tab Tab Tab Ctrl-u").types("Foreman");
    let mut next = restarted(kept(&world).unwrap());
    let screen = next.screen();
    assert!(
        screen.contains("You have unsaved changes to Maya Castro, from 09:30."),
        "{screen}"
    );
    assert!(screen.contains("> Continue"), "{screen}");
    next.keys("Enter");
    let form = next.state.overlay::<Form>().unwrap();
    assert_eq!(form.text(Field::Title), "Foreman");
    assert_eq!(form.focus, Field::Title);
    assert_eq!(form.changes().iter().count(), 1);
}

#[test]
fn a_new_person_keeps_the_key_that_makes_a_repeat_harmless() {
    let mut world = signed_in();
    world.keys("n").types("Grace");
    let Some(UnsavedWork::New { key, .. }) = kept(&world) else {
        panic!()
    };
    let mut next = restarted(kept(&world).unwrap());
    next.keys("y");
    assert_eq!(kept(&next), kept(&world));
    assert!(matches!(kept(&next), Some(UnsavedWork::New { key: same, .. }) if same == key));
}

#[test]
fn a_conflict_is_continued_with_the_choices_that_were_made() {
    let mut world = signed_in();
    world
        .keys("e Tab Tab Tab Tab Ctrl-u")
        .types("Foreman")
        .keys("Tab Ctrl-u")
        .types("Plant")
        .keys("Ctrl-s");
    let theirs = [(Field::Title, "Chair"), (Field::Department, "Board")];
    let theirs = changed(&world.people[0], &theirs);
    world.reply(Reply::Changed(Err(stale(&theirs)))).keys("m");

    let mut next = restarted(kept(&world).unwrap());
    next.keys("Enter");
    assert_eq!(next.state.screen(), Screen::Conflict);
    assert_eq!(
        next.state.overlay::<Conflict>(),
        world.state.overlay::<Conflict>()
    );
}

#[test]
fn a_form_for_many_and_its_bulk_change_are_continued() {
    let mut world = signed_in();
    world.keys("Space Space =").types("Lead").keys("Tab Del");
    let mut next = restarted(kept(&world).unwrap());
    next.keys("Enter");
    let form = next.state.overlay::<Form>().unwrap();
    assert_eq!(form.text(Field::Title), "Lead");
    assert!(form.clears(Field::Department));

    world.keys("Ctrl-s Right Enter");
    let mut next = restarted(kept(&world).unwrap());
    next.keys("Enter");
    let batch = next.state.overlay::<Batch>().unwrap();
    assert_eq!(batch.rows.len(), 2);
    let screen = next.screen();
    assert!(
        !screen.contains("Saved"),
        "nothing is sent unasked\n{screen}"
    );
}

#[test]
fn work_is_removed_once_it_is_saved_or_discarded() {
    let mut saved = signed_in();
    saved.keys("e").types("!");
    assert!(kept(&saved).is_some());
    saved.keys("Ctrl-s");
    let now = changed(&saved.people[0], &[(Field::Firstname, "Maya!")]);
    saved.reply(Reply::Changed(Ok(now)));
    assert_eq!(kept(&saved), None);

    let mut discarded = signed_in();
    discarded.keys("e").types("!").keys("Esc y");
    assert_eq!(kept(&discarded), None);

    let mut next = restarted(UnsavedWork::New {
        key: "run-1".into(),
        texts: [("firstname".into(), "Grace".into())].into(),
    });
    next.take();
    next.keys("Right Enter");
    let file = "/state/unsaved-ada.7.json".into();
    assert_eq!(next.take(), [Effect::Local(LocalTask::Discard(file))]);
    assert_eq!(next.state.screen(), Screen::Table);
}

#[test]
fn work_of_more_than_a_week_or_of_someone_else_is_not_offered() {
    let work = UnsavedWork::New {
        key: "run-1".into(),
        texts: [("firstname".into(), "Grace".into())].into(),
    };
    let text = serde_json::to_string(&file(work.clone())).unwrap();
    let in_a_week = now() + SignedDuration::from_hours(7 * 24);
    assert_eq!(KeptWork::read(&text, in_a_week), None);
    assert_eq!(KeptWork::read("damaged", now()), None);

    let mut world = signed_in();
    world.event(Event::WorkFound {
        user: "eve".parse().unwrap(),
        found: Box::new(FoundWork {
            kept: file(work),
            path: "/state/unsaved-eve.7.json".into(),
        }),
    });
    assert_eq!(world.state.screen(), Screen::Table);
}

#[test]
fn work_that_is_left_for_later_stays_in_its_file() {
    let mut world = signed_in();
    world.keys("n").types("Grace");
    let mut next = restarted(kept(&world).unwrap());
    next.keys("Esc");
    assert_eq!(next.state.screen(), Screen::Table);
    assert_eq!(next.take(), []);
    let touched = |effect: &Effect| matches!(effect, Effect::Local(LocalTask::KeepWork { .. }));
    assert!(!next.effects.iter().any(touched));
}

#[test]
fn work_that_is_continued_is_in_the_new_file_before_the_old_one_goes() {
    let mut world = signed_in();
    world.keys("j e Tab Tab Tab Tab Ctrl-u").types("Foreman");
    let mut next = restarted(kept(&world).unwrap());
    next.take();

    next.keys("Enter");

    let is_file = |effect: &&Effect| {
        matches!(
            effect,
            Effect::Local(LocalTask::KeepWork { .. } | LocalTask::Discard(_))
        )
    };
    let files: Vec<_> = next.effects.iter().filter(is_file).collect();
    assert!(
        matches!(
            &files[..],
            [
                Effect::Local(LocalTask::KeepWork { work: Some(_), .. }),
                Effect::Local(LocalTask::Discard(_))
            ]
        ),
        "{files:?}"
    );
    // And once it is closed, the keys act on the person it was about.
    assert_eq!(next.state.table.selected, Some(world.people[1].id));
}
