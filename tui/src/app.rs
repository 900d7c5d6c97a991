//! The application: from a command line without a command to the exit code.

use std::io::{self, IsTerminal};

use crate::client::Options;
use crate::config::Config;
use crate::runtime;
use crate::state::ThemeName;

/// Why there is no terminal that the application can draw on, and what to do, where there is none.
pub fn no_terminal() -> Option<String> {
    let needs = "The application needs a terminal.";
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Some(format!(
            "{needs} Without one, say what to do, as in “roster employees list”; “roster --help” names all commands."
        ));
    }
    let term = std::env::var("TERM").ok().filter(|term| !term.is_empty());
    let term = term.map_or_else(
        || "TERM is not set".to_owned(),
        |term| format!("TERM is “{term}”"),
    );
    is_dumb().then(|| {
        format!(
            "{needs} {term}, which stands for one that only shows text. Set another, as in \
             “TERM=xterm-256color roster”, or say what to do, as in “roster employees list”."
        )
    })
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
    let config = Config {
        theme: no_colours().or(config.theme),
        ..config
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let end = runtime.block_on(runtime::run(options, config));
    // What is still under way is not waited for.
    runtime.shutdown_background();
    Ok(end?.code())
}

/// The theme without colours, where `NO_COLOR` is set to anything (no-color.org).
fn no_colours() -> Option<ThemeName> {
    std::env::var_os("NO_COLOR")
        .filter(|value| !value.is_empty())
        .map(|_| ThemeName::Mono)
}
