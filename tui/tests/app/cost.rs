//! What a key and its frame cost, counted in allocations: time differs from run to run, and these
//! do not.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use roster::remote::Page;
use roster::view::{self, Theme};
use roster_common::Role;

use crate::world::{World, crowd};

/// The allocations of one key and the frame after it, in a table of `total` people of whom as many
/// are here as one screen shows.
fn allocations(total: usize) -> u64 {
    let mut world = World::signed_in(Role::Viewer, crowd(20), (80, 24));
    let people = world.people.clone();
    world.state.table.take(Page {
        rows: people,
        total,
        ..Page::default()
    });
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    let mut step = || {
        world.keys("j");
        terminal
            .draw(|frame| view::draw(frame, &world.state, &Theme::COLOUR))
            .unwrap();
    };
    // The first frame finds out where everything stands.
    step();
    allocation_counter::measure(step).count_total
}

#[test]
fn a_frame_costs_the_same_with_twenty_people_and_with_a_million() {
    let [twenty, thousand, million] = [20, 1_000, 1_000_000].map(allocations);
    // A longer number is one more piece of text.
    assert!(million.abs_diff(thousand) < 10, "{thousand} and {million}");
    // A scroll bar has its own, a few for each line.
    assert!(million < twenty + 20 * 5, "{twenty} and {million}");
}
