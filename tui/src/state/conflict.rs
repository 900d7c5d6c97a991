//! An edit conflict: both versions, field by field.

use roster_common::{Changes, Employee, Field};

/// A record that changed while it was being edited.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    /// The current record.
    pub theirs: Box<Employee>,
    /// The fields changed by either side.
    pub rows: Vec<ConflictRow>,
    /// The row of the cursor.
    pub focus: usize,
    /// Whether a request is in flight.
    pub saving: bool,
}

/// One field on which the two versions differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConflictRow {
    /// The field.
    pub field: Field,
    /// The user's value.
    pub mine: String,
    /// The current value.
    pub theirs: String,
    /// The original value.
    pub base: String,
    /// The chosen side; `None` while undecided.
    pub take: Option<Side>,
    /// Whether it was merged automatically: only one side changed it, or both made the same change.
    pub merged: bool,
}

/// One side of the conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The user.
    Mine,
    /// The other editor.
    Theirs,
}

impl Conflict {
    /// Compares both versions. A field that only one side changed is merged.
    pub fn new(base: &Employee, mine: &Changes, theirs: Employee) -> Self {
        let rows = Field::ALL
            .into_iter()
            .filter_map(|field| ConflictRow::new(field, base, mine, &theirs))
            .collect();
        Self {
            theirs: Box::new(theirs),
            rows,
            focus: 0,
            saving: false,
        }
        .focused()
    }

    /// Puts the cursor on the first undecided field.
    fn focused(mut self) -> Self {
        self.focus = self.first_open().unwrap_or(0);
        self
    }

    /// The first undecided field.
    pub fn first_open(&self) -> Option<usize> {
        self.rows.iter().position(|row| row.take.is_none())
    }

    /// The first undecided field other than the selected one.
    pub fn first_open_beside_focus(&self) -> Option<usize> {
        let mut rows = self.rows.iter().enumerate();
        rows.find(|(at, row)| *at != self.focus && row.take.is_none())
            .map(|(at, _)| at)
    }

    /// Keeps one side's value in every conflicting field.
    pub fn take_all(&mut self, side: Side) {
        self.rows
            .iter_mut()
            .filter(|row| !row.merged)
            .for_each(|row| row.take = Some(side));
    }

    /// The changes that turn their version into the result.
    pub fn changes(&self) -> Changes {
        let mut changes = Changes::default();
        for row in self
            .rows
            .iter()
            .filter(|row| row.take == Some(Side::Mine) && row.mine != row.theirs)
        {
            changes.set(row.field, row.mine.clone());
        }
        changes
    }
}

impl ConflictRow {
    fn new(field: Field, base: &Employee, mine: &Changes, theirs: &Employee) -> Option<Self> {
        let base = base.details.text(field).into_owned();
        let theirs = theirs.details.text(field).into_owned();
        let mine = mine.get(field).unwrap_or(&base).to_owned();
        let take = match (mine == base, theirs == base) {
            (true, true) => return None,
            (false, true) => Some(Side::Mine),
            (true, false) => Some(Side::Theirs),
            // The same change on both sides: with theirs, there is nothing left to save.
            (false, false) if mine == theirs => Some(Side::Theirs),
            (false, false) => None,
        };
        Some(Self {
            field,
            mine,
            theirs,
            base,
            take,
            merged: take.is_some(),
        })
    }
}
