//! Keys and a theme of one's own.

use roster::config::Config;
use roster::effect::{Effect, LocalTask};
use roster::keys::Screen;
use roster::state::ThemeName;
use roster_common::Role;

use crate::world::{World, crowd};

/// Somebody with this configuration looks at twenty people.
fn configured(text: &str) -> World {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    std::fs::write(&path, text).unwrap();
    let config = Config::read(&path).unwrap();
    let mut world = World::signed_in(Role::Admin, crowd(20), (120, 40));
    world.state.keymap = config.keymap;
    world
}

#[test]
fn custom_keys_work_and_are_shown_everywhere() {
    let mut world = configured("[keys.table]\ndelete = [\"dd\"]\nedit = [\"Ctrl-t\"]\nnew = []");
    assert!(
        world.screen().contains("Ctrl-t edit  dd delete"),
        "{}",
        world.screen()
    );
    assert!(!world.screen().contains(" new "), "{}", world.screen());

    world.keys("e n");
    assert_eq!(world.state.screen(), Screen::Table);
    world.keys("d");
    assert_eq!(world.state.screen(), Screen::Table);
    assert!(world.screen().contains("d  row 1"), "{}", world.screen());
    world.keys("d");
    assert_eq!(world.state.screen(), Screen::Confirm);
    world.keys("Esc d j d");
    assert_eq!(world.state.screen(), Screen::Table, "d, j and d are no dd");
    world.keys("Esc Ctrl-t");
    assert_eq!(world.state.screen(), Screen::Form);

    // Help has the table's keys and the record's, the palette every action, with its key or without
    // one.
    world.keys("Esc ?").types("delete");
    let help = world.screen();
    assert!(
        help.contains(" dd  delete the record") && help.contains(" d  delete the record"),
        "{help}"
    );
    world.keys("Esc :").types("edit");
    assert!(world.screen().contains("Ctrl-t"), "{}", world.screen());
    world.keys("Esc :").types("add a person").keys("Enter");
    assert_eq!(world.state.screen(), Screen::Form);
}

#[test]
fn what_names_a_key_names_the_one_of_the_configuration() {
    let mut world = configured(
        "[keys.form]\nsave = [\"Alt-s\"]\n[keys.table]\nnew = [\"w\"]\nclear-search = [\"z\"]",
    );
    world.keys("w").types("Ada");
    assert!(world.screen().contains("Alt-s save"), "{}", world.screen());
    world.keys("Esc").keys("y").keys("v");
    assert!(world.screen().contains("z cancels"), "{}", world.screen());
    let mut world = World::signed_in(Role::Admin, Vec::new(), (80, 24));
    world.state.keymap = configured("[keys.table]\nnew = [\"w\"]").state.keymap;
    assert!(
        world.screen().contains("w new person"),
        "{}",
        world.screen()
    );
}

#[test]
fn a_theme_is_kept_for_the_next_time_unless_it_is_written_down() {
    let mut world = configured("");
    world.take();
    world.keys("T j j j Enter");
    assert_eq!(
        world.take(),
        [Effect::Local(LocalTask::SaveTheme(ThemeName::Light))]
    );
    assert!(
        world.screen().contains("Theme: light."),
        "{}",
        world.screen()
    );

    world.state.saves_theme = false;
    world.keys("T j j Enter");
    assert_eq!(world.take(), []);
    assert!(
        world
            .screen()
            .contains("Theme: high-contrast, until you quit"),
        "{}",
        world.screen()
    );
}
