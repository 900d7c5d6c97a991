//! Bulk changes: what to do with each record, and the result.

use std::collections::{BTreeMap, HashSet};

use roster_common::{Changes, Employee, EmployeeId, Field, FieldError};

use super::column::TableColumn;
use super::form::Form;
use super::pending_write::{PendingWrite, reads_as};
use super::text::LineEdit;
use super::undo::{Edit, UndoEntry};

/// How many requests run concurrently: at a latency of 150 ms they do a hundred per second. The
/// server commits waiting writes together and accepts 512 connections from a network.
pub const PARALLEL: usize = 16;

/// From this many people on, a deletion asks to type the number, and an undo or redo shows a
/// preview.
pub const MANY: usize = 6;

/// A bulk change. Each row is checked against the version that was shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// Its number, to recognize late answers to another batch.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// Its origin.
    pub origin: BatchOrigin,
    /// The records.
    pub rows: Vec<BatchRow>,
    /// The current stage.
    pub stage: Stage,
    /// Whether it was stopped by the user.
    pub stopped: bool,
    /// The row of the cursor.
    pub focus: usize,
    /// Whether the confirming answer is selected; Cancel is first.
    pub yes: bool,
    /// The number of people, typed to confirm.
    pub typed: LineEdit,
    /// How many people report to each person to be deleted, as far as known.
    pub reports: BTreeMap<EmployeeId, usize>,
    /// The form it came from, to return to before it starts.
    pub form: Option<Box<Form>>,
}

/// The origin of a [`Batch`], which decides what happens afterwards.
#[derive(Debug, Clone, PartialEq)]
pub enum BatchOrigin {
    /// A new change; it can be undone.
    Direct,
    /// Undoes this entry.
    Undo(UndoEntry),
    /// Redoes this entry.
    Redo(UndoEntry),
    /// Loads the records for the editor.
    LoadForEditor,
    /// A change made in the editor; it can be undone.
    Editor,
}

impl BatchOrigin {
    /// Whether it is a new change, not an undo or redo.
    pub fn is_new(&self) -> bool {
        matches!(self, Self::Direct | Self::Editor)
    }
}

/// How far a [`Batch`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Missing records are being loaded.
    Gathering,
    /// The preview is shown; nothing is sent.
    Preview,
    /// The changes are being sent.
    Running,
    /// Finished, as far as possible.
    Done,
}

/// One record of a [`Batch`].
#[derive(Debug, Clone, PartialEq)]
pub struct BatchRow {
    /// The employee's id.
    pub id: EmployeeId,
    /// The record before the change, once loaded; `None` for a restore.
    pub before: Option<Box<Employee>>,
    /// The change to make.
    pub step: Step,
    /// Whether it was rebased onto a newer record than the one shown.
    pub rebased: bool,
    /// The outcome so far.
    pub outcome: Outcome,
}

/// The change of one record.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Set these values.
    Change(Changes),
    /// Delete it.
    Delete,
    /// Restore it as it was.
    Restore(Box<Employee>),
}

/// The result of a [`BatchRow`].
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Not sent yet.
    Waiting,
    /// Sent, not answered yet.
    Asked,
    /// Done; holds the new record, if there is one.
    Done(Option<Box<Employee>>),
    /// The values were already set.
    Unchanged,
    /// Someone else changed the record; holds the current version.
    Conflict(Box<Employee>),
    /// Refused, with the reason.
    Refused(String),
    /// The record no longer exists.
    Gone,
    /// No answer, so it may have been done; a retry finds out.
    Unanswered,
}

impl Outcome {
    /// The error messages of the invalid values.
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

impl BatchRow {
    /// A row that was not sent yet.
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

    /// The person's name.
    pub fn name(&self) -> String {
        match (&self.before, &self.step) {
            (Some(person), _) | (None, Step::Restore(person)) => TableColumn::Name.of(person),
            (None, _) => format!("#{}", self.id),
        }
    }

    /// Whether it is a restore that is not finished.
    fn is_being_restored(&self) -> bool {
        matches!(
            (&self.step, &self.outcome),
            (Step::Restore(_), Outcome::Waiting | Outcome::Asked)
        )
    }

    /// The manager of a person to be restored.
    fn manager(&self) -> Option<EmployeeId> {
        match &self.step {
            Step::Restore(was) => was.details.manager(),
            Step::Change(_) | Step::Delete => None,
        }
    }

    /// Whether the record must be loaded first.
    fn is_unread(&self) -> bool {
        self.before.is_none() && !matches!(self.step, Step::Restore(_))
    }

    /// Whether the record is not loaded yet.
    fn is_missing(&self) -> bool {
        self.is_unread() && matches!(self.outcome, Outcome::Waiting | Outcome::Asked)
    }

    /// Whether it is finished.
    pub fn is_over(&self) -> bool {
        matches!(
            self.outcome,
            Outcome::Done(_) | Outcome::Unchanged | Outcome::Gone
        )
    }

    /// Whether its undo or redo is still open: it was not done, not answered, or met a conflict,
    /// which is resolved separately.
    pub fn is_undecided(&self) -> bool {
        match &self.outcome {
            Outcome::Waiting | Outcome::Unanswered => true,
            Outcome::Conflict(_) => matches!(self.step, Step::Change(_)),
            _ => false,
        }
    }

    /// Whether it is the unanswered `write`.
    pub fn awaits(&self, write: &PendingWrite) -> bool {
        let is_of = |before: &Employee| before.id == write.id && before.version == write.version;
        self.outcome == Outcome::Unanswered && self.before.as_deref().is_some_and(is_of)
    }

    /// Rebases it onto the current record, so that it is sent again, once, if the fields it sets
    /// are unchanged there.
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
    pub fn also_changed_by(&self, me: Option<&str>) -> Option<&str> {
        let newer = self.before.as_ref().filter(|_| self.rebased)?;
        Some(newer.updated_by.as_str()).filter(|by| Some(*by) != me)
    }

    /// Gives its outcome to a row that needs no request: its values are set already, or invalid.
    fn skip_needless(&mut self) {
        let (Some(before), Step::Change(changes), Outcome::Waiting) =
            (&self.before, &self.step, &self.outcome)
        else {
            return;
        };
        match changes.apply_to(&before.details) {
            Err(errors) => self.outcome = Outcome::unfit(&errors),
            Ok(_) if reads_as(before, changes) => self.outcome = Outcome::Unchanged,
            Ok(_) => {}
        }
    }

    /// The fields it changes, with old and new value.
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
    pub const MOST_RECORDS: usize = 10_000;

    /// Up to this many people, the number of reports is loaded; each needs a request.
    const WITH_REPORTS: usize = 20;

    /// A new batch in its first stage.
    pub fn new(
        number: u64,
        title: impl Into<String>,
        origin: BatchOrigin,
        rows: Vec<BatchRow>,
    ) -> Self {
        Self {
            number,
            title: title.into(),
            origin,
            rows,
            stage: Stage::Gathering,
            stopped: false,
            focus: 0,
            yes: false,
            typed: LineEdit::default(),
            reports: BTreeMap::new(),
            form: None,
        }
    }

    /// Whether it is an undo or redo of one record, which shows no dialog.
    pub fn is_single_step(&self) -> bool {
        self.rows.len() == 1
            && matches!(self.origin, BatchOrigin::Undo(_) | BatchOrigin::Redo(_))
            && !self.redoes_deletion()
    }

    /// How many rows have an outcome for which `is` returns `true`.
    pub fn count(&self, is: impl Fn(&Outcome) -> bool) -> usize {
        self.rows.iter().filter(|row| is(&row.outcome)).count()
    }

    /// How many records are loaded; once running, how many rows have a result.
    pub fn progress(&self) -> usize {
        match self.stage {
            Stage::Gathering => self.rows.iter().filter(|row| !row.is_missing()).count(),
            _ => self.count(|outcome| !matches!(outcome, Outcome::Waiting | Outcome::Asked)),
        }
    }

    /// How many rows are still to be sent, or sent again.
    pub fn to_send(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Waiting | Outcome::Unanswered))
    }

    /// Whether some results are unknown and must be checked before a retry.
    pub fn has_unknown_results(&self) -> bool {
        let is_sent_again = |row: &BatchRow| matches!(row.step, Step::Restore(_));
        self.rows
            .iter()
            .any(|row| row.outcome == Outcome::Unanswered && !is_sent_again(row))
    }

    /// Whether it is loading or running.
    pub fn is_under_way(&self) -> bool {
        matches!(self.stage, Stage::Gathering | Stage::Running)
    }

    /// Whether it waits for an answer: to run, or to go on with what was not done.
    pub fn has_question(&self) -> bool {
        match self.stage {
            Stage::Gathering | Stage::Running => false,
            Stage::Preview => true,
            Stage::Done => self.to_send() > 0,
        }
    }

    /// Whether Cancel and confirm are offered.
    pub fn has_choice(&self) -> bool {
        self.stage == Stage::Preview && self.to_send() > 0 && !self.asks_number()
    }

    /// Whether the number of people must be typed to confirm.
    pub fn asks_number(&self) -> bool {
        self.deletes() && self.to_send() >= MANY
    }

    /// Whether it deletes records.
    pub fn deletes(&self) -> bool {
        self.rows
            .first()
            .is_some_and(|row| row.step == Step::Delete)
    }

    /// The people to be deleted whose reports are counted, if they are few.
    pub fn managers(&self) -> impl Iterator<Item = EmployeeId> {
        let few = self.deletes() && self.rows.len() <= Self::WITH_REPORTS;
        self.rows
            .iter()
            .filter(move |row| few && row.outcome == Outcome::Waiting)
            .map(|row| row.id)
    }

    /// How many people report to the deleted ones without being deleted themselves.
    pub fn reports(&self) -> usize {
        let managers: HashSet<_> = self.managers().collect();
        let manager = |row: &BatchRow| {
            row.before
                .as_ref()
                .and_then(|before| before.details.manager())
        };
        let is_within = |row: &&BatchRow| {
            managers.contains(&row.id)
                && manager(row).is_some_and(|manager| self.reports.contains_key(&manager))
        };
        let within = self.rows.iter().filter(is_within).count();
        self.reports.values().sum::<usize>().saturating_sub(within)
    }

    /// Whether it is a redo that deletes; it asks again like the first time.
    pub fn redoes_deletion(&self) -> bool {
        self.deletes() && matches!(self.origin, BatchOrigin::Redo(_))
    }

    /// The next records to load.
    pub fn next_unread(&mut self) -> Vec<EmployeeId> {
        self.next(BatchRow::is_unread)
            .into_iter()
            .filter_map(|at| Some(self.rows.get(at)?.id))
            .collect()
    }

    /// The next rows to send.
    ///
    /// A restored person waits for a manager who is restored too, since the manager must exist. A
    /// cycle of managers starts anywhere.
    pub fn next_steps(&mut self) -> Vec<usize> {
        if self.stopped {
            return Vec::new();
        }
        let coming: HashSet<_> = self
            .rows
            .iter()
            .filter(|row| row.is_being_restored())
            .map(|row| row.id)
            .collect();
        let steps = self.next(|row| {
            row.manager()
                .is_none_or(|manager| !coming.contains(&manager))
        });
        // While answers are missing, one of them may bring the manager that the others wait for.
        if steps.is_empty() && !self.is_asking() {
            self.next(|_| true)
        } else {
            steps
        }
    }

    /// Picks waiting rows that are `fit`, up to the limit, and marks them as sent.
    fn next(&mut self, fit: impl Fn(&BatchRow) -> bool) -> Vec<usize> {
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

    /// Moves on to the preview once every record is loaded.
    pub fn end_gathering(&mut self) -> bool {
        if self.stage != Stage::Gathering || self.rows.iter().any(BatchRow::is_missing) {
            return false;
        }
        self.rows.iter_mut().for_each(BatchRow::skip_needless);
        self.stage = Stage::Preview;
        true
    }

    /// Prepares the waiting and unanswered rows for a retry.
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
