//! What has been done in this session, so that it can be taken back and done again.

use std::collections::BTreeMap;

use roster_common::{Changes, Employee, EmployeeId, Version};

use super::batch::{Row, Step};
use crate::words::{fields, people};

/// The deeds of a session: those that can be undone, and those that can be redone.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Past {
    /// What was done, the last at the end.
    pub done: Vec<Deed>,
    /// What was undone, the last at the end.
    pub undone: Vec<Deed>,
}

/// Something that somebody did.
#[derive(Debug, Clone, PartialEq)]
pub struct Deed {
    /// What it was: `Isla Jarvis, title`.
    pub what: String,
    /// What it made of each record.
    pub turns: Vec<Turn>,
}

/// A record before and after: there is none before it was made, and none after it was deleted.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// Before.
    pub from: Option<Box<Employee>>,
    /// After.
    pub to: Option<Box<Employee>>,
}

impl Turn {
    /// A record before and after.
    pub fn new(from: Option<Employee>, to: Option<Employee>) -> Self {
        Self {
            from: from.map(Box::new),
            to: to.map(Box::new),
        }
    }

    /// What leads back to how it was.
    pub fn back(&self) -> Option<Row> {
        match (&self.from, &self.to) {
            (Some(from), Some(to)) => {
                let changes = Changes::between(&to.details, &from.details);
                Some(Row::new(to.id, Some((**to).clone()), Step::Change(changes)))
            }
            (None, Some(to)) => Some(Row::new(to.id, Some((**to).clone()), Step::Delete)),
            (Some(from), None) => Some(Row::new(from.id, None, Step::Restore(from.clone()))),
            (None, None) => None,
        }
    }

    fn states(&mut self) -> impl Iterator<Item = &mut Box<Employee>> {
        self.from.iter_mut().chain(self.to.iter_mut())
    }

    /// Whose record it is.
    fn name(&self) -> String {
        self.to
            .as_ref()
            .or(self.from.as_ref())
            .map(|person| person.details.full_name())
            .unwrap_or_default()
    }

    /// What it did: the fields that it changed, or `added`, or `deleted`.
    fn what(&self) -> String {
        match (&self.from, &self.to) {
            (Some(from), Some(to)) => fields(&Changes::between(&from.details, &to.details)),
            (None, _) => "added".to_owned(),
            (_, None) => "deleted".to_owned(),
        }
    }
}

impl Deed {
    /// A deed, named after what it did to whom.
    pub fn new(turns: Vec<Turn>) -> Self {
        let what = turns.first().map(Turn::what).unwrap_or_default();
        let who = match turns.as_slice() {
            [one] => one.name(),
            many => people(many.len()),
        };
        Self {
            what: format!("{who}, {what}"),
            turns,
        }
    }

    /// Whether it made a record, so that only who may delete can take it back.
    pub fn makes(&self) -> bool {
        self.turns.iter().any(|turn| turn.from.is_none())
    }

    /// A deed of the same name with these turns; none without any.
    pub fn with(&self, turns: Vec<Turn>) -> Option<Self> {
        (!turns.is_empty()).then(|| Self {
            what: self.what.clone(),
            turns,
        })
    }
}

impl Past {
    /// Keeps in mind what somebody did; what was undone before can then not be redone.
    pub fn record(&mut self, turns: Vec<Turn>) {
        if !turns.is_empty() {
            self.done.push(Deed::new(turns));
            self.undone.clear();
        }
    }

    /// Forgets a deed, which has been taken back or done again as far as it can be. What is left of a deed of many has
    /// another name, and is known by what it made of the records.
    pub fn settle(&mut self, deed: &Deed) {
        self.done.retain(|it| it.turns != deed.turns);
        self.undone.retain(|it| it.turns != deed.turns);
    }

    /// A deed that met somebody else's words has been decided on: what came of it goes the other way from now on, and what
    /// was undone besides can still be redone. Whether it was one to be undone.
    pub fn decide(&mut self, deed: &Deed, turns: Vec<Turn>) -> bool {
        let was_done = self.done.iter().any(|it| it.turns == deed.turns);
        self.settle(deed);
        let others = if was_done {
            &mut self.undone
        } else {
            &mut self.done
        };
        others.extend(deed.with(turns));
        was_done
    }

    /// States of records have been `brought_back`, as they are now: every deed that began or ended in such a state does so
    /// in this one, which has another version. Not where somebody has changed other fields meanwhile: then it is another
    /// state.
    pub fn rebind(&mut self, brought_back: &BTreeMap<(EmployeeId, Version), &Employee>) {
        let turns = self
            .done
            .iter_mut()
            .chain(&mut self.undone)
            .flat_map(|deed| &mut deed.turns);
        for state in turns.flat_map(Turn::states) {
            if let Some(now) = brought_back
                .get(&(state.id, state.version))
                .filter(|now| now.details == state.details)
            {
                **state = (*now).clone();
            }
        }
    }
}
