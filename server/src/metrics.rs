//! Counters and histograms for Prometheus. They use only atomics, so counting takes nanoseconds.

use std::fmt::{Display, Write};
use std::sync::atomic::{AtomicU64, Ordering};

/// A number that only increases.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds one.
    pub fn count(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// The current count.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The distribution of observed values over fixed buckets.
#[derive(Debug)]
pub struct Histogram {
    bounds: &'static [u64],
    /// The number of values in each bucket: one bucket per upper bound, and one for larger values.
    buckets: Box<[Counter]>,
    sum: AtomicU64,
}

impl Histogram {
    /// Creates a histogram with these upper bounds, in ascending order.
    pub fn new(bounds: &'static [u64]) -> Self {
        let buckets = (0..=bounds.len()).map(|_| Counter::default()).collect();
        Self {
            bounds,
            buckets,
            sum: AtomicU64::new(0),
        }
    }

    /// Records a value.
    pub fn observe(&self, value: u64) {
        let bucket = self.bounds.partition_point(|bound| *bound < value);
        self.buckets[bucket].count();
        self.sum.fetch_add(value, Ordering::Relaxed);
    }
}

/// Metrics in the Prometheus text format, version 0.0.4. Names, labels and help are constants of
/// this program and need no escaping.
#[derive(Debug, Default)]
pub struct MetricsText(String);

impl MetricsText {
    /// The media type.
    pub const MEDIA_TYPE: &'static str = "text/plain; version=0.0.4";

    /// Begins a metric: `counter`, `gauge` or `histogram`.
    pub fn metric(&mut self, name: &str, kind: &str, help: &str) {
        self.line(format_args!("# HELP {name} {help}"));
        self.line(format_args!("# TYPE {name} {kind}"));
    }

    /// Writes a metric with a single value.
    pub fn single(&mut self, name: &str, kind: &str, help: &str, value: u64) {
        self.metric(name, kind, help);
        self.sample(name, "", value);
    }

    /// Writes one value of a metric with labels like `method="GET",status="200"`.
    pub fn sample(&mut self, name: &str, labels: &str, value: impl Display) {
        let labels = if labels.is_empty() {
            String::new()
        } else {
            format!("{{{labels}}}")
        };
        self.line(format_args!("{name}{labels} {value}"));
    }

    /// Writes a histogram. Observed values are divided by `unit` to get the unit of the metric.
    pub fn histogram(&mut self, name: &str, labels: &str, histogram: &Histogram, unit: f64) {
        let comma = if labels.is_empty() { "" } else { "," };
        let bounds = histogram
            .bounds
            .iter()
            .map(|bound| (*bound as f64 / unit).to_string());
        // The buckets of Prometheus are cumulative. The count is taken from them, so that it equals
        // `+Inf` even while values are observed.
        let mut count = 0;
        for (bound, bucket) in bounds.chain(["+Inf".to_owned()]).zip(&histogram.buckets) {
            count += bucket.get();
            self.sample(
                &format!("{name}_bucket"),
                &format!("{labels}{comma}le=\"{bound}\""),
                count,
            );
        }
        self.sample(
            &format!("{name}_sum"),
            labels,
            histogram.sum.load(Ordering::Relaxed) as f64 / unit,
        );
        self.sample(&format!("{name}_count"), labels, count);
    }

    /// The text to send.
    pub fn into_text(self) -> String {
        self.0
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_counts_up_to_each_bound_and_then_all() {
        let histogram = Histogram::new(&[50, 25_000]);
        for micros in [1, 50, 51, 50_000] {
            histogram.observe(micros);
        }
        let mut page = MetricsText::default();
        page.metric("time_seconds", "histogram", "How long.");
        page.histogram("time_seconds", "route=\"/me\"", &histogram, 1e6);
        assert_eq!(
            page.into_text(),
            "# HELP time_seconds How long.\n\
             # TYPE time_seconds histogram\n\
             time_seconds_bucket{route=\"/me\",le=\"0.00005\"} 2\n\
             time_seconds_bucket{route=\"/me\",le=\"0.025\"} 3\n\
             time_seconds_bucket{route=\"/me\",le=\"+Inf\"} 4\n\
             time_seconds_sum{route=\"/me\"} 0.050102\n\
             time_seconds_count{route=\"/me\"} 4\n"
        );
    }
}
