//! Records as rows: aligned columns at a terminal, tab-separated values in a pipe.

use std::io;

use roster_common::{Employee, Field};

use super::console::Console;
use crate::cells::{fit, width};
use crate::escape::visible;
use crate::fields::look;
use crate::runtime::terminal;

/// The columns shown at a terminal; `show` and JSON have the rest.
fn shown() -> impl Iterator<Item = Field> {
    Field::ALL.into_iter().filter(|field| look(*field).in_list)
}

/// How many records decide the column widths; values in later ones are cut to fit.
const SAMPLE: usize = 500;

/// The space between two columns.
const GAP: usize = 2;

/// The minimum width of a column.
const NARROWEST: usize = 6;

/// All fields in the order of the CSV: id, editable fields, version.
pub(super) fn tab_separated(employee: &Employee) -> String {
    let mut cells = vec![employee.id.to_string()];
    cells.extend(Field::ALL.map(|field| visible(&employee.details.text(field)).into_owned()));
    cells.push(employee.version.to_string());
    cells.join("\t")
}

/// A table for a terminal, printed as its rows arrive.
pub(super) struct TextTable {
    width: usize,
    /// The rows held back until the column widths are known.
    waiting: Vec<Vec<String>>,
    columns: Option<Vec<usize>>,
}

impl TextTable {
    /// A table for a terminal of this width in cells.
    pub(super) fn new(width: usize) -> Self {
        Self {
            width,
            waiting: vec![header()],
            columns: None,
        }
    }

    pub(super) fn row(&mut self, employee: &Employee, console: &mut Console) -> io::Result<()> {
        let row = cells(employee);
        match &self.columns {
            Some(columns) => console.line(&aligned(&row, columns)),
            None => {
                self.waiting.push(row);
                if self.waiting.len() > SAMPLE {
                    self.finish(console)
                } else {
                    Ok(())
                }
            }
        }
    }

    /// Prints the header and the rows that were held back, if that has not happened yet.
    pub(super) fn finish(&mut self, console: &mut Console) -> io::Result<()> {
        if self.columns.is_some() {
            return Ok(());
        }
        let columns = fitted(preferred_widths(&self.waiting), self.width);
        for (i, row) in self.waiting.drain(..).enumerate() {
            let line = aligned(&row, &columns);
            if i == 0 {
                console.header(&line)?;
            } else {
                console.line(&line)?;
            }
        }
        self.columns = Some(columns);
        Ok(())
    }
}

/// 80 if the terminal does not report its width.
pub(super) fn terminal_width() -> usize {
    terminal::size().map_or(80, |size| size.width.into())
}

/// The lines of a table, the header first. The last column is not cut: the terminal wraps it.
pub(super) fn lines(rows: &[Vec<String>], width: usize) -> impl Iterator<Item = String> {
    let mut preferred = preferred_widths(rows);
    let last = preferred.pop();
    // The others get at most two thirds of the terminal together.
    let mut columns = fitted(preferred, width / 3 * 2);
    columns.extend(last);
    rows.iter().map(move |row| aligned(row, &columns))
}

fn header() -> Vec<String> {
    let labels = shown().map(|field| field.label().to_uppercase());
    std::iter::once("ID".to_owned()).chain(labels).collect()
}

fn cells(employee: &Employee) -> Vec<String> {
    let values = shown().map(|field| visible(&employee.details.text(field)).into_owned());
    std::iter::once(employee.id.to_string())
        .chain(values)
        .collect()
}

/// The preferred width of each column.
fn preferred_widths(rows: &[Vec<String>]) -> Vec<usize> {
    let count = rows.first().map_or(0, Vec::len);
    (0..count)
        .map(|i| {
            rows.iter()
                .filter_map(|row| row.get(i))
                .map(|cell| width(cell))
                .max()
                .unwrap_or(0)
        })
        .collect()
}

/// Narrows the widest columns step by step until all fit side by side or have their minimum width.
fn fitted(mut columns: Vec<usize>, width: usize) -> Vec<usize> {
    let room = width.saturating_sub(GAP * columns.len().saturating_sub(1));
    while columns.iter().sum::<usize>() > room {
        match columns.iter_mut().max() {
            Some(widest) if *widest > NARROWEST => *widest -= 1,
            _ => break,
        }
    }
    columns
}

fn aligned(row: &[String], columns: &[usize]) -> String {
    let cells: Vec<_> = row
        .iter()
        .zip(columns)
        .map(|(cell, width)| fit(cell, *width))
        .collect();
    cells.join(&" ".repeat(GAP)).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: [&str; 3]) -> Vec<String> {
        cells.map(String::from).into()
    }

    #[test]
    fn columns_line_up_whatever_the_script() {
        let rows = [
            row(["1", "渡辺", "Tokyo"]),
            row(["20", "Jose\u{301}", "Lima"]),
            row(["3", "👩\u{200d}💻", "Oslo"]),
        ];
        let columns = preferred_widths(&rows);
        let lines: Vec<String> = rows.iter().map(|row| aligned(row, &columns)).collect();
        assert_eq!(
            lines,
            [
                "1   渡辺  Tokyo",
                "20  Jose\u{301}  Lima",
                "3   👩\u{200d}💻    Oslo"
            ]
        );
    }

    #[test]
    fn the_widest_columns_give_way_first() {
        assert_eq!(fitted(vec![3, 40, 10], 34), [3, 17, 10]);
        assert_eq!(fitted(vec![3, 40, 10], 200), [3, 40, 10]);
        assert_eq!(fitted(vec![9, 9], 1), [NARROWEST, NARROWEST]);
    }
}
