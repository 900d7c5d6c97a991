//! The managers that the rows of an import lead to: no cycle, and managers before their reports.

use roster_common::employee::EmployeeId;

use super::{Above, People, Planned};
use crate::rules::refusal::manager_cycle;

/// Whom the employee of each row reports to.
pub(super) struct Hierarchy {
    /// The employees whom rows match.
    matched: Vec<Option<EmployeeId>>,
    above: Vec<Option<Above>>,
    /// What is known of each row.
    places: Vec<Place>,
}

/// What is known of a row's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Unknown,
    /// On the way up from this row, which is being followed.
    Begun,
    /// So many rows are above it.
    Depth(u32),
    /// The row, or one above it that adds somebody, is refused.
    Refused,
}

impl Hierarchy {
    /// `matched` has the employee of each row; `None` for a new one or a refused row.
    pub(super) fn new(matched: Vec<Option<EmployeeId>>) -> Self {
        Self {
            above: vec![None; matched.len()],
            places: vec![Place::Unknown; matched.len()],
            matched,
        }
    }

    /// Notes whom the employee of a row reports to.
    pub(super) fn note(&mut self, row: usize, above: Option<Above>) {
        if let Some(place) = self.above.get_mut(row) {
            *place = above;
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
        for (row, (planned, place)) in planned.iter().zip(&self.places).enumerate() {
            if let (Planned::Create | Planned::Change(..), Place::Depth(depth)) = (planned, place) {
                order.push((*depth, row));
            }
        }
        order.sort_unstable();
        order.into_iter().map(|(_, row)| row).collect()
    }

    /// Follows the managers of a row upwards until one whose place is known, and gives a place to
    /// every row on the way.
    fn follow(
        &mut self,
        start: usize,
        planned: &mut [Planned],
        row_of: &dyn Fn(EmployeeId) -> Option<usize>,
        people: &dyn People,
    ) {
        let mut path = Vec::new();
        let mut node = Some(Above::Row(start));
        let mut end = Place::Depth(0);
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
            match self.place(row) {
                Place::Unknown => {}
                Place::Begun => {
                    let cycle = path.iter().position(|other| *other == row);
                    for member in path.drain(cycle.unwrap_or(0)..) {
                        set(planned, member, Planned::refuse(manager_cycle()));
                        self.put(member, Place::Refused);
                    }
                    end = Place::Refused;
                    break;
                }
                known => {
                    end = known;
                    break;
                }
            }
            self.put(row, Place::Begun);
            path.push(row);
            let is_refused = planned.get(row).is_none_or(Planned::is_refused);
            node = match self.matched.get(row).copied().flatten() {
                // The record stays as it is, and so does its manager.
                Some(id) if is_refused => people.manager(id).map(Above::Employee),
                None if is_refused => {
                    end = Place::Refused;
                    None
                }
                _ => self.above.get(row).copied().flatten(),
            };
        }
        for row in path.into_iter().rev() {
            let is_refused = planned.get(row).is_none_or(Planned::is_refused);
            end = match end {
                Place::Depth(depth) => Place::Depth(depth.saturating_add(1)),
                _ if is_refused => Place::Refused,
                _ => {
                    set(planned, row, Planned::BelowRefused);
                    Place::Refused
                }
            };
            self.put(row, end);
        }
    }

    fn place(&self, row: usize) -> Place {
        self.places.get(row).copied().unwrap_or(Place::Refused)
    }

    fn put(&mut self, row: usize, place: Place) {
        if let Some(known) = self.places.get_mut(row) {
            *known = place;
        }
    }
}

fn set(planned: &mut [Planned], row: usize, to: Planned) {
    if let Some(known) = planned.get_mut(row) {
        *known = to;
    }
}
