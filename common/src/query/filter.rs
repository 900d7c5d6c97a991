//! The filter language: which records a list contains.

use crate::employee::{Employee, EmployeeId, Field, Kind, Status};
use crate::import::status_named;
use crate::text;

/// One condition of a filter; a record must meet all of them.
///
/// In the filter language a plain word is searched for in every field and `dept:eng` in one field,
/// whose name may be shortened. `!left` and `!dept:eng` exclude what they match. `"exact words"`
/// keeps its spaces. `#7` and `id:7` find the person with that id, `mgr:7` the people whose manager
/// has it, and `email:""` the records without a value. Case and accents are ignored, and so is how
/// a phone number is written. A prefix that is no field, as in `10:30`, is part of the word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Where to look.
    pub scope: TermScope,
    /// What to look for, folded.
    pub text: String,
    /// Whether the whole value must match, or only contain the text.
    pub whole: bool,
    /// Whether matching records are excluded.
    pub negated: bool,
}

/// Where a [`Term`] is searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
        let found = match self.scope {
            TermScope::Id => self.id() == Some(record.id),
            scope => {
                let mut fields = Field::ALL.into_iter().filter(|field| scope.has(*field));
                fields.any(found) || self.phone_digits().is_some_and(has_phone)
            }
        };
        found != self.negated
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

    /// What is wrong with the condition, as a sentence, if no record can meet it.
    pub(super) fn warning(&self) -> Option<String> {
        match self.scope {
            TermScope::Everywhere => None,
            TermScope::Field(field) => self.warning_about(field),
            TermScope::Id => self
                .id()
                .is_none()
                .then(|| "An id is a whole number, like id:7.".to_owned()),
        }
    }

    fn warning_about(&self, field: Field) -> Option<String> {
        match field.kind() {
            Kind::Status => {
                let matches = |status: &Status| {
                    if self.whole {
                        status.as_str() == self.text
                    } else {
                        status.as_str().contains(&self.text)
                    }
                };
                if Status::ALL.iter().any(matches) {
                    return None;
                }
                let [words @ .., last] = Status::ALL.map(Status::as_str);
                Some(format!(
                    "Unknown {field} \"{}\". Use {} or {last}.",
                    text::excerpt(&self.text, 40),
                    words.join(", ")
                ))
            }
            Kind::Person => {
                if self.text.is_empty() || self.id().is_some() {
                    return None;
                }
                let name = field.short_name();
                Some(format!("{name}: needs an id, like {name}:7."))
            }
            Kind::Required | Kind::Text | Kind::Lines | Kind::Email | Kind::Phone | Kind::Date => {
                None
            }
        }
    }
}

/// The conditions of a filter.
pub(super) fn terms(q: &str) -> impl Iterator<Item = Term> {
    words(q).into_iter().filter_map(term)
}

/// The words of a filter, split at white space outside quotation marks. An unclosed quotation runs
/// to the end.
fn words(q: &str) -> Vec<&str> {
    split(q).filter(|word| !word.is_empty()).collect()
}

fn split(q: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    q.split(move |c: char| {
        quoted ^= c == '"';
        !quoted && c.is_whitespace()
    })
}

/// The word being typed at the end of a filter; empty after a space.
pub fn last_word(q: &str) -> &str {
    split(q).last().unwrap_or_default()
}

/// The first unknown field name before a colon, if one looks like a field.
pub fn unknown_field(q: &str) -> Option<&str> {
    let names = words(q)
        .into_iter()
        .filter_map(|word| word.strip_prefix('!').unwrap_or(word).split_once(':'));
    names.map(|(name, _)| name).find(|name| {
        let looks_like_one = !name.is_empty() && name.chars().all(char::is_alphabetic);
        looks_like_one && scope_named(name).is_none()
    })
}

/// Parses one word of a filter; `None` if it is incomplete, like `dept:`.
fn term(word: &str) -> Option<Term> {
    let (negated, word) = word
        .strip_prefix('!')
        .map_or((false, word), |rest| (true, rest));
    let (scope, value) = match (word.strip_prefix('#'), word.split_once(':')) {
        (Some(id), _) if id.parse::<EmployeeId>().is_ok() => (TermScope::Id, id),
        (_, Some((name, value))) if !name.starts_with('"') => {
            scope_named(name).map_or((TermScope::Everywhere, word), |scope| (scope, value))
        }
        _ => (TermScope::Everywhere, word),
    };
    let mut text = text::folded(&text::normalised(&value.replace('"', "")));
    let is_by_id = scope.is_by_id();
    if let (true, Ok(id)) = (is_by_id, text.parse::<EmployeeId>()) {
        text = id.to_string();
    }
    if let TermScope::Field(Field::Status) = scope {
        text = status_word(text);
    }
    // `email:""` finds records without a value; a lone `email:` or `!` is still being typed. Ids
    // are compared as a whole, since a part of one is the id of somebody else.
    let is_empty = matches!(scope, TermScope::Field(_)) && value == "\"\"";
    let whole = is_empty || is_by_id;
    (is_empty || !text.is_empty()).then_some(Term {
        scope,
        text,
        whole,
        negated,
    })
}

/// A word for a status, such as `on leave`, in the form that records have. A part of such a form
/// stays as it is.
fn status_word(text: String) -> String {
    let is_part = Status::ALL
        .iter()
        .any(|status| status.as_str().contains(&text));
    match status_named(&text) {
        Some(status) if !is_part => status.to_string(),
        _ => text,
    }
}

/// The scope that a name before a colon selects.
fn scope_named(name: &str) -> Option<TermScope> {
    if text::folded(name) == "id" {
        Some(TermScope::Id)
    } else {
        field_named(name).map(TermScope::Field)
    }
}

/// The field of this name, short name, or unambiguous prefix of a name.
pub fn field_named(name: &str) -> Option<Field> {
    let name = text::folded(name);
    if name.is_empty() {
        return None;
    }
    let exact = Field::ALL
        .into_iter()
        .find(|field| field.name() == name || field.short_name() == name);
    let mut by_prefix = Field::ALL
        .into_iter()
        .filter(|field| field.name().starts_with(&name));
    exact.or_else(|| {
        let only = by_prefix.next();
        only.filter(|_| by_prefix.next().is_none())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::employee::Version;
    use crate::query::Query;
    use jiff::Timestamp;

    fn terms(q: &str) -> Vec<Term> {
        Query {
            q: q.into(),
            ..Query::default()
        }
        .terms()
    }

    fn plain(scope: TermScope, text: &str, negated: bool) -> Term {
        Term {
            scope,
            text: text.into(),
            whole: false,
            negated,
        }
    }

    #[test]
    fn the_filter_language() {
        assert_eq!(
            terms(r#"Béta dept:Eng !left "New York" loc:"hà nội" !st:active"#),
            [
                plain(TermScope::Everywhere, "beta", false),
                plain(TermScope::Field(Field::Department), "eng", false),
                plain(TermScope::Everywhere, "left", true),
                plain(TermScope::Everywhere, "new york", false),
                plain(TermScope::Field(Field::Location), "ha noi", false),
                plain(TermScope::Field(Field::Status), "active", true),
            ]
        );
        assert_eq!(
            terms("mgr:5"),
            [Term {
                whole: true,
                ..plain(TermScope::Field(Field::Manager), "5", false)
            }]
        );
    }

    #[test]
    fn an_id_term_matches_the_whole_id() {
        assert_eq!(
            terms("#7 id:0012"),
            ["7", "12"].map(|id| Term {
                whole: true,
                ..plain(TermScope::Id, id, false)
            })
        );
        assert_eq!(
            terms("#seven"),
            [plain(TermScope::Everywhere, "#seven", false)]
        );
    }

    #[test]
    fn a_status_is_found_by_other_words_for_it() {
        let status = |q: &str| terms(q)[0].text.clone();
        assert_eq!(status("status:\"On leave\""), "leave");
        assert_eq!(status("status:terminated"), "left");
        assert_eq!(status("!st:aktiv"), "active");
        assert_eq!(status("status:l"), "l");
    }

    #[test]
    fn an_impossible_condition_is_warned_about_even_if_negated() {
        let warning = |q: &str| {
            Query {
                q: q.into(),
                ..Query::default()
            }
            .warning()
        };
        for (q, told) in [
            (
                "status:lft dept:eng",
                "Unknown status \"lft\". Use active, leave or left.",
            ),
            (
                "!status:asleep",
                "Unknown status \"asleep\". Use active, leave or left.",
            ),
            ("!mgr:cas", "mgr: needs an id, like mgr:7."),
            ("id:seven", "An id is a whole number, like id:7."),
        ] {
            assert_eq!(warning(q).as_deref(), Some(told), "{q}");
        }
        assert!(
            warning("!dpt:sales")
                .unwrap()
                .starts_with("Unknown field \"dpt\". The fields are id, first, last,")
        );
        for q in [
            "",
            "status:l",
            "st:leave !status:left",
            "mgr:7 mgr:\"\"",
            "\"foo:bar\"",
            "10:30",
            "id:",
            "#x",
        ] {
            assert_eq!(warning(q), None, "{q}");
        }
        let equals = vec![(Field::Status, "act".to_owned())];
        assert!(
            Query {
                equals,
                ..Query::default()
            }
            .warning()
            .is_some(),
            "it must be all of the value"
        );
    }

    #[test]
    fn a_half_typed_term_is_ignored() {
        for q in ["", "  ", "dept:", "!", "!dept:", "\"", "\"\"", "id:"] {
            assert_eq!(terms(q), [], "{q}");
        }
        assert_eq!(
            terms("\"New Yo"),
            [plain(TermScope::Everywhere, "new yo", false)]
        );
    }

    #[test]
    fn an_unknown_field_is_part_of_the_word_and_two_quotes_are_no_value() {
        assert_eq!(
            terms("10:30"),
            [plain(TermScope::Everywhere, "10:30", false)]
        );
        assert_eq!(
            terms("email:\"\""),
            [Term {
                scope: TermScope::Field(Field::Email),
                text: String::new(),
                whole: true,
                negated: false
            }]
        );
        assert_eq!(field_named("l"), None);
        assert_eq!(unknown_field("10:30 dept:eng \"foo: bar\""), None);
        assert_eq!(unknown_field("eng !departmnt:x"), Some("departmnt"));
        for field in Field::ALL {
            assert_eq!(field_named(field.short_name()), Some(field));
        }
    }

    #[test]
    fn the_word_being_typed_is_the_last_one() {
        assert_eq!(last_word("isla dept:\"res and"), "dept:\"res and");
        assert_eq!(last_word("isla "), "");
    }

    #[test]
    fn a_record_must_meet_all_conditions() {
        let mut changes = crate::Changes::default();
        for (field, text) in [
            (Field::Firstname, "Isla"),
            (Field::Lastname, "Bétancourt"),
            (Field::Department, "Engineering"),
            (Field::Phone, "+49 (30) 555-0122"),
            (Field::Notes, "Prefers tea.\nWorks from home."),
        ] {
            changes.set(field, text);
        }
        let record = Employee {
            id: 7.try_into().unwrap(),
            details: changes.to_details().unwrap(),
            version: Version::FIRST,
            created: Timestamp::UNIX_EPOCH,
            updated: Timestamp::UNIX_EPOCH,
            updated_by: "ada".into(),
        };
        let found = |q: &str| terms(q).iter().all(|term| term.matches(&record));
        for q in [
            "",
            "betan isla",
            "dept:eng",
            "!left",
            "email:\"\"",
            "!first:bob",
            "#7",
            "id:7",
            "!#8",
            "5550122",
            "phone:555.01",
            "\"(30) 555\" !49555",
            "phone:٥٥٥٠١٢٢",
            "\"tea. works\"",
        ] {
            assert!(found(q), "{q}");
        }
        for q in [
            "bob",
            "dept:eng !isla",
            "last:isla",
            "dept:\"\"",
            "\"isla betan\"",
            "#70",
            "id:x",
            "!id:7",
            "#seven",
            "title:5550122",
            "!5550122",
            "phone:4930-5551",
        ] {
            assert!(!found(q), "{q}");
        }
    }
}
