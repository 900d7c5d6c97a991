//! Which columns the table has, in which order and how wide.

use roster_common::query::Column;
use serde::{Deserialize, Serialize};

use super::column::TableColumn;
use crate::fields::look;

/// Under this width, a row of the table is a card of several lines.
pub const NARROW: u16 = 60;

/// The cells before the first column: the sign of the cursor's row, and that of a marked one.
pub const MARK: u16 = 2;

/// The cells after the last column: air, and the scroll bar.
pub const BAR: u16 = 2;

/// The cells between two columns.
pub const GAP: u16 = 2;

/// The cells by which the later lines of a row stand to the right of its first.
const INDENT: u16 = 2;

/// The width of a column that is narrower or wider by one key.
const STEP: u16 = 2;

/// The fewest and the most cells of a column that is no field's.
const OTHER: (u16, u16) = (10, 10);

/// The columns from left to right, those that are pinned first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrangement(Vec<Setup>);

/// How one column is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setup {
    /// Which.
    pub column: TableColumn,
    /// Whether it is left out.
    pub hidden: bool,
    /// Whether it stays when the others move along.
    pub pinned: bool,
    /// Its width in cells, where a person has chosen one.
    pub width: Option<u16>,
}

/// What can be done with a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Show it or leave it out.
    Hide,
    /// Change its place with the one before.
    Left,
    /// Change its place with the one after.
    Right,
    /// Let it stay, or move along with the others.
    Pin,
    /// Make it wider, or narrower, from its width of now.
    Resize {
        /// The width of now.
        from: u16,
        /// Whether it grows.
        wider: bool,
    },
}

/// One line of a row: its columns and their widths.
pub type Laid = Vec<(TableColumn, u16)>;

impl Default for Arrangement {
    fn default() -> Self {
        let setup = |column| Setup {
            column,
            hidden: false,
            pinned: column == TableColumn::Name,
            width: None,
        };
        Self(TableColumn::all().into_iter().map(setup).collect())
    }
}

impl Arrangement {
    /// Every column, hidden ones too.
    pub fn all(&self) -> &[Setup] {
        &self.0
    }

    /// The columns that are not hidden.
    pub fn visible(&self) -> impl Iterator<Item = TableColumn> {
        self.0
            .iter()
            .filter(|setup| !setup.hidden)
            .map(|setup| setup.column)
    }

    /// Changes how a column is shown; nothing where that cannot be: the last column stays, and the pinned ones stay
    /// before the others.
    pub fn change(&mut self, column: TableColumn, change: Change) {
        let Some(at) = self.0.iter().position(|setup| setup.column == column) else {
            return;
        };
        let is_last = self.visible().nth(1).is_none();
        let Some(setup) = self.0.get_mut(at) else {
            return;
        };
        match change {
            Change::Hide => setup.hidden = !setup.hidden && !is_last,
            Change::Pin => setup.pinned = !setup.pinned,
            Change::Left => self.swap_with(at, |before, at| before < at),
            Change::Right => self.swap_with(at, |after, at| after > at),
            Change::Resize { from, wider: true } => {
                setup.width = Some(fit(from.saturating_add(STEP)));
            }
            Change::Resize { from, wider: false } => {
                setup.width = Some(fit(from.saturating_sub(STEP)));
            }
        }
        self.0.sort_by_key(|setup| !setup.pinned);
    }

    /// Changes places with the nearest visible column on one side, if it is pinned like this one.
    fn swap_with(&mut self, at: usize, is_there: impl Fn(usize, usize) -> bool) {
        let Some(pinned) = self.0.get(at).map(|setup| setup.pinned) else {
            return;
        };
        let there = (0..self.0.len())
            .filter(|other| is_there(*other, at))
            .filter(|other| {
                self.0
                    .get(*other)
                    .is_some_and(|setup| !setup.hidden && setup.pinned == pinned)
            })
            .min_by_key(|other| other.abs_diff(at));
        if let Some(there) = there {
            self.0.swap(at, there);
        }
    }

    /// The columns that have room in `width` cells, for each of a row's `lines`. The pinned ones are always there; the
    /// others move along until `column` is in sight.
    pub fn lay_out(&self, column: TableColumn, width: u16, lines: u16) -> Vec<Laid> {
        let (pinned, others): (Vec<_>, Vec<_>) = self
            .0
            .iter()
            .filter(|setup| !setup.hidden)
            .partition(|s| s.pinned);
        let mut laid = Vec::new();
        for skipped in 0..=others.len() {
            let shown: Vec<_> = pinned
                .iter()
                .chain(others.iter().skip(skipped))
                .copied()
                .collect();
            laid = wrap_columns(&shown, width, lines);
            let has_room = laid.iter().flatten().any(|(shown, _)| *shown == column);
            if has_room || pinned.iter().any(|setup| setup.column == column) {
                break;
            }
        }
        laid
    }
}

/// As many columns as have room in some lines of `width` cells, one line after the other.
fn wrap_columns(mut columns: &[&Setup], width: u16, lines: u16) -> Vec<Laid> {
    let line = |number| {
        let widths = column_widths(columns, width.saturating_sub(indent(number)));
        let (here, rest) = columns.split_at(widths.len());
        columns = rest;
        here.iter().map(|setup| setup.column).zip(widths).collect()
    };
    (0..lines).map(line).collect()
}

/// The widths of as many columns as have room; one that can wait comes only where those before it are whole.
fn column_widths(columns: &[&Setup], width: u16) -> Vec<u16> {
    let mut wants: Vec<Want> = Vec::new();
    for setup in columns {
        let want = want(setup, width);
        if can_wait(setup) {
            let before: u16 = wants.iter().map(|want| want.best + GAP).sum();
            if MARK + before + want.least > width {
                break;
            }
            wants.iter_mut().for_each(|want| want.least = want.best);
        }
        wants.push(want);
    }
    widths(&wants, width)
}

/// Whether a column is worth less than the whole text of those before it.
fn can_wait(setup: &Setup) -> bool {
    let matters = match setup.column {
        TableColumn::Name => true,
        TableColumn::One(Column::Field(field)) => {
            look(field).column.is_some_and(|column| column.matters)
        }
        TableColumn::One(Column::Id | Column::Created | Column::Updated) => false,
    };
    !matters && !setup.pinned
}

/// By how many cells a line of a row, counted from nought, stands to the right of the first.
pub fn indent(line: u16) -> u16 {
    if line == 0 { 0 } else { INDENT }
}

/// A width that a person may choose.
fn fit(width: u16) -> u16 {
    width.clamp(4, 60)
}

/// The least and the best width of a column.
#[derive(Debug, Clone, Copy)]
pub struct Want {
    /// Under this it is left out.
    pub least: u16,
    /// Over this it gains nothing.
    pub best: u16,
}

fn want(setup: &Setup, width: u16) -> Want {
    let (least, best) = match (setup.width, setup.column) {
        (Some(width), _) => (width, width),
        (None, TableColumn::Name) if width < NARROW => (16, 23),
        (None, TableColumn::Name) => (18, 23),
        (None, TableColumn::One(Column::Field(field))) => {
            look(field).column.map_or(OTHER, |column| column.cells)
        }
        (None, TableColumn::One(Column::Id | Column::Created | Column::Updated)) => OTHER,
    };
    Want { least, best }
}

/// The widths of as many columns, from the first on, as have room in `width`; what is left makes them better.
pub fn widths(wants: &[Want], width: u16) -> Vec<u16> {
    let mut room = width.saturating_sub(MARK);
    let mut widths = Vec::new();
    for want in wants {
        let gap = if widths.is_empty() { 0 } else { GAP };
        let least = if widths.is_empty() {
            want.least.min(room)
        } else {
            want.least
        };
        let Some(left) = room.checked_sub(least + gap) else {
            break;
        };
        room = left;
        widths.push(least);
    }
    while room > 0 {
        let mut grown = false;
        for (width, want) in widths.iter_mut().zip(wants) {
            if room > 0 && *width < want.best {
                *width += 1;
                room -= 1;
                grown = true;
            }
        }
        if !grown {
            break;
        }
    }
    widths
}

/// The form in which an arrangement is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    version: u32,
    columns: Vec<KeptColumn>,
}

#[derive(Serialize, Deserialize)]
struct KeptColumn {
    name: String,
    #[serde(default)]
    hidden: bool,
    #[serde(default)]
    pinned: bool,
    #[serde(default)]
    width: Option<u16>,
}

/// The version of the form.
const VERSION: u32 = 1;

impl Arrangement {
    /// The text of the file that keeps it.
    pub fn to_text(&self) -> String {
        let kept = |setup: &Setup| KeptColumn {
            name: setup.column.name().to_owned(),
            hidden: setup.hidden,
            pinned: setup.pinned,
            width: setup.width,
        };
        let kept = Kept {
            version: VERSION,
            columns: self.0.iter().map(kept).collect(),
        };
        serde_json::to_string_pretty(&kept).unwrap_or_default()
    }

    /// Reads [`Arrangement::to_text`]. A column that it does not name stands at the end, as it is by default.
    ///
    /// # Errors
    /// What is wrong with the text, in words.
    pub fn from_text(text: &str) -> Result<Self, String> {
        let kept: Kept = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if kept.version != VERSION {
            return Err(format!(
                "it is of version {}, and {VERSION} is known here",
                kept.version
            ));
        }
        let mut setups: Vec<Setup> = Vec::new();
        for KeptColumn {
            name,
            hidden,
            pinned,
            width,
        } in kept.columns
        {
            let column = TableColumn::from_name(&name)
                .ok_or_else(|| format!("there is no column {name:?}"))?;
            if setups.iter().all(|setup| setup.column != column) {
                setups.push(Setup {
                    column,
                    hidden,
                    pinned,
                    width: width.map(fit),
                });
            }
        }
        let missing = Self::default()
            .0
            .into_iter()
            .filter(|new| setups.iter().all(|s| s.column != new.column));
        setups.extend(missing.collect::<Vec<_>>());
        if setups.iter().all(|setup| setup.hidden) {
            return Err("it hides every column".to_owned());
        }
        setups.sort_by_key(|setup| !setup.pinned);
        Ok(Self(setups))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_change() -> impl Strategy<Value = Change> {
        prop_oneof![
            Just(Change::Hide),
            Just(Change::Left),
            Just(Change::Right),
            Just(Change::Pin),
            (any::<u16>(), any::<bool>()).prop_map(|(from, wider)| Change::Resize { from, wider }),
        ]
    }

    proptest! {
        #[test]
        fn whatever_is_changed_some_column_is_seen_and_the_file_reads_back(
            changes in prop::collection::vec((0..TableColumn::all().len(), any_change()), 0..40),
            width in 0u16..300,
            lines in 1u16..4,
        ) {
            let mut arrangement = Arrangement::default();
            changes.into_iter().for_each(|(at, change)| arrangement.change(TableColumn::all()[at], change));
            prop_assert_eq!(arrangement.all().len(), TableColumn::all().len());
            prop_assert!(arrangement.visible().next().is_some());
            prop_assert!(arrangement.all().is_sorted_by_key(|setup| !setup.pinned));
            for column in arrangement.visible() {
                let laid = arrangement.lay_out(column, width, lines);
                prop_assert_eq!(laid.len(), usize::from(lines));
                for line in laid {
                    let taken: u16 = line.iter().map(|(_, width)| width + GAP).sum();
                    prop_assert!(taken <= width.max(MARK) - MARK + GAP);
                }
            }
            prop_assert_eq!(Arrangement::from_text(&arrangement.to_text()), Ok(arrangement));
        }

        #[test]
        fn no_text_panics(text in ".{0,60}") {
            let _ = Arrangement::from_text(&text);
        }
    }

    #[test]
    fn a_file_that_cannot_be_used_says_why() {
        let why = |text: &str| Arrangement::from_text(text).unwrap_err();
        assert!(why("{").contains("EOF"));
        assert_eq!(
            why(r#"{"version":2,"columns":[]}"#),
            "it is of version 2, and 1 is known here"
        );
        assert_eq!(
            why(r#"{"version":1,"columns":[{"name":"shoe"}]}"#),
            "there is no column \"shoe\""
        );
    }
}
