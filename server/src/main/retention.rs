//! How long `rosterd serve` keeps what it keeps for a time only.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use jiff::SignedDuration;
use roster_server::app::retention::sweep;
use roster_server::http::ServerState;
use roster_server::store::AuditRetention;

/// How often old lines and people are looked for.
const EVERY: Duration = Duration::from_secs(3600);

#[derive(Args)]
pub(crate) struct Retention {
    /// Audit lines to keep; sessions, refused sign-ins, accounts and records each have a share
    #[arg(long, env = "ROSTER_AUDIT_LINES", default_value_t = 500_000, value_name = "N", value_parser = clap::value_parser!(u64).range(1000..=100_000_000))]
    audit_lines: u64,
    /// Drop audit lines after so many days (default: never)
    #[arg(long, env = "ROSTER_AUDIT_DAYS", value_name = "DAYS", value_parser = days)]
    audit_days: Option<SignedDuration>,
    /// Forget people so many days after their status became left (default: never)
    #[arg(long, env = "ROSTER_FORGET_LEAVERS_DAYS", value_name = "DAYS", value_parser = days)]
    forget_leavers_days: Option<SignedDuration>,
}

impl Retention {
    pub(crate) fn audit(&self) -> AuditRetention {
        AuditRetention {
            lines: self.audit_lines,
            age: self.audit_days,
        }
    }

    pub(crate) fn leavers(&self) -> Option<SignedDuration> {
        self.forget_leavers_days
    }
}

fn days(text: &str) -> anyhow::Result<SignedDuration> {
    let days: i64 = text.parse()?;
    anyhow::ensure!((1..=36_500).contains(&days), "must be 1 to 36500 days");
    Ok(SignedDuration::from_hours(24 * days))
}

/// Drops what is too old, at once and then every hour.
pub(crate) async fn sweep_hourly(state: Arc<ServerState>) {
    let mut hours = tokio::time::interval(EVERY);
    loop {
        hours.tick().await;
        match sweep(&state.app).await {
            Ok(0) => {}
            Ok(people) => tracing::info!(people, "forgot people who left"),
            Err(error) => tracing::error!(%error, "the retention sweep failed"),
        }
    }
}
