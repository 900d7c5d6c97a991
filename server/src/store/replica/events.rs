//! What was committed lately, for those who follow it: the newest events, in memory.
//!
//! An event's number is made of its commit's serial and its place in the commit: it grows over restarts too, without
//! being kept. What was committed before the store was opened is not told, and whoever asks for it is told so.

use std::collections::VecDeque;
use std::sync::Arc;

use futures_util::stream::{BoxStream, StreamExt, unfold};
use roster_common::event::{Event, ResetEvent};
use tokio::sync::watch;

use crate::store::Told;

/// How many events are remembered: a follower that is further behind is told to read anew.
const KEPT: usize = 1024;

/// The room for the numbers of one commit's events.
const MOST: u64 = 1024;

/// How many are handed over at a time.
const PIECE: usize = 64;

/// The newest events, and the way to wait for the next.
pub(in crate::store) struct Events(watch::Sender<Recent>);

impl Events {
    /// Of a store whose last commit had this serial.
    pub(in crate::store) fn since(serial: u64) -> Self {
        Self(watch::Sender::new(Recent {
            horizon: last_number(serial),
            events: VecDeque::new(),
        }))
    }

    /// Tells what was committed, once its readers can see it.
    pub(in crate::store) fn tell(&self, serial: u64, events: Vec<Event>) {
        if !events.is_empty() {
            self.0.send_modify(|recent| recent.append(serial, events));
        }
    }

    /// What was committed up to this serial is not known: whoever follows is told to read anew.
    pub(in crate::store) fn reset(&self, serial: u64) {
        self.0.send_modify(|recent| {
            *recent = Recent {
                horizon: last_number(serial),
                events: VecDeque::new(),
            }
        });
    }

    /// All events after a number, as they come, in pieces; a [`Event::Reset`] in place of what is not remembered.
    pub(in crate::store) fn follow(&self, after: Option<u64>) -> BoxStream<'static, Vec<Told>> {
        unfold(
            (self.0.subscribe(), after),
            |(mut recent, after)| async move {
                loop {
                    let told = recent.borrow_and_update().after(after);
                    if let Some(last) = told.last() {
                        let after = Some(last.number);
                        return Some((told, (recent, after)));
                    }
                    recent.changed().await.ok()?;
                }
            },
        )
        .boxed()
    }
}

/// The events after `horizon`, the oldest first.
struct Recent {
    /// The greatest number of which is not known what it told.
    horizon: u64,
    events: VecDeque<(u64, Arc<Event>)>,
}

impl Recent {
    fn append(&mut self, serial: u64, events: Vec<Event>) {
        let numbered = (first_number(serial)..).zip(events.into_iter().map(Arc::new));
        self.events.extend(numbered);
        let surplus = self.events.len().saturating_sub(KEPT);
        if let Some((number, _)) = self.events.drain(..surplus).next_back() {
            self.horizon = number;
        }
    }

    fn newest(&self) -> u64 {
        self.events
            .back()
            .map_or(self.horizon, |(number, _)| *number)
    }

    /// The next events after a number. One that is too old, or that was never given, is answered with a reset.
    fn after(&self, number: Option<u64>) -> Vec<Told> {
        let Some(number) = number.filter(|number| (self.horizon..=self.newest()).contains(number))
        else {
            return vec![Told {
                number: self.newest(),
                event: Arc::new(Event::Reset(ResetEvent {})),
            }];
        };
        let begin = self
            .events
            .partition_point(|(earlier, _)| *earlier <= number);
        let told = |(number, event): &(u64, Arc<Event>)| Told {
            number: *number,
            event: Arc::clone(event),
        };
        self.events
            .iter()
            .skip(begin)
            .take(PIECE)
            .map(told)
            .collect()
    }
}

/// The number of a commit's first event. A commit has at most as many as it has writes.
fn first_number(serial: u64) -> u64 {
    serial.saturating_mul(MOST)
}

/// A number that no later commit's event is below or equal to.
fn last_number(serial: u64) -> u64 {
    first_number(serial).saturating_add(MOST - 1)
}
