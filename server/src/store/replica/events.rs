//! The events of the latest commits, in memory, for those who follow them.
//!
//! An event is numbered by its commit's serial and its position in the commit. So numbers grow
//! across restarts without being stored, and are the same on every server that follows the same
//! commits.

use std::collections::VecDeque;
use std::sync::Arc;

use futures_util::stream::{BoxStream, StreamExt, unfold};
use roster_common::employee::EmployeeId;
use roster_common::event::{Event, ResetEvent};
use tokio::sync::watch;

use crate::store::{EventNumber, NumberedEvent, Result};

/// How many events are kept. A follower further behind gets a reset.
const KEPT: usize = 1024;

/// How many events a follower gets at a time.
const CHUNK: usize = 64;

/// The newest events, and a way to wait for the next.
pub(super) struct Events(watch::Sender<Recent>);

impl Events {
    /// No events yet, in a store whose newest commit has this serial.
    pub(super) fn since(serial: u64) -> Self {
        Self(watch::Sender::new(Recent::after_commit(serial)))
    }

    /// Tells followers about a commit that readers see.
    pub(super) fn publish(&self, serial: u64, events: Vec<Event>) {
        if !events.is_empty() {
            self.0.send_modify(|recent| recent.append(serial, events));
        }
    }

    /// Drops the events of these employees, so that followers who reconnect do not get them.
    pub(super) fn forget(&self, ids: &[EmployeeId]) {
        if ids.is_empty() {
            return;
        }
        self.0.send_if_modified(|recent| {
            recent
                .events
                .retain(|numbered| !is_about(&numbered.event, ids));
            // Followers wait for new events only.
            false
        });
    }

    /// Forgets everything, after commits up to this serial that are not known. Every follower gets
    /// a reset.
    pub(super) fn reset(&self, serial: u64) {
        self.0
            .send_modify(|recent| *recent = Recent::after_commit(serial));
    }

    /// The events after a number, as they come. See
    /// [`StoreMonitor::events`](crate::store::StoreMonitor::events).
    pub(super) fn follow(
        &self,
        after: Option<EventNumber>,
    ) -> BoxStream<'static, Result<Vec<NumberedEvent>>> {
        let state = (self.0.subscribe(), after);
        unfold(state, |(mut recent, after)| async move {
            loop {
                let events = recent.borrow_and_update().after(after);
                if let Some(last) = events.last() {
                    let after = Some(last.number);
                    return Some((Ok(events), (recent, after)));
                }
                recent.changed().await.ok()?;
            }
        })
        .boxed()
    }
}

fn is_about(event: &Event, ids: &[EmployeeId]) -> bool {
    match event {
        Event::Created(change) | Event::Changed(change) | Event::Deleted(change) => {
            ids.contains(&change.id)
        }
        Event::ChangedMany(_) | Event::Reset(_) => false,
    }
}

/// The events after `horizon`, oldest first.
struct Recent {
    /// Nothing is known of this number and those before it.
    horizon: EventNumber,
    /// The newest number that was given. Its event may have been forgotten since.
    newest: EventNumber,
    events: VecDeque<NumberedEvent>,
}

impl Recent {
    fn after_commit(serial: u64) -> Self {
        let newest = EventNumber::after_commit(serial);
        Self {
            horizon: newest,
            newest,
            events: VecDeque::new(),
        }
    }

    fn append(&mut self, serial: u64, events: Vec<Event>) {
        let numbered = (1..).zip(events).map(|(position, event)| NumberedEvent {
            number: EventNumber::new(serial, position),
            event: Arc::new(event),
        });
        self.events.extend(numbered);
        if let Some(last) = self.events.back() {
            self.newest = last.number;
        }
        let surplus = self.events.len().saturating_sub(KEPT);
        if let Some(dropped) = self.events.drain(..surplus).next_back() {
            self.horizon = dropped.number;
        }
    }

    /// The next events after a number; a reset if the number is too old, or was never given.
    fn after(&self, number: Option<EventNumber>) -> Vec<NumberedEvent> {
        let known = self.horizon..=self.newest;
        let Some(number) = number.filter(|number| known.contains(number)) else {
            // The follower reloads everything, and then continues after the newest event.
            return vec![NumberedEvent {
                number: self.newest,
                event: Arc::new(Event::Reset(ResetEvent {})),
            }];
        };
        let begin = self
            .events
            .partition_point(|earlier| earlier.number <= number);
        self.events
            .iter()
            .skip(begin)
            .take(CHUNK)
            .cloned()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use roster_common::employee::Version;
    use roster_common::event::RecordEvent;

    use super::*;

    #[test]
    fn forgetting_wakes_nobody() {
        let id = EmployeeId::try_from(7).unwrap();
        let deleted = Event::Deleted(RecordEvent {
            id,
            version: Version::FIRST,
            by: "ada".into(),
            at: Timestamp::UNIX_EPOCH,
            record: None,
        });
        let events = Events::since(1);
        events.publish(2, vec![deleted]);
        let follower = events.0.subscribe();
        events.forget(&[id]);
        assert!(!follower.has_changed().unwrap());
        assert!(follower.borrow().events.is_empty());
    }
}
