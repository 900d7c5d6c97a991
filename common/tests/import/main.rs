//! Files as real systems write them, with invented people, and what each yields.
//!
//! In every folder of `files`, `expected.tsv` has one line per person and file, in the order of the
//! file; an empty cell means that the file does not say.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod exports;
mod hostile;
mod layouts;
mod shapes;
mod support;
