//! What the application asks for, and what comes of it.

use std::path::PathBuf;

use roster_common::{EmployeeId, Query};

use super::{ExportColumn, ExportFormat};
use crate::remote::ClientError;
use crate::state::text::Secret;

/// An export.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportJob {
    /// Who is exported.
    pub people: ExportPeople,
    /// The format.
    pub format: ExportFormat,
    /// The columns, which a vCard does not have.
    pub columns: Vec<ExportColumn>,
    /// Where it goes.
    pub target: ExportTarget,
}

/// Who is exported.
#[derive(Debug, Clone, PartialEq)]
pub enum ExportPeople {
    /// Everyone who matches a query.
    Matching(Query),
    /// These people, in the order of their ids.
    Marked(Vec<EmployeeId>),
}

/// Where an export goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportTarget {
    /// A file.
    File {
        /// Its path as it was typed; `~` is the home folder.
        path: String,
        /// Whether to replace what has that name.
        replaces: bool,
    },
    /// The clipboard.
    Clipboard,
}

/// A finished export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exported {
    /// A file was written.
    File {
        /// The number of people.
        count: u64,
        /// Its absolute path.
        path: PathBuf,
    },
    /// The text is to be copied.
    Text {
        /// The number of people.
        count: u64,
        /// The text.
        text: Secret,
    },
}

/// Why there is no export.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ExportFailure {
    /// The people could not be loaded.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Something has the name of the file.
    #[error("a file of this name exists")]
    Exists,
    /// The file could not be written.
    #[error("{0}")]
    Unwritable(String),
    /// The user has stopped it.
    #[error("stopped")]
    Stopped,
}

impl ExportPeople {
    /// The most ids, or ranges of them, in one request: a filter has at most 100 conditions.
    const IN_REQUEST: usize = 100;

    /// The queries that find them, to be sent one after the other.
    pub fn queries(&self) -> Vec<Query> {
        match self {
            Self::Matching(query) => vec![query.clone()],
            Self::Marked(ids) => {
                let ranges = ranges(ids);
                ranges.chunks(Self::IN_REQUEST).map(with_ids).collect()
            }
        }
    }
}

/// The ids as ranges: each from the first to the last of consecutive ones.
fn ranges(ids: &[EmployeeId]) -> Vec<(u64, u64)> {
    let follows = |a: &EmployeeId, b: &EmployeeId| a.get() + 1 == b.get();
    let ends = |run: &[EmployeeId]| Some((run.first()?.get(), run.last()?.get()));
    ids.chunk_by(follows).filter_map(ends).collect()
}

/// The query for the people with an id in one of the ranges.
fn with_ids(ranges: &[(u64, u64)]) -> Query {
    let conditions: Vec<_> = ranges
        .iter()
        .map(|(first, last)| format!("id:{first}..{last}"))
        .collect();
    Query {
        q: conditions.join("|"),
        ..Query::default()
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn marked_people_are_asked_for_by_ranges_of_ids_which_mean_what_they_say() {
        let ids = |numbers: &[u64]| -> Vec<EmployeeId> {
            numbers.iter().map(|id| (*id).try_into().unwrap()).collect()
        };
        let queries = ExportPeople::Marked(ids(&[1, 2, 3, 7, 9, 10])).queries();
        let q: Vec<_> = queries.iter().map(|query| query.q.as_str()).collect();
        assert_eq!(q, ["id:1..3|id:7..7|id:9..10"]);
        assert_eq!(queries[0].mistake(), None);

        let every_other: Vec<u64> = (1..500).step_by(2).collect();
        let queries = ExportPeople::Marked(ids(&every_other)).queries();
        assert_eq!(queries.len(), 3);
        for query in queries {
            assert_eq!(query.mistake(), None);
            assert_ne!(
                query.filter(Timestamp::UNIX_EPOCH),
                roster_common::query::Filter::EVERYTHING
            );
        }
    }
}
