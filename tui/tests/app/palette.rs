//! The palette and the keys: every action by its words.

use roster::availability::unavailable_on;
use roster::keys::{Action, Screen};
use roster::palette::entries;
use roster::state::{Form, Help, Palette, ThemeName};
use roster::view::Theme;
use roster_common::{Field, Role};

use crate::world::{World, crowd, staff};

/// What the palette shows, from its first line on.
fn offered(world: &World) -> Vec<&'static str> {
    let palette = world.state.overlay::<Palette>().unwrap();
    entries(&world.state, palette)
        .iter()
        .map(|entry| entry.binding.action.name())
        .collect()
}

#[test]
fn an_action_is_found_by_letters_of_its_words() {
    let mut world = World::signed_in(Role::Editor, crowd(3), (80, 24));
    world.keys(":").types("adper");
    assert_eq!(offered(&world)[0], "new");
    world.keys("Enter");
    assert_eq!(world.state.screen(), Screen::Form);
}

#[test]
fn what_begins_with_the_words_comes_before_what_only_has_them() {
    let mut world = World::signed_in(Role::Editor, crowd(3), (80, 24));
    world.keys(":").types("mark");
    assert_eq!(
        offered(&world)[..3],
        ["mark", "mark-range", "mark-all"],
        "{}",
        world.screen()
    );
    assert!(
        offered(&world).contains(&"clear-search"),
        "it stops marking"
    );
}

#[test]
fn what_was_used_last_comes_first() {
    let mut world = World::signed_in(Role::Viewer, crowd(3), (80, 24));
    world.keys(":").types("choose a theme").keys("Enter Esc :");
    assert_eq!(offered(&world)[0], "theme");
    world.keys("Esc");
    assert_eq!(world.state.screen(), Screen::Table);
}

#[test]
fn what_is_not_possible_says_why_and_is_not_done() {
    let mut world = World::signed_in(Role::Viewer, crowd(3), (80, 24));
    world.keys(":").types("delete the");
    assert!(
        world.screen().contains("Only admins can delete."),
        "{}",
        world.screen()
    );
    world.keys("Enter");
    assert_eq!(world.state.screen(), Screen::Table);
    assert!(
        world
            .screen()
            .contains("Only admins can delete. Ask an admin."),
        "{}",
        world.screen()
    );
}

#[test]
fn the_palette_acts_on_the_screen_below_and_keeps_what_is_written_there() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world
        .keys("e")
        .types("!")
        .keys("Ctrl-p")
        .types("last field")
        .keys("Enter");
    let form = world.state.overlay::<Form>().unwrap();
    assert_eq!(
        (form.focus, form.text(Field::Firstname)),
        (Field::Notes, "Maya!")
    );
}

#[test]
fn what_can_be_done_now_is_listed_and_nothing_else() {
    for (role, opens) in [
        (Role::Admin, ":"),
        (Role::Viewer, ":"),
        (Role::Editor, "Enter Ctrl-p"),
        (Role::Editor, "e Ctrl-p"),
        (Role::Admin, "/ Ctrl-p"),
        (Role::Editor, "c :"),
    ] {
        let mut world = World::signed_in(role, crowd(3), (80, 24));
        world.keys(opens);
        let screen = world.state.screen_below();
        let offered = offered(&world);
        let possible = |action: &Action| {
            *action != Action::Palette && unavailable_on(&world.state, screen, *action).is_none()
        };
        let lines = world.state.keymap.on(screen).map(|line| line.action);
        for action in lines.filter(possible) {
            assert!(offered.contains(&action.name()), "{opens}: {action:?}");
        }
        let palette = world.state.overlay::<Palette>().unwrap();
        let entries = entries(&world.state, palette);
        assert!(
            entries
                .iter()
                .all(|entry| entry.unavailable_reason.is_none())
        );
    }
}

#[test]
fn an_action_of_another_screen_is_done_there() {
    for (words, shown, screen) in [
        ("add a user", "> Users › add a user", Screen::UserForm),
        (
            "change your password",
            "> My sessions › change your password",
            Screen::ChangePassword,
        ),
    ] {
        let mut world = World::signed_in(Role::Admin, crowd(3), (80, 24));
        world.keys(":").types(words);
        assert!(world.screen().contains(shown), "{}", world.screen());
        world.keys("Enter");
        assert_eq!(world.state.screen(), screen, "{words}");
    }
}

#[test]
fn what_is_done_where_one_may_not_go_says_so() {
    let mut world = World::signed_in(Role::Viewer, crowd(3), (80, 24));
    world.keys(":").types("add a user");
    assert!(
        world
            .screen()
            .contains("Users › add a user: Only admins can manage users."),
        "{}",
        world.screen()
    );
    world.keys("Enter");
    assert_eq!(world.state.screen(), Screen::Table);
    assert!(
        world
            .screen()
            .contains("Only admins can manage users. Ask an admin."),
        "{}",
        world.screen()
    );
    world.keys(":").types("keep their value").keys("Enter");
    assert!(
        world.screen().contains("No matching actions."),
        "there is no conflict\n{}",
        world.screen()
    );
}

#[test]
fn other_words_for_an_action_find_it_first() {
    for (words, action) in [
        ("exit", "quit"),
        ("log out", "sign-out"),
        ("logout", "sign-out"),
        ("export", "copy-record"),
        ("bulk", "set"),
        ("dark", "theme"),
        ("remove", "delete"),
        ("find", "search"),
        ("create", "new"),
        ("select all", "mark-all"),
        ("shortcuts", "help"),
        ("change server", "server"),
    ] {
        let mut world = World::signed_in(Role::Admin, staff(), (80, 24));
        world.keys(":").types(words);
        let offered = offered(&world);
        assert!(
            offered.iter().take(3).any(|name| *name == action),
            "{words}: {offered:?}"
        );
    }
}

#[test]
fn a_word_finds_only_what_has_its_beginning_or_much_of_it() {
    for (words, most) in [
        ("export", 3),
        ("undo", 3),
        ("users", 4),
        ("password", 4),
        ("mark", 10),
    ] {
        let mut world = World::signed_in(Role::Admin, staff(), (80, 24));
        world.keys(":").types(words);
        let offered = offered(&world);
        assert!(offered.len() <= most, "{words}: {offered:?}");
    }
}

#[test]
fn letters_that_are_far_apart_find_nothing() {
    let mut world = World::signed_in(Role::Admin, crowd(3), (80, 24));
    world.keys(":").types("qxyz");
    assert!(
        world.screen().contains("No matching actions."),
        "{}",
        world.screen()
    );
    world.keys("Esc :").types("logout");
    assert_eq!(
        offered(&world),
        ["sign-out"],
        "and no letters here and there"
    );
}

#[test]
fn the_keys_are_searched_for_by_typing() {
    let mut world = World::signed_in(Role::Viewer, crowd(3), (80, 24));
    world.keys("?").types("mark");
    let screen = world.screen();
    assert!(
        screen.contains("mark everyone who") && !screen.contains("Ctrl-z"),
        "{screen}"
    );
    world.types(" nosuchword");
    assert!(
        world.screen().contains("No matching keys."),
        "{}",
        world.screen()
    );
    world.keys("Esc");
    assert_eq!(world.state.overlay::<Help>(), None);
}

#[test]
fn the_keys_begin_with_those_of_the_screen_below() {
    let mut world = World::signed_in(Role::Admin, crowd(3), (80, 24));
    for (keys, title) in [
        ("?", "Table"),
        ("Esc Enter ?", "Record"),
        ("Esc c ?", "Columns"),
    ] {
        world.keys(keys);
        let screen = world.screen();
        let first = screen
            .lines()
            .skip_while(|line| !line.contains("type to filter"))
            .nth(2)
            .unwrap();
        assert!(first.contains(title), "{screen}");
    }
}

#[test]
fn one_key_goes_through_the_themes() {
    let mut world = World::signed_in(Role::Viewer, crowd(3), (80, 24));
    for theme in [
        ThemeName::Default,
        ThemeName::Dark,
        ThemeName::Ember,
        ThemeName::Light,
        ThemeName::Paper,
        ThemeName::HighContrast,
        ThemeName::Mono,
        ThemeName::Default,
    ] {
        world.keys("T");
        assert_eq!(world.state.theme, theme);
        assert_eq!(ThemeName::from_name(theme.name()), Some(theme));
    }
}

#[test]
fn every_theme_distinguishes_cursor_matches_and_errors() {
    let depths = [false, true];
    let themes = ThemeName::ALL
        .map(|name| depths.map(|true_colour| (name, Theme::named(name, true_colour))));
    for (name, theme) in themes.into_iter().flatten() {
        for style in [
            theme.accent,
            theme.selected,
            theme.found,
            theme.bad,
            theme.strong,
        ] {
            assert!(
                !style.add_modifier.is_empty(),
                "{name:?} tells it by colour alone"
            );
        }
    }
}

#[test]
fn the_themes_open_at_the_current_one_and_enter_leaves_it() {
    let mut world = World::signed_in(Role::Viewer, crowd(3), (80, 24));
    world.state.theme = ThemeName::Light;
    world.take();
    world.keys("T");
    let screen = world.screen();
    assert!(
        screen.contains("> light         ✓ light background"),
        "{screen}"
    );
    world.keys("j");
    let screen = world.screen();
    assert!(
        screen.contains("  light         ✓ light background"),
        "{screen}"
    );
    world.keys("k Enter");
    assert_eq!(world.state.theme, ThemeName::Light);
    assert_eq!(world.take(), [], "nothing is saved");
}

#[test]
fn a_theme_is_shown_at_once_and_left_with_esc() {
    let mut world = World::signed_in(Role::Viewer, crowd(3), (80, 24));
    world.take();
    world.keys("T j j");
    assert_eq!(world.state.theme, ThemeName::Ember);
    assert!(world.screen().contains("> ember"), "{}", world.screen());
    world.keys("Esc");
    assert_eq!(world.state.theme, ThemeName::Default);
    assert_eq!(world.take(), [], "nothing is saved");
    world.keys("T k Enter");
    assert_eq!(world.state.theme, ThemeName::Mono);
}
