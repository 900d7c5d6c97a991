//! Changes of many records: what is to be done with each, and what came of it.

use std::collections::{BTreeMap, HashSet};

use roster_common::{Changes, Employee, EmployeeId, Field, FieldError};

use super::column::TableColumn;
use super::form::Form;
use super::text::Line;
use super::undo::{Edit, UndoEntry};
use super::write::{PendingWrite, reads_as};

/// How many requests are under way at the same time: over a link of 150 ms they do a hundred a second. The server
/// commits together what waits together, and takes 512 connections of a network.
pub const PARALLEL: usize = 16;

/// From how many people on a deletion asks for their number, and a step back or forth is shown first.
pub const MANY: usize = 6;

/// Many changes, each of them checked against the version that was shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// Tells it from others, for answers that come late.
    pub number: u64,
    /// What it is to the person.
    pub title: String,
    /// Where it comes from.
    pub origin: Origin,
    /// The records.
    pub rows: Vec<Row>,
    /// How far it is.
    pub stage: Stage,
    /// Whether no more is sent until the person says so.
    pub stopped: bool,
    /// The row of the cursor.
    pub focus: usize,
    /// Whether the answer that does it is chosen; the other one is first.
    pub yes: bool,
    /// The number of people as somebody types it, where that is asked for.
    pub typed: Line,
    /// How many people report to each who is to be deleted, as far as that is known.
    pub reports: BTreeMap<EmployeeId, usize>,
    /// The form that it was written in, to go back to until it is begun.
    pub form: Option<Box<Form>>,
}

/// Where a [`Batch`] comes from, and so what it leaves behind.
#[derive(Debug, Clone, PartialEq)]
pub enum Origin {
    /// Somebody wants it so: it can be undone.
    Wish,
    /// It takes this back.
    Undo(UndoEntry),
    /// It does this again.
    Redo(UndoEntry),
    /// The records are read to be written in an editor.
    ToText,
    /// Somebody has written it in an editor: it can be undone.
    Text,
}

impl Origin {
    /// Whether somebody wants it, and it takes nothing back.
    pub fn is_new(&self) -> bool {
        matches!(self, Self::Wish | Self::Text)
    }
}

/// How far a [`Batch`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The records that are not here are read.
    Gathering,
    /// It is shown, and nothing is done.
    Preview,
    /// It is being done.
    Running,
    /// It is done, as far as it can be.
    Done,
}

/// One record of a [`Batch`].
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Whose.
    pub id: EmployeeId,
    /// The record as it is before, once it has been read; nothing for one that is to be brought back.
    pub before: Option<Box<Employee>>,
    /// What is to be done.
    pub step: Step,
    /// Whether it is based on a newer record than the one that was shown.
    pub rebased: bool,
    /// What came of it.
    pub outcome: Outcome,
}

/// What is to be done with one record.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Give it new values.
    Change(Changes),
    /// Take it away.
    Delete,
    /// Bring it back as it was.
    Restore(Box<Employee>),
}

/// What came of a [`Row`].
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Nothing yet.
    Waiting,
    /// The server is being asked.
    Asked,
    /// It is done; the record as it is now, if there is one.
    Done(Option<Box<Employee>>),
    /// It reads so already.
    Unchanged,
    /// Somebody has changed the record since: as it is now.
    Conflict(Box<Employee>),
    /// It cannot be so: why.
    Refused(String),
    /// There is no such record any more.
    Gone,
    /// No answer came, so it may have been done; a second try finds that out.
    Unanswered,
}

impl Outcome {
    /// What is wrong with the values.
    pub fn unfit(errors: &[FieldError]) -> Self {
        Self::Refused(
            errors
                .iter()
                .map(|error| error.message.as_str())
                .collect::<Vec<_>>()
                .join(" "),
        )
    }
}

impl Row {
    /// One that has not been done.
    pub fn new(id: EmployeeId, before: Option<Employee>, step: Step) -> Self {
        Self {
            id,
            before: before.map(Box::new),
            step,
            rebased: false,
            outcome: Outcome::Waiting,
        }
    }

    /// The row that undoes an edit; `None` for an edit of nothing.
    pub fn undoing(edit: &Edit) -> Option<Self> {
        match (&edit.before, &edit.after) {
            (Some(before), Some(after)) => {
                let changes = Changes::between(&after.details, &before.details);
                let after = Some((**after).clone());
                Some(Self::new(before.id, after, Step::Change(changes)))
            }
            (None, Some(after)) => Some(Self::new(after.id, Some((**after).clone()), Step::Delete)),
            (Some(before), None) => Some(Self::new(before.id, None, Step::Restore(before.clone()))),
            (None, None) => None,
        }
    }

    /// Whose record it is.
    pub fn name(&self) -> String {
        match (&self.before, &self.step) {
            (Some(person), _) | (None, Step::Restore(person)) => TableColumn::Name.of(person),
            (None, _) => format!("#{}", self.id),
        }
    }

    /// Whether it is somebody who is still to be brought back.
    fn is_coming(&self) -> bool {
        matches!(
            (&self.step, &self.outcome),
            (Step::Restore(_), Outcome::Waiting | Outcome::Asked)
        )
    }

    /// The manager of somebody who is to be brought back.
    fn manager(&self) -> Option<EmployeeId> {
        match &self.step {
            Step::Restore(was) => was.details.manager(),
            Step::Change(_) | Step::Delete => None,
        }
    }

    /// Whether it must be read before anything can be done.
    fn is_unread(&self) -> bool {
        self.before.is_none() && !matches!(self.step, Step::Restore(_))
    }

    /// Whether it is still to be read.
    fn is_missing(&self) -> bool {
        self.is_unread() && matches!(self.outcome, Outcome::Waiting | Outcome::Asked)
    }

    /// Whether there is nothing more to do for it.
    pub fn is_over(&self) -> bool {
        matches!(
            self.outcome,
            Outcome::Done(_) | Outcome::Unchanged | Outcome::Gone
        )
    }

    /// Whether a deed is still to be taken back, or done again: what met somebody else's words is decided one by one.
    pub fn is_left(&self) -> bool {
        match &self.outcome {
            Outcome::Waiting | Outcome::Unanswered => true,
            Outcome::Conflict(_) => matches!(self.step, Step::Change(_)),
            _ => false,
        }
    }

    /// Whether it is what `write` asked for, and was not answered.
    pub fn awaits(&self, write: &PendingWrite) -> bool {
        let is_of = |before: &Employee| before.id == write.id && before.version == write.version;
        self.outcome == Outcome::Unanswered && self.before.as_deref().is_some_and(is_of)
    }

    /// Bases it on the record as it is `now`, to be sent again, if all that it sets still reads as it was shown; once.
    pub fn rebase(&mut self, now: &Employee) {
        let (Some(before), Step::Change(changes), false) = (&self.before, &self.step, self.rebased)
        else {
            return;
        };
        if changes
            .iter()
            .all(|(field, _)| before.details.text(field) == now.details.text(field))
        {
            self.before = Some(Box::new(now.clone()));
            self.rebased = true;
            self.outcome = Outcome::Waiting;
        }
    }

    /// Who else than `me` has changed the record since it was shown, in other fields.
    pub fn also_by(&self, me: Option<&str>) -> Option<&str> {
        let newer = self.before.as_ref().filter(|_| self.rebased)?;
        Some(newer.updated_by.as_str()).filter(|by| Some(*by) != me)
    }

    /// Settles what needs no request: what reads so already, and what breaks a rule.
    fn settle(&mut self) {
        let (Some(before), Step::Change(changes), Outcome::Waiting) =
            (&self.before, &self.step, &self.outcome)
        else {
            return;
        };
        match changes.merged_into(&before.details) {
            Err(errors) => self.outcome = Outcome::unfit(&errors),
            Ok(_) if reads_as(before, changes) => self.outcome = Outcome::Unchanged,
            Ok(_) => {}
        }
    }

    /// The fields that it changes: name, old and new.
    pub fn differences(&self) -> Vec<(Field, String, String)> {
        let (Some(before), Step::Change(changes)) = (&self.before, &self.step) else {
            return Vec::new();
        };
        let differs = |(field, new): (Field, &str)| {
            let old = before.details.text(field);
            (old != new).then(|| (field, old.into_owned(), new.to_owned()))
        };
        changes.iter().filter_map(differs).collect()
    }
}

impl Batch {
    /// The most records at a time.
    pub const MOST: usize = 10_000;

    /// Of how many at most it is asked who reports to them: each is a question of its own.
    const FEW: usize = 20;

    /// One that has not begun.
    pub fn new(number: u64, title: impl Into<String>, origin: Origin, rows: Vec<Row>) -> Self {
        Self {
            number,
            title: title.into(),
            origin,
            rows,
            stage: Stage::Gathering,
            stopped: false,
            focus: 0,
            yes: false,
            typed: Line::default(),
            reports: BTreeMap::new(),
            form: None,
        }
    }

    /// Whether it is one step back or forth for one record, which asks nothing and shows nothing of itself.
    pub fn is_brief(&self) -> bool {
        self.rows.len() == 1
            && matches!(self.origin, Origin::Undo(_) | Origin::Redo(_))
            && !self.deletes_again()
    }

    /// How many rows have an outcome that `is` true of.
    pub fn count(&self, is: impl Fn(&Outcome) -> bool) -> usize {
        self.rows.iter().filter(|row| is(&row.outcome)).count()
    }

    /// Of how many the records are here, while they are read; then, of how many it is known what came of them.
    pub fn done(&self) -> usize {
        match self.stage {
            Stage::Gathering => self.rows.iter().filter(|row| !row.is_missing()).count(),
            _ => self.count(|outcome| !matches!(outcome, Outcome::Waiting | Outcome::Asked)),
        }
    }

    /// How many are to be done, or done again.
    pub fn left(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Waiting | Outcome::Unanswered))
    }

    /// Whether what became of some is to be found out before they can be tried again.
    pub fn is_unsure(&self) -> bool {
        let is_sent_again = |row: &Row| matches!(row.step, Step::Restore(_));
        self.rows
            .iter()
            .any(|row| row.outcome == Outcome::Unanswered && !is_sent_again(row))
    }

    /// Whether it goes on by itself, and answers are still to come.
    pub fn is_under_way(&self) -> bool {
        matches!(self.stage, Stage::Gathering | Stage::Running)
    }

    /// Whether there are two answers to choose from.
    pub fn has_choice(&self) -> bool {
        self.stage == Stage::Preview && self.left() > 0 && !self.asks_number()
    }

    /// Whether the number of people must be typed before it is done.
    pub fn asks_number(&self) -> bool {
        self.deletes() && self.left() >= MANY
    }

    /// Whether it takes records away.
    pub fn deletes(&self) -> bool {
        self.rows
            .first()
            .is_some_and(|row| row.step == Step::Delete)
    }

    /// Those of whom it is asked how many people report to them: who is to be deleted, where these are few.
    pub fn managers(&self) -> impl Iterator<Item = EmployeeId> {
        let few = self.deletes() && self.rows.len() <= Self::FEW;
        self.rows
            .iter()
            .filter(move |row| few && row.outcome == Outcome::Waiting)
            .map(|row| row.id)
    }

    /// How many people report to those who are to be deleted, and are not to be deleted themselves.
    pub fn reports(&self) -> usize {
        let managers: HashSet<_> = self.managers().collect();
        let manager = |row: &Row| {
            row.before
                .as_ref()
                .and_then(|before| before.details.manager())
        };
        let is_within = |row: &&Row| {
            managers.contains(&row.id)
                && manager(row).is_some_and(|manager| self.reports.contains_key(&manager))
        };
        let within = self.rows.iter().filter(is_within).count();
        self.reports.values().sum::<usize>().saturating_sub(within)
    }

    /// Whether it takes away once more who was brought back: that is asked like the first time.
    pub fn deletes_again(&self) -> bool {
        self.deletes() && matches!(self.origin, Origin::Redo(_))
    }

    /// The records to be read now.
    pub fn next_unread(&mut self) -> Vec<EmployeeId> {
        self.next(Row::is_unread)
            .into_iter()
            .filter_map(|at| Some(self.rows.get(at)?.id))
            .collect()
    }

    /// The rows to be done now.
    ///
    /// Who is brought back waits for their manager, if that is brought back too: it must be somebody who is there. A ring
    /// of people, each the manager of the next, is begun anywhere.
    pub fn next_steps(&mut self) -> Vec<usize> {
        if self.stopped {
            return Vec::new();
        }
        let coming: HashSet<_> = self
            .rows
            .iter()
            .filter(|row| row.is_coming())
            .map(|row| row.id)
            .collect();
        let steps = self.next(|row| {
            row.manager()
                .is_none_or(|manager| !coming.contains(&manager))
        });
        if steps.is_empty() && !self.is_asking() {
            self.next(|_| true)
        } else {
            steps
        }
    }

    /// Marks as asked, as far as there is room, the rows that wait and are `fit`.
    fn next(&mut self, fit: impl Fn(&Row) -> bool) -> Vec<usize> {
        let room = PARALLEL.saturating_sub(self.count(|outcome| *outcome == Outcome::Asked));
        let waiting = self.rows.iter_mut().enumerate();
        let waiting = waiting
            .filter(|(_, row)| row.outcome == Outcome::Waiting && fit(row))
            .take(room);
        waiting
            .map(|(at, row)| {
                row.outcome = Outcome::Asked;
                at
            })
            .collect()
    }

    /// Whether an answer is still to come.
    pub fn is_asking(&self) -> bool {
        self.rows.iter().any(|row| row.outcome == Outcome::Asked)
    }

    /// Ends the gathering, if every record is here.
    pub fn end_gathering(&mut self) -> bool {
        if self.stage != Stage::Gathering || self.rows.iter().any(Row::is_missing) {
            return false;
        }
        self.rows.iter_mut().for_each(Row::settle);
        self.stage = Stage::Preview;
        true
    }

    /// Makes ready for another try what waits or was not answered.
    pub fn try_again(&mut self) {
        let unanswered = self
            .rows
            .iter_mut()
            .filter(|row| row.outcome == Outcome::Unanswered);
        unanswered.for_each(|row| row.outcome = Outcome::Waiting);
        self.stage = Stage::Running;
        self.stopped = false;
    }

    /// Moves the cursor.
    pub fn move_by(&mut self, by: isize) {
        self.focus = self
            .focus
            .saturating_add_signed(by)
            .min(self.rows.len().saturating_sub(1));
    }
}
