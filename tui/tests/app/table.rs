//! Moving, searching and sorting.

use roster::effect::{Call, Effect, Exit, TerminalTask};
use roster::event::{Event, Reply};
use roster::keys::Screen;
use roster::remote::Result;
use roster::state::{Confirm, Form};
use roster_common::query::{Start, Window};
use roster_common::{Code, Employee, Field, Role};

use crate::world::{World, changed, crowd, person, refused, staff, unreachable};

/// The row of the cursor, counted from 1, after some keys.
fn row_after(keys: &str) -> usize {
    let mut world = World::signed_in(Role::Viewer, crowd(1000), (80, 24));
    world.keys(keys).serve();
    world.state.table.cursor + 1
}

/// What the table asks for: offset, limit and order.
fn asked(effects: &[Effect]) -> Vec<(usize, usize, String)> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Call(Call::Load { query, .. }) => match &query.window {
                Window::Page {
                    limit,
                    start:
                        Start::Offset(offset)
                        | Start::Around {
                            fallback_offset: offset,
                            ..
                        },
                } => Some((*offset, *limit, query.sort.to_string())),
                other => panic!("{other:?}"),
            },
            _ => None,
        })
        .collect()
}

#[test]
fn keys_move_the_cursor() {
    for (keys, row) in [
        ("j", 2),
        ("j j k", 2),
        ("k", 1),
        ("Down Down Up", 2),
        ("5 j", 6),
        ("1 0 j", 11),
        ("G", 1000),
        ("G g g", 1),
        ("G 5 g g", 5),
        ("G g j", 1000),
        ("End Home", 1),
        ("9 9 G", 99),
        ("9 9 9 9 G", 1000),
        ("Ctrl-d", 11),
        ("Ctrl-d Ctrl-u", 1),
        ("PgDn", 21),
        ("3 PgDn PgUp", 41),
        ("0 j", 2),
        ("5 x j", 2),
    ] {
        assert_eq!(row_after(keys), row, "{keys}");
    }
}

#[test]
fn under_sixty_columns_people_are_cards_and_a_screen_is_as_many_of_them() {
    let mut world = World::signed_in(Role::Viewer, crowd(1000), (59, 25));
    assert_eq!(world.state.rows_on_screen(), 10, "twenty lines are left");
    world.keys("PgDn").serve();
    assert_eq!((world.state.table.cursor, world.state.table.top), (10, 1));
    world.event(Event::Resize((60, 25).into()));
    assert_eq!(world.state.rows_on_screen(), 21);
}

#[test]
fn the_column_of_the_cursor_is_on_the_card() {
    let mut world = World::signed_in(Role::Viewer, staff(), (40, 15));
    for column in [
        "Name",
        "Title",
        "Department",
        "Location",
        "Status",
        "Phone",
        "Email",
        "Hired",
        "Manager",
        "Number",
        "Id",
    ] {
        assert!(
            world
                .screen()
                .lines()
                .skip(1)
                .take(2)
                .any(|line| line.contains(column)),
            "{column}"
        );
        world.keys("l");
    }
}

#[test]
fn the_last_row_is_one_request_away() {
    let mut world = World::signed_in(Role::Viewer, crowd(1005), (80, 24));
    world.take();
    world.keys("G");
    assert_eq!(
        asked(&world.effects),
        [(900, 200, String::new())],
        "the window lies on two pages"
    );
    world.serve();
    assert_eq!(world.state.current().unwrap().id.get(), 1005);
}

#[test]
fn what_comes_next_is_asked_for_before_it_is_needed() {
    let mut world = World::signed_in(Role::Viewer, crowd(1000), (80, 24));
    assert_eq!(world.state.table.pages.keys().collect::<Vec<_>>(), [&0, &1]);
    world.keys("1 2 0 G");
    assert_eq!(asked(&world.effects), [(200, 100, String::new())]);
    world.keys("j j j");
    assert_eq!(asked(&world.effects).len(), 1, "and not twice");
}

#[test]
fn what_comes_next_on_the_way_up_is_asked_for_before_it_is_needed_too() {
    let mut world = World::signed_in(Role::Viewer, crowd(1000), (80, 24));
    world.keys("5 0 0 G").serve().take();
    assert_eq!(
        world.state.table.pages.keys().collect::<Vec<_>>(),
        [&0, &1, &4, &5],
        "and nothing above it"
    );
    world.keys("8 0 k");
    assert_eq!(
        asked(&world.effects),
        [(300, 100, String::new())],
        "while the screen is full of what is there"
    );
    world.keys("k k k");
    assert_eq!(asked(&world.effects).len(), 1, "and not twice");
}

/// The lines of the table beside which the scroll bar is, and how many lines there are.
fn bar(world: &World) -> (Vec<usize>, usize) {
    let (screen, rows) = (world.screen(), world.state.rows_on_screen());
    let lines = screen.lines().skip(2).take(rows).enumerate();
    (
        lines
            .filter(|(_, line)| line.ends_with('┃'))
            .map(|(at, _)| at)
            .collect(),
        rows,
    )
}

#[test]
fn the_scroll_bar_is_where_the_window_is() {
    let mut world = World::signed_in(Role::Viewer, crowd(80), (80, 24));
    for (keys, top, first) in [
        ("g g", 0, 0),
        ("5 0 G", 30, 7),
        ("G", 60, 15),
        ("2 1 G", 20, 5),
        ("g g", 0, 0),
    ] {
        let (lines, rows) = bar(world.keys(keys).serve());
        assert_eq!(
            (world.state.table.top, rows),
            (top, 20),
            "a quarter of all is in sight"
        );
        assert_eq!(lines, (first..first + 5).collect::<Vec<_>>(), "{keys}");
    }
    let world = World::signed_in(Role::Viewer, crowd(20), (80, 24));
    assert_eq!(bar(&world).0, [0; 0], "all are in sight");
}

#[test]
fn the_scroll_bar_is_at_an_end_only_where_the_list_is() {
    for total in [21, 22, 23, 40, 500] {
        let mut world = World::signed_in(Role::Viewer, crowd(total), (80, 24));
        for keys in ["j", "k"] {
            for _ in 0..total {
                let (lines, rows) = bar(world.keys(keys).serve());
                let (top, last) = (world.state.table.top, world.state.table.len() - rows);
                let ends = (lines.first() == Some(&0), lines.last() == Some(&(rows - 1)));
                assert_eq!(
                    ends,
                    (top == 0, top == last),
                    "row {top} of {total} is the first"
                );
            }
        }
    }
}

#[test]
fn a_long_journey_forgets_the_pages_far_behind() {
    let mut world = World::signed_in(Role::Viewer, crowd(10_000), (80, 24));
    for _ in 0..450 {
        world.keys("PgDn").serve();
    }
    assert!(world.state.table.pages.len() <= 30);
    assert!(world.state.current().is_some());
}

#[test]
fn every_letter_of_the_filter_asks_and_only_the_last_answer_counts() {
    let mut world = World::signed_in(Role::Viewer, crowd(1000), (80, 24));
    world.keys("5 0 G /").types("9");
    let first = world.take().remove(0);
    world.types("99");
    assert_eq!(world.take(), [], "the first is still under way");
    world.answer(first);
    assert_eq!(
        world.state.table.total,
        Some(1000),
        "an answer to an older question is dropped"
    );
    world.serve();
    assert_eq!(world.state.table.total, Some(1), "999");
    assert!(world.screen().contains("1 of 1,000"));
    world.keys("Esc").serve();
    assert_eq!(
        world.state.table.cursor + 1,
        50,
        "and the cursor is where it was"
    );
}

#[test]
fn a_paste_into_the_filter_presses_no_key() {
    let mut world = World::signed_in(Role::Admin, crowd(20), (80, 24));
    world
        .keys("/")
        .event(Event::Paste("given7\nd\n".into()))
        .serve();
    assert_eq!(world.state.table.search.text(), "given7 d");
    assert_eq!(world.state.overlay::<Confirm>(), None);
    world.keys("Enter").event(Event::Paste("d".into()));
    assert_eq!(
        world.state.overlay::<Confirm>(),
        None,
        "nor does one into the table"
    );
}

#[test]
fn the_marked_column_orders_the_table() {
    let mut world = World::signed_in(Role::Viewer, staff(), (80, 24));
    let mut order = |keys: &str| {
        world.keys(keys);
        let asked = asked(&world.take()).pop().map(|(_, _, sort)| sort);
        world.effects.clear();
        world.reply(Reply::Loaded {
            query_number: 0,
            offset: 0,
            result: Err(refused(Code::Internal)),
        });
        asked.unwrap_or_default()
    };
    assert_eq!(order("s"), "lastname,firstname");
    assert_eq!(order("s"), "-lastname,-firstname");
    assert_eq!(order("s"), "");
    assert_eq!(order("l l s"), "department");
    assert_eq!(order("l S"), "department,location");
    assert_eq!(order("S"), "department,-location");
    assert_eq!(order("s"), "", "alone, down, and so off");
}

#[test]
fn the_header_shows_the_order() {
    let mut world = World::signed_in(Role::Viewer, staff(), (80, 24));
    world.keys("s").serve();
    assert!(world.screen().contains("Name ↑"));
    world.keys("l l S S").serve();
    assert!(
        world.screen().contains("Name 1↑") && world.screen().contains("Department 2↓"),
        "{}",
        world.screen()
    );
}

#[test]
fn columns_that_have_no_room_come_into_sight_when_they_are_marked() {
    let mut world = World::signed_in(Role::Viewer, staff(), (80, 24));
    assert!(!world.screen().contains("Phone"));
    world.keys("l l l l l");
    assert!(
        world.screen().contains("Name") && world.screen().contains("Phone"),
        "{}",
        world.screen()
    );
    world.keys("1 0 l");
    assert!(
        world.screen().contains("Name") && world.screen().contains("Id"),
        "{}",
        world.screen()
    );
}

#[test]
fn a_column_that_can_wait_cuts_no_text_before_it() {
    let shows_phone = |keys: &str, width| {
        let mut world = World::signed_in(Role::Viewer, staff(), (width, 24));
        world.keys(keys);
        world.screen().contains("Phone")
    };
    assert!(!shows_phone("gg", 119) && shows_phone("gg", 120));
    assert!(shows_phone("5 l |", 80), "a pinned one does not wait");
}

#[test]
fn the_cursor_follows_its_record_when_rows_move() {
    let mut world = World::signed_in(Role::Viewer, crowd(50), (80, 24));
    world.keys("5 G");
    world.people.insert(0, person(99, "New", "Comer", &[]));
    world.keys("r").serve();
    assert_eq!(world.state.current().unwrap().id.get(), 5);
    assert_eq!(world.state.table.cursor + 1, 6);
}

#[test]
fn the_cursor_follows_its_record_to_pages_not_loaded_yet() {
    let mut world = World::signed_in(Role::Viewer, crowd(1000), (80, 24));
    world.keys("5 0 0 G").serve();
    let line = world.state.table.cursor - world.state.table.top;
    let newcomers = (0..300).map(|n| person(2000 + n, "New", "Comer", &[]));
    world.people.splice(0..0, newcomers);
    world.keys("r").serve();
    let table = &world.state.table;
    assert_eq!(
        (world.state.current().unwrap().id.get(), table.cursor + 1),
        (500, 800)
    );
    assert_eq!(
        table.cursor - table.top,
        line,
        "and stays on its line of the screen"
    );
    world.people.reverse();
    world.keys("s").serve();
    assert_eq!(
        (
            world.state.current().unwrap().id.get(),
            world.state.table.cursor + 1
        ),
        (500, 501)
    );
}

#[test]
fn who_was_found_keeps_the_cursor_when_the_filter_is_removed() {
    let mut world = World::signed_in(Role::Viewer, crowd(1000), (80, 24));
    world.keys("/").types("given77").serve();
    world.keys("Enter j Esc").serve();
    assert_eq!(world.state.current().unwrap().id.get(), 770);
    world.keys("/").types("given5").serve();
    world.keys("Esc").serve();
    assert_eq!(
        world.state.current().unwrap().id.get(),
        770,
        "while it is written, as it was before"
    );
}

#[test]
fn a_record_that_vanishes_leaves_the_cursor_on_the_next_one_and_says_so() {
    let mut world = World::signed_in(Role::Viewer, crowd(5), (80, 24));
    world.keys("G");
    world.people.truncate(2);
    world.keys("r").serve();
    assert_eq!(world.state.current().unwrap().id.get(), 2);
    assert!(
        world
            .screen()
            .contains("Given5 Family5 no longer matches the filter."),
        "{}",
        world.screen()
    );
    world.people.clear();
    world.keys("r").serve();
    assert_eq!(world.state.current(), None);
    world.keys("j e d Enter");
    assert_eq!(world.state.overlay::<Form>(), None);
}

#[test]
fn an_open_record_closes_when_the_list_becomes_empty() {
    for size in [(80, 24), (120, 40)] {
        let mut world = World::signed_in(Role::Viewer, staff(), size);
        world.keys("/").types("maya").serve();
        world.keys("Enter Enter");
        world.people.remove(0);
        world.keys("r").serve();
        assert_eq!(world.state.screen(), Screen::Table);
        assert!(
            world
                .screen()
                .contains("Maya Castro no longer matches the filter."),
            "{}",
            world.screen()
        );
        assert!(
            world.screen().contains("No matches.") && !world.screen().contains("Reading"),
            "{}",
            world.screen()
        );
    }
}

#[test]
fn a_record_is_opened_and_closed() {
    let mut world = World::signed_in(Role::Viewer, staff(), (80, 24));
    world.keys("j Enter");
    assert!(
        world.screen().contains("Maya Castro (1)"),
        "the manager's name\n{}",
        world.screen()
    );
    world.keys("j");
    assert!(
        world.screen().contains("渡辺智也"),
        "the record follows the cursor"
    );
    world.keys("Esc");
    assert!(world.screen().contains("Castro, Maya"));
}

#[test]
fn a_row_shows_what_was_saved() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    let theirs = changed(&world.people[0], &[(Field::Title, "Plant Manager")]);
    world.people[0] = theirs;
    world.keys("r").serve();
    assert!(world.screen().contains("Plant Manager"));
}

/// Which managers' records are asked for, in turn; the people here have ids up to ten.
fn asked_for(world: &mut World) -> Vec<u64> {
    let fetched = |effect: &Effect| match effect {
        Effect::Call(Call::Fetch { id }) => Some(id.get()).filter(|id| *id > 10),
        _ => None,
    };
    world.take().iter().filter_map(fetched).collect()
}

fn answers(world: &mut World, id: u64, result: Result<Employee>) {
    world.reply(Reply::Fetched {
        id: id.try_into().unwrap(),
        result,
    });
}

#[test]
fn another_manager_of_the_open_record_is_named_too() {
    let mut world = World::signed_in(Role::Editor, crowd(2), (80, 24));
    world.keys("Enter");
    let now = changed(&world.people[0], &[(Field::Manager, "900")]);
    answers(&mut world, 1, Ok(now));
    assert_eq!(asked_for(&mut world), [900]);
}

#[test]
fn the_manager_of_the_open_record_is_named_though_no_row_has_them() {
    let mut people = crowd(10);
    for (row, manager) in [(0, "900"), (1, "901"), (2, "900"), (3, "902"), (4, "2")] {
        people[row] = changed(&people[row], &[(Field::Manager, manager)]);
    }
    let mut world = World::signed_in(Role::Editor, people, (80, 24));
    assert_eq!(asked_for(&mut world), [0; 0]);
    world.keys("Enter");
    assert_eq!(asked_for(&mut world), [900]);
    world.keys("j j");
    assert_eq!(asked_for(&mut world), [0; 0], "one at a time");
    answers(&mut world, 900, Ok(person(900, "Maya", "Castro", &[])));
    assert!(
        world.screen().contains("Manager     Maya Castro (900)"),
        "{}",
        world.screen()
    );
    world.keys("k");
    assert_eq!(asked_for(&mut world), [901]);
    answers(&mut world, 901, Err(refused(Code::EmployeeNotFound)));
    assert!(
        world.screen().contains("Manager     901"),
        "{}",
        world.screen()
    );
    world.keys("j k k e Esc j");
    assert_eq!(
        asked_for(&mut world),
        [0; 0],
        "nobody twice, be it for the record or for the form"
    );

    world.keys("j j");
    assert_eq!(asked_for(&mut world), [902]);
    answers(&mut world, 902, Err(unreachable()));
    world.keys("k j");
    assert_eq!(
        asked_for(&mut world),
        [0; 0],
        "nobody is asked while nobody answers"
    );
    world.keys("r").serve();
    assert_eq!(asked_for(&mut world), [902], "and then once more");
    world.keys("j");
    assert!(
        world.screen().contains("Given2 Family2 (2)"),
        "who is in a row is not asked for"
    );
}

#[test]
fn a_row_is_seen_on_every_screen_on_which_anything_is() {
    for width in [20, 40, 59, 60, 80, 120] {
        for height in 5..=9 {
            let mut world = World::signed_in(Role::Viewer, crowd(9), (width, height));
            world.keys("j");
            assert!(
                world.screen().contains("> Family2"),
                "{width}x{height}\n{}",
                world.screen()
            );
        }
    }
}

#[test]
fn the_title_shows_what_fits_with_spaces_between() {
    let title = |world: &World| world.screen().lines().next().unwrap().to_owned();
    for width in 20..=60 {
        let mut world = World::signed_in(Role::Viewer, crowd(9), (width, 12));
        world.state.table.total = Some(20_002);
        assert!(
            title(&world).ends_with("  20,002 people"),
            "{}",
            title(&world)
        );
        assert!(
            width < 26 || title(&world).starts_with("  Roster  "),
            "{width}: {}",
            title(&world)
        );
        world.keys("/").types("given12345");
        assert!(
            title(&world).contains("12345"),
            "{width}: {}",
            title(&world)
        );
    }
}

#[test]
fn the_total_beside_the_filter_is_right_after_a_deletion() {
    let mut world = World::signed_in(Role::Admin, crowd(30), (80, 24));
    world.keys("/").types("given2").serve().keys("Enter");
    assert!(world.screen().contains("11 of 30"), "{}", world.screen());
    world.take();
    let Some(Effect::Call(Call::Delete(employee))) = world.keys("d y").take().pop() else {
        panic!()
    };
    world.people.retain(|person| person.id != employee.id);
    // A colleague has added somebody meanwhile.
    world.people.push(person(99, "New", "Comer", &[]));
    world.people.push(person(98, "Newer", "Comer", &[]));
    let result = Ok(());
    world.reply(Reply::Deleted { employee, result }).serve();
    assert!(world.screen().contains("10 of 31"), "{}", world.screen());
}

#[test]
fn a_list_that_nobody_has_moved_in_stays_at_its_top_when_it_is_sorted() {
    let mut world = World::signed_in(Role::Viewer, crowd(1000), (80, 24));
    world.people.reverse();
    world.keys("s").serve();
    let table = &world.state.table;
    assert_eq!((table.cursor, table.top), (0, 0));
    assert_eq!(world.state.current().unwrap().id.get(), 1000);
}

#[test]
fn q_leads_back_from_an_open_record_and_then_leaves() {
    let mut world = World::signed_in(Role::Viewer, staff(), (80, 24));
    world.keys("Enter").take();
    assert_eq!(world.keys("q").take(), []);
    assert_eq!(world.state.screen(), Screen::Table);
    assert_eq!(
        world.keys("q").take(),
        [Effect::Terminal(TerminalTask::Quit(Exit::Done))]
    );
}
