//! Changes of all that are marked: a preview, progress, and a result for each.

use roster::event::{Effect, Reply, Request};
use roster::state::batch::{Outcome, Stage};
use roster::state::{Batch, Screen};
use roster_common::problem::Rule;
use roster_common::{Code, Field, FieldError, Problem, Role};

use crate::world::{World, changed, crowd, refused, staff, stale, unanswered};
use roster::client::ClientError;

fn batch(world: &World) -> &Batch {
    world.state.part::<Batch>().unwrap()
}

/// Three of the staff are marked, and their title is to be `Lead`.
fn lead() -> World {
    let mut world = World::signed_in(Role::Admin, staff(), (80, 24));
    world.take();
    world.keys("Space Space Space =").types("Lead").keys("Ctrl-s");
    world.take();
    world
}

/// What the server is asked to do now: batch, row and request.
fn asked(world: &mut World) -> Vec<(u64, usize, Request)> {
    let effects = world.take().into_iter();
    effects
        .filter_map(|effect| match effect {
            Effect::Apply { batch, row, request } => Some((batch, row, request)),
            _ => None,
        })
        .collect()
}

/// Answers a row as the server would that does it.
fn done(world: &mut World, (batch, row, request): &(u64, usize, Request)) {
    let result = match request {
        Request::Change { id, changes, .. } => {
            let before = world.people.iter().find(|person| person.id == *id).unwrap();
            let fields: Vec<_> = changes.iter().collect();
            let mut now = changed(before, &fields);
            now.updated_by = "ada".into();
            Some(now)
        }
        Request::Delete { .. } => None,
        Request::Create { .. } => panic!("{request:?}"),
    };
    world.reply(Reply::Applied { batch: *batch, row: *row, result: Ok(result) });
}

#[test]
fn all_that_are_marked_are_changed_after_a_preview() {
    let mut world = lead();
    assert_eq!((world.state.screen(), batch(&world).stage), (Screen::Batch, Stage::Preview));
    insta::assert_snapshot!("batch-preview-80x24", world.screen());
    world.keys("Enter");
    assert_eq!(world.state.screen(), Screen::Table, "Cancel is first");

    world.keys("=").types("Lead").keys("Ctrl-s Right Enter");
    let requests = asked(&mut world);
    let ids = requests.iter().map(|(_, _, request)| match request {
        Request::Change { id, version, .. } => (id.get(), version.get()),
        _ => panic!(),
    });
    assert_eq!(ids.collect::<Vec<_>>(), [(1, 1), (2, 1), (3, 1)], "each by the version that was shown");
    requests.iter().for_each(|request| done(&mut world, request));
    assert!(world.screen().contains("3 done."), "{}", world.screen());
    assert!(world.state.table.marks.is_empty());
    world.keys("Enter");
    assert_eq!(world.state.screen(), Screen::Table);
}

#[test]
fn what_failed_says_why_and_stays_marked() {
    let mut world = lead();
    world.keys("Right Enter");
    let requests = asked(&mut world);
    let theirs = changed(&world.people[1], &[(Field::Location, "Leeds")]);
    let error = FieldError::new("title", Rule::TooLong, "Shorter, please.");
    let problem = Problem { errors: vec![error], ..Problem::new(Code::ValidationFailed, "") };
    done(&mut world, &requests[0]);
    let (number, ..) = requests[0];
    world.reply(Reply::Applied { batch: number, row: 1, result: Err(stale(&theirs)) });
    let refusal = Err(ClientError::Refused(Box::new(problem)));
    world.reply(Reply::Applied { batch: number, row: 2, result: refusal });
    insta::assert_snapshot!("batch-results-80x24", world.screen());
    let marked: Vec<_> = world.state.table.marks.iter().map(|(id, _)| id.get()).collect();
    assert_eq!(marked, [2, 3]);

    world.keys("Esc =").types("Lead").keys("Ctrl-s Right Enter");
    let versions = asked(&mut world).into_iter().map(|(_, _, request)| match request {
        Request::Change { version, .. } => version.get(),
        _ => panic!(),
    });
    assert_eq!(versions.collect::<Vec<_>>(), [2, 1], "a second try is about what is there now");
}

#[test]
fn a_lost_answer_stops_the_rest_until_it_is_tried_again() {
    let mut world = World::signed_in(Role::Admin, crowd(9), (80, 24));
    world.keys("* =").types("Lead").keys("Ctrl-s Right Enter");
    let requests = asked(&mut world);
    assert_eq!(requests.len(), 4, "so many at a time");
    let (number, ..) = requests[0];
    for row in 0..4 {
        world.reply(Reply::Applied { batch: number, row, result: Err(unanswered()) });
    }
    assert_eq!(asked(&mut world), []);
    assert_eq!((batch(&world).stage, batch(&world).left()), (Stage::Done, 9));

    world.keys("Enter");
    let again = asked(&mut world);
    assert_eq!(again, requests);
    let was_done = changed(&world.people[0], &[(Field::Title, "Lead")]);
    world.reply(Reply::Applied { batch: number, row: 0, result: Err(stale(&was_done)) });
    assert!(matches!(batch(&world).rows[0].outcome, Outcome::Done(_)), "the first try had been done");
}

#[test]
fn a_session_that_ends_in_the_middle_loses_nothing() {
    let mut world = lead();
    world.keys("Right Enter");
    let (number, ..) = asked(&mut world)[0];
    for row in 0..3 {
        world.reply(Reply::Applied { batch: number, row, result: Err(refused(Code::SessionExpired)) });
    }
    assert_eq!(world.state.screen(), Screen::SignIn);
    world.types("ada").keys("Enter").types("ada knows the engine").keys("Enter");
    world.reply(Reply::SignedIn(Ok(crate::world::identity(Role::Admin)))).serve();
    assert_eq!(world.state.screen(), Screen::Batch);
    world.keys("Enter");
    assert_eq!(asked(&mut world).len(), 3);
}

#[test]
fn people_who_are_not_on_the_screen_are_read_first() {
    let mut world = lead();
    world.keys("Esc");
    let ids: Vec<_> = (100..110u64).map(|id| id.try_into().unwrap()).collect();
    let known: Vec<_> = crowd(200);
    world.state.table.marks.clear();
    ids.iter().for_each(|id| world.state.table.marks.insert(known.iter().find(|p| p.id == *id).unwrap()));
    assert_eq!(world.state.table.marks.len(), 10);
    world.keys("=").types("Lead").keys("Ctrl-s");
    assert_eq!(batch(&world).stage, Stage::Preview, "what the marks know needs no reading");
}

#[test]
fn a_record_that_reads_so_already_is_not_written() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("=").types("Plant Operator").keys("Ctrl-s");
    assert_eq!(batch(&world).rows[0].outcome, Outcome::Unchanged);
    world.keys("Enter");
    assert_eq!(asked(&mut world), []);
    assert_eq!(world.state.screen(), Screen::Table);
}

#[test]
fn a_field_is_emptied_for_all_where_that_is_written() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("=").types("x").keys("Backspace");
    assert!(world.screen().contains("will be empty in all"), "{}", world.screen());
    world.keys("Ctrl-s");
    assert!(world.screen().contains("Title: Plant Operator → –"), "{}", world.screen());
}

#[test]
fn many_are_deleted_only_by_their_number() {
    let mut world = World::signed_in(Role::Admin, crowd(7), (80, 24));
    world.keys("* d y Right Enter");
    assert_eq!(asked(&mut world), []);
    assert!(world.screen().contains("Type 7 to delete them"), "{}", world.screen());
    world.keys("6 Enter");
    assert_eq!(asked(&mut world), []);
    insta::assert_snapshot!("batch-delete-80x24", world.screen());
    world.keys("Backspace 7 Enter");
    let requests = asked(&mut world);
    assert!(matches!(requests[0].2, Request::Delete { .. }));
    assert_eq!(requests.len(), 4);
}

#[test]
fn a_small_terminal_shows_the_question_too() {
    for size in [(40, 15), (120, 40)] {
        let mut world = World::signed_in(Role::Admin, staff(), size);
        world.keys("Space Space d");
        insta::assert_snapshot!(format!("batch-delete-{}x{}", size.0, size.1), world.screen());
    }
}
