//! The log of `rosterd serve`.

use std::env;
use std::io::{IsTerminal, stderr};

use roster_server::serve::SetLogLevel;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;
use tracing_subscriber::reload::{self, Handle};
use tracing_subscriber::{Registry, fmt};

/// Logs to standard error: text on a terminal, otherwise JSON. `RUST_LOG` sets the level. Dropping
/// the guard writes the pending lines.
///
/// A separate thread writes, so that a blocked reader of the log loses lines and never delays a
/// request.
pub(crate) fn log_to_stderr() -> (WorkerGuard, SetLogLevel) {
    let (filter, handle) = reload::Layer::new(filter_of_environment());
    let (writer, guard) = tracing_appender::non_blocking(stderr());
    let lines = fmt::layer().with_writer(writer);
    let lines = if stderr().is_terminal() {
        lines.boxed()
    } else {
        lines.with_ansi(false).json().boxed()
    };
    tracing_subscriber::registry()
        .with(filter)
        .with(lines)
        .init();
    (guard, set_log_level(handle))
}

fn filter_of_environment() -> Targets {
    env::var("RUST_LOG")
        .ok()
        .filter(|filter| !filter.is_empty())
        .and_then(|filter| filter.parse().ok())
        .unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO))
}

fn set_log_level(handle: Handle<Targets, Registry>) -> SetLogLevel {
    Box::new(move |filter| {
        let filter = filter
            .parse::<Targets>()
            .map_err(|error| error.to_string())?;
        handle.reload(filter).map_err(|error| error.to_string())
    })
}
