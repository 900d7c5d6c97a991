//! `roster employees import runs` and `roster employees import undo`

use roster_common::api::{ImportRun, KeptEmployee, KeptReason, RunId, UndoReport};

use crate::cli::console::{Console, local_time};
use crate::cli::failure::{ExitStatus, Failure};
use crate::client::Client;
use crate::import::was_undone;

#[derive(Debug, clap::Args)]
pub(super) struct UndoArgs {
    /// Number of the import, as `import` and `import runs` print it
    run: RunId,
}

/// Lists the runs, newest first.
pub(super) async fn list(client: &Client, console: &mut Console) -> Result<ExitStatus, Failure> {
    let runs = client.runs().await?;
    if console.is_json() {
        console.json(&runs)?;
        return Ok(ExitStatus::Done);
    }
    for run in &runs {
        console.line(&line(run))?;
    }
    Ok(ExitStatus::Done)
}

/// A run in tab-separated cells: number, time, user, counts and state.
fn line(run: &ImportRun) -> String {
    let counts = run.counts;
    let changed = [
        (counts.created, "created"),
        (counts.changed, "changed"),
        (counts.deleted, "deleted"),
    ];
    let changed = changed.iter().filter(|(count, _)| *count > 0);
    let changed: Vec<_> = changed
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    let mut cells = vec![
        run.id.to_string(),
        local_time(run.begun),
        run.by.clone(),
        changed.join(", "),
    ];
    let mut state = Vec::new();
    if !run.finished {
        state.push("not finished".to_owned());
    }
    state.extend(run.undoes.map(|other| format!("undoes {other}")));
    state.extend(run.undone_by.map(|other| format!("undone by {other}")));
    // Even if it is empty, so that every line has the same number of cells.
    cells.push(state.join(", "));
    cells.join("\t")
}

/// Undoes a run.
pub(super) async fn undo(
    args: &UndoArgs,
    client: &Client,
    console: &mut Console,
) -> Result<ExitStatus, Failure> {
    let working = console.working(format!("Undoing import {}", args.run));
    // Then the report is that of the earlier command.
    let was_undone = was_undone(args.run, client).await;
    let report = client.undo_run(args.run).await;
    working.finish_and_clear();
    print(&report?, was_undone?, console)
}

fn print(
    report: &UndoReport,
    was_undone: bool,
    console: &mut Console,
) -> Result<ExitStatus, Failure> {
    // A script learns from the exit code that rows were kept, with and without JSON.
    let exit = match report.kept {
        0 => ExitStatus::Done,
        _ => ExitStatus::PartialSuccess,
    };
    if console.is_json() {
        console.json(report)?;
        return Ok(exit);
    }
    for kept in &report.kept_rows {
        console.message(&reason(kept));
    }
    let UndoReport { undone, run, .. } = report;
    let counts = report.counts;
    let what = if was_undone {
        format!("Import {undone} was undone before")
    } else {
        format!("Undid import {undone}")
    };
    let mut text = format!(
        "{what}: deleted {}, changed back {}",
        counts.deleted, counts.changed
    );
    if counts.created > 0 {
        text.push_str(&format!(", restored {}", counts.created));
    }
    if report.kept > 0 {
        text.push_str(&format!("; kept {} with newer changes", report.kept));
    }
    console.message(&format!(
        "{text}.\nTo redo: roster employees import undo {run}"
    ));
    Ok(exit)
}

fn reason(kept: &KeptEmployee) -> String {
    let id = kept.id;
    let fields: Vec<_> = kept.fields.iter().map(|field| field.name()).collect();
    let what = if fields.is_empty() {
        "kept".to_owned()
    } else {
        format!("kept {}", fields.join(", "))
    };
    let why = match kept.reason {
        KeptReason::Edited => "changed since",
        KeptReason::Deleted => "deleted since",
        KeptReason::Refused => "the old values are no longer allowed",
        KeptReason::Forgotten => "the old values are no longer known",
        KeptReason::Other => "see the history",
    };
    format!("#{id}: {what} ({why})")
}
