//! Many new employees in one transaction.

use std::collections::{HashMap, HashSet};

use roster_common::employee::EmployeeId;
use roster_common::event::{Event, ImportEvent};
use roster_common::history::Deed;
use roster_common::problem::{FieldError, Rule};

use super::audit::Line;
use super::batch::{Batch, Fault};
use super::employees::{circle, out_of_ids, unknown_manager};
use super::tables::meta;
use crate::store::import::NewEmployees;
use crate::store::{Commit, ImportRecord, ImportRecords, Imported, Stamp};

/// What is known of one row.
type Verdict = Result<EmployeeId, Box<FieldError>>;

/// What one row asks for that other rows may stand against.
struct Wish {
    id: Option<EmployeeId>,
    manager: Option<EmployeeId>,
}

impl Batch<'_> {
    /// See [`crate::store::Store::import_employees`].
    pub(super) fn import_employees(
        &mut self,
        records: ImportRecords,
        commit: Commit,
        stamp: &Stamp,
    ) -> Result<Imported, Fault> {
        let wish = |ImportRecord { id, details }| Wish {
            id,
            manager: details.manager(),
        };
        let wishes: Vec<Wish> = records.iter().map(wish).collect();
        let mut verdicts = give_ids(&wishes, self.next_employee()?);
        self.check_managers(&wishes, &mut verdicts)?;
        let written = match commit {
            Commit::IfAllGood => verdicts.iter().all(Result::is_ok),
            Commit::Good => true,
            Commit::Never => false,
        };
        if written {
            self.write_import(records, &verdicts, stamp)?;
        }
        Ok(Imported {
            records: verdicts,
            written,
        })
    }

    /// Refuses the rows whose managers are nobody, or form a circle: each row is looked at once, from the top
    /// of the file's hierarchies downwards.
    fn check_managers(&self, wishes: &[Wish], verdicts: &mut [Verdict]) -> Result<(), Fault> {
        let ids: HashSet<EmployeeId> = verdicts.iter().flatten().copied().collect();
        let mut reports: HashMap<EmployeeId, Vec<usize>> = HashMap::new();
        let mut known = Vec::new();
        for (row, (wish, verdict)) in wishes.iter().zip(&*verdicts).enumerate() {
            match wish.manager {
                _ if verdict.is_err() => {}
                Some(manager) if ids.contains(&manager) => {
                    reports.entry(manager).or_default().push(row);
                }
                Some(manager) if self.employee(manager)?.is_none() => known.push((row, false)),
                _ => known.push((row, true)),
            }
        }
        while let Some((row, is_led)) = known.pop() {
            let Some(verdict) = verdicts.get_mut(row) else {
                continue;
            };
            let below = verdict
                .as_ref()
                .ok()
                .and_then(|id| reports.remove(id))
                .unwrap_or_default();
            known.extend(below.into_iter().map(|row| (row, is_led)));
            if !is_led {
                *verdict = Err(unknown_manager().into());
            }
        }
        // Whoever has not been reached from a top has none.
        for row in reports.into_values().flatten() {
            if let Some(verdict) = verdicts.get_mut(row) {
                *verdict = Err(circle().into());
            }
        }
        Ok(())
    }

    fn write_import(
        &mut self,
        records: ImportRecords,
        verdicts: &[Verdict],
        stamp: &Stamp,
    ) -> Result<(), Fault> {
        let good = verdicts
            .iter()
            .enumerate()
            .filter_map(|(place, verdict)| Some((*verdict.as_ref().ok()?, place)));
        let mut good: Vec<_> = good.collect();
        good.sort_unstable();
        let (Some((from, _)), Some((last, _))) = (good.first(), good.last()) else {
            return Ok(());
        };
        let (from, count, by) = (*from, good.len() as u64, stamp.by.to_string());
        self.tell(Event::Imported(ImportEvent {
            from,
            count,
            by,
            at: stamp.at,
        }));
        self.set_number(meta::NEXT_EMPLOYEE, last.get().saturating_add(1))?;
        self.audit(&Line::new(stamp, Deed::EmployeesImported).noting(format!("{count} created")))?;
        self.put_employees(NewEmployees::new(records, good, stamp.clone()))
    }
}

/// The id of each row: the one that it asks for if that was never given and is asked for once, else the next
/// that no row asks for.
fn give_ids(wishes: &[Wish], next: u64) -> Vec<Verdict> {
    let mut asked = HashMap::new();
    for (row, id) in wishes
        .iter()
        .enumerate()
        .filter_map(|(row, wish)| Some((row, wish.id?)))
    {
        asked.entry(id).or_insert(row);
    }
    let mut free = (next..)
        .map_while(|number| EmployeeId::try_from(number).ok())
        .filter(|id| !asked.contains_key(id));
    let mut give = |(row, wish): (usize, &Wish)| match wish.id {
        None => free.next().ok_or_else(|| out_of_ids().into()),
        Some(id) if id.get() < next => Err(taken("This id has been given before.")),
        Some(id) if asked.get(&id) != Some(&row) => Err(taken("An earlier row has this id.")),
        Some(id) => Ok(id),
    };
    wishes.iter().enumerate().map(&mut give).collect()
}

fn taken(message: &str) -> Box<FieldError> {
    FieldError::new("id", Rule::Taken, message).into()
}
