//! `roster employees history`

use std::io;

use roster_common::EmployeeId;
use roster_common::history::{FieldChange, HistoryEntry};
use roster_common::time::written;

use crate::cli::console::{Console, local_time};
use crate::cli::failure::{ExitStatus, Failure};
use crate::client::Client;
use crate::escape::visible;
use crate::format::{change_verb, or_dash};

/// The number of entries that are requested at a time.
const PAGE: usize = 100;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Employee id; that of a deleted employee, too
    id: EmployeeId,
    /// Maximum number of changes (default: all)
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

pub(super) async fn run(
    args: Args,
    client: &Client,
    console: &mut Console,
) -> Result<ExitStatus, Failure> {
    let entries = read(&args, client).await?;
    if console.is_json() {
        console.json(&entries)?;
    } else if console.is_terminal_output() {
        entries.iter().try_for_each(|entry| print(entry, console))?;
    } else {
        let mut lines = entries.iter().flat_map(tab_separated);
        lines.try_for_each(|line| console.line(&line))?;
    }
    Ok(ExitStatus::Done)
}

/// The entries, page by page.
async fn read(args: &Args, client: &Client) -> Result<Vec<HistoryEntry>, Failure> {
    let limit = args.limit.unwrap_or(usize::MAX);
    let mut entries: Vec<HistoryEntry> = Vec::new();
    while entries.len() < limit {
        let wanted = PAGE.min(limit - entries.len());
        let before = entries.last().map(|entry| entry.version);
        let page = client.history(args.id, before, wanted).await?;
        let is_last = page.len() < wanted;
        entries.extend(page);
        if is_last {
            break;
        }
    }
    Ok(entries)
}

/// Prints one change for people: who did what and when, and a line for each field.
fn print(entry: &HistoryEntry, console: &mut Console) -> io::Result<()> {
    let (at, what) = (local_time(entry.at), change_verb(entry.what));
    let run = entry.run.map(|run| format!(" (import {run})"));
    console.line(&format!(
        "{at}  {} {what}{}",
        visible(&entry.by),
        run.unwrap_or_default()
    ))?;
    for FieldChange { field, old, new } in &entry.changes {
        let (old, new) = (visible(or_dash(old)), visible(or_dash(new)));
        console.line(&format!("  {:<12}{old} → {new}", field.label()))?;
    }
    Ok(())
}

/// One change for programs, a line for each field: version, time, user, what was done, field, old
/// and new value. A change of no field has one line, with empty cells.
fn tab_separated(entry: &HistoryEntry) -> Vec<String> {
    let cells = [
        entry.version.to_string(),
        written(entry.at),
        visible(&entry.by).into_owned(),
        change_verb(entry.what).to_owned(),
    ];
    let start = cells.join("\t");
    let line = |change: &FieldChange| {
        let FieldChange { field, old, new } = change;
        format!(
            "{start}\t{}\t{}\t{}",
            field.name(),
            visible(old),
            visible(new)
        )
    };
    match entry.changes.as_slice() {
        [] => vec![format!("{start}\t\t\t")],
        changes => changes.iter().map(line).collect(),
    }
}
