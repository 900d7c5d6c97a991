//! The only place that prints: data to standard output, messages to standard error.
//!
//! A terminal gets aligned columns and a header; a pipe gets one record per line, tab-separated.
//! Hidden characters are made visible in both. JSON keeps every value unchanged, and escapes them
//! at a terminal.

use std::io::{self, BufRead, BufWriter, IsTerminal, Stdin, Stdout, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};
use roster_common::api::SavedEmployee;
use roster_common::text::without_error_numbers;
use roster_common::{Employee, Field, FieldError, RecordWarning};
use serde::Serialize;

use super::failure::{ExitStatus, Failure};
use super::{json, table};
use crate::app::is_dumb_terminal;
use crate::escape::visible;
use crate::runtime::terminal::bold;

fn style(template: &str) -> ProgressStyle {
    // The templates are literals in this file, so they always parse.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

/// A time for people, in this computer's time zone: `2026-11-27 17:46 CET`.
pub(super) fn local_time(at: Timestamp) -> String {
    ZonedDateTime::new(at, TimeZone::system())
        .strftime("%Y-%m-%d %H:%M %Z")
        .to_string()
}

/// Prints a line to standard error, also while a command has the console. A closed standard error
/// is ignored.
pub(super) fn note(line: &str) {
    let _ = writeln!(io::stderr(), "{}", visible(&without_error_numbers(line)));
}

/// Standard input, output and error, and whether each is a terminal.
pub(super) struct Console {
    out: BufWriter<Stdout>,
    json: bool,
    /// The server, if the command line names it.
    pub(super) server: Option<String>,
}

impl Console {
    pub(super) fn new(json: bool) -> Self {
        Self {
            out: BufWriter::new(io::stdout()),
            json,
            server: None,
        }
    }

    /// Whether data is printed as JSON.
    pub(super) fn is_json(&self) -> bool {
        self.json
    }

    /// Whether standard output is a terminal.
    pub(super) fn is_terminal_output(&self) -> bool {
        !self.json && io::stdout().is_terminal()
    }

    /// Whether the user can be prompted.
    pub(super) fn can_ask(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    pub(super) fn stdin(&self) -> Stdin {
        io::stdin()
    }

    /// Prints a prompt and reads one line.
    pub(super) fn ask(&self, question: &str) -> io::Result<String> {
        let mut err = io::stderr();
        write!(err, "{}", visible(question))?;
        err.flush()?;
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer)?;
        Ok(answer.trim().to_owned())
    }

    /// Refuses a command that has to ask for consent, before it does anything, if nobody can be
    /// asked.
    pub(super) fn check_can_confirm(&self) -> Result<(), Failure> {
        if self.can_ask() {
            return Ok(());
        }
        let message = "Cannot prompt without a terminal; pass --yes.";
        Err(Failure::Usage(message.into()))
    }

    /// Asks a yes-or-no question; only yes confirms.
    ///
    /// # Errors
    /// If the answer is no, or cannot be read.
    pub(super) fn confirm(&self, question: &str) -> Result<(), Failure> {
        let answer = self.ask(&format!("{question} [y/N] "));
        let answer = answer.map_err(Failure::from_stdin)?;
        match answer.to_lowercase().as_str() {
            "y" | "yes" => Ok(()),
            _ => Err(Failure::Declined),
        }
    }

    /// Prints one line of data.
    pub(super) fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")
    }

    /// Prints a part of a line of data.
    pub(super) fn text(&mut self, text: &str) -> io::Result<()> {
        write!(self.out, "{text}")
    }

    /// Prints data as one line of JSON.
    pub(super) fn json(&mut self, value: &impl Serialize) -> io::Result<()> {
        self.json_text(value)?;
        self.line("")
    }

    /// Prints data as JSON, as a part of a line.
    pub(super) fn json_text(&mut self, value: &impl Serialize) -> io::Result<()> {
        json::write(&mut self.out, value, io::stdout().is_terminal())
    }

    /// Prints one record: one field per line at a terminal, otherwise as a row.
    pub(super) fn record(&mut self, employee: &Employee) -> io::Result<()> {
        if self.json {
            return self.json(employee);
        }
        if !self.is_terminal_output() {
            return self.line(&table::tab_separated(employee));
        }
        self.labelled("Id", &employee.id.to_string())?;
        for field in Field::ALL {
            self.labelled(field.label(), &employee.details.text(field))?;
        }
        let updated = local_time(employee.updated);
        let updated = format!("{updated} by {}", employee.updated_by);
        self.labelled("Updated", &updated)?;
        self.labelled("Version", &employee.version.to_string())
    }

    /// Prints a record that was saved, and its warnings to standard error. They are members of the
    /// JSON.
    pub(super) fn saved(&mut self, saved: &SavedEmployee) -> io::Result<()> {
        if self.json {
            return self.json(saved);
        }
        self.record(&saved.employee)?;
        for RecordWarning { field, message, .. } in &saved.warnings {
            self.message(&format!("Warning: {field}: {message}"));
        }
        Ok(())
    }

    /// Prints the lines of a value, the first behind its label; nothing if it is empty.
    fn labelled(&mut self, label: &str, value: &str) -> io::Result<()> {
        let labels = std::iter::once(label).chain(std::iter::repeat(""));
        for (label, line) in labels.zip(value.lines()) {
            let line = format!("{label:<12}{}", visible(line));
            writeln!(self.out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    /// Prints the header of a table.
    pub(super) fn header(&mut self, text: &str) -> io::Result<()> {
        if is_dumb_terminal() {
            self.line(text)
        } else {
            writeln!(self.out, "{}", bold(text))
        }
    }

    /// Prints a message to standard error, after the data so far. A closed standard error is
    /// ignored.
    pub(super) fn message(&mut self, message: &str) {
        let _ = self.out.flush();
        message.lines().for_each(note);
    }

    /// Prints a table of messages, the header first, if standard error is a terminal. Returns
    /// `false` and prints nothing if it is not: programs read one message per line.
    pub(super) fn message_table(&mut self, rows: &[Vec<String>]) -> bool {
        if !io::stderr().is_terminal() {
            return false;
        }
        let shown = |row: &Vec<String>| row.iter().map(|cell| visible(cell).into_owned()).collect();
        let rows: Vec<Vec<String>> = rows.iter().map(shown).collect();
        table::lines(&rows, table::terminal_width()).for_each(|line| self.message(&line));
        true
    }

    /// Reports why a command failed.
    pub(super) fn fail(&mut self, failure: &Failure) {
        if failure.is_quiet() {
            return;
        }
        if self.json {
            let _ = self.out.flush();
            // A log is read at a terminal later.
            let _ = json::write(io::stderr(), &failure.to_json(), true);
            let _ = writeln!(io::stderr());
            return;
        }
        let message = format!("roster: {}", failure.message());
        self.message(&message);
        // The server's message may already name every field.
        for error in failure
            .field_errors()
            .iter()
            .map(FieldError::to_string)
            .filter(|error| !message.contains(error))
        {
            self.message(&format!("  {error}"));
        }
        if let Some(hint) = failure.hint(self.server.as_deref()) {
            self.message(&hint);
        }
    }

    /// Prints the help or the version, or reports wrong arguments.
    pub(super) fn usage(&mut self, error: &clap::Error) -> Result<ExitStatus, Failure> {
        if !error.use_stderr() {
            error.print()?;
            io::stdout().flush()?;
            return Ok(ExitStatus::Done);
        }
        if self.json {
            return Err(Failure::arguments(error));
        }
        // A closed standard error is ignored.
        let _ = error.print();
        Ok(ExitStatus::Usage)
    }

    /// Shows a spinner until the returned guard is dropped.
    pub(super) fn working(&self, what: String) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
            .with_message(visible(&what).into_owned());
        bar.enable_steady_tick(Duration::from_millis(100));
        bar
    }

    /// Shows how much of a file has been sent, and how fast.
    pub(super) fn sending(&self, what: String, size: u64) -> ProgressBar {
        let bar = self.working(what);
        bar.set_length(size);
        bar.set_style(style(
            "{spinner} {msg}: {bytes} of {total_bytes}, {bytes_per_sec}",
        ));
        bar
    }

    /// Everything is sent; now the server works.
    pub(super) fn sent(bar: &ProgressBar) {
        bar.set_style(style(
            "{spinner} {msg}: {total_bytes} sent, waiting for the server ({elapsed})",
        ));
        bar.force_draw();
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
