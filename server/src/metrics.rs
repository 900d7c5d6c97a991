//! Counters and histograms for Prometheus, made of atomics only so that counting costs nanoseconds.

use std::fmt::{Display, Write};
use std::sync::atomic::{AtomicU64, Ordering};

/// A counter.
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

/// A histogram.
#[derive(Debug)]
pub struct Histogram {
    bounds: &'static [u64],
    /// One for each bound, whose values are up to it and over the one before, and one for what is over all of them.
    buckets: Box<[Counter]>,
    sum: AtomicU64,
}

impl Histogram {
    /// One with these upper bounds, in rising order.
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

/// A page in the text format of Prometheus, version 0.0.4. Names, labels and help are this program's own words: nothing
/// in them needs an escape.
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

    /// A metric that is one number.
    pub fn single(&mut self, name: &str, kind: &str, help: &str, value: u64) {
        self.metric(name, kind, help);
        self.sample(name, "", value);
    }

    /// One number of a metric, with its labels: `method="GET",status="200"`.
    pub fn sample(&mut self, name: &str, labels: &str, value: impl Display) {
        let labels = if labels.is_empty() {
            String::new()
        } else {
            format!("{{{labels}}}")
        };
        self.line(format_args!("{name}{labels} {value}"));
    }

    /// The numbers of a histogram; the metric's unit is so many of those that it has observed.
    pub fn histogram(&mut self, name: &str, labels: &str, histogram: &Histogram, unit: f64) {
        let comma = if labels.is_empty() { "" } else { "," };
        let bounds = histogram
            .bounds
            .iter()
            .map(|bound| (*bound as f64 / unit).to_string());
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

    /// The page as it is sent.
    pub fn into_text(self) -> String {
        self.0
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // A string takes all that is written to it.
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
