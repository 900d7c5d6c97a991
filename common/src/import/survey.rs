//! What only all rows of a file together tell: the order of its dates, who occurs several times,
//! and who is named as a manager.

use std::collections::HashSet;
use std::io;

use jiff::civil::Date;

use super::date::{self, DateOrder, DateReading};
use super::managers::{candidates, fingerprint};
use super::options::Options;
use super::places::{Places, value};
use super::report::ImportError;
use super::row::{RawRow, RowFault, Rows};
use crate::employee::Field;

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
    /// Reads all rows.
    pub(super) fn of(
        rows: Rows<'_>,
        places: &Places,
        options: &Options,
    ) -> Result<Self, ImportError> {
        let mut survey = Self::default();
        let mut proofs = Proofs::default();
        // Eight bytes per person; sorted at the end, the repeated ones are neighbours.
        let mut fingerprints = Vec::new();
        for RawRow { line, cells } in rows {
            let row = match cells {
                Ok(row) => row,
                Err(RowFault::NotUtf8) if options.encoding.is_none() => {
                    return Err(ImportError::NotUtf8 { line });
                }
                Err(RowFault::Io(error)) => return Err(io::Error::other(error).into()),
                Err(_) => continue,
            };
            fingerprints.extend(places.fingerprint(&row));
            for index in places.dates() {
                proofs.add(value(&row, Some(index)), options.today);
            }
            let manager = value(&row, places.field(Field::Manager));
            let names = candidates(manager, places.has_ids());
            survey
                .managers
                .extend(names.iter().map(|name| fingerprint(name)));
        }
        fingerprints.sort_unstable();
        let pairs = fingerprints
            .windows(2)
            .filter(|pair| pair.first() == pair.last());
        survey.repeated = pairs.filter_map(|pair| pair.first().copied()).collect();
        survey.dates = options.dates.or(proofs.order());
        Ok(survey)
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

    /// The order, if all proofs agree.
    fn order(&self) -> Option<DateOrder> {
        match (self.day_first, self.month_first) {
            (true, false) => Some(DateOrder::DayFirst),
            (false, true) => Some(DateOrder::MonthFirst),
            _ => None,
        }
    }
}
