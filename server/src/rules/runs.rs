//! Runs: what is kept of an import, so that it can be continued, repeated and undone.
//!
//! A run is written in slices, each in a transaction of its own. Each slice is kept with the
//! versions that it made, and the run counts its slices: a request that wants to add one names how
//! many there were when it looked. So two requests never write the same run, even on two servers.

use jiff::Timestamp;
use roster_common::Username;
use roster_common::api::{ImportRun, RunCounts, RunId};
use roster_common::employee::{EmployeeId, Version};
use roster_common::event::{ChangedManyEvent, Event};
use roster_common::history::{AuditAction, HistoryEntry};

use super::attribution::Attribution;
use super::audit::AuditLine;
use super::idempotency::IdempotencyKey;
use super::record::to_the_millisecond;
use super::writes::{Decision, Write, Writes};

/// How many runs are kept, the newest.
const KEPT: u64 = 500;

/// Of how many of them the reports are kept. Each may be some megabytes.
const KEPT_REPORTS: u64 = 16;

/// A run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its number.
    pub id: RunId,
    /// The run that this one undoes; `None` for an import.
    pub undoes: Option<RunId>,
    /// Who started it.
    pub by: Username,
    /// When it began, to the millisecond.
    pub begun: Timestamp,
    /// The time of the last slice.
    pub latest: Timestamp,
    /// The key of the request, and the digest of its body.
    pub key: Option<IdempotencyKey>,
    /// The number from which on the ids of new employees were looked for; `None` if it sets none
    /// aside.
    pub first_id: Option<u64>,
    /// What its slices have changed.
    pub counts: RunCounts,
    /// How many slices have been written.
    pub slices: u32,
    /// Whether there will be no more.
    pub is_finished: bool,
    /// The run that undoes this one.
    pub undone_by: Option<RunId>,
}

impl Run {
    /// The run as the API shows it.
    pub fn to_api(&self) -> ImportRun {
        ImportRun {
            id: self.id,
            undoes: self.undoes,
            by: self.by.to_string(),
            begun: self.begun,
            latest: self.latest,
            counts: self.counts,
            finished: self.is_finished,
            undone_by: self.undone_by,
        }
    }

    /// How far it is.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            run: self.id,
            slices: self.slices,
        }
    }

    /// Returns `true` if a request of this user, under this key, has begun the run.
    pub fn has_key(&self, key: &IdempotencyKey, by: &Username) -> bool {
        let known = self.key.as_ref();
        self.by == *by && known.is_some_and(|known| known.key == key.key)
    }

    /// Returns `true` if the time and the author of a history entry are those of the run.
    pub fn may_have_made(&self, entry: &HistoryEntry) -> bool {
        self.by.as_str() == entry.by && (self.begun..=self.latest).contains(&entry.at)
    }
}

/// One slice of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSlice {
    /// Its time, to the millisecond.
    pub at: Timestamp,
    /// The versions that it made.
    pub made: MadeVersions,
    /// The rows that added somebody, so that a repeat adds nobody twice, whatever others have
    /// changed meanwhile.
    pub added: AddedRows,
}

impl RunSlice {
    /// Returns `true` if the slice made an entry of an employee's history.
    pub fn has_made(&self, id: EmployeeId, entry: &HistoryEntry) -> bool {
        self.at == entry.at && self.made.has(id, entry.version)
    }
}

/// Records, each with a version: in little memory, since new records follow one another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MadeVersions(pub Vec<MadeRange>);

/// Employees whose ids follow one another, and who have the same version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MadeRange {
    /// The first id.
    pub first: EmployeeId,
    /// How many there are.
    pub count: u64,
    /// The version of each.
    pub version: Version,
}

impl MadeRange {
    fn has(&self, id: EmployeeId, version: Version) -> bool {
        let ids = self.first.get()..self.first.get().saturating_add(self.count);
        self.version == version && ids.contains(&id.get())
    }
}

impl MadeVersions {
    /// Appends a record.
    pub fn push(&mut self, id: EmployeeId, version: Version) {
        match self.0.last_mut() {
            Some(last) if last.version == version && last.first.get() + last.count == id.get() => {
                last.count += 1;
            }
            _ => self.0.push(MadeRange {
                first: id,
                count: 1,
                version,
            }),
        }
    }

    /// Returns `true` if the record is there with this version.
    pub fn has(&self, id: EmployeeId, version: Version) -> bool {
        self.0.iter().any(|range| range.has(id, version))
    }

    /// All records, in the order in which they were appended.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (EmployeeId, Version)> {
        self.0.iter().flat_map(|range| {
            let ids = range.first.get()..range.first.get().saturating_add(range.count);
            let ids = ids.filter_map(|id| EmployeeId::try_from(id).ok());
            ids.map(|id| (id, range.version))
        })
    }
}

/// Rows of an import, each with the employee whom it added: in little memory, since rows that
/// follow one another get ids that do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AddedRows(pub Vec<AddedRange>);

/// Rows that follow one another, and whose employees do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddedRange {
    /// The index of the first row.
    pub row: u64,
    /// The id of its employee.
    pub first: EmployeeId,
    /// How many there are.
    pub count: u64,
}

impl AddedRows {
    /// Appends a row.
    pub fn push(&mut self, row: usize, id: EmployeeId) {
        let row = row as u64;
        match self.0.last_mut() {
            Some(last)
                if last.row + last.count == row && last.first.get() + last.count == id.get() =>
            {
                last.count += 1;
            }
            _ => self.0.push(AddedRange {
                row,
                first: id,
                count: 1,
            }),
        }
    }

    /// All rows, in the order in which they were appended.
    pub fn iter(&self) -> impl Iterator<Item = (usize, EmployeeId)> {
        self.0.iter().flat_map(|range| {
            let rows = (range.row..).take(usize::try_from(range.count).unwrap_or_default());
            let pairs = rows.zip(range.first.get()..);
            pairs.filter_map(|(row, id)| Some((usize::try_from(row).ok()?, id.try_into().ok()?)))
        })
    }
}

/// A run after so many slices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// The run.
    pub run: RunId,
    /// How many slices it had.
    pub slices: u32,
}

/// Which run a slice belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunStep {
    /// The slice begins a run.
    Begin {
        /// The run that it undoes, with as many slices as are undone; `None` for an import.
        undoes: Option<Checkpoint>,
        /// The key of the request.
        key: Option<IdempotencyKey>,
        /// The number from which on the ids of new employees were looked for.
        first_id: Option<u64>,
        /// What the line of the audit says.
        note: String,
    },
    /// It continues one.
    Continue(Checkpoint),
}

impl RunStep {
    /// The first slice of an import.
    pub fn begin(key: Option<IdempotencyKey>, note: String) -> Self {
        Self::Begin {
            undoes: None,
            key,
            first_id: None,
            note,
        }
    }
}

/// Why a slice is not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunRefusal {
    /// Another request has begun, continued or finished the run meanwhile.
    Busy,
    /// The key was used for another body.
    KeyReused,
    /// The run was undone before it was complete.
    Undone,
}

/// A run to which a slice is to be added.
#[derive(Debug)]
pub struct OpenRun {
    run: Run,
    /// What the line of the audit says, if the slice is the first.
    note: Option<String>,
    /// The run that this one undoes, if the slice is the first.
    undone: Option<Run>,
}

impl OpenRun {
    /// Finds the run of a slice, or begins it. `runs` are all that are kept.
    ///
    /// # Errors
    /// [`RunRefusal::Busy`], [`RunRefusal::Undone`]
    pub fn of(step: &RunStep, runs: &[Run], attribution: &Attribution) -> Result<Self, RunRefusal> {
        match step {
            RunStep::Continue(checkpoint) => Ok(Self {
                run: continued(runs, *checkpoint)?,
                note: None,
                undone: None,
            }),
            RunStep::Begin {
                undoes,
                key,
                first_id,
                note,
            } => {
                let undone = match undoes {
                    Some(checkpoint) => Some(not_undone(runs, *checkpoint)?),
                    None => None,
                };
                if let Some(key) = key
                    && runs.iter().any(|run| run.has_key(key, &attribution.by))
                {
                    return Err(RunRefusal::Busy);
                }
                let undoes = undoes.map(|undone| undone.run);
                let run = new_run(runs, undoes, key.clone(), attribution);
                Ok(Self {
                    run: Run {
                        first_id: *first_id,
                        ..run
                    },
                    note: Some(note.clone()),
                    undone,
                })
            }
        }
    }

    /// The number of the run.
    pub fn id(&self) -> RunId {
        self.run.id
    }

    /// Writes the slice, with one event for all of it. The first one also writes the line of the
    /// audit, and removes what is kept of the oldest runs.
    pub fn add(
        mut self,
        made: MadeVersions,
        added: AddedRows,
        counts: RunCounts,
        attribution: &Attribution,
        writes: &mut Writes,
    ) -> Run {
        let at = to_the_millisecond(attribution.at);
        if let Some(note) = self.note {
            let what = match self.run.undoes {
                Some(_) => AuditAction::ImportUndone,
                None => AuditAction::EmployeesImported,
            };
            let line = AuditLine::new(attribution, what).to(self.run.id);
            writes.audit(line.noting(note));
            remove_old(self.run.id, writes);
        }
        if let Some(undone) = self.undone {
            writes.push(Write::Run(Run {
                undone_by: Some(self.run.id),
                ..undone
            }));
        }
        let ids: Vec<_> = made.iter().map(|(id, _)| id).collect();
        if !ids.is_empty() {
            writes.event(Event::ChangedMany(ChangedManyEvent {
                ids,
                by: attribution.by.to_string(),
                at: attribution.at,
                undoes: self.run.undoes,
            }));
        }
        let number = self.run.slices;
        let slice = RunSlice { at, made, added };
        writes.push(Write::RunSlice(self.run.id, number, slice));
        self.run.slices += 1;
        self.run.latest = self.run.latest.max(at);
        self.run.counts = self.run.counts.plus(counts);
        writes.push(Write::Run(self.run.clone()));
        self.run
    }
}

fn continued(runs: &[Run], checkpoint: Checkpoint) -> Result<Run, RunRefusal> {
    let run = runs.iter().find(|run| run.id == checkpoint.run);
    match run {
        Some(run) if run.undone_by.is_some() => Err(RunRefusal::Undone),
        Some(run) if run.checkpoint() == checkpoint && !run.is_finished => Ok(run.clone()),
        _ => Err(RunRefusal::Busy),
    }
}

/// A run that is to be undone. No slice may have been added since its slices were read.
fn not_undone(runs: &[Run], checkpoint: Checkpoint) -> Result<Run, RunRefusal> {
    let run = runs.iter().find(|run| run.checkpoint() == checkpoint);
    let run = run.filter(|run| run.undone_by.is_none());
    run.cloned().ok_or(RunRefusal::Busy)
}

fn new_run(
    runs: &[Run],
    undoes: Option<RunId>,
    key: Option<IdempotencyKey>,
    attribution: &Attribution,
) -> Run {
    let latest = runs.iter().map(|run| run.id).max();
    let at = to_the_millisecond(attribution.at);
    Run {
        id: latest.map_or(RunId::FIRST, RunId::next),
        undoes,
        by: attribution.by.clone(),
        begun: at,
        latest: at,
        key,
        first_id: None,
        counts: RunCounts::default(),
        slices: 0,
        is_finished: false,
        undone_by: None,
    }
}

/// Removes the run and the report that are one too many now. The newest run always stays, since the
/// next one is numbered after it.
fn remove_old(new: RunId, writes: &mut Writes) {
    let before = |kept: u64| new.get().checked_sub(kept).map(RunId::new);
    if let Some(old) = before(KEPT) {
        writes.push(Write::RemoveRun(old));
    }
    if let Some(old) = before(KEPT_REPORTS) {
        writes.push(Write::RemoveRunReport(old));
    }
}

/// Finishes a run, and keeps its report for repeats of the request.
pub fn finish(
    runs: &[Run],
    checkpoint: Checkpoint,
    report: &[u8],
) -> Decision<Result<(), RunRefusal>> {
    let run = match continued(runs, checkpoint) {
        Ok(run) => run,
        Err(refused) => return Decision::unchanged(Err(refused)),
    };
    let mut writes = Writes::default();
    writes.push(Write::RunReport(run.id, report.to_vec()));
    writes.push(Write::Run(Run {
        is_finished: true,
        ..run
    }));
    writes.decide(Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u64) -> EmployeeId {
        number.try_into().unwrap()
    }

    #[test]
    fn records_that_follow_one_another_are_one_range() {
        let mut made = MadeVersions::default();
        let all = [(3, 1), (4, 1), (5, 2), (7, 2), (8, 2)].map(|(number, version)| {
            let (id, version) = (id(number), Version::new(version));
            made.push(id, version);
            (id, version)
        });
        assert_eq!(made.0.len(), 3);
        assert_eq!(made.iter().collect::<Vec<_>>(), all);
        assert!(made.has(id(8), Version::new(2)) && !made.has(id(8), Version::new(1)));
        assert!(!made.has(id(6), Version::new(2)));
    }

    #[test]
    fn rows_and_ids_that_follow_one_another_are_one_range() {
        let mut added = AddedRows::default();
        let all = [(0, 5), (1, 6), (3, 7), (4, 9)].map(|(row, number)| {
            added.push(row, id(number));
            (row, id(number))
        });
        assert_eq!(added.0.len(), 3);
        assert_eq!(added.iter().collect::<Vec<_>>(), all);
    }

    fn by(user: &str) -> Attribution {
        Attribution {
            by: user.parse().unwrap(),
            at: Timestamp::UNIX_EPOCH,
        }
    }

    fn key(byte: u8) -> Option<IdempotencyKey> {
        let digest = [byte; 32];
        let key = "k".to_owned();
        Some(IdempotencyKey { key, digest })
    }

    /// Adds a slice of one record. Returns the runs afterwards.
    fn add(runs: &[Run], step: &RunStep, who: &str) -> Result<Vec<Run>, RunRefusal> {
        let open = OpenRun::of(step, runs, &by(who))?;
        let mut made = MadeVersions::default();
        made.push(id(1), Version::FIRST);
        let mut writes = Writes::default();
        let (added, counts) = (AddedRows::default(), RunCounts::default());
        let run = open.add(made, added, counts, &by(who), &mut writes);
        let others = runs.iter().filter(|other| other.id != run.id).cloned();
        Ok(others.chain([run.clone()]).collect())
    }

    #[test]
    fn a_run_is_written_by_one_request_at_a_time() {
        let begin = RunStep::begin(key(1), String::new());
        let runs = add(&[], &begin, "ada").unwrap();
        assert_eq!(add(&runs, &begin, "ada"), Err(RunRefusal::Busy));
        let others = add(&runs, &begin, "bob").unwrap();
        assert_eq!(
            others.last().unwrap().id,
            RunId::new(2),
            "keys are a user's own"
        );

        let first = RunStep::Continue(runs[0].checkpoint());
        let runs = add(&runs, &first, "ada").unwrap();
        assert_eq!(runs[0].slices, 2);
        assert_eq!(
            add(&runs, &first, "ada"),
            Err(RunRefusal::Busy),
            "it was behind"
        );
        let finished = [Run {
            is_finished: true,
            ..runs[0].clone()
        }];
        let second = RunStep::Continue(runs[0].checkpoint());
        assert_eq!(add(&finished, &second, "ada"), Err(RunRefusal::Busy));
    }

    #[test]
    fn the_five_hundred_newest_runs_are_kept_and_the_reports_of_few() {
        let mut writes = Writes::default();
        remove_old(RunId::new(501), &mut writes);
        let removed = format!("{:?}", writes.rows);
        assert_eq!(
            removed,
            "[RemoveRun(RunId(1)), RemoveRunReport(RunId(485))]"
        );
        let mut writes = Writes::default();
        remove_old(RunId::new(3), &mut writes);
        assert!(writes.rows.is_empty());
    }
}
