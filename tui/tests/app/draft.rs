//! Records as text in an editor: what is read back, and that no word of it is lost.

use std::path::PathBuf;

use roster::effect::{Call, Effect, LocalTask, RowRequest, TerminalTask};
use roster::event::{Event, Reply};
use roster::keys::{Action, Key, Screen};
use roster::state::batch::Stage;
use roster::state::{Batch, Draft};
use roster_common::{Field, Role};

use crate::world::{World, changed, crowd, staff, stale};

/// The text of Maya and two more, as the editor gets it.
fn composed() -> (World, Draft) {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.take();
    world.keys("Space Space Space E");
    let effects = world.take();
    let [Effect::Terminal(TerminalTask::OpenEditor(draft))] = &effects[..] else {
        panic!("{effects:?}")
    };
    let draft = (**draft).clone();
    (world, draft)
}

fn path() -> Option<PathBuf> {
    Some(PathBuf::from("/tmp/roster-text.csv"))
}

/// Leaves the editor with the text in which `from` has become `to`.
fn edit(world: &mut World, text: &str, from: &str, to: &str) {
    assert!(text.contains(from), "{text}");
    left(world, &text.replace(from, to), None);
}

/// The editor has been left with this in the file.
fn left(world: &mut World, text: &str, failure: Option<&str>) {
    world.event(Event::EditorClosed {
        path: path(),
        text: Some(text.into()),
        failure: failure.map(Into::into),
    });
}

#[test]
fn the_marked_records_are_csv_with_what_may_be_done_above() {
    let (_, draft) = composed();
    insta::assert_snapshot!("draft", draft.text);
}

#[test]
fn what_was_written_is_shown_before_it_is_done() {
    let (mut world, draft) = composed();
    edit(&mut world, &draft.text, "Plant Operator", "Foreman");
    assert_eq!(world.state.screen(), Screen::Batch);
    assert!(
        world.screen().contains("Title: Plant Operator → Foreman"),
        "{}",
        world.screen()
    );
    assert!(
        !world.screen().contains("1 of"),
        "who reads as before is left out"
    );
    world.keys("Right Enter");
    let effects = world.take();
    let [
        Effect::Call(Call::Apply {
            batch,
            row,
            request: RowRequest::Change { id, .. },
        }),
    ] = &effects[..]
    else {
        panic!("{effects:?}")
    };
    assert_eq!(id.get(), 1);
    let now = changed(&world.people[0], &[(Field::Title, "Foreman")]);
    world.reply(Reply::Applied {
        batch: *batch,
        row: *row,
        result: Ok(Some(now)),
    });
    assert!(
        world
            .take()
            .contains(&Effect::Local(LocalTask::Discard(path().unwrap()))),
        "then the text is not needed any more"
    );
    assert_eq!(world.state.draft, None);
}

#[test]
fn invalid_rows_are_reported_and_the_editor_reopens_with_the_reasons() {
    let (mut world, draft) = composed();
    edit(
        &mut world,
        &draft.text,
        "maya.castro@example.com",
        "nowhere",
    );
    assert_eq!(world.state.screen(), Screen::Table);
    assert!(
        world
            .screen()
            .contains("Maya Castro: email: Enter an address"),
        "{}",
        world.screen()
    );
    world.keys("E");
    let effects = world.take();
    let [Effect::Terminal(TerminalTask::OpenEditor(again))] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert!(
        again.text.starts_with("#! Line 5: Maya Castro: email"),
        "{}",
        again.text
    );
    assert!(again.text.contains("nowhere"), "{}", again.text);
    assert_eq!(again.path, path());
    edit(&mut world, &again.text, "nowhere", "maya@example.com");
    assert!(
        world.screen().contains("→ maya@example"),
        "{}",
        world.screen()
    );
}

#[test]
fn rows_are_neither_added_nor_renumbered_and_one_that_is_taken_out_stays() {
    for (from, to, message) in [
        ("\n1,", "\n,", "This row has no id"),
        ("\n1,", "\n9,", "#9 is not one of these people"),
        ("\n1,", "\n2,", "two rows have this id"),
        ("id,firstname", "id,shoe", "Header:"),
    ] {
        let (mut world, draft) = composed();
        edit(&mut world, &draft.text, from, to);
        assert!(
            world.state.banner.as_ref().unwrap().text.contains(message),
            "{:?}",
            world.state.banner
        );
    }
    let (mut world, draft) = composed();
    let without: String = draft
        .text
        .split_inclusive('\n')
        .filter(|line| !line.starts_with("1,"))
        .collect();
    edit(&mut world, &without, "Support Engineer", "Lead");
    assert_eq!(world.state.overlay::<Batch>().unwrap().rows.len(), 1);
}

#[test]
fn a_new_row_is_refused_with_the_configured_key_that_adds_people() {
    let (mut world, draft) = composed();
    world
        .state
        .keymap
        .remap(Some(Screen::Table), Action::New, vec![Key::Char('i')]);
    edit(&mut world, &draft.text, "\n1,", "\n,");
    assert!(
        world
            .state
            .banner
            .unwrap()
            .text
            .contains("This row has no id. To add people, press i in the table.")
    );
}

#[test]
fn an_editor_that_fails_changes_nothing_and_loses_no_word() {
    let (mut world, draft) = composed();
    let written = draft.text.replace("Plant Operator", "Foreman");
    left(
        &mut world,
        &written,
        Some("The editor ed exited with code 1."),
    );
    assert_eq!(
        (world.state.screen(), world.take()),
        (Screen::Table, vec![])
    );
    let message = "The editor ed exited with code 1. Press E to reopen /tmp/roster-text.csv.";
    assert!(world.screen().contains(message), "{}", world.screen());
    world.keys("E");
    assert_eq!(opened(&mut world).unwrap().text, written);
}

#[test]
fn an_unreadable_file_is_kept() {
    let (mut world, draft) = composed();
    let failure = Some("/tmp/roster-text.csv cannot be read: it is not UTF-8.".to_owned());
    world.event(Event::EditorClosed {
        path: path(),
        text: None,
        failure,
    });
    assert_eq!(
        (world.state.draft.clone().unwrap().text, world.take()),
        (draft.text, vec![])
    );
}

#[test]
fn an_editor_that_fails_before_a_word_is_written_leaves_no_file() {
    let (mut world, draft) = composed();
    left(
        &mut world,
        &draft.text,
        Some("Editor /nonexistent not found. Set VISUAL or EDITOR."),
    );
    assert_eq!(
        world.take(),
        [Effect::Local(LocalTask::Discard(path().unwrap()))]
    );
    assert_eq!(world.state.draft, None);
    assert!(
        world.screen().contains("Editor /nonexistent not found"),
        "{}",
        world.screen()
    );
    assert!(!world.screen().contains("again"), "{}", world.screen());
}

#[test]
fn refused_rows_are_reported_with_their_line_in_the_reopened_text() {
    let (mut world, draft) = composed();
    let text = draft
        .text
        .replace("2001-11-24,,", "2001-11-24,,\"Old\n#! ha\tnd\"")
        .replace("\nid,", "\n\nid,");
    edit(&mut world, &text, "\n2,", "\n9,");
    assert!(
        world
            .state
            .banner
            .as_ref()
            .unwrap()
            .text
            .contains("Line 7: Maya Castro: notes")
    );
    world.keys("E");
    let again = opened(&mut world).unwrap().text;
    let line = |number: usize| again.lines().nth(number - 1).unwrap();
    assert!(
        line(7).starts_with("1,Maya") && line(9).starts_with("9,"),
        "{again}"
    );
    assert!(
        again.contains("#! Line 9: #9 is not one of these people."),
        "behind a value of two lines\n{again}"
    );
    assert!(
        again.contains("\"Old\n#! ha\tnd\""),
        "and every word of it is there\n{again}"
    );
    left(&mut world, &again, None);
    world.keys("E");
    assert_eq!(
        opened(&mut world).unwrap().text,
        again,
        "the same mistakes are told in the same words"
    );
}

/// The people of the text that the editor is opened with.
fn opened(world: &mut World) -> Option<Draft> {
    world.take().into_iter().find_map(|effect| match effect {
        Effect::Terminal(TerminalTask::OpenEditor(draft)) => Some(*draft),
        _ => None,
    })
}

/// A text of Maya and two more is kept, with a mistake in it; and somebody else is marked by now.
fn kept_while_another_is_marked() -> (World, String) {
    let (mut world, draft) = composed();
    edit(
        &mut world,
        &draft.text,
        "maya.castro@example.com",
        "nowhere",
    );
    world.keys("M j Space E");
    (
        world,
        draft.text.replace("maya.castro@example.com", "nowhere"),
    )
}

#[test]
fn an_unfinished_text_of_other_people_is_asked_about_first() {
    let (mut world, _) = kept_while_another_is_marked();
    assert_eq!(
        (world.state.screen(), world.take()),
        (Screen::Confirm, vec![])
    );
    insta::assert_snapshot!("kept-text", world.screen());
    world.keys("Enter");
    assert_eq!(
        (world.state.screen(), world.take()),
        (Screen::Table, vec![]),
        "the first answer does nothing"
    );
    assert!(world.state.draft.is_some());
}

#[test]
fn an_unfinished_text_is_reopened_or_replaced() {
    let (mut world, kept) = kept_while_another_is_marked();
    world.keys("Left Left Enter");
    assert!(
        opened(&mut world).unwrap().text.ends_with(&kept),
        "every word of it"
    );

    let (mut world, _) = kept_while_another_is_marked();
    world.keys("Right Right Enter");
    let effects = world.effects.clone();
    assert!(
        effects.contains(&Effect::Local(LocalTask::Discard(path().unwrap()))),
        "{effects:?}"
    );
    let draft = opened(&mut world).unwrap();
    assert_eq!((draft.people.len(), draft.path.clone()), (1, None));
    assert!(!draft.text.contains("nowhere"), "{}", draft.text);
    assert_eq!(world.state.draft, Some(draft));
}

#[test]
fn a_kept_text_is_there_until_another_has_been_read() {
    let mut world = World::signed_in(Role::Editor, crowd(1100), (80, 24));
    world.keys("E");
    let draft = opened(&mut world).unwrap();
    edit(&mut world, &draft.text, "\n1,", "\n9,");
    world.keys("*").serve();
    world.keys("E Right Right Enter Esc");
    assert!(
        world
            .screen()
            .contains("Canceled. Press E to reopen /tmp/roster-text.csv."),
        "{}",
        world.screen()
    );
    assert!(world.state.draft.unwrap().text.contains("\n9,"));
}

#[test]
fn an_unfinished_text_reopens_for_the_same_people() {
    for keys in ["E", "M E", "M g g Space Space Space E"] {
        let (mut world, draft) = composed();
        edit(
            &mut world,
            &draft.text,
            "maya.castro@example.com",
            "nowhere",
        );
        world.keys(keys);
        assert!(opened(&mut world).is_some(), "{keys}");
    }
}

#[test]
fn a_text_that_is_emptied_changes_nothing() {
    for text in ["", "\n\n", "# Nothing is left.\n\n"] {
        let (mut world, _) = composed();
        left(&mut world, text, None);
        assert!(
            world.screen().contains("Nothing was changed."),
            "{}",
            world.screen()
        );
        assert_eq!(
            world.take(),
            [Effect::Local(LocalTask::Discard(path().unwrap()))]
        );
    }
}

#[test]
fn a_row_in_conflict_keeps_the_text_and_can_be_tried_again() {
    let (mut world, draft) = composed();
    edit(&mut world, &draft.text, "Plant Operator", "Foreman");
    world.keys("Right Enter");
    let [Effect::Call(Call::Apply { batch, row, .. })] = world.take()[..] else {
        panic!()
    };
    let theirs = changed(
        &world.people[0],
        &[(Field::Title, "Chair"), (Field::Location, "Leeds")],
    );
    world.people[0] = theirs.clone();
    world.reply(Reply::Applied {
        batch,
        row,
        result: Err(stale(&theirs)),
    });
    assert_eq!(world.state.overlay::<Batch>().unwrap().stage, Stage::Done);
    assert!(
        world
            .screen()
            .contains("Your text is saved. Press E to reopen /tmp/roster-text.csv."),
        "{}",
        world.screen()
    );
    world.keys("Esc E");
    let text = world.state.draft.clone().unwrap().text;
    world.take();
    left(&mut world, &text, None);
    let before = &world.state.overlay::<Batch>().unwrap().rows[0].before;
    assert_eq!(
        before.as_ref().unwrap().version,
        theirs.version,
        "over their version, and their words stay"
    );
    assert!(!world.screen().contains("Leeds →"), "{}", world.screen());
}

#[test]
fn a_removed_row_deletes_nobody_and_says_so() {
    let row = |text: &str, name: &str| -> String {
        let mut lines = text.split_inclusive('\n');
        lines.find(|line| line.contains(name)).unwrap().to_owned()
    };
    let (mut world, draft) = composed();
    let maya = row(&draft.text, "Maya");
    edit(&mut world, &draft.text, &maya, "");
    assert_eq!(world.state.screen(), Screen::Table);
    let screen = world.screen();
    assert!(screen.contains("removing a row deletes nobody"), "{screen}");

    let (mut world, draft) = composed();
    let maya = row(&draft.text, "Maya");
    let text = draft.text.replace(&maya, "");
    let (first, rest) = text.rsplit_once(",active").unwrap();
    left(&mut world, &format!("{first},left{rest}"), None);
    assert_eq!(world.state.screen(), Screen::Batch);
    let screen = world.screen();
    assert!(
        screen.contains("Removing a row deletes nobody."),
        "{screen}"
    );
}
