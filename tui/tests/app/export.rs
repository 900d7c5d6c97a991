//! Exporting people to a file or to the clipboard.

use roster::effect::{Call, Effect, LocalTask};
use roster::event::{Event, Reply};
use roster::export::{
    ExportColumn, ExportFailure, ExportFormat, ExportJob, ExportPeople, ExportTarget, Exported,
};
use roster::import::Progress;
use roster::keys::Screen;
use roster::state::Export;
use roster::state::path_entry::FolderEntry;
use roster_common::{Code, Field, Role};

use crate::world::{World, crowd, refused, staff, unreachable};

const SIZE: (u16, u16) = (80, 24);

fn begin(role: Role) -> World {
    let mut world = World::signed_in(role, staff(), SIZE);
    world.keys("X");
    world
}

/// What is to be exported.
fn job(world: &mut World) -> ExportJob {
    match world.take().as_slice() {
        [Effect::Call(Call::Export(job))] => (**job).clone(),
        other => panic!("{other:?}"),
    }
}

fn file(path: &str) -> ExportTarget {
    ExportTarget::File {
        path: path.into(),
        replaces: false,
    }
}

fn ended(world: &mut World, result: Result<Exported, ExportFailure>) {
    world.reply(Reply::Exported(result));
}

/// Says what is in a folder: names, with a slash after those of folders.
pub(crate) fn listed(world: &mut World, folder: &str, names: &[&str]) {
    let entry = |name: &&str| FolderEntry {
        name: name.trim_end_matches('/').to_owned(),
        is_folder: name.ends_with('/'),
    };
    world.event(Event::FolderListed {
        folder: folder.into(),
        entries: names.iter().map(entry).collect(),
    });
}

#[test]
fn a_viewer_exports_the_list_as_they_see_it() {
    let mut world = World::signed_in(Role::Viewer, staff(), SIZE);
    world.keys("l s /").types("legal").keys("Enter").serve();
    world.keys("X");
    assert!(
        world.screen().contains("of 5, filtered"),
        "{}",
        world.screen()
    );
    world.keys("Enter");

    let job = job(&mut world);
    let ExportPeople::Matching(query) = &job.people else {
        panic!("{job:?}");
    };
    assert_eq!(
        (query.q.trim(), &*query.sort.to_string()),
        ("legal", "title")
    );
    assert_eq!(job.format, ExportFormat::Csv);
    assert_eq!(job.target, file("employees-2026-11-23.csv"));
    assert_eq!(
        job.columns[..3],
        [Field::Lastname, Field::Firstname, Field::Title].map(ExportColumn::Field)
    );

    world.event(Event::Progress(Progress::People(1)));
    assert!(
        world.screen().contains("Exporting 1 of"),
        "{}",
        world.screen()
    );
    ended(
        &mut world,
        Ok(Exported::File {
            count: 2,
            path: "/home/ada/employees-2026-11-23.csv".into(),
        }),
    );
    assert_eq!(world.state.screen(), Screen::Table);
    let message = "Exported 2 people to /home/ada/employees-2026-11-23.csv.";
    assert!(world.screen().contains(message), "{}", world.screen());
}

#[test]
fn marked_people_are_exported_whatever_the_filter_shows() {
    let mut world = World::signed_in(Role::Viewer, staff(), SIZE);
    world
        .keys("Space Space /")
        .types("legal")
        .keys("Enter")
        .serve()
        .keys("X");
    assert!(
        world.screen().contains("2 people, marked"),
        "{}",
        world.screen()
    );
    world.keys("Enter");
    let ExportPeople::Marked(ids) = job(&mut world).people else {
        panic!()
    };
    assert_eq!(ids.iter().map(|id| id.get()).collect::<Vec<_>>(), [1, 2]);
}

/// Reading everybody is in the audit of the server, also if everybody is marked.
#[test]
fn if_everybody_is_marked_everybody_is_asked_for() {
    let mut world = World::signed_in(Role::Viewer, crowd(120), SIZE);
    world.keys("*").serve().keys("X Enter");
    let ExportPeople::Matching(query) = job(&mut world).people else {
        panic!()
    };
    assert_eq!(query.q, "");
}

#[test]
fn the_ending_of_the_name_follows_the_format() {
    let mut world = begin(Role::Viewer);
    world.keys("Right Right Right Right");
    assert!(world.screen().contains("employees-2026-11-23.xlsx"));
    world
        .keys("Down Right Down Down Ctrl-u")
        .types("all.staff")
        .keys("Up Up Up Right");
    let screen = world.screen();
    assert!(
        screen.contains("all.staff") && !screen.contains("Columns"),
        "{screen}"
    );
    world.keys("Enter");
    let job = job(&mut world);
    assert_eq!(
        (job.format, job.columns.len()),
        (ExportFormat::Vcard, ExportColumn::all().count())
    );
}

#[test]
fn an_existing_file_is_replaced_only_if_asked_again() {
    let mut world = begin(Role::Viewer);
    world.keys("Enter").take();
    ended(&mut world, Err(ExportFailure::Exists));
    let screen = world.screen();
    assert!(
        screen.contains("! This file exists. Press Enter again to replace it."),
        "{screen}"
    );

    // Another name is another question.
    world
        .keys("Backspace Backspace Backspace Backspace")
        .types("2.csv")
        .keys("Enter");
    assert_eq!(job(&mut world).target, file("employees-2026-11-232.csv"));
    ended(&mut world, Err(ExportFailure::Exists));
    world.keys("Enter");
    let replaces = ExportTarget::File {
        path: "employees-2026-11-232.csv".into(),
        replaces: true,
    };
    assert_eq!(job(&mut world).target, replaces);
}

#[test]
fn what_cannot_be_written_is_said_and_nothing_is_lost() {
    let mut world = begin(Role::Viewer);
    for (path, message) in [
        ("", "Enter the name of a file."),
        ("in/", "This is a folder."),
    ] {
        world
            .keys("Down Down Down Ctrl-u")
            .types(path)
            .keys("Enter");
        assert!(world.take().is_empty());
        assert!(world.screen().contains(message), "{}", world.screen());
    }
    world.types("a.csv").keys("Enter").take();
    ended(
        &mut world,
        Err(ExportFailure::Unwritable("No space left on device".into())),
    );
    let screen = world.screen();
    assert!(
        screen.contains("! Not exported to in/a.csv: No space left on device."),
        "{screen}"
    );
    assert!(screen.contains("in/a.csv"), "{screen}");
}

#[test]
fn an_export_is_stopped_by_esc() {
    let mut world = begin(Role::Viewer);
    world.keys("Enter").take();
    assert!(world.footer().contains("Esc stop"), "{}", world.footer());
    world.keys("x Enter Esc");
    assert_eq!(world.take(), [Effect::Local(LocalTask::StopTransfer)]);
    ended(&mut world, Err(ExportFailure::Stopped));
    assert_eq!(world.state.screen(), Screen::Export);
    assert!(world.screen().contains("Stopped. Nothing was exported."));
    world.keys("Esc");
    assert_eq!(world.state.screen(), Screen::Table);
}

#[test]
fn the_clipboard_takes_text_and_no_spreadsheet() {
    let mut world = begin(Role::Viewer);
    world.keys("x Down Down Right Enter");
    assert!(world.take().is_empty());
    assert!(
        world.screen().contains("A spreadsheet is not text."),
        "{}",
        world.screen()
    );

    world.keys("Up Up Left Enter");
    assert_eq!(job(&mut world).target, ExportTarget::Clipboard);
    ended(
        &mut world,
        Ok(Exported::Text {
            count: 5,
            text: "[]".to_owned().into(),
        }),
    );
    match world.take().as_slice() {
        [Effect::Local(LocalTask::Copy { text, what })] => {
            assert_eq!((text.expose(), what.as_str()), ("[]", "5 people as JSON"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn tab_completes_the_path_folder_by_folder() {
    let mut world = begin(Role::Viewer);
    world.keys("Tab Tab Tab Ctrl-u").types("~/re").keys("Tab");
    let asked = LocalTask::ListFolder {
        folder: "~/".into(),
    };
    assert_eq!(world.take(), [Effect::Local(asked)]);
    listed(&mut world, "~/", &["reports/", "readme.md", "todo"]);
    assert!(world.screen().contains("readme.md"), "{}", world.screen());

    world.types("p").keys("Tab");
    assert_eq!(world.take().len(), 1, "files come and go");
    listed(&mut world, "~/", &["reports/", "readme.md", "todo"]);
    assert!(world.screen().contains("~/reports/"), "{}", world.screen());

    world.keys("Tab").take();
    listed(&mut world, "~/reports/", &["old.csv", "old/", "new.json"]);
    world.keys("Down Down Enter");
    assert!(
        world.screen().contains("~/reports/old.csv"),
        "{}",
        world.screen()
    );
    assert!(
        world.take().is_empty(),
        "Enter took the name, and exported nothing"
    );
    world.keys("Enter");
    assert_eq!(job(&mut world).target, file("~/reports/old.csv"));
}

#[test]
fn what_is_typed_after_tab_waits_for_the_completed_path() {
    let mut world = begin(Role::Viewer);
    world
        .keys("Down Down Down Ctrl-u")
        .types("re")
        .keys("Tab Enter");
    let asked = LocalTask::ListFolder {
        folder: String::new(),
    };
    assert_eq!(world.take(), [Effect::Local(asked)]);
    listed(&mut world, "", &["report.csv", "people.csv"]);
    assert_eq!(job(&mut world).target, file("report.csv"));
}

#[test]
fn an_export_waits_for_a_new_sign_in_and_for_the_server() {
    let mut world = begin(Role::Viewer);
    world.keys("Enter").take();
    ended(
        &mut world,
        Err(ExportFailure::Client(refused(Code::SessionExpired))),
    );
    assert_eq!(world.state.screen(), Screen::SignIn);
    assert!(world.state.overlays.len() == 2, "the form is below");

    let mut world = begin(Role::Viewer);
    world.keys("Enter").take();
    ended(&mut world, Err(ExportFailure::Client(unreachable())));
    assert!(world.state.offline.is_some());
    assert_eq!(world.state.screen(), Screen::Export);
}

#[test]
fn nobody_is_not_exported() {
    let mut world = World::signed_in(Role::Viewer, Vec::new(), SIZE);
    world.keys("X");
    assert!(world.screen().contains("There is no one to export."));
}

#[test]
fn the_format_follows_the_ending_of_the_name() {
    let mut world = World::signed_in(Role::Viewer, staff(), (80, 24));
    world.keys("X Down Down Down Ctrl-u").types("all.xlsx");
    let format = |world: &World| world.state.overlay::<Export>().unwrap().format;
    assert_eq!(format(&world), ExportFormat::Xlsx);
    world
        .keys("Backspace Backspace Backspace Backspace")
        .types("txt");
    assert_eq!(
        format(&world),
        ExportFormat::Xlsx,
        "txt is the ending of none"
    );
    world.keys("Ctrl-u").types("all.csv");
    assert_eq!(format(&world), ExportFormat::Csv);

    // Both kinds of CSV have the same ending.
    world.keys("Up Up Up Right Down Down Down").types("x");
    world.keys("Backspace");
    assert_eq!(format(&world), ExportFormat::ExcelCsv);
}

#[test]
fn a_failure_names_the_file_that_was_asked_for() {
    let mut world = World::signed_in(Role::Viewer, staff(), (80, 24));
    world
        .keys("X Down Down Down Ctrl-u")
        .types("/no/all.csv")
        .keys("Enter");
    let why = "No such file or directory".to_owned();
    world.reply(Reply::Exported(Err(ExportFailure::Unwritable(why))));
    assert!(
        world
            .screen()
            .contains("! Not exported to /no/all.csv: No such file or directory."),
        "{}",
        world.screen()
    );
}
