//! What only all rows of a file together tell: the order of its dates, who occurs several times,
//! and who is named as a manager.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::{io, mem};

use jiff::civil::Date;

use super::date::{self, DateOrder, DateReading};
use super::managers::{candidates, fingerprint};
use super::options::Options;
use super::places::{Places, value};
use super::report::ImportError;
use super::row::{RawRow, RowFault, Rows};
use crate::employee::Field;
use crate::parallel;

/// The facts of a file that reading its rows needs.
#[derive(Debug, Clone, Default)]
pub(super) struct Survey {
    /// Whether day or month comes first in its dates, if a row proves it.
    pub dates: Option<DateOrder>,
    /// The fingerprints of people who occur several times.
    pub repeated: HashSet<u64>,
    /// The fingerprints of the names of managers.
    pub managers: HashSet<u64>,
}

impl Survey {
    /// Reads all rows, those of a long file on several processors.
    ///
    /// # Errors
    /// If the file cannot be read, or is in an encoding that was not named.
    pub(super) fn of(
        rows: Rows<'_>,
        places: &Places,
        options: &Options,
    ) -> Result<Self, ImportError> {
        let (places, may_be_encoded) = (places.clone(), options.encoding.is_none());
        let today = options.today;
        let seen = move |row| Seen::of(row, &places, may_be_encoded, today);
        let mut survey = Self::default();
        let mut proofs = Proofs::default();
        let mut people = Fingerprints::default();
        for seen in parallel::map(rows, seen) {
            let seen = seen?;
            if let Some(person) = seen.person {
                people.push(person);
            }
            survey.managers.extend(seen.managers);
            proofs.join(seen.dates);
        }
        survey.repeated = people.repeated();
        survey.dates = options.dates.or(proofs.order());
        Ok(survey)
    }
}

/// The fingerprints of people: eight bytes each, in blocks. One list would be copied, and need twice
/// the memory, each time that it grows.
#[derive(Default)]
struct Fingerprints {
    /// Each of them sorted.
    full: Vec<Vec<u64>>,
    last: Vec<u64>,
}

/// How many fingerprints a block has.
const BLOCK: usize = 1 << 16;

impl Fingerprints {
    fn push(&mut self, fingerprint: u64) {
        if self.last.len() == BLOCK {
            self.finish_block();
        }
        self.last.push(fingerprint);
    }

    fn finish_block(&mut self) {
        self.last.sort_unstable();
        self.full.push(mem::take(&mut self.last));
    }

    /// Those that occur several times.
    fn repeated(mut self) -> HashSet<u64> {
        self.finish_block();
        let mut blocks: Vec<_> = self.full.into_iter().map(Vec::into_iter).collect();
        let firsts = blocks.iter_mut().enumerate();
        // The next of each block, the least of all on top.
        let mut nexts: BinaryHeap<_> = firsts
            .filter_map(|(block, rest)| Some(Reverse((rest.next()?, block))))
            .collect();
        let (mut before, mut repeated) = (None, HashSet::new());
        while let Some(Reverse((fingerprint, block))) = nexts.pop() {
            if before == Some(fingerprint) {
                repeated.insert(fingerprint);
            }
            before = Some(fingerprint);
            let next = blocks.get_mut(block).and_then(Iterator::next);
            nexts.extend(next.map(|next| Reverse((next, block))));
        }
        repeated
    }
}

/// What one row tells.
#[derive(Default)]
struct Seen {
    /// The fingerprint of the person.
    person: Option<u64>,
    /// The fingerprints of what may be meant by the text that names the manager.
    managers: Vec<u64>,
    dates: Proofs,
}

impl Seen {
    /// Fails if the whole file cannot be read. A row that cannot be read tells nothing.
    fn of(
        RawRow { line, cells }: RawRow,
        places: &Places,
        may_be_encoded: bool,
        today: Date,
    ) -> Result<Self, ImportError> {
        let row = match cells {
            Ok(row) => row,
            Err(RowFault::NotUtf8) if may_be_encoded => {
                return Err(ImportError::NotUtf8 { line });
            }
            Err(RowFault::Io(error)) => return Err(io::Error::other(error).into()),
            Err(_) => return Ok(Self::default()),
        };
        let mut dates = Proofs::default();
        for index in places.dates() {
            dates.add(value(&row, Some(index)), today);
        }
        let manager = value(&row, places.field(Field::Manager));
        let names = candidates(manager, places.has_ids());
        Ok(Self {
            person: places.fingerprint(&row),
            managers: names.iter().map(|name| fingerprint(name)).collect(),
            dates,
        })
    }
}

/// Whether dates were seen that can be read only with the day first, or with the month first.
#[derive(Debug, Default)]
struct Proofs {
    day_first: bool,
    month_first: bool,
}

impl Proofs {
    fn add(&mut self, text: &str, today: Date) {
        if let DateReading::One(_, Some(order)) = date::read(text, today) {
            match order {
                DateOrder::DayFirst => self.day_first = true,
                DateOrder::MonthFirst => self.month_first = true,
            }
        }
    }

    fn join(&mut self, others: Self) {
        self.day_first |= others.day_first;
        self.month_first |= others.month_first;
    }

    /// The order, if all proofs agree.
    fn order(&self) -> Option<DateOrder> {
        match (self.day_first, self.month_first) {
            (true, false) => Some(DateOrder::DayFirst),
            (false, true) => Some(DateOrder::MonthFirst),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_several_blocks_or_twice_in_one_is_repeated() {
        let mut fingerprints = Fingerprints::default();
        let all =
            (0..2 * BLOCK as u64 + 5).map(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let all: Vec<u64> = all.collect();
        let again = [all[3], all[BLOCK], all[2 * BLOCK + 4], all[3]];
        for fingerprint in all.iter().chain(&again) {
            fingerprints.push(*fingerprint);
        }
        assert_eq!(fingerprints.repeated(), again.into());
        assert!(Fingerprints::default().repeated().is_empty());
    }
}
