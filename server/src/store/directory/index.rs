//! The index: which records have each gram, in segments that versions of the directory share.
//!
//! Segments are built by threads of their own, after the start and after many changes; those that an
//! import fills, when somebody searches or it is over. A search looks at the text of every record for
//! which there is no segment yet, and of those that have changed since it was built.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::thread;

use imbl::Vector;

use super::chunk::{Chunk, Chunks, Slot};
use super::dictionary::Words;
use super::load;
use super::segment::{Bits, Builder, CHUNKS, RECORDS, Segment, count, insert};

/// With more changes than this, a segment is built again.
const MANY: u32 = 512;

/// All the segments. A clone shares them.
#[derive(Clone)]
pub(super) struct Index {
    parts: Vector<Part>,
    jobs: Sender<Asked>,
}

/// One segment, if it is built, and which of its records have changed since.
#[derive(Clone)]
pub(super) struct Part {
    /// `None` if it is not to be built yet.
    segment: Option<Arc<Pending>>,
    changed: Bits,
}

/// A segment that is to be built.
struct Pending {
    built: OnceLock<Segment>,
    /// `None` once somebody has asked for it.
    job: Mutex<Option<Job>>,
}

impl Index {
    /// The index of some records. It is built in the background.
    pub(super) fn new(chunks: &Chunks) -> Self {
        let mut index = Self {
            parts: Vector::new(),
            jobs: start_builders(),
        };
        let all = 0..chunks.len().div_ceil(CHUNKS);
        index.parts = all.map(|number| Part::of(number, chunks)).collect();
        index.build();
        index
    }

    pub(super) fn parts(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter()
    }

    /// Has all segments built that are not yet, in the background.
    pub(super) fn build(&self) {
        self.parts.iter().for_each(|part| self.build_one(part));
    }

    fn build_one(&self, part: &Part) {
        let pending = part.segment.as_ref();
        let unbuilt = pending.filter(|pending| pending.built.get().is_none());
        let job = unbuilt.and_then(|pending| {
            let mut job = pending.job.lock().unwrap_or_else(PoisonError::into_inner);
            Some((job.take()?, Arc::downgrade(pending)))
        });
        if let Some(job) = job {
            // Without builders, which could not be started, searches look at the texts.
            _ = self.jobs.send(job);
        }
    }

    /// Brings the index up to date: `changed` are the slots, in order, whose records are not as
    /// they were.
    pub(super) fn update(&mut self, chunks: &Chunks, changed: &[Slot]) {
        let number = |slot: &Slot| *slot as usize / RECORDS;
        // The slices of an import fill the last segment little by little. It is built once, when it
        // is full, and not before somebody searches or the import is over: slices want the processors.
        let is_bulk = changed.len() > MANY as usize;
        let full = chunks.len() / CHUNKS;
        for slots in changed.chunk_by(|a, b| number(a) == number(b)) {
            let number = slots.first().map(number).unwrap_or_default();
            // New records come after all others, so that no number is left out.
            if number >= self.parts.len() {
                self.parts.push_back(Part::default());
            }
            let Some(part) = self.parts.get_mut(number) else {
                continue;
            };
            for slot in slots {
                insert(&mut part.changed, *slot as usize % RECORDS);
            }
            if part.changes() > MANY && (number < full || !is_bulk) {
                let part = Part::of(number, chunks);
                if !is_bulk {
                    self.build_one(&part);
                }
                self.parts.set(number, part);
            }
        }
    }

    /// How many segments somebody has asked for.
    #[cfg(test)]
    pub(super) fn asked(&self) -> usize {
        let segments = self.parts.iter().filter_map(|part| part.segment.as_ref());
        let is_asked = |pending: &&Arc<Pending>| pending.job.lock().unwrap().is_none();
        segments.filter(is_asked).count()
    }

    /// Waits until all segments are built that are to be built.
    #[cfg(test)]
    pub(super) fn wait(&self) {
        self.build();
        let segments = self.parts.iter().filter_map(|part| part.segment.as_ref());
        segments.for_each(|segment| _ = segment.built.wait());
    }
}

impl Default for Part {
    /// Without a segment, of records none of which has changed.
    fn default() -> Self {
        Self {
            segment: None,
            changed: [0; CHUNKS],
        }
    }
}

impl Part {
    /// One whose segment is to be built, of the records as they are now.
    fn of(number: usize, chunks: &Chunks) -> Self {
        let first = number * CHUNKS;
        let own = (first..first + CHUNKS).map_while(|chunk| chunks.get(chunk).cloned());
        let job = Job {
            chunks: own.collect(),
            words: chunks.words.clone(),
        };
        let pending = Pending {
            built: OnceLock::new(),
            job: Mutex::new(Some(job)),
        };
        Self {
            segment: Some(Arc::new(pending)),
            ..Self::default()
        }
    }

    pub(super) fn segment(&self) -> Option<&Segment> {
        self.segment.as_ref()?.built.get()
    }

    /// The records that are not as the segment has them.
    pub(super) fn changed(&self) -> &Bits {
        &self.changed
    }

    fn changes(&self) -> u32 {
        count(&self.changed)
    }
}

/// What a segment is built of.
struct Job {
    chunks: Vec<Arc<Chunk>>,
    words: Words,
}

/// A job for a builder, unless no version of the directory wants the segment any more.
type Asked = (Job, Weak<Pending>);

/// Starts the threads that build segments. They end with the last index that has the sender.
fn start_builders() -> Sender<Asked> {
    let (sender, receiver) = channel();
    let jobs = Arc::new(Mutex::new(receiver));
    for _ in 0..load::workers() {
        let jobs = Arc::clone(&jobs);
        let builder = thread::Builder::new().name("index".to_owned());
        if let Err(error) = builder.spawn(move || run_jobs(&jobs)) {
            tracing::warn!(%error, "cannot start a thread for the search index: searches are slow");
        }
    }
    sender
}

fn run_jobs(jobs: &Mutex<Receiver<Asked>>) {
    let mut builder = Builder::default();
    let next = || jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
    while let Ok((job, wanted)) = next() {
        if let Some(pending) = wanted.upgrade() {
            let built = || builder.build(&job.chunks, &job.words);
            pending.built.get_or_init(built);
        }
    }
}
