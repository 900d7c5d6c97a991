//! Whatever comes, in whatever order and size: nothing panics.

use std::cell::RefCell;
use std::collections::HashSet;
use std::time::Duration;

use jiff::SignedDuration;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use ratatui::layout::Size;
use roster::effect::{Call, Effect, LocalTask, RowRequest, TerminalTask};
use roster::event::account::AccountAnswer;
use roster::event::{Clipboard, Event, Mouse, Reply, StreamEvent, Timer};
use roster::export::{ExportFailure, ExportTarget, Exported};
use roster::import::{ImportAnswer, ImportFailure, ImportJob, Progress, RefusedRows};
use roster::keys::{BINDINGS, Key, Screen};
use roster::remote::{ClientError, Page, Related};
use roster::state::text::Secret;
use roster::state::{AccountCall, Confirm, Form, Question, State};
use roster::view::Theme;
use roster_common::api::{FieldValue, ImportMode, RunCounts, UndoReport};
use roster_common::event::{Event as Change, ResetEvent};
use roster_common::{Code, Employee, Field, Role};

use crate::export::listed;
use crate::history::past;
use crate::import::{FILE, checked, understood};
use crate::live::{changes_to, imports, joins, leaves};
use crate::unsaved::found_form;
use crate::world::{
    World, accounts, changed, identity, now, person, refused, sessions, staff, stale, unanswered,
    unreachable,
};

/// Every key of the table, the digits of a count, and what edits text.
fn any_key() -> impl Strategy<Value = Key> {
    let bound: Vec<_> = BINDINGS
        .iter()
        .flat_map(|binding| binding.keys.iter().copied())
        .collect();
    prop_oneof![
        8 => proptest::sample::select(bound),
        2 => proptest::char::range('0', '9').prop_map(Key::Char),
        1 => any::<char>().prop_map(Key::Char),
        1 => proptest::sample::select("aeknuwy".chars().map(Key::Ctrl).collect::<Vec<_>>()),
        1 => proptest::sample::select(vec![Key::Backspace, Key::WordLeft, Key::WordRight, Key::Alt('d')]),
    ]
}

fn any_mouse() -> impl Strategy<Value = Mouse> {
    proptest::sample::select(vec![Mouse::Press, Mouse::WheelUp, Mouse::WheelDown])
}

/// Something that happens; an answer is one to what was asked, made up when it comes.
#[derive(Debug, Clone)]
enum Step {
    Event(Event),
    AccountAnswer(u8),
}

fn any_step() -> impl Strategy<Value = Step> {
    let size = |(width, height)| Event::Resize(Size { width, height });
    prop_oneof![
        12 => any_key().prop_map(|key| Step::Event(Event::Key(key))),
        2 => (any_mouse(), 0u16..140, 0u16..45).prop_map(|(mouse, x, y)| Step::Event(Event::Mouse(mouse, (x, y).into()))),
        6 => any::<u8>().prop_map(Step::AccountAnswer),
        1 => ".{0,12}".prop_map(|text| Step::Event(Event::Paste(text))),
        1 => (1u16..140, 1u16..45).prop_map(size).prop_map(Step::Event),
        1 => (0u16..6, 0u16..6).prop_map(size).prop_map(Step::Event),
        1 => Just(Step::Event(Event::Progress(Progress::People(2)))),
        1 => Just(Step::Event(Event::Timer(Timer::Spinner))),
        1 => Just(Step::Event(Event::Timer(Timer::Retry))),
        1 => Just(Step::Event(Event::Timer(Timer::Reload))),
        1 => Just(Step::Event(Event::Timer(Timer::Follow))),
        1 => Just(Step::Event(Event::Timer(Timer::Related))),
        3 => any_change().prop_map(Step::Event),
        2 => any_news().prop_map(Step::Event),
    ]
}

/// What comes from this computer or from the server without being asked for.
fn any_news() -> impl Strategy<Value = Event> {
    let user = || "ada".parse().unwrap();
    let reset = Change::Reset(ResetEvent {});
    proptest::sample::select(vec![
        found_form(),
        Event::ColumnsLoaded {
            user: user(),
            text: Ok(Some("no columns".into())),
        },
        Event::FiltersLoaded {
            user: user(),
            text: Err("unreadable".into()),
        },
        Event::SaveFailed {
            what: "Theme",
            why: "the disk is full".into(),
        },
        Event::WaitsForLock,
        Event::FieldEdited(Ok("one\ntwo\n".into())),
        Event::FieldEdited(Err("vi is not installed".into())),
        Event::EditorClosed {
            path: None,
            text: None,
            failure: Some("vi is not installed".into()),
        },
        Event::Clock(now() + SignedDuration::from_hours(2)),
        Event::IdentityRenewed(identity(Role::Viewer)),
        Event::IdentityRenewed(identity(Role::Admin)),
        Event::Timer(Timer::CheckWrites),
        Event::Stream(Box::new(StreamEvent::Opened)),
        Event::Stream(Box::new(StreamEvent::Change(reset))),
    ])
}

/// What somebody else does, or the end of the stream that says so.
fn any_change() -> impl Strategy<Value = Event> {
    let people = staff();
    let edited = changed(&people[0], &[(Field::Title, "Other")]);
    let stranger = person(77, "Some", "Body", &[]);
    proptest::sample::select(vec![
        changes_to(&edited),
        joins(&stranger),
        leaves(&people[0]),
        leaves(&people[1]),
        imports(100_000),
        Event::Stream(Box::new(StreamEvent::Ended(unreachable()))),
        Event::Stream(Box::new(StreamEvent::Ended(refused(Code::SessionEnded)))),
        Event::Stream(Box::new(StreamEvent::Ended(refused(Code::Unavailable)))),
    ])
}

/// How [`answer`] gives what was asked for.
const WELL: u8 = 5;

/// Answers the oldest question, well or badly.
fn answer(world: &mut World, how: u8) {
    let has_answer = |effect: &Effect| {
        !matches!(
            effect,
            Effect::Local(LocalTask::Wait(..))
                | Effect::Terminal(TerminalTask::Quit(_))
                | Effect::Terminal(TerminalTask::Suspend)
                | Effect::Terminal(TerminalTask::OpenEditor(_))
                | Effect::Terminal(TerminalTask::EditField(_))
                | Effect::Local(LocalTask::Discard(_))
                | Effect::Local(LocalTask::UseServer(_))
                | Effect::Terminal(TerminalTask::Redraw)
                | Effect::Local(
                    LocalTask::LoadUserFiles { .. }
                        | LocalTask::SaveFilters { .. }
                        | LocalTask::Follow
                )
                | Effect::Local(LocalTask::SaveColumns { .. })
                | Effect::Local(LocalTask::KeepWork { .. })
                | Effect::Local(LocalTask::SaveTheme(_) | LocalTask::StopTransfer)
        )
    };
    world.effects.retain(has_answer);
    if world.effects.is_empty() {
        return;
    }
    if let Effect::Local(LocalTask::Copy { what, .. }) = &world.effects[0] {
        let (what, result) = (
            what.clone(),
            if how.is_multiple_of(2) {
                Ok(Clipboard::Terminal)
            } else {
                Err("no".into())
            },
        );
        world.effects.remove(0);
        world.event(Event::Copied { what, result });
        return;
    }
    if let Effect::Local(LocalTask::ListFolder { folder }) = &world.effects[0] {
        let folder = folder.clone();
        world.effects.remove(0);
        listed(world, &folder, &["people.csv", "people.txt", "people/"]);
        return;
    }
    let error = match how % 9 {
        0 => unreachable(),
        8 => unanswered(),
        1 => refused(Code::SessionExpired),
        2 => stale(&changed(&world.people[0], &[(Field::Title, "Other")])),
        3 => refused(Code::ValidationFailed),
        4 => refused(Code::EmployeeNotFound),
        _ => return succeed(world),
    };
    let reply = match world.effects.remove(0) {
        Effect::Call(Call::Resume) => Reply::Resumed(Err(error)),
        Effect::Call(Call::SignIn { .. }) => Reply::SignedIn(Err(error)),
        Effect::Call(Call::SignOut) => Reply::SignedOut(Err(error)),
        Effect::Call(Call::Load {
            query_number,
            offset,
            ..
        }) => Reply::Loaded {
            query_number,
            offset,
            result: Err(error),
        },
        Effect::Call(Call::Values { field, text, .. }) => Reply::Values {
            field,
            text,
            result: Err(error),
        },
        Effect::Call(Call::EmailOwners { email }) => Reply::EmailOwners {
            email,
            result: Err(error),
        },
        Effect::Call(Call::People { text }) => Reply::People {
            text,
            result: Err(error),
        },
        Effect::Call(Call::Fetch { id }) => Reply::Fetched {
            id,
            result: Err(error),
        },
        Effect::Call(Call::Collect { query }) => Reply::Collected {
            query,
            result: Err(error),
        },
        Effect::Call(Call::Import(job)) => {
            let failure = match how {
                2 => ImportFailure::NotUtf8 { line: 3 },
                3 => ImportFailure::Stopped,
                4 => ImportFailure::Unreadable("no".into()),
                8 => ImportFailure::UnknownOutcome(error),
                _ => ImportFailure::Client(error),
            };
            Reply::Import(Box::new(match *job {
                ImportJob::Read(_) => ImportAnswer::Read(Err(failure)),
                ImportJob::Check(_) if how == 1 => ImportAnswer::Begun(ImportMode::Atomic),
                ImportJob::Check(_) => ImportAnswer::Checked(Err(failure)),
                ImportJob::Run(_) => ImportAnswer::Done(Err(failure)),
                ImportJob::KeepRefused { .. } => ImportAnswer::KeptRefused(Err(failure)),
            }))
        }
        Effect::Call(Call::UndoRun { run }) => Reply::RunUndone {
            run,
            result: Err(error),
        },
        Effect::Call(Call::Export(_)) => Reply::Exported(Err(match how {
            2 => ExportFailure::Exists,
            3 => ExportFailure::Stopped,
            4 => ExportFailure::Unwritable("no".into()),
            _ => ExportFailure::Client(error),
        })),
        Effect::Call(Call::History { id, before }) => Reply::HistoryRead {
            id,
            before,
            result: Err(error),
        },
        Effect::Call(Call::Related { id }) => Reply::RelatedLoaded {
            id,
            result: Err(error),
        },
        Effect::Call(Call::Apply { batch, row, .. }) => Reply::Applied {
            batch,
            row,
            result: Err(error),
        },
        Effect::Call(Call::Create { .. }) => Reply::Created(Err(error)),
        Effect::Call(Call::Change { .. }) => Reply::Changed(Err(error)),
        Effect::Call(Call::Delete(employee)) => Reply::Deleted {
            employee,
            result: Err(error),
        },
        Effect::Call(Call::Restore { .. }) => Reply::Restored(Err(error)),
        Effect::Call(Call::CheckCreation(creation)) => Reply::CreationChecked {
            creation,
            result: Err(error),
        },
        Effect::Call(Call::CheckWrite(write)) => Reply::WriteChecked {
            write,
            result: Err(error),
        },
        Effect::Call(Call::Account(ask)) => Reply::Account(account_answer(ask, Err(error))),
        other => panic!("{other:?}"),
    };
    world.reply(reply);
}

fn succeed(world: &mut World) {
    let reply = match world.effects.remove(0) {
        Effect::Call(Call::Resume) => Reply::Resumed(Ok(Some(identity(Role::Admin)))),
        Effect::Call(Call::SignIn { .. }) => Reply::SignedIn(Ok(identity(Role::Admin))),
        Effect::Call(Call::SignOut) => Reply::SignedOut(Ok(())),
        load @ (Effect::Call(Call::Load { .. }) | Effect::Call(Call::Collect { .. })) => {
            world.answer(load);
            return;
        }
        Effect::Call(Call::Values { field, text, .. }) => {
            let value = FieldValue {
                value: "Engineering".into(),
                count: 3,
                label: None,
            };
            Reply::Values {
                field,
                text,
                result: Ok(vec![value]),
            }
        }
        Effect::Call(Call::EmailOwners { email }) => {
            let rows = world.people.clone();
            Reply::EmailOwners {
                email,
                result: Ok(Page {
                    total: rows.len(),
                    rows,
                    offset: 0,
                    ..Page::default()
                }),
            }
        }
        Effect::Call(Call::People { text }) => {
            let rows = world.people.clone();
            Reply::People {
                text,
                result: Ok(Page {
                    total: rows.len(),
                    rows,
                    offset: 0,
                    ..Page::default()
                }),
            }
        }
        Effect::Call(Call::Fetch { id }) => Reply::Fetched {
            id,
            result: Ok(person(id.get(), "Some", "Body", &[])),
        },
        Effect::Call(Call::Import(job)) => Reply::Import(Box::new(match *job {
            ImportJob::Read(_) => ImportAnswer::Read(Ok(understood(FILE))),
            ImportJob::Check(_) => ImportAnswer::Checked(Ok(checked(true))),
            ImportJob::Run(_) => ImportAnswer::Done(Ok(checked(false))),
            ImportJob::KeepRefused { .. } => ImportAnswer::KeptRefused(Ok(RefusedRows {
                count: 2,
                path: "people.refused.csv".into(),
            })),
        })),
        Effect::Call(Call::UndoRun { run }) => Reply::RunUndone {
            run,
            result: Ok(UndoReport {
                undone: run,
                run: run.next(),
                counts: RunCounts::default(),
                kept: 0,
                kept_rows: Vec::new(),
            }),
        },
        Effect::Call(Call::Export(job)) => Reply::Exported(Ok(match job.target {
            ExportTarget::File { .. } => Exported::File {
                count: 3,
                path: "/people.csv".into(),
            },
            ExportTarget::Clipboard => Exported::Text {
                count: 3,
                text: "[]".to_owned().into(),
            },
        })),
        Effect::Call(Call::History { id, before }) => Reply::HistoryRead {
            id,
            before,
            result: Ok(past()),
        },
        Effect::Call(Call::Related { id }) => Reply::RelatedLoaded {
            id,
            result: Ok(Related {
                reports: vec!["Some Body".into()],
                report_count: 1,
                changes: past(),
            }),
        },
        Effect::Call(Call::Apply {
            batch,
            row,
            request,
        }) => Reply::Applied {
            batch,
            row,
            result: Ok(applied(request)),
        },
        Effect::Call(Call::Restore { .. }) => Reply::Restored(Ok(changed(&world.people[0], &[]))),
        Effect::Call(Call::Create { .. }) => Reply::Created(Ok(person(9, "New", "Comer", &[]))),
        Effect::Call(Call::Change { .. }) => Reply::Changed(Ok(changed(&world.people[0], &[]))),
        Effect::Call(Call::Delete(employee)) => Reply::Deleted {
            employee,
            result: Ok(()),
        },
        Effect::Call(Call::CheckCreation(creation)) => {
            let rows = vec![person(9, "New", "Comer", &[])];
            Reply::CreationChecked {
                creation,
                result: Ok(Page {
                    rows,
                    offset: 0,
                    total: 1,
                    ..Page::default()
                }),
            }
        }
        Effect::Call(Call::Account(ask)) => Reply::Account(account_answer(ask, Ok(()))),
        Effect::Call(Call::CheckWrite(write)) => Reply::WriteChecked {
            write,
            result: Ok(changed(&world.people[0], &[])),
        },
        other => panic!("{other:?}"),
    };
    world.reply(reply);
}

fn account_answer(ask: AccountCall, result: Result<(), ClientError>) -> AccountAnswer {
    match ask {
        AccountCall::Sessions => AccountAnswer::Sessions(result.map(|()| sessions())),
        AccountCall::Users => AccountAnswer::Users(result.map(|()| accounts())),
        ask => AccountAnswer::Done {
            ask: Box::new(ask),
            password: Some(Secret::default()),
            result,
        },
    }
}

/// The record as a row of a batch leaves it.
fn applied(request: RowRequest) -> Option<Employee> {
    match request {
        RowRequest::Change { id, .. } => Some(changed(
            &person(id.get(), "Some", "Body", &[]),
            &[(Field::Title, "New")],
        )),
        RowRequest::Delete { .. } => None,
        RowRequest::Restore { id, .. } => Some(person(id.get(), "Back", "Again", &[])),
    }
}

/// Somebody who signed in a moment ago, or only now; ahead of the sequence, some keys that lead far
/// from the table.
fn any_start() -> impl Strategy<Value = (bool, &'static str)> {
    let roads = vec![
        "A n n e w Ctrl-s",
        "A j p y",
        "a p",
        "Space Space = x",
        "Space d",
        "e x Ctrl-s",
        ": x",
        "t",
        "f n e w Enter f",
        "f n",
        "Enter",
        "R",
        "m",
        "x",
        "l l i Down Down",
        "e PgDn x Enter y",
        "X",
        "X Up Down Down Down Tab p Tab",
        "I p Enter",
        "I p Enter Down Right Down Right Ctrl-s",
        "I p Enter Ctrl-s y",
    ];
    prop_oneof![
        4 => any::<bool>().prop_map(|signed_in| (signed_in, "")),
        1 => proptest::sample::select(roads).prop_map(|road| (true, road)),
    ]
}

fn begin((signed_in, road): (bool, &str)) -> World {
    let mut world = match signed_in {
        true => World::signed_in(Role::Admin, staff(), (80, 24)),
        false => World::started(staff(), (80, 24)),
    };
    for key in road.split_whitespace() {
        answer(&mut world, WELL);
        world.keys(key);
    }
    world
}

fn take(world: &mut World, step: Step) -> Result<(), TestCaseError> {
    match step {
        Step::Event(event) => _ = world.event(event),
        Step::AccountAnswer(how) => answer(world, how),
    }
    let table = &world.state.table;
    prop_assert!(table.is_outdated() || table.cursor == 0 || table.cursor < table.len());
    world
        .effects
        .retain(|effect| !matches!(effect, Effect::Local(LocalTask::Wait(_, pause)) if *pause > Duration::ZERO));
    Ok(())
}

/// What a screen shows, and how to tell that it does.
type Sight = (&'static str, fn(&State) -> bool);

/// What screens show only now and then: drawn the first time that a sequence comes to it. Some are too
/// rare to be met in every run.
const SIGHTS: [Sight; 9] = [
    ("a choice of the status in its cell", |state| {
        let form = state.overlay::<Form>();
        form.is_some_and(|form| form.cell.is_some() && form.focus == Field::Status)
    }),
    ("suggestions for a cell", |state| {
        let form = state.overlay::<Form>();
        form.is_some_and(|form| form.cell.is_some() && form.suggestions.is_shown())
    }),
    ("notes of two lines", |state| {
        let form = state.overlay::<Form>();
        form.is_some_and(|form| {
            form.focus == Field::Notes && form.text(Field::Notes).contains('\n')
        })
    }),
    ("a form whose record somebody else has changed", |state| {
        state
            .overlay::<Form>()
            .is_some_and(|form| form.newer.is_some())
    }),
    ("unsaved work that was found", |state| {
        let confirm = state.overlay::<Confirm>();
        confirm.is_some_and(|confirm| matches!(confirm.question, Question::UnsavedWork(_)))
    }),
    ("a record with its reports and changes", |state| {
        let person = state.current().filter(|_| state.table.detail.is_some());
        person.is_some_and(|person| state.related.of(person.id).is_some())
    }),
    ("the sign of a change", |state| !state.live.is_quiet()),
    ("changes that wait", |state| {
        state.live.paused.is_some_and(|changes| changes > 0)
    }),
    ("the reports of somebody", |state| {
        state.table.applied.starts_with("mgr:")
    }),
];

/// Every screen is drawn as soon as it is there, and each time at the end.
#[test]
fn no_sequence_of_events_panics_and_together_they_see_every_screen() {
    let (reached, sights) = (RefCell::new(HashSet::new()), RefCell::new(HashSet::new()));
    let config = ProptestConfig {
        cases: 10_000,
        max_shrink_time: 20_000,
        ..ProptestConfig::default()
    };
    let sequence = (any_start(), prop::collection::vec(any_step(), 1..32));
    let result = TestRunner::new(config).run(&sequence, |(start, steps)| {
        let mut world = begin(start);
        let mut seen = HashSet::new();
        for step in steps {
            if seen.insert(world.state.screen()) {
                world.buffer(&Theme::COLOUR);
            }
            for (name, is_seen) in SIGHTS {
                if is_seen(&world.state) && sights.borrow_mut().insert(name) {
                    world.buffer(&Theme::COLOUR);
                }
            }
            take(&mut world, step)?;
        }
        world.buffer(&Theme::MONO);
        reached.borrow_mut().extend(seen);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    let missed: Vec<_> = Screen::ALL
        .into_iter()
        .filter(|screen| !reached.borrow().contains(screen))
        .collect();
    assert!(missed.is_empty(), "never seen: {missed:?}");
}

proptest! {
    #[test]
    fn every_screen_fits_every_size(
        start in any_start(),
        keys in prop::collection::vec(any_key(), 0..25),
        sizes in prop::collection::vec((0u16..150, 0u16..50), 1..6),
    ) {
        let mut world = begin(start);
        keys.into_iter().for_each(|key| _ = world.event(Event::Key(key)));
        for (width, height) in sizes {
            world.event(Event::Resize(Size { width, height }));
            world.buffer(&Theme::MONO);
        }
    }
}

/// A terminal whose corner is dragged down to nothing and up again, with each screen open.
#[test]
fn every_screen_outlives_a_storm_of_sizes() {
    for road in [
        "",
        "Enter",
        "/",
        "n",
        "e",
        "d",
        "Space Space =",
        "* d",
        "t",
        "c",
        ":",
        "?",
        "a",
        "a p",
        "A",
        "A n",
        "A j p y",
        "X",
        "X Down Down Down Tab p Tab",
        "X Enter",
        "I",
        "I p Enter",
        "I p Enter x",
        "I p Enter x Enter",
        "I p Enter x Ctrl-s x",
        "I p Enter x Ctrl-s x y",
        "I p Enter x Ctrl-s x y x",
        "Q",
    ] {
        let mut world = begin((true, road));
        for width in (0..=130).rev().step_by(3).chain(0..12) {
            let height = width / 3;
            world.event(Event::Resize(Size { width, height }));
            world.buffer(&Theme::COLOUR);
        }
    }
}
