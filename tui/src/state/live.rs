//! What others have changed since the rows were loaded.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use roster_common::event::RecordEvent;
use roster_common::{Changes, Employee, EmployeeId, Field};

/// The changes by others, and when the rows are reloaded because of them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Live {
    /// Whether the stream of changes is open, or being opened.
    pub following: bool,
    /// The message that the server gave no stream the last time. It is shown once.
    pub refused: Option<String>,
    /// How many changes have come since the user paused; `None` if not paused.
    pub paused: Option<usize>,
    /// Whether a timer will reload the rows.
    pub waits: bool,
    /// When changes last reloaded the rows.
    pub reloaded: Option<Timestamp>,
    /// The people who have a sign, since the cursor has not passed them.
    news: BTreeMap<EmployeeId, News>,
}

/// The newest change of one person by someone else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// Whether the person was added.
    pub is_new: bool,
    /// Who made the change.
    pub by: String,
    /// When it was committed.
    pub at: Timestamp,
    /// The changed fields, as far as the earlier record was loaded.
    pub fields: Vec<Field>,
}

impl Live {
    /// The shortest time between two reloads, so that a burst of changes costs few.
    pub const PAUSE: SignedDuration = SignedDuration::from_secs(1);

    /// The most signs: nobody looks through more.
    const MOST_NEWS: usize = 1000;

    /// How long the next reload has to wait.
    pub fn wait(&self, now: Timestamp) -> SignedDuration {
        let since = self.reloaded.map(|then| now.duration_since(then));
        // After a clock that steps back, nothing waits.
        since
            .filter(|since| *since >= SignedDuration::ZERO)
            .map_or(SignedDuration::ZERO, |since| {
                (Self::PAUSE - since).max(SignedDuration::ZERO)
            })
    }

    /// Notes a change by someone else. `before` is the record as it was loaded.
    pub fn note(&mut self, change: &RecordEvent, is_new: bool, before: Option<&Employee>) {
        if self.news.len() >= Self::MOST_NEWS {
            self.news.clear();
        }
        let now = change.record.as_deref();
        let fields = before.zip(now).map_or_else(Vec::new, |(before, now)| {
            let changes = Changes::between(&before.details, &now.details);
            changes.iter().map(|(field, _)| field).collect()
        });
        let news = News {
            is_new,
            by: change.by.clone(),
            at: change.at,
            fields,
        };
        self.news.insert(change.id, news);
    }

    /// The news about a person, if the cursor has not passed them since.
    pub fn news(&self, id: EmployeeId) -> Option<&News> {
        self.news.get(&id)
    }

    /// The cursor has passed a person.
    pub fn pass(&mut self, id: EmployeeId) {
        self.news.remove(&id);
    }

    /// Returns `true` if no person has a sign.
    pub fn is_quiet(&self) -> bool {
        self.news.is_empty()
    }
}

impl News {
    /// The sign in front of the row.
    pub fn sign(&self) -> &'static str {
        if self.is_new { "+" } else { "~" }
    }

    /// What happened, as the end of a sentence: `bob changed Department`.
    pub fn what(&self) -> String {
        let by = &self.by;
        if self.is_new {
            return format!("{by} added this person");
        }
        let fields: Vec<_> = self.fields.iter().map(|field| field.label()).collect();
        match fields.as_slice() {
            [] => format!("{by} changed the record"),
            [field] => format!("{by} changed {field}"),
            [first, second] => format!("{by} changed {first} and {second}"),
            [first, rest @ ..] => format!("{by} changed {first} and {} more", rest.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reload_waits_for_what_is_left_of_a_second() {
        let mut live = Live::default();
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1);
        assert_eq!(live.wait(now), SignedDuration::ZERO);
        live.reloaded = Some(now);
        let after = |millis| now + SignedDuration::from_millis(millis);
        assert_eq!(
            [0, 400, 1000, 5000, -1].map(|millis| live.wait(after(millis)).as_millis()),
            [1000, 600, 0, 0, 0]
        );
    }
}
