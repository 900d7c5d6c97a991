//! The mouse, where somebody has given it to the application.

use roster::effect::{Effect, TerminalTask};
use roster::event::{Event, Mouse};
use roster::keys::Screen;
use roster::state::Form;
use roster_common::{Field, Role};

use crate::world::{World, crowd, staff};

impl World {
    /// Presses where this text stands on the screen, the last where it stands twice.
    fn presses(&mut self, text: &str) -> &mut Self {
        self.does(Mouse::Press, text)
    }

    fn does(&mut self, mouse: Mouse, text: &str) -> &mut Self {
        let screen = self.screen();
        let at = screen
            .lines()
            .zip(0..)
            .filter_map(|(line, y)| Some((line.find(text)?, y, line)))
            .last();
        let (byte, y, line) = at.unwrap_or_else(|| panic!("{text} is not on\n{screen}"));
        let x = roster::cells::width(&line[..byte]).try_into().unwrap();
        self.event(Event::Mouse(mouse, (x, y).into())).serve()
    }

    fn row(&self) -> usize {
        self.state.table.cursor + 1
    }
}

#[test]
fn a_press_chooses_the_row_and_the_wheel_moves_three() {
    for size in [(80, 24), (44, 24), (120, 40)] {
        let mut world = World::signed_in(Role::Viewer, crowd(100), size);
        world.presses("Given7");
        assert_eq!(world.row(), 7, "{size:?}");
        world
            .does(Mouse::WheelDown, "Given7")
            .does(Mouse::WheelDown, "Roster");
        assert_eq!(
            world.row(),
            13,
            "the wheel turns what is there, wherever it points"
        );
        world.does(Mouse::WheelUp, "Roster");
        assert_eq!(world.row(), 10);
        world.keys("G").serve().presses("Given97");
        assert_eq!(world.row(), 97);
        world
            .does(Mouse::WheelDown, "Roster")
            .does(Mouse::WheelDown, "Roster");
        assert_eq!(world.row(), 100);
    }
}

#[test]
fn a_press_on_a_heading_sorts_as_its_key_does() {
    for size in [(80, 24), (44, 24)] {
        let mut world = World::signed_in(Role::Viewer, staff(), size);
        for sign in ["Title ↑", "Title ↓", "Title"] {
            world.presses("Title");
            assert!(world.screen().contains(sign), "{sign}: {}", world.screen());
        }
        assert!(!world.screen().contains("Title ↓"), "{}", world.screen());
        world.presses("Name").keys("l s").serve();
        assert!(
            world.screen().contains("Title ↑"),
            "the column is the one of the press: {}",
            world.screen()
        );
    }
}

#[test]
fn the_wheel_scrolls_an_open_record_and_a_click_selects_no_one() {
    let mut world = World::signed_in(Role::Viewer, staff(), (120, 10));
    world.keys("j Enter").does(Mouse::WheelDown, "渡辺");
    assert_eq!(world.row(), 5, "the row, where the list is");
    world
        .keys("gg")
        .event(Event::Mouse(Mouse::WheelDown, (100, 4).into()));
    assert_eq!(
        (world.row(), world.state.table.detail),
        (1, Some(3)),
        "{}",
        world.screen()
    );
    world
        .event(Event::Mouse(Mouse::Press, (100, 4).into()))
        .presses("渡辺");
    assert_eq!(world.row(), 3);
}

#[test]
fn a_press_on_a_field_writes_there_and_nowhere_else() {
    for size in [(80, 24), (40, 15)] {
        let mut world = World::signed_in(Role::Admin, staff(), size);
        world.keys("e").presses("Department");
        assert_eq!(
            world.state.overlay::<Form>().unwrap().focus,
            Field::Department
        );
        world.presses("Title").types("!");
        let form = world.state.overlay::<Form>().unwrap();
        assert_eq!(
            (form.focus, form.text(Field::Title)),
            (Field::Title, "Plant Operator!")
        );
        world.does(Mouse::WheelDown, "Title").presses("Maya Castro");
        assert_eq!(world.state.overlay::<Form>().unwrap().focus, Field::Title);
    }
}

#[test]
fn a_dialog_blocks_clicks_below_it() {
    let mut world = World::signed_in(Role::Admin, crowd(30), (80, 24));
    world.keys("d").take();
    world.presses("Family3,").presses("Delete ");
    assert_eq!((world.state.screen(), world.row()), (Screen::Confirm, 1));
    assert_eq!(world.take(), []);
    world.keys("Esc ?").does(Mouse::WheelDown, "Keys");
    assert!(
        !world.screen().contains("Enter        open the record"),
        "help is scrolled: {}",
        world.screen()
    );
}

#[test]
fn a_press_where_nothing_is_does_nothing_and_ends_what_was_begun() {
    let mut world = World::signed_in(Role::Viewer, crowd(3), (80, 24));
    world
        .keys("5")
        .presses("ada")
        .event(Event::Mouse(Mouse::Press, (10, 20).into()));
    assert_eq!((world.row(), world.state.count), (1, None));
    world.event(Event::Mouse(Mouse::Press, (500, 500).into()));
    world.keys("j");
    assert_eq!(world.row(), 2);
    assert!(
        !world
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Terminal(TerminalTask::Quit(_))))
    );
}
