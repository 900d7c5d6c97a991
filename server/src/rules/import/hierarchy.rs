//! The managers that the rows of an import lead to: no cycle, and managers before their reports.

use roster_common::employee::EmployeeId;

use super::{Above, People, Planned, RowTarget};
use crate::rules::refusal::manager_cycle;

/// Whom the employee of each row reports to.
pub(super) struct Hierarchy<'a> {
    targets: &'a [RowTarget],
    above: Vec<Option<Above>>,
    /// What is known of each row.
    levels: Vec<Level>,
}

/// How far below the top a row is, as far as that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Unknown,
    /// On the way up from this row, which is being followed.
    Begun,
    /// So many rows are above it.
    Depth(u32),
    /// The row, or one above it that adds somebody, is refused.
    Refused,
}

impl<'a> Hierarchy<'a> {
    /// `targets` has whom each row is about.
    pub(super) fn new(targets: &'a [RowTarget]) -> Self {
        Self {
            targets,
            above: vec![None; targets.len()],
            levels: vec![Level::Unknown; targets.len()],
        }
    }

    /// Notes whom the employee of a row reports to.
    pub(super) fn note(&mut self, row: usize, above: Option<Above>) {
        if let Some(known) = self.above.get_mut(row) {
            *known = above;
        }
    }

    /// Refuses rows in a cycle, and those below a refused row that adds somebody. Returns the rows
    /// to write, managers before their reports.
    pub(super) fn settle(
        mut self,
        planned: &mut [Planned],
        row_of: &dyn Fn(EmployeeId) -> Option<usize>,
        people: &dyn People,
    ) -> Vec<usize> {
        for row in 0..planned.len() {
            self.follow(row, planned, row_of, people);
        }
        let mut order: Vec<(u32, usize)> = Vec::new();
        for (row, (planned, level)) in planned.iter().zip(&self.levels).enumerate() {
            if planned.is_written()
                && let Level::Depth(depth) = level
            {
                order.push((*depth, row));
            }
        }
        order.sort_unstable();
        order.into_iter().map(|(_, row)| row).collect()
    }

    /// Follows the managers of a row upwards until one whose level is known, and gives a level
    /// to every row on the way.
    fn follow(
        &mut self,
        start: usize,
        planned: &mut [Planned],
        row_of: &dyn Fn(EmployeeId) -> Option<usize>,
        people: &dyn People,
    ) {
        let mut path = Vec::new();
        let mut node = Some(Above::Row(start));
        let mut end = Level::Depth(0);
        while let Some(above) = node {
            let row = match above {
                Above::Row(row) => Some(row),
                Above::Employee(id) => row_of(id),
            };
            let Some(row) = row else {
                node = match above {
                    Above::Employee(id) => people.manager(id).map(Above::Employee),
                    Above::Row(_) => None,
                };
                continue;
            };
            match self.level(row) {
                Level::Unknown => {}
                Level::Begun => {
                    let cycle = path.iter().position(|other| *other == row);
                    for member in path.drain(cycle.unwrap_or(0)..) {
                        set(planned, member, Planned::refuse(manager_cycle()));
                        self.put(member, Level::Refused);
                    }
                    end = Level::Refused;
                    break;
                }
                known => {
                    end = known;
                    break;
                }
            }
            self.put(row, Level::Begun);
            path.push(row);
            let is_refused = planned.get(row).is_none_or(Planned::is_refused);
            node = match self.matched(row) {
                // The record stays as it is, and so does its manager.
                Some(id) if is_refused => people.manager(id).map(Above::Employee),
                None if is_refused => {
                    end = Level::Refused;
                    None
                }
                _ => self.above.get(row).copied().flatten(),
            };
        }
        for row in path.into_iter().rev() {
            let is_refused = planned.get(row).is_none_or(Planned::is_refused);
            end = match end {
                Level::Depth(depth) => Level::Depth(depth.saturating_add(1)),
                _ if is_refused => Level::Refused,
                _ => {
                    set(planned, row, Planned::BelowRefused);
                    Level::Refused
                }
            };
            self.put(row, end);
        }
    }

    /// The employee whom a row matches.
    fn matched(&self, row: usize) -> Option<EmployeeId> {
        self.targets.get(row)?.as_ref().ok().copied().flatten()
    }

    fn level(&self, row: usize) -> Level {
        self.levels.get(row).copied().unwrap_or(Level::Refused)
    }

    fn put(&mut self, row: usize, level: Level) {
        if let Some(known) = self.levels.get_mut(row) {
            *known = level;
        }
    }
}

fn set(planned: &mut [Planned], row: usize, to: Planned) {
    if let Some(known) = planned.get_mut(row) {
        *known = to;
    }
}
