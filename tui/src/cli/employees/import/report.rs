//! The outcome of an import as text and as JSON.

use std::io;

use roster_common::RecordWarning;
use roster_common::api::{ImportMode, MatchReport};
use roster_common::import::ColumnReport;

use crate::cli::console::Console;
use crate::cli::failure::ExitStatus;
use crate::import::{CellError, Report, ReportedRow, RowWarning, SkippedRow};

impl Report {
    pub(super) fn print(&self, console: &mut Console) -> io::Result<()> {
        if console.is_json() {
            return console.json(self);
        }
        self.print_columns(console);
        for SkippedRow { line, reason } in &self.skipped {
            console.message(&format!("line {line}: skipped, {reason}"));
        }
        for RowWarning { line, warning } in &self.warnings {
            console.message(&format!("line {line}: warning: {warning}"));
        }
        for row in &self.rows {
            for RecordWarning { field, message, .. } in &row.warnings {
                console.message(&format!("line {}: warning: {field}: {message}", row.line));
            }
        }
        for row in self.rows.iter().filter(|row| !row.changes.is_empty()) {
            console.message(&format!("line {}: {}", row.line, row.changed()));
        }
        self.print_refused(console);
        if let Some(field) = self.found_again() {
            console.message(&format!(
                "Some of these people may be in Roster already. To update them, repeat with \
                    --match {field}."
            ));
        }
        // After the rows, so that a long list does not scroll the result off the screen.
        console.message(&self.counts());
        if let Some(matched) = &self.matched {
            print_missing(matched, console);
        }
        if let Some(run) = self.run {
            console.message(&format!("To undo: roster employees import undo {run}"));
        }
        Ok(())
    }

    /// The refused cells: a table at a terminal, otherwise one row per line.
    fn print_refused(&self, console: &mut Console) {
        let refused = || self.rows.iter().filter(|row| !row.errors.is_empty());
        let cells = |row: &ReportedRow| -> Vec<_> {
            let line = row.line.to_string();
            row.errors.iter().map(|error| error.cells(&line)).collect()
        };
        let header = ["LINE", "COLUMN", "READ", "EXAMPLE", "PROBLEM"].map(str::to_owned);
        let mut table = vec![header.to_vec()];
        table.extend(refused().flat_map(cells));
        if table.len() > 1 && console.message_table(&table) {
            return;
        }
        for row in refused() {
            console.message(&format!("line {}: {}", row.line, row.text()));
        }
    }

    /// The columns, unless each is named as its field.
    fn print_columns(&self, console: &mut Console) {
        // Only what the user may not expect: a column named as its field needs no confirmation.
        let renamed = self
            .columns
            .iter()
            .filter(|column| column.field.is_some_and(|field| field != column.heading));
        let renamed: Vec<_> = renamed
            .map(|column| format!("{} as {}", column.heading, column.field.unwrap_or_default()))
            .collect();
        if !renamed.is_empty() {
            console.message(&format!("Read {}.", renamed.join(", ")));
        }
        let repeated: Vec<_> = self.repeated_columns().collect();
        if !repeated.is_empty() {
            console.message(&format!(
                "Skipped repeated columns: {}.",
                repeated.join(", ")
            ));
        }
        let unknown: Vec<_> = self
            .columns
            .iter()
            .filter(|column| column.unknown)
            .map(suggestion)
            .collect();
        if !unknown.is_empty() {
            console.message(&format!("Skipped unknown columns: {}.", unknown.join(", ")));
        }
    }

    fn counts(&self) -> String {
        let (created, refused) = (self.created, self.refused);
        let mut text = match (self.dry_run, self.mode, refused) {
            _ if self.matched.is_some() => self.matched_counts(),
            (true, ImportMode::Atomic, 1..) => format!(
                "{} valid, {refused} refused, so nothing would be created. With --partial, the \
                    valid rows would be.",
                self.valid
            ),
            (true, _, _) => {
                format!("Would create {created} and refuse {refused}. Nothing was changed.")
            }
            (false, _, 0) => format!("Created {created}."),
            (false, _, _) => format!("Created {created}, refused {refused}."),
        };
        // These rows need no correction of their own.
        if self.waiting > 0 {
            text.push_str(&format!(
                " {} of them only because their managers were refused.",
                self.waiting
            ));
        }
        text
    }

    /// The counts of an import that updates.
    fn matched_counts(&self) -> String {
        let matched = self.matched.as_ref();
        let (changed, unchanged) = matched.map_or((0, 0), |m| (m.changed, m.unchanged));
        let (created, refused) = (self.created, self.refused);
        let would = if self.dry_run {
            "Would have created"
        } else {
            "Created"
        };
        let mut text = format!("{would} {created}, changed {changed}; {unchanged} unchanged");
        if refused > 0 {
            text.push_str(&format!("; {refused} refused"));
        }
        text.push('.');
        text
    }

    pub(super) fn exit(&self) -> ExitStatus {
        let changed = self.matched.as_ref().map_or(0, |matched| matched.changed);
        match (self.refused, self.created + changed) {
            (0, _) => ExitStatus::Done,
            (_, 0) => ExitStatus::Failed,
            _ => ExitStatus::PartialSuccess,
        }
    }
}

/// The employees whom no row matches.
fn print_missing(matched: &MatchReport, console: &mut Console) {
    const MOST_LISTED: usize = 20;
    if matched.missing == 0 {
        return;
    }
    let ids = matched.missing_ids.iter().take(MOST_LISTED);
    let mut ids: Vec<_> = ids.map(|id| format!("#{id}")).collect();
    if matched.missing > MOST_LISTED as u64 {
        ids.push("…".to_owned());
    }
    let (missing, ids) = (matched.missing, ids.join(" "));
    console.message(&format!(
        "{missing} on the server are not in the file: {ids}"
    ));
}

fn suggestion(column: &ColumnReport) -> String {
    match column.nearest.as_slice() {
        [] => column.heading.clone(),
        near => format!("{} (similar to {})", column.heading, near.join(", ")),
    }
}

impl CellError {
    /// Its cells in a table.
    fn cells(&self, line: &str) -> Vec<String> {
        let column = self.column.as_deref().filter(|column| !column.is_empty());
        vec![
            line.to_owned(),
            column.unwrap_or(&self.error.field).to_owned(),
            self.read.clone().unwrap_or_default(),
            self.example.unwrap_or_default().to_owned(),
            self.error.message.clone(),
        ]
    }
}
