//! The filter is completed while it is written.

use roster::effect::{Call, Effect};
use roster::event::Reply;
use roster::keys::Screen;
use roster::remote::{Page, Result};
use roster_common::api::FieldValue;
use roster_common::{Field, Role};

use crate::world::{World, changed, staff, unreachable};

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
        })
        .collect();
    answers_with(world, field, text, Ok(values));
}

fn answers_with(world: &mut World, field: Field, text: &str, result: Result<Vec<FieldValue>>) {
    let asked = Effect::Call(Call::Values {
        field,
        text: text.into(),
    });
    let at = world
        .effects
        .iter()
        .position(|effect| *effect == asked)
        .unwrap();
    world.effects.remove(at);
    world.reply(Reply::Values {
        field,
        text: text.into(),
        result,
    });
}

fn filter(world: &World) -> &str {
    world.state.table.search.text()
}

#[test]
fn tab_completes_a_name_and_then_the_most_used_value() {
    let mut world = writing("isla !dep");
    world.keys("Tab");
    assert_eq!(filter(&world), "isla !dept:");
    answers(
        &mut world,
        Field::Department,
        "",
        &[("Engineering", 4120), ("Field Sales", 77)],
    );
    world.keys("Tab");
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
    let people: Vec<_> = staff().into_iter().take(1).collect();
    for text in ["", "cas"] {
        let asked = Effect::Call(Call::People { text: text.into() });
        let at = world
            .effects
            .iter()
            .position(|effect| *effect == asked)
            .unwrap();
        world.effects.remove(at);
        let page = Page {
            rows: people.clone(),
            offset: 0,
            total: 1,
        };
        world.reply(Reply::People {
            text: text.into(),
            result: Ok(page),
        });
    }
    assert!(
        world
            .screen()
            .contains("Castro, Maya · Plant Operator · #1"),
        "{}",
        world.screen()
    );
    world.keys("Tab");
    assert_eq!(filter(&world), "isla mgr:1 ");
    assert!(!world.state.table.suggestions.is_shown());

    let world = writing("mgr:\"castro m");
    assert!(world.effects.contains(&Effect::Call(Call::People {
        text: String::new()
    })));
    let mut world = writing("mgr:");
    world.effects.clear();
    world.reply(Reply::People {
        text: String::new(),
        result: Err(unreachable()),
    });
    world.types("7");
    assert!(
        !world
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Call(Call::People { .. }))),
        "an id is one already"
    );
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
    assert_eq!(world.footer(), "  Enter keep  Esc close  Tab complete");
    world.keys("Down");
    assert_eq!(world.footer(), "  Enter accept  Esc close  Tab complete");
    world.keys("Esc");
    assert_eq!(world.footer(), "  Enter keep  Esc clear  Tab complete");

    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("e Tab Tab Tab Tab Ctrl-n");
    assert!(
        world.footer().contains("Tab Enter next") && world.footer().contains("Esc cancel"),
        "{}",
        world.footer()
    );
    world.reply(Reply::Values {
        field: Field::Title,
        text: String::new(),
        result: Ok(vec![FieldValue {
            value: "Plant Operator II".into(),
            count: 3,
        }]),
    });
    assert!(
        world.footer().contains("Tab Enter next") && world.footer().contains("Esc close"),
        "{}",
        world.footer()
    );
    world.keys("Down");
    assert!(
        world.footer().contains("Tab Enter accept"),
        "{}",
        world.footer()
    );
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
        text: "e".into()
    })));
}

#[test]
fn only_the_end_of_a_word_is_completed() {
    let mut world = writing("dept");
    world.keys("Left Tab");
    assert_eq!(filter(&world), "dept");
    world.keys("Home").types("loc").keys("Tab");
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

#[test]
fn an_impossible_filter_says_why_while_typing_and_after() {
    for (filter, written, kept) in [
        (
            "status:asleep",
            "Unknown status \"asleep\". Use active, leave or left.",
            "Unknown status \"asleep\". Use active, leave or left.",
        ),
        (
            "id:seven",
            "An id is a whole number, like id:7.",
            "An id is a whole number, like id:7.",
        ),
        (
            "role:admin",
            "Unknown field \"role\". Tab lists the fields.",
            "Unknown field \"role\". The fields are id, first, last",
        ),
    ] {
        let mut world = writing(filter);
        assert!(world.screen().contains(written), "{}", world.screen());
        world.keys("Enter");
        let screen = world.screen();
        assert!(
            screen.contains("No matches.") && screen.contains(kept),
            "{screen}"
        );
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
fn an_invalid_negated_term_is_reported_and_marks_no_one() {
    for (filter, message) in [
        (
            "!status:asleep",
            "Unknown status \"asleep\". Use active, leave or left.",
        ),
        ("!dpt:x", "Unknown field \"dpt\"."),
    ] {
        let mut world = writing(filter);
        world.keys("Enter j");
        assert!(
            world.screen().contains("5 of 5") && world.screen().contains(message),
            "{}",
            world.screen()
        );
        world.keys("*");
        assert!(world.state.table.marks.is_empty());
        assert!(
            world.screen().contains("Fix the filter first."),
            "{}",
            world.screen()
        );
    }
}

#[test]
fn an_outdated_suggestion_is_not_taken_as_the_manager() {
    for answer in [None, Some(Err(unreachable()))] {
        let mut world = writing("mgr:c");
        for asked in ["", "c"] {
            let result = Ok(Page {
                rows: vec![staff()[0].clone()],
                offset: 0,
                total: 1,
            });
            world.reply(Reply::People {
                text: asked.into(),
                result,
            });
        }
        world.types("ho").serve();
        answer.into_iter().for_each(|result| {
            _ = world.reply(Reply::People {
                text: "ch".into(),
                result,
            });
        });
        world.keys("Tab");
        assert_eq!(
            (filter(&world), world.state.screen()),
            ("mgr:cho", Screen::Search)
        );
        world.keys("Enter");
        assert_eq!(
            (filter(&world), world.state.screen()),
            ("mgr:cho", Screen::Table)
        );
    }
}

#[test]
fn the_list_stays_until_a_manager_is_chosen() {
    let mut world = writing("maya mgr:");
    let castro = staff()[0].clone();
    world.types("cas");
    for asked in ["", "cas"] {
        let result = Ok(Page {
            rows: vec![castro.clone()],
            offset: 0,
            total: 1,
        });
        world.reply(Reply::People {
            text: asked.into(),
            result,
        });
    }
    world.serve();
    assert!(
        world.screen().contains("1 of 5") && world.screen().contains("Castro, Maya"),
        "{}",
        world.screen()
    );
    assert!(!world.screen().contains("by id"), "{}", world.screen());
    world.keys("Enter");
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
