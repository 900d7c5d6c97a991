//! The log of `rosterd serve`.

use std::io::{IsTerminal, stderr};

use roster_server::serve::SetLogLevel;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::reload::Handle;

/// Logs to standard error: text on a terminal, otherwise JSON. `RUST_LOG` sets the level. Dropping
/// the guard writes the pending lines.
///
/// A separate thread writes, so that a blocked reader of the log loses lines and never delays a
/// request.
pub(crate) fn log_to_stderr() -> (WorkerGuard, SetLogLevel) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let (writer, guard) = tracing_appender::non_blocking(stderr());
    let terminal = stderr().is_terminal();
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(terminal)
        .with_writer(writer);
    // The two formats are different types, so the branches cannot share their code.
    if terminal {
        let log = log.with_filter_reloading();
        let handle = log.reload_handle();
        log.init();
        (guard, set_log_level(handle))
    } else {
        let log = log.json().with_filter_reloading();
        let handle = log.reload_handle();
        log.init();
        (guard, set_log_level(handle))
    }
}

fn set_log_level<S: 'static>(handle: Handle<EnvFilter, S>) -> SetLogLevel {
    Box::new(move |filter| {
        let filter = EnvFilter::try_new(filter).map_err(|error| error.to_string())?;
        handle.reload(filter).map_err(|error| error.to_string())
    })
}
