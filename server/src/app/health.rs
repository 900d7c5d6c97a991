//! The readiness check, and figures for the metrics.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

use super::{App, AppError};
use crate::store::{self, StoreFigures};

/// The minimum time between two probes of the store. Each is a durable commit, and anyone may ask.
const PROBE_INTERVAL: Duration = Duration::from_secs(1);

/// The last probe of the store, whose result all checks share.
#[derive(Debug, Default)]
pub struct Readiness {
    last: Mutex<Option<Probe>>,
    /// Whether a request has failed since the last probe.
    is_doubtful: AtomicBool,
}

#[derive(Debug)]
struct Probe {
    begun: Instant,
    result: store::Result<()>,
}

impl Readiness {
    /// Called when the store has failed a request: the last probe no longer counts.
    pub fn doubt(&self) {
        self.is_doubtful.store(true, Ordering::Release);
    }

    /// Returns `true` if a probe answers a check that arrived at this time: it began later, or it
    /// succeeded a moment ago.
    fn is_answered_by(&self, probe: &Probe, arrived: Instant) -> bool {
        let is_recent = probe.begun.elapsed() < PROBE_INTERVAL;
        let is_good = probe.result.is_ok() && !self.is_doubtful.load(Ordering::Acquire);
        probe.begun >= arrived || (is_recent && is_good)
    }
}

/// Checks that the store can write, by writing something durably, at most once a second. After a
/// failure it waits for the next probe, so that a recovery is seen at once.
///
/// # Errors
/// [`AppError::Store`] if it cannot.
pub async fn check(app: &App) -> Result<(), AppError> {
    let arrived = Instant::now();
    // Held during the probe, so that checks that arrive meanwhile wait for it and share its result.
    let mut last = app.readiness.last.lock().await;
    if let Some(probe) = &*last {
        if app.readiness.is_answered_by(probe, arrived) {
            return Ok(probe.result.clone()?);
        }
        sleep_until(probe.begun + PROBE_INTERVAL).await;
    }
    let begun = Instant::now();
    // Cleared before the probe, so that a request that fails during it raises the doubt again.
    app.readiness.is_doubtful.store(false, Ordering::Release);
    let result = app.store.probe().await;
    *last = Some(Probe {
        begun,
        result: result.clone(),
    });
    Ok(result?)
}

/// Returns the store's figures for the metrics.
///
/// # Errors
/// [`AppError::Store`]
pub async fn figures(app: &App) -> Result<StoreFigures, AppError> {
    Ok(app.store.figures().await?)
}
