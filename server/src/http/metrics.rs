//! The text with all metrics.

use super::routes::ROUTES;
use super::{Failure, ServerState};
use crate::app::health;
use crate::metrics::MetricsText;

/// Returns all metrics as text.
///
/// # Errors
/// If the store fails.
pub async fn page(state: &ServerState) -> Result<String, Failure> {
    let figures = health::figures(&state.app).await?;
    let mut page = MetricsText::default();
    state.requests.write(&labels(), &mut page);
    page.single(
        "roster_sessions",
        "gauge",
        "Open sessions.",
        figures.sessions,
    );
    page.single("roster_employees", "gauge", "Employees.", figures.employees);
    page.single(
        "roster_servers",
        "gauge",
        "Servers that share the database, this one included.",
        state.app.store.servers().get().into(),
    );
    let waiting = state.app.passwords.waiting() as u64;
    page.single(
        "roster_hash_queue",
        "gauge",
        "Sign-ins hashing a password or queued for it.",
        waiting,
    );
    page.metric("roster_audit_lines", "gauge", "Lines in the audit log.");
    for count in &figures.audit {
        let label = format!("kind=\"{}\"", count.kind.name());
        page.sample("roster_audit_lines", &label, count.kept);
    }
    page.metric(
        "roster_audit_dropped_lines_total",
        "counter",
        "Audit lines dropped for being too many or too old, since the database was created.",
    );
    for count in &figures.audit {
        let label = format!("kind=\"{}\"", count.kind.name());
        page.sample("roster_audit_dropped_lines_total", &label, count.dropped);
    }
    let name = "roster_commit_writes";
    page.metric(
        name,
        "histogram",
        "Writes per durable commit; the count is the number of commits.",
    );
    page.histogram(name, "", &figures.writes_per_commit, 1.0);
    Ok(page.into_text())
}

/// The labels of each route, and then those of unmatched requests.
fn labels() -> Vec<String> {
    let routes = ROUTES
        .iter()
        .map(|route| format!("method=\"{}\",route=\"{}\"", route.method, route.path));
    routes
        .chain(["method=\"\",route=\"\"".to_owned()])
        .collect()
}
