//! Creating, changing and deleting.

use jiff::SignedDuration;
use roster::effect::{Call, Effect, TerminalTask};
use roster::event::{Event, Reply};
use roster::keys::Screen;
use roster::state::{Confirm, Form, Question};
use roster_common::problem::Rule;
use roster_common::{Changes, Code, Field, FieldError, Problem, Role};

use crate::world::{World, changed, person, refused, staff, stale, unreachable};
use roster::remote::{ClientError, Page};

fn changes(fields: &[(Field, &str)]) -> Changes {
    let mut changes = Changes::default();
    fields
        .iter()
        .for_each(|(field, value)| changes.set(*field, *value));
    changes
}

#[test]
fn a_new_person_is_written_and_saved() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world
        .keys("n")
        .types("Grace")
        .keys("Tab")
        .types("Hopper")
        .keys("Ctrl-s");
    let expected = changes(&[
        (Field::Firstname, "Grace"),
        (Field::Lastname, "Hopper"),
        (Field::Status, "active"),
    ]);
    assert_eq!(
        world.take(),
        [Effect::Call(Call::Create {
            changes: expected,
            key: "run-1".into()
        })]
    );

    let grace = person(6, "Grace", "Hopper", &[]);
    world.people.push(grace.clone());
    world.reply(Reply::Created(Ok(grace))).serve();
    assert_eq!(world.state.overlay::<Form>(), None);
    assert!(world.screen().contains("Added Grace Hopper"));
    assert_eq!(
        world.state.current().unwrap().id.get(),
        6,
        "and the cursor is on her"
    );
}

#[test]
fn save_focuses_the_first_invalid_field() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world
        .keys("n Tab Tab")
        .types("not an address")
        .keys("Ctrl-s");
    assert_eq!(world.take(), []);
    let form = world.state.overlay::<Form>().unwrap();
    assert_eq!(form.focus, Field::Firstname);
    for message in [
        "First name is required.",
        "Last name is required.",
        "Enter an address like",
    ] {
        assert!(
            world.screen().contains(message),
            "{message}\n{}",
            world.screen()
        );
    }
}

#[test]
fn only_what_was_changed_is_sent() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world
        .keys("e Tab Ctrl-u")
        .types("Castro y Ruiz")
        .keys("Ctrl-s");
    let [
        ..,
        Effect::Call(Call::Change {
            id,
            version,
            changes: sent,
        }),
    ] = &world.take()[..]
    else {
        panic!()
    };
    assert_eq!((id.get(), version.get()), (1, 1));
    assert_eq!(*sent, changes(&[(Field::Lastname, "Castro y Ruiz")]));
}

#[test]
fn the_status_is_chosen_and_not_written() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("e PgDn Up Up Up Right x Ctrl-s");
    let [.., Effect::Call(Call::Change { changes: sent, .. })] = &world.take()[..] else {
        panic!()
    };
    assert_eq!(*sent, changes(&[(Field::Status, "leave")]));
}

/// Maya's form is open, and the server has another state of her record than the list.
fn reload(written: &str, newer: &[(Field, &str)]) -> World {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("e").types(written);
    let id = world.people[0].id;
    assert!(world.take().contains(&Effect::Call(Call::Fetch { id })));
    world.people[0] = changed(&world.people[0], newer);
    let result = Ok(world.people[0].clone());
    world.reply(Reply::Fetched { id, result });
    world
}

#[test]
fn a_form_shows_what_a_colleague_has_written_since_the_list_was_read() {
    let mut world = reload("!", &[(Field::Title, "Director")]);
    assert!(
        world
            .screen()
            .contains("eve changed Maya Castro at 09:30. The form shows it."),
        "{}",
        world.screen()
    );
    assert!(world.screen().contains("Director"), "{}", world.screen());
    world.keys("Ctrl-s");
    let [
        ..,
        Effect::Call(Call::Change {
            version,
            changes: sent,
            ..
        }),
    ] = &world.take()[..]
    else {
        panic!()
    };
    assert_eq!(
        (*version, sent),
        (
            world.people[0].version,
            &changes(&[(Field::Firstname, "Maya!")])
        )
    );
}

#[test]
fn an_answer_that_comes_after_that_of_the_change_is_not_shown() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    let (before, now) = (
        world.people[0].clone(),
        changed(&world.people[0], &[(Field::Title, "Director")]),
    );
    world
        .keys("e")
        .types("!")
        .keys("Ctrl-s")
        .reply(Reply::Changed(Ok(now)));
    world.reply(Reply::Fetched {
        id: before.id,
        result: Ok(before),
    });
    assert!(world.screen().contains("Director"), "{}", world.screen());
}

#[test]
fn the_form_of_a_deleted_person_says_so_and_keeps_its_text() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("e").types("!");
    let id = world.people[0].id;
    world.reply(Reply::Fetched {
        id,
        result: Err(refused(Code::EmployeeNotFound)),
    });
    let screen = world.screen();
    assert!(
        screen.contains("This person has since been deleted") && screen.contains("Maya!"),
        "{screen}"
    );

    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("Enter");
    world.people.remove(0);
    world
        .reply(Reply::Fetched {
            id,
            result: Err(refused(Code::EmployeeNotFound)),
        })
        .serve();
    assert!(
        world
            .screen()
            .contains("Maya Castro no longer matches the filter."),
        "{}",
        world.screen()
    );
}

#[test]
fn opening_a_record_shows_that_the_session_has_ended() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("Enter");
    let id = world.people[0].id;
    world.reply(Reply::Fetched {
        id,
        result: Err(refused(Code::SessionExpired)),
    });
    assert_eq!(world.state.screen(), Screen::SignIn);
}

#[test]
fn what_two_have_written_in_one_field_is_not_taken_from_either() {
    let mut world = reload(
        "!",
        &[(Field::Firstname, "Maja"), (Field::Title, "Director")],
    );
    assert!(world.screen().contains("Maya!"), "{}", world.screen());
    world.keys("Ctrl-s");
    assert_eq!(
        (world.state.screen(), world.take()),
        (Screen::Conflict, vec![]),
        "both are set side by side before anything is saved"
    );
}

#[test]
fn a_form_is_not_left_by_mistake() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("e Esc");
    assert_eq!(world.state.screen(), Screen::Table, "nothing was written");
    world.keys("e").types("!").keys("Esc");
    assert_eq!(
        world.state.overlay::<Confirm>().unwrap().question,
        Question::Discard
    );
    world.keys("Enter");
    assert_eq!(
        world
            .state
            .overlay::<Form>()
            .unwrap()
            .text(Field::Firstname),
        "Maya!"
    );
    world.keys("Esc Right Enter");
    assert_eq!(world.state.screen(), Screen::Table);
}

#[test]
fn a_paste_of_lines_is_one_value_and_submits_nothing() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world
        .keys("n")
        .event(Event::Paste("Grace\r\nBrewster\n".into()));
    assert_eq!(
        world
            .state
            .overlay::<Form>()
            .unwrap()
            .text(Field::Firstname),
        "Grace Brewster"
    );
    assert_eq!(world.take(), []);
}

#[test]
fn server_errors_are_shown_at_their_field() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("e PgDn Up Up Up Up").types("77").keys("Ctrl-s");
    let error = FieldError::new("manager", Rule::NotFound, "There is no employee 77.");
    let problem = Problem {
        errors: vec![error],
        ..Problem::new(Code::ValidationFailed, "Mend the fields.")
    };
    world.reply(Reply::Changed(Err(ClientError::Refused(Box::new(problem)))));
    assert_eq!(world.state.overlay::<Form>().unwrap().focus, Field::Manager);
    assert!(world.screen().contains("There is no employee 77."));
    world.keys("Backspace");
    assert!(
        !world.screen().contains("There is no employee 77."),
        "another value is another question"
    );
}

#[test]
fn a_person_deleted_meanwhile_is_reported_and_the_text_stays() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("e").types("!").keys("Ctrl-s");
    world.reply(Reply::Changed(Err(refused(Code::EmployeeNotFound))));
    assert!(world.screen().contains("has since been deleted"));
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
fn deleting_asks_first_and_cancel_is_the_first_answer() {
    let mut world = World::signed_in(Role::Admin, staff(), (80, 24));
    world.take();
    world.keys("d");
    assert!(world.screen().contains("Delete Maya Castro?") && world.screen().contains("> Cancel"));
    world.serve().keys("Enter");
    assert_eq!(world.take(), []);
    world.keys("d Right Enter");
    let Some(Effect::Call(Call::Delete(employee))) = world.take().pop() else {
        panic!()
    };
    assert_eq!((employee.id.get(), employee.version.get()), (1, 1));
    world.people.remove(0);
    world
        .reply(Reply::Deleted {
            employee,
            result: Ok(()),
        })
        .serve();
    assert!(world.screen().contains("Deleted Maya Castro."));
    assert_eq!(world.state.current().unwrap().id.get(), 2);
}

#[test]
fn a_record_that_changed_is_asked_for_again_before_it_is_deleted() {
    let mut world = World::signed_in(Role::Admin, staff(), (80, 24));
    world.keys("d y");
    let theirs = changed(&world.people[0], &[(Field::Title, "Plant Manager")]);
    world.reply(Reply::Deleted {
        employee: Box::new(world.people[0].clone()),
        result: Err(stale(&theirs)),
    });
    assert!(
        world.screen().contains("eve has since changed this record")
            && world.screen().contains("Plant Manager")
    );
    assert_eq!(
        world.state.overlay::<Confirm>().unwrap().chosen,
        0,
        "Cancel is first again"
    );
    world.take();
    world.keys("y");
    let Some(Effect::Call(Call::Delete(employee))) = world.take().pop() else {
        panic!()
    };
    assert_eq!(employee.version, theirs.version);
}

#[test]
fn a_read_only_role_is_refused_before_the_form_opens() {
    let mut world = World::signed_in(Role::Viewer, staff(), (80, 24));
    for (key, reason) in [
        ("n", "You have read-only access."),
        ("e", "You have read-only access."),
        ("d", "Only admins can delete."),
    ] {
        world.keys(key);
        assert_eq!(world.state.screen(), Screen::Table);
        assert!(world.screen().contains(reason), "{key}");
        let later = world.state.now + SignedDuration::from_secs(2);
        world.event(Event::Clock(later));
    }
}

#[test]
fn a_deletion_shows_how_many_people_report_to_the_person() {
    for (total, message) in [
        (1, "1 person reports to Maya Castro."),
        (1204, "1,204 people report to Maya Castro."),
    ] {
        let mut world = World::signed_in(Role::Admin, staff(), (80, 24));
        world.keys("d");
        let Some(Effect::Call(Call::Collect { query })) = world.take().pop() else {
            panic!()
        };
        assert_eq!(query.to_query_string(), "q=mgr%3A1&limit=1");
        let page = Page {
            rows: Vec::new(),
            offset: 0,
            total,
            ..Page::default()
        };
        world.reply(Reply::Collected {
            query: query.clone(),
            result: Ok(page.clone()),
        });
        assert!(world.screen().contains(message), "{}", world.screen());

        world.keys("Esc j d");
        world.reply(Reply::Collected {
            query,
            result: Ok(page),
        });
        assert!(
            !world.screen().contains("report"),
            "it was somebody else's\n{}",
            world.screen()
        );
    }
}

#[test]
fn a_deleted_person_is_restored_with_what_the_form_holds() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("j e").types("!").keys("Ctrl-s");
    world
        .reply(Reply::Changed(Err(refused(Code::EmployeeNotFound))))
        .take();
    assert!(
        world
            .screen()
            .contains("Ctrl-s restores them, Esc discards."),
        "{}",
        world.screen()
    );
    world.keys("Ctrl-s");
    let Some(Effect::Call(Call::Restore { id, changes })) = world.take().pop() else {
        panic!()
    };
    assert_eq!(id.get(), 2);
    for (field, value) in [
        (Field::Firstname, "지훈!"),
        (Field::Title, "Support Engineer"),
        (Field::Manager, "1"),
    ] {
        assert_eq!(changes.get(field), Some(value));
    }
    world.reply(Reply::Restored(Err(unreachable())));
    world.keys("Esc");
    assert_eq!(
        world.state.overlay::<Confirm>().unwrap().question,
        Question::Discard
    );
    world.keys("Enter Ctrl-s");
    let restored = person(2, "지훈!", "서", &[]);
    world.reply(Reply::Restored(Ok(restored)));
    let screen = world.screen();
    assert!(screen.contains("Restored 지훈! 서."), "{screen}");
}

#[test]
fn a_paste_of_several_lines_keeps_the_words_apart_and_says_so() {
    for (pasted, kept) in [
        ("Grace\nBrewster\nHopper", "Grace Brewster Hopper"),
        ("Grace \r\n\r\n  Brewster\r\n", "Grace Brewster"),
        ("Grace\rBrewster", "Grace Brewster"),
        ("Grace\u{2028}Brewster\u{b}Hopper", "Grace Brewster Hopper"),
        ("Grace\tBrewster", "Grace Brewster"),
        ("  Grace \n", "  Grace "),
    ] {
        let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
        world.keys("n").event(Event::Paste(pasted.into()));
        let form = world.state.overlay::<Form>().unwrap();
        assert_eq!(form.text(Field::Firstname), kept, "{pasted:?}");
        let is_several = pasted.trim().contains(['\n', '\r', '\u{2028}']);
        assert_eq!(
            world.screen().contains("lines as one."),
            is_several,
            "{pasted:?}\n{}",
            world.screen()
        );
    }
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("/").event(Event::Paste("maya\ncastro\n".into()));
    assert!(
        world.screen().contains("Pasted 2 lines as one."),
        "{}",
        world.screen()
    );
}

#[test]
fn notes_have_lines_that_are_typed_and_pasted_and_shown_as_lines() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.take();
    world.keys("e Shift-Tab");
    world.keys("Ctrl-u").types("One").keys("Enter").types("two");
    world.event(Event::Paste("\r\nthree".into()));
    let screen = world.screen();
    let line = |text: &str| screen.lines().position(|line| line.contains(text)).unwrap();
    let notes = line("Notes");
    assert_eq!(
        [line("One"), line("two"), line("three")],
        [notes, notes + 1, notes + 2],
        "{screen}"
    );
    world.keys("Ctrl-s");
    let [.., Effect::Call(Call::Change { changes, .. })] = &world.take()[..] else {
        panic!("nothing was sent")
    };
    assert_eq!(changes.get(Field::Notes), Some("One\ntwo\nthree"));

    let noted = person(1, "Ada", "Lovelace", &[(Field::Notes, "One\ntwo\n\nfour")]);
    let mut world = World::signed_in(Role::Viewer, vec![noted], (80, 24));
    world.keys("Enter");
    let screen = world.screen();
    let lines: Vec<_> = screen.lines().map(str::trim).collect();
    let first = lines.iter().position(|line| line.ends_with("One")).unwrap();
    assert_eq!(lines[first + 1..first + 4], ["two", "", "four"], "{screen}");
}

#[test]
fn likely_mistakes_are_shown_before_saving_and_can_be_saved() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.take();
    world.keys("n").types("Ada").keys("Tab").types("Lovelace");
    world.keys("Tab").types("maya@example.com");
    let asked = |world: &mut World| {
        let asked = world
            .take()
            .into_iter()
            .rev()
            .find_map(|effect| match effect {
                Effect::Call(Call::EmailOwners { email }) => Some(email),
                _ => None,
            });
        asked.unwrap_or_default()
    };
    // What was valid first was asked about; the next question waits for its answer.
    let first = asked(&mut world);
    assert_eq!(first, "maya@e");
    let answer = |world: &mut World, email: String, rows: Vec<_>| {
        let total = rows.len();
        let page = Page {
            rows,
            offset: 0,
            total,
            ..Page::default()
        };
        world.reply(Reply::EmailOwners {
            email,
            result: Ok(page),
        });
    };
    answer(&mut world, first, vec![]);
    let second = asked(&mut world);
    assert_eq!(second, "maya@example.com");
    let maya = person(7, "Maya", "Castro", &[(Field::Email, "Maya@example.com")]);
    answer(&mut world, second, vec![maya]);
    let warning = "? Maya Castro has this email address, too.";
    assert!(world.screen().contains(warning), "{}", world.screen());
    world.types("x");
    assert!(!world.screen().contains(warning), "{}", world.screen());
    world.keys("Backspace");
    for _ in 0..7 {
        world.keys("Tab");
    }
    world.types("1910-01-01");
    let screen = world.screen();
    assert!(screen.contains("? This day is before 1950."), "{screen}");
    world.keys("Ctrl-s");
    let saved = world
        .take()
        .into_iter()
        .any(|effect| matches!(effect, Effect::Call(Call::Create { .. })));
    assert!(saved, "a warning refuses nothing");
}

#[test]
fn ones_own_email_address_is_no_mistake() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    let email = world.people[0].details.email().unwrap().to_owned();
    world.take();
    world.keys("e Tab Tab").types("m").keys("Backspace");
    let calls = world.take();
    assert!(
        !calls.contains(&Effect::Call(Call::EmailOwners { email })),
        "{calls:?}"
    );
}

#[test]
fn the_arrows_move_through_the_lines_of_the_notes_before_they_leave_them() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.take();
    world
        .keys("e PgDn Ctrl-u")
        .types("One")
        .keys("Enter")
        .types("three");
    world
        .keys("Up Home")
        .types("0 ")
        .keys("Down End Enter")
        .types("4");
    let focus = |world: &World| world.state.overlay::<Form>().unwrap().focus;
    assert_eq!(focus(&world), Field::Notes);
    world.keys("Up Up Up");
    assert_ne!(focus(&world), Field::Notes);
    world.keys("Ctrl-s");
    let [.., Effect::Call(Call::Change { changes, .. })] = &world.take()[..] else {
        panic!("nothing was sent")
    };
    assert_eq!(changes.get(Field::Notes), Some("0 One\nthree\n4"));
}

#[test]
fn a_key_that_empties_a_line_leaves_the_other_lines() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world
        .keys("e PgDn Ctrl-u")
        .types("One")
        .keys("Enter")
        .types("two")
        .keys("Ctrl-u");
    let text = |world: &World| {
        world
            .state
            .overlay::<Form>()
            .unwrap()
            .text(Field::Notes)
            .to_owned()
    };
    assert_eq!(text(&world), "One\n");
    world.keys("Up Home Right Ctrl-k");
    assert_eq!(text(&world), "O\n");
    world.keys("Alt-u");
    assert_eq!(text(&world), "One\n");
}

#[test]
fn a_field_is_edited_in_the_editor_with_its_lines() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("j e PgDn").take();
    world.keys("Alt-e");
    let notes = staff()[1].details.text(Field::Notes).into_owned();
    assert_eq!(
        world.take(),
        [Effect::Terminal(TerminalTask::EditField(notes))]
    );
    world.event(Event::FieldEdited(Ok("One\nTwo\n".into())));
    world.keys("Ctrl-s");
    let [.., Effect::Call(Call::Change { changes: sent, .. })] = &world.take()[..] else {
        panic!()
    };
    assert_eq!(*sent, changes(&[(Field::Notes, "One\nTwo")]));
}

#[test]
fn an_editor_that_fails_leaves_the_field_as_it_was() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("e Alt-e").take();
    world.event(Event::FieldEdited(Err("The editor vi was killed.".into())));
    assert!(world.screen().contains("The editor vi was killed."));
    world.event(Event::FieldEdited(Ok("Maya\n".into())));
    world.keys("Esc");
    assert_eq!(world.state.screen(), Screen::Table, "nothing was changed");
}
