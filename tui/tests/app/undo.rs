//! What was done is taken back, through the server, and never over somebody else's words.

use roster::effect::{Call, Effect, RowRequest};
use roster::event::{Event, Reply, Timer};
use roster::keys::Screen;
use roster::state::{Conflict, Form};
use roster_common::{Changes, Code, Employee, Field, Role};

use crate::world::{World, changed, crowd, person, refused, staff, stale, unanswered};

/// Maya's title has been changed here, and saved.
fn changed_title(role: Role) -> World {
    let mut world = World::signed_in(role, staff(), (80, 24));
    edit(&mut world, "Foreman");
    world
}

/// Writes another title for Maya, which the server saves.
fn edit(world: &mut World, title: &str) {
    world
        .keys("g g e Tab Tab Tab Tab Ctrl-u")
        .types(title)
        .keys("Ctrl-s");
    world.take();
    saves(world, Field::Title, title);
}

/// The server saves what ada has written of Maya.
fn saves<'w>(world: &'w mut World, field: Field, value: &str) -> &'w mut World {
    let now = by_ada(&world.people[0], &[(field, value)]);
    world.people[0] = now.clone();
    world.reply(Reply::Changed(Ok(now))).serve()
}

fn by_ada(before: &Employee, fields: &[(Field, &str)]) -> Employee {
    Employee {
        updated_by: "ada".into(),
        ..changed(before, fields)
    }
}

fn asked(world: &mut World) -> (u64, RowRequest) {
    let effects = world.take();
    let first = effects
        .iter()
        .rev()
        .find(|effect| matches!(effect, Effect::Call(Call::Apply { row: 0, .. })));
    let Some(Effect::Call(Call::Apply { batch, request, .. })) = first else {
        panic!("{effects:?}")
    };
    (*batch, request.clone())
}

/// Does what is asked of Maya, as the server would; the version that it was asked for.
fn serve(world: &mut World) -> u64 {
    let (batch, request) = asked(world);
    let RowRequest::Change {
        id,
        version,
        changes,
    } = request
    else {
        panic!("{request:?}")
    };
    assert_eq!((id, version), (world.people[0].id, world.people[0].version));
    let fields: Vec<_> = changes.iter().collect();
    let now = by_ada(&world.people[0], &fields);
    world.people[0] = now.clone();
    world
        .reply(Reply::Applied {
            batch,
            row: 0,
            result: Ok(Some(now)),
        })
        .serve();
    version.get()
}

fn title(world: &World) -> String {
    world.people[0].details.text(Field::Title).into_owned()
}

#[test]
fn a_change_is_undone_and_redone() {
    let mut world = changed_title(Role::Editor);
    assert!(
        world
            .screen()
            .contains("Saved Maya Castro. Press u to undo.")
    );
    world.keys("u");
    serve(&mut world);
    assert_eq!(title(&world), "Plant Operator");
    assert!(
        world
            .screen()
            .contains("Undid: Maya Castro, title. Press U to redo."),
        "{}",
        world.screen()
    );
    assert_eq!(world.state.screen(), Screen::Table);
    world.keys("U");
    serve(&mut world);
    assert_eq!(title(&world), "Foreman");
    world.keys("U");
    assert!(world.screen().contains("Nothing to redo."));
}

#[test]
fn a_chain_of_changes_is_undone_to_its_beginning_and_redone_to_its_end() {
    let mut world = changed_title(Role::Editor);
    edit(&mut world, "Director");
    edit(&mut world, "Chair");
    for expected in ["Director", "Foreman", "Plant Operator"] {
        world.keys("u");
        serve(&mut world);
        assert_eq!(title(&world), expected);
    }
    for expected in ["Foreman", "Director", "Chair"] {
        world.keys("U");
        serve(&mut world);
        assert_eq!(title(&world), expected);
    }
    world.keys("u");
    serve(&mut world);
    edit(&mut world, "Owner");
    world.keys("U");
    assert!(
        world.screen().contains("Nothing to redo"),
        "what is written anew ends what could be redone"
    );
}

#[test]
fn undo_does_not_overwrite_someone_elses_newer_change() {
    let mut world = changed_title(Role::Editor);
    world.keys("u");
    let (batch, _) = asked(&mut world);
    let theirs = changed(
        &world.people[0],
        &[(Field::Title, "Chair"), (Field::Location, "Leeds")],
    );
    world.people[0] = theirs.clone();
    world
        .reply(Reply::Applied {
            batch,
            row: 0,
            result: Err(stale(&theirs)),
        })
        .serve();
    assert_eq!(world.state.screen(), Screen::Conflict);
    assert!(
        world.screen().contains("eve changed Maya Castro"),
        "{}",
        world.screen()
    );
    let rows: Vec<_> = world
        .state
        .overlay::<Conflict>()
        .unwrap()
        .rows
        .iter()
        .map(|row| row.field)
        .collect();
    assert_eq!(rows, [Field::Title, Field::Location]);
    world.keys("m Enter");
    let [
        ..,
        Effect::Call(Call::Change {
            version, changes, ..
        }),
    ] = &world.take()[..]
    else {
        panic!()
    };
    assert_eq!(
        (*version, changes.get(Field::Title)),
        (theirs.version, Some("Plant Operator"))
    );
}

/// Eve changes something of Maya, of which nobody here knows.
fn eve_changes(world: &mut World, field: Field, value: &str) {
    world.people[0] = changed(&world.people[0], &[(field, value)]);
}

/// Refuses what is asked of Maya: the record is another one.
fn refuse(world: &mut World) {
    let (batch, _) = asked(world);
    let result = Err(stale(&world.people[0]));
    world.reply(Reply::Applied {
        batch,
        row: 0,
        result,
    });
}

#[test]
fn what_a_colleague_has_changed_elsewhere_stays_when_a_change_is_undone_and_redone() {
    let mut world = changed_title(Role::Editor);
    edit(&mut world, "Director");
    eve_changes(&mut world, Field::Phone, "+44 20 7946 0123");
    for expected in ["Foreman", "Plant Operator"] {
        world.keys("u");
        refuse(&mut world);
        serve(&mut world);
        assert_eq!(
            (title(&world).as_str(), world.state.screen()),
            (expected, Screen::Table)
        );
        if expected == "Foreman" {
            let message = "Undid: Maya Castro, title. Kept eve's other changes. Press U to redo.";
            assert!(world.screen().contains(message), "{}", world.screen());
        }
    }
    for expected in ["Foreman", "Director"] {
        world.keys("U");
        serve(&mut world);
        assert_eq!(title(&world), expected);
    }
    assert_eq!(
        world.people[0].details.text(Field::Phone),
        "+44 20 7946 0123"
    );
}

/// Maya's title has been changed here, and her telephone number; then eve has changed the number,
/// and the undo of it has met that.
fn phone_in_conflict() -> World {
    let mut world = changed_title(Role::Editor);
    world
        .keys("g g e PgDn Up Up Up Up Up Ctrl-u")
        .types("+44 1")
        .keys("Ctrl-s");
    saves(&mut world, Field::Phone, "+44 1").take();
    eve_changes(&mut world, Field::Phone, "+44 2");
    world.keys("u");
    refuse(&mut world);
    world.serve().take();
    world
}

#[test]
fn a_declined_undo_stays_next() {
    let mut world = phone_in_conflict();
    for _ in 0..2 {
        assert_eq!(world.state.screen(), Screen::Conflict);
        let screen = world.screen();
        assert!(
            screen.contains(", after your change") && !screen.contains("while you were editing it"),
            "{screen}"
        );
        world.keys("Esc");
        assert_eq!(
            world.state.screen(),
            Screen::Table,
            "there is no form that anybody opened"
        );
        world.keys("u");
        refuse(&mut world);
        world.serve().take();
    }
    assert_eq!(world.state.undo.done.len(), 2);
}

#[test]
fn the_conflict_of_an_undo_says_whose_value_is_whose_and_how_to_cancel() {
    for size in [(80, 24), (120, 40), (40, 15)] {
        let mut world = phone_in_conflict();
        world.event(Event::Resize(ratatui::layout::Size::from(size)));
        let shown = world.screen();
        let (_, screen) = shown.split_once("eve changed").unwrap();
        let headings = if size.0 < 60 {
            ["before", "wrote", "now"]
        } else {
            ["Before your change", "You wrote", "Now"]
        };
        let mut places = headings.map(|heading| screen.find(heading));
        assert!(places.iter().all(Option::is_some), "{screen}");
        assert!(places.is_sorted(), "{screen}");
        places = ["+1-555-0122-8293", "+44 1", "+44 2"].map(|value| screen.find(value));
        assert!(
            places.iter().all(Option::is_some) && places.is_sorted(),
            "{screen}"
        );
        assert!(world.footer().contains("Esc cancel"), "{screen}");
        world.take();
        world.keys("Esc");
        assert_eq!(world.state.screen(), Screen::Table);
        assert!(
            world.screen().contains("Nothing was undone."),
            "{}",
            world.screen()
        );
        assert_eq!(world.take(), []);
    }
}

/// Maya's title has been changed here and back; then eve has changed it, and the redo
/// has met that.
fn redo_in_conflict() -> World {
    let mut world = changed_title(Role::Editor);
    world.keys("u");
    serve(&mut world);
    eve_changes(&mut world, Field::Title, "Chair");
    world.keys("U");
    refuse(&mut world);
    world.serve().take();
    world
}

#[test]
fn a_redo_that_is_not_done_says_that_nothing_was_redone() {
    let mut canceled = redo_in_conflict();
    canceled.keys("Esc");
    let screen = canceled.screen();
    assert!(screen.contains("Canceled. Nothing was redone."), "{screen}");

    let mut deleted = redo_in_conflict();
    deleted.keys("m Enter").take();
    let gone = Reply::Changed(Err(refused(Code::EmployeeNotFound)));
    deleted.reply(gone).serve();
    let screen = deleted.screen();
    assert!(screen.contains("deleted; nothing was redone."), "{screen}");
}

#[test]
fn keeping_their_value_finishes_the_undo() {
    let mut world = phone_in_conflict();
    world.keys("t Enter u");
    let (_, RowRequest::Change { changes, .. }) = asked(&mut world) else {
        panic!()
    };
    assert_eq!(
        changes.get(Field::Title),
        Some("Plant Operator"),
        "undoes the earlier change"
    );
}

#[test]
fn an_undo_is_done_where_the_old_value_is_taken_and_what_was_undone_before_can_be_redone() {
    let mut world = phone_in_conflict();
    let earlier = world.state.undo.done[0].clone();
    world.state.undo.undone.push(earlier);
    world.keys("m Enter").take();
    saves(&mut world, Field::Phone, "+1-555-0122-8293").take();
    assert_eq!(world.state.screen(), Screen::Table);
    assert!(
        world
            .screen()
            .contains("Saved Maya Castro. Press U to redo."),
        "{}",
        world.screen()
    );
    assert_eq!(
        (world.state.undo.done.len(), world.state.undo.undone.len()),
        (1, 2)
    );
    world.keys("U");
    let (_, RowRequest::Change { changes, .. }) = asked(&mut world) else {
        panic!()
    };
    assert_eq!(
        changes.get(Field::Phone),
        Some("+44 2"),
        "back to what eve wrote"
    );
}

#[test]
fn an_undo_is_settled_where_the_result_is_written_in_the_form() {
    let mut world = phone_in_conflict();
    world.keys("e Ctrl-u").types("+44 3").keys("Ctrl-s").take();
    eve_changes(&mut world, Field::Phone, "+44 4");
    world
        .reply(Reply::Changed(Err(stale(&world.people[0]))))
        .take();
    assert!(
        world.screen().contains("while you were editing it"),
        "{}",
        world.screen()
    );
    world.keys("Esc");
    assert_eq!(world.state.screen(), Screen::Form, "what was written stays");
    assert_eq!(world.state.undo.done.len(), 2, "and it is undecided");
    let again = Reply::Changed(Err(stale(&world.people[0])));
    world.keys("Ctrl-s").reply(again).keys("m Enter").take();
    saves(&mut world, Field::Phone, "+44 3").take();
    let whats: Vec<_> = world
        .state
        .undo
        .done
        .iter()
        .map(|undo_entry| undo_entry.what.as_str())
        .collect();
    assert_eq!(whats, ["Maya Castro, title", "Maya Castro, phone"]);
    world.keys("u");
    let (_, RowRequest::Change { changes, .. }) = asked(&mut world) else {
        panic!()
    };
    assert_eq!(
        changes.get(Field::Phone),
        Some("+44 4"),
        "back to what eve wrote"
    );
}

#[test]
fn who_is_deleted_while_the_undo_is_decided_on_leaves_nothing_to_undo() {
    let mut world = phone_in_conflict();
    world.keys("m Enter").take();
    world
        .reply(Reply::Changed(Err(refused(Code::EmployeeNotFound))))
        .serve();
    assert_eq!(
        (world.state.screen(), world.state.undo.done.len()),
        (Screen::Table, 1)
    );
    assert!(
        world.screen().contains("nothing was undone"),
        "{}",
        world.screen()
    );
}

#[test]
fn those_of_many_who_are_in_conflict_are_decided_on_one_by_one() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world
        .keys("Space Space Space =")
        .types("Lead")
        .keys("Ctrl-s Right Enter");
    does_all(&mut world, &[]);
    world.keys("Enter u");
    does_all(&mut world, &[1, 2]);
    assert!(
        world.screen().contains("1 changed, 2 skipped."),
        "{}",
        world.screen()
    );
    world.keys("Esc");
    let whats: Vec<_> = world
        .state
        .undo
        .done
        .iter()
        .map(|undo_entry| undo_entry.what.as_str())
        .collect();
    assert_eq!(whats, ["서지훈, title", "渡辺智也, title"]);
    world.keys("u");
    does_all(&mut world, &[2]);
    assert_eq!(world.state.screen(), Screen::Conflict);
}

#[test]
fn the_rest_of_a_bulk_undo_is_settled_once_it_is_resolved() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world
        .keys("Space Space =")
        .types("Lead")
        .keys("Ctrl-s Right Enter");
    does_all(&mut world, &[]);
    world.keys("Enter u");
    does_all(&mut world, &[1]);
    world.keys("Esc U");
    does_all(&mut world, &[0]);
    assert_eq!(world.state.screen(), Screen::Conflict);
    world.keys("t Enter");
    assert_eq!(world.state.undo.undone, []);
}

#[test]
fn the_results_say_which_key_undoes_them_and_that_key_does() {
    let mut world = World::signed_in(Role::Editor, crowd(6), (80, 24));
    world.keys("* =").types("Lead").keys("Ctrl-s u");
    assert!(
        world.screen().contains("Nothing is saved yet."),
        "{}",
        world.screen()
    );
    world.keys("Right Enter u");
    assert!(
        world
            .screen()
            .contains("Still running. Wait for the server."),
        "{}",
        world.screen()
    );
    does_all(&mut world, &[]);
    assert!(
        world.screen().contains("6 changed. Press u to undo."),
        "{}",
        world.screen()
    );
    world.keys("u Right Enter");
    does_all(&mut world, &[]);
    assert!(
        world.screen().contains("6 changed. Press U to redo."),
        "{}",
        world.screen()
    );
    world.keys("u");
    assert!(
        world.screen().contains("Nothing to undo."),
        "{}",
        world.screen()
    );
    assert_eq!(world.state.screen(), Screen::Table);
    world.keys("U Right Enter");
    does_all(&mut world, &[]);
    assert!(
        world.screen().contains("6 changed. Press u to undo."),
        "{}",
        world.screen()
    );
}

#[test]
fn a_change_of_more_than_five_is_undone_after_a_preview() {
    let mut world = World::signed_in(Role::Editor, crowd(6), (80, 24));
    world.keys("* =").types("Lead").keys("Ctrl-s Right Enter");
    does_all(&mut world, &[]);
    world.keys("Enter u");
    assert_eq!(world.take(), []);
    let screen = world.screen();
    for message in [
        "Undo: 6 people, title",
        "Title: Lead → –",
        "Nothing is saved yet.",
        "Undo for 6 people",
    ] {
        assert!(screen.contains(message), "{message}\n{screen}");
    }
    world.keys("Esc");
    assert_eq!(
        (world.state.screen(), world.state.undo.done.len()),
        (Screen::Table, 1),
        "nothing is lost by a look"
    );
    world.keys("u Right Enter");
    does_all(&mut world, &[]);
    assert!(world.screen().contains("6 changed."), "{}", world.screen());
    world.keys("Enter U");
    assert!(
        world.screen().contains("Title: – → Lead"),
        "{}",
        world.screen()
    );
}

#[test]
fn a_deletion_of_more_than_five_is_undone_after_a_question_and_redone_by_its_number() {
    let mut world = World::signed_in(Role::Admin, crowd(6), (80, 24));
    world.keys("* d 6 Enter");
    let gone = std::mem::take(&mut world.people);
    applies_all(&mut world, |_| None);
    world.keys("Enter u");
    assert!(
        world.screen().contains("Restore 6 people"),
        "{}",
        world.screen()
    );
    world.keys("Right Enter");
    applies_all(&mut world, |row| Some(by_ada(&gone[row], &[])));
    world.keys("Enter U");
    assert_eq!(crate::batch::asked(&mut world), []);
    assert!(
        world.screen().contains("Type 6 to confirm"),
        "{}",
        world.screen()
    );
    world.keys("Right Enter");
    assert_eq!(crate::batch::asked(&mut world), []);
    world.keys("6 Enter");
    assert!(matches!(asked(&mut world).1, RowRequest::Delete { .. }));
}

/// Does what is asked of every row: with the record that it has then.
fn applies_all(world: &mut World, now: impl Fn(usize) -> Option<Employee>) {
    let rows = crate::batch::asked(world);
    for (batch, row, _) in &rows {
        world.reply(Reply::Applied {
            batch: *batch,
            row: *row,
            result: Ok(now(*row)),
        });
    }
    if rows.is_empty() {
        world.serve().take();
    } else {
        applies_all(world, now);
    }
}

/// Does what is asked, as the server would; but of these rows of the staff eve has changed the
/// title meanwhile.
fn does_all(world: &mut World, in_conflict: &[usize]) {
    let rows = crate::batch::asked(world);
    if rows.is_empty() {
        world.serve().take();
        return;
    }
    for (batch, row, request) in rows {
        let RowRequest::Change { id, changes, .. } = request else {
            panic!("{request:?}")
        };
        let at = world
            .people
            .iter()
            .position(|person| person.id == id)
            .unwrap();
        let fields: Vec<_> = changes.iter().collect();
        let result = match in_conflict.contains(&at) {
            true => Err(stale(&changed(
                &world.people[at],
                &[(Field::Title, "Chair")],
            ))),
            false => Ok(Some(by_ada(&world.people[at], &fields))),
        };
        if let Ok(Some(now)) = &result {
            world.people[at] = now.clone();
        }
        world.reply(Reply::Applied { batch, row, result });
    }
    does_all(world, in_conflict);
}

#[test]
fn an_answer_that_was_lost_leaves_it_to_be_undone() {
    let mut world = changed_title(Role::Editor);
    world.keys("u");
    let (batch, _) = asked(&mut world);
    world.reply(Reply::Applied {
        batch,
        row: 0,
        result: Err(unanswered()),
    });
    assert_eq!(
        world.state.screen(),
        Screen::Batch,
        "and the person may try again"
    );
    world.keys("Esc");
    assert_eq!(world.state.undo.done.len(), 1);
}

#[test]
fn a_person_is_restored_once_however_often_the_answer_is_lost() {
    let mut world = World::signed_in(Role::Admin, staff(), (80, 24));
    let maya = world.people.remove(0);
    world
        .reply(Reply::Deleted {
            employee: Box::new(maya.clone()),
            result: Ok(()),
        })
        .serve();
    world.take();
    world.keys("u");
    let (batch, RowRequest::Restore { id, .. }) = asked(&mut world) else {
        panic!()
    };
    assert_eq!(id, maya.id);
    world.reply(Reply::Applied {
        batch,
        row: 0,
        result: Err(unanswered()),
    });
    world.keys("Esc");
    world.event(Event::Timer(Timer::Retry)).serve().take();
    world.keys("u");
    let (batch, RowRequest::Restore { .. }) = asked(&mut world) else {
        panic!()
    };
    let back = by_ada(&by_ada(&maya, &[]), &[]);
    world.people.insert(0, back.clone());
    world
        .reply(Reply::Applied {
            batch,
            row: 0,
            result: Err(stale(&back)),
        })
        .serve();
    assert!(
        world.screen().contains("Undid: delete Maya Castro."),
        "{}",
        world.screen()
    );
}

#[test]
fn a_person_already_restored_by_a_colleague_is_left_alone() {
    let mut world = World::signed_in(Role::Admin, staff(), (80, 24));
    let maya = world.people.remove(0);
    world
        .reply(Reply::Deleted {
            employee: Box::new(maya.clone()),
            result: Ok(()),
        })
        .serve();
    world.take();
    world.keys("u");
    let (batch, _) = asked(&mut world);
    let theirs = changed(&changed(&maya, &[]), &[(Field::Title, "Chair")]);
    world.people.insert(0, theirs.clone());
    world
        .reply(Reply::Applied {
            batch,
            row: 0,
            result: Err(stale(&theirs)),
        })
        .serve();
    let screen = world.screen();
    assert!(
        screen.contains("eve changed Maya Castro") && screen.contains("Nothing was undone"),
        "{screen}"
    );
}

#[test]
fn two_deletions_at_once_are_undone_one_after_the_other() {
    let mut world = World::signed_in(Role::Admin, staff(), (80, 24));
    world.keys("d y j d y");
    let gone: Vec<_> = world.take();
    let gone = gone.into_iter().filter_map(|effect| match effect {
        Effect::Call(Call::Delete(employee)) => Some(employee),
        _ => None,
    });
    for employee in gone.collect::<Vec<_>>() {
        world.people.retain(|person| person.id != employee.id);
        world
            .reply(Reply::Deleted {
                employee,
                result: Ok(()),
            })
            .serve();
    }
    let whats: Vec<_> = world
        .state
        .undo
        .done
        .iter()
        .map(|undo_entry| undo_entry.what.as_str())
        .collect();
    assert_eq!(whats, ["delete Maya Castro", "delete 서지훈"]);
}

#[test]
fn people_are_restored_after_their_manager() {
    let mut world = World::signed_in(Role::Admin, staff(), (80, 24));
    world.keys("* d y");
    let gone = world.people.clone();
    world.keys("Right Enter");
    for effect in world.take() {
        let Effect::Call(Call::Apply { batch, row, .. }) = effect else {
            continue;
        };
        world.reply(Reply::Applied {
            batch,
            row,
            result: Ok(None),
        });
    }
    for effect in world.take() {
        let Effect::Call(Call::Apply { batch, row, .. }) = effect else {
            continue;
        };
        world.reply(Reply::Applied {
            batch,
            row,
            result: Ok(None),
        });
    }
    world.people.clear();
    world.keys("Enter").serve().take();
    world.keys("u");
    let (mut back, mut answered) = (Vec::new(), Vec::new());
    loop {
        let asked: Vec<_> = world
            .take()
            .into_iter()
            .filter(|e| matches!(e, Effect::Call(Call::Apply { .. })))
            .collect();
        if asked.is_empty() {
            break;
        }
        for effect in asked {
            let Effect::Call(Call::Apply {
                batch,
                row,
                request: RowRequest::Restore { id, changes },
            }) = effect
            else {
                panic!()
            };
            let manager = changes
                .get(Field::Manager)
                .filter(|manager| !manager.is_empty());
            let manager = manager.map(|manager| manager.parse().unwrap());
            assert!(
                manager.is_none_or(|manager| back.contains(&manager)),
                "{id} before {manager:?}"
            );
            answered.push((batch, row, id));
        }
        for (batch, row, id) in answered.drain(..) {
            back.push(id);
            world.reply(Reply::Applied {
                batch,
                row,
                result: Ok(Some(gone[row].clone())),
            });
        }
    }
    assert_eq!(back.len(), gone.len());
    assert!(
        gone.iter()
            .filter(|person| person.details.manager() == Some(gone[0].id))
            .count()
            > 1
    );
}

#[test]
fn a_busy_server_leaves_what_was_to_be_undone() {
    let mut world = changed_title(Role::Editor);
    world.keys("u");
    let (batch, _) = asked(&mut world);
    world.reply(Reply::Applied {
        batch,
        row: 0,
        result: Err(refused(Code::Unavailable)),
    });
    world.keys("Esc");
    assert_eq!(world.state.undo.done.len(), 1);
}

#[test]
fn a_colleagues_same_change_is_not_undone() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world
        .keys("Space =")
        .types("Lead")
        .keys("Ctrl-s Right Enter");
    let (batch, _) = asked(&mut world);
    let theirs = changed(
        &world.people[0],
        &[(Field::Title, "Lead"), (Field::Location, "Leeds")],
    );
    world
        .reply(Reply::Applied {
            batch,
            row: 0,
            result: Err(stale(&theirs)),
        })
        .serve();
    assert!(
        world.screen().contains("1 unchanged."),
        "{}",
        world.screen()
    );
    assert!(world.state.undo.done.is_empty());
}

#[test]
fn an_addition_is_undone_by_who_may_delete() {
    for role in [Role::Editor, Role::Admin] {
        let mut world = World::signed_in(role, staff(), (80, 24));
        world
            .keys("n")
            .types("Grace")
            .keys("Tab")
            .types("Hopper")
            .keys("Ctrl-s");
        let grace = person(6, "Grace", "Hopper", &[]);
        world.people.push(grace.clone());
        world.reply(Reply::Created(Ok(grace.clone()))).serve();
        world.take();
        world.keys("u");
        if role == Role::Editor {
            assert!(
                world
                    .screen()
                    .contains("Only an admin can undo: add Grace Hopper."),
                "{}",
                world.screen()
            );
            world.keys("u");
            assert!(
                world.screen().contains("Nothing to undo."),
                "{}",
                world.screen()
            );
            continue;
        }
        let (batch, request) = asked(&mut world);
        assert_eq!(
            request,
            RowRequest::Delete {
                id: grace.id,
                version: grace.version
            }
        );
        world.people.pop();
        world
            .reply(Reply::Applied {
                batch,
                row: 0,
                result: Ok(None),
            })
            .serve();
        assert!(
            world.screen().contains("Undid: add Grace Hopper."),
            "{}",
            world.screen()
        );
    }
}

#[test]
fn an_editor_who_cannot_undo_an_addition_does_not_undo_an_older_change_by_accident() {
    let mut world = changed_title(Role::Editor);
    world
        .keys("n")
        .types("Grace")
        .keys("Tab")
        .types("Hopper")
        .keys("Ctrl-s");
    let grace = person(6, "Grace", "Hopper", &[]);
    world.people.push(grace.clone());
    world.reply(Reply::Created(Ok(grace))).serve();
    world.take();

    world.keys("u");

    let banner = world
        .state
        .banner
        .as_ref()
        .map(|banner| banner.text.as_str());
    assert_eq!(
        banner,
        Some(
            "Only an admin can undo: add Grace Hopper. Press u again to undo: Maya Castro, title."
        )
    );
    assert_eq!(world.take(), []);
    world.keys("u");
    serve(&mut world);
    assert_eq!(title(&world), "Plant Operator");
}

#[test]
fn the_cursor_moves_to_a_restored_person() {
    let mut world = World::signed_in(Role::Admin, crowd(500), (80, 24));
    world.keys("4 0 0 G").serve().keys("d y");
    let gone = world.people.remove(399);
    world
        .reply(Reply::Deleted {
            employee: Box::new(gone.clone()),
            result: Ok(()),
        })
        .serve()
        .take();
    world.keys("g g").serve().keys("u");
    let (batch, _) = asked(&mut world);
    let back = by_ada(&by_ada(&gone, &[]), &[]);
    world.people.insert(399, back.clone());
    world
        .reply(Reply::Applied {
            batch,
            row: 0,
            result: Ok(Some(back)),
        })
        .serve();
    assert_eq!(world.state.current().map(|person| person.id), Some(gone.id));
    assert!(
        world.screen().contains("Undid: delete Given400 Family400."),
        "{}",
        world.screen()
    );
}

#[test]
fn a_deletion_is_undone_and_what_came_before_it_too() {
    let mut world = changed_title(Role::Admin);
    world.keys("d y");
    let maya = world.people.remove(0);
    world
        .reply(Reply::Deleted {
            employee: Box::new(maya.clone()),
            result: Ok(()),
        })
        .serve();
    world.take();
    world.keys("u");
    let (batch, request) = asked(&mut world);
    assert_eq!(
        request,
        RowRequest::Restore {
            id: maya.id,
            changes: Changes::from(&maya.details)
        }
    );
    let back = by_ada(&by_ada(&maya, &[]), &[]);
    world.people.insert(0, back.clone());
    world
        .reply(Reply::Applied {
            batch,
            row: 0,
            result: Ok(Some(back)),
        })
        .serve();
    assert!(
        world
            .screen()
            .contains("Undid: delete Maya Castro. Press U to redo."),
        "{}",
        world.screen()
    );
    world.keys("u");
    serve(&mut world);
    assert_eq!(
        title(&world),
        "Plant Operator",
        "the change before the deletion"
    );
}

#[test]
fn a_change_of_a_deleted_person_cannot_be_undone() {
    let mut world = changed_title(Role::Editor);
    world.keys("u");
    let (batch, _) = asked(&mut world);
    world
        .reply(Reply::Applied {
            batch,
            row: 0,
            result: Err(refused(Code::EmployeeNotFound)),
        })
        .serve();
    assert!(
        world
            .screen()
            .contains("This person has since been deleted"),
        "{}",
        world.screen()
    );
    world.keys("u");
    assert!(world.screen().contains("Nothing to undo."));
}

#[test]
fn a_change_of_many_is_undone_as_one() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world
        .keys("Space Space =")
        .types("Lead")
        .keys("Ctrl-s Right Enter");
    let apply = |world: &mut World| {
        let effects = world.take();
        let requests: Vec<_> = effects
            .into_iter()
            .filter_map(|effect| match effect {
                Effect::Call(Call::Apply {
                    batch,
                    row,
                    request:
                        RowRequest::Change {
                            version, changes, ..
                        },
                }) => Some((batch, row, version, changes)),
                _ => None,
            })
            .collect();
        assert_eq!(requests.len(), 2);
        for (batch, row, version, changes) in requests {
            assert_eq!(version, world.people[row].version);
            let fields: Vec<_> = changes.iter().collect();
            let now = by_ada(&world.people[row], &fields);
            world.people[row] = now.clone();
            world.reply(Reply::Applied {
                batch,
                row,
                result: Ok(Some(now)),
            });
        }
    };
    apply(&mut world);
    world.keys("Enter u");
    assert!(
        world.screen().contains("Undo: 2 people, title"),
        "{}",
        world.screen()
    );
    apply(&mut world);
    assert!(world.screen().contains("2 changed."), "{}", world.screen());
    let titles: Vec<_> = world
        .people
        .iter()
        .take(2)
        .map(|p| p.details.text(Field::Title).into_owned())
        .collect();
    assert_eq!(titles, ["Plant Operator", "Support Engineer"]);
    assert!(world.state.overlay::<Form>().is_none());
}

#[test]
fn a_deletion_is_done_again_only_after_a_question() {
    let mut world = World::signed_in(Role::Admin, staff(), (80, 24));
    let maya = world.people.remove(0);
    world
        .reply(Reply::Deleted {
            employee: Box::new(maya.clone()),
            result: Ok(()),
        })
        .serve();
    world.take();
    world.keys("u");
    let (batch, _) = asked(&mut world);
    let back = by_ada(&by_ada(&maya, &[]), &[]);
    world.people.insert(0, back.clone());
    world
        .reply(Reply::Applied {
            batch,
            row: 0,
            result: Ok(Some(back.clone())),
        })
        .serve()
        .take();
    world.keys("U");
    assert!(
        world.screen().contains("> Cancel    Delete 1 person"),
        "{}",
        world.screen()
    );
    world.keys("Right Enter");
    let (_, request) = asked(&mut world);
    assert_eq!(
        request,
        RowRequest::Delete {
            id: back.id,
            version: back.version
        }
    );
}
