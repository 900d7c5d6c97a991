//! The form of a record.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use roster_common::{Changes, Employee, EmployeeId, Field, FieldError, Kind, Status};

use super::suggestions::{self, Suggestion, Suggestions};
use super::text::LineEdit;
use super::undo::UndoEntry;
use crate::dates;
use crate::format::people;

/// A form for a new record, for one record, or for many records.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    /// Its purpose.
    pub purpose: Purpose,
    /// The undo entry whose conflict it resolves, if any.
    pub undoing: Option<UndoEntry>,
    /// One line a field, in the order of [`Field::ALL`].
    pub lines: BTreeMap<Field, LineEdit>,
    /// The field that is being written.
    pub focus: Field,
    /// Fields the user has left once; their errors are shown.
    pub visited: Vec<Field>,
    /// Fields edited here; for many records, also those to be cleared.
    pub touched: BTreeSet<Field>,
    /// The server's field errors; cleared when the value changes.
    pub refused: BTreeMap<Field, String>,
    /// What is offered for the field that is being written.
    pub suggestions: Suggestions,
    /// Whether a request is in flight.
    pub saving: bool,
    /// Whether its answer is lost: it may be saved, and is not sent again before that is known.
    pub lost: bool,
    /// When an answer was first lost: the key of a creation is known to the server for a day from then.
    pub lost_since: Option<Timestamp>,
    /// The day on which it was opened, from which `yesterday` is counted.
    pub today: Date,
}

/// What saving a form does.
#[derive(Debug, Clone, PartialEq)]
pub enum Purpose {
    /// A new record. The key makes a repeat harmless.
    Create {
        /// The idempotency key.
        key: String,
    },
    /// Changes of this record, as it was read.
    Edit(Box<Employee>),
    /// What is written here is set in all of these; the fields that nobody touches stay.
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
            focus: Field::Firstname,
            visited: Vec::new(),
            touched: BTreeSet::new(),
            refused: BTreeMap::new(),
            suggestions: Suggestions::default(),
            saving: false,
            lost: false,
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
            Purpose::Edit(base) => base.details.full_name(),
            Purpose::Many(ids) => people(ids.len()),
        }
    }

    /// Whether it only exists below the conflict of an undo, and closes with it.
    pub fn is_behind_conflict(&self) -> bool {
        self.undoing.is_some() && self.visited.is_empty()
    }

    /// What stands in a field's line.
    pub fn text(&self, field: Field) -> &str {
        self.lines.get(&field).map_or("", LineEdit::text)
    }

    /// A field's value: an id, a date or the text.
    pub fn value(&self, field: Field) -> String {
        let text = self.text(field);
        let meant = match field.kind() {
            Kind::Person => suggestions::id_in(text).map(|id| id.to_string()),
            Kind::Date => dates::read(text, self.today)
                .ok()
                .map(|date| date.to_string()),
            Kind::Required | Kind::Text | Kind::Email | Kind::Phone | Kind::Status => None,
        };
        meant.unwrap_or_else(|| text.to_owned())
    }

    /// The line that is being written.
    pub fn line(&mut self) -> &mut LineEdit {
        self.lines.entry(self.focus).or_default()
    }

    /// Notes that the field that is being written says something else now.
    pub fn touch(&mut self) {
        self.note(self.focus);
    }

    /// Where nothing stands any more, a form for many leaves what is in each: taking a slip back empties nothing.
    fn note(&mut self, field: Field) {
        match self.text(field).trim().is_empty() {
            true => self.touched.remove(&field),
            false => self.touched.insert(field),
        };
        self.refused.remove(&field);
    }

    /// Whether a form for many leaves a field as it is in each.
    pub fn keeps(&self, field: Field) -> bool {
        matches!(self.purpose, Purpose::Many(_)) && !self.touched.contains(&field)
    }

    /// Whether a form for many empties a field in all.
    pub fn clears(&self, field: Field) -> bool {
        self.can_clear(field) && !self.keeps(field)
    }

    /// Whether nothing stands in a field of a form for many that may be emptied in all.
    pub fn can_clear(&self, field: Field) -> bool {
        let may_be_empty = !matches!(field.kind(), Kind::Required | Kind::Status);
        may_be_empty
            && matches!(self.purpose, Purpose::Many(_))
            && self.text(field).trim().is_empty()
    }

    /// Empties the field that is being written in all, or leaves it is after all.
    pub fn toggle_clear(&mut self) {
        if !self.touched.remove(&self.focus) {
            self.touched.insert(self.focus);
        }
    }

    /// Writes a value into a field, as if somebody had typed it.
    pub fn put(&mut self, field: Field, text: impl Into<String>) {
        self.lines.entry(field).or_default().replace(text);
        self.note(field);
    }

    /// Takes in a newer state of its record, unless somebody has written in a field that has changed: that is for them
    /// to say once they save. Whether it did.
    pub fn catch_up(&mut self, now: &Employee) -> bool {
        let Purpose::Edit(base) = &self.purpose else {
            return false;
        };
        let is_newer =
            base.id == now.id && base.version < now.version && !self.saving && !self.lost;
        let (mine, theirs) = (
            self.changes(),
            Changes::between(&base.details, &now.details),
        );
        if !is_newer || theirs.iter().any(|(field, _)| mine.get(field).is_some()) {
            return false;
        }
        let fresh = Self::edit(now.clone(), self.today);
        let changed = fresh
            .lines
            .into_iter()
            .filter(|(field, _)| theirs.get(*field).is_some());
        self.lines.extend(changed);
        self.purpose = fresh.purpose;
        true
    }

    /// Shows the manager's name, if the line still means that person.
    pub fn name_manager(&mut self, person: &Employee) {
        if suggestions::id_in(self.text(Field::Manager)) == Some(person.id) {
            self.lines
                .insert(Field::Manager, LineEdit::new(suggestions::line_of(person)));
        }
    }

    /// What the form asks to set: every value of a new record, the differences of one that exists, and for many what
    /// somebody has written.
    pub fn changes(&self) -> Changes {
        let mut changes = Changes::default();
        for field in Field::ALL {
            let value = self.value(field);
            match &self.purpose {
                Purpose::Create { .. } if value.is_empty() => {}
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
        let by_rule = match field.kind() {
            _ if text.is_empty() => None,
            Kind::Date => dates::read(text, self.today)
                .err()
                .map(|unclear| unclear.to_string()),
            Kind::Person => suggestions::id_in(text)
                .is_none()
                .then(|| "Choose a person from the list or enter an id.".to_owned()),
            Kind::Required | Kind::Text | Kind::Email | Kind::Phone | Kind::Status => None,
        };
        let by_rule = by_rule.or_else(|| {
            field
                .check(&self.value(field))
                .err()
                .map(|error| error.message)
        });
        by_rule.or_else(|| self.refused.get(&field).cloned())
    }

    /// What is wrong with a field, once the person has had the time to write it: an address is none until its
    /// last letter.
    pub fn shown_error(&self, field: Field) -> Option<String> {
        self.visited
            .contains(&field)
            .then(|| self.error(field))
            .flatten()
    }

    /// The first field with an error.
    pub fn first_error(&self) -> Option<Field> {
        Field::ALL
            .into_iter()
            .find(|field| self.error(*field).is_some())
    }

    /// Notes what the server refuses; what belongs to no field is given back.
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

    /// What is taken of the list on the way to the next field: what is chosen; and where only a person will do and none
    /// is written yet, the first who goes with the words.
    pub fn offered(&self) -> Option<&Suggestion> {
        let Suggestions { items, chosen, .. } = &self.suggestions;
        let words = self.text(self.focus).trim();
        let is_wanted = self.focus.kind() == Kind::Person
            && !words.is_empty()
            && suggestions::id_in(words).is_none();
        let first = (is_wanted && !self.suggestions.is_outdated()).then_some(0);
        items.get(chosen.or(first)?)
    }

    /// What is looked for among the values of others: nothing in particular where nobody has written in the field yet.
    pub fn sought(&self) -> &str {
        if self.touched.contains(&self.focus) {
            self.text(self.focus)
        } else {
            ""
        }
    }

    /// Whether values can be offered for the field that is being written.
    pub fn can_suggest(&self) -> bool {
        match self.focus.kind() {
            Kind::Person => true,
            Kind::Required | Kind::Text | Kind::Email | Kind::Phone | Kind::Date => {
                self.focus.is_shared()
            }
            // Its few values are all in view.
            Kind::Status => false,
        }
    }
}
