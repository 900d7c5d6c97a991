//! Losing and regaining the server.

use jiff::SignedDuration;
use roster::effect::{Call, Effect};
use roster::event::{Event, Reply, Timer};
use roster::keys::Screen;
use roster::state::Form;
use roster_common::{Field, Role};

use crate::world::{World, crowd, now, person, staff, unanswered, unreachable};

/// Somebody at the table, from whom the server has gone.
fn cut_off(role: Role, size: (u16, u16)) -> World {
    let mut world = World::signed_in(role, crowd(1000), size);
    world.keys("r");
    world.loses();
    world.take();
    world
}

#[test]
fn without_a_server_at_the_start_it_waits_and_tries_again() {
    let mut world = World::started(staff(), (80, 24));
    world.take();
    world.reply(Reply::Resumed(Err(unreachable())));
    assert!(
        world
            .screen()
            .contains("Offline, next try 09:30:01, r retries now · connection refused"),
        "{}",
        world.screen()
    );
    world.event(Event::Timer(Timer::Retry));
    assert_eq!(world.take(), [Effect::Call(Call::Resume)]);
}

#[test]
fn the_first_jump_after_the_server_has_gone_ends_among_the_people_who_are_here() {
    let mut world = World::signed_in(Role::Viewer, crowd(1000), (80, 24));
    world.take();
    world.keys("G").loses();
    let screen = world.screen();
    assert!(
        screen.contains("> Family200, Given200")
            && screen.contains("the other rows are not loaded"),
        "{screen}"
    );
}

#[test]
fn each_try_comes_later_than_the_last_and_never_more_than_half_a_minute() {
    let mut world = cut_off(Role::Viewer, (80, 24));
    let mut times = Vec::new();
    for _ in 0..7 {
        times.push(
            world
                .state
                .offline
                .as_ref()
                .unwrap()
                .next
                .duration_since(now())
                .as_secs(),
        );
        world.event(Event::Timer(Timer::Retry)).loses();
    }
    assert_eq!(times, [1, 2, 4, 8, 16, 30, 30]);
}

#[test]
fn several_calls_that_fail_together_are_one_try() {
    let mut world = World::signed_in(Role::Admin, crowd(1000), (80, 24));
    world.keys("r e").types("!").keys("Ctrl-s");
    world.loses().reply(Reply::Changed(Err(unreachable())));
    assert_eq!(world.state.offline.as_ref().unwrap().tries, 1);
}

#[test]
fn the_cursor_stays_among_the_rows_that_are_here_and_says_so_until_it_is_back() {
    let mut world = cut_off(Role::Viewer, (80, 24));
    for keys in ["G", "9 9 PgDn", "5 0 0 G", "j", "Ctrl-d"] {
        world.keys(keys);
        assert_eq!(world.take(), [], "nobody is asked while nobody answers");
        let screen = world.screen();
        assert!(
            screen.contains("> Family200, Given200") && screen.contains("row 200"),
            "{keys}\n{screen}"
        );
        assert!(
            screen.contains("Offline: the other rows are not loaded."),
            "{keys}\n{screen}"
        );
    }
    world.keys("k");
    assert!(world.screen().contains("> Family199") && world.screen().contains("Offline, next try"));
    world.keys("g g");
    assert!(world.screen().contains("> Family1, Given1"));

    world.keys("r").serve();
    assert!(world.screen().contains("Back online."));
    assert_eq!(world.state.offline, None);
    world.keys("G").serve();
    assert!(
        world.screen().contains("> Family1000"),
        "{}",
        world.screen()
    );
}

#[test]
fn rows_of_a_page_further_down_are_reached_without_a_server_too() {
    let mut world = World::signed_in(Role::Viewer, crowd(1000), (80, 24));
    world.keys("G").serve().keys("g g r").loses();
    world.keys("G");
    assert!(
        world.screen().contains("> Family1000"),
        "{}",
        world.screen()
    );
    world.keys("5 PgUp");
    assert!(
        world.screen().contains("> Family901") && !world.screen().contains("> ·"),
        "{}",
        world.screen()
    );
}

#[test]
fn what_only_the_server_can_do_says_why_it_is_not_done() {
    let mut world = cut_off(Role::Admin, (80, 24));
    for keys in ["d", "s", "S"] {
        world.keys(keys);
        assert_eq!(
            (world.state.screen(), world.take()),
            (Screen::Table, vec![]),
            "{keys}"
        );
        assert!(world.screen().contains("Not available offline."), "{keys}");
    }
}

#[test]
fn a_filter_is_written_offline_and_applied_when_the_server_is_back() {
    let mut world = cut_off(Role::Admin, (80, 24));
    world.take();
    world.keys("/");
    let screen = world.screen();
    assert!(
        screen.contains("Offline. The filter applies when the server is back."),
        "{screen}"
    );
    world.types("given77").keys("Enter");
    assert_eq!(world.state.screen(), Screen::Table);
    assert_eq!(world.take(), []);
    world.event(Event::Timer(Timer::Retry)).serve();
    assert_eq!(world.state.table.applied, "given77");
    assert_eq!(world.state.table.total, Some(11));
}

#[test]
fn the_text_for_a_field_that_does_not_open_presses_no_keys() {
    let mut world = cut_off(Role::Admin, (80, 24));
    world.keys("=").types("department T").keys("Enter");
    let screen = world.screen();
    assert!(screen.contains("Not available offline."), "{screen}");
    assert_eq!(world.state.screen(), Screen::Table, "{screen}");
    let later = world.state.now + SignedDuration::from_secs(2);
    world.event(Event::Clock(later)).keys("e");
    assert_eq!(world.state.screen(), Screen::Form);

    let mut world = World::signed_in(Role::Viewer, staff(), (80, 24));
    world.keys("n").types("Theo").keys("Enter");
    assert_eq!(world.state.screen(), Screen::Table, "{}", world.screen());
}

#[test]
fn an_old_message_that_the_server_is_back_ends_when_it_is_gone_again() {
    let mut world = cut_off(Role::Admin, (80, 24));
    world.event(Event::Timer(Timer::Retry)).serve();
    assert!(world.screen().contains("Back online."));
    world.keys("j r").loses();
    let screen = world.screen();
    assert!(
        screen.contains("Offline") && !screen.contains("Back online."),
        "{screen}"
    );
}

#[test]
fn a_form_is_filled_offline_and_saved_when_the_server_is_back() {
    let mut world = cut_off(Role::Editor, (80, 24));
    world
        .keys("n")
        .types("Grace")
        .keys("Tab")
        .types("Hopper")
        .keys("Ctrl-s")
        .take();
    world.reply(Reply::Created(Err(unreachable())));
    assert!(
        world.screen().contains("Not saved. Can't reach the server"),
        "{}",
        world.screen()
    );
    world.event(Event::Timer(Timer::Retry)).serve();
    assert!(
        world
            .screen()
            .contains("Back online. Press Ctrl-s to save your changes.")
    );
    assert_eq!(world.take(), [], "and nothing is saved by itself");
    assert!(matches!(
        world.keys("Ctrl-s").take()[..],
        [Effect::Call(Call::Create { .. })]
    ));
    world.reply(Reply::Created(Ok(person(1001, "Grace", "Hopper", &[]))));
    assert!(world.screen().contains("Added Grace Hopper"));
}

#[test]
fn any_answer_ends_offline_mode_and_loads_what_is_missing() {
    let mut world = cut_off(Role::Editor, (80, 24));
    world
        .keys("G n")
        .types("Grace")
        .keys("Tab")
        .types("Hopper")
        .keys("Ctrl-s")
        .take();
    world
        .reply(Reply::Created(Ok(person(1001, "Grace", "Hopper", &[]))))
        .serve();
    assert_eq!(world.state.offline, None);
    world.keys("PgDn");
    assert!(world.screen().contains("> Family220"), "{}", world.screen());
}

#[test]
fn a_timer_from_before_it_was_back_asks_nothing() {
    let mut world = cut_off(Role::Viewer, (80, 24));
    world.keys("r").serve().take();
    world.event(Event::Timer(Timer::Retry));
    assert_eq!(world.take(), []);
}

#[test]
fn the_next_retry_is_shown_in_local_time() {
    let mut world = cut_off(Role::Viewer, (80, 24));
    world.state.zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(2));
    assert!(
        world.screen().contains("next try 11:30:01"),
        "{}",
        world.screen()
    );
}

#[test]
fn an_idle_program_is_woken_when_its_clock_reads_otherwise_and_at_no_other_time() {
    let mut world = World::signed_in(Role::Viewer, staff(), (80, 24));
    assert!(world.screen().contains("session ends in 6 days"));
    let change = world.state.next_change().unwrap();
    assert_eq!(change, now() + SignedDuration::from_secs(1));
    world.event(Event::Clock(change));
    assert!(world.screen().contains("session ends in 5 days"));
    let change = world.state.next_change().unwrap();
    assert_eq!(
        change,
        now() + SignedDuration::from_hours(24) + SignedDuration::from_secs(1)
    );
    world.event(Event::Clock(now() + SignedDuration::from_hours(24 * 7)));
    assert_eq!(
        world.state.next_change(),
        None,
        "a session that is over stays over"
    );
}

#[test]
fn what_is_written_stays_while_its_answer_is_lost() {
    let mut world = cut_off(Role::Admin, (80, 24));
    world.keys("e").types("!").keys("Ctrl-s");
    world.reply(Reply::Changed(Err(unanswered())));
    assert_eq!(
        world
            .state
            .overlay::<Form>()
            .unwrap()
            .text(Field::Firstname),
        "Given1!"
    );
}

#[test]
fn a_filter_that_is_typed_offline_says_that_it_waits_for_the_server() {
    let mut world = cut_off(Role::Viewer, (80, 24));
    for keys in ["/", "m", "a", "Enter"] {
        world.keys(keys);
        assert!(
            world
                .screen()
                .contains("Offline. The filter applies when the server is back."),
            "{keys}\n{}",
            world.screen()
        );
    }
}
