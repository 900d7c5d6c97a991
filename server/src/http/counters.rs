//! The counters of requests.

use std::time::Duration;

use roster_common::problem::Code;

use crate::metrics::{Counter, Histogram, MetricsText};

/// Every status that the server sends, in ascending order.
const STATUSES: [u16; 21] = [
    200, 201, 204, 304, 400, 401, 403, 404, 405, 406, 408, 409, 412, 413, 415, 422, 428, 429, 431,
    500, 503,
];

/// The bounds of the histograms of response times, in microseconds.
const TIMES: &[u64] = &[
    50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
    1_000_000, 2_500_000, 10_000_000,
];

/// Counters of all requests.
pub struct Requests {
    /// One for each route, and one for unmatched requests.
    routes: Vec<Counts>,
    refusals: Vec<Counter>,
}

struct Counts {
    statuses: [Counter; STATUSES.len()],
    /// Measured to the response's headers; reading the body depends on the client.
    times: Histogram,
}

impl Counts {
    fn new() -> Self {
        Self {
            statuses: Default::default(),
            times: Histogram::new(TIMES),
        }
    }
}

impl Requests {
    /// Creates counters for this number of routes, all zero.
    pub(super) fn new(routes: usize) -> Self {
        Self {
            routes: (0..=routes).map(|_| Counts::new()).collect(),
            refusals: Code::ALL.iter().map(|_| Counter::default()).collect(),
        }
    }

    /// Counts a response of the route with this number; `None` for an unmatched request.
    pub(super) fn answered(&self, route: Option<usize>, status: u16, taken: Duration) {
        let counts = match route {
            Some(number) => self.routes.get(number),
            None => self.routes.last(),
        };
        let Some(counts) = counts else {
            return;
        };
        // A test checks that the list has the status of every code.
        if let Ok(status) = STATUSES.binary_search(&status) {
            counts.statuses[status].count();
        }
        counts
            .times
            .observe(u64::try_from(taken.as_micros()).unwrap_or(u64::MAX));
    }

    /// Counts a problem.
    pub(super) fn refused(&self, code: Code) {
        if let Some(refusals) = self.refusals.get(code as usize) {
            refusals.count();
        }
    }

    /// Writes all counters. `labels` are those of each route, and then those of unmatched requests.
    pub(super) fn write(&self, labels: &[String], page: &mut MetricsText) {
        let routes = || labels.iter().zip(&self.routes);

        let name = "roster_requests_total";
        page.metric(
            name,
            "counter",
            "Requests answered. An empty route means an unknown path or method.",
        );
        for (labels, counts) in routes() {
            for (status, count) in STATUSES
                .iter()
                .zip(&counts.statuses)
                // Most statuses never occur on a route, and their zeros would fill the page.
                .filter(|(_, count)| count.get() > 0)
            {
                page.sample(name, &format!("{labels},status=\"{status}\""), count.get());
            }
        }
        let name = "roster_request_seconds";
        page.metric(
            name,
            "histogram",
            "Time from the request's headers to the response's.",
        );
        for (labels, counts) in routes() {
            page.histogram(name, labels, &counts.times, 1e6);
        }
        let name = "roster_refusals_total";
        page.metric(name, "counter", "Requests refused, by problem code.");
        for (code, count) in Code::ALL.iter().zip(&self.refusals) {
            page.sample(name, &format!("code=\"{}\"", code.as_str()), count.get());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_count_and_every_code_its_place() {
        assert!(STATUSES.is_sorted());
        for (place, code) in Code::ALL.iter().enumerate() {
            assert!(STATUSES.contains(&code.status()), "{code:?}");
            assert_eq!(*code as usize, place);
        }
    }
}
