//! The filter is completed while it is written.

use roster::effect::{Call, Effect};
use roster::event::{Event, Reply};
use roster::keys::Screen;
use roster::remote::{Page, Result};
use roster_common::api::FieldValue;
use roster_common::{Code, Field, Role};

use crate::world::{World, changed, person, refused, staff, unreachable};

/// Somebody writes a filter, and has been answered with everybody.
fn writing(text: &str) -> World {
    let mut world = World::signed_in(Role::Viewer, staff(), (80, 24));
    world.keys("/").types(text).serve();
    world
}

/// The server has these values, each with the number of people who have it.
fn answers(world: &mut World, field: Field, text: &str, values: &[(&str, u64)]) {
    let values = values
        .iter()
        .map(|(value, count)| FieldValue {
            value: (*value).into(),
            count: *count,
            label: None,
        })
        .collect();
    answers_with(world, field, text, Ok(values));
}

fn answers_with(world: &mut World, field: Field, text: &str, result: Result<Vec<FieldValue>>) {
    let asks = |effect: &Effect| match effect {
        Effect::Call(Call::Values {
            field: of,
            text: words,
            ..
        }) => *of == field && words == text,
        _ => false,
    };
    let at = world.effects.iter().position(asks).unwrap();
    world.effects.remove(at);
    world.reply(Reply::Values {
        field,
        text: text.into(),
        result,
    });
}

/// The server has these managers, each with the number of people who report to them.
fn answers_managers(world: &mut World, text: &str, managers: &[(u64, &str, u64)]) {
    let managers = managers
        .iter()
        .map(|(id, name, count)| FieldValue {
            value: id.to_string(),
            count: *count,
            label: Some((*name).into()),
        })
        .collect();
    answers_with(world, Field::Manager, text, Ok(managers));
}

fn filter(world: &World) -> &str {
    world.state.table.search.text()
}

#[test]
fn tab_completes_a_name_and_then_the_selected_value() {
    let mut world = writing("isla !dep");
    world.keys("Tab");
    assert_eq!(filter(&world), "isla !dept:");
    answers(
        &mut world,
        Field::Department,
        "",
        &[("Engineering", 4120), ("Field Sales", 77)],
    );
    world.keys("Down Tab");
    assert_eq!(filter(&world), "isla !dept:Engineering ");
    assert!(!world.state.table.suggestions.is_shown());
    let last = world.effects.iter().rev().find_map(|effect| match effect {
        Effect::Call(Call::Load { query, .. }) => Some(query.q.as_str()),
        _ => None,
    });
    assert_eq!(
        last,
        Some("isla !dept:"),
        "what was asked first is answered first"
    );
    world.serve();
    assert!(
        !world.state.table.is_outdated(),
        "the table shows what the whole filter finds"
    );
}

#[test]
fn a_value_with_a_space_is_put_in_quotation_marks() {
    let mut world = writing("loc:new");
    answers(&mut world, Field::Location, "", &[("Nantes", 9)]);
    answers(
        &mut world,
        Field::Location,
        "new",
        &[("New York", 30), ("Newcastle", 12), ("The \"New\" Town", 1)],
    );
    assert!(
        !world.screen().contains("Town"),
        "the language cannot say a quotation mark\n{}",
        world.screen()
    );
    world.serve();
    world.keys("Down Enter");
    assert_eq!(
        (filter(&world), world.state.screen()),
        ("loc:\"New York\" ", Screen::Search)
    );
    world.keys("Enter");
    assert_eq!(world.state.screen(), Screen::Table);
}

#[test]
fn a_manager_is_chosen_by_name_and_searched_for_by_id() {
    let mut world = writing("isla mgr:cas");
    for text in ["", "cas"] {
        answers_managers(&mut world, text, &[(1, "Maya Castro", 2)]);
    }
    let screen = world.screen();
    let line = screen
        .lines()
        .find(|line| line.contains("Maya Castro · #1"));
    assert!(
        line.is_some_and(|line| line.contains("2 reports")),
        "{screen}"
    );
    world.keys("Tab");
    assert_eq!(filter(&world), "isla mgr:1 ");
    assert!(!world.state.table.suggestions.is_shown());

    let mut world = writing("mgr:");
    world.effects.clear();
    world.reply(Reply::Values {
        field: Field::Manager,
        text: String::new(),
        result: Err(unreachable()),
    });
    world.types("7");
    let is_lookup = |effect: &Effect| {
        let Effect::Call(call) = effect else {
            return false;
        };
        matches!(call, Call::People { .. } | Call::Values { .. })
    };
    assert!(!world.effects.iter().any(is_lookup), "an id is one already");
}

#[test]
fn names_that_begin_alike_are_listed_and_narrowed_down_by_typing() {
    let mut world = writing("l");
    world.keys("Tab");
    assert!(
        world.screen().contains("last:") && world.screen().contains("loc"),
        "{}",
        world.screen()
    );
    world.types("o").serve();
    assert!(!world.screen().contains("last:"), "{}", world.screen());
    world.keys("Tab");
    assert_eq!(filter(&world), "location:");
}

#[test]
fn esc_takes_the_list_away_first_and_the_filter_stays_live() {
    let mut world = writing("ma");
    world.keys("Ctrl-u").types("dept:").serve();
    answers(&mut world, Field::Department, "", &[("Engineering", 4120)]);
    world.keys("Esc");
    assert!(!world.state.table.suggestions.is_shown());
    assert_eq!(
        (filter(&world), world.state.screen()),
        ("dept:", Screen::Search)
    );
    world.keys("Down");
    assert_eq!(
        world.state.table.suggestions.chosen, None,
        "without a list, the arrows move in the table"
    );
    world.keys("Esc");
    assert_eq!((filter(&world), world.state.screen()), ("", Screen::Table));
}

#[test]
fn the_last_line_says_what_the_keys_do_while_a_list_is_open() {
    let mut world = writing("dept:");
    assert_eq!(world.footer(), "  Enter keep  Esc clear  Tab complete");
    answers(&mut world, Field::Department, "", &[("Engineering", 4120)]);
    assert_eq!(world.footer(), "  Enter keep  Esc close  Tab accept");
    world.keys("Down");
    assert_eq!(world.footer(), "  Enter accept  Esc close");
    world.keys("Esc");
    assert_eq!(world.footer(), "  Enter keep  Esc clear  Tab complete");

    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("e Tab Tab Tab Tab Ctrl-n");
    assert!(
        world.footer().contains("Tab next") && world.footer().contains("Esc cancel"),
        "{}",
        world.footer()
    );
    world.reply(Reply::Values {
        field: Field::Title,
        text: String::new(),
        result: Ok(vec![FieldValue {
            value: "Plant Operator II".into(),
            count: 3,
            label: None,
        }]),
    });
    assert!(
        world.footer().contains("Tab next") && world.footer().contains("Esc close"),
        "{}",
        world.footer()
    );
    world.keys("Down");
    assert!(world.footer().contains("Tab accept"), "{}", world.footer());
}

#[test]
fn an_answer_that_comes_late_or_never_offers_nothing() {
    let mut world = writing("dept:e");
    world.types(" x");
    answers(&mut world, Field::Department, "", &[("Engineering", 4120)]);
    assert!(!world.state.table.suggestions.is_shown());
    let mut world = writing("dept:");
    answers_with(&mut world, Field::Department, "", Err(unreachable()));
    world.types("e");
    assert!(world.effects.contains(&Effect::Call(Call::Values {
        field: Field::Department,
        text: "e".into(),
        filter: String::new(),
    })));
}

#[test]
fn only_the_end_of_a_word_is_completed() {
    let mut world = writing("dept");
    world.keys("Left Tab");
    assert_eq!(filter(&world), "dept");
    world.keys("/ Home").types("loc").keys("Tab");
    assert_eq!(filter(&world), "locdept", "and nothing inside of one");
}

#[test]
fn an_invalid_filter_is_reported_but_still_searched() {
    let mut world = writing("departmnt:eng");
    let screen = world.screen();
    assert!(
        screen.contains("Unknown field \"departmnt\". Tab lists the fields."),
        "{screen}"
    );
    world.keys("Tab Down Down Down Down Down Down Down Enter");
    assert_eq!(filter(&world), "dept:eng");
    let mut world = writing("\"maya");
    assert!(
        world.screen().contains("Missing closing quote"),
        "{}",
        world.screen()
    );
    world.types("\"").serve();
    assert!(!world.screen().contains("quotation"), "{}", world.screen());
    assert!(
        !writing("10:30").screen().contains("Unknown field"),
        "a time is a word like others"
    );
}

/// The filters that have a mistake, and what is said about it.
const MISTAKES: [(&str, &str); 5] = [
    (
        "status:asleep",
        "Unknown status \"asleep\". Use active, leave or left.",
    ),
    ("id:seven", "An id is a whole number, like id:7."),
    ("role:admin", "Unknown field \"role\"."),
    (
        "!status:asleep",
        "Unknown status \"asleep\". Use active, leave or left.",
    ),
    ("!dpt:x", "Unknown field \"dpt\"."),
];

#[test]
fn a_mistake_in_the_filter_is_named_and_leaves_the_rows_as_they_are() {
    for (mistake, message) in MISTAKES {
        let mut world = writing("a ");
        let before = world.state.table.total;
        world.take();
        world.types(mistake);
        let asked = world.take().into_iter();
        let filters: Vec<_> = asked
            .filter_map(|effect| match effect {
                Effect::Call(Call::Load { query, .. }) => Some(query.q),
                _ => None,
            })
            .collect();
        assert!(!filters.iter().any(|filter| filter.contains(mistake)));
        assert!(
            world.screen().contains(message) && world.screen().contains("Castro, Maya"),
            "{}",
            world.screen()
        );
        world.keys("Enter");
        assert_eq!(
            world.state.screen(),
            Screen::Search,
            "the rows do not match it, so it is not kept"
        );
        assert!(world.screen().contains(message), "{}", world.screen());
        world.keys("Esc").serve();
        assert_eq!(world.state.table.total, Some(5));
        assert!(before.is_some());
    }
    for filter in [
        "status:activ",
        "!status:left",
        "mgr:7",
        "mgr:\"\"",
        "asleep",
        "#7",
    ] {
        let world = writing(filter);
        assert!(
            !world.screen().contains("Unknown status") && !world.screen().contains("id is"),
            "{filter}"
        );
    }
}

#[test]
fn a_mistake_changes_nothing_that_is_marked_or_reloaded() {
    let mut world = writing("castro");
    world.types(" status:x").keys("Enter").serve();
    let Some(Effect::Call(Call::Load { query, .. })) = ({
        world.state.table.searching = false;
        world.take();
        world
            .keys("r")
            .take()
            .into_iter()
            .find(|effect| matches!(effect, Effect::Call(Call::Load { .. })))
    }) else {
        panic!()
    };
    assert_eq!(query.q, "castro status:", "the last without a mistake");
}

#[test]
fn an_outdated_suggestion_is_not_taken_as_the_manager() {
    for answer in [None, Some(Err(unreachable()))] {
        let mut world = writing("mgr:c");
        for asked in ["", "c"] {
            answers_managers(&mut world, asked, &[(1, "Maya Castro", 2)]);
        }
        world.types("ho").serve();
        if let Some(result) = answer {
            answers_with(&mut world, Field::Manager, "ch", result);
        }
        world.keys("Tab");
        assert_eq!(
            (filter(&world), world.state.screen()),
            ("mgr:cho", Screen::Search)
        );
        world.keys("Enter");
        assert_eq!(
            (filter(&world), world.state.screen()),
            ("mgr:cho", Screen::Search),
            "a name is no manager yet"
        );
    }
}

#[test]
fn the_list_stays_until_a_manager_is_chosen() {
    let mut world = writing("maya mgr:");
    world.types("cas");
    for asked in ["", "cas"] {
        answers_managers(&mut world, asked, &[(1, "Maya Castro", 2)]);
    }
    world.serve();
    assert!(
        world.screen().contains("1 of 5") && world.screen().contains("Maya Castro"),
        "{}",
        world.screen()
    );
    assert!(!world.screen().contains("by id"), "{}", world.screen());
    world.keys("Tab");
    assert_eq!(
        (filter(&world), world.state.screen()),
        ("maya mgr:1 ", Screen::Search)
    );
    world
        .keys("Ctrl-u")
        .types("mgr:nobody")
        .keys("Enter")
        .serve();
    assert!(
        world.screen().contains("mgr: needs an id, like mgr:7."),
        "{}",
        world.screen()
    );
}

#[test]
fn a_person_is_found_by_id() {
    let mut world = writing("#2");
    world.keys("Enter");
    assert!(
        world.screen().contains("1 of 5") && world.screen().contains("지훈"),
        "{}",
        world.screen()
    );
}

#[test]
fn a_wide_character_at_its_edge_leaves_the_box_whole() {
    for padding in ["", "x"] {
        let mut people = staff();
        people.truncate(1);
        people[0] = changed(
            &people[0],
            &[(
                Field::Lastname,
                &format!("{padding}渡辺智也渡辺智也渡辺智也"),
            )],
        );
        let mut world = World::signed_in(Role::Viewer, people, (80, 24));
        world.keys("/").types("dept:");
        answers(&mut world, Field::Department, "", &[("Engineering", 4120)]);
        let screen = world.screen();
        let row = screen.lines().find(|line| line.contains("4,120")).unwrap();
        assert_eq!(row.matches('│').count(), 2, "{screen}");
        assert!(
            row.contains("渡") && row.contains("│ Engineering"),
            "{screen}"
        );
    }
}

#[test]
fn enter_keeps_what_is_written_unless_a_suggestion_is_selected() {
    let mut world = writing("dept:eng");
    answers(&mut world, Field::Department, "", &[("Engineering", 4120)]);
    let values = [("Engineering", 4120), ("Engine Tests", 3)];
    answers(&mut world, Field::Department, "eng", &values);
    assert!(world.screen().contains("Engine Tests"));
    world.keys("Enter");
    assert_eq!(
        (filter(&world), world.state.screen()),
        ("dept:eng", Screen::Table)
    );
}

#[test]
fn nothing_is_selected_by_itself_so_enter_keeps_the_filter_however_fast_it_is_typed() {
    let mut world = writing("dept:eng");
    answers(&mut world, Field::Department, "", &[("Engineering", 4120)]);
    answers(
        &mut world,
        Field::Department,
        "eng",
        &[("Engineering", 4120)],
    );
    assert_eq!(world.footer(), "  Enter keep  Esc close  Tab accept");
    world.keys("Enter");
    assert_eq!(
        (filter(&world), world.state.screen()),
        ("dept:eng", Screen::Table)
    );
}

#[test]
fn the_filter_shows_the_name_of_the_manager_it_is_about() {
    let mut world = writing("mgr:1");
    assert!(
        world.screen().contains("mgr:1  (manager: Maya Castro)"),
        "{}",
        world.screen()
    );
    world.keys("Ctrl-u").types("mgr:900").serve().take();
    // The first digit was an id too, and has been asked for.
    world.reply(Reply::Fetched {
        id: 9.try_into().unwrap(),
        result: Err(refused(Code::EmployeeNotFound)),
    });
    let id = 900.try_into().unwrap();
    assert!(world.take().contains(&Effect::Call(Call::Fetch { id })));
    world.reply(Reply::Fetched {
        id,
        result: Ok(person(900, "Ida", "Falk", &[])),
    });
    assert!(
        world.screen().contains("(manager: Ida Falk)"),
        "{}",
        world.screen()
    );
}

#[test]
fn managers_are_suggested_with_their_reports_by_one_request() {
    let mut world = World::signed_in(Role::Viewer, staff(), (80, 24));
    world.keys("/").event(Event::Paste("dept:ops mgr:".into()));
    world.serve();
    let asked = Call::Values {
        field: Field::Manager,
        text: String::new(),
        filter: "dept:ops".into(),
    };
    assert!(world.effects.contains(&Effect::Call(asked)));
    let managers = [
        (12, "Olga Castle", 14),
        (1, "Maya Castro", 2),
        (13, "Lee Cast", 1),
    ];
    answers_managers(&mut world, "", &managers);
    let screen = world.screen();
    let lines = ["Olga Castle · #12", "Maya Castro · #1 ", "Lee Cast · #13"]
        .map(|name| screen.lines().find(|line| line.contains(name)).unwrap());
    assert!(
        lines[0].contains("14 reports") && lines[1].contains("2 reports"),
        "{screen}"
    );
    assert!(lines[2].contains("1 report "), "{screen}");
    assert_eq!(world.take(), [], "nothing more is asked");
    world.keys("Down Down Enter");
    assert_eq!(filter(&world), "dept:ops mgr:1 ");
}

#[test]
fn people_without_reports_are_suggested_if_no_manager_has_the_name() {
    for answer in [Ok(Vec::new()), Err(refused(Code::NotFound))] {
        let mut world = writing("mgr:");
        world.types("nú").serve();
        answers_managers(&mut world, "", &[(1, "Maya Castro", 2)]);
        answers_with(&mut world, Field::Manager, "nú", answer);
        let asked = Effect::Call(Call::People { text: "nú".into() });
        assert!(world.effects.contains(&asked));
        let page = Page {
            rows: vec![staff()[4].clone()],
            offset: 0,
            total: 1,
            ..Page::default()
        };
        world.reply(Reply::People {
            text: "nú".into(),
            result: Ok(page),
        });
        world.keys("Tab");
        assert_eq!(filter(&world), "mgr:5 ");
    }
}

#[test]
fn tab_accepts_only_what_is_selected_and_moves_on_to_the_table_without_a_list() {
    let mut world = writing("dept:eng");
    let values = [("Engineering", 4120), ("Engine Tests", 3)];
    answers(&mut world, Field::Department, "", &values);
    answers(&mut world, Field::Department, "eng", &values);
    assert_eq!(world.footer(), "  Enter keep  Esc close  Tab select");
    world.keys("Tab");
    assert_eq!(
        (filter(&world), world.state.table.suggestions.chosen),
        ("dept:eng", Some(0)),
        "of two, only the user knows which one is meant"
    );
    world.keys("Tab");
    assert_eq!(
        (filter(&world), world.state.screen()),
        ("dept:Engineering ", Screen::Search)
    );
    let mut world = writing("maya");
    world.keys("Tab Tab");
    assert_eq!(
        (filter(&world), world.state.screen()),
        ("maya", Screen::Table),
        "there is no such field to list"
    );
}

#[test]
fn values_are_counted_among_those_whom_the_rest_of_the_filter_finds() {
    for (typed, filter) in [
        ("loc:", ""),
        ("dept:eng loc:", "dept:eng"),
        ("dept:eng !loc:", "dept:eng"),
        ("\"two words\" -x loc:", "\"two words\" -x"),
        ("role:admin loc:", ""),
    ] {
        let mut world = World::signed_in(Role::Viewer, staff(), (80, 24));
        world.keys("/").event(Event::Paste(typed.into()));
        let asked = Effect::Call(Call::Values {
            field: Field::Location,
            text: String::new(),
            filter: filter.into(),
        });
        assert!(
            world.effects.contains(&asked),
            "{typed}: {:?}",
            world.effects
        );
    }
    let mut world = World::signed_in(Role::Viewer, staff(), (80, 24));
    world.keys("/").types(" maya").keys("Home").types("loc:");
    let filters: Vec<_> = world
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Call(Call::Values {
                field: Field::Location,
                filter,
                ..
            }) => Some(filter.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(filters, ["maya"], "also what comes after the cursor");
}

/// The filters of the requests for rows, the last one last.
fn filters_asked(world: &mut World) -> Vec<String> {
    let asked = world.take().into_iter();
    asked
        .filter_map(|effect| match effect {
            Effect::Call(Call::Load { query, .. }) => Some(query.q),
            _ => None,
        })
        .collect()
}

/// The server knows nobody by this name, neither among the managers nor among all people.
fn answers_nobody(world: &mut World, text: &str) {
    answers_managers(world, text, &[]);
    world.reply(Reply::People {
        text: text.into(),
        result: Ok(Page::default()),
    });
}

#[test]
fn a_manager_whom_nobody_is_called_finds_nobody_while_the_name_is_typed() {
    let mut world = writing("mgr:");
    answers_managers(&mut world, "", &[(1, "Maya Castro", 2)]);
    world.types("x");
    answers_nobody(&mut world, "x");
    world.serve();
    let screen = world.screen();
    assert!(
        screen.contains("0 of 5") && screen.contains("Nobody is called “x”."),
        "{screen}"
    );

    world.types("y");
    assert!(
        filters_asked(&mut world).is_empty(),
        "a longer name is nobody's either"
    );
    world.keys("Backspace Backspace").serve();
    assert!(world.screen().contains("5 of 5"), "{}", world.screen());
}

#[test]
fn a_field_that_does_not_exist_leaves_the_rows_of_the_other_conditions() {
    let mut world = writing("maya");
    assert!(world.screen().contains("1 of 5"), "{}", world.screen());
    world.types(" foo").serve();
    assert!(world.screen().contains("0 of 5"), "{}", world.screen());
    world.types(":x").serve();
    let screen = world.screen();
    assert!(
        screen.contains("1 of 5") && screen.contains("Unknown field"),
        "{screen}"
    );
}

#[test]
fn typing_after_a_selected_suggestion_keeps_it_and_goes_on() {
    for (typed, filter_then) in [
        ("m", "dept:\"Field Sales\" m"),
        (" ", "dept:\"Field Sales\" "),
        ("|", "dept:\"Field Sales\"|"),
        (")", "dept:\"Field Sales\")"),
    ] {
        let mut world = writing("dept:");
        let values = [("Engineering", 4120), ("Field Sales", 77)];
        answers(&mut world, Field::Department, "", &values);
        world.keys("Down Down").types(typed);
        assert_eq!(filter(&world), filter_then);
    }

    let mut world = writing("dept:e");
    for asked in ["", "e"] {
        answers(
            &mut world,
            Field::Department,
            asked,
            &[("Engineering", 4120)],
        );
    }
    world.types("n");
    assert_eq!(filter(&world), "dept:en", "nothing was selected");
}
