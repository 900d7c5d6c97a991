//! The columns of the table: order, visibility and width.

use roster_common::query::Column;
use serde::{Deserialize, Serialize};

use super::column::TableColumn;
use crate::fields::look;

/// Below this width, a table row is a card of several lines.
pub const NARROW: u16 = 60;

/// The cells before the first column: cursor and mark.
pub const MARK: u16 = 2;

/// The cells after the last column: padding and scroll bar.
pub const BAR: u16 = 2;

/// The cells between two columns.
pub const GAP: u16 = 2;

/// The indent of a card's later lines.
const INDENT: u16 = 2;

/// How many cells one key press narrows or widens a column.
const STEP: u16 = 2;

/// The minimum and preferred width of the name column.
const OTHER: (u16, u16) = (10, 10);

/// The columns from left to right, pinned ones first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrangement(Vec<ColumnSetting>);

/// The settings of one column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnSetting {
    /// The column.
    pub column: TableColumn,
    /// Whether it is hidden.
    pub hidden: bool,
    /// Whether it stays in place when the others scroll.
    pub pinned: bool,
    /// Its width in cells, if set by the user.
    pub width: Option<u16>,
}

/// A change of a column's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnChange {
    /// Show or hide it.
    Hide,
    /// Swap it with the previous one.
    Left,
    /// Swap it with the next one.
    Right,
    /// Pin or unpin it.
    Pin,
    /// Widen or narrow it.
    Resize {
        /// The current width.
        from: u16,
        /// Whether to widen it.
        wider: bool,
    },
}

/// One line of a row: its columns and their widths.
pub type LineLayout = Vec<(TableColumn, u16)>;

impl Default for Arrangement {
    fn default() -> Self {
        let setting = |column| ColumnSetting {
            column,
            hidden: false,
            pinned: column == TableColumn::Name,
            width: None,
        };
        Self(TableColumn::all().into_iter().map(setting).collect())
    }
}

impl Arrangement {
    /// All columns, including hidden ones.
    pub fn all(&self) -> &[ColumnSetting] {
        &self.0
    }

    /// The visible columns.
    pub fn visible(&self) -> impl Iterator<Item = TableColumn> {
        self.0
            .iter()
            .filter(|setting| !setting.hidden)
            .map(|setting| setting.column)
    }

    /// Applies a change if possible: the last visible column cannot be hidden, and pinned columns
    /// stay first.
    pub fn change(&mut self, column: TableColumn, change: ColumnChange) {
        let Some(at) = self.0.iter().position(|setting| setting.column == column) else {
            return;
        };
        // One column stays visible, since the cursor is always in a column.
        let is_last = self.visible().nth(1).is_none();
        let Some(setting) = self.0.get_mut(at) else {
            return;
        };
        match change {
            ColumnChange::Hide => setting.hidden = !setting.hidden && !is_last,
            ColumnChange::Pin => setting.pinned = !setting.pinned,
            ColumnChange::Left => self.swap_with(at, |before, at| before < at),
            ColumnChange::Right => self.swap_with(at, |after, at| after > at),
            ColumnChange::Resize { from, wider: true } => {
                setting.width = Some(fit(from.saturating_add(STEP)));
            }
            ColumnChange::Resize { from, wider: false } => {
                setting.width = Some(fit(from.saturating_sub(STEP)));
            }
        }
        // The sort is stable, so pinning a column changes no other order.
        self.0.sort_by_key(|setting| !setting.pinned);
    }

    /// Swaps with the nearest visible column on one side, if both are pinned or both are not.
    fn swap_with(&mut self, at: usize, is_there: impl Fn(usize, usize) -> bool) {
        let Some(pinned) = self.0.get(at).map(|setting| setting.pinned) else {
            return;
        };
        let there = (0..self.0.len())
            .filter(|other| is_there(*other, at))
            .filter(|other| {
                self.0
                    .get(*other)
                    .is_some_and(|setting| !setting.hidden && setting.pinned == pinned)
            })
            .min_by_key(|other| other.abs_diff(at));
        if let Some(there) = there {
            self.0.swap(at, there);
        }
    }

    /// The columns that fit in `width` cells, for each line of a row. Pinned columns always show;
    /// the others scroll until `column` is visible.
    pub fn lay_out(&self, column: TableColumn, width: u16, lines: u16) -> Vec<LineLayout> {
        let (pinned, others): (Vec<_>, Vec<_>) = self
            .0
            .iter()
            .filter(|setting| !setting.hidden)
            .partition(|s| s.pinned);
        let mut laid_out = Vec::new();
        // One column at a time, since the widths depend on which columns share the line.
        for skipped in 0..=others.len() {
            let shown: Vec<_> = pinned
                .iter()
                .chain(others.iter().skip(skipped))
                .copied()
                .collect();
            laid_out = wrap_columns(&shown, width, lines);
            let has_room = laid_out.iter().flatten().any(|(shown, _)| *shown == column);
            if has_room || pinned.iter().any(|setting| setting.column == column) {
                break;
            }
        }
        laid_out
    }
}

/// Distributes the columns over `lines` of `width` cells; columns without room are left out.
fn wrap_columns(mut columns: &[&ColumnSetting], width: u16, lines: u16) -> Vec<LineLayout> {
    let line = |number| {
        let widths = column_widths(columns, width.saturating_sub(indent(number)));
        let (here, rest) = columns.split_at(widths.len());
        columns = rest;
        here.iter()
            .map(|setting| setting.column)
            .zip(widths)
            .collect()
    };
    (0..lines).map(line).collect()
}

/// The widths of the columns that fit. A minor column appears only if those before it have their
/// full width.
fn column_widths(columns: &[&ColumnSetting], width: u16) -> Vec<u16> {
    let mut width_ranges: Vec<WidthRange> = Vec::new();
    for setting in columns {
        let width_range = width_range(setting, width);
        if can_wait(setting) {
            let before: u16 = width_ranges
                .iter()
                .map(|width_range| width_range.best + GAP)
                .sum();
            if MARK + before + width_range.least > width {
                break;
            }
            // This column may show only while those before it keep their full width.
            width_ranges
                .iter_mut()
                .for_each(|width_range| width_range.least = width_range.best);
        }
        width_ranges.push(width_range);
    }
    widths(&width_ranges, width)
}

/// Whether a column is minor: others get their full width first.
fn can_wait(setting: &ColumnSetting) -> bool {
    let matters = match setting.column {
        TableColumn::Name => true,
        TableColumn::Column(Column::Field(field)) => {
            look(field).column.is_some_and(|column| column.matters)
        }
        TableColumn::Column(Column::Id | Column::Created | Column::Updated) => false,
    };
    !matters && !setting.pinned
}

/// The indent of a row's line, counted from 0.
pub fn indent(line: u16) -> u16 {
    if line == 0 { 0 } else { INDENT }
}

/// Clamps a width to the allowed range.
fn fit(width: u16) -> u16 {
    width.clamp(4, 60)
}

/// The minimum and the preferred width of a column.
#[derive(Debug, Clone, Copy)]
pub struct WidthRange {
    /// The minimum; below it the column is left out.
    pub least: u16,
    /// The preferred width.
    pub best: u16,
}

fn width_range(setting: &ColumnSetting, width: u16) -> WidthRange {
    let (least, best) = match (setting.width, setting.column) {
        (Some(width), _) => (width, width),
        (None, TableColumn::Name) if width < NARROW => (16, 23),
        (None, TableColumn::Name) => (18, 23),
        (None, TableColumn::Column(Column::Field(field))) => {
            look(field).column.map_or(OTHER, |column| column.cells)
        }
        (None, TableColumn::Column(Column::Id | Column::Created | Column::Updated)) => OTHER,
    };
    WidthRange { least, best }
}

/// The widths of the leading columns that fit in `width`; the remaining space widens them.
pub fn widths(width_ranges: &[WidthRange], width: u16) -> Vec<u16> {
    let mut room = width.saturating_sub(MARK);
    let mut widths = Vec::new();
    for width_range in width_ranges {
        let gap = if widths.is_empty() { 0 } else { GAP };
        // The first column always shows, even in less than its minimum.
        let least = if widths.is_empty() {
            width_range.least.min(room)
        } else {
            width_range.least
        };
        let Some(left) = room.checked_sub(least + gap) else {
            break;
        };
        room = left;
        widths.push(least);
    }
    // A cell for each in turn, so that the columns widen evenly.
    while room > 0 {
        let mut grown = false;
        for (width, width_range) in widths.iter_mut().zip(width_ranges) {
            if room > 0 && *width < width_range.best {
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

/// The file format of the saved columns.
#[derive(Serialize, Deserialize)]
struct SavedColumns {
    version: u32,
    columns: Vec<SavedColumn>,
}

#[derive(Serialize, Deserialize)]
struct SavedColumn {
    name: String,
    #[serde(default)]
    hidden: bool,
    #[serde(default)]
    pinned: bool,
    #[serde(default)]
    width: Option<u16>,
}

/// The version of the format.
const VERSION: u32 = 1;

impl Arrangement {
    /// Serializes the arrangement.
    pub fn to_text(&self) -> String {
        let kept = |setting: &ColumnSetting| SavedColumn {
            name: setting.column.name().to_owned(),
            hidden: setting.hidden,
            pinned: setting.pinned,
            width: setting.width,
        };
        let kept = SavedColumns {
            version: VERSION,
            columns: self.0.iter().map(kept).collect(),
        };
        serde_json::to_string_pretty(&kept).unwrap_or_default()
    }

    /// Parses [`Arrangement::to_text`]. Columns that are missing come last, with default settings.
    ///
    /// # Errors
    /// A message that says what is wrong.
    pub fn from_text(text: &str) -> Result<Self, String> {
        let kept: SavedColumns = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if kept.version != VERSION {
            return Err(format!(
                "its version is {}, but only {VERSION} is supported",
                kept.version
            ));
        }
        let mut settings: Vec<ColumnSetting> = Vec::new();
        for SavedColumn {
            name,
            hidden,
            pinned,
            width,
        } in kept.columns
        {
            let column = TableColumn::from_name(&name)
                .ok_or_else(|| format!("there is no column {name:?}"))?;
            // A column that is there twice would be drawn twice, so only its first place counts.
            if settings.iter().all(|setting| setting.column != column) {
                settings.push(ColumnSetting {
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
            .filter(|new| settings.iter().all(|s| s.column != new.column));
        settings.extend(missing.collect::<Vec<_>>());
        if settings.iter().all(|setting| setting.hidden) {
            return Err("it hides every column".to_owned());
        }
        settings.sort_by_key(|setting| !setting.pinned);
        Ok(Self(settings))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_change() -> impl Strategy<Value = ColumnChange> {
        prop_oneof![
            Just(ColumnChange::Hide),
            Just(ColumnChange::Left),
            Just(ColumnChange::Right),
            Just(ColumnChange::Pin),
            (any::<u16>(), any::<bool>())
                .prop_map(|(from, wider)| ColumnChange::Resize { from, wider }),
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
            prop_assert!(arrangement.all().is_sorted_by_key(|setting| !setting.pinned));
            for column in arrangement.visible() {
                let laid_out = arrangement.lay_out(column, width, lines);
                prop_assert_eq!(laid_out.len(), usize::from(lines));
                for line in laid_out {
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
            "its version is 2, but only 1 is supported"
        );
        assert_eq!(
            why(r#"{"version":1,"columns":[{"name":"shoe"}]}"#),
            "there is no column \"shoe\""
        );
    }
}
