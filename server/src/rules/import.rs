//! Many new employees at once: which id each row gets, and which rows are refused.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use roster_common::api::{RunCounts, RunId};
use roster_common::employee::{EmployeeId, Version};
use roster_common::event::{Event, ImportEvent};
use roster_common::problem::{FieldError, Rule};

use super::attribution::Attribution;
use super::idempotency::IdempotencyKey;
use super::packed::{ImportRecord, ImportRecords, NewEmployees, OnLine};
use super::refusal::{
    manager_cycle, nobody_on_line, number_of, number_of_earlier_row, out_of_ids, unknown_manager,
};
use super::runs::{MadeVersions, OpenRun, Run, RunRefusal, RunStep, put_finished};
use super::writes::{Decision, Write, Writes};

/// The id that a row gets, or why it is refused.
pub type RowResult = Result<EmployeeId, RowRefusal>;

/// Why a row is refused.
#[derive(Debug, Clone, PartialEq)]
pub enum RowRefusal {
    /// A field breaks a rule.
    Field(Box<FieldError>),
    /// Only because the row of the manager is refused, which is reported there.
    BelowRefused,
}

impl From<FieldError> for RowRefusal {
    fn from(error: FieldError) -> Self {
        Self::Field(error.into())
    }
}

/// When an import is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commit {
    /// Only if every record is good.
    IfAllGood,
    /// The good records, without the refused ones.
    Good,
    /// Never: a dry run.
    Never,
}

/// The results of an import, in the order of its records.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// For each record the id that it has or would have, or why it is refused.
    pub records: Vec<RowResult>,
    /// Whether the good ones were written.
    pub written: bool,
    /// The run; `None` if nothing was written.
    pub run: Option<RunId>,
}

/// Makes the report of an import, which is kept for repeats of the request. Has no effect but its
/// result: it may run twice.
pub type ReportRule = Box<dyn Fn(&Imported) -> Vec<u8> + Send>;

/// What an import is remembered by.
#[derive(Default)]
pub struct ImportRequest {
    /// The key of the request.
    pub key: Option<IdempotencyKey>,
    /// Makes the report; `None` if nobody can ask for it again.
    pub report: Option<ReportRule>,
}

/// What the rows of an import ask for: ids and personnel numbers that nobody has, and managers who
/// must exist.
#[derive(Debug)]
pub struct Claims(Vec<Claim>);

#[derive(Debug, Clone)]
struct Claim {
    id: Option<EmployeeId>,
    manager: Option<ManagerClaim>,
    /// The personnel number, in its compared form.
    number: Option<Box<str>>,
}

#[derive(Debug, Clone, Copy)]
enum ManagerClaim {
    Employee(EmployeeId),
    OnLine(OnLine),
}

impl Claims {
    /// Reads the claims of all records.
    pub fn of(records: &ImportRecords) -> Self {
        let claim = |(index, ImportRecord { id, details }): (usize, ImportRecord)| {
            let on_line = records.manager_on_line(index).map(ManagerClaim::OnLine);
            let by_id = || details.manager().map(ManagerClaim::Employee);
            Claim {
                id,
                manager: on_line.or_else(by_id),
                number: details.number_key().map(String::into_boxed_str),
            }
        };
        Self(records.iter().enumerate().map(claim).collect())
    }

    /// The ids that the rows ask for. Which of them are used must be known for [`import`].
    pub fn ids(&self) -> impl Iterator<Item = EmployeeId> {
        self.0.iter().filter_map(|claim| claim.id)
    }

    /// How many free ids [`import`] must know, so that there is one for each row without an id
    /// after those that rows ask for.
    pub fn free_ids(&self) -> usize {
        if self.0.iter().all(|claim| claim.id.is_some()) {
            0
        } else {
            self.0.len()
        }
    }

    /// The personnel numbers of the rows. Who has them must be known for [`import`].
    pub fn numbers(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|claim| claim.number.as_deref())
    }

    /// The managers that the rows name, each once. Which of them exist must be known for
    /// [`import`].
    pub fn managers(&self) -> Vec<EmployeeId> {
        let by_id = |claim: &Claim| match claim.manager {
            Some(ManagerClaim::Employee(id)) => Some(id),
            _ => None,
        };
        let mut managers: Vec<_> = self.0.iter().filter_map(by_id).collect();
        managers.sort_unstable();
        managers.dedup();
        managers
    }
}

/// What is known of the ids in [`Claims`].
#[derive(Debug, Default)]
pub struct KnownIds {
    /// The number from which on the next id is looked for.
    pub next: u64,
    /// Ids that nobody has or had, in the order in which they are given: as many as
    /// [`Claims::free_ids`], or all that are left.
    pub free: Vec<EmployeeId>,
    /// Those of [`Claims::ids`] that somebody has or had.
    pub used: HashSet<EmployeeId>,
    /// Those of [`Claims::managers`] who are employees already.
    pub managers: HashSet<EmployeeId>,
    /// Who has those of [`Claims::numbers`] that somebody has.
    pub numbers: HashMap<String, EmployeeId>,
}

/// Adds many employees. Ids that rows ask for may lie anywhere among those that nobody had. `runs`
/// are all that are kept.
pub fn import(
    records: &Arc<ImportRecords>,
    claims: &Claims,
    ids: &KnownIds,
    commit: Commit,
    runs: &[Run],
    request: &ImportRequest,
    attribution: &Attribution,
) -> Decision<Result<Imported, RunRefusal>> {
    let mut results = assign_ids(&claims.0, ids);
    check_numbers(&claims.0, &ids.numbers, &mut results);
    check_managers(&claims.0, &ids.managers, &mut results);
    let written = match commit {
        Commit::IfAllGood => results.iter().all(Result::is_ok),
        Commit::Good => true,
        Commit::Never => false,
    };
    let mut imported = Imported {
        records: results,
        written,
        run: None,
    };
    let added = added(&imported.records);
    let (Some((first, _)), true) = (added.first().copied(), written) else {
        return Decision::unchanged(Ok(imported));
    };
    let count = added.len() as u64;
    let step = RunStep::begin(request.key.clone(), format!("{count} created"));
    let open = match OpenRun::of(&step, runs, attribution) {
        Ok(open) => open,
        Err(refused) => return Decision::unchanged(Err(refused)),
    };
    imported.run = Some(open.id());
    let mut writes = Writes::default();
    writes.event(Event::Imported(ImportEvent {
        from: first,
        count,
        by: attribution.by.to_string(),
        at: attribution.at,
    }));
    let run = open.add(made(&added), created(count), attribution, &mut writes);
    let report = request.report.as_ref();
    let report = report.map_or_else(Vec::new, |report| report(&imported));
    put_finished(run, report, &mut writes);
    put_employees(
        records,
        claims,
        &imported,
        added,
        ids.next,
        attribution,
        &mut writes,
    );
    writes.decide(Ok(imported))
}

/// The id of each row that is added and its index, in the order of the ids.
fn added(results: &[RowResult]) -> Vec<(EmployeeId, usize)> {
    let good = |(index, result): (usize, &RowResult)| Some((*result.as_ref().ok()?, index));
    let mut added: Vec<_> = results.iter().enumerate().filter_map(good).collect();
    added.sort_unstable();
    added
}

fn made(added: &[(EmployeeId, usize)]) -> MadeVersions {
    let mut made = MadeVersions::default();
    for (id, _) in added {
        made.push(*id, Version::FIRST);
    }
    made
}

fn created(created: u64) -> RunCounts {
    RunCounts {
        created,
        ..RunCounts::default()
    }
}

/// The id of each row: the one that it asks for if that was never used and is requested for once, else
/// the next free one that no row asks for.
fn assign_ids(claims: &[Claim], ids: &KnownIds) -> Vec<RowResult> {
    let mut requested = HashMap::new();
    for (row, claim) in claims.iter().enumerate() {
        if let Some(id) = claim.id {
            requested.entry(id).or_insert(row);
        }
    }
    let mut free = ids.free.iter().filter(|id| !requested.contains_key(*id));
    let assign = |(row, claim): (usize, &Claim)| match claim.id {
        None => free.next().copied().ok_or_else(|| out_of_ids().into()),
        Some(id) if ids.used.contains(&id) => Err(taken("This id has been used before.")),
        Some(id) if requested.get(&id) != Some(&row) => Err(taken("An earlier row has this id.")),
        Some(id) => Ok(id),
    };
    claims.iter().enumerate().map(assign).collect()
}

/// Refuses the rows whose personnel number an employee or an earlier row has.
fn check_numbers(claims: &[Claim], held: &HashMap<String, EmployeeId>, results: &mut [RowResult]) {
    let mut seen = HashSet::new();
    for (claim, result) in claims.iter().zip(results) {
        let Some(number) = claim.number.as_deref().filter(|_| result.is_ok()) else {
            continue;
        };
        if let Some(holder) = held.get(number) {
            *result = Err(number_of(*holder).into());
        } else if !seen.insert(number) {
            *result = Err(number_of_earlier_row().into());
        }
    }
}

/// Refuses the rows whose managers do not exist, or form a cycle. Each row is visited once, from
/// the top of the hierarchies downwards: a row below a refused one is refused as well, and rows
/// that are never reached form cycles.
fn check_managers(claims: &[Claim], existing: &HashSet<EmployeeId>, results: &mut [RowResult]) {
    let ids: HashSet<EmployeeId> = results.iter().flatten().copied().collect();
    let mut reports: HashMap<EmployeeId, Vec<usize>> = HashMap::new();
    // Rows whose managers are known to be good or not, and why they are refused.
    let mut to_visit: Vec<(usize, Option<RowRefusal>)> = Vec::new();
    for (row, claim) in claims.iter().enumerate() {
        let result = |row: usize| results.get(row).and_then(|result| result.as_ref().ok());
        if result(row).is_none() {
            continue;
        }
        match claim.manager {
            None => to_visit.push((row, None)),
            Some(ManagerClaim::Employee(id)) if ids.contains(&id) => {
                reports.entry(id).or_default().push(row);
            }
            Some(ManagerClaim::Employee(id)) if existing.contains(&id) => {
                to_visit.push((row, None));
            }
            Some(ManagerClaim::Employee(_)) => to_visit.push((row, Some(unknown_manager().into()))),
            Some(ManagerClaim::OnLine(OnLine::Row(index))) => match result(index) {
                Some(id) => reports.entry(*id).or_default().push(row),
                None => to_visit.push((row, Some(RowRefusal::BelowRefused))),
            },
            Some(ManagerClaim::OnLine(OnLine::Refused)) => {
                to_visit.push((row, Some(RowRefusal::BelowRefused)));
            }
            Some(ManagerClaim::OnLine(OnLine::Nobody)) => {
                to_visit.push((row, Some(nobody_on_line().into())));
            }
        }
    }
    while let Some((row, refusal)) = to_visit.pop() {
        let Some(result) = results.get_mut(row) else {
            continue;
        };
        let below = result.as_ref().ok().and_then(|id| reports.remove(id));
        let below_refusal = refusal.as_ref().map(|_| RowRefusal::BelowRefused);
        to_visit.extend(
            below
                .into_iter()
                .flatten()
                .map(|row| (row, below_refusal.clone())),
        );
        if let Some(refusal) = refusal {
            *result = Err(refusal);
        }
    }
    for row in reports.into_values().flatten() {
        if let Some(result) = results.get_mut(row) {
            *result = Err(manager_cycle().into());
        }
    }
}

fn put_employees(
    records: &Arc<ImportRecords>,
    claims: &Claims,
    imported: &Imported,
    added: Vec<(EmployeeId, usize)>,
    next: u64,
    attribution: &Attribution,
    writes: &mut Writes,
) {
    let after_last = added.last().map_or(next, |(last, _)| last.get() + 1);
    writes.push(Write::NextEmployee(next.max(after_last)));
    writes.push(Write::NewEmployees(NewEmployees::new(
        Arc::clone(records),
        added,
        managers_by_line(&claims.0, &imported.records),
        attribution.clone(),
    )));
}

/// The index of each row that names the line of its manager, and the manager's id.
fn managers_by_line(claims: &[Claim], results: &[RowResult]) -> Vec<(usize, EmployeeId)> {
    let manager = |(index, claim): (usize, &Claim)| match claim.manager {
        Some(ManagerClaim::OnLine(OnLine::Row(row))) => {
            Some((index, *results.get(row)?.as_ref().ok()?))
        }
        _ => None,
    };
    claims.iter().enumerate().filter_map(manager).collect()
}

fn taken(message: &str) -> RowRefusal {
    FieldError::new("id", Rule::Taken, message).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u64) -> EmployeeId {
        number.try_into().unwrap()
    }

    /// Rows of an id that is requested for and a manager, each 0 for none.
    fn claims(rows: &[(u64, u64)]) -> Vec<Claim> {
        let claim = |(id, manager): &(u64, u64)| Claim {
            id: (*id).try_into().ok(),
            manager: (*manager).try_into().ok().map(ManagerClaim::Employee),
            number: None,
        };
        rows.iter().map(claim).collect()
    }

    /// The ids below 10 are used.
    fn known() -> KnownIds {
        KnownIds {
            next: 10,
            free: (10..20).map(id).collect(),
            used: (1..10).map(id).collect(),
            managers: HashSet::from([id(1)]),
            numbers: HashMap::from([("e1".to_owned(), id(1))]),
        }
    }

    #[test]
    fn rows_get_the_ids_they_ask_for_and_the_others_the_next_free_ones() {
        let claims = claims(&[(0, 0), (11, 0), (0, 0), (11, 0), (9, 0)]);
        let results = assign_ids(&claims, &known());
        let ids: Vec<_> = results.iter().map(|result| result.as_ref().ok()).collect();
        let expected = [Some(&id(10)), Some(&id(11)), Some(&id(12)), None, None];
        assert_eq!(ids, expected);
    }

    #[test]
    fn rows_below_an_unknown_manager_and_rows_in_a_cycle_are_refused() {
        // 10 reports to 1, 11 to 10; 12 to nobody known, 13 to 12; 14 and 15 to each other, 16 to
        // 15.
        let rows = [
            (10, 1),
            (11, 10),
            (12, 2),
            (13, 12),
            (14, 15),
            (15, 14),
            (16, 15),
        ];
        let claims = claims(&rows);
        let mut results = assign_ids(&claims, &known());
        check_managers(&claims, &known().managers, &mut results);
        let refusals: Vec<_> = results.into_iter().map(Result::err).collect();
        let unknown = Some(unknown_manager().into());
        let cycle = Some(RowRefusal::from(manager_cycle()));
        let below = Some(RowRefusal::BelowRefused);
        let expected = [
            None,
            None,
            unknown,
            below,
            cycle.clone(),
            cycle.clone(),
            cycle,
        ];
        assert_eq!(refusals, expected);
    }

    #[test]
    fn a_number_that_an_employee_or_an_earlier_row_has_is_refused() {
        let mut claims = claims(&[(0, 0), (0, 0), (0, 0), (0, 0), (9, 0), (0, 0)]);
        let numbers = ["e1", "e2", "e2", "e3", "e4", "e4"];
        for (claim, number) in claims.iter_mut().zip(numbers) {
            claim.number = Some(number.into());
        }
        let mut results = assign_ids(&claims, &known());
        check_numbers(&claims, &known().numbers, &mut results);
        let used = Err(taken("This id has been used before."));
        let expected = [
            Err(number_of(id(1)).into()),
            Ok(id(11)),
            Err(number_of_earlier_row().into()),
            Ok(id(13)),
            used,
            Ok(id(14)),
        ];
        assert_eq!(results, expected, "a refused row has no number");
    }

    #[test]
    fn a_manager_on_a_line_gets_an_id_of_the_import() {
        // The third row reports to the first, which gets the id 10; the fourth to a refused line,
        // the fifth to a line without a row, and the sixth to the fourth.
        let on_line = |on_line| Claim {
            id: None,
            manager: Some(ManagerClaim::OnLine(on_line)),
            number: None,
        };
        let top = || Claim {
            id: None,
            manager: None,
            number: None,
        };
        let lines = [
            OnLine::Row(0),
            OnLine::Refused,
            OnLine::Nobody,
            OnLine::Row(3),
        ];
        let claims: Vec<_> = [top(), top()]
            .into_iter()
            .chain(lines.map(on_line))
            .collect();
        let mut results = assign_ids(&claims, &known());
        check_managers(&claims, &known().managers, &mut results);
        let below = || Err(RowRefusal::BelowRefused);
        let nobody = Err(nobody_on_line().into());
        assert_eq!(
            results,
            [Ok(id(10)), Ok(id(11)), Ok(id(12)), below(), nobody, below()]
        );
        assert_eq!(managers_by_line(&claims, &results), [(2, id(10))]);
    }
}
