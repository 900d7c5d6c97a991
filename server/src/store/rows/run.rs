//! A run by its number, its slices by the run and their number, and its report.

use jiff::Timestamp;
use roster_common::api::{RunCounts, RunId};
use roster_common::employee::Version;
use serde::{Deserialize, Serialize};

use super::{BadValue, StoredRow};
use crate::rules::idempotency::IdempotencyKey;
use crate::rules::runs::{AddedRange, AddedRows, MadeRange, MadeVersions, Run, RunSlice};

/// The format of a [`Run`].
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct RunFormat {
    undoes: Option<u64>,
    by: String,
    /// Milliseconds since 1970.
    begun: i64,
    latest: i64,
    /// The key, and the digest of the body.
    key: Option<(String, [u8; 32])>,
    first_id: Option<u64>,
    created: u64,
    changed: u64,
    deleted: u64,
    slices: u32,
    is_finished: bool,
    undone_by: Option<u64>,
}

impl StoredRow for Run {
    type Format<'r> = RunFormat;
    type Key = RunId;
    const TABLE: &'static str = "runs";

    fn format(&self) -> impl Serialize {
        let Self {
            id: _,
            undoes,
            by,
            begun,
            latest,
            key,
            first_id,
            counts,
            slices,
            is_finished,
            undone_by,
        } = self;
        let key = key.as_ref();
        RunFormat {
            undoes: undoes.map(RunId::get),
            by: by.to_string(),
            begun: begun.as_millisecond(),
            latest: latest.as_millisecond(),
            key: key.map(|key| (key.key.clone(), key.digest)),
            first_id: *first_id,
            created: counts.created,
            changed: counts.changed,
            deleted: counts.deleted,
            slices: *slices,
            is_finished: *is_finished,
            undone_by: undone_by.map(RunId::get),
        }
    }

    fn from_format(id: RunId, format: RunFormat) -> Result<Self, BadValue> {
        let key = format.key;
        Ok(Self {
            id,
            undoes: format.undoes.map(RunId::new),
            by: format.by.parse()?,
            begun: Timestamp::from_millisecond(format.begun)?,
            latest: Timestamp::from_millisecond(format.latest)?,
            key: key.map(|(key, digest)| IdempotencyKey { key, digest }),
            first_id: format.first_id,
            counts: RunCounts {
                created: format.created,
                changed: format.changed,
                deleted: format.deleted,
            },
            slices: format.slices,
            is_finished: format.is_finished,
            undone_by: format.undone_by.map(RunId::new),
        })
    }
}

/// The format of a [`RunSlice`].
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct RunSliceFormat {
    /// Milliseconds since 1970.
    at: i64,
    made: Vec<RangeFormat>,
    added: Vec<AddedFormat>,
}

/// The format of a [`MadeRange`].
#[derive(Serialize, Deserialize)]
struct RangeFormat {
    first: u64,
    count: u64,
    version: u64,
}

impl RangeFormat {
    fn of(range: &MadeRange) -> Self {
        Self {
            first: range.first.get(),
            count: range.count,
            version: range.version.get(),
        }
    }

    fn into_range(self) -> Result<MadeRange, BadValue> {
        Ok(MadeRange {
            first: self.first.try_into()?,
            count: self.count,
            version: Version::new(self.version),
        })
    }
}

/// The format of an [`AddedRange`].
#[derive(Serialize, Deserialize)]
struct AddedFormat {
    row: u64,
    first: u64,
    count: u64,
}

impl AddedFormat {
    fn of(range: &AddedRange) -> Self {
        Self {
            row: range.row,
            first: range.first.get(),
            count: range.count,
        }
    }

    fn into_range(self) -> Result<AddedRange, BadValue> {
        Ok(AddedRange {
            row: self.row,
            first: self.first.try_into()?,
            count: self.count,
        })
    }
}

impl StoredRow for RunSlice {
    type Format<'r> = RunSliceFormat;
    type Key = ();
    const TABLE: &'static str = "run_slices";

    fn format(&self) -> impl Serialize {
        RunSliceFormat {
            at: self.at.as_millisecond(),
            made: self.made.0.iter().map(RangeFormat::of).collect(),
            added: self.added.0.iter().map(AddedFormat::of).collect(),
        }
    }

    fn from_format((): (), format: RunSliceFormat) -> Result<Self, BadValue> {
        let made = format.made.into_iter().map(RangeFormat::into_range);
        let added = format.added.into_iter().map(AddedFormat::into_range);
        Ok(Self {
            at: Timestamp::from_millisecond(format.at)?,
            made: MadeVersions(made.collect::<Result<_, _>>()?),
            added: AddedRows(added.collect::<Result<_, _>>()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{pin, refuses_damage};
    use super::*;

    fn run() -> Run {
        Run {
            id: RunId::new(9),
            undoes: Some(RunId::new(4)),
            by: "ada".parse().unwrap(),
            begun: Timestamp::from_millisecond(1_000).unwrap(),
            latest: Timestamp::from_millisecond(1_001).unwrap(),
            key: Some(IdempotencyKey {
                key: "k".into(),
                digest: [2; 32],
            }),
            first_id: Some(8),
            counts: RunCounts {
                created: 5,
                changed: 6,
                deleted: 7,
            },
            slices: 3,
            is_finished: true,
            undone_by: Some(RunId::new(10)),
        }
    }

    fn slice() -> RunSlice {
        let range = MadeRange {
            first: 300.try_into().unwrap(),
            count: 2,
            version: Version::FIRST,
        };
        RunSlice {
            at: Timestamp::from_millisecond(1_000).unwrap(),
            made: MadeVersions(vec![range]),
            added: AddedRows(vec![AddedRange {
                row: 7,
                first: range.first,
                count: 2,
            }]),
        }
    }

    #[test]
    fn the_bytes_of_a_run_and_a_slice_are_fixed() {
        pin(
            &run(),
            RunId::new(9),
            "01010403616461d00fd20f01016b020202020202020202020202020202020202020202020202020202020202020201080506070301010a",
        );
        pin(&slice(), (), "01d00f01ac0202010107ac0202");
    }

    #[test]
    fn a_damaged_run_or_slice_is_an_error() {
        refuses_damage(&run(), || RunId::new(9));
        refuses_damage(&slice(), || ());
    }
}
