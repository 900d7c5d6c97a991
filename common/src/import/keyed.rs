//! Formats whose rows name their own values: JSON, LDIF and vCard. Their headings are all names
//! that occur.

use std::collections::HashMap;

use csv::StringRecord;

use super::row::{MAX_COLUMNS, RawRow, RowFault, Rows};

/// A row as names with values, with the line on which it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeyedRow {
    pub line: u64,
    pub pairs: Result<Vec<(String, String)>, RowFault>,
}

/// The names that occur in the rows, in the order of their first occurrence.
///
/// # Errors
/// If there are more than [`MAX_COLUMNS`].
pub(super) fn names(rows: impl Iterator<Item = KeyedRow>) -> Result<Vec<String>, RowFault> {
    let mut indices = HashMap::new();
    for (name, _) in rows.filter_map(|row| row.pairs.ok()).flatten() {
        let next = indices.len();
        indices.entry(name).or_insert(next);
        if indices.len() > MAX_COLUMNS {
            return Err(RowFault::TooWide);
        }
    }
    let mut names: Vec<_> = indices.into_iter().collect();
    names.sort_unstable_by_key(|(_, index)| *index);
    Ok(names.into_iter().map(|(name, _)| name).collect())
}

/// The rows as cells in the order of the names. Of several values of a name the first is taken.
pub(super) fn cells<'a>(rows: impl Iterator<Item = KeyedRow> + 'a, names: &[String]) -> Rows<'a> {
    let indices: HashMap<String, usize> = names.iter().cloned().zip(0..).collect();
    Box::new(rows.map(move |KeyedRow { line, pairs }| {
        let cells = pairs.map(|pairs| {
            let mut cells = vec![String::new(); indices.len()];
            for (name, value) in pairs {
                let cell = indices.get(&name).and_then(|index| cells.get_mut(*index));
                if let Some(cell) = cell.filter(|cell| cell.is_empty()) {
                    *cell = value;
                }
            }
            StringRecord::from(cells)
        });
        RawRow { line, cells }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_different_names_get_the_same_columns() {
        let pairs = |pairs: &[(&str, &str)]| {
            Ok(pairs
                .iter()
                .map(|(a, b)| ((*a).into(), (*b).into()))
                .collect())
        };
        let rows = [
            KeyedRow {
                line: 1,
                pairs: pairs(&[("a", "1"), ("b", "2"), ("b", "3")]),
            },
            KeyedRow {
                line: 4,
                pairs: pairs(&[("c", "4")]),
            },
        ];
        let names = names(rows.clone().into_iter()).unwrap();
        assert_eq!(names, ["a", "b", "c"]);
        let cells: Vec<_> = cells(rows.into_iter(), &names)
            .map(|row| row.cells.unwrap())
            .collect();
        assert_eq!(
            cells,
            [
                StringRecord::from(vec!["1", "2", ""]),
                StringRecord::from(vec!["", "", "4"])
            ]
        );
    }
}
