//! Filters that are kept for the next time: named ones, those used lately, and the last one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::arrangement::Arrangement;
use super::column::TableColumn;
use super::table::{SortedColumn, Table};

/// How many filters are remembered.
const MOST_RECENT: usize = 50;

/// The filters of one user on one server.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedFilters {
    /// The named filters.
    pub named: BTreeMap<String, SavedFilter>,
    /// The filters used lately, newest first.
    pub recent: Vec<String>,
    /// The view at the end of the last run.
    pub last: SavedFilter,
}

/// A filter, a sort and the columns.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedFilter {
    /// The filter.
    pub filter: String,
    /// The names of the sort columns; one that begins with `-` is descending.
    pub sort: Vec<String>,
    /// The columns, as their own file has them; empty if they are not part of the view.
    pub columns: String,
}

impl SavedFilter {
    /// The view that the table shows, without its columns.
    pub fn of(table: &Table) -> Self {
        let name = |sorted: &SortedColumn| {
            let minus = if sorted.descending { "-" } else { "" };
            format!("{minus}{}", sorted.column.name())
        };
        Self {
            filter: table.applied.clone(),
            sort: table.order.iter().map(name).collect(),
            columns: String::new(),
        }
    }

    /// The view that the table shows, with its columns.
    pub fn with_columns(table: &Table) -> Self {
        Self {
            columns: table.arrangement.to_text(),
            ..Self::of(table)
        }
    }

    /// The sort columns; those that no longer exist are left out.
    pub fn order(&self) -> Vec<SortedColumn> {
        let sorted = |name: &String| {
            let plain = name.strip_prefix('-');
            let column = TableColumn::from_name(plain.unwrap_or(name))?;
            Some(SortedColumn {
                column,
                descending: plain.is_some(),
            })
        };
        self.sort.iter().filter_map(sorted).collect()
    }

    /// The columns, if they are part of the view.
    pub fn arrangement(&self) -> Option<Arrangement> {
        Arrangement::from_text(&self.columns).ok()
    }
}

impl SavedFilters {
    /// Notes that a filter was used.
    pub fn use_filter(&mut self, filter: &str) {
        if !filter.is_empty() {
            self.recent.retain(|known| known != filter);
            self.recent.insert(0, filter.to_owned());
            self.recent.truncate(MOST_RECENT);
        }
    }

    /// The text of the file.
    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// Parses [`SavedFilters::to_text`].
    ///
    /// # Errors
    /// A message that says what is wrong.
    pub fn from_text(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_used_again_comes_first_and_the_oldest_are_forgotten() {
        let mut saved = SavedFilters::default();
        for number in 0..60 {
            saved.use_filter(&format!("title:{number}"));
        }
        saved.use_filter("title:30");
        saved.use_filter("");
        assert_eq!(saved.recent.len(), MOST_RECENT);
        assert_eq!(saved.recent.first().unwrap(), "title:30");
        assert_eq!(saved.recent.last().unwrap(), "title:10");
    }

    #[test]
    fn the_file_reads_back_and_a_column_that_is_gone_does_no_harm() {
        let view = SavedFilter {
            filter: "dept:eng".into(),
            sort: vec!["-hired".into(), "shoe".into(), "name".into()],
            columns: Arrangement::default().to_text(),
        };
        let mut saved = SavedFilters::default();
        saved.named.insert("Engineers".into(), view.clone());
        assert_eq!(SavedFilters::from_text(&saved.to_text()), Ok(saved));
        let order: Vec<_> = view
            .order()
            .iter()
            .map(|it| (it.column.name(), it.descending))
            .collect();
        assert_eq!(order, [("hired", true), ("name", false)]);
        assert_eq!(view.arrangement(), Some(Arrangement::default()));
    }
}
