//! The application: from a command line without a command to the exit code.

use std::io::{self, IsTerminal};

use crate::client::Options;
use crate::config::Config;
use crate::runtime;
use crate::state::ThemeName;

/// Whether there is a terminal that the application can draw on.
pub fn has_terminal() -> bool {
    !is_dumb() && io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Whether the terminal can do nothing but show text, or says nothing of what it can.
pub fn is_dumb() -> bool {
    std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb")
}

/// Runs the application; returns the exit code: 0, or 128 and the number of the signal that ended it.
///
/// # Errors
/// Where the terminal cannot be set up or written.
pub fn run(options: Options, config: Config) -> io::Result<u8> {
    let config = Config { theme: no_colours().or(config.theme), ..config };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let end = runtime.block_on(runtime::run(options, config));
    // What is still under way is not waited for.
    runtime.shutdown_background();
    Ok(end?.code())
}

/// The theme without colours, where `NO_COLOR` is set to anything (no-color.org).
fn no_colours() -> Option<ThemeName> {
    std::env::var_os("NO_COLOR").filter(|value| !value.is_empty()).map(|_| ThemeName::Mono)
}
