//! Standard output, which may be closed or full, and standard error, which may be so as well.

use std::fmt::Display;
use std::io::{ErrorKind, Write, stderr, stdout};

use anyhow::Context;
use roster_common::text::without_error_numbers;

/// Prints a text. If the reader has gone away, as `head` does, it has seen enough, and that is no
/// error.
///
/// # Errors
/// If standard output cannot be written, for example to a full disk.
pub(crate) fn print(text: impl Display) -> anyhow::Result<()> {
    let mut output = stdout().lock();
    match write!(output, "{text}").and_then(|()| output.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write to standard output"),
    }
}

/// Prints a line.
///
/// # Errors
/// As [`print()`].
pub(crate) fn print_line(text: impl Display) -> anyhow::Result<()> {
    print(format_args!("{text}\n"))
}

/// Writes a message for the operator to standard error. If that fails, there is nowhere left to say
/// so.
pub(crate) fn tell(message: impl Display) {
    let message = message.to_string();
    let _ = writeln!(stderr(), "rosterd: {}", without_error_numbers(&message));
}

/// An error with its causes. Those that a message before them repeats are left out.
pub(crate) fn with_causes(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for message in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = message;
        } else if !text.contains(&message) {
            text.push_str(": ");
            text.push_str(&message);
        }
    }
    text
}
