//! The form of a record.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use roster_common::warning::about_hire_date;
use roster_common::{Changes, Employee, EmployeeId, Field, FieldError, Kind, Status};
use roster_common::{dates, typed};

use super::email_owner::EmailOwner;
use super::suggestions::{self, Suggestion, Suggestions};
use super::text::LineEdit;
use super::undo::UndoEntry;
use crate::format::people;

/// A form for a new record, for one record, or for many records.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    /// Its purpose.
    pub purpose: Purpose,
    /// The undo entry whose conflict it resolves, if any.
    pub undoing: Option<UndoEntry>,
    /// One line per field, in the order of [`Field::ALL`].
    pub lines: BTreeMap<Field, LineEdit>,
    /// Set if it edits only the focused field, in its cell of the table.
    pub cell: Option<Cell>,
    /// The focused field.
    pub focus: Field,
    /// Fields the user has left once; their errors are shown.
    pub visited: Vec<Field>,
    /// Fields edited here; for many records, also those to be cleared.
    pub touched: BTreeSet<Field>,
    /// The server's field errors; cleared when the value changes.
    pub refused: BTreeMap<Field, String>,
    /// A newer version of the record, which changed a field that was edited here too.
    pub newer: Option<Box<Employee>>,
    /// The suggestions for the focused field.
    pub suggestions: Suggestions,
    /// Values that no one has yet, as far as the server was asked.
    pub new_values: BTreeMap<Field, String>,
    /// Who else has the email address.
    pub email_owner: EmailOwner,
    /// Whether a request is in flight.
    pub saving: bool,
    /// Whether its answer was lost: it may be saved, so it is not sent again until that is known.
    pub lost: bool,
    /// Whether the record was read since and is unchanged, so that it can be sent again: its version
    /// makes sure that it takes effect once at most.
    pub unseen: bool,
    /// When an answer was first lost: the server knows the idempotency key for a day.
    pub lost_since: Option<Timestamp>,
    /// The date when it was opened, for relative dates like `yesterday`.
    pub today: Date,
}

/// A cell that is edited in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cell {
    /// Whether the next cell is edited once this one is saved.
    pub goes_on: bool,
}

/// What became of a newer version of the form's record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaughtUp {
    /// It is about another record or not newer, or the form is being saved.
    Ignored,
    /// The form shows it.
    Updated,
    /// It changed a field that was edited here too, so both have to be merged.
    Conflict,
}

/// What saving a form does.
#[derive(Debug, Clone, PartialEq)]
pub enum Purpose {
    /// Creates a record.
    Create {
        /// The idempotency key, which makes a repeat harmless.
        key: String,
    },
    /// Changes this record.
    Edit(Box<Employee>),
    /// Restores this record, which was deleted while the form was open, with the changes.
    Restore(Box<Employee>),
    /// Sets the edited fields of all these people.
    Many(Vec<EmployeeId>),
}

impl Form {
    /// An empty form.
    pub fn create(key: String, today: Date) -> Self {
        let mut form = Self::with(Purpose::Create { key }, today, |_| String::new());
        form.lines
            .insert(Field::Status, LineEdit::new(Status::default().as_str()));
        form
    }

    /// A form that holds a record.
    pub fn edit(employee: Employee, today: Date) -> Self {
        let details = employee.details.clone();
        Self::with(Purpose::Edit(Box::new(employee)), today, |field| {
            let text = details.text(field);
            if field.kind() == Kind::Person && !text.is_empty() {
                format!("#{text}")
            } else {
                text.into_owned()
            }
        })
    }

    /// A form that sets fields of many records.
    pub fn many(ids: Vec<EmployeeId>, today: Date) -> Self {
        Self {
            focus: Field::Title,
            ..Self::with(Purpose::Many(ids), today, |_| String::new())
        }
    }

    fn with(purpose: Purpose, today: Date, text: impl Fn(Field) -> String) -> Self {
        Self {
            purpose,
            undoing: None,
            lines: Field::ALL
                .into_iter()
                .map(|field| (field, LineEdit::new(text(field))))
                .collect(),
            cell: None,
            focus: Field::Firstname,
            visited: Vec::new(),
            touched: BTreeSet::new(),
            refused: BTreeMap::new(),
            newer: None,
            suggestions: Suggestions::default(),
            new_values: BTreeMap::new(),
            email_owner: EmailOwner::default(),
            saving: false,
            lost: false,
            unseen: false,
            lost_since: None,
            today,
        }
    }

    /// The person's name.
    pub fn name(&self) -> String {
        match &self.purpose {
            Purpose::Create { .. } => format!(
                "{} {}",
                self.text(Field::Firstname),
                self.text(Field::Lastname)
            ),
            Purpose::Edit(base) | Purpose::Restore(base) => base.details.full_name(),
            Purpose::Many(ids) => people(ids.len()),
        }
    }

    /// Whether it only exists below the conflict of an undo, and closes with it.
    pub fn is_behind_conflict(&self) -> bool {
        self.undoing.is_some() && self.visited.is_empty()
    }

    /// Whether it sets fields of several people, which are shown before they are saved.
    pub fn is_for_many(&self) -> bool {
        matches!(self.purpose, Purpose::Many(_))
    }

    /// The text in a field's line.
    pub fn text(&self, field: Field) -> &str {
        self.lines.get(&field).map_or("", LineEdit::text)
    }

    /// A field's value as the server takes it: an id, a date or the text.
    pub fn value(&self, field: Field) -> String {
        let text = self.text(field);
        let meant = match field.kind() {
            Kind::Person => suggestions::id_in(text).map(|id| id.to_string()),
            _ => typed::value(field, text, self.today).ok(),
        };
        meant.unwrap_or_else(|| text.to_owned())
    }

    /// The focused line.
    pub fn line(&mut self) -> &mut LineEdit {
        self.lines.entry(self.focus).or_default()
    }

    /// Records that the focused field was edited.
    pub fn mark_edited(&mut self) {
        self.note(self.focus);
    }

    /// In a form for many, an empty field means unchanged: undoing a typo must not clear it for
    /// everyone.
    fn note(&mut self, field: Field) {
        match self.text(field).trim().is_empty() {
            true => self.touched.remove(&field),
            false => self.touched.insert(field),
        };
        self.refused.remove(&field);
    }

    /// Whether a form for many leaves a field unchanged.
    pub fn keeps(&self, field: Field) -> bool {
        matches!(self.purpose, Purpose::Many(_)) && !self.touched.contains(&field)
    }

    /// Whether a form for many clears a field for everyone.
    pub fn clears(&self, field: Field) -> bool {
        self.can_clear(field) && !self.keeps(field)
    }

    /// Whether a form for many can clear the field: it is empty and optional.
    pub fn can_clear(&self, field: Field) -> bool {
        let may_be_empty = !matches!(field.kind(), Kind::Required | Kind::Status);
        may_be_empty
            && matches!(self.purpose, Purpose::Many(_))
            && self.text(field).trim().is_empty()
    }

    /// Toggles between clearing the focused field for everyone and leaving it unchanged.
    pub fn toggle_clear(&mut self) {
        if !self.touched.remove(&self.focus) {
            self.touched.insert(self.focus);
        }
    }

    /// Sets a field's text, as if it had been typed.
    pub fn put(&mut self, field: Field, text: impl Into<String>) {
        self.lines.entry(field).or_default().replace(text);
        self.note(field);
    }

    /// Updates the form to a newer version of its record, unless that changed a field that was
    /// edited here too: saving will then show a conflict. If the record was deleted and is back, the
    /// form changes it again.
    pub fn catch_up(&mut self, now: &Employee) -> CaughtUp {
        let (Purpose::Edit(base) | Purpose::Restore(base)) = &self.purpose else {
            return CaughtUp::Ignored;
        };
        let is_newer =
            base.id == now.id && base.version < now.version && !self.saving && !self.lost;
        let (mine, theirs) = (
            self.differences(base),
            Changes::between(&base.details, &now.details),
        );
        if !is_newer {
            return CaughtUp::Ignored;
        }
        if theirs.iter().any(|(field, _)| mine.get(field).is_some()) {
            // A record that is back is changed and not restored. The base stays the older version,
            // with which the conflict compares both sides.
            self.purpose = Purpose::Edit(base.clone());
            self.newer = Some(Box::new(now.clone()));
            return CaughtUp::Conflict;
        }
        // Only lines that nobody edits here are replaced, so no typed text or cursor is lost.
        let fresh = Self::edit(now.clone(), self.today);
        let changed = fresh
            .lines
            .into_iter()
            .filter(|(field, _)| theirs.get(*field).is_some());
        self.lines.extend(changed);
        self.purpose = fresh.purpose;
        self.newer = None;
        CaughtUp::Updated
    }

    /// Shows the manager's name, if the field still has that id.
    pub fn name_manager(&mut self, person: &Employee) {
        if suggestions::id_in(self.text(Field::Manager)) == Some(person.id) {
            self.lines
                .insert(Field::Manager, LineEdit::new(suggestions::line_of(person)));
        }
    }

    /// The values that differ from those of a record.
    pub fn differences(&self, record: &Employee) -> Changes {
        let mut changes = Changes::default();
        for field in Field::ALL {
            let value = self.value(field);
            if record.details.text(field) != value {
                changes.set(field, value);
            }
        }
        changes
    }

    /// The changes to send: all values of a new or restored record, the differences of an existing
    /// one, and the edited fields of many.
    pub fn changes(&self) -> Changes {
        let mut changes = Changes::default();
        for field in Field::ALL {
            let value = self.value(field);
            match &self.purpose {
                Purpose::Create { .. } | Purpose::Restore(_) if value.is_empty() => {}
                Purpose::Edit(base) if base.details.text(field) == value => {}
                Purpose::Many(_) if self.keeps(field) => {}
                _ => changes.set(field, value),
            }
        }
        changes
    }

    /// Whether closing the form would lose changes.
    pub fn is_changed(&self) -> bool {
        match &self.purpose {
            Purpose::Edit(_) | Purpose::Many(_) => !self.changes().is_empty(),
            Purpose::Restore(base) => !self.differences(base).is_empty(),
            Purpose::Create { .. } => self
                .changes()
                .iter()
                .any(|(field, _)| field != Field::Status),
        }
    }

    /// The error of a field, from validation or from the server.
    pub fn error(&self, field: Field) -> Option<String> {
        if self.keeps(field) {
            return None;
        }
        let text = self.text(field).trim();
        // Dates and people are typed in another form than they are stored, so their text is checked
        // before the value.
        let by_rule = match field.kind() {
            _ if text.is_empty() => None,
            Kind::Person => suggestions::id_in(text)
                .is_none()
                .then(|| "Choose a person from the list or enter an id.".to_owned()),
            _ => typed::value(field, text, self.today)
                .err()
                .map(|unclear| unclear.to_string()),
        };
        let by_rule = by_rule.or_else(|| {
            field
                .check(&self.value(field))
                .err()
                .map(|error| error.message)
        });
        by_rule.or_else(|| self.refused.get(&field).cloned())
    }

    /// A field's error, once it was left or saved: an incomplete address is not an error while it
    /// is typed.
    pub fn shown_error(&self, field: Field) -> Option<String> {
        self.visited
            .contains(&field)
            .then(|| self.error(field))
            .flatten()
    }

    /// Whether no one has the text of this field as a value yet: it may be a typo.
    pub fn is_new(&self, field: Field) -> bool {
        let new = self.new_values.get(&field);
        new.is_some_and(|new| new == self.text(field))
    }

    /// What is unusual about a field's value, though it may be saved.
    pub fn warning(&self, field: Field) -> Option<String> {
        match field {
            Field::Hired => {
                let hired = dates::read(self.text(field).trim(), self.today).ok()?;
                about_hire_date(hired, self.today).map(|warning| warning.message)
            }
            Field::Email => {
                let owner = self.email_owner.of(self.text(field).trim())?;
                Some(format!("{owner} has this email address, too."))
            }
            _ => None,
        }
    }

    /// The email address that the server must be asked about: a valid one that was edited here.
    pub fn unchecked_email(&self) -> Option<String> {
        let email = self.text(Field::Email).trim();
        let is_checked = match &self.purpose {
            Purpose::Create { .. } => false,
            Purpose::Edit(base) | Purpose::Restore(base) => base.details.email() == Some(email),
            Purpose::Many(_) => true,
        };
        let is_asked = self.email_owner.asked.is_some() || !self.email_owner.is_unknown(email);
        let is_valid = !email.is_empty() && Field::Email.check(email).is_ok();
        (is_valid && !is_checked && !is_asked).then(|| email.to_owned())
    }

    /// The first field with an error.
    pub fn first_error(&self) -> Option<Field> {
        Field::ALL
            .into_iter()
            .find(|field| self.error(*field).is_some())
    }

    /// Stores the server's field errors. Returns the messages that belong to no field.
    pub fn refuse(&mut self, errors: &[FieldError]) -> Vec<FieldError> {
        let (named, other): (Vec<_>, Vec<_>) = errors
            .iter()
            .cloned()
            .partition(|error| Field::from_name(&error.field).is_some());
        self.refused = named
            .into_iter()
            .filter_map(|error| Some((Field::from_name(&error.field)?, error.message)))
            .collect();
        self.visited = Field::ALL.to_vec();
        self.focus = self.first_error().unwrap_or(self.focus);
        self.suggestions.close();
        other
    }

    /// The suggestion to accept when leaving the field: the selected one.
    pub fn offered(&self) -> Option<&Suggestion> {
        let Suggestions { items, chosen, .. } = &self.suggestions;
        items.get((*chosen)?)
    }

    /// The text to search suggestions for; empty if the field was not edited.
    pub fn search_text(&self) -> &str {
        if self.touched.contains(&self.focus) {
            self.text(self.focus)
        } else {
            ""
        }
    }

    /// Whether the focused field has suggestions.
    pub fn can_suggest(&self) -> bool {
        match self.focus.kind() {
            Kind::Person => true,
            Kind::Required | Kind::Text | Kind::Lines | Kind::Email | Kind::Phone | Kind::Date => {
                self.focus.is_shared()
            }
            // Its few values are always visible.
            Kind::Status => false,
        }
    }
}
