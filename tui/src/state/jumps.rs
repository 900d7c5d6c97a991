//! Where the user has been in the table, and where `back` returns to.

use roster_common::EmployeeId;

use super::table::{SortedColumn, Table};

/// A view of the table before a jump: its filter, sort and cursor.
#[derive(Debug, Clone, PartialEq)]
pub struct Jump {
    /// The filter.
    pub filter: String,
    /// The sort columns.
    pub order: Vec<SortedColumn>,
    /// The record under the cursor.
    pub selected: Option<EmployeeId>,
    /// The cursor's row.
    pub cursor: usize,
    /// The first row on the screen.
    pub top: usize,
}

/// The views left by jumps, the newest last.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct JumpList(Vec<Jump>);

impl Jump {
    /// Where the table is now.
    pub fn of(table: &Table) -> Self {
        Self {
            filter: table.applied.clone(),
            order: table.order.clone(),
            selected: table.selected,
            cursor: table.cursor,
            top: table.top,
        }
    }
}

impl JumpList {
    /// How many are kept.
    const MOST_KEPT: usize = 100;

    /// Adds a jump, unless it is the newest one already.
    pub fn push(&mut self, jump: Jump) {
        if self.0.last() == Some(&jump) {
            return;
        }
        if self.0.len() == Self::MOST_KEPT {
            self.0.remove(0);
        }
        self.0.push(jump);
    }

    /// Takes the newest jump.
    pub fn pop(&mut self) -> Option<Jump> {
        self.0.pop()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
