//! What the clients saw, and the table of it.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long after it was acknowledged a revocation may take to have effect everywhere.
pub(crate) const BOUND: Duration = Duration::from_secs(1);

/// What must not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Harm {
    /// An acknowledged change is not there.
    Lost,
    /// A change was made twice.
    Twice,
    /// A session of a client that did nothing wrong was ended.
    SessionLost,
    /// Somebody was let in more than a second after that was revoked.
    Stale,
    /// A follower did not get an event.
    EventLost,
    /// A follower got an event twice.
    EventTwice,
    /// An answer that has no place here.
    Unexpected,
}

const HARMS: [(Harm, &str); 7] = [
    (Harm::Lost, "changes lost"),
    (Harm::Twice, "changes made twice"),
    (Harm::SessionLost, "sessions lost"),
    (Harm::Stale, "stale answers"),
    (Harm::EventLost, "events lost"),
    (Harm::EventTwice, "events sent twice"),
    (Harm::Unexpected, "unexpected answers"),
];

/// The time between two successes of any client.
#[derive(Debug)]
pub(crate) struct Gap(Mutex<(Instant, Duration)>);

impl Gap {
    fn new() -> Self {
        Self(Mutex::new((Instant::now(), Duration::ZERO)))
    }

    /// Notes a success.
    pub(crate) fn success(&self) {
        let mut gap = self.0.lock().unwrap();
        let now = Instant::now();
        *gap = (now, gap.1.max(now - gap.0));
    }

    /// Returns the longest gap since the last call.
    fn take(&self) -> Duration {
        let mut gap = self.0.lock().unwrap();
        std::mem::take(&mut gap.1).max(gap.0.elapsed())
    }
}

/// The longest gaps of one failover.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gaps {
    writes: Duration,
    reads: Duration,
    plain: Duration,
}

impl Display for Gaps {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let [writes, reads, plain] =
            [self.writes, self.reads, self.plain].map(|gap| gap.as_secs_f64());
        write!(
            f,
            "no write for {writes:.1} s, no read for {reads:.1} s, no plain SQL for {plain:.1} s"
        )
    }
}

/// A session that was ended on purpose.
#[derive(Debug, Clone)]
pub(crate) struct Ended {
    pub(crate) access: String,
    pub(crate) cookie: String,
    /// When that was acknowledged.
    pub(crate) at: Instant,
}

/// What all clients share.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) servers: [String; 2],
    pub(crate) password: String,
    pub(crate) writes: Gap,
    pub(crate) reads: Gap,
    pub(crate) plain: Gap,
    /// The last names that were acknowledged, with their ids.
    pub(crate) created: Mutex<BTreeMap<String, String>>,
    pub(crate) ended: Mutex<Vec<Ended>>,
    pub(crate) refreshes: AtomicU64,
    /// Answers to tokens that had been revoked for more than a second.
    pub(crate) asked: AtomicU64,
    /// The longest time after a revocation at which somebody was still let in, in milliseconds.
    pub(crate) last_yes: AtomicU64,
    pub(crate) over: AtomicBool,
    harms: Mutex<BTreeMap<Harm, u64>>,
}

impl World {
    pub(crate) fn of(servers: [String; 2], password: String) -> Self {
        Self {
            servers,
            password,
            writes: Gap::new(),
            reads: Gap::new(),
            plain: Gap::new(),
            created: Mutex::default(),
            ended: Mutex::default(),
            refreshes: AtomicU64::new(0),
            asked: AtomicU64::new(0),
            last_yes: AtomicU64::new(0),
            over: AtomicBool::new(false),
            harms: Mutex::default(),
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// Counts what must not happen, and says it.
    pub(crate) fn harm(&self, harm: Harm, details: &str) {
        eprintln!("{harm:?}: {details}");
        *self.harms.lock().unwrap().entry(harm).or_default() += 1;
    }

    pub(crate) fn is_sound(&self) -> bool {
        self.harms.lock().unwrap().is_empty()
    }

    /// Returns the longest gaps since the last call.
    pub(crate) fn take_gaps(&self) -> Gaps {
        Gaps {
            writes: self.writes.take(),
            reads: self.reads.take(),
            plain: self.plain.take(),
        }
    }

    /// What was acknowledged, and what became of it.
    pub(crate) fn summary(&self) -> String {
        let harms = self.harms.lock().unwrap();
        let mut text = format!(
            "{} created, {} refreshed and {} ended by a sign-out or a disabled account were acknowledged.\n\
             A token was let in for at most {} ms after that; {} answers came after a second.\n",
            self.created.lock().unwrap().len(),
            self.refreshes.load(Ordering::Relaxed),
            self.ended.lock().unwrap().len(),
            self.last_yes.load(Ordering::Relaxed),
            self.asked.load(Ordering::Relaxed),
        );
        for (harm, name) in HARMS {
            let count = harms.get(&harm).copied().unwrap_or(0);
            text += &format!("{name}: {count}\n");
        }
        text
    }
}

/// The gaps of each kind of failover, in the order in which the kinds came first.
#[derive(Debug, Default)]
pub(crate) struct Table(Vec<(String, Vec<Gaps>)>);

impl Table {
    pub(crate) fn add(&mut self, kind: String, gaps: Gaps) {
        match self.0.iter_mut().find(|(name, _)| *name == kind) {
            Some((_, all)) => all.push(gaps),
            None => self.0.push((kind, vec![gaps])),
        }
    }
}

/// The middle and the longest, in seconds.
fn spread(times: impl Iterator<Item = Duration>) -> String {
    let mut times: Vec<_> = times.map(|time| time.as_secs_f64()).collect();
    times.sort_by(f64::total_cmp);
    let middle = times[times.len() / 2];
    let longest = times[times.len() - 1];
    format!("{middle:.1} {longest:.1}")
}

impl Display for Table {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\nSeconds without a success, the median and the longest:"
        )?;
        let names = ["times", "writes", "reads", "plain SQL", "later than it"];
        write!(f, "{:<38}", "what was done")?;
        names.iter().try_for_each(|name| write!(f, "{name:>14}"))?;
        writeln!(f)?;
        for (kind, all) in &self.0 {
            // How much longer than plain SQL a write took, within one failover.
            let later = |gaps: &Gaps| gaps.writes.saturating_sub(gaps.plain);
            let columns = [
                all.len().to_string(),
                spread(all.iter().map(|gaps| gaps.writes)),
                spread(all.iter().map(|gaps| gaps.reads)),
                spread(all.iter().map(|gaps| gaps.plain)),
                spread(all.iter().map(later)),
            ];
            write!(f, "{kind:<38}")?;
            columns
                .iter()
                .try_for_each(|text| write!(f, "{text:>14}"))?;
            writeln!(f)?;
        }
        Ok(())
    }
}
