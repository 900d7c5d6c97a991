//! DATEV LODAS, the text file of German payroll: descriptions of record types, and then records of
//! these types, of which several make one person.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};

use super::keyed::KeyedRow;
use super::row::RowFault;
use crate::rows::MAX_ROW_BYTES;

/// The line that a file begins with.
pub(super) const START: &str = "[Allgemein]";

/// The column whose value is the same in all records of a person.
const PERSON: &str = "pnr";

/// The most people of a file. All are held in memory, since their records are scattered.
const MAX_PEOPLE: usize = 200_000;

/// The people of a text whose line ends are line feeds, each on the line of the first record.
pub(super) fn rows(source: impl Read) -> impl Iterator<Item = KeyedRow> {
    let mut people = People::default();
    let mut section = String::new();
    let mut types: HashMap<String, Vec<String>> = HashMap::new();
    let mut source = BufReader::new(source);
    let mut line = String::new();
    for number in 1.. {
        line.clear();
        let size = source
            .by_ref()
            .take(MAX_ROW_BYTES as u64)
            .read_line(&mut line);
        if !matches!(size, Ok(1..)) {
            // The end, or bytes that are not UTF-8.
            if size.is_err() {
                people.fault(number, RowFault::NotUtf8);
            }
            break;
        }
        let text = line.trim();
        if text.starts_with('[') {
            text.clone_into(&mut section);
            continue;
        }
        let cells = cells(text);
        match (section.as_str(), cells.as_slice()) {
            ("[Satzbeschreibung]", [kind, _table, columns @ ..]) => {
                types.insert(
                    kind.clone(),
                    columns.iter().map(|column| name(column)).collect(),
                );
            }
            ("[Stammdaten]", [kind, values @ ..]) => {
                if let Some(columns) = types.get(kind) {
                    people.add(number, columns, values);
                }
            }
            _ => {}
        }
    }
    people.rows.into_iter()
}

/// `pnr#psd` without the name of its table.
fn name(column: &str) -> String {
    column.split('#').next().unwrap_or_default().to_owned()
}

/// The cells of a record: separated by semicolons, texts in quotation marks.
fn cells(line: &str) -> Vec<String> {
    let mut quoted = false;
    let cells = line.split(|c| {
        quoted ^= c == '"';
        c == ';' && !quoted
    });
    cells
        .map(|cell| cell.trim().trim_matches('"').replace("\"\"", "\""))
        .collect()
}

#[derive(Default)]
struct People {
    rows: Vec<KeyedRow>,
    /// The row of each personnel number.
    indices: HashMap<String, usize>,
}

impl People {
    fn add(&mut self, line: u64, columns: &[String], values: &[String]) {
        let pairs = columns.iter().cloned().zip(values.iter().cloned());
        let pairs: Vec<_> = pairs.filter(|(column, _)| !column.is_empty()).collect();
        let Some((_, person)) = pairs.iter().find(|(column, _)| column == PERSON) else {
            return;
        };
        let next = self.rows.len();
        if next == MAX_PEOPLE {
            return;
        }
        let index = *self.indices.entry(person.clone()).or_insert(next);
        if index == next {
            self.rows.push(KeyedRow {
                line,
                pairs: Ok(Vec::new()),
            });
        }
        if let Some(Ok(known)) = self.rows.get_mut(index).map(|row| &mut row.pairs) {
            known.extend(pairs);
        }
    }

    fn fault(&mut self, line: u64, fault: RowFault) {
        self.rows.push(KeyedRow {
            line,
            pairs: Err(fault),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_records_of_a_person_become_one_row() {
        let text = "[Allgemein]\nZiel=LODAS\n[Satzbeschreibung]\n10;u_a;pnr#psd;name#psd;\n11;u_b;pnr#psd;eintrittdatum#psd;\n\
            [Stammdaten]\n* Mitarbeiter\n10;1;\"A; B\";\n10;2;\"C\";\n11;1;02.03.2015;\n";
        let rows: Vec<_> = rows(text.as_bytes()).collect();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].line, 8);
        let pairs = rows[0].pairs.clone().unwrap();
        assert!(
            pairs.contains(&pair("name", "A; B"))
                && pairs.contains(&pair("eintrittdatum", "02.03.2015"))
        );
    }
}
