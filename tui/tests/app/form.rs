//! Writing in the fields of a form: editing, values that are offered, dates, people.

use roster::effect::{Call, Effect};
use roster::event::{Event, Reply, Timer};
use roster::remote::Page;
use roster::state::Form;
use roster_common::api::FieldValue;
use roster_common::{Changes, Field, Role};

use crate::world::{World, crowd, person, staff, unreachable};

fn form(world: &World) -> &Form {
    world.state.overlay::<Form>().unwrap()
}

pub(crate) fn values(values: &[(&str, u64)]) -> Vec<FieldValue> {
    values
        .iter()
        .map(|(value, count)| FieldValue {
            value: (*value).into(),
            count: *count,
            label: None,
        })
        .collect()
}

/// A new record whose department has been begun with `typed`.
fn in_department(typed: &str) -> World {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.take();
    world.keys("n Tab Tab Tab Tab Tab").types(typed);
    world
}

fn sent(world: &mut World) -> Changes {
    let effects = world.take();
    let [
        ..,
        Effect::Call(Call::Create { changes, .. }) | Effect::Call(Call::Change { changes, .. }),
    ] = &effects[..]
    else {
        panic!("{effects:?}")
    };
    changes.clone()
}

#[test]
fn a_field_undoes_and_redoes_word_by_word() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("n").types("Grace Brewster").keys("Alt-u");
    assert_eq!(form(&world).text(Field::Firstname), "Grace ");
    world.keys("Ctrl-_ Ctrl-_");
    assert_eq!(form(&world).text(Field::Firstname), "");
    world.keys("Alt-r Alt-r Alt-r Alt-r");
    assert_eq!(form(&world).text(Field::Firstname), "Grace Brewster");
    world.keys("Ctrl-w").event(Event::Paste("Hopper".into()));
    assert_eq!(form(&world).text(Field::Firstname), "Grace Hopper");
    world.keys("Alt-u Alt-u");
    assert_eq!(form(&world).text(Field::Firstname), "Grace Brewster");
    world.keys("Tab Alt-u");
    assert_eq!(
        form(&world).text(Field::Firstname),
        "Grace Brewster",
        "each field has its own past"
    );
}

#[test]
fn what_is_offered_leaves_the_title_and_the_field_in_sight_at_every_size() {
    for size in [(120, 40), (40, 15)] {
        let mut world = in_department("e");
        world.event(Event::Resize(ratatui::layout::Size::from(size)));
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
        assert!(world.screen().contains(">Editing"), "{}", world.screen());
    }
}

#[test]
fn a_status_for_many_is_set_as_soon_as_it_is_chosen() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("Space Space = Down Down Down Down a");
    assert_eq!(form(&world).focus, Field::Status);
    assert_eq!(form(&world).changes().get(Field::Status), Some("active"));
    assert!(
        world.screen().contains("Ctrl-u keeps each person's value"),
        "{}",
        world.screen()
    );
    world.keys("Ctrl-u");
    assert!(form(&world).changes().is_empty(), "a slip is taken back");
}

#[test]
fn a_list_ends_with_its_field() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.take();
    world.keys("n Tab Tab Tab Tab").types("e");
    let found = values(&[("Engineer", 12)]);
    world.reply(Reply::Values {
        field: Field::Title,
        text: "e".into(),
        result: Ok(found),
    });
    world.keys("Down Ctrl-s Enter");
    assert_eq!(
        form(&world).text(Field::Firstname),
        "",
        "what was chosen was for another field"
    );
}

#[test]
fn a_paste_over_a_person_begins_another() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("j e PgDn Shift-Tab Shift-Tab Shift-Tab Shift-Tab");
    assert_eq!(
        form(&world).text(Field::Manager),
        "Castro, Maya · Plant Operator · #1"
    );
    world.event(Event::Paste("12".into()));
    assert_eq!(form(&world).text(Field::Manager), "12");
}

#[test]
fn what_others_have_is_offered_and_taken() {
    let mut world = in_department("e");
    let [
        Effect::Call(Call::Values {
            field: Field::Department,
            text,
            filter,
        }),
    ] = &world.take()[..]
    else {
        panic!()
    };
    assert_eq!((text.as_str(), filter.as_str()), ("e", ""));
    let found = values(&[("Engineering", 4120), ("Energy", 12)]);
    world.reply(Reply::Values {
        field: Field::Department,
        text: "e".into(),
        result: Ok(found),
    });

    world.keys("Down Tab");
    assert_eq!(form(&world).text(Field::Department), "Engineering");
    assert_eq!(form(&world).focus, Field::Location);
}

#[test]
fn a_scroll_bar_shows_that_fields_have_no_room() {
    let bar = |keys: &str, size| {
        let mut world = World::signed_in(Role::Editor, staff(), size);
        let screen = world.keys(keys).screen();
        let rows = screen
            .lines()
            .skip_while(|line| !line.contains('╭'))
            .enumerate();
        rows.filter(|(_, line)| line.contains('┃'))
            .map(|(at, _)| at)
            .collect::<Vec<_>>()
    };
    let (top, end) = (bar("e", (40, 15)), bar("e PgDn", (40, 15)));
    assert!(
        top.first() == Some(&2) && end.last() == Some(&8) && top != end,
        "{top:?} {end:?}"
    );
    assert_eq!(bar("e", (80, 24)), [0; 0]);
}

#[test]
fn a_long_list_stays_inside_the_form() {
    let names: Vec<_> = ('a'..='t').map(|c| format!("e{c}")).collect();
    let found = || {
        values(
            &names
                .iter()
                .map(|name| (name.as_str(), 1))
                .collect::<Vec<_>>(),
        )
    };
    for size in [(80, 24), (80, 18), (40, 15)] {
        let mut world = World::signed_in(Role::Editor, staff(), size);
        world.keys("n Tab Tab Tab Tab Tab").types("e");
        world.reply(Reply::Values {
            field: Field::Department,
            text: "e".into(),
            result: Ok(found()),
        });
        let screen = world.screen();
        let lines: Vec<_> = screen
            .lines()
            .filter(|line| line.contains(['╭', '╰']))
            .collect();
        assert_eq!(lines.len(), 4, "{screen}");
        assert!(
            lines[1..3].iter().all(|line| line.ends_with(['│', '┃'])),
            "{screen}"
        );
    }
}

#[test]
fn typed_text_is_kept_if_no_suggestion_is_chosen() {
    let mut world = in_department("e");
    let found = values(&[("Engineering", 4120), ("Energy", 12)]);
    world.reply(Reply::Values {
        field: Field::Department,
        text: "e".into(),
        result: Ok(found),
    });
    world.keys("Down Up Enter");
    assert_eq!(form(&world).text(Field::Department), "e");
    world.keys("Shift-Tab").types("n");
    world.reply(Reply::Values {
        field: Field::Department,
        text: "en".into(),
        result: Ok(values(&[("Energy", 1)])),
    });
    world.keys("Esc");
    assert!(
        !form(&world).suggestions.is_shown(),
        "Esc takes the list away first"
    );
    assert_eq!(form(&world).text(Field::Department), "en");
}

#[test]
fn fast_typing_asks_one_question_at_a_time() {
    let mut world = in_department("eng");
    assert_eq!(world.take().len(), 1);
    world.reply(Reply::Values {
        field: Field::Department,
        text: "e".into(),
        result: Ok(values(&[("Energy", 1)])),
    });
    let [Effect::Call(Call::Values { text, .. })] = &world.take()[..] else {
        panic!()
    };
    assert_eq!(text, "eng", "what was typed meanwhile is asked next");
    assert!(!form(&world).suggestions.is_shown());
    world.reply(Reply::Values {
        field: Field::Department,
        text: "eng".into(),
        result: Err(unreachable()),
    });
    world.types("i");
    assert_eq!(
        world.take().len(),
        1,
        "a question without an answer keeps no other from being asked"
    );
}

#[test]
fn the_list_opens_without_a_letter_too() {
    let mut world = in_department("");
    assert_eq!(world.take(), []);
    world.keys("Ctrl-n");
    assert_eq!(
        world.take(),
        [Effect::Call(Call::Values {
            field: Field::Department,
            text: String::new(),
            filter: String::new(),
        })]
    );
}

#[test]
fn an_untouched_field_suggests_every_value() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("e Tab Tab Tab Tab Tab").take();
    assert_eq!(form(&world).text(Field::Department), "Operations");
    world.keys("Ctrl-n");
    assert_eq!(
        world.take(),
        [Effect::Call(Call::Values {
            field: Field::Department,
            text: String::new(),
            filter: String::new(),
        })]
    );
}

#[test]
fn a_manager_is_chosen_by_name_and_sent_by_id() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.take();
    world
        .keys("e PgDn Up Up Up Up")
        .event(Event::Paste("eng".into()));
    let [.., Effect::Call(Call::People { .. })] = &world.take()[..] else {
        panic!()
    };
    let people = vec![
        person(
            4,
            "Ariadna",
            "Bétancourt",
            &[(Field::Title, "Staff Engineer")],
        ),
        person(9, "Li", "Engström", &[(Field::Title, "Buyer")]),
    ];
    let page = Page {
        rows: people,
        offset: 0,
        total: 2,
        ..Page::default()
    };
    world.reply(Reply::People {
        text: "eng".into(),
        result: Ok(page),
    });

    world.keys("Enter Ctrl-s");
    assert_eq!(
        sent(&mut world).get(Field::Manager),
        Some("9"),
        "who has it in the name comes first"
    );
}

#[test]
fn the_first_who_goes_with_the_words_is_taken_where_only_a_person_will_do() {
    let brooks = || Page {
        rows: vec![
            person(9, "Li", "Brooks", &[]),
            person(4, "Al", "Brooks", &[]),
        ],
        offset: 0,
        total: 2,
        ..Page::default()
    };
    for key in ["Tab", "Enter"] {
        let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
        world
            .keys("e PgDn Up Up Up Up")
            .event(Event::Paste("brook".into()));
        world.reply(Reply::People {
            text: "brook".into(),
            result: Ok(brooks()),
        });
        assert!(world.screen().contains("Tab accept"), "{}", world.screen());
        world.types("s");
        assert!(
            world.screen().contains("Tab next"),
            "not before they are known to go with all of it"
        );
        world.reply(Reply::People {
            text: "brooks".into(),
            result: Ok(brooks()),
        });
        world.keys(key);
        assert_eq!(
            (form(&world).text(Field::Manager), form(&world).focus),
            ("Brooks, Li · #9", Field::Status)
        );
    }
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("e PgDn Up Up Up Up Ctrl-n");
    world.reply(Reply::People {
        text: String::new(),
        result: Ok(brooks()),
    });
    world.keys("Tab");
    assert_eq!(
        form(&world).text(Field::Manager),
        "",
        "nobody is an answer too"
    );
}

#[test]
fn keys_that_are_faster_than_the_list_wait_for_it() {
    let typed = || {
        let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
        world
            .keys("e PgDn Up Up Up Up")
            .event(Event::Paste("brook".into()));
        world.keys("Tab Right");
        assert_eq!(form(&world).focus, Field::Manager);
        world
    };
    let mut world = typed();
    let brooks = Page {
        rows: vec![person(9, "Li", "Brooks", &[])],
        offset: 0,
        total: 1,
        ..Page::default()
    };
    world.reply(Reply::People {
        text: "brook".into(),
        result: Ok(brooks),
    });
    assert_eq!(form(&world).text(Field::Manager), "Brooks, Li · #9");
    assert_eq!(form(&world).focus, Field::Status);
    assert_eq!(form(&world).text(Field::Status), "leave");

    // A server that does not answer does not hold the keyboard.
    let mut world = typed();
    world.event(Event::Timer(Timer::TypedAhead));
    assert_eq!(form(&world).focus, Field::Status);
    assert_eq!(form(&world).text(Field::Manager), "brook");
}

#[test]
fn the_manager_is_shown_by_name_and_deleted_as_a_whole() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.take();
    world.keys("j e");
    assert_eq!(
        form(&world).text(Field::Manager),
        "Castro, Maya · Plant Operator · #1"
    );
    assert!(!form(&world).is_changed());
    world.keys("PgDn Shift-Tab Shift-Tab Shift-Tab Shift-Tab Backspace");
    assert_eq!(form(&world).text(Field::Manager), "");
    world.keys("Alt-u");
    assert!(!form(&world).is_changed());
}

#[test]
fn a_manager_who_is_not_on_the_screen_is_asked_for() {
    let people = vec![person(2, "Bo", "Berg", &[(Field::Manager, "77")])];
    let mut world = World::signed_in(Role::Editor, people, (80, 24));
    world.take();
    world.keys("e");
    let id = 77.try_into().unwrap();
    assert!(world.take().contains(&Effect::Call(Call::Fetch { id })));
    assert_eq!(form(&world).text(Field::Manager), "#77");
    world.reply(Reply::Fetched {
        id,
        result: Ok(person(77, "Ida", "Falk", &[])),
    });
    assert_eq!(form(&world).text(Field::Manager), "Falk, Ida · #77");
}

#[test]
fn text_without_an_id_is_no_manager() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world
        .keys("e PgDn Up Up Up Up")
        .types("nobody")
        .keys("Ctrl-s");
    assert!(
        world.screen().contains("Choose a person from the list"),
        "{}",
        world.screen()
    );
}

#[test]
fn a_date_is_read_while_it_is_typed() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("e").take();
    world.keys("PgDn Up Up Ctrl-u").types("-3d");
    assert!(
        world.screen().contains("= 2026-11-20, Friday"),
        "{}",
        world.screen()
    );
    world.keys("Ctrl-u").types("3/4/2026");
    assert!(
        world.screen().contains("3 Apr 2026 or 4 Mar 2026?"),
        "{}",
        world.screen()
    );
    for (text, message) in [
        ("31 feb", "Enter a date like 2026-11-23."),
        ("1.2.24", "the year with four digits"),
    ] {
        assert!(
            world.keys("Ctrl-u").types(text).screen().contains(message),
            "{}",
            world.screen()
        );
    }
    world.keys("Ctrl-s");
    assert_eq!(world.take(), []);
    world.keys("Ctrl-u").types("23 nov").keys("Tab");
    assert_eq!(
        form(&world).text(Field::Hired),
        "2026-11-23",
        "and is left as it will be kept"
    );
    world.keys("Ctrl-s");
    assert_eq!(sent(&mut world).get(Field::Hired), Some("2026-11-23"));
}

#[test]
fn the_focused_field_is_visible_on_the_smallest_screens() {
    for size in [(20, 5), (20, 6), (30, 8)] {
        let mut world = World::signed_in(Role::Admin, staff(), size);
        world.keys("e");
        assert!(
            world.screen().contains("Maya"),
            "{size:?}\n{}",
            world.screen()
        );
        world.keys("Esc d");
        assert!(
            world.screen().contains("> Cancel"),
            "{size:?}\n{}",
            world.screen()
        );
    }
    let mut world = World::signed_in(Role::Admin, staff(), (30, 8));
    world.keys("d");
    assert!(
        world.screen().contains("Delete Maya Castro?"),
        "{}",
        world.screen()
    );
}

/// A department has been begun, and these values have the text.
fn department(typed: &str, found: &[(&str, u64)]) -> World {
    let mut world = in_department("");
    world.event(Event::Paste(typed.into()));
    world.reply(Reply::Values {
        field: Field::Department,
        text: typed.into(),
        result: Ok(values(found)),
    });
    world
}

#[test]
fn tab_takes_the_only_value_that_goes_on_with_what_is_written() {
    for (typed, found, expected) in [
        ("Eng", &[("Engineering", 4120)][..], "Engineering"),
        ("eng", &[("Engineering", 4120)], "Engineering"),
        ("Eng", &[("Engineering", 4120), ("Engines", 2)], "Eng"),
        ("ring", &[("Engineering", 4120)], "ring"),
        ("Sales", &[("Sales", 9), ("Sales Ops", 2)], "Sales"),
    ] {
        let mut world = department(typed, found);
        world.keys("Tab");
        assert_eq!(form(&world).text(Field::Department), expected, "{typed}");
        assert_eq!(form(&world).focus, Field::Location, "and goes on");
    }
    let mut world = department("Eng", &[("Engineering", 4120)]);
    world.keys("Esc Tab");
    assert_eq!(
        form(&world).text(Field::Department),
        "Eng",
        "without the list, it is what is written"
    );
}

#[test]
fn a_value_that_no_one_has_is_called_new() {
    let new = "(new)";
    for found in [&[][..], &[("Enginering Ops", 1)]] {
        let world = department("Enginering", found);
        assert!(world.screen().contains(new), "{}", world.screen());
    }
    for (typed, found) in [
        ("Engineering", &[("Engineering", 4120)][..]),
        ("Sales", &[("Sales", 9), ("Sales Ops", 2)]),
    ] {
        let world = department(typed, found);
        assert!(!world.screen().contains(new), "{}", world.screen());
    }
    let mut world = department("Enginering", &[]);
    world.keys("Tab");
    assert!(world.screen().contains(new), "beside its field");
    world.keys("Shift-Tab").types(" 2");
    assert!(!world.screen().contains(new), "nobody has asked about this");
}

#[test]
fn who_leaves_a_field_fast_is_told_too_that_its_value_is_new() {
    let mut world = department("E", &[("Engineering", 4120)]);
    world.types("ng").keys("Tab");
    let values = |text: &str| Reply::Values {
        field: Field::Department,
        text: text.into(),
        result: Ok(Vec::new()),
    };
    world.reply(values("En"));
    assert!(!world.screen().contains("(new)"), "{}", world.screen());
    world.reply(values("Eng"));
    assert!(world.screen().contains("(new)"), "{}", world.screen());
    assert_eq!(form(&world).focus, Field::Location);
}

#[test]
fn the_form_opens_at_the_column_of_the_cursor() {
    for (keys, field) in [
        ("e", Field::Firstname),
        ("l e", Field::Title),
        ("l l l l e", Field::Status),
        ("1 0 l e", Field::Firstname),
        ("l Enter e", Field::Firstname),
    ] {
        let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
        world.keys(keys);
        assert_eq!(form(&world).focus, field, "{keys}");
    }
}

#[test]
fn nothing_in_the_form_moves_with_the_focus() {
    for size in [(80, 24), (120, 40), (40, 15)] {
        let mut world = World::signed_in(Role::Editor, staff(), size);
        let labels = |world: &World| {
            let screen = world.screen();
            let lines = screen.lines().enumerate();
            lines
                .filter(|(_, line)| line.contains("First name") || line.contains("╰"))
                .map(|(at, _)| at)
                .collect::<Vec<_>>()
        };
        world.keys("e");
        let before = labels(&world);
        for _ in 0..3 {
            world.keys("Down");
            assert_eq!(labels(&world), before, "{}", world.screen());
        }
    }
}

/// The form of a person in Operations, with the list of all departments.
fn listing_departments() -> World {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("e Tab Tab Tab Tab Tab Ctrl-n");
    world.reply(Reply::Values {
        field: Field::Department,
        text: String::new(),
        result: Ok(values(&[("Engineering", 4120), ("Legal", 12)])),
    });
    world
}

#[test]
fn typing_in_the_list_of_all_values_narrows_it() {
    let mut world = listing_departments();
    world.take();
    world.types("l");
    assert_eq!(form(&world).text(Field::Department), "l");
    assert_eq!(
        world.take(),
        [Effect::Call(Call::Values {
            field: Field::Department,
            text: "l".into(),
            filter: String::new(),
        })]
    );
    world.keys("Alt-u Alt-u");
    assert_eq!(form(&world).text(Field::Department), "Operations");
}

#[test]
fn typing_after_a_selected_value_keeps_it_and_goes_on() {
    let mut world = listing_departments();
    world.keys("Down").types(" II");
    assert_eq!(form(&world).text(Field::Department), "Engineering II");
}

#[test]
fn a_changed_status_has_the_sign_of_a_changed_field() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    let has_sign = |world: &World| {
        let screen = world.screen();
        let status = screen.lines().find(|line| line.contains("● ")).unwrap();
        status.contains('~')
    };
    world.keys("e");
    while form(&world).focus != Field::Status {
        world.keys("Tab");
    }
    assert!(!has_sign(&world), "{}", world.screen());
    world.keys("Right");
    assert!(has_sign(&world), "{}", world.screen());
}

/// A piece of a word beside a box reads like a word of its own.
#[test]
fn nothing_of_the_table_touches_a_box() {
    for size in [(80, 24), (120, 40)] {
        let mut world = World::signed_in(Role::Editor, crowd(99), size);
        world.keys("e");
        for line in world.screen().lines().filter(|line| line.contains('│')) {
            let before = line.split('│').next().unwrap().chars().next_back();
            let after = line.rsplit(['│', '┃']).next().unwrap().chars().next();
            let is_free = |beside: Option<char>| beside.is_none_or(|it| it == ' ');
            assert!(is_free(before) && is_free(after), "{line}");
        }
    }
}
