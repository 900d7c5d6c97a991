//! Documentation pages that are checked against the program.
//!
//! A page can have generated parts, each between `<!-- begin NAME -->` and `<!-- end NAME -->`. A
//! test compares them with what the program says; with `UPDATE_DOCS=1` in the environment it writes
//! them instead. Blocks of code marked `sh` are commands that a test runs.

use std::fs;
use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The text of a page; `page` is its path from the root of the repository.
pub fn read_page(page: &str) -> String {
    fs::read_to_string(repository().join(page)).unwrap()
}

/// Checks the generated parts of a page, each given as its name and its text.
///
/// # Panics
/// If the page differs, unless `UPDATE_DOCS` is set.
#[track_caller]
pub fn check_generated(page: &str, parts: &[(&str, String)]) {
    let text = read_page(page);
    let mut expected = text.clone();
    for (name, part) in parts {
        expected = with_part(&expected, name, part);
    }
    if text == expected {
        return;
    }
    assert!(
        std::env::var_os("UPDATE_DOCS").is_some(),
        "{page} is out of date; run this test with UPDATE_DOCS=1 to update it"
    );
    fs::write(repository().join(page), expected).unwrap();
}

/// The page with another text between the two comments of `name`.
fn with_part(page: &str, name: &str, part: &str) -> String {
    let (begin, end) = (
        format!("<!-- begin {name} -->\n"),
        format!("<!-- end {name} -->"),
    );
    let (before, rest) = page.split_once(&begin).unwrap();
    let (_, after) = rest.split_once(&end).unwrap();
    format!("{before}{begin}\n{}\n\n{end}{after}", part.trim())
}

/// A Markdown table.
pub fn table<const N: usize>(
    headings: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let line = |cells: &[String]| {
        format!(
            "| {} |
",
            cells.join(" | ")
        )
        .replace("|  |", "| |")
    };
    let headings = headings.map(str::to_owned);
    let mut table = line(&headings) + "|" + &"---|".repeat(N) + "\n";
    for row in rows {
        table += &line(&row.map(|cell| cell.replace('|', "\\|")));
    }
    table
}

/// All the commands of a page: its blocks marked `sh`, one after the other.
pub fn commands(page: &str) -> String {
    let text = read_page(page);
    let blocks = text.split("```sh\n").skip(1);
    blocks
        .filter_map(|rest| rest.split_once("```"))
        .map(|(block, _)| block)
        .collect()
}
