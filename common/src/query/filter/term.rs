//! Conditions on text.

use super::Mistake;
use crate::employee::{Employee, EmployeeId, Field, Kind, Status};
use crate::import::status_named;
use crate::text;

/// A condition on text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Term {
    /// Where to look.
    pub scope: TermScope,
    /// What to look for, folded.
    pub text: String,
    /// Whether the whole value must match, or only contain the text.
    pub whole: bool,
}

/// Where a [`Term`] is searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TermScope {
    /// In every field.
    Everywhere,
    /// In one field.
    Field(Field),
    /// In the id.
    Id,
}

impl TermScope {
    /// Returns `true` if the field is searched.
    pub fn has(self, field: Field) -> bool {
        self == Self::Everywhere || self == Self::Field(field)
    }

    /// Returns `true` if the text must be an employee id.
    fn is_by_id(self) -> bool {
        match self {
            Self::Everywhere => false,
            Self::Field(field) => field.kind() == Kind::Person,
            Self::Id => true,
        }
    }
}

impl Term {
    /// Reads the value of a condition; `None` if it is incomplete, as in `dept:`.
    pub(super) fn read(scope: TermScope, value: &str) -> Option<Self> {
        let (is_exact, value) = match (scope, value.strip_prefix('=')) {
            (TermScope::Everywhere, _) | (_, None) => (false, value),
            (_, Some(value)) => (true, value),
        };
        let plain = value.replace('"', "");
        let text = text::normalised(&plain);
        let mut text = match scope {
            TermScope::Field(Field::Phone) => text::folded(&text::normalised_phone(&text)),
            _ => text::folded(&text),
        };
        let is_by_id = scope.is_by_id();
        let id = text.trim_start_matches('#').parse::<EmployeeId>();
        if let (true, Ok(id)) = (is_by_id, id) {
            text = id.to_string();
        }
        if let TermScope::Field(Field::Status) = scope {
            text = status_word(text, is_exact);
        }
        // `email:""` finds records without a value; a lone `email:` or `!` is still being typed.
        // Ids are compared as a whole, since a part of one is the id of somebody else.
        let is_empty = matches!(scope, TermScope::Field(_)) && value == "\"\"";
        (is_empty || !text.is_empty()).then_some(Self {
            scope,
            text,
            whole: is_empty || is_by_id || is_exact,
        })
    }

    /// Returns `true` if a record meets the condition.
    pub fn matches(&self, record: &Employee) -> bool {
        let meets = |value: &str, wanted: &str| match self.whole {
            true => value == wanted,
            false => value.contains(wanted),
        };
        let found = |field: Field| meets(&text::folded(&record.details.text(field)), &self.text);
        let has_phone = |digits: String| {
            let phone = text::phone_digits(&record.details.text(Field::Phone));
            phone.is_some_and(|phone| meets(&phone, &digits))
        };
        match self.scope {
            TermScope::Id => self.id() == Some(record.id),
            scope => {
                // Only the digits of a phone number count: `5550122` finds `555-0122`.
                let mut fields = Field::ALL.into_iter().filter(|field| scope.has(*field));
                fields.any(found) || self.phone_digits().is_some_and(has_phone)
            }
        }
    }

    /// The digits to look for in phone numbers, however those are written; `None` if the condition
    /// is not about phone numbers.
    pub fn phone_digits(&self) -> Option<String> {
        let is_searched = self.scope.has(Field::Phone);
        text::phone_digits(&self.text).filter(|_| is_searched)
    }

    /// The id to search for, if the text is one.
    pub fn id(&self) -> Option<EmployeeId> {
        self.text.parse().ok()
    }

    /// Why no record can meet the condition, if that is so.
    pub(in crate::query) fn mistake(&self) -> Option<Mistake> {
        match self.scope {
            TermScope::Everywhere => None,
            TermScope::Field(field) => self.mistake_about(field),
            TermScope::Id => self.id().is_none().then_some(Mistake::NoId),
        }
    }

    fn mistake_about(&self, field: Field) -> Option<Mistake> {
        match field.kind() {
            Kind::Status => {
                // Compared as in `matches`, so that `status:l`, which is still being typed, is no
                // mistake.
                let matches = |status: &Status| match self.whole {
                    true => status.as_str() == self.text,
                    false => status.as_str().contains(&self.text),
                };
                let is_known = Status::ALL.iter().any(matches);
                (!is_known).then(|| Mistake::UnknownStatus(self.text.clone()))
            }
            Kind::Person => {
                let is_right = self.text.is_empty() || self.id().is_some();
                (!is_right).then_some(Mistake::NoManagerId(field))
            }
            Kind::Required | Kind::Text | Kind::Lines | Kind::Email | Kind::Phone | Kind::Date => {
                None
            }
        }
    }
}

/// A word for a status, such as `on leave`, in the form that records have. A part of such a form
/// stays as it is, unless it must be the whole value.
fn status_word(text: String, is_exact: bool) -> String {
    let is_part = !is_exact
        && Status::ALL
            .iter()
            .any(|status| status.as_str().contains(&text));
    match status_named(&text) {
        Some(status) if !is_part => status.to_string(),
        _ => text,
    }
}
