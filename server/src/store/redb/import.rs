//! Many new employees in one transaction.

use std::collections::{HashMap, HashSet};

use roster_common::employee::EmployeeId;
use roster_common::event::{Event, ImportEvent};
use roster_common::history::Deed;
use roster_common::problem::{FieldError, Rule};

use super::audit::Line;
use super::batch::{Batch, Fault};
use super::employees::{circle, new_employee, out_of_ids, unknown_manager};
use super::tables::meta;
use crate::store::{Commit, ImportRecord, Imported, Stamp};

/// What is known of one row.
type Verdict = Result<EmployeeId, FieldError>;

impl Batch<'_> {
    /// See [`crate::store::Store::import_employees`].
    pub(super) fn import_employees(
        &mut self,
        records: Vec<ImportRecord>,
        commit: Commit,
        stamp: &Stamp,
    ) -> Result<Imported, Fault> {
        let mut verdicts = give_ids(&records, self.next_employee()?);
        self.check_managers(&records, &mut verdicts)?;
        let written = match commit {
            Commit::IfAllGood => verdicts.iter().all(Result::is_ok),
            Commit::Good => true,
            Commit::Never => false,
        };
        if written {
            self.write_import(records, &verdicts, stamp)?;
        }
        let records = verdicts.into_iter().map(|verdict| verdict.map_err(|error| vec![error])).collect();
        Ok(Imported { records, written })
    }

    /// Refuses the rows whose managers are nobody, or form a circle: each row is looked at once, from the top
    /// of the file's hierarchies downwards.
    fn check_managers(&self, records: &[ImportRecord], verdicts: &mut [Verdict]) -> Result<(), Fault> {
        let ids: HashSet<EmployeeId> = verdicts.iter().flatten().copied().collect();
        let mut reports: HashMap<EmployeeId, Vec<usize>> = HashMap::new();
        let mut known = Vec::new();
        for (row, (record, verdict)) in records.iter().zip(&*verdicts).enumerate() {
            match record.details.manager() {
                _ if verdict.is_err() => {}
                Some(manager) if ids.contains(&manager) => reports.entry(manager).or_default().push(row),
                Some(manager) if self.employee(manager)?.is_none() => known.push((row, Some(unknown_manager()))),
                _ => known.push((row, None)),
            }
        }
        while let Some((row, error)) = known.pop() {
            let Some(verdict) = verdicts.get_mut(row) else { continue };
            let below = verdict.as_ref().ok().and_then(|id| reports.remove(id)).unwrap_or_default();
            known.extend(below.into_iter().map(|row| (row, error.as_ref().map(|_| unknown_manager()))));
            if let Some(error) = error {
                *verdict = Err(error);
            }
        }
        // Whoever has not been reached from a top has none.
        for row in reports.into_values().flatten() {
            if let Some(verdict) = verdicts.get_mut(row) {
                *verdict = Err(circle());
            }
        }
        Ok(())
    }

    fn write_import(&mut self, records: Vec<ImportRecord>, verdicts: &[Verdict], stamp: &Stamp) -> Result<(), Fault> {
        let good =
            records.into_iter().zip(verdicts).filter_map(|(record, v)| Some((*v.as_ref().ok()?, record.details)));
        let mut good: Vec<_> = good.collect();
        good.sort_unstable_by_key(|(id, _)| *id);
        let (Some((from, _)), Some((last, _))) = (good.first(), good.last()) else { return Ok(()) };
        let (from, count, by) = (*from, good.len() as u64, stamp.by.to_string());
        self.tell(Event::Imported(ImportEvent { from, count, by, at: stamp.at }));
        self.set_number(meta::NEXT_EMPLOYEE, last.get().saturating_add(1))?;
        self.audit(&Line::new(stamp, Deed::EmployeesImported).noting(format!("{count} created")))?;
        for (id, details) in good {
            self.put_employee(new_employee(id, details, stamp))?;
        }
        Ok(())
    }
}

/// The id of each row: the one that it asks for if that was never given and is asked for once, else the next
/// that no row asks for.
fn give_ids(records: &[ImportRecord], next: u64) -> Vec<Verdict> {
    let mut asked = HashMap::new();
    for (row, id) in records.iter().enumerate().filter_map(|(row, record)| Some((row, record.id?))) {
        asked.entry(id).or_insert(row);
    }
    let mut free = (next..).map_while(|number| EmployeeId::try_from(number).ok()).filter(|id| !asked.contains_key(id));
    let mut give = |(row, record): (usize, &ImportRecord)| match record.id {
        None => free.next().ok_or_else(out_of_ids),
        Some(id) if id.get() < next => Err(taken("This id has been given before.")),
        Some(id) if asked.get(&id) != Some(&row) => Err(taken("An earlier row has this id.")),
        Some(id) => Ok(id),
    };
    records.iter().enumerate().map(&mut give).collect()
}

fn taken(message: &str) -> FieldError {
    FieldError::new("id", Rule::Taken, message)
}
