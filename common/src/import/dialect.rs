//! The delimiter and the quotation mark of a CSV file.

use super::delimited::DelimitedRows;
use super::heading::{MAX_TITLE_ROWS, known_headings};
use super::row::{MAX_COLUMNS, RawRow, RowFault};

/// How the cells of a CSV file are separated and quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    pub delimiter: u8,
    pub quote: u8,
    /// Whether spaces stand between a delimiter and a quotation mark, as in `"a", "b"`.
    pub spaced: bool,
    /// The number of the first line that belongs to the table: 2 after `sep=;` or `#TYPE`.
    pub first_line: u64,
}

/// The delimiters, the most usual first.
const DELIMITERS: [u8; 4] = *b",;\t|";

/// Finds the dialect in the first lines of a text: the one in which most headings are known, and
/// which has the most columns.
pub(super) fn of(start: &str) -> Dialect {
    let (first, rest) = start.split_once('\n').unwrap_or((start, ""));
    let declared = declared_delimiter(first);
    let has_preamble = declared.is_some() || first.starts_with("#TYPE ");
    let (text, first_line) = if has_preamble { (rest, 2) } else { (start, 1) };
    let quote = if is_single_quoted(text) { b'\'' } else { b'"' };
    let candidates = declared.map_or(DELIMITERS.to_vec(), |delimiter| vec![delimiter]);
    let mut best: Option<((usize, usize), Dialect)> = None;
    for delimiter in candidates {
        let spaced = has_spaced_quotes(text, delimiter, quote);
        let dialect = Dialect {
            delimiter,
            quote,
            spaced,
            first_line,
        };
        let fits = fit(text, dialect);
        // Of equally good dialects the first is the most usual.
        if best.is_none_or(|(most, _)| fits > most) {
            best = Some((fits, dialect));
        }
    }
    best.map_or(
        Dialect {
            delimiter: b',',
            quote,
            spaced: false,
            first_line,
        },
        |(_, dialect)| dialect,
    )
}

/// How many headings are known in the best row, and how many columns it has.
fn fit(text: &str, dialect: Dialect) -> (usize, usize) {
    let dialect = Dialect {
        first_line: 1,
        ..dialect
    };
    let rows = DelimitedRows::new(text.as_bytes(), dialect, false).take(MAX_TITLE_ROWS);
    let score = |row: RawRow| match row.cells {
        Ok(cells) => Some((known_headings(&cells), cells.len())),
        // The quotation mark follows this delimiter, so it is the one that was meant, unless
        // another one separates known headings.
        Err(RowFault::Unclosed) => Some((0, MAX_COLUMNS)),
        Err(_) => None,
    };
    rows.filter_map(score).max().unwrap_or_default()
}

/// The delimiter that a line such as `sep=;` declares, as spreadsheets write it.
fn declared_delimiter(line: &str) -> Option<u8> {
    let line = line.trim_matches(['"', '\u{feff}', ' ']);
    let declared = line
        .get(..4)
        .filter(|start| start.eq_ignore_ascii_case("sep="));
    match declared.and_then(|_| line.get(4..)).map(str::as_bytes) {
        Some([delimiter]) => Some(*delimiter).filter(|byte| DELIMITERS.contains(byte)),
        Some(b"") if line.len() == 4 => None,
        _ => None,
    }
}

/// Returns `true` if the first line with text begins and ends with an apostrophe.
fn is_single_quoted(text: &str) -> bool {
    let line = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or_default();
    line.len() > 1 && line.starts_with('\'') && line.ends_with('\'')
}

fn has_spaced_quotes(text: &str, delimiter: u8, quote: u8) -> bool {
    let pattern = [
        char::from(quote),
        char::from(delimiter),
        ' ',
        char::from(quote),
    ];
    text.contains(&pattern.iter().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delimiter(text: &str) -> char {
        char::from(of(text).delimiter)
    }

    #[test]
    fn the_delimiter_is_the_one_that_separates_known_headings() {
        assert_eq!(delimiter("firstname,lastname\na,b\n"), ',');
        assert_eq!(
            delimiter("firstname;lastname;\"notes, free, text\"\na;b;c\n"),
            ';'
        );
        assert_eq!(delimiter("firstname\tlastname\n"), '\t');
        assert_eq!(delimiter("firstname|lastname\n"), '|');
        assert_eq!(
            delimiter("Staff, as of today, for all\nVorname;Nachname\n"),
            ';'
        );
        assert_eq!(delimiter(""), ',');
    }

    #[test]
    fn a_declared_delimiter_is_taken_and_its_line_skipped() {
        let found = of("sep=;\nfirstname;lastname\n");
        assert_eq!((found.delimiter, found.first_line), (b';', 2));
        assert_eq!(of("\"sep=|\"\na|b\n").delimiter, b'|');
        assert_eq!(
            of("#TYPE Selected.User\n\"GivenName\";\"Surname\"\n").first_line,
            2
        );
    }

    #[test]
    fn single_quotes_and_spaces_before_quotes_are_noticed() {
        assert_eq!(of("'firstname','lastname'\n'a','b'\n").quote, b'\'');
        assert!(of("\"firstname\", \"lastname\"\n").spaced);
        assert!(!of("firstname, lastname\n").spaced);
    }
}
