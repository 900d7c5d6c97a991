//! Starts the full-screen application and returns its exit code.

use std::io::{self, IsTerminal};
use std::time::Duration;

use crate::client::Options;
use crate::config::Config;
use crate::runtime;
use crate::state::ThemeName;

/// Returns a message if there is no usable terminal.
pub fn no_terminal() -> Option<String> {
    let needs = "The application needs a terminal.";
    // Keys come from standard input and the screen goes to standard output: neither may be a pipe.
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Some(format!(
            "{needs} Without one, run a command, for example “roster employees list”; see “roster \
                --help”."
        ));
    }
    let term = std::env::var("TERM").ok().filter(|term| !term.is_empty());
    let term = term.map_or_else(
        || "TERM is not set".to_owned(),
        |term| format!("TERM is “{term}”"),
    );
    is_dumb_terminal().then(|| {
        format!(
            "{needs} {term}, which cannot draw screens. Set another, for example \
                “TERM=xterm-256color roster”, or run a command, for example “roster employees \
                list”."
        )
    })
}

/// Returns `true` if `TERM` is dumb or not set.
pub fn is_dumb_terminal() -> bool {
    std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb")
}

/// How long the end waits for threads that write files.
const SHUTDOWN: Duration = Duration::from_millis(300);

/// Runs the application. Returns the exit code: 0, or 128 plus the number of the signal that ended
/// it.
///
/// # Errors
/// If the terminal cannot be set up or written to.
pub fn run(options: Options, config: Config) -> io::Result<u8> {
    let config = Config {
        theme: no_colours().or(config.theme),
        ..config
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let end = runtime.block_on(runtime::run(options, config));
    // Tasks still running are dropped. An export stops, and gets the time to remove its file.
    runtime.shutdown_timeout(SHUTDOWN);
    Ok(end?.code())
}

/// The theme without colours if `NO_COLOR` is set to anything (no-color.org).
fn no_colours() -> Option<ThemeName> {
    std::env::var_os("NO_COLOR")
        .filter(|value| !value.is_empty())
        .map(|_| ThemeName::Mono)
}
