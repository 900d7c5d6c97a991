//! Changes of all that are marked: a preview, progress, and a result for each.

use roster::effect::{Call, Effect, RowRequest};
use roster::event::Reply;
use roster::keys::Screen;
use roster::state::batch::{Outcome, Stage};
use roster::state::{Batch, PendingWrite};
use roster_common::problem::Rule;
use roster_common::{Code, Employee, EmployeeId, Field, FieldError, Problem, Role};

use crate::world::{World, changed, crowd, refused, staff, stale, unanswered};
use roster::remote::{ClientError, Page};

fn batch(world: &World) -> &Batch {
    world.state.overlay::<Batch>().unwrap()
}

/// Three of the staff are marked, and their title is to be `Lead`.
fn lead() -> World {
    let mut world = World::signed_in(Role::Admin, staff(), (80, 24));
    world.take();
    world
        .keys("Space Space Space =")
        .types("Lead")
        .keys("Ctrl-s");
    world.take();
    world
}

/// What the server is asked to do now: batch, row and request.
pub(crate) fn asked(world: &mut World) -> Vec<(u64, usize, RowRequest)> {
    let effects = world.take().into_iter();
    effects
        .filter_map(|effect| match effect {
            Effect::Call(Call::Apply {
                batch,
                row,
                request,
            }) => Some((batch, row, request)),
            _ => None,
        })
        .collect()
}

/// The server does not take the title.
pub(crate) fn too_long() -> ClientError {
    let error = FieldError::new("title", Rule::TooLong, "Shorter, please.");
    ClientError::Refused(Box::new(Problem {
        errors: vec![error],
        ..Problem::new(Code::ValidationFailed, "")
    }))
}

/// Answers a row as the server would that does it.
pub(crate) fn done(world: &mut World, (batch, row, request): &(u64, usize, RowRequest)) {
    let result = match request {
        RowRequest::Change { id, changes, .. } => {
            let before = world.people.iter().find(|person| person.id == *id).unwrap();
            let fields: Vec<_> = changes.iter().collect();
            let mut now = changed(before, &fields);
            now.updated_by = "ada".into();
            Some(now)
        }
        RowRequest::Delete { .. } => None,
        RowRequest::Restore { .. } => panic!("{request:?}"),
    };
    world.reply(Reply::Applied {
        batch: *batch,
        row: *row,
        result: Ok(result),
    });
}

/// Does whatever the server is asked, until that is nothing more; the rows of it.
fn does_all(world: &mut World) -> Vec<usize> {
    let mut rows = Vec::new();
    loop {
        let requests = asked(world);
        if requests.is_empty() {
            return rows;
        }
        for request in requests {
            rows.push(request.1);
            done(world, &request);
        }
    }
}

#[test]
fn a_bulk_change_can_be_stopped_and_continued() {
    let mut world = World::signed_in(Role::Admin, crowd(21), (80, 24));
    world.keys("* =").types("Lead").keys("Ctrl-s Right Enter");
    let sent = asked(&mut world);
    assert!(world.screen().contains("Esc stop"), "{}", world.screen());
    world.keys("Esc");
    assert!(
        world
            .screen()
            .contains("Stopping. Waiting for the changes already sent."),
        "{}",
        world.screen()
    );
    sent.iter().for_each(|request| done(&mut world, request));
    assert_eq!(
        (asked(&mut world), batch(&world).stage),
        (Vec::new(), Stage::Done)
    );
    assert!(
        world.screen().contains("16 changed, 5 not sent"),
        "{}",
        world.screen()
    );
    world.keys("Enter");
    assert_eq!(does_all(&mut world), [16, 17, 18, 19, 20]);
    assert!(world.screen().contains("21 changed."), "{}", world.screen());
}

#[test]
fn the_results_are_not_left_for_an_undo_that_cannot_be() {
    let mut world = lead();
    world.keys("Right Enter");
    for request in asked(&mut world) {
        done(&mut world, &request);
    }
    world.loses();
    for (offline, message) in [
        (true, "Not available offline."),
        (false, "Some results are unknown."),
    ] {
        if !offline {
            world.state.offline = None;
            world.state.overlay_mut::<Batch>().unwrap().rows[0].outcome = Outcome::Unanswered;
        }
        world.keys("u");
        assert!(world.screen().contains(message), "{}", world.screen());
        assert_eq!(world.state.screen(), Screen::Batch, "the results stay");
    }
}

#[test]
fn all_that_are_marked_are_changed_after_a_preview() {
    let mut world = lead();
    assert_eq!(
        (world.state.screen(), batch(&world).stage),
        (Screen::Batch, Stage::Preview)
    );
    world.keys("Enter");
    assert_eq!(world.state.screen(), Screen::Form, "Cancel is first");

    world.keys("Ctrl-s Right Enter");
    let requests = asked(&mut world);
    let ids = requests.iter().map(|(_, _, request)| match request {
        RowRequest::Change { id, version, .. } => (id.get(), version.get()),
        _ => panic!(),
    });
    assert_eq!(
        ids.collect::<Vec<_>>(),
        [(1, 1), (2, 1), (3, 1)],
        "each by the version that was shown"
    );
    requests
        .iter()
        .for_each(|request| done(&mut world, request));
    assert!(world.screen().contains("3 changed."), "{}", world.screen());
    assert!(world.state.table.marks.is_empty());
    world.keys("Enter");
    assert_eq!(world.state.screen(), Screen::Table);
}

#[test]
fn who_leaves_the_preview_is_back_in_the_form_with_all_that_was_written() {
    for leave in ["Esc", "Enter"] {
        let mut world = lead();
        world.keys(leave).types("er").keys("Ctrl-s");
        assert!(world.screen().contains("→ Leader"), "{}", world.screen());
        assert_eq!(
            world.keys("Esc Esc").state.screen(),
            Screen::Confirm,
            "what was written is not lost unasked"
        );
        assert_eq!(asked(&mut world), []);
        world.keys("y");
        assert_eq!(world.state.screen(), Screen::Table);
    }
}

#[test]
fn a_form_is_about_those_for_whom_it_was_opened() {
    for keys in ["g g", "Space"] {
        let mut world = World::signed_in(Role::Admin, staff(), (80, 24));
        let maya = world.people.remove(0);
        world.keys(keys).keys("r =").types("Lead").serve();
        assert!(
            !world.screen().contains("Castro, Maya"),
            "a colleague has deleted her"
        );
        world.keys("Ctrl-s");
        let ids: Vec<_> = batch(&world).rows.iter().map(|row| row.id).collect();
        assert_eq!(ids, [maya.id], "{keys}");
    }
}

#[test]
fn what_is_new_is_seen_on_a_small_terminal_too() {
    let mut world = World::signed_in(Role::Admin, staff(), (40, 15));
    world
        .keys("Space Space Space =")
        .types("Lead")
        .keys("Ctrl-s");
    assert!(world.screen().contains("→ Lead"), "{}", world.screen());
}

#[test]
fn after_one_that_was_not_answered_no_more_are_sent() {
    let mut world = World::signed_in(Role::Admin, crowd(21), (80, 24));
    world.keys("* =").types("Lead").keys("Ctrl-s Right Enter");
    let requests = asked(&mut world);
    let (batch, row, _) = requests[0];
    world.reply(Reply::Applied {
        batch,
        row,
        result: Err(unanswered()),
    });
    requests[1..]
        .iter()
        .for_each(|request| done(&mut world, request));
    assert_eq!(
        asked(&mut world),
        [],
        "the others wait until the person says so"
    );
    assert!(
        world
            .screen()
            .contains("15 changed, 5 not sent, 1 unconfirmed."),
        "{}",
        world.screen()
    );
}

#[test]
fn the_marked_are_deleted_wherever_the_cursor_is_and_not_without_end() {
    let mut world = World::signed_in(Role::Admin, crowd(3), (80, 24));
    world.keys("* /").types("nobody").serve();
    world.keys("Enter d");
    assert!(world.screen().contains("3 people."), "{}", world.screen());
    let mut world = World::signed_in(Role::Admin, crowd(10_001), (80, 24));
    world.keys("*").serve().keys("d");
    assert!(
        world.screen().contains("At most 10,000 people at a time."),
        "{}",
        world.screen()
    );
}

#[test]
fn what_failed_says_why_and_stays_marked() {
    let mut world = lead();
    world.keys("Right Enter");
    let requests = asked(&mut world);
    let theirs = changed(&world.people[1], &[(Field::Title, "Chair")]);
    done(&mut world, &requests[0]);
    let (number, ..) = requests[0];
    world.reply(Reply::Applied {
        batch: number,
        row: 1,
        result: Err(stale(&theirs)),
    });
    world.reply(Reply::Applied {
        batch: number,
        row: 2,
        result: Err(too_long()),
    });
    let screen = world.screen();
    for message in [
        "1 changed, 1 skipped, 1 refused.",
        "eve changed it at 09:30",
        "Shorter, please.",
    ] {
        assert!(screen.contains(message), "{screen}");
    }
    assert!(!screen.contains("other"), "there is one answer\n{screen}");
    world.keys("Right");
    assert!(world.screen().contains("There is only one answer."));
    let marked: Vec<_> = world
        .state
        .table
        .marks
        .iter()
        .map(|(id, _)| id.get())
        .collect();
    assert_eq!(marked, [2, 3]);

    world.keys("Esc =").types("Lead").keys("Ctrl-s Right Enter");
    let versions = asked(&mut world)
        .into_iter()
        .map(|(_, _, request)| match request {
            RowRequest::Change { version, .. } => version.get(),
            _ => panic!(),
        });
    assert_eq!(
        versions.collect::<Vec<_>>(),
        [2, 1],
        "a second try is about what is there now"
    );
}

#[test]
fn what_a_colleague_has_changed_elsewhere_stays_and_stops_nothing() {
    let mut world = lead();
    world.keys("Right Enter");
    let requests = asked(&mut world);
    let (number, ..) = requests[0];
    let theirs = changed(&world.people[1], &[(Field::Location, "Leeds")]);
    world.people[1] = theirs.clone();
    world.reply(Reply::Applied {
        batch: number,
        row: 1,
        result: Err(stale(&theirs)),
    });
    let again = asked(&mut world);
    let [(_, 1, RowRequest::Change { version, .. })] = &again[..] else {
        panic!("{again:?}")
    };
    assert_eq!(*version, theirs.version);
    [&requests[0], &requests[2], &again[0]]
        .into_iter()
        .for_each(|request| done(&mut world, request));
    let screen = world.screen();
    assert!(
        screen.contains("3 changed.") && screen.contains("kept eve's other changes"),
        "{screen}"
    );
}

#[test]
fn a_record_that_changes_again_and_again_is_tried_twice() {
    let mut world = lead();
    world.keys("Right Enter");
    let (number, ..) = asked(&mut world)[0];
    for (location, tries) in [("Leeds", 1), ("York", 0)] {
        let theirs = changed(&world.people[1], &[(Field::Location, location)]);
        world.people[1] = theirs.clone();
        world.reply(Reply::Applied {
            batch: number,
            row: 1,
            result: Err(stale(&theirs)),
        });
        assert_eq!(asked(&mut world).len(), tries);
    }
    assert!(matches!(
        batch(&world).rows[1].outcome,
        Outcome::Conflict(_)
    ));
}

/// The server is back, and is asked what became of what it did not answer.
fn looks(world: &mut World) -> impl Iterator<Item = Box<PendingWrite>> + use<> {
    let look = |effect| match effect {
        Effect::Call(Call::CheckWrite(write)) => write,
        other => panic!("{other:?} is asked before that is known"),
    };
    world.serve().take().into_iter().map(look)
}

#[test]
fn a_lost_connection_midway_leaves_no_row_unknown_and_sends_none_twice() {
    let mut world = World::signed_in(Role::Admin, crowd(21), (80, 24));
    world.keys("* =").types("Lead").keys("Ctrl-s Right Enter");
    let requests = asked(&mut world);
    assert_eq!(requests.len(), 16, "so many at a time");
    let (number, ..) = requests[0];
    requests[4..]
        .iter()
        .for_each(|request| done(&mut world, request));
    let later = asked(&mut world);
    for row in 0..4 {
        world.reply(Reply::Applied {
            batch: number,
            row,
            result: Err(unanswered()),
        });
    }
    later.iter().for_each(|request| done(&mut world, request));
    assert_eq!(
        (batch(&world).stage, batch(&world).to_send()),
        (Stage::Done, 4)
    );

    // One was done, one never arrived, one met a colleague's words, and one person is gone.
    let [first, second, third, fourth]: [_; 4] = looks(world.keys("Enter"))
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    let lead = [(Field::Title, "Lead")];
    let made = Employee {
        updated_by: "ada".into(),
        ..changed(&world.people[0], &lead)
    };
    let theirs = changed(&world.people[2], &[(Field::Title, "Chair")]);
    let untouched = world.people[1].clone();
    world.reply(Reply::WriteChecked {
        write: first,
        result: Ok(made),
    });
    world.reply(Reply::WriteChecked {
        write: second,
        result: Ok(untouched),
    });
    world.reply(Reply::WriteChecked {
        write: third,
        result: Ok(theirs),
    });
    world.reply(Reply::WriteChecked {
        write: fourth,
        result: Err(refused(Code::EmployeeNotFound)),
    });
    world.serve().take();
    insta::assert_snapshot!("batch-found-out-80x24", world.screen());

    // What was not done is tried again, and all of it is one thing to undo.
    world.keys("Enter");
    assert_eq!(does_all(&mut world), [1]);
    assert!(
        world
            .screen()
            .contains("19 changed, 1 skipped, 1 no longer there."),
        "{}",
        world.screen()
    );
    assert_eq!(world.state.undo.done.len(), 1);
    assert_eq!(world.state.undo.done[0].edits.len(), 19);
}

#[test]
fn late_results_are_shown_after_the_dialog_is_closed() {
    let mut world = lead();
    world.keys("Right Enter");
    let requests = asked(&mut world);
    done(&mut world, &requests[0]);
    done(&mut world, &requests[1]);
    let (number, ..) = requests[2];
    world.reply(Reply::Applied {
        batch: number,
        row: 2,
        result: Err(unanswered()),
    });
    world.keys("Esc");
    assert_eq!(world.state.undo.done.len(), 1);
    let write = looks(world.keys("r")).last().unwrap();
    let now = Employee {
        updated_by: "ada".into(),
        ..changed(&world.people[2], &[(Field::Title, "Lead")])
    };
    world.reply(Reply::WriteChecked {
        write,
        result: Ok(now),
    });
    assert!(
        world
            .screen()
            .contains("; the server's answer was lost. Press u to undo."),
        "{}",
        world.screen()
    );
    assert_eq!(world.state.undo.done.len(), 2);
}

#[test]
fn a_deletion_whose_answer_was_lost_is_done_and_can_be_undone() {
    let mut world = World::signed_in(Role::Admin, staff(), (80, 24));
    world.keys("Space Space d Right Enter");
    let (number, ..) = asked(&mut world)[0];
    for row in 0..2 {
        world.reply(Reply::Applied {
            batch: number,
            row,
            result: Err(unanswered()),
        });
    }
    for write in looks(world.keys("Enter")) {
        world.reply(Reply::WriteChecked {
            write,
            result: Err(refused(Code::EmployeeNotFound)),
        });
    }
    assert!(world.screen().contains("2 deleted."), "{}", world.screen());
    assert!(world.state.table.marks.is_empty());
    assert_eq!(world.state.undo.done[0].edits.len(), 2);
}

#[test]
fn the_history_of_a_deleted_person_can_be_opened() {
    let mut world = lead();
    world.keys("Right Enter");
    let (number, ..) = asked(&mut world)[0];
    for row in 0..3 {
        world.reply(Reply::Applied {
            batch: number,
            row,
            result: Err(refused(Code::EmployeeNotFound)),
        });
    }
    world.take();
    world.keys("Down t");
    assert_eq!(
        world.take(),
        [Effect::Call(Call::History {
            id: world.people[1].id,
            before: None
        })]
    );
    world.keys("Esc");
    assert_eq!(world.state.screen(), Screen::Batch);
}

/// Ada signs in again over all that is open.
fn sign_in_again(world: &mut World) {
    assert_eq!(world.state.screen(), Screen::SignIn);
    world
        .types("ada")
        .keys("Enter")
        .types("ada knows the engine")
        .keys("Enter");
    world
        .reply(Reply::SignedIn(Ok(crate::world::identity(Role::Admin))))
        .serve();
}

#[test]
fn marks_and_a_preview_outlive_the_session() {
    let mut world = lead();
    let (query_number, offset) = (world.state.table.query_number, 0);
    world.reply(Reply::Loaded {
        query_number,
        offset,
        result: Err(refused(Code::SessionExpired)),
    });
    sign_in_again(&mut world);
    assert_eq!(
        (world.state.screen(), batch(&world).stage),
        (Screen::Batch, Stage::Preview)
    );
    assert_eq!(world.state.table.marks.len(), 3);
    world.keys("Right Enter");
    assert_eq!(asked(&mut world).len(), 3);
}

#[test]
fn a_session_that_ends_in_the_middle_loses_nothing() {
    let mut world = lead();
    world.keys("Right Enter");
    let (number, ..) = asked(&mut world)[0];
    for row in 0..3 {
        world.reply(Reply::Applied {
            batch: number,
            row,
            result: Err(refused(Code::SessionExpired)),
        });
    }
    sign_in_again(&mut world);
    assert_eq!(world.state.screen(), Screen::Batch);
    world.keys("Enter");
    assert_eq!(asked(&mut world).len(), 3);
}

#[test]
fn people_of_whom_only_the_mark_is_here_are_read_first() {
    let mut world = World::signed_in(Role::Admin, crowd(1003), (80, 24));
    world
        .keys("*")
        .serve()
        .keys("=")
        .types("Lead")
        .keys("Ctrl-s");
    assert_eq!(batch(&world).stage, Stage::Gathering);
    let unread: Vec<_> = fetches(&mut world);
    assert_eq!(
        unread.iter().map(|id| id.get()).collect::<Vec<_>>(),
        [1001, 1002, 1003]
    );
    for id in unread {
        let result = match id.get() {
            1002 => Err(refused(Code::EmployeeNotFound)),
            _ => Ok(world
                .people
                .iter()
                .find(|person| person.id == id)
                .unwrap()
                .clone()),
        };
        world.reply(Reply::Fetched { id, result });
    }
    assert_eq!(batch(&world).stage, Stage::Preview);
    assert!(
        world.screen().contains("1,002 of 1,003 people"),
        "{}",
        world.screen()
    );
    world.keys("End");
    assert!(
        world
            .screen()
            .contains("Family1003, Given1003    Title: – → Lead"),
        "{}",
        world.screen()
    );
    assert_eq!(batch(&world).rows[1001].outcome, Outcome::Gone);
}

/// Which records are asked for.
fn fetches(world: &mut World) -> Vec<EmployeeId> {
    let effects = world.take().into_iter();
    effects
        .filter_map(|effect| match effect {
            Effect::Call(Call::Fetch { id }) => Some(id),
            _ => None,
        })
        .collect()
}

#[test]
fn an_unchanged_record_is_not_saved() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("=").types("Plant Operator").keys("Ctrl-s");
    assert_eq!(batch(&world).rows[0].outcome, Outcome::Unchanged);
    assert!(
        world
            .screen()
            .contains("Nothing to change; see the reasons below."),
        "{}",
        world.screen()
    );
    assert!(world.screen().contains("> Back"), "{}", world.screen());
    world.keys("Enter");
    assert_eq!(asked(&mut world), []);
    assert_eq!(
        world.state.screen(),
        Screen::Form,
        "to write something else"
    );
}

#[test]
fn undoing_a_slip_clears_nothing() {
    for slip in [
        "x Backspace",
        "x Ctrl-u",
        "Space Backspace",
        "Space",
        "x Alt-u",
    ] {
        let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
        world
            .keys("=")
            .keys(slip)
            .keys("Tab")
            .types("Sales")
            .keys("Ctrl-s");
        let changes = batch(&world).rows[0].differences();
        assert_eq!(
            changes.iter().map(|(field, ..)| *field).collect::<Vec<_>>(),
            [Field::Department],
            "{slip}"
        );
    }
}

#[test]
fn a_field_is_emptied_for_all_by_a_key_of_its_own_and_says_so() {
    for key in ["Ctrl-u", "Del"] {
        let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
        world.keys("=");
        assert!(
            world
                .screen()
                .contains("unchanged (Ctrl-u clears it for everyone)"),
            "{}",
            world.screen()
        );
        world.keys(key);
        assert!(
            world.screen().contains("Title   (cleared for everyone)"),
            "{}",
            world.screen()
        );
        world.keys(key);
        assert!(
            !world.screen().contains("(cleared for everyone)"),
            "{}",
            world.screen()
        );
        world.keys(key).keys("Tab Tab Ctrl-n");
        assert!(
            world.screen().contains("Title   (cleared for everyone)"),
            "{}",
            world.screen()
        );
        world.keys("Ctrl-s");
        assert!(
            world.screen().contains("Title: Plant Operator → –"),
            "{}",
            world.screen()
        );
    }
}

#[test]
fn what_must_not_be_empty_is_not_emptied() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("= PgUp Ctrl-u Ctrl-s");
    assert!(
        world.screen().contains("Nothing was changed."),
        "{}",
        world.screen()
    );
}

#[test]
fn many_are_deleted_only_by_their_number() {
    let mut world = World::signed_in(Role::Admin, crowd(7), (80, 24));
    world.keys("* d y Right Enter");
    assert_eq!(asked(&mut world), []);
    assert!(
        world.screen().contains("Type 7 to confirm"),
        "{}",
        world.screen()
    );
    world.keys("6 Enter");
    assert_eq!(asked(&mut world), []);
    world.keys("Backspace 7 Enter");
    let requests = asked(&mut world);
    assert!(matches!(requests[0].2, RowRequest::Delete { .. }));
    assert_eq!(requests.len(), 7);
}

#[test]
fn the_preview_of_a_deletion_says_how_many_others_report_to_them() {
    let mut world = World::signed_in(Role::Admin, staff(), (80, 24));
    world.keys("Space Space d");
    let queries = world.take().into_iter().map(|effect| match effect {
        Effect::Call(Call::Collect { query }) => query,
        other => panic!("{other:?}"),
    });
    let queries = queries.collect::<Vec<_>>();
    assert_eq!(
        queries
            .iter()
            .map(|query| query.q.as_str())
            .collect::<Vec<_>>(),
        ["mgr:1", "mgr:2"]
    );
    for (query, total) in queries.into_iter().zip([2, 7]) {
        world.reply(Reply::Collected {
            query,
            result: Ok(Page {
                rows: Vec::new(),
                offset: 0,
                total,
                ..Page::default()
            }),
        });
    }
    // One of the two who report to Maya is to be deleted with her.
    let message = "2 people. 8 other people report to them. Nothing is deleted yet.";
    assert!(world.screen().contains(message), "{}", world.screen());

    let mut world = World::signed_in(Role::Admin, crowd(21), (80, 24));
    world.keys("* d");
    assert_eq!(world.take(), [], "of many it would be too many questions");
}

#[test]
fn five_are_deleted_after_one_question_and_six_by_their_number_alone() {
    for (people, keys, deleted) in [
        (5, "Enter", 0),
        (5, "Right Enter", 5),
        (6, "Right Enter", 0),
        (6, "5 Enter", 0),
        (6, "6 6 Enter", 0),
        (6, "6 Enter", 6),
    ] {
        let mut world = World::signed_in(Role::Admin, crowd(people), (80, 24));
        world.keys("* d");
        assert_eq!(
            world.screen().contains("Type 6 to confirm"),
            people == 6,
            "{}",
            world.screen()
        );
        world.keys(keys);
        assert_eq!(
            does_all(&mut world).len(),
            deleted,
            "{people} people, {keys}"
        );
    }
}

#[test]
fn y_and_n_answer_a_preview_as_they_answer_a_question() {
    let mut world = lead();
    world.keys("n");
    assert!(
        world.state.overlay::<Batch>().is_none(),
        "n leads back to the form"
    );
    assert_eq!(world.state.screen(), Screen::Form);
    world.keys("Ctrl-s").take();
    assert!(world.footer().contains("y yes"), "{}", world.footer());
    world.keys("y");
    assert_eq!(does_all(&mut world), [0, 1, 2]);
    world.keys("y");
    assert!(
        world.screen().contains("There is no question here."),
        "{}",
        world.screen()
    );
}

#[test]
fn y_deletes_many_only_after_their_number() {
    let mut world = World::signed_in(Role::Admin, crowd(9), (80, 24));
    world.keys("*").serve().keys("d").take();
    world.keys("y");
    assert!(asked(&mut world).is_empty());
    assert!(
        world.screen().contains("Type 9 to confirm"),
        "{}",
        world.screen()
    );
    world.types("9").keys("y");
    assert_eq!(asked(&mut world).len(), 9);
}
