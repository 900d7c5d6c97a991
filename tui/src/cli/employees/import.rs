//! `roster employees import`

use std::fs::File;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};

use indicatif::ProgressBar;
use roster_common::api::{ImportMode, ImportReport};

use super::input::{joined, read};
use crate::cli::console::Console;
use crate::cli::failure::{ExitStatus, Failure};
use crate::client::{Client, ImportFormat, Upload};

/// How many bytes of a file are read to detect its format.
const BEGINNING: u64 = 1024;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// CSV or NDJSON file, or - for standard input
    file: PathBuf,
    /// Import valid rows even if others are refused (default: all or nothing)
    #[arg(long)]
    partial: bool,
    /// Show what would happen without changing anything
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(
    args: Args,
    client: &Client,
    console: &mut Console,
) -> Result<ExitStatus, Failure> {
    let mode = if args.partial {
        ImportMode::Partial
    } else {
        ImportMode::Atomic
    };
    let (format, rows, progress) = open(&args.file, console)?;
    let report = client.import(format, rows, mode, args.dry_run).await;
    progress.finish_and_clear();
    let report = report?;
    if console.is_json() {
        console.json(&report)?;
    } else {
        print_report(&report, console);
    }
    Ok(exit_of(&report))
}

/// The upload and its progress bar. A file is streamed; input from a pipe is held in memory so that
/// it can be sent again.
fn open(path: &Path, console: &Console) -> Result<(ImportFormat, Upload, ProgressBar), Failure> {
    let unreadable = |error| Failure::Input {
        path: path.into(),
        error,
    };
    let what = format!(
        "Importing {}",
        path.file_name().unwrap_or(path.as_os_str()).display()
    );
    if !path.is_file() {
        let rows = read(path, console)?;
        return Ok((format_of(&rows), Upload::whole(rows), console.working(what)));
    }
    let mut file = File::open(path).map_err(unreadable)?;
    let mut beginning = Vec::new();
    file.by_ref()
        .take(BEGINNING)
        .read_to_end(&mut beginning)
        .map_err(unreadable)?;
    file.rewind().map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    let progress = console.sending(what, size);
    let bar = progress.clone();
    Ok((
        format_of(&beginning),
        Upload::file(file, move |sent| show(&bar, sent)),
        progress,
    ))
}

fn show(bar: &ProgressBar, sent: u64) {
    bar.set_position(sent);
    if bar.length().is_some_and(|size| sent >= size) {
        Console::sent(bar);
    }
}

/// NDJSON starts with an object, CSV with a column name.
fn format_of(rows: &[u8]) -> ImportFormat {
    if rows.trim_ascii_start().starts_with(b"{") {
        ImportFormat::Ndjson
    } else {
        ImportFormat::Csv
    }
}

fn print_report(report: &ImportReport, console: &mut Console) {
    for row in report.rows.iter().filter(|row| !row.errors.is_empty()) {
        console.message(&format!("line {}: {}", row.line, joined(&row.errors)));
    }
    let (created, refused) = (report.created, report.refused);
    console.message(&match (report.dry_run, refused) {
        (true, _) => {
            format!("Would create {created} and refuse {refused}. Nothing was changed.")
        }
        (false, 0) => format!("Created {created}."),
        (false, _) => format!("Created {created}, refused {refused}."),
    });
}

fn exit_of(report: &ImportReport) -> ExitStatus {
    match (report.refused, report.created) {
        (0, _) => ExitStatus::Done,
        (_, 0) => ExitStatus::Failed,
        _ => ExitStatus::PartialSuccess,
    }
}
