//! Every screen as a person sees it: its text at four sizes, and how each cell looks, in colour and
//! without.

use std::fmt::Write;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use roster::event::account::AccountAnswer;
use roster::event::{Event, Reply};
use roster::export::ExportFailure;
use roster::import::{ImportAnswer, ImportFailure, Progress};
use roster::remote::Page;
use roster::state::text::Secret;
use roster::state::{AccountCall, ThemeName};
use roster::view::Theme;
use roster_common::api::ImportMode;
use roster_common::{Code, Field, Role};

use crate::batch::{asked, done};
use crate::export::listed;
use crate::form::values;
use crate::history::past;
use crate::import;
use crate::live::changes_to;
use crate::unsaved::found_form;
use crate::world::{
    World, accounts, changed, crowd, person, refused, sessions, staff, stale, unanswered,
};

type Size = (u16, u16);

/// A pane, the terminal that is always there, a window, and a whole screen.
const SIZES: [Size; 4] = [(40, 15), (80, 24), (120, 40), (200, 50)];

/// A screen's name, and how it is reached.
type Screen = (&'static str, fn(Size) -> World);

const SCREENS: [Screen; 63] = [
    ("table", |size| pressed(size, "j")),
    ("marks", |size| pressed(size, "Space j v j")),
    ("order", |size| pressed(size, "l l s l S S h h S")),
    ("record", |size| pressed(size, "j Enter")),
    ("record-related", |size| {
        let mut world = pressed(size, "Enter");
        world.serves_related(&["Ariadna Bétancourt", "서지훈"], past());
        world
    }),
    ("live", |size| {
        let mut world = pressed(size, "j j Enter");
        let theirs = changed(&world.people[2], &[(Field::Title, "Analyst")]);
        world.event(changes_to(&theirs));
        world
    }),
    ("search", |size| searched(size, "given12")),
    ("found", |size| {
        let mut world = searched(size, "given12");
        world.keys("Enter Space Space j");
        world
    }),
    ("nobody", |size| searched(size, "given12x")),
    ("field-names", |size| pressed(size, "/ Tab Up")),
    ("field-values", field_values),
    ("sign-in", sign_in),
    ("sign-in-again", sign_in_again),
    ("form", |size| pressed(size, "j e")),
    ("form-errors", |size| {
        let mut world = pressed(size, "n");
        world
            .types("Grace")
            .keys("Tab Tab")
            .types("grace")
            .keys("Ctrl-s");
        world
    }),
    ("form-values", form_values),
    ("form-people", form_people),
    ("discard", |size| {
        let mut world = pressed(size, "j e");
        world.types("!").keys("Esc");
        world
    }),
    ("form-many", |size| pressed(size, "Space Space =")),
    ("conflict", conflict),
    ("delete", |size| pressed(size, "j d")),
    ("delete-many", |size| {
        let mut world = World::signed_in(Role::Admin, crowd(9), size);
        world.keys("*").serve().keys("d").types("8");
        world
    }),
    ("gathering", |size| {
        let mut world = World::signed_in(Role::Admin, crowd(1030), size);
        world
            .keys("*")
            .serve()
            .keys("=")
            .types("Lead")
            .keys("Ctrl-s");
        world
    }),
    ("preview", preview),
    ("running", running),
    ("results", results),
    ("unanswered", |size| {
        let mut world = preview(size);
        world.keys("Right Enter");
        for (batch, row, _) in asked(&mut world) {
            world.reply(Reply::Applied {
                batch,
                row,
                result: Err(unanswered()),
            });
        }
        world
    }),
    ("sign-out", |size| pressed(size, "Q")),
    ("history", history),
    ("cell", |size| pressed(size, "l i")),
    ("status", |size| pressed(size, "j x")),
    ("notes", |size| {
        let mut world = pressed(size, "j e PgDn Enter");
        world.types("Back in March.");
        world
    }),
    ("unsaved", unsaved),
    ("export", |size| pressed(size, "X")),
    ("export-path", export_path),
    ("export-exists", |size| {
        let mut world = pressed(size, "X Enter");
        world.reply(Reply::Exported(Err(ExportFailure::Exists)));
        world
    }),
    ("exporting", |size| {
        let mut world = World::signed_in(Role::Viewer, crowd(20_000), size);
        world
            .keys("X Enter")
            .event(Event::Progress(Progress::People(12_000)));
        world
    }),
    ("import-file", |size| {
        let mut world = import::world(size);
        listed(
            &mut world,
            "",
            &["notes.pdf", "in/", "people.csv", "staff.xlsx"],
        );
        world.keys("Down");
        world
    }),
    ("import-unreadable", |size| {
        let mut world = import::world(size);
        world.types("alt.csv").keys("Enter");
        let failure = ImportFailure::NotUtf8 { line: 3 };
        import::answered(&mut world, ImportAnswer::Read(Err(failure)));
        world
    }),
    ("import-setup", |size| {
        let mut world = import::file_read(size);
        world.keys("Right");
        world
    }),
    ("import-fields", |size| {
        let mut world = import::file_read(size);
        world.keys("Right Right Enter");
        world
    }),
    ("import-checked", import::file_checked),
    ("importing", |size| {
        let mut world = import::file_checked(size);
        let sent = Progress::Sent {
            done: 2_000_000,
            all: 9_000_000,
        };
        world.keys("y").event(Event::Progress(sent));
        world
    }),
    ("import-begun", |size| {
        let mut world = import::file_read(size);
        world.keys("Ctrl-s").take();
        import::answered(&mut world, ImportAnswer::Begun(ImportMode::Atomic));
        world
    }),
    ("imported", import::file_imported),
    ("filters", |size| pressed(size, "f n A Enter f")),
    ("filter-name", |size| pressed(size, "f n A")),
    ("columns", |size| pressed(size, "c")),
    ("themes", |size| pressed(size, "T")),
    ("help", |size| pressed(size, "?")),
    ("palette", |size| {
        let mut world = World::signed_in(Role::Viewer, staff(), size);
        world.keys(":").types("delete the");
        world
    }),
    ("palette-nothing", |size| {
        let mut world = pressed(size, ":");
        world.types("nosuchword");
        world
    }),
    ("sessions", account),
    ("end-session", |size| {
        let mut world = account(size);
        world.keys("Down d");
        world
    }),
    ("end-others", |size| {
        let mut world = account(size);
        world.keys("o");
        world
    }),
    ("password", |size| {
        let mut world = account(size);
        world
            .keys("p")
            .types("ADA KNOWS")
            .keys("Tab")
            .types("ada knows the difference")
            .keys("Tab")
            .types("ada kN");
        world
    }),
    ("users", users),
    ("user", |size| {
        let mut world = users(size);
        world.keys("e Right");
        world
    }),
    ("user-errors", |size| {
        let mut world = users(size);
        world.keys("n").types("Ki m").keys("Ctrl-s");
        world
    }),
    ("handover", generated_password),
    ("offline", offline),
    ("answer-lost", answer_lost),
    ("abandon", |size| {
        let mut world = answer_lost(size);
        world.keys("Esc");
        world
    }),
];

fn pressed(size: Size, keys: &str) -> World {
    let mut world = World::signed_in(Role::Admin, staff(), size);
    world.keys(keys).serve();
    world
}

fn searched(size: Size, text: &str) -> World {
    let mut world = World::signed_in(Role::Viewer, crowd(1234), size);
    world.keys("/").types(text).serve();
    world
}

fn field_values(size: Size) -> World {
    let mut world = pressed(size, "/");
    world.types("loc:new").serve();
    for text in ["", "new"] {
        let found = values(&[("New York", 30), ("Newcastle", 12)]);
        world.reply(Reply::Values {
            field: Field::Location,
            text: text.into(),
            result: Ok(found),
        });
    }
    world
}

fn sign_in(size: Size) -> World {
    let mut world = World::started(staff(), size);
    world
        .reply(Reply::Resumed(Ok(None)))
        .types("ada")
        .keys("Tab")
        .types("wrong")
        .keys("Enter");
    world.reply(Reply::SignedIn(Err(refused(Code::CredentialsInvalid))));
    world
}

fn sign_in_again(size: Size) -> World {
    let mut world = pressed(size, "e");
    world.types("!").keys("Ctrl-s");
    world
        .reply(Reply::Changed(Err(refused(Code::SessionExpired))))
        .types("ada kn");
    world
}

fn form_values(size: Size) -> World {
    let mut world = pressed(size, "n Tab Tab Tab Tab Tab");
    world.types("e");
    let found = values(&[
        ("Engineering", 4120),
        ("Energy", 12),
        ("Events", 8),
        ("Estates", 5),
        ("Editing", 3),
    ]);
    world.reply(Reply::Values {
        field: Field::Department,
        text: "e".into(),
        result: Ok(found),
    });
    world.keys("Down Down Down Down Down");
    world
}

fn form_people(size: Size) -> World {
    let mut world = pressed(size, "e PgDn Up Up Up Up");
    world.event(Event::Paste("eng".into()));
    let rows = vec![
        person(
            4,
            "Ariadna",
            "Bétancourt",
            &[(Field::Title, "Staff Engineer")],
        ),
        person(9, "Li", "Engström", &[(Field::Title, "Buyer")]),
    ];
    world.reply(Reply::People {
        text: "eng".into(),
        result: Ok(Page {
            rows,
            offset: 0,
            total: 2,
            ..Page::default()
        }),
    });
    world
}

fn preview(size: Size) -> World {
    let mut world = pressed(size, "Space Space Space =");
    world.types("Lead").keys("Ctrl-s");
    world
}

/// Of twenty people two are changed, and all but two of the others are under way.
fn running(size: Size) -> World {
    let mut world = World::signed_in(Role::Admin, crowd(20), size);
    world.keys("* =").types("Lead").keys("Ctrl-s Right Enter");
    for request in &asked(&mut world)[..2] {
        done(&mut world, request);
    }
    world
}

/// One is changed, one had been changed by somebody else, and one breaks a rule of the server's.
fn results(size: Size) -> World {
    let mut world = preview(size);
    world.keys("Right Enter");
    let theirs = changed(&world.people[1], &[(Field::Title, "Chair")]);
    let done = changed(&world.people[0], &[(Field::Title, "Lead")]);
    let results = [
        Ok(Some(done)),
        Err(stale(&theirs)),
        Err(crate::batch::too_long()),
    ];
    for ((batch, row, _), result) in asked(&mut world).into_iter().zip(results) {
        world.reply(Reply::Applied { batch, row, result });
    }
    world
}

fn export_path(size: Size) -> World {
    let mut world = pressed(size, "Space Space X Down Right Down Down Ctrl-u");
    world.types("~/re").keys("Tab");
    let names = [
        "reports/",
        "release-notes.txt",
        "rest.csv",
        "readme.md",
        "recent.xlsx",
    ];
    listed(&mut world, "~/", &names);
    world.keys("Down");
    world
}

fn answer_lost(size: Size) -> World {
    let mut world = pressed(size, "e");
    world
        .types("!")
        .keys("Ctrl-s")
        .reply(Reply::Changed(Err(unanswered())));
    world
}

fn conflict(size: Size) -> World {
    let mut world = pressed(size, "e");
    world
        .types("!")
        .keys("Tab Tab Tab Tab Ctrl-u")
        .types("Operator")
        .keys("Ctrl-s");
    let theirs = changed(
        &world.people[0],
        &[(Field::Title, "Plant Manager"), (Field::Location, "Leeds")],
    );
    world.reply(Reply::Changed(Err(stale(&theirs))));
    world
}

fn history(size: Size) -> World {
    let mut world = pressed(size, "t");
    let id = world.people[0].id;
    world.reply(Reply::HistoryRead {
        id,
        before: None,
        result: Ok(past()),
    });
    world
}

fn account(size: Size) -> World {
    let mut world = pressed(size, "a");
    world.reply(Reply::Account(AccountAnswer::Sessions(Ok(sessions()))));
    world
}

fn users(size: Size) -> World {
    let mut world = pressed(size, "A");
    world.reply(Reply::Account(AccountAnswer::Users(Ok(accounts()))));
    world
}

fn generated_password(size: Size) -> World {
    let mut world = users(size);
    world.keys("n").types("kim").keys("Ctrl-s");
    let ask = AccountCall::Add {
        name: "kim".parse().unwrap(),
        role: Role::Viewer,
        password: None,
    };
    let mut password = Secret::default();
    password.paste("abcde-fghij-kmnpq-rstuv");
    world.reply(Reply::Account(AccountAnswer::Done {
        ask: Box::new(ask),
        password: Some(password),
        result: Ok(()),
    }));
    world
}

/// The program has started again and found a form that was not saved.
fn unsaved(size: Size) -> World {
    let mut world = World::signed_in(Role::Admin, staff(), size);
    world.event(found_form());
    world
}

/// The server is gone, and the cursor is near the end of what has been read.
fn offline(size: Size) -> World {
    let mut world = World::signed_in(Role::Admin, crowd(1000), size);
    world.keys("r").loses().keys("2 0 5 G k").take();
    world
}

fn name(screen: &str, (width, height): Size) -> String {
    format!("{screen}-{width}x{height}")
}

#[test]
fn every_screen_is_seen_at_every_size() {
    for (screen, reach) in SCREENS {
        for size in SIZES {
            insta::assert_snapshot!(name(screen, size), reach(size).screen());
        }
    }
}

#[test]
fn every_screen_looks_as_it_should_in_colour_and_without() {
    for (screen, reach) in SCREENS {
        let world = reach((80, 24));
        insta::assert_snapshot!(
            format!("{screen}-looks"),
            looks(&world.buffer(&Theme::COLOUR))
        );
        insta::assert_snapshot!(
            format!("{screen}-looks-mono"),
            looks(&world.buffer(&Theme::MONO))
        );
    }
}

/// Screens that have all that can stand out.
const TELLING: [&str; 7] = [
    "found",
    "marks",
    "form-errors",
    "conflict",
    "palette",
    "results",
    "offline",
];

#[test]
fn what_stands_out_in_colour_stands_out_in_the_other_themes() {
    for (screen, reach) in SCREENS
        .into_iter()
        .filter(|(screen, _)| TELLING.contains(screen))
    {
        let world = reach((80, 24));
        for (name, theme) in [
            ("light", Theme::named(ThemeName::Light, true)),
            ("high-contrast", Theme::HIGH_CONTRAST),
        ] {
            insta::assert_snapshot!(
                format!("{screen}-looks-{name}"),
                looks(&world.buffer(&theme))
            );
        }
    }
}

/// How the cells of a row look but for being dimmed. One that a wide character covers looks like it.
fn inks(row: &[Cell]) -> Vec<(Color, Color, Modifier)> {
    let mut inks = Vec::new();
    let mut covered = 0;
    for cell in row {
        if covered > 0 {
            covered -= 1;
            inks.extend(inks.last().copied());
            continue;
        }
        covered = roster::cells::width(cell.symbol()).saturating_sub(1);
        inks.push((cell.fg, cell.bg, cell.modifier - Modifier::DIM));
    }
    inks
}

/// The places, as column and row, where a row begins to look otherwise than only dimmed.
fn edges(buffer: &Buffer) -> Vec<(usize, usize)> {
    let rows = buffer
        .content
        .chunks(usize::from(buffer.area.width))
        .enumerate();
    let edges = rows.map(|(y, row)| {
        let inks = inks(row);
        let pairs = inks.windows(2).enumerate();
        pairs
            .filter(|(_, pair)| pair[0] != pair[1])
            .map(|(x, _)| (x + 1, y))
            .collect::<Vec<_>>()
    });
    edges.flatten().collect()
}

#[test]
fn no_theme_hides_what_another_shows() {
    for (screen, reach) in SCREENS {
        let world = reach((80, 24));
        let message = edges(&world.buffer(&Theme::COLOUR));
        for name in ThemeName::ALL {
            for true_colour in [false, true] {
                let shown = edges(&world.buffer(&Theme::named(name, true_colour)));
                let hidden = message.iter().find(|edge| !shown.contains(edge));
                assert_eq!(hidden, None, "{screen} in {name:?}\n{}", world.screen());
            }
        }
    }
}

/// A letter for each cell, and below what the letters mean; a point where a cell looks as any
/// other.
fn looks(buffer: &Buffer) -> String {
    let ink = |cell: &Cell| (cell.fg, cell.bg, cell.modifier);
    let mut legend = vec![ink(&Cell::EMPTY)];
    let mut letter = |cell: &Cell| {
        let at = legend
            .iter()
            .position(|known| *known == ink(cell))
            .unwrap_or_else(|| {
                legend.push(ink(cell));
                legend.len() - 1
            });
        ".abcdefghijklmnopqrstuvwxyz".chars().nth(at).unwrap()
    };
    let rows = buffer.content.chunks(usize::from(buffer.area.width));
    let mut map = String::new();
    for row in rows {
        let line: String = row.iter().map(&mut letter).collect();
        writeln!(map, "{}", line.trim_end_matches('.')).unwrap();
    }
    for (letter, (colour, ground, modifier)) in ('a'..).zip(legend.iter().skip(1)) {
        writeln!(map, "{letter}: {colour} on {ground}, {modifier:?}").unwrap();
    }
    map
}

#[test]
fn nothing_covers_the_edge_of_a_dialog_even_on_a_low_terminal() {
    let is_boxed = |(_, reach): &&Screen| reach((80, 24)).screen().contains('╰');
    for (screen, reach) in SCREENS.iter().filter(is_boxed) {
        for size in [(80, 24), (40, 15), (40, 9), (20, 5)] {
            let shown = reach(size).screen();
            for corner in ["╰", "╯"] {
                assert!(shown.contains(corner), "{}\n{shown}", name(screen, size));
            }
        }
    }
}

#[test]
fn no_screen_has_a_colour_where_none_is_wanted() {
    for (screen, reach) in SCREENS {
        let buffer = reach((80, 24)).buffer(&Theme::MONO);
        assert!(
            buffer
                .content
                .iter()
                .all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset),
            "{screen}"
        );
    }
}

/// An underline beyond the words would read as a rule across the screen.
#[test]
fn high_contrast_underlines_words_and_not_the_room_beside_them() {
    for (screen, reach) in SCREENS {
        let buffer = reach((80, 24)).buffer(&Theme::HIGH_CONTRAST);
        for row in buffer.content.chunks(80) {
            let blank =
                |cell: &Cell| cell.symbol() == " " && cell.modifier.contains(Modifier::UNDERLINED);
            assert!(
                !row.windows(2).any(|pair| pair.iter().all(blank)),
                "{screen}"
            );
        }
    }
}

#[test]
fn an_answer_is_chosen_among_those_that_have_room() {
    let user = SCREENS
        .iter()
        .find(|(screen, _)| *screen == "user")
        .unwrap()
        .1;
    let screen = user((40, 15)).screen();
    assert!(screen.contains("Role        ← admin →"), "{screen}");
    let screen = user((80, 24)).screen();
    assert!(screen.contains("○ viewer   ○ editor   ● admin"), "{screen}");
}

fn table(size: Size) -> World {
    World::signed_in(Role::Admin, staff(), size)
}

/// The cell in which `text` begins.
fn cell(world: &World, theme: &Theme, text: &str) -> Cell {
    let buffer = world.buffer(theme);
    let width = usize::from(world.state.size.width);
    for row in buffer.content.chunks(width) {
        for at in 0..width {
            let here: String = row[at..].iter().map(Cell::symbol).collect();
            if here.starts_with(text) {
                return row[at].clone();
            }
        }
    }
    panic!("{text:?} is not on the screen\n{}", world.screen());
}

#[test]
fn the_cursors_row_is_reversed_and_marked() {
    for theme in [Theme::COLOUR, Theme::MONO] {
        let world = table((80, 24));
        assert!(
            cell(&world, &theme, "> Castro")
                .modifier
                .contains(Modifier::REVERSED)
        );
        assert!(
            cell(&world, &theme, "Plant Operator")
                .modifier
                .contains(Modifier::REVERSED)
        );
        assert!(
            !cell(&world, &theme, "Support Engineer")
                .modifier
                .contains(Modifier::REVERSED)
        );
    }
}

#[test]
fn what_was_found_is_marked() {
    let mut world = table((80, 24));
    world.keys("/").types("betan");
    world.people.retain(|person| person.id.get() == 4);
    world.state.table.renew(world.state.now);
    let page = Page {
        rows: world.people.clone(),
        offset: 0,
        total: 1,
        ..Page::default()
    };
    let query_number = world.state.table.query_number;
    world.reply(Reply::Loaded {
        query_number,
        offset: 0,
        result: Ok(page),
    });
    let found = cell(&world, &Theme::COLOUR, "Bétan");
    assert!(found.modifier.contains(Modifier::UNDERLINED));
    assert!(
        !cell(&world, &Theme::COLOUR, "court")
            .modifier
            .contains(Modifier::UNDERLINED)
    );
}

#[test]
fn the_selected_column_is_visible_without_colour() {
    let mut world = table((80, 24));
    world.keys("l");
    assert!(
        cell(&world, &Theme::MONO, "Title")
            .modifier
            .contains(Modifier::REVERSED)
    );
    assert!(
        !cell(&world, &Theme::MONO, "Name")
            .modifier
            .contains(Modifier::REVERSED)
    );
}

#[test]
fn columns_stand_under_their_headings_in_every_script() {
    let world = table((80, 24));
    let buffer = world.buffer(&Theme::COLOUR);
    let column = |text: &str| {
        let symbols = |y: u16| {
            (0..80)
                .map(|x| buffer[(x, y)].symbol().to_owned())
                .collect::<Vec<_>>()
        };
        (0..24)
            .find_map(|y| (0..80).find(|x| symbols(y)[*x..].concat().starts_with(text)))
            .unwrap()
    };
    let department = column("Department");
    for text in ["Operations", "Support  ", "Finance", "Engineering", "Legal"] {
        assert_eq!(column(text), department, "{text}");
    }
}

#[test]
fn behind_a_dialog_everything_is_dimmed_and_no_row_or_field_has_the_focus() {
    let reach = |name: &str| {
        SCREENS
            .iter()
            .find(|(screen, _)| *screen == name)
            .unwrap()
            .1
    };
    let world = reach("delete")((80, 24));
    let buffer = world.buffer(&Theme::COLOUR);
    let first_rows = buffer.content.chunks(80).take(3).flatten();
    for cell in first_rows.filter(|cell| cell.symbol() != " ") {
        assert_eq!(cell.modifier, Modifier::DIM, "{cell:?}");
    }
    assert!(!world.screen().contains("> Castro"), "{}", world.screen());
}

#[test]
fn the_cursor_of_a_form_does_not_shine_through_its_question() {
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    let mut world = pressed((80, 24), "j e");
    world.types("!");
    let mut has_cursor = |world: &World| {
        let theme = Theme::COLOUR;
        terminal
            .draw(|frame| roster::view::draw(frame, &world.state, &theme))
            .unwrap();
        terminal.backend().cursor_visible()
    };
    assert!(has_cursor(&world));
    world.keys("Esc");
    assert!(!has_cursor(&world));
}
