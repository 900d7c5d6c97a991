//! One record as readers need it: its JSON, the text in which it is searched for, and where its values are.

use std::sync::LazyLock;

use memchr::memchr_iter;
use memchr::memmem::Finder;
use roster_common::employee::{Employee, EmployeeId, Field, Version};
use roster_common::text::folded;

/// Behind each field in a search text. No field has it, being a control character.
pub(super) const END: u8 = 0;

/// A record as readers need it.
#[derive(Clone)]
pub(super) struct Encoded {
    head: Head,
    json: Vec<u8>,
    text: String,
}

/// The part of a record that has one length.
#[derive(Clone, Copy)]
pub(super) struct Head {
    pub(super) id: EmployeeId,
    pub(super) version: Version,
    created: i64,
    updated: i64,
    /// Where the value of each field begins in the JSON.
    values: [u16; Field::ALL.len()],
}

impl Encoded {
    /// Writes the JSON and the search text of a record.
    pub(super) fn new(employee: &Employee) -> Self {
        let json = to_json(employee);
        let mut text = String::new();
        for field in Field::ALL {
            text.push_str(&folded(&employee.details.text(field)));
            text.push(char::from(END));
        }
        let head = Head {
            id: employee.id,
            version: employee.version,
            created: employee.created.as_millisecond(),
            updated: employee.updated.as_millisecond(),
            values: values(&json),
        };
        Self { head, json, text }
    }

    /// The record.
    pub(super) fn entry(&self) -> Entry<'_> {
        Entry { head: &self.head, json: &self.json, text: &self.text }
    }
}

/// A record as [`Employee`] serialises it.
pub(crate) fn to_json(employee: &Employee) -> Vec<u8> {
    // Numbers and texts can always be written to memory.
    serde_json::to_vec(employee).unwrap_or_default()
}

/// Finds the value of each field. The fields stand in the order of [`Field::ALL`], and no value can look like a
/// name, for its quotation marks are escaped.
fn values(json: &[u8]) -> [u16; Field::ALL.len()] {
    static MEMBERS: LazyLock<[Finder<'static>; Field::ALL.len()]> =
        LazyLock::new(|| Field::ALL.map(|field| Finder::new(member(field))));
    let mut from = 0;
    MEMBERS.each_ref().map(|member| {
        let rest = json.get(from..).unwrap_or_default();
        from += member.find(rest).map_or(0, |at| at + member.needle().len());
        u16::try_from(from).unwrap_or(u16::MAX)
    })
}

/// What stands before a field's value in the JSON.
fn member(field: Field) -> &'static str {
    match field {
        Field::Firstname => ",\"firstname\":",
        Field::Lastname => ",\"lastname\":",
        Field::Email => ",\"email\":",
        Field::Phone => ",\"phone\":",
        Field::Title => ",\"title\":",
        Field::Department => ",\"department\":",
        Field::Location => ",\"location\":",
        Field::Manager => ",\"manager\":",
        Field::Status => ",\"status\":",
        Field::Hired => ",\"hired\":",
        Field::Notes => ",\"notes\":",
    }
}

/// A record in its chunk.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) head: &'a Head,
    /// The record as it is answered.
    pub(super) json: &'a [u8],
    /// All its fields, folded, each with [`END`] behind it.
    pub(super) text: &'a str,
}

impl<'a> Entry<'a> {
    pub(super) fn id(&self) -> EmployeeId {
        self.head.id
    }

    pub(super) fn version(&self) -> Version {
        self.head.version
    }

    /// The millisecond of its creation.
    pub(super) fn created(&self) -> i64 {
        self.head.created
    }

    /// The millisecond of its last change.
    pub(super) fn updated(&self) -> i64 {
        self.head.updated
    }

    /// One field, folded.
    pub(super) fn folded(&self, field: Field) -> &'a str {
        let mut ends = memchr_iter(END, self.text.as_bytes());
        let index = field as usize;
        let start = if index == 0 { 0 } else { ends.nth(index - 1).map_or(0, |end| end + 1) };
        let end = ends.next().unwrap_or(start);
        self.text.get(start..end).unwrap_or_default()
    }

    /// The JSON of one field; not to be asked for the notes, of which nothing says where they end.
    pub(super) fn json(&self, field: Field) -> Option<&'a [u8]> {
        let index = field as usize;
        let next = Field::ALL.get(index + 1)?;
        let start = usize::from(*self.head.values.get(index)?);
        let end = usize::from(*self.head.values.get(index + 1)?).checked_sub(member(*next).len())?;
        self.json.get(start..end)
    }
}
