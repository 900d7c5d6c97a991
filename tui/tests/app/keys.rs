//! Keys that can do nothing now say why.

use jiff::SignedDuration;
use roster::availability::unavailable;
use roster::event::Event;
use roster::keys::{Action, Keymap, Screen};
use roster_common::Role;

use crate::world::{World, crowd, staff};

#[test]
fn a_key_that_a_role_forbids_says_so_and_is_not_in_the_footer() {
    let mut world = World::signed_in(Role::Viewer, crowd(3), (80, 24));
    assert!(!world.screen().contains("n new"), "{}", world.screen());
    for (key, reason) in [
        ("n", "You have read-only access."),
        ("e", "You have read-only access."),
        ("d", "Only admins can delete."),
    ] {
        world.keys(key);
        assert_eq!(world.state.screen(), Screen::Table);
        assert!(world.screen().contains(reason), "{}", world.screen());
        let later = world.state.now + SignedDuration::from_secs(2);
        world.event(Event::Clock(later));
    }
    let world = World::signed_in(Role::Editor, crowd(3), (80, 24));
    assert!(
        world.screen().contains("n new") && !world.screen().contains("d delete"),
        "{}",
        world.screen()
    );
}

#[test]
fn help_and_quit_are_shown_at_every_width() {
    for width in 20..=120 {
        let mut world = World::signed_in(Role::Admin, crowd(3), (width, 12));
        let message = world.screen().lines().last().unwrap().to_owned();
        assert!(message.ends_with("? help  q quit"), "{width}: {message}");
        assert!(
            width < 30 || message.contains("Enter open"),
            "{width}: {message}"
        );
        world.keys("e");
        assert!(
            world
                .screen()
                .lines()
                .last()
                .unwrap()
                .ends_with("Esc cancel"),
            "{width}: {}",
            world.screen()
        );
    }
}

#[test]
fn the_keys_and_the_actions_are_a_key_away_wherever_letters_are_no_text() {
    for (there, screen) in [
        ("j", Screen::Table),
        ("Enter", Screen::Detail),
        ("c", Screen::Columns),
        ("t", Screen::History),
        ("a", Screen::MySessions),
        ("A", Screen::Users),
        ("Space Space = x Ctrl-s", Screen::Batch),
    ] {
        for (key, opened) in [
            ("?", Screen::Help),
            (":", Screen::Palette),
            ("Ctrl-p", Screen::Palette),
        ] {
            let mut world = World::signed_in(Role::Admin, crowd(3), (80, 24));
            world.keys(there);
            assert_eq!(world.state.screen(), screen);
            assert!(
                world.screen().lines().last().unwrap().contains("? help"),
                "{}",
                world.screen()
            );
            world.keys(key);
            assert_eq!(world.state.screen(), opened, "{key} on {screen:?}");
            world.keys("Esc");
            assert_eq!(
                world.state.screen(),
                screen,
                "and what was there is there again"
            );
        }
    }
    for (there, screen) in [
        ("/", Screen::Search),
        ("n", Screen::Form),
        ("A n", Screen::UserForm),
    ] {
        let mut world = World::signed_in(Role::Admin, crowd(3), (80, 24));
        world.keys(there).types("?:");
        assert_eq!(world.state.screen(), screen);
        assert!(world.screen().contains("?:"), "{}", world.screen());
    }
}

#[test]
fn what_needs_a_row_says_so_where_there_is_none() {
    let mut world = World::signed_in(Role::Admin, Vec::new(), (80, 24));
    for action in [Action::Open, Action::Edit, Action::Delete] {
        assert_eq!(unavailable(&world.state, action), Some("No one selected."));
    }
    assert_eq!(unavailable(&world.state, Action::New), None);
    world.keys("5 e");
    assert_eq!(
        (world.state.screen(), world.state.count),
        (Screen::Table, None)
    );
}

#[test]
fn what_is_scrolled_past_its_end_comes_back_with_the_first_key() {
    for (size, there, down, up) in [
        ((80, 24), "?", "PgDn", "Up"),
        ((50, 12), "?", "Down", "Up"),
        ((80, 12), "Enter", "J", "K"),
    ] {
        let mut world = World::signed_in(Role::Viewer, crowd(3), size);
        world.keys(there);
        (0..400).for_each(|_| _ = world.keys(down));
        let end = world.screen();
        world.keys(down);
        assert_eq!(world.screen(), end);
        world.keys(up);
        assert_ne!(world.screen(), end, "{there} {up}");
    }
}

#[test]
fn help_texts_wrap_on_narrow_screens() {
    let mut world = World::signed_in(Role::Viewer, crowd(3), (44, 24));
    let longest = world
        .state
        .keymap
        .bindings()
        .iter()
        .max_by_key(|binding| binding.help.len())
        .unwrap()
        .clone();
    assert!(longest.help.len() > 44);
    world.keys("?").types(longest.action.name());
    let words = world
        .screen()
        .split_whitespace()
        .filter(|word| *word != "│")
        .collect::<Vec<_>>()
        .join(" ");
    assert!(
        words.contains(&format!("{} {}", longest.shown, longest.help)),
        "{words}"
    );
}

#[test]
fn the_keys_are_shown_by_f1_on_every_screen_and_by_a_question_mark_where_it_is_no_text() {
    for screen in Screen::ALL {
        let keymap = Keymap::default();
        let opens = |key: &str| keymap.action(screen, key.parse().unwrap());
        let is_help = screen == Screen::Help || screen == Screen::Palette;
        assert_eq!(opens("F1") == Some(Action::Help), !is_help, "{screen:?}");
        let is_text = matches!(
            screen,
            Screen::Search
                | Screen::Form
                | Screen::Cell
                | Screen::FilterName
                | Screen::Export
                | Screen::ImportFile
                | Screen::SignIn
                | Screen::ChangePassword
                | Screen::UserForm
                | Screen::Palette
        );
        assert_eq!(opens("?").is_none(), is_text, "{screen:?}");
    }
    let mut world = World::signed_in(Role::Admin, crowd(3), (80, 24));
    world.keys("e F1");
    assert!(
        world.screen().contains("accept the selected suggestion"),
        "{}",
        world.screen()
    );
    world.keys("Esc");
    assert_eq!(world.state.screen(), Screen::Form);
    world.keys("Esc @ F1");
    assert!(
        world.screen().contains("quit, or stay with"),
        "{}",
        world.screen()
    );
    world.keys("Esc");
    assert_eq!(world.state.screen(), Screen::SignIn);
}

#[test]
fn a_page_of_the_help_repeats_no_line_of_the_page_before() {
    for size in [(80, 24), (120, 40)] {
        let mut world = World::signed_in(Role::Viewer, staff(), size);
        world.keys("?");
        let mut before = String::new();
        let mut seen = 0;
        while world.screen() != before {
            before = world.screen();
            seen += before.matches("pin or unpin this column").count();
            world.keys("PgDn");
        }
        assert_eq!(seen, 1, "{size:?}\n{before}");
        let title = before.matches("redraw the screen").count();
        assert_eq!(title, 1, "it is the last page\n{before}");
    }
}

#[test]
fn the_key_to_scroll_a_record_is_not_offered_at_its_end() {
    let mut world = World::signed_in(Role::Viewer, staff(), (80, 12));
    world.keys("Enter");
    assert!(world.footer().contains("J more"), "{}", world.footer());
    for _ in 0..40 {
        world.keys("J");
    }
    assert!(!world.footer().contains("J more"), "{}", world.footer());
}
