//! Who manages how many people: counted in the column of managers.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::num::NonZero;

use roster_common::api::FieldValue;
use roster_common::employee::{EmployeeId, Field, full_name};

use super::chunk::join;
use super::entry::Entry;
use super::{Directory, Matches};

impl Directory {
    /// The managers, those with the most reports first. Their names begin, in any order, like the
    /// words of `part`, a folded text. Counts only the reports in `among`, if given, which must
    /// have been found in this directory.
    pub(crate) fn managers(
        &self,
        among: Option<&Matches>,
        part: &str,
        limit: usize,
    ) -> Vec<FieldValue> {
        let mut counts: Vec<_> = self.reports(among).into_iter().collect();
        counts.sort_by_key(|(id, count)| (Reverse(*count), *id));
        let named = counts.into_iter().filter_map(|(id, count)| {
            let name = self.name_if_begins(id, part)?;
            Some(FieldValue {
                value: id.to_string(),
                count,
                label: Some(name),
            })
        });
        named.take(limit).collect()
    }

    /// Everybody who reports to a manager, in the order of their ids.
    pub(crate) fn reports_of(&self, manager: EmployeeId) -> Vec<EmployeeId> {
        let mut reports = Vec::new();
        for (number, versioned) in self.chunks.stamped().enumerate() {
            for (index, above) in versioned.chunk.managers().iter().enumerate() {
                if above.is_some_and(|above| above.get() == manager.get()) {
                    let entry = join(number, index).and_then(|slot| self.chunks.entry(slot));
                    reports.extend(entry.map(|entry| entry.id()));
                }
            }
        }
        reports
    }

    /// How many people report to each manager.
    fn reports(&self, among: Option<&Matches>) -> BTreeMap<NonZero<u64>, u64> {
        let mut reports = BTreeMap::new();
        for (number, versioned) in self.chunks.stamped().enumerate() {
            let chunk = &versioned.chunk;
            for (index, manager) in chunk.managers().iter().enumerate() {
                let is_alive = chunk.alive() >> index & 1 == 1;
                let counts = |found: &Matches| join(number, index).is_some_and(|at| found.has(at));
                if let Some(manager) = manager
                    && is_alive
                    && among.is_none_or(counts)
                {
                    *reports.entry(*manager).or_default() += 1;
                }
            }
        }
        reports
    }

    /// The full name of an employee, if a part of it begins with each word.
    fn name_if_begins(&self, id: NonZero<u64>, words: &str) -> Option<String> {
        let id = EmployeeId::try_from(id.get()).ok()?;
        let entry = self.chunks.entry(self.slot(id)?)?;
        let names = [Field::Firstname, Field::Lastname];
        let parts: Vec<_> = names
            .into_iter()
            .flat_map(|field| entry.folded(field).split(' '))
            .collect();
        let begins = |word: &str| parts.iter().any(|part| part.starts_with(word));
        if !words.split_whitespace().all(begins) {
            return None;
        }
        name_of(&entry)
    }

    /// The full name of an employee; `None` if they were deleted.
    pub(super) fn name(&self, id: NonZero<u64>) -> Option<String> {
        let id = EmployeeId::try_from(id.get()).ok()?;
        name_of(&self.chunks.entry(self.slot(id)?)?)
    }
}

fn name_of(entry: &Entry<'_>) -> Option<String> {
    let text = |field| serde_json::from_slice(entry.json(field)?).ok();
    let (first, last): (String, String) = (text(Field::Firstname)?, text(Field::Lastname)?);
    Some(full_name(&first, &last))
}
