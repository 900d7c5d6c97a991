//! `roster employees template`

use roster_common::rows;

use crate::cli::console::Console;
use crate::cli::failure::{ExitStatus, Failure};

/// Prints the columns of an import, and an example row, which an import skips.
pub(super) fn run(console: &mut Console) -> Result<ExitStatus, Failure> {
    let mut csv = Vec::new();
    rows::write_template(&mut csv);
    console.text(&String::from_utf8_lossy(&csv))?;
    Ok(ExitStatus::Done)
}
