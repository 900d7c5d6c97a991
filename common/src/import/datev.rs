//! DATEV LODAS, the text file of German payroll: descriptions of record types, and then records of
//! these types, of which several make one person.

use std::collections::HashMap;
use std::io::{BufReader, Read};

use super::keyed::KeyedRow;
use super::row::RowFault;
use crate::rows::{MAX_ROW_BYTES, read_line};

/// The line that a file begins with.
pub(super) const START: &str = "[Allgemein]";

/// The column whose value is the same in all records of a person.
const PERSON: &str = "pnr";

/// The most people of a file. All are held in memory, since their records are scattered.
const MAX_PEOPLE: usize = 200_000;

/// What is said about a line of more than [`MAX_ROW_BYTES`].
const TOO_LONG: &str = "The line is longer than 64 KiB.";

/// What is said about the first person after [`MAX_PEOPLE`].
const TOO_MANY: &str = "The file has more than 200,000 people; this one and those after were not read. Export the \
        file in parts.";

/// The people of a text whose line ends are line feeds, each on the line of the first record.
pub(super) fn rows(source: impl Read) -> impl Iterator<Item = KeyedRow> {
    // A person's records may be anywhere in the file, so no row is complete before its end.
    let mut people = People::default();
    let mut section = String::new();
    let mut types: HashMap<String, Vec<String>> = HashMap::new();
    let mut source = BufReader::new(source);
    for number in 1.. {
        let mut line = Vec::new();
        if !matches!(read_line(&mut source, &mut line), Ok(1..)) {
            break;
        }
        if line.len() > MAX_ROW_BYTES {
            people.fault(number, RowFault::Malformed(TOO_LONG.to_owned()));
            continue;
        }
        let Ok(line) = String::from_utf8(line) else {
            people.fault(number, RowFault::NotUtf8);
            break;
        };
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
    /// Whether it was reported that there are more than [`MAX_PEOPLE`].
    has_more: bool,
}

impl People {
    fn add(&mut self, line: u64, columns: &[String], values: &[String]) {
        let pairs = columns.iter().cloned().zip(values.iter().cloned());
        let pairs: Vec<_> = pairs.filter(|(column, _)| !column.is_empty()).collect();
        let Some((_, person)) = pairs.iter().find(|(column, _)| column == PERSON) else {
            return;
        };
        let next = self.rows.len();
        let index = match self.indices.get(person) {
            Some(known) => *known,
            // `indices` counts people only; `rows` has faults as well.
            None if self.indices.len() < MAX_PEOPLE => next,
            None => return self.refuse_more(line),
        };
        if index == next {
            self.indices.insert(person.clone(), index);
            self.rows.push(KeyedRow {
                line,
                pairs: Ok(Vec::new()),
            });
        }
        if let Some(Ok(known)) = self.rows.get_mut(index).map(|row| &mut row.pairs) {
            known.extend(pairs);
        }
    }

    /// Reports, once, that there are too many people.
    fn refuse_more(&mut self, line: u64) {
        if !self.has_more {
            self.has_more = true;
            self.fault(line, RowFault::Malformed(TOO_MANY.to_owned()));
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

    const HEAD: &str = "[Allgemein]\n[Satzbeschreibung]\n10;u_a;pnr#psd;name#psd;\n[Stammdaten]\n";

    #[test]
    fn a_line_that_is_too_long_is_reported_and_moves_no_other() {
        let long = "x".repeat(2 * MAX_ROW_BYTES);
        let text = format!("{HEAD}10;1;A;\n10;2;\"{long}\";\n10;3;C;\n");
        let rows: Vec<_> = rows(text.as_bytes()).collect();
        let found: Vec<_> = rows
            .iter()
            .map(|row| (row.line, row.pairs.is_ok()))
            .collect();
        assert_eq!(found, [(5, true), (6, false), (7, true)]);
    }

    #[test]
    fn one_person_too_many_is_reported_once() {
        let mut text = HEAD.to_owned();
        for number in 1..=MAX_PEOPLE + 5 {
            text.push_str(&format!("10;{number};A;\n"));
        }
        text.push_str("10;7;B;\n");
        let rows: Vec<_> = rows(text.as_bytes()).collect();
        assert_eq!(rows.len(), MAX_PEOPLE + 1);
        let fault = RowFault::Malformed(TOO_MANY.to_owned());
        assert_eq!(rows.last().unwrap().pairs, Err(fault));
        assert_eq!(
            rows[6].pairs.as_ref().unwrap().len(),
            4,
            "known people are read on"
        );
    }
}
