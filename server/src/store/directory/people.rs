//! The directory as [`People`], by which the rows of an import are matched.

use roster_common::employee::{Employee, EmployeeId, Field, Status, Version};
use roster_common::query::{Column, Sort};

use super::Directory;
use crate::rules::import::People;

impl People for Directory {
    fn holders(&self, field: Field, value: &str) -> Vec<EmployeeId> {
        Self::holders(self, field, value, 2)
    }

    fn has(&self, id: EmployeeId) -> bool {
        let slot = self.slot(id);
        slot.is_some_and(|slot| self.chunks.entry(slot).is_some())
    }

    fn employee(&self, id: EmployeeId) -> Option<Employee> {
        let record = self.get(id)?;
        serde_json::from_slice(&record.json).ok()
    }

    fn manager(&self, id: EmployeeId) -> Option<EmployeeId> {
        let entry = self.chunks.entry(self.slot(id)?)?;
        entry.manager()?.get().try_into().ok()
    }

    fn staff(&self) -> Vec<(EmployeeId, Version, Status)> {
        let Some(order) = self.order(&Sort::by(Column::Id, false)) else {
            return Vec::new();
        };
        let entries = order
            .iter_from(0)
            .filter_map(|slot| self.chunks.entry(slot));
        entries
            .filter_map(|entry| {
                let status = Status::from_name(entry.folded(Field::Status))?;
                Some((entry.id(), entry.head.version, status))
            })
            .filter(|(.., status)| *status != Status::Left)
            .collect()
    }
}
