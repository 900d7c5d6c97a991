//! Importing a file: what is asked of the reader and the server, and what is shown.

use jiff::civil::date;
use roster::effect::{Call, Effect, LocalTask};
use roster::event::{Event, Reply};
use roster::import::{
    ImportAnswer, ImportFailure, ImportJob, ImportSettings, Progress, RefusedRows, Report,
    Understood,
};
use roster::keys::Screen;
use roster_common::api::{
    EmptyCells, ImportMode, ImportReport, ImportRow, MatchBy, MatchReport, MissingPeople,
    RowResult, RunCounts, RunId, UndoReport,
};
use roster_common::history::FieldChange;
use roster_common::import::{Import, Meaning, Options};
use roster_common::problem::Rule;
use roster_common::warning::WarningCode;
use roster_common::{Code, Field, FieldError, RecordWarning, Role, Status};

use crate::export::listed;
use crate::world::{World, crowd, refused, staff, unanswered, unreachable};

const SIZE: (u16, u16) = (80, 24);

/// The export of a German HR system, with a row that is no person and one without a name.
pub(crate) const FILE: &str = "Vorname;Nachname;E-Mail;Abteilung;Kostenstelle\n\
    Jürgen;Weiß;juergen@example.com;Vertrieb;7\n\
    Zoë;Brandt;zoe@example.com;Einkauf;7\n\
    Ola;;ola(at)example;Einkauf;8\n\
    ;;;Summe;15\n\
    Bo;Berg;;Vertrieb;9\n";

fn options() -> Options {
    Options::new(date(2026, 11, 23))
}

/// What the reader says of a file.
pub(crate) fn understood(file: &str) -> Understood {
    let mut source = file.as_bytes();
    let import = Import::understand(&mut source, options()).unwrap();
    let rows = import.rows(&mut source).unwrap().take(Understood::ROWS);
    let rows = rows.map(|(_, row)| row.iter().map(str::to_owned).collect());
    let rows = rows.collect();
    let report = local(file);
    let skipped = report.skipped.first();
    Understood {
        layout: Some(import.layout()),
        sheets: Vec::new(),
        no_people: None,
        columns: import.columns(),
        rows,
        people: report.sent,
        refused: report.refused,
        skipped: report.skipped_rows,
        first_skipped: skipped.map(|row| format!("line {}: {}", row.line, row.reason)),
    }
}

/// What became of the rows before anything was sent.
fn local(file: &str) -> Report {
    let mut source = file.as_bytes();
    let import = Import::understand(&mut source, options()).unwrap();
    let mut report = Report::new(&import);
    let outcomes: Vec<_> = import.people(&mut source).unwrap().collect();
    outcomes
        .into_iter()
        .for_each(|outcome| report.note(outcome));
    report
}

/// The report of the file with what the server says: one is added, one changed, one refused.
pub(crate) fn checked(dry_run: bool) -> Report {
    let row = |line, result| ImportRow {
        line,
        result,
        id: None,
        errors: Vec::new(),
        changes: Vec::new(),
        warnings: Vec::new(),
    };
    let change = FieldChange {
        field: Field::Department,
        old: "Sales".into(),
        new: "Vertrieb".into(),
    };
    let taken = FieldError::new("email", Rule::Taken, "Zoë Brandt (#4) has this address.");
    let answer = ImportReport {
        mode: ImportMode::Partial.into(),
        dry_run,
        run: (!dry_run).then_some(RunId::new(7)),
        created: 1,
        refused: 1,
        warned: 0,
        matched: Some(MatchReport {
            by: MatchBy::Email,
            changed: 1,
            unchanged: 0,
            missing: 12,
            missing_ids: Vec::new(),
            decided_again: 0,
        }),
        rows: vec![
            ImportRow {
                changes: vec![change],
                ..row(2, RowResult::Changed)
            },
            ImportRow {
                errors: vec![taken],
                ..row(3, RowResult::Refused)
            },
            row(6, RowResult::Created),
        ],
    };
    let mut report = local(FILE);
    report.add(answer, ImportMode::Partial, dry_run);
    report
}

fn begin() -> World {
    world(SIZE)
}

/// Ada has opened the import.
pub(crate) fn world(size: (u16, u16)) -> World {
    let mut world = World::signed_in(Role::Editor, staff(), size);
    world.keys("I");
    world
}

/// Ada has chosen the file. It is read again to match its rows, since people are there already.
pub(crate) fn file_read(size: (u16, u16)) -> World {
    let mut world = world(size);
    world.types("people.csv").keys("Enter").take();
    answered(&mut world, ImportAnswer::Read(Ok(understood(FILE))));
    assert_eq!(settings(&mut world).by, Some(MatchBy::Email));
    answered(&mut world, ImportAnswer::Read(Ok(understood(FILE))));
    world
}

/// Ada has asked what would happen, by email.
pub(crate) fn file_checked(size: (u16, u16)) -> World {
    let mut world = file_read(size);
    world.keys("Down Down Right Ctrl-s").take();
    answered(&mut world, ImportAnswer::Checked(Ok(checked(true))));
    world
}

/// Ada has imported it.
pub(crate) fn file_imported(size: (u16, u16)) -> World {
    let mut world = file_checked(size);
    world.keys("y").take();
    answered(&mut world, ImportAnswer::Done(Ok(checked(false))));
    world.serve();
    world
}

pub(crate) fn answered(world: &mut World, answer: ImportAnswer) {
    world.reply(Reply::Import(Box::new(answer)));
}

/// The step that is asked for.
fn job(world: &mut World) -> ImportJob {
    let effects = world.take();
    let jobs = effects.into_iter().filter_map(|effect| match effect {
        Effect::Call(Call::Import(job)) => Some(*job),
        _ => None,
    });
    let jobs: Vec<_> = jobs.collect();
    assert_eq!(jobs.len(), 1, "{jobs:?}");
    jobs.into_iter().next().unwrap()
}

fn settings(world: &mut World) -> ImportSettings {
    match job(world) {
        ImportJob::Read(settings) | ImportJob::Check(settings) => settings,
        other => panic!("{other:?}"),
    }
}

fn sees(world: &World, text: &str) {
    assert!(
        world.screen().contains(text),
        "{text:?}\n{}",
        world.screen()
    );
}

#[test]
fn a_viewer_reads_why_they_may_not_import() {
    let mut world = World::signed_in(Role::Viewer, staff(), SIZE);
    world.keys("I");
    assert_eq!(world.state.screen(), Screen::Table);
    sees(
        &world,
        "You have read-only access. Ask an editor to make the change.",
    );
    world.keys(":").types("import");
    sees(
        &world,
        "import people from a file: You have read-only access.",
    );
}

#[test]
fn the_files_of_the_folder_are_there_to_choose_from() {
    let mut world = begin();
    let asked = LocalTask::ListFolder {
        folder: String::new(),
    };
    assert_eq!(world.take(), [Effect::Local(asked)]);
    listed(
        &mut world,
        "",
        &["notes.pdf", "in/", "people.csv", "staff.XLSX"],
    );
    let screen = world.screen();
    let place = |name: &str| screen.find(name).unwrap();
    assert!(place("people.csv") < place("staff.XLSX") && place("staff.XLSX") < place("in/"));
    assert!(place("in/") < place("notes.pdf"), "{screen}");

    world.keys("Down Down Down Enter");
    let asked = LocalTask::ListFolder {
        folder: "in/".into(),
    };
    assert_eq!(world.take(), [Effect::Local(asked)]);
    listed(&mut world, "in/", &["all.csv"]);
    world.keys("Down Enter");
    assert_eq!(settings(&mut world).path, "in/all.csv");
    sees(&world, "Reading all.csv …");
}

#[test]
fn a_late_list_of_another_folder_changes_nothing() {
    let mut world = begin();
    world.types("b/x");
    listed(&mut world, "", &["xyz"]);
    assert!(!world.screen().contains("xyz"), "{}", world.screen());
    listed(&mut world, "b/", &["x1", "x2"]);
    sees(&world, "x2");
}

#[test]
fn what_was_understood_is_shown() {
    let world = file_read((100, 30));
    sees(
        &world,
        "CSV, separated by semicolons, UTF-8, heading on line 1",
    );
    sees(&world, "3 people, 1 with mistakes; skipped line 5: no name");
    sees(&world, "Vorname");
    sees(&world, "First name");
    sees(&world, "(skip)");
    sees(&world, "juergen@example.com");
}

#[test]
fn what_a_column_is_read_as_can_be_changed() {
    let mut world = file_read(SIZE);
    world.keys("End Enter");
    sees(&world, ">(skip)");
    world.keys("Up Up Up");
    world.keys("Esc");
    assert_eq!(
        world.state.screen(),
        Screen::Import,
        "Esc closed the list only"
    );

    world.keys("Enter");
    for _ in 0..Field::ALL
        .iter()
        .position(|field| *field == Field::Number)
        .unwrap()
        + 1
    {
        world.keys("Down");
    }
    world.keys("Enter");
    let number = Some(Meaning::Field(Field::Number));
    let ImportJob::Read(settings) = job(&mut world) else {
        panic!()
    };
    assert_eq!(settings.columns, [("Kostenstelle".to_owned(), number)]);

    // Two columns cannot both be the number: the one that was chosen last is.
    answered(&mut world, ImportAnswer::Read(Ok(understood(FILE))));
    world.keys("Home Enter").keys("Up");
    world.keys("Esc Ctrl-s");
    assert!(matches!(job(&mut world), ImportJob::Check(_)));
}

#[test]
fn a_column_that_is_skipped_for_another_one_says_which() {
    let mut world = world((100, 30));
    world.types("people.csv").keys("Enter").take();
    let file = "First Name,Last Name,Phone,Mobile\nAda,Lovelace,1,2\n";
    answered(&mut world, ImportAnswer::Read(Ok(understood(file))));
    sees(&world, "(repeated)");
    world.keys("End");
    sees(
        &world,
        "Skipped: Mobile (Phone is read). Enter changes what it is read as.",
    );
}

#[test]
fn people_who_seem_to_be_there_already_can_be_updated_instead() {
    let mut world = file_read((100, 30));
    world.keys("Ctrl-s").take();
    let mut report = Report {
        matched: None,
        ..checked(true)
    };
    let warned = report.rows.last_mut().unwrap();
    warned.warnings = vec![RecordWarning {
        field: Field::Email,
        code: WarningCode::Shared,
        message: "Bo Berg (#9) has this address too.".into(),
    }];
    answered(&mut world, ImportAnswer::Checked(Ok(report)));
    sees(
        &world,
        "Some of these people may be in Roster already. To update them, go back and match by email.",
    );
}

#[test]
fn people_are_matched_as_the_user_says() {
    let mut world = file_read(SIZE);
    world.keys("Down");
    sees(
        &world,
        "so that nobody is added twice: people are here, and the file has emails",
    );
    world.keys("Left");
    sees(&world, "every row adds a person");
    assert!(
        !world.screen().contains("Empty cells"),
        "only matched rows have it"
    );
    world.keys("Right Right Down Right Right Right Down Right");
    sees(&world, "an empty cell clears the person's value");
    world.keys("Enter");
    let ImportJob::Check(settings) = job(&mut world) else {
        panic!()
    };
    assert_eq!(settings.by, Some(MatchBy::Number));
    assert_eq!(settings.missing.map(MissingPeople::as_str), Some("left"));
    assert_eq!(settings.empty, EmptyCells::Clear);
}

#[test]
fn nothing_is_imported_before_the_user_has_seen_what_would_happen() {
    let mut world = file_checked((100, 30));
    sees(
        &world,
        "1 to add, 1 to change, 0 unchanged, 2 refused, 1 skipped. Nothing is saved yet.",
    );
    sees(
        &world,
        "Matched by email, so that nobody is added twice. 12 people on the server are not in the",
    );
    sees(&world, "› line 3      ✗ email: Zoë Brandt (#4)");
    sees(
        &world,
        "✗ Nachname: Last name is required. E-Mail \"ola(at)example\": Enter",
    );
    sees(&world, "department: \"Sales\" → \"Vertrieb\"");
    sees(&world, "  line 6      + Bo Berg · Vertrieb");
    sees(&world, "Import 2 people");

    // Enter is no consent yet: the selected answer goes back.
    world.keys("Enter");
    assert!(world.take().is_empty());
    sees(&world, "Match by");
    world.keys("Ctrl-s").take();
    answered(&mut world, ImportAnswer::Checked(Ok(checked(true))));
    world.keys("Right Enter");
    assert_eq!(
        job(&mut world),
        ImportJob::Run(ImportMode::Partial),
        "without the refused rows"
    );
}

#[test]
fn an_import_is_one_step_to_undo_and_to_redo() {
    let mut world = file_imported((100, 30));
    sees(&world, "1 added, 1 changed, 0 unchanged, 2 refused");
    sees(&world, "Import 7. Press u to undo.");
    world.keys("Enter");
    assert_eq!(world.state.screen(), Screen::Table);

    world.take();
    world.keys("u");
    assert!(world.take().is_empty());
    sees(&world, "Undo the import of people.csv?");
    sees(&world, "1 person is deleted and 1 person is changed back.");
    world.keys("y");
    let undo = |run| {
        Effect::Call(Call::UndoRun {
            run: RunId::new(run),
        })
    };
    assert_eq!(world.take(), [undo(7)]);
    let report = |undone, run, counts| UndoReport {
        undone: RunId::new(undone),
        run: RunId::new(run),
        counts,
        kept: 1,
        kept_rows: Vec::new(),
    };
    let counts = RunCounts {
        deleted: 1,
        ..RunCounts::default()
    };
    world.reply(Reply::RunUndone {
        run: RunId::new(7),
        result: Ok(report(7, 8, counts)),
    });
    let text =
        "Undid: import of people.csv (deleted 1; kept 1 with newer changes). Press U to redo.";
    sees(&world, text);

    world.serve().take();
    world.keys("U");
    sees(&world, "Redo the import of people.csv?");
    sees(&world, "1 person is restored.");
    world.keys("y");
    assert_eq!(world.take(), [undo(8)]);
    let counts = RunCounts {
        created: 1,
        ..RunCounts::default()
    };
    world.reply(Reply::RunUndone {
        run: RunId::new(8),
        result: Ok(report(8, 9, counts)),
    });
    sees(
        &world,
        "Redid: import of people.csv (restored 1; kept 1 with newer changes).",
    );
    world.serve().take();
    world.keys("u y");
    assert_eq!(world.take(), [undo(9)]);

    // No answer: the step stays, since a repeat completes it.
    world.reply(Reply::RunUndone {
        run: RunId::new(9),
        result: Err(unanswered()),
    });
    assert_eq!(world.state.undo.done.len(), 1);
    // Somebody has undone it meanwhile.
    world.reply(Reply::RunUndone {
        run: RunId::new(9),
        result: Err(refused(Code::RunUndone)),
    });
    assert!(world.state.undo.done.is_empty());
}

#[test]
fn a_large_import_is_undone_by_a_command() {
    let mut world = file_checked((100, 30));
    world.keys("y").take();
    let report = Report {
        created: 1_000_000,
        ..checked(false)
    };
    answered(&mut world, ImportAnswer::Done(Ok(report)));
    sees(&world, "1,000,000 added");
    sees(&world, "To undo: roster employees import undo 7");
    assert!(world.state.undo.done.is_empty());
}

#[test]
fn each_step_shows_how_far_it_is_and_can_be_stopped() {
    let mut world = file_read(SIZE);
    world.keys("Ctrl-s").take();
    for (progress, text) in [
        (
            Progress::Scanned { done: 1, all: 9 },
            "Checking people.csv: looking through it …",
        ),
        (Progress::People(2), "Checking people.csv: row 2 …"),
        (Progress::Sent { done: 1, all: 9 }, "sending …"),
        (
            Progress::Sent { done: 9, all: 9 },
            "waiting for the server …",
        ),
        (
            Progress::Repeats("Can't reach the server.".into()),
            "Can't reach the server. Trying again …",
        ),
    ] {
        world.event(Event::Progress(progress));
        sees(&world, text);
    }
    assert!(world.footer().contains("Esc stop"), "{}", world.footer());
    world.keys("Enter y Ctrl-s Esc");
    assert_eq!(world.take(), [Effect::Local(LocalTask::StopTransfer)]);
    answered(
        &mut world,
        ImportAnswer::Checked(Err(ImportFailure::Stopped)),
    );
    sees(&world, "Match by");

    // An import that was stopped may have been begun, and says so.
    let mut world = file_checked(SIZE);
    world.keys("y Esc").take();
    answered(&mut world, ImportAnswer::Done(Err(ImportFailure::Stopped)));
    sees(&world, "Stopped; part of it may be imported. y goes on");
    world.keys("y");
    assert_eq!(
        job(&mut world),
        ImportJob::Run(ImportMode::Partial),
        "the same import goes on, and its outcome becomes known"
    );
}

#[test]
fn an_import_that_was_begun_before_is_continued_and_not_checked() {
    let mut world = file_read(SIZE);
    world.keys("Ctrl-s").take();
    answered(&mut world, ImportAnswer::Begun(ImportMode::Atomic));
    sees(&world, "The people of people.csv were sent before");
    sees(&world, "> Back");
    world.keys("Enter");
    assert!(world.take().is_empty());
    sees(&world, "Match by");

    world.keys("Ctrl-s").take();
    answered(&mut world, ImportAnswer::Begun(ImportMode::Atomic));
    world.keys("y");
    assert_eq!(job(&mut world), ImportJob::Run(ImportMode::Atomic));
    answered(&mut world, ImportAnswer::Done(Ok(checked(false))));
    sees(&world, "Import 7. Press u to undo.");
}

#[test]
fn people_who_are_not_in_the_file_change_only_after_a_question() {
    let mut world = file_read((100, 30));
    world.keys("Down Down Right Right Right Ctrl-s");
    let left = MissingPeople::Become(Status::Left);
    assert_eq!(settings(&mut world).missing, Some(left));
    let report = Report {
        refused: 0,
        ..checked(true)
    };
    answered(&mut world, ImportAnswer::Checked(Ok(report)));
    sees(&world, "1 to change, 0 unchanged, 12 to set to left");
    world.keys("y");
    assert!(world.take().is_empty());
    sees(
        &world,
        "The status of 12 people who are not in the file becomes",
    );
    world.keys("Esc");
    assert!(world.take().is_empty());
    world.keys("y y");
    assert_eq!(job(&mut world), ImportJob::Run(ImportMode::Atomic));
}

#[test]
fn a_file_that_is_not_utf_8_is_read_as_windows_writes_it() {
    let mut world = begin();
    world.types("alt.csv").keys("Enter").take();
    answered(
        &mut world,
        ImportAnswer::Read(Err(ImportFailure::NotUtf8 { line: 3 })),
    );
    sees(&world, "! Line 3 is not UTF-8. Press Enter again");
    world.keys("Enter");
    let encoding = settings(&mut world).encoding;
    assert_eq!(
        encoding.map(|encoding| encoding.to_string()),
        Some("windows-1252".into())
    );
}

#[test]
fn a_file_that_cannot_be_read_says_why_and_another_can_be_chosen() {
    let mut world = begin();
    world.keys("Enter");
    sees(&world, "! Choose a file.");
    world.types("no.csv").keys("Enter").take();
    let why = "Cannot read the file: No such file or directory";
    answered(
        &mut world,
        ImportAnswer::Read(Err(ImportFailure::Unreadable(why.into()))),
    );
    sees(&world, "! Cannot read the file: No such file");
    world.keys("Backspace");
    assert!(
        !world.screen().contains("No such file"),
        "{}",
        world.screen()
    );
}

#[test]
fn without_names_the_user_says_which_column_has_them() {
    let mut world = begin();
    world.types("odd.csv").keys("Enter").take();
    let nameless = Understood {
        layout: None,
        rows: Vec::new(),
        people: 0,
        ..understood(FILE)
    };
    answered(&mut world, ImportAnswer::Read(Ok(nameless)));
    sees(&world, "No column has the names of people.");
    world.keys("Ctrl-s");
    assert!(world.take().is_empty());
    sees(&world, "Choose the column with the names first");

    // Whoever is updated has a name already, so the file is read without one.
    world.keys("Down Right");
    let ImportJob::Read(settings) = job(&mut world) else {
        panic!()
    };
    assert_eq!(settings.by, Some(MatchBy::Email));
    answered(&mut world, ImportAnswer::Read(Ok(understood(FILE))));
    world.keys("Ctrl-s");
    assert!(matches!(job(&mut world), ImportJob::Check(_)));
}

#[test]
fn a_lost_answer_and_an_ended_session_keep_the_import() {
    let mut world = file_checked(SIZE);
    world.keys("y").take();
    let lost = ImportFailure::UnknownOutcome(unreachable());
    answered(&mut world, ImportAnswer::Done(Err(lost)));
    sees(&world, "No answer yet. y goes on");
    assert_eq!(world.state.screen(), Screen::Import);

    let mut world = file_checked(SIZE);
    world.keys("y").take();
    let ended = ImportFailure::Client(refused(Code::SessionExpired));
    answered(&mut world, ImportAnswer::Done(Err(ended)));
    assert_eq!(world.state.screen(), Screen::SignIn);
    assert!(world.state.overlay::<roster::state::Import>().is_some());
}

#[test]
fn nothing_to_import_is_no_question() {
    let mut world = file_read(SIZE);
    world.keys("Ctrl-s").take();
    let report = Report {
        created: 0,
        matched: None,
        ..checked(true)
    };
    answered(&mut world, ImportAnswer::Checked(Ok(report)));
    sees(&world, "> Back");
    world.keys("y Right Enter");
    assert!(world.take().is_empty());
    sees(&world, "Match by");
}

/// The people whom an import has added are in the list when the result is shown.
#[test]
fn the_list_is_read_again_after_an_import() {
    let mut world = file_checked(SIZE);
    world.keys("y").take();
    world.people = crowd(9);
    answered(&mut world, ImportAnswer::Done(Ok(checked(false))));
    world.serve().keys("Esc");
    sees(&world, "9 people");
}

#[test]
fn the_sheet_of_a_spreadsheet_is_chosen() {
    let mut world = begin();
    world.types("staff.xlsx").keys("Enter").take();
    let sheets = || vec!["Notes".to_owned(), "Staff".to_owned()];
    let notes = Understood {
        layout: None,
        sheets: sheets(),
        no_people: Some("The file is empty.".into()),
        columns: Vec::new(),
        rows: Vec::new(),
        ..understood(FILE)
    };
    answered(&mut world, ImportAnswer::Read(Ok(notes)));
    sees(&world, "This sheet has no people: The file is empty.");
    world.keys("Down");
    sees(&world, "● Notes   ○ Staff");
    world.keys("Right");
    assert_eq!(settings(&mut world).sheet.as_deref(), Some("Staff"));
    let staff = Understood {
        sheets: sheets(),
        ..understood("First name,Last name\nAda,Lovelace\n")
    };
    answered(&mut world, ImportAnswer::Read(Ok(staff)));
    sees(&world, "○ Notes   ● Staff");
    world.keys("Right");
    assert!(world.take().is_empty(), "it is the last one");
}

#[test]
fn the_refused_rows_can_be_kept_in_a_file() {
    let mut world = file_checked(SIZE);
    world.keys("w");
    let ImportJob::KeepRefused { by_server, .. } = job(&mut world) else {
        panic!()
    };
    assert_eq!(by_server.into_keys().collect::<Vec<_>>(), [3]);
    let rows = RefusedRows {
        count: 2,
        path: "/home/ada/people.refused.csv".into(),
    };
    answered(&mut world, ImportAnswer::KeptRefused(Ok(rows)));
    sees(
        &world,
        "Wrote 2 refused rows to /home/ada/people.refused.csv.",
    );
    sees(&world, "Import 2 people");
}

#[test]
fn those_who_were_added_are_listed_by_a_key() {
    let mut world = file_checked(SIZE);
    world.keys("y").take();
    let mut report = checked(false);
    let added = report.rows.iter_mut();
    for row in added.filter(|row| row.result == RowResult::Created) {
        row.id = Some(3.try_into().unwrap());
    }
    answered(&mut world, ImportAnswer::Done(Ok(report)));
    world.serve().keys("a").serve();
    assert_eq!(world.state.screen(), Screen::Table);
    assert_eq!(world.state.table.applied, "id:3..3");
    sees(&world, "1 of 5");
    world.keys("Ctrl-o").serve();
    sees(&world, "5 people");
}

#[test]
fn the_first_people_are_added_without_matching() {
    let mut world = World::signed_in(Role::Editor, Vec::new(), SIZE);
    world.keys("I").types("people.csv").keys("Enter").take();
    answered(&mut world, ImportAnswer::Read(Ok(understood(FILE))));
    sees(&world, "● none");
}

#[test]
fn a_small_screen_says_how_to_import() {
    let world = file_checked((40, 15));
    assert!(world.footer().contains("y import"), "{}", world.footer());
}

#[test]
fn a_large_screen_is_used() {
    let screen = file_checked((200, 50)).screen();
    let border = screen.lines().find(|line| line.contains('╭')).unwrap();
    assert!(border.trim().chars().count() > 150, "{screen}");
}
