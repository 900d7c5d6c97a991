//! Whom a row names as manager: somebody in the same file, by any of the names that the file has
//! for them, or an employee by id.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::cell::is_nothing;
use super::people::{Draft, ManagerRef};
use super::places::Places;
use crate::employee::EmployeeId;
use crate::text;

/// The people of a file who are named as managers.
#[derive(Debug, Clone, Default)]
pub(super) struct Managers {
    /// The fingerprints of the names in the column of managers, and who has them. A large file
    /// has many managers, so their names are not kept.
    found: HashMap<u64, Found>,
    /// Rows that are refused, or whose manager is, and that are somebody's manager.
    refused: HashSet<u64>,
    /// Who is not in the file, by the text that names them.
    elsewhere: HashMap<String, Elsewhere>,
}

/// Whom a text names that names nobody in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Elsewhere {
    /// This employee.
    One(EmployeeId),
    /// More than one employee.
    Several,
}

/// The readings of a text that names a manager, the most certain first: an email address, a number
/// or a name.
pub fn manager_names(text: &str) -> Vec<String> {
    let as_written = text.trim().to_owned();
    let mut names = vec![as_written];
    for candidate in candidates(text, false) {
        if !names.contains(&candidate) {
            names.push(candidate);
        }
    }
    names
}

/// The person who has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Found {
    /// How certain the name is: 0 is best. A personnel number wins over a login of the same text.
    rank: u8,
    line: u64,
    /// Whether another person has it as well.
    is_ambiguous: bool,
}

/// Why a manager is not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum ManagerFault {
    #[error(
        "Nobody in the file or in Roster has this name, address or number. Clear the cell, or write the manager's id in Roster like #17."
    )]
    Unknown,
    #[error("Several people have this name. Write an email address or a number.")]
    Ambiguous,
}

/// A number for a name in its compared form.
pub(super) fn fingerprint(key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

/// The forms under which a text may name a manager, the best first. Nothing for a text that names
/// nobody, and for an id of Roster, which is not looked up in the file.
pub(super) fn candidates(manager: &str, ids_are_rosters: bool) -> Vec<String> {
    if names_nobody(manager) || (ids_are_rosters && id(manager).is_some()) {
        return Vec::new();
    }
    let mut candidates = vec![key(manager)];
    if let Some(name) = first_of_distinguished_name(manager) {
        candidates.push(key(&name));
    }
    // `Ada Lovelace (1001)` and `Ada Lovelace <ada@example.com>`
    for (open, close) in [('<', '>'), ('(', ')'), ('[', ']')] {
        if let Some((before, inside)) = manager
            .strip_suffix(close)
            .and_then(|rest| rest.rsplit_once(open))
        {
            candidates.push(key(inside));
            candidates.push(key(before));
        }
    }
    // `1001 - Ada Lovelace`
    if let Some((before, after)) = manager.split_once(" - ") {
        candidates.push(key(before));
        candidates.push(key(after));
    }
    // `Ada Lovelace 1001`
    let is_number = |word: &str| {
        word.contains(|c: char| c.is_ascii_digit()) && word.chars().all(char::is_alphanumeric)
    };
    if let Some((before, after)) = manager
        .rsplit_once(' ')
        .filter(|(_, after)| is_number(after))
    {
        candidates.push(key(after));
        candidates.push(key(before));
    }
    candidates.retain(|candidate| !candidate.is_empty());
    candidates
}

/// The form in which names are compared: folded, `Last, First` turned round, and a number without
/// `#`, leading zeros and `.0`.
fn key(name: &str) -> String {
    let folded = text::folded(name.trim());
    let folded = match folded.split_once(',') {
        Some((last, first)) if !folded.contains('=') => format!("{first} {last}"),
        _ => folded,
    };
    let words = folded.split_whitespace().collect::<Vec<_>>().join(" ");
    let number = words.trim_start_matches('#');
    let number = number.strip_suffix(".0").unwrap_or(number);
    if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) {
        return number.trim_start_matches('0').to_owned();
    }
    words
}

fn names_nobody(manager: &str) -> bool {
    manager.is_empty() || is_nothing(manager) || manager.eq_ignore_ascii_case("NO_MANAGER")
}

/// An id of Roster: `17` or `#17`.
fn id(manager: &str) -> Option<EmployeeId> {
    manager.trim_start_matches('#').parse().ok()
}

/// The name in `CN=Ada Lovelace,OU=Staff,DC=example,DC=com` (RFC 4514).
fn first_of_distinguished_name(manager: &str) -> Option<String> {
    let (attribute, rest) = manager.split_once('=')?;
    if !["cn", "uid"]
        .iter()
        .any(|known| attribute.trim().eq_ignore_ascii_case(known))
    {
        return None;
    }
    let mut name = String::new();
    let mut characters = rest.chars();
    while let Some(c) = characters.next() {
        match c {
            // A comma that is part of the name is escaped: `CN=Lovelace\, Ada,OU=Staff`.
            '\\' => name.extend(characters.next()),
            ',' => break,
            c => name.push(c),
        }
    }
    Some(name)
}

/// Collects the managers while all rows are read.
pub(super) struct Collector<'s> {
    wanted: &'s HashSet<u64>,
    managers: Managers,
    /// The managers of managers, as texts.
    above: HashMap<u64, Box<str>>,
}

impl<'s> Collector<'s> {
    pub(super) fn new(wanted: &'s HashSet<u64>, elsewhere: HashMap<String, Elsewhere>) -> Self {
        Self {
            wanted,
            managers: Managers {
                elsewhere,
                ..Managers::default()
            },
            above: HashMap::new(),
        }
    }

    /// Notes a person under each of their names that somebody has as manager.
    pub(super) fn add(&mut self, draft: &Draft, places: &Places) {
        let line = draft.person.line;
        for (rank, name) in places.names_of(&draft.person.changes, &draft.row) {
            let key = fingerprint(&key(&name));
            if !self.wanted.contains(&key) {
                continue;
            }
            // Kept for managers only: `finish` follows refusals from manager to manager, and
            // everybody else is checked when their row is read.
            self.above
                .entry(line)
                .or_insert_with(|| draft.manager.as_str().into());
            let new = Found {
                rank,
                line,
                is_ambiguous: false,
            };
            let found = self.managers.found.entry(key).or_insert(new);
            if rank < found.rank {
                *found = new;
            } else if rank == found.rank && line != found.line {
                found.is_ambiguous = true;
            }
        }
    }

    /// Notes a refused row under the names that can still be read.
    pub(super) fn add_refused(&mut self, draft: &Draft, places: &Places) {
        self.add(draft, places);
        if self.above.contains_key(&draft.person.line) {
            self.managers.refused.insert(draft.person.line);
        }
    }

    /// All managers. Those below a refused one are refused, too.
    pub(super) fn finish(mut self, places: &Places) -> Managers {
        let mut reports: HashMap<u64, Vec<u64>> = HashMap::new();
        for (line, manager) in &self.above {
            match self.managers.named(*line, manager, places) {
                Ok(Some(ManagerRef::Line(above))) => reports.entry(above).or_default().push(*line),
                Ok(_) => {}
                Err(_) => {
                    self.managers.refused.insert(*line);
                }
            }
        }
        let mut to_visit: Vec<u64> = self.managers.refused.iter().copied().collect();
        // Each entry is removed when it is visited, so this ends even if people manage each other
        // in a circle.
        while let Some(line) = to_visit.pop() {
            for below in reports.remove(&line).into_iter().flatten() {
                if self.managers.refused.insert(below) {
                    to_visit.push(below);
                }
            }
        }
        self.managers
    }
}

impl Managers {
    /// The manager that a row on a line names; `None` if it names nobody or its own person.
    pub(super) fn named(
        &self,
        line: u64,
        manager: &str,
        places: &Places,
    ) -> Result<Option<ManagerRef>, ManagerFault> {
        if names_nobody(manager) {
            return Ok(None);
        }
        let candidates = candidates(manager, places.has_ids());
        let mut found = candidates
            .iter()
            .filter_map(|candidate| self.found.get(&fingerprint(candidate)));
        match found.next() {
            Some(Found {
                is_ambiguous: true, ..
            }) => Err(ManagerFault::Ambiguous),
            Some(found) if found.line == line => Ok(None),
            Some(found) => Ok(Some(ManagerRef::Line(found.line))),
            None => match id(manager) {
                // A number of a file with personnel numbers is one of these, and not an id.
                Some(id)
                    if places.has_ids() || !places.has_numbers() || manager.starts_with('#') =>
                {
                    Ok(Some(ManagerRef::Id(id)))
                }
                _ => match self.elsewhere.get(manager) {
                    Some(Elsewhere::One(id)) => Ok(Some(ManagerRef::Id(*id))),
                    Some(Elsewhere::Several) => Err(ManagerFault::Ambiguous),
                    None => Err(ManagerFault::Unknown),
                },
            },
        }
    }

    /// Returns `true` if the file has everybody with one of these fingerprints.
    pub(super) fn has_all(&self, fingerprints: &HashSet<u64>) -> bool {
        fingerprints.iter().all(|key| self.found.contains_key(key))
    }

    /// Returns `true` if the row of a manager is refused.
    pub(super) fn is_refused(&self, line: u64) -> bool {
        self.refused.contains(&line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manager_is_named_in_many_forms() {
        for (text, expected) in [
            ("Zoë Brandt", &["zoe brandt"][..]),
            ("Brandt,  Zoë", &["zoe brandt"]),
            ("ZOE@example.com", &["zoe@example.com"]),
            ("000001001", &["1001"]),
            ("1001.0", &["1001"]),
            (
                "Zoë Brandt (1001)",
                &["zoe brandt (1001)", "1001", "zoe brandt"],
            ),
            (
                "1001 - Zoë Brandt",
                &["1001 - zoe brandt", "1001", "zoe brandt"],
            ),
            (
                "Zoë Brandt EX1001",
                &["zoe brandt ex1001", "ex1001", "zoe brandt"],
            ),
            (
                "CN=Brandt\\, Zoë,OU=Staff,DC=example",
                &["cn=brandt\\, zoe,ou=staff,dc=example", "zoe brandt"],
            ),
            ("NO_MANAGER", &[]),
            ("n/a", &[]),
            ("", &[]),
        ] {
            assert_eq!(candidates(text, false), expected, "{text}");
        }
        assert!(candidates("#17", true).is_empty() && candidates("17", true).is_empty());
    }
}
