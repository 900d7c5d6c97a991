//! Writes whose answers were lost: what became of them is found out and told, and nothing is sent
//! twice.

use jiff::SignedDuration;
use proptest::prelude::*;
use roster::effect::{Call, Effect, LocalTask, RowRequest, TerminalTask};
use roster::event::{Event, Reply, StreamEvent, Timer};
use roster::keys::Screen;
use roster::remote::{ClientError, Page};
use roster::state::pending_write::{WriteKind, WriteOutcome};
use roster::state::{Conflict, Form, PendingWrite};
use roster_common::event::{Event as Change, RecordEvent};
use roster_common::{Changes, Code, Employee, Field, Role, Version};

use crate::world::{World, changed, is_write, now, person, refused, staff, stale, unanswered};

/// Ada has changed a first name and saved it, and no answer has come.
fn change_unanswered() -> World {
    let mut world = World::signed_in(Role::Admin, staff(), (80, 24));
    world.keys("e").types("!").keys("Ctrl-s").take();
    world.reply(Reply::Changed(Err(unanswered())));
    world
}

/// The record after Ada's change was made.
fn as_ada_wrote(before: &Employee) -> Employee {
    Employee {
        updated_by: "ada".into(),
        ..changed(before, &[(Field::Firstname, "Maya!")])
    }
}

/// The server is back, and has this to say of the record.
fn comes_back(world: &mut World, record: Result<Employee, ClientError>) {
    world.take();
    world.event(Event::Timer(Timer::Retry)).serve();
    let Some(Effect::Call(Call::CheckWrite(write))) = world.take().pop() else {
        panic!("nobody asks what became of it")
    };
    world.reply(Reply::WriteChecked {
        write,
        result: record,
    });
}

#[test]
fn a_change_that_was_saved_is_reported_and_not_resent() {
    let mut world = change_unanswered();
    assert!(
        world.screen().contains("No answer for Maya Castro"),
        "{}",
        world.screen()
    );
    let saved = as_ada_wrote(&world.people[0]);
    comes_back(&mut world, Ok(saved));
    assert!(
        world
            .screen()
            .contains("Saved Maya Castro; the server's answer was lost."),
        "{}",
        world.screen()
    );
    assert_eq!(world.state.screen(), Screen::Table);
    assert!(
        !world
            .take()
            .iter()
            .any(|effect| matches!(effect, Effect::Call(Call::Change { .. })))
    );

    // And can be undone like any other.
    world.serve().keys("u");
    let effects = world.take();
    let Some(Effect::Call(Call::Apply {
        request: RowRequest::Change {
            version, changes, ..
        },
        ..
    })) = effects.last()
    else {
        panic!("{effects:?}")
    };
    assert_eq!(
        (version.get(), changes.get(Field::Firstname)),
        (2, Some("Maya"))
    );
}

#[test]
fn a_change_that_never_arrived_is_reported_and_can_be_saved() {
    let mut world = change_unanswered();
    let untouched = world.people[0].clone();
    comes_back(&mut world, Ok(untouched));
    assert!(
        world
            .screen()
            .contains("No sign yet that Maya Castro was saved. Checking again; Ctrl-s saves now.")
    );
    world.serve().take();
    let [Effect::Call(Call::Change { version, .. })] = &world.keys("Ctrl-s").take()[..] else {
        panic!()
    };
    assert_eq!(*version, Version::FIRST);
}

/// The record was read and is unchanged: the request may be lost, or may wait in the server.
fn read_too_early() -> World {
    let mut world = change_unanswered();
    let untouched = world.people[0].clone();
    comes_back(&mut world, Ok(untouched));
    world.serve();
    assert!(
        !world.screen().contains("was not saved"),
        "{}",
        world.screen()
    );
    world
}

/// Ada's change was made, and the stream says so.
fn ada_changed(record: &Employee) -> Event {
    Event::Stream(Box::new(StreamEvent::Change(Change::Changed(
        RecordEvent {
            id: record.id,
            version: record.version,
            by: "ada".into(),
            at: now(),
            record: Some(Box::new(record.clone())),
        },
    ))))
}

/// Ada's change is known to be saved, and can be undone.
fn is_saved(world: &mut World) {
    let screen = world.screen();
    assert!(
        screen.contains("Saved Maya Castro; the server's answer was lost. Press u to undo."),
        "{screen}"
    );
    assert_eq!(world.state.screen(), Screen::Table);
    assert_eq!(world.state.undo.done.len(), 1);
    assert!(world.state.unanswered.is_empty());
}

#[test]
fn a_change_that_is_made_after_it_was_looked_for_is_found_by_the_next_look() {
    let mut world = read_too_early();
    world.take();
    world.event(Event::Timer(Timer::CheckWrites));
    let Some(Effect::Call(Call::CheckWrite(write))) = world.take().pop() else {
        panic!("nobody looks again")
    };
    let saved = as_ada_wrote(&world.people[0]);
    world.reply(Reply::WriteChecked {
        write,
        result: Ok(saved),
    });
    is_saved(&mut world);
}

#[test]
fn a_change_that_is_made_after_it_was_looked_for_is_reported_by_the_stream() {
    let mut world = read_too_early();
    let saved = as_ada_wrote(&world.people[0]);
    world.event(ada_changed(&saved));
    is_saved(&mut world);
}

#[test]
fn a_change_that_is_saved_again_while_the_first_request_arrives_is_saved_once() {
    let mut world = read_too_early();
    world.take();
    world.keys("Ctrl-s");
    let saved = as_ada_wrote(&world.people[0]);
    world.event(ada_changed(&saved));
    world.reply(Reply::Changed(Err(stale(&saved)))).serve();
    let screen = world.screen();
    assert!(screen.contains("Saved Maya! Castro."), "{screen}");
    assert_eq!(world.state.undo.done.len(), 1);
    assert!(world.state.unanswered.is_empty());
}

#[test]
fn a_change_is_looked_for_less_and_less_often() {
    let mut world = read_too_early();
    let mut pauses = Vec::new();
    for _ in 0..8 {
        let pause = world.effects.iter().rev().find_map(|effect| match effect {
            Effect::Local(LocalTask::Wait(Timer::CheckWrites, pause)) => Some(*pause),
            _ => None,
        });
        let pause = pause.expect("it is looked for again");
        pauses.push(pause.as_secs());
        world.effects.clear();
        let later = world.state.now + SignedDuration::try_from(pause).unwrap();
        world.event(Event::Clock(later));
        world.event(Event::Timer(Timer::CheckWrites));
        let Some(Effect::Call(Call::CheckWrite(write))) = world.take().pop() else {
            panic!("nobody looks again")
        };
        let untouched = world.people[0].clone();
        world.reply(Reply::WriteChecked {
            write,
            result: Ok(untouched),
        });
    }
    assert_eq!(pauses, [1, 1, 2, 4, 8, 16, 30, 30]);
}

#[test]
fn a_change_that_met_anothers_becomes_a_conflict() {
    let mut world = change_unanswered();
    let theirs = changed(&world.people[0], &[(Field::Firstname, "Maia")]);
    comes_back(&mut world, Ok(theirs));
    assert_eq!(world.state.screen(), Screen::Conflict);
}

#[test]
fn a_change_of_a_deleted_person_keeps_its_text() {
    let mut world = change_unanswered();
    comes_back(&mut world, Err(refused(Code::EmployeeNotFound)));
    assert!(
        world
            .screen()
            .contains("This person has since been deleted")
    );
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
fn what_is_not_known_yet_is_neither_changed_nor_sent_again() {
    let mut world = change_unanswered();
    world.types("?").keys("Ctrl-s");
    assert!(
        !world.take().iter().any(is_write),
        "the key asks the server at once, and sends nothing"
    );
    assert_eq!(
        world
            .state
            .overlay::<Form>()
            .unwrap()
            .text(Field::Firstname),
        "Maya!"
    );
    world.keys("Esc");
    assert!(
        world
            .screen()
            .contains("The server has not confirmed your changes."),
        "{}",
        world.screen()
    );
    world.keys("Enter");
    assert_eq!(world.state.screen(), Screen::Form);
}

#[test]
fn the_outcome_is_shown_after_the_form_is_closed() {
    let mut world = change_unanswered();
    world.keys("Esc y");
    assert_eq!(world.state.screen(), Screen::Table);
    assert_eq!(world.keys("q").take(), [], "and stays until it is told");
    let untouched = world.people[0].clone();
    comes_back(&mut world, Ok(untouched));
    assert!(
        world
            .screen()
            .contains("No sign yet that Maya Castro was saved. Checking again."),
        "{}",
        world.screen()
    );
}

/// Grace is to be added, no answer comes, and the form is left.
fn addition_left() -> World {
    let mut world = World::signed_in(Role::Admin, staff(), (80, 24));
    world
        .keys("n")
        .types("Grace")
        .keys("Tab")
        .types("Hopper")
        .keys("Ctrl-s");
    world.reply(Reply::Created(Err(unanswered())));
    world.keys("Esc y");
    assert_eq!(
        world
            .keys("q")
            .take()
            .iter()
            .find(|effect| matches!(effect, Effect::Terminal(TerminalTask::Quit(_)))),
        None
    );
    world
}

#[test]
fn an_unanswered_creation_is_searched_for_after_the_form_is_closed() {
    for (rows, message) in [
        (
            vec![person(6, "Grace", "Hopper", &[])],
            "Added Grace Hopper (#6); the server's answer was lost.",
        ),
        (
            vec![changed(&person(5, "Grace", "Hopper", &[]), &[])],
            "No sign yet that Grace Hopper was added. Checking again.",
        ),
        (
            vec![],
            "No sign yet that Grace Hopper was added. Checking again.",
        ),
    ] {
        let mut world = addition_left();
        world.take();
        world.event(Event::Timer(Timer::Retry)).serve();
        let Some(Effect::Call(Call::CheckCreation(creation))) = world.take().pop() else {
            panic!("nobody looks for her")
        };
        let total = rows.len();
        world.reply(Reply::CreationChecked {
            creation,
            result: Ok(Page {
                rows,
                offset: 0,
                total,
                ..Page::default()
            }),
        });
        assert!(
            world.screen().contains(message),
            "{message}\n{}",
            world.screen()
        );
        assert!(
            !world
                .take()
                .iter()
                .any(|effect| matches!(effect, Effect::Call(Call::Create { .. }))),
            "and is not sent again"
        );
    }
}

#[test]
fn the_question_whether_to_leave_ends_with_what_it_asks() {
    let mut world = change_unanswered();
    world.keys("Esc");
    assert_eq!(world.state.screen(), Screen::Confirm);
    let saved = as_ada_wrote(&world.people[0]);
    comes_back(&mut world, Ok(saved));
    assert_eq!(world.state.screen(), Screen::Table, "{}", world.screen());
}

#[test]
fn a_resolved_conflict_whose_answer_was_lost_is_no_second_conflict() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("e").types("!").keys("Ctrl-s");
    let theirs = changed(
        &world.people[0],
        &[(Field::Firstname, "Maia"), (Field::Title, "Plant Manager")],
    );
    world
        .reply(Reply::Changed(Err(stale(&theirs))))
        .keys("m Enter");
    world.reply(Reply::Changed(Err(unanswered())));
    let saved = as_ada_wrote(&theirs);
    comes_back(&mut world, Ok(saved));
    assert_eq!(
        (world.state.screen(), world.state.overlay::<Conflict>()),
        (Screen::Table, None)
    );
}

#[test]
fn an_unanswered_deletion_is_resolved_by_reading_the_record() {
    let maya = staff().remove(0);
    for (left, message) in [
        (
            Err(refused(Code::EmployeeNotFound)),
            "Deleted Maya Castro; the server's answer was lost.",
        ),
        (
            Ok(maya.clone()),
            "No sign yet that Maya Castro was deleted. Checking again.",
        ),
        (
            Ok(changed(&maya, &[(Field::Title, "Chair")])),
            "eve changed Maya Castro in the meantime. Nothing was deleted.",
        ),
    ] {
        let mut world = World::signed_in(Role::Admin, staff(), (80, 24));
        let Some(Effect::Call(Call::Delete(employee))) = world.keys("d y").take().pop() else {
            panic!()
        };
        world.reply(Reply::Deleted {
            employee,
            result: Err(unanswered()),
        });
        assert!(world.screen().contains("No answer for Maya Castro"));
        comes_back(&mut world, left);
        assert!(
            world.screen().contains(message),
            "{message}\n{}",
            world.screen()
        );
    }
}

#[test]
fn a_new_person_is_sent_again_under_the_same_key_and_added_once() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    let first = world
        .keys("n")
        .types("Grace")
        .keys("Tab")
        .types("Hopper")
        .keys("Ctrl-s")
        .take();
    world.reply(Reply::Created(Err(unanswered())));
    assert!(
        world.screen().contains("No answer for Grace Hopper"),
        "{}",
        world.screen()
    );
    world.event(Event::Timer(Timer::Retry)).serve();
    assert_eq!(world.take(), first);
    world.reply(Reply::Created(Ok(person(6, "Grace", "Hopper", &[]))));
    assert!(world.screen().contains("Added Grace Hopper"));
}

#[test]
fn a_new_person_is_not_sent_again_when_the_server_may_have_forgotten_the_key() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    let first = world
        .keys("n")
        .types("Grace")
        .keys("Tab")
        .types("Hopper")
        .keys("Ctrl-s")
        .take();
    world.reply(Reply::Created(Err(unanswered()))).take();
    world.event(Event::Clock(now() + SignedDuration::from_hours(24)));
    world.event(Event::Timer(Timer::Retry)).serve();
    assert!(!world.take().iter().any(is_write));
    let message = "Grace Hopper may already exist. Check first; Ctrl-s adds them again.";
    assert!(world.screen().contains(message), "{}", world.screen());

    let again = world.keys("Ctrl-s").take();
    assert!(
        matches!(again[..], [Effect::Call(Call::Create { .. })]) && again != first,
        "{again:?}"
    );
}

#[test]
fn a_session_that_ends_meanwhile_does_not_lose_the_question() {
    let mut world = change_unanswered();
    comes_back(&mut world, Err(refused(Code::SessionExpired)));
    assert_eq!(world.state.screen(), Screen::SignIn);
    world.take();
    world.types("ada knows the engine").keys("Enter").take();
    world
        .reply(Reply::SignedIn(Ok(crate::world::identity(Role::Admin))))
        .serve();
    assert!(matches!(
        world.take()[..],
        [Effect::Call(Call::CheckWrite(_))]
    ));
}

#[test]
fn a_server_that_goes_away_again_is_asked_again() {
    let mut world = change_unanswered();
    comes_back(&mut world, Err(unanswered()));
    let saved = as_ada_wrote(&world.people[0]);
    comes_back(&mut world, Ok(saved));
    assert!(world.screen().contains("; the server's answer was lost."));
}

/// What happened on the server while nobody was told.
#[derive(Debug, Clone)]
enum Step {
    Mine,
    Another {
        field: Field,
        value: String,
        by: &'static str,
    },
    Removed,
}

fn any_step() -> impl Strategy<Value = Step> {
    let value = prop_oneof![Just("Chair"), Just("Mine"), Just("")];
    let field = prop_oneof![Just(Field::Title), Just(Field::Location)];
    prop_oneof![
        3 => Just(Step::Mine),
        3 => (field, value, prop_oneof![Just("ada"), Just("eve")])
            .prop_map(|(field, value, by)| Step::Another { field, value: value.into(), by }),
        1 => Just(Step::Removed),
    ]
}

proptest! {
    /// A server takes a write once at most, and only over the version that it names.
    #[test]
    fn the_reported_outcome_is_the_real_one(steps in prop::collection::vec(any_step(), 0..5), delete: bool) {
        let before = staff().remove(0);
        let mut mine = Changes::default();
        mine.set(Field::Title, "Mine");
        let kind = if delete { WriteKind::Delete } else { WriteKind::Change(mine.clone()) };
        let write = PendingWrite { id: before.id, version: before.version, name: "Maya".into(), kind, before: None, unseen_since: None };
        let (mut now, mut done) = (Some(before.clone()), false);
        for step in steps {
            now = match (step, now) {
                (Step::Mine, Some(now)) if now.version == write.version => {
                    done = true;
                    let mine = Employee { updated_by: "ada".into(), ..changed(&now, &[(Field::Title, "Mine")]) };
                    (!delete).then_some(mine)
                }
                (Step::Another { field, value, by }, Some(now)) => {
                    Some(Employee { updated_by: by.into(), ..changed(&now, &[(field, &value)]) })
                }
                (Step::Removed, _) => None,
                (_, now) => now,
            };
        }
        match write.outcome(&"ada".parse().unwrap(), now.as_ref()) {
            WriteOutcome::NotYet => prop_assert!(!done && now == Some(before)),
            WriteOutcome::Done if delete => prop_assert!(now.is_none()),
            WriteOutcome::Done | WriteOutcome::AlreadySet => prop_assert!(now.is_some_and(|now| now.details.text(Field::Title) == "Mine")),
            WriteOutcome::ChangedByOthers => prop_assert!(now.is_some_and(|now| now.version > before.version)),
            WriteOutcome::Gone => prop_assert!(!delete && now.is_none()),
        }
    }
}
