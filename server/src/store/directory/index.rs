//! The index: which records have each gram, in segments that versions of the directory share.
//!
//! Segments are built by threads of their own, after the start and after many changes. A search
//! looks at the text of every record for which there is no segment yet, and of those that have
//! changed since it was built.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::thread;

use imbl::Vector;

use super::chunk::{Chunk, Chunks, Slot};
use super::dictionary::Words;
use super::load;
use super::segment::{Bits, Builder, CHUNKS, RECORDS, Segment, insert};

/// With more changes than this, a segment is built again.
const MANY: u32 = 512;

/// All the segments. A clone shares them.
#[derive(Clone)]
pub(super) struct Index {
    parts: Vector<Part>,
    jobs: Sender<Job>,
}

/// One segment, if it is built, and which of its records have changed since.
#[derive(Clone)]
pub(super) struct Part {
    segment: Arc<OnceLock<Segment>>,
    changed: Bits,
}

impl Index {
    /// The index of some records. It is built in the background.
    pub(super) fn new(chunks: &Chunks) -> Self {
        let mut index = Self {
            parts: Vector::new(),
            jobs: start_builders(),
        };
        let all = 0..chunks.len().div_ceil(CHUNKS);
        index.parts = all.map(|number| index.build(number, chunks)).collect();
        index
    }

    pub(super) fn parts(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter()
    }

    /// Brings the index up to date: `changed` are the slots, in order, whose records are not as
    /// they were.
    pub(super) fn update(&mut self, chunks: &Chunks, changed: &[Slot]) {
        let number = |slot: &Slot| *slot as usize / RECORDS;
        for slots in changed.chunk_by(|a, b| number(a) == number(b)) {
            let number = slots.first().map(number).unwrap_or_default();
            let Some(part) = self.parts.get_mut(number) else {
                // New records come after all others, so that no number is left out.
                self.parts.push_back(self.build(number, chunks));
                continue;
            };
            for slot in slots {
                insert(&mut part.changed, *slot as usize % RECORDS);
            }
            if part.changes() > MANY {
                self.parts.set(number, self.build(number, chunks));
            }
        }
    }

    /// Waits until all segments are built.
    #[cfg(test)]
    pub(super) fn wait(&self) {
        self.parts.iter().for_each(|part| _ = part.segment.wait());
    }

    /// A part that is to be built.
    fn build(&self, number: usize, chunks: &Chunks) -> Part {
        let part = Part {
            segment: Arc::default(),
            changed: [0; CHUNKS],
        };
        let first = number * CHUNKS;
        let own = (first..first + CHUNKS).map_while(|chunk| chunks.get(chunk).cloned());
        let job = Job {
            segment: Arc::downgrade(&part.segment),
            chunks: own.collect(),
            words: chunks.words.clone(),
        };
        // Without builders, which could not be started, searches look at the texts.
        _ = self.jobs.send(job);
        part
    }
}

impl Part {
    pub(super) fn segment(&self) -> Option<&Segment> {
        self.segment.get()
    }

    /// The records that are not as the segment has them.
    pub(super) fn changed(&self) -> &Bits {
        &self.changed
    }

    fn changes(&self) -> u32 {
        self.changed.iter().map(|word| word.count_ones()).sum()
    }
}

/// A segment to be built, unless no version of the directory wants it any more.
struct Job {
    segment: Weak<OnceLock<Segment>>,
    chunks: Vec<Arc<Chunk>>,
    words: Words,
}

/// Starts the threads that build segments. They end with the last index that has the sender.
fn start_builders() -> Sender<Job> {
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

fn run_jobs(jobs: &Mutex<Receiver<Job>>) {
    let mut builder = Builder::default();
    let next = || jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
    while let Ok(job) = next() {
        if let Some(segment) = job.segment.upgrade() {
            segment.get_or_init(|| builder.build(&job.chunks, &job.words));
        }
    }
}
