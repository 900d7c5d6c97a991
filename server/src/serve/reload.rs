//! Reloading the signing keys and the certificate while the server runs.

use std::sync::Arc;

use tokio::signal::unix::Signal;

use super::Tls;
use crate::config::{Environment, Keys};
use crate::token::Tokens;

/// Reloads keys and certificate on request. Invalid values are logged and the old ones stay in use.
pub struct Reload {
    environment: Environment,
    tokens: Arc<Tokens>,
    tls: Option<Arc<Tls>>,
}

impl Reload {
    /// Prepares to reload the keys of `tokens` and the certificate of `tls`.
    pub fn new(environment: Environment, tokens: Arc<Tokens>, tls: Option<Arc<Tls>>) -> Self {
        Self {
            environment,
            tokens,
            tls,
        }
    }

    /// Reloads each time the signal arrives.
    pub async fn on_signal(self, mut signal: Signal) {
        while signal.recv().await.is_some() {
            self.reload();
        }
    }

    fn reload(&self) {
        match self.reload_keys() {
            Ok(()) => tracing::info!("reloaded the keys"),
            Err(error) => tracing::error!(error = format!("{error:#}"), "keeping the old keys"),
        }
        match self.tls.as_ref().map(|tls| tls.reload()) {
            Some(Ok(())) => tracing::info!("reloaded the certificate"),
            Some(Err(error)) => tracing::error!(%error, "keeping the old certificate"),
            None => {}
        }
    }

    fn reload_keys(&self) -> anyhow::Result<()> {
        let keys = Keys::from_environment(self.environment.reload()?)?;
        self.tokens.replace_keys(&keys);
        Ok(())
    }
}
