//! `roster employees import`

use std::path::PathBuf;

use roster_common::api::{ImportMode, ImportReport};

use super::{joined, read};
use crate::cli::console::Console;
use crate::cli::failure::{Exit, Failure};
use crate::client::{Client, ImportFormat};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// A file of CSV or NDJSON, or - for standard input
    file: PathBuf,
    /// Import the good rows where some are bad; else one bad row means that none is imported
    #[arg(long)]
    partial: bool,
    /// Say what would happen, and change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(args: Args, client: &Client, console: &mut Console) -> Result<Exit, Failure> {
    let rows = read(&args.file, console)?;
    let mode = if args.partial { ImportMode::Partial } else { ImportMode::Atomic };
    let working = console.working(format!("Importing {}", args.file.display()));
    let report = client.import(format_of(&rows), rows, mode, args.dry_run).await;
    working.finish_and_clear();
    let report = report?;
    match console.is_json() {
        true => console.json(&report)?,
        false => tell(&report, console),
    }
    Ok(exit_of(&report))
}

/// A CSV text begins with the name of a column, and NDJSON with an object.
fn format_of(rows: &[u8]) -> ImportFormat {
    match rows.trim_ascii_start().starts_with(b"{") {
        true => ImportFormat::Ndjson,
        false => ImportFormat::Csv,
    }
}

fn tell(report: &ImportReport, console: &mut Console) {
    for row in report.rows.iter().filter(|row| !row.errors.is_empty()) {
        console.tell(&format!("line {}: {}", row.line, joined(&row.errors)));
    }
    let (created, refused) = (report.created, report.refused);
    console.tell(&match (report.dry_run, refused) {
        (true, _) => format!("{created} would be created, {refused} refused. Nothing has been changed."),
        (false, 0) => format!("{created} created."),
        (false, _) => format!("{created} created, {refused} refused."),
    });
}

fn exit_of(report: &ImportReport) -> Exit {
    match (report.refused, report.created) {
        (0, _) => Exit::Done,
        (_, 0) => Exit::Failed,
        _ => Exit::Partly,
    }
}
