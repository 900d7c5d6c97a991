//! A server that is far away.

use std::collections::VecDeque;

use roster::effect::{Call, Effect};
use roster_common::Role;

use crate::world::{World, crowd};

/// How long an answer takes, in milliseconds.
const ROUND_TRIP: u64 = 150;

/// The time between two presses of a key that is held down: fifteen a second.
const BETWEEN_KEYS: u64 = 1000 / 15;

/// The requests on their way, each with the time at which its answer comes.
#[derive(Default)]
struct Line(VecDeque<(u64, Effect)>);

impl Line {
    /// Sends what is asked now.
    fn send(&mut self, world: &mut World, now: u64) {
        for effect in world.take() {
            if matches!(effect, Effect::Call(Call::Load { .. })) {
                self.0.push_back((now + ROUND_TRIP, effect));
            }
        }
    }

    /// Delivers the answers that have come until now.
    fn deliver(&mut self, world: &mut World, now: u64) {
        while let Some((due, asked)) = self.0.pop_front_if(|(due, _)| *due <= now) {
            world.answer(asked);
            self.send(world, due);
        }
    }
}

fn has_a_gap(world: &World) -> bool {
    let table = &world.state.table;
    let end = (table.top + world.state.rows_on_screen()).min(table.len());
    (table.top..end).any(|row| table.row(row).is_none())
}

#[test]
fn pages_at_fifteen_a_second_have_no_gap_though_the_server_is_150_ms_away() {
    for size in [(80, 24), (120, 40)] {
        let mut world = World::signed_in(Role::Viewer, crowd(10_000), size);
        let mut line = Line::default();
        let down = std::iter::repeat_n("PgDn", 150);
        let up = std::iter::repeat_n("PgUp", 150);
        for (press, key) in (0..).zip(down.chain(up)) {
            let now = press * BETWEEN_KEYS;
            line.deliver(&mut world, now);
            world.keys(key);
            line.send(&mut world, now);
            assert!(
                !has_a_gap(&world),
                "press {press} at {size:?}\n{}",
                world.screen()
            );
        }
    }
}
