//! Which employees, in which order, from where: to and from the query string of `GET /employees`.

use std::fmt;
use std::str::FromStr;

use crate::employee::{Employee, EmployeeId, Field, Status};
use crate::field_error::{FieldError, Rule};
use crate::text;

/// What to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// The filter as it was typed; see [`Term`] for its language.
    pub q: String,
    /// Fields that must have this very value, but for case and accents.
    pub equals: Vec<(Field, String)>,
    /// In which order.
    pub sort: Sort,
    /// How much of it.
    pub window: Window,
}

/// How much of the list, from where.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Window {
    /// All of it.
    #[default]
    All,
    /// A page of at most `limit` records.
    Page {
        /// From 1 to [`Window::MAX_LIMIT`].
        limit: usize,
        /// Where it begins.
        start: Start,
    },
}

impl Window {
    /// The longest page.
    pub const MAX_LIMIT: usize = 1000;
}

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// After so many records of the list.
    Offset(usize),
    /// Where a `Link` of an earlier page says; only the server that wrote it can read it.
    Cursor(String),
    /// So that the page has this record, be it wherever in the list: after as many whole pages as come before it.
    Around {
        /// The record's.
        id: EmployeeId,
        /// After so many records where it is not in the list.
        otherwise: usize,
    },
}

/// A column by which records can be put in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// The number.
    Id,
    /// A field of which [`Field::is_sortable`] is true.
    Field(Field),
    /// The moment of the record's creation.
    Created,
    /// The moment of its last change.
    Updated,
}

impl Column {
    /// Every column, in the order in which tables show them.
    pub fn all() -> impl Iterator<Item = Self> {
        let fields = Field::ALL
            .into_iter()
            .filter(|field| field.is_sortable())
            .map(Self::Field);
        std::iter::once(Self::Id)
            .chain(fields)
            .chain([Self::Created, Self::Updated])
    }

    /// The name in a sort key.
    pub fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Field(field) => field.name(),
            Self::Created => "created",
            Self::Updated => "updated",
        }
    }

    /// Reads [`Column::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::all().find(|column| column.name() == name)
    }
}

/// One column and its direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SortKey {
    /// Which column.
    pub column: Column,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// Columns by which records are put in order, the weightiest first; what is equal in all is ordered by id.
///
/// Text is compared without case and accents, and a record without a value comes last in either direction.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Sort(Vec<SortKey>);

impl Sort {
    /// The most columns.
    pub const MAX_KEYS: usize = 4;

    /// Orders by one column.
    pub fn by(column: Column, descending: bool) -> Self {
        Self(vec![SortKey { column, descending }])
    }

    /// The columns, the weightiest first; none is the order of ids.
    pub fn keys(&self) -> &[SortKey] {
        &self.0
    }
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, key) in self.0.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            let minus = if key.descending { "-" } else { "" };
            write!(f, "{comma}{minus}{}", key.column.name())?;
        }
        Ok(())
    }
}

impl FromStr for Sort {
    type Err = (Rule, String);

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut keys: Vec<SortKey> = Vec::new();
        for part in text.split(',').filter(|part| !part.is_empty()) {
            let (descending, name) = part
                .strip_prefix('-')
                .map_or((false, part), |name| (true, name));
            let column = Column::from_name(name)
                .ok_or_else(|| (Rule::Unknown, format!("Sort by {}.", names_of_columns())))?;
            if keys.iter().any(|key| key.column == column) {
                return Err((Rule::Duplicate, format!("Name {} once.", column.name())));
            }
            keys.push(SortKey { column, descending });
        }
        if keys.len() > Self::MAX_KEYS {
            return Err((
                Rule::TooLong,
                format!("Sort by at most {} columns.", Self::MAX_KEYS),
            ));
        }
        Ok(Self(keys))
    }
}

fn names_of_columns() -> String {
    Column::all()
        .map(Column::name)
        .collect::<Vec<_>>()
        .join(", ")
}

/// One condition of a filter; a record must meet all of them.
///
/// The language, as it is typed: words are looked for in every field; `dept:eng` in one field, which may be
/// shortened; `!left` and `!dept:eng` must not be found; `"exact words"` keeps a space; `#7` and `id:7` are the person
/// with that id, and `mgr:7` those whose manager has it; `email:""` is a field without a value. Case and accents do not
/// matter. A field that is not known, as in `10:30`, is part of the word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Where to look.
    pub scope: Scope,
    /// What to look for, folded.
    pub text: String,
    /// Whether the whole value must be the text, or only have it in it.
    pub whole: bool,
    /// Whether a record that matches is left out.
    pub negated: bool,
}

/// Where a [`Term`] is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// In every field.
    Everywhere,
    /// In one field.
    Field(Field),
    /// It is the id.
    Id,
}

impl Scope {
    /// Whether this field is looked in.
    pub fn has(self, field: Field) -> bool {
        self == Self::Everywhere || self == Self::Field(field)
    }
}

impl Term {
    /// Whether a record meets the condition.
    pub fn matches(&self, record: &Employee) -> bool {
        let found = |field: Field| {
            let text = text::folded(&record.details.text(field));
            if self.whole {
                text == self.text
            } else {
                text.contains(&self.text)
            }
        };
        let found = match self.scope {
            Scope::Id => self.id() == Some(record.id),
            scope => Field::ALL
                .into_iter()
                .filter(|field| scope.has(*field))
                .any(found),
        };
        found != self.negated
    }

    /// The id that it looks for, if it is one.
    pub fn id(&self) -> Option<EmployeeId> {
        self.text.parse().ok()
    }

    /// What is wrong with it, in a sentence: nobody can be so.
    fn mistake(&self) -> Option<String> {
        let is_status = |status: &Status| match self.whole {
            true => status.as_str() == self.text,
            false => status.as_str().contains(&self.text),
        };
        match self.scope {
            Scope::Field(Field::Status) if !Status::ALL.iter().any(is_status) => {
                let [words @ .., last] = Status::ALL.map(Status::as_str);
                Some(format!("The status is {} or {last}.", words.join(", ")))
            }
            Scope::Field(Field::Manager) if !self.text.is_empty() && self.id().is_none() => {
                Some("A manager is looked for by id, as in mgr:7.".to_owned())
            }
            Scope::Id if self.id().is_none() => {
                Some("An id is a whole number, as in id:7.".to_owned())
            }
            _ => None,
        }
    }
}

impl Query {
    /// The conditions of [`Query::q`] and [`Query::equals`] together.
    pub fn terms(&self) -> Vec<Term> {
        let equals = self.equals.iter().map(|(field, value)| Term {
            scope: Scope::Field(*field),
            text: text::folded(&text::normalised(value)),
            whole: true,
            negated: false,
        });
        words(&self.q)
            .into_iter()
            .filter_map(term)
            .chain(equals)
            .collect()
    }

    /// What is wrong with the conditions, in a sentence: a name that is no field's, or what nobody can be. The words
    /// are looked for all the same, so whoever reads the answer should know.
    pub fn mistake(&self) -> Option<String> {
        let names = || Field::ALL.map(Field::short_name).join(", ");
        let unknown = unknown_field(&self.q)
            .map(|name| format!("There is no field {name}: they are id, {}.", names()));
        unknown.or_else(|| self.terms().iter().find_map(Term::mistake))
    }

    /// Reads a query string.
    ///
    /// # Errors
    /// Every parameter that is unknown, given twice, or out of range.
    pub fn parse(query: &str) -> Result<Self, Vec<FieldError>> {
        let mut parameters = Parameters::default();
        let mut errors = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if let Err((rule, message)) = parameters.take(&name, &value) {
                errors.push(FieldError::new(name, rule, message));
            }
        }
        match parameters.window() {
            Ok(window) if errors.is_empty() => Ok(Self {
                window,
                ..parameters.query
            }),
            Ok(_) => Err(errors),
            Err(error) => {
                errors.push(error);
                Err(errors)
            }
        }
    }

    /// The query string that [`Query::parse`] reads back.
    pub fn to_query_string(&self) -> String {
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        if !self.q.is_empty() {
            pairs.append_pair("q", &self.q);
        }
        for (field, value) in &self.equals {
            pairs.append_pair(field.name(), value);
        }
        if !self.sort.keys().is_empty() {
            pairs.append_pair("sort", &self.sort.to_string());
        }
        if let Window::Page { limit, start } = &self.window {
            pairs.append_pair("limit", &limit.to_string());
            match start {
                Start::Offset(0) => {}
                Start::Offset(offset) => _ = pairs.append_pair("offset", &offset.to_string()),
                Start::Cursor(cursor) => _ = pairs.append_pair("cursor", cursor),
                Start::Around { id, otherwise } => {
                    pairs
                        .append_pair("around", &id.to_string())
                        .append_pair("offset", &otherwise.to_string());
                }
            }
        }
        pairs.finish()
    }
}

/// A query string while it is read.
#[derive(Default)]
struct Parameters {
    query: Query,
    seen: Vec<String>,
    limit: Option<usize>,
    offset: Option<usize>,
    cursor: Option<String>,
    around: Option<EmployeeId>,
}

impl Parameters {
    fn take(&mut self, name: &str, value: &str) -> Result<(), (Rule, String)> {
        if self.seen.iter().any(|seen| seen == name) {
            return Err((Rule::Duplicate, "Give it once.".into()));
        }
        self.seen.push(name.to_owned());
        match name {
            "q" => self.query.q = value.to_owned(),
            "sort" => self.query.sort = value.parse()?,
            "limit" => self.limit = Some(number(value, 1, Window::MAX_LIMIT)?),
            "offset" => self.offset = Some(number(value, 0, usize::MAX)?),
            "cursor" => self.cursor = Some(value.to_owned()),
            "around" => {
                let id = value
                    .parse()
                    .map_err(|_| (Rule::Format, "Must be the id of an employee.".to_owned()))?;
                self.around = Some(id);
            }
            _ => {
                let field = Field::from_name(name)
                    .ok_or_else(|| (Rule::Unknown, "There is no such parameter.".to_owned()))?;
                self.query.equals.push((field, value.to_owned()));
            }
        }
        Ok(())
    }

    fn window(&mut self) -> Result<Window, FieldError> {
        let start = match (self.offset, self.cursor.take(), self.around) {
            (None, Some(cursor), None) => Start::Cursor(cursor),
            (_, Some(_), _) => {
                let message = "A cursor says where alone, without offset or around.";
                return Err(FieldError::new("cursor", Rule::Duplicate, message));
            }
            (offset, None, Some(id)) => Start::Around {
                id,
                otherwise: offset.unwrap_or(0),
            },
            (offset, None, None) => Start::Offset(offset.unwrap_or(0)),
        };
        match (self.limit, start) {
            (Some(limit), start) => Ok(Window::Page { limit, start }),
            (None, Start::Offset(0)) => Ok(Window::All),
            (None, _) => Err(FieldError::new(
                "limit",
                Rule::Required,
                "A page needs a limit.",
            )),
        }
    }
}

fn number(value: &str, least: usize, most: usize) -> Result<usize, (Rule, String)> {
    let digits = value.bytes().all(|b| b.is_ascii_digit());
    let number = digits
        .then(|| value.parse::<usize>().ok())
        .flatten()
        .filter(|n| (least..=most).contains(n));
    number.ok_or_else(|| match most {
        usize::MAX => (
            Rule::Format,
            format!("Must be a whole number from {least}."),
        ),
        _ => (
            Rule::Format,
            format!("Must be a whole number from {least} to {most}."),
        ),
    })
}

/// The words of a filter, split at white space outside quotation marks. An open quotation runs to the end.
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

/// The word that is being written at the end of a filter; empty where the next one would begin.
pub fn last_word(q: &str) -> &str {
    split(q).last().unwrap_or_default()
}

/// The first name before a colon in a filter that is no field's, though it looks like one.
pub fn unknown_field(q: &str) -> Option<&str> {
    let names = words(q)
        .into_iter()
        .filter_map(|word| word.strip_prefix('!').unwrap_or(word).split_once(':'));
    names.map(|(name, _)| name).find(|name| {
        let looks_like_one = !name.is_empty() && name.chars().all(char::is_alphabetic);
        looks_like_one && scope_called(name).is_none()
    })
}

/// One word of a filter; nothing where it is not finished, as `dept:` is while somebody types.
fn term(word: &str) -> Option<Term> {
    let (negated, word) = word
        .strip_prefix('!')
        .map_or((false, word), |rest| (true, rest));
    let (scope, value) = match (word.strip_prefix('#'), word.split_once(':')) {
        (Some(id), _) if id.parse::<EmployeeId>().is_ok() => (Scope::Id, id),
        (_, Some((name, value))) if !name.starts_with('"') => {
            scope_called(name).map_or((Scope::Everywhere, word), |scope| (scope, value))
        }
        _ => (Scope::Everywhere, word),
    };
    let mut text = text::folded(&text::normalised(&value.replace('"', "")));
    if let (Scope::Id | Scope::Field(Field::Manager), Ok(id)) = (scope, text.parse::<EmployeeId>())
    {
        text = id.to_string();
    }
    // `email:""` asks for no value; a lone `email:` or `!` asks for nothing yet. A part of an id is another's.
    let is_empty = matches!(scope, Scope::Field(_)) && value == "\"\"";
    let whole = is_empty || matches!(scope, Scope::Id | Scope::Field(Field::Manager));
    (is_empty || !text.is_empty()).then_some(Term {
        scope,
        text,
        whole,
        negated,
    })
}

/// Where a filter looks by `name`.
fn scope_called(name: &str) -> Option<Scope> {
    if text::folded(name) == Column::Id.name() {
        Some(Scope::Id)
    } else {
        field_called(name).map(Scope::Field)
    }
}

/// The field that a filter means by `name`: its name, a short form of it, or a beginning that no other field has.
pub fn field_called(name: &str) -> Option<Field> {
    let name = text::folded(name);
    if name.is_empty() {
        return None;
    }
    let called = Field::ALL
        .into_iter()
        .find(|field| field.name() == name || field.short_name() == name);
    let mut begun = Field::ALL
        .into_iter()
        .filter(|field| field.name().starts_with(&name));
    called.or_else(|| begun.next().filter(|_| begun.next().is_none()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::employee::Version;
    use jiff::Timestamp;
    use proptest::prelude::*;

    fn terms(q: &str) -> Vec<Term> {
        Query {
            q: q.into(),
            ..Query::default()
        }
        .terms()
    }

    fn plain(scope: Scope, text: &str, negated: bool) -> Term {
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
                plain(Scope::Everywhere, "beta", false),
                plain(Scope::Field(Field::Department), "eng", false),
                plain(Scope::Everywhere, "left", true),
                plain(Scope::Everywhere, "new york", false),
                plain(Scope::Field(Field::Location), "ha noi", false),
                plain(Scope::Field(Field::Status), "active", true),
            ]
        );
        assert_eq!(
            terms("mgr:5"),
            [Term {
                whole: true,
                ..plain(Scope::Field(Field::Manager), "5", false)
            }]
        );
    }

    #[test]
    fn an_id_is_all_of_it_however_it_is_written_and_a_sign_before_other_words_is_part_of_them() {
        assert_eq!(
            terms("#7 id:0012"),
            ["7", "12"].map(|id| Term {
                whole: true,
                ..plain(Scope::Id, id, false)
            })
        );
        assert_eq!(terms("#seven"), [plain(Scope::Everywhere, "#seven", false)]);
    }

    #[test]
    fn what_nobody_can_be_is_a_mistake_also_where_it_must_not_be() {
        let mistake = |q: &str| {
            Query {
                q: q.into(),
                ..Query::default()
            }
            .mistake()
        };
        for (q, told) in [
            (
                "status:lft dept:eng",
                "The status is active, leave or left.",
            ),
            ("!status:aktiv", "The status is active, leave or left."),
            ("!mgr:cas", "A manager is looked for by id, as in mgr:7."),
            ("id:seven", "An id is a whole number, as in id:7."),
        ] {
            assert_eq!(mistake(q).as_deref(), Some(told), "{q}");
        }
        assert!(
            mistake("!dpt:sales")
                .unwrap()
                .starts_with("There is no field dpt: they are id, first, last,")
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
            assert_eq!(mistake(q), None, "{q}");
        }
        let equals = vec![(Field::Status, "act".to_owned())];
        assert!(
            Query {
                equals,
                ..Query::default()
            }
            .mistake()
            .is_some(),
            "it must be all of the value"
        );
    }

    #[test]
    fn what_is_half_typed_asks_for_nothing() {
        for q in ["", "  ", "dept:", "!", "!dept:", "\"", "\"\"", "id:"] {
            assert_eq!(terms(q), [], "{q}");
        }
        assert_eq!(
            terms("\"New Yo"),
            [plain(Scope::Everywhere, "new yo", false)]
        );
    }

    #[test]
    fn an_unknown_field_is_part_of_the_word_and_two_quotes_are_no_value() {
        assert_eq!(terms("10:30"), [plain(Scope::Everywhere, "10:30", false)]);
        assert_eq!(
            terms("email:\"\""),
            [Term {
                scope: Scope::Field(Field::Email),
                text: String::new(),
                whole: true,
                negated: false
            }]
        );
        assert_eq!(field_called("l"), None);
        assert_eq!(unknown_field("10:30 dept:eng \"foo: bar\""), None);
        assert_eq!(unknown_field("eng !departmnt:x"), Some("departmnt"));
        for field in Field::ALL {
            assert_eq!(field_called(field.short_name()), Some(field));
        }
    }

    #[test]
    fn the_word_that_is_being_written_is_the_last_one() {
        assert_eq!(last_word("isla dept:\"res and"), "dept:\"res and");
        assert_eq!(last_word("isla "), "");
    }

    #[test]
    fn a_query_string_becomes_a_query() {
        let query =
            Query::parse("q=New+York&department=Research+%26+Development&sort=lastname,-hired&limit=50&offset=100")
                .unwrap();
        assert_eq!(
            query.equals,
            [(Field::Department, "Research & Development".to_owned())]
        );
        assert_eq!(query.sort.to_string(), "lastname,-hired");
        assert_eq!(
            query.window,
            Window::Page {
                limit: 50,
                start: Start::Offset(100)
            }
        );
    }

    #[test]
    fn every_wrong_parameter_is_named() {
        let errors = |q: &str| {
            Query::parse(q)
                .unwrap_err()
                .into_iter()
                .map(|e| (e.field, e.code))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            errors("limit=0&colour=red"),
            [
                ("limit".into(), Rule::Format),
                ("colour".into(), Rule::Unknown)
            ]
        );
        assert_eq!(errors("limit=1001"), [("limit".into(), Rule::Format)]);
        assert_eq!(errors("offset=5"), [("limit".into(), Rule::Required)]);
        assert_eq!(
            errors("limit=5&offset=1&cursor=x"),
            [("cursor".into(), Rule::Duplicate)]
        );
        assert_eq!(
            errors("limit=5&around=1&cursor=x"),
            [("cursor".into(), Rule::Duplicate)]
        );
        assert_eq!(
            errors("limit=5&around=0"),
            [("around".into(), Rule::Format)]
        );
        assert_eq!(errors("around=7"), [("limit".into(), Rule::Required)]);
        assert_eq!(errors("sort=notes"), [("sort".into(), Rule::Unknown)]);
        assert_eq!(errors("sort=id,-id"), [("sort".into(), Rule::Duplicate)]);
        assert_eq!(errors("q=a&q=b"), [("q".into(), Rule::Duplicate)]);
    }

    #[test]
    fn a_record_meets_all_conditions_or_is_not_found() {
        let mut changes = crate::Changes::default();
        for (field, text) in [
            (Field::Firstname, "Isla"),
            (Field::Lastname, "Bétancourt"),
            (Field::Department, "Engineering"),
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
        ] {
            assert!(!found(q), "{q}");
        }
    }

    fn any_start() -> impl Strategy<Value = Start> {
        prop_oneof![
            (0usize..99).prop_map(Start::Offset),
            "\\PC{1,9}".prop_map(Start::Cursor),
            (1u64..99, 0usize..99).prop_map(|(id, otherwise)| Start::Around {
                id: id.try_into().unwrap(),
                otherwise
            }),
        ]
    }

    proptest! {
        #[test]
        fn a_query_reads_back(q in ".{0,20}", value in ".{0,20}", limit in 1usize..1000, start in any_start(), descending: bool) {
            let query = Query {
                q,
                equals: vec![(Field::Title, value)],
                sort: Sort::by(Column::Updated, descending),
                window: Window::Page { limit, start },
            };
            prop_assert_eq!(Query::parse(&query.to_query_string()), Ok(query));
        }

        #[test]
        fn no_query_string_panics(text in ".{0,80}") {
            if let Ok(query) = Query::parse(&text) {
                let _ = query.terms();
            }
        }
    }
}
