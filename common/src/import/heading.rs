//! Which row is the heading, and the form in which headings are compared.

use csv::StringRecord;

use super::cell::cleaned;
use super::row::RawRow;
use super::vocabulary::{Meaning, meaning_of};
use crate::text;

/// The most rows that may stand above the heading.
pub(super) const MAX_TITLE_ROWS: usize = 20;

/// The form in which headings are compared: letters and digits, without case, accents,
/// `[Required]` and the `'s` of a possessive. A final `#` is the word “number”.
pub(super) fn folded_heading(heading: &str) -> String {
    let heading = without_brackets(cleaned(heading));
    let heading = heading.trim_end();
    let (heading, number) = heading
        .strip_suffix('#')
        .map_or((heading, ""), |rest| (rest, "number"));
    let mut folded = String::new();
    for word in text::folded(heading).split(|c: char| !(c.is_alphanumeric() || c == '\'')) {
        let word = word.strip_suffix("'s").unwrap_or(word);
        folded.extend(word.chars().filter(|c| *c != '\''));
    }
    if !folded.is_empty() {
        folded.push_str(number);
    }
    folded
}

/// Removes `[Required]`, `[UPLOAD ONLY]` and other words in square brackets.
fn without_brackets(heading: &str) -> String {
    let mut depth = 0_usize;
    let mut kept = String::new();
    for c in heading.chars() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 => kept.push(c),
            _ => {}
        }
    }
    kept
}

/// The heading of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heading {
    /// The names of the columns.
    pub names: Vec<String>,
    /// Everything up to this line stands above the first person.
    pub last_line: u64,
}

/// Finds the heading in the first rows of a table: the row with the most known headings. A second
/// heading below it, as some systems write one for people and one for machines, is skipped.
pub(super) fn find(rows: &[RawRow]) -> Option<Heading> {
    let candidates = rows
        .iter()
        .take(MAX_TITLE_ROWS)
        .filter_map(|row| Some((row.line, row.cells.as_ref().ok()?)));
    let mut best: Option<(usize, u64, &StringRecord)> = None;
    for (line, cells) in candidates.clone() {
        let known = known_headings(cells);
        // Of equally good rows the first is the heading.
        if known > best.map_or(0, |(most, ..)| most) {
            best = Some((known, line, cells));
        }
    }
    let (known, line, cells) = best?;
    let below = candidates
        .filter(|(other, _)| *other > line)
        .map(|(line, cells)| (line, known_headings(cells)));
    let second = below
        .take(1)
        .find(|(_, second)| *second >= 2 && *second * 2 >= known);
    Some(Heading {
        names: cells.iter().map(|cell| cleaned(cell).to_owned()).collect(),
        last_line: second.map_or(line, |(line, _)| line),
    })
}

/// How many different headings of a row are known. A cell of 80 bytes or more is a title.
pub(super) fn known_headings(cells: &StringRecord) -> usize {
    let mut known: Vec<Meaning> = Vec::new();
    for cell in cells {
        if let Some((meaning, _)) = meaning_of(cell).filter(|_| cell.len() < 80)
            && meaning != Meaning::Ignored
            && !known.contains(&meaning)
        {
            known.push(meaning);
        }
    }
    known.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<RawRow> {
        let row = |(line, row): (u64, &str)| RawRow {
            line,
            cells: Ok(row.split(',').collect()),
        };
        (1..).zip(text.lines()).map(row).collect()
    }

    #[test]
    fn headings_are_folded() {
        for (heading, folded) in [
            ("First Name [Required]", "firstname"),
            ("*Last_Name.", "lastname"),
            ("Employee #", "employeenumber"),
            ("#", ""),
            ("Worker's Manager", "workermanager"),
            ("Worker’s Manager", "workermanager"),
            ("Büro", "buro"),
            ("E-Mail:", "email"),
            ("Address [Home] Email", "addressemail"),
            ("氏名", "氏名"),
        ] {
            assert_eq!(folded_heading(heading), folded, "{heading}");
        }
    }

    #[test]
    fn the_row_with_the_most_known_names_is_the_heading() {
        let found = find(&rows(
            "Staff list\nEffective date,2026-11-27\n,\nFirst Name,Last Name,Shoe\nAda,Lovelace,36\n",
        ));
        let found = found.unwrap();
        assert_eq!((found.names[2].as_str(), found.last_line), ("Shoe", 4));
        assert_eq!(find(&rows("Ada,Lovelace\nGrace,Hopper\n")), None);
    }

    #[test]
    fn a_second_heading_is_skipped() {
        let found = find(&rows(
            "firstname,lastname,email\nFirst Name,Last Name,Email\nAda,Lovelace,\n",
        ))
        .unwrap();
        assert_eq!((found.names[0].as_str(), found.last_line), ("firstname", 2));
    }
}
