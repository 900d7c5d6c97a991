//! The committed employees in memory: any page of any filter in any order. A version is immutable:
//! readers keep the one they started with, and a change makes a new version that shares everything
//! unchanged. README.md beside it explains its words with a picture.
//!
//! - [`entry`] a record, and [`chunk`] many; each has a *slot*, its place
//! - [`dictionary`] the values that repeat often
//! - [`order`] a sorted list of slots with cheap inserts
//! - [`key`] sort keys; [`sorting`] sorts all records at once
//! - [`grams`] the parts of texts by which records are found; [`segment`] which records have them;
//!   [`index`] all segments
//! - [`filter`] tests records against a query; [`mod@matches`] what it found
//! - [`cursor`] where a page begins
//! - [`change`] the next version
//! - [`values`] which values a field has
//! - [`holders`] who has an email address or a personnel number
//! - [`people`] the employees as the rows of an import find them
//! - [`load`] all of it from a store's rows

use std::sync::Arc;
use std::thread;

use roster_common::employee::EmployeeId;
use roster_common::query::Sort;

pub(super) use self::change::RecordChange;
use self::chunk::Chunks;
pub(super) use self::chunk::Slot;
pub(super) use self::cursor::Cursor;
use self::holders::Holders;
use self::index::Index;
use self::key::compare;
pub(super) use self::load::Block;
pub(super) use self::matches::Matches;
pub(super) use self::order::Order;
use self::sorting::Table;
use crate::rules::record::{Record, Values};
use crate::store::Records;

mod change;
mod chunk;
mod cursor;
mod dictionary;
mod entry;
mod filter;
mod grams;
mod holders;
mod index;
mod key;
mod load;
mod managers;
mod matches;
mod order;
mod people;
mod segment;
mod sorting;
mod values;

/// One committed version of the employees. Clones are cheap: they share all data.
#[derive(Clone)]
pub(super) struct Directory {
    chunks: Chunks,
    index: Index,
    holders: Holders,
    orders: Vec<(Sort, Arc<Order>)>,
    version: u64,
    /// The same for all versions that were made from one load.
    origin: Arc<()>,
}

impl Directory {
    /// Builds the directory from a store's rows, which come in the order of their ids. `decode`
    /// reads one row; it is called on all processors. Only the orders by id and by words are
    /// made; see [`Directory::missing_orders`].
    ///
    /// # Errors
    /// The first error of `blocks` or of `decode`.
    pub(super) fn load<E: Send>(
        version: u64,
        blocks: impl Iterator<Item = Result<Block, E>>,
        decode: impl Fn(EmployeeId, &[u8]) -> Result<Values<'_>, E> + Sync,
    ) -> Result<Self, E> {
        let chunks = load::load_chunks(blocks, &decode)?;
        let (holders, orders) = thread::scope(|scope| {
            let holders = scope.spawn(|| Holders::of(&chunks));
            let orders = load::load_orders(&chunks, load::usual_columns().collect());
            (load::joined(holders), orders)
        });
        Ok(Self {
            index: Index::new(&chunks),
            chunks,
            holders,
            orders,
            version,
            origin: Arc::default(),
        })
    }

    /// One without employees, as a start leaves it.
    #[cfg(test)]
    pub(super) fn of_nobody(version: u64) -> Self {
        let rows = std::iter::empty::<Result<_, std::convert::Infallible>>();
        Self::load(version, rows, |_, _| unreachable!("there are no rows")).unwrap()
    }

    /// A version number, unique within a run.
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    /// How many employees there are.
    pub(super) fn len(&self) -> usize {
        self.orders.first().map_or(0, |(_, order)| order.len())
    }

    /// The slot of an employee.
    pub(super) fn slot(&self, id: EmployeeId) -> Option<Slot> {
        self.chunks.slot(id)
    }

    /// One employee.
    pub(super) fn get(&self, id: EmployeeId) -> Option<Record> {
        self.chunks.record(self.chunks.slot(id)?)
    }

    /// The employees of some slots.
    pub(super) fn records(&self, slots: &[Slot]) -> Records {
        Records::copied(&self.chunks.json(slots))
    }

    /// The employees of some slots, each with the name of its manager.
    pub(super) fn named_records(&self, slots: &[Slot]) -> Records {
        let named = |slot: &Slot| {
            let entry = self.chunks.entry(*slot)?;
            let json = self.chunks.json(&[*slot]).first()?.to_vec();
            let name = entry.manager().and_then(|id| self.name(id));
            Some(match name {
                Some(name) => with_member(json, "managerName", &name),
                None => json,
            })
        };
        let records: Vec<_> = slots.iter().filter_map(named).collect();
        Records::copied(&records.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }

    /// The order that a sort asks for, if it is there.
    pub(super) fn order(&self, sort: &Sort) -> Option<&Arc<Order>> {
        self.orders
            .iter()
            .find(|(known, _)| known == sort)
            .map(|(_, order)| order)
    }

    /// Has the parts of the index built that an import has left out, in the background.
    pub(super) fn build_index(&self) {
        self.index.build();
    }

    /// Makes the order that a sort asks for: a matter of some hundred milliseconds for a million
    /// records.
    pub(super) fn sorted(&self, sort: &Sort) -> Order {
        let table = Table::new(&self.chunks);
        if let [key] = sort.keys()
            && !key.descending
        {
            return table.ascending(key.column, &mut Vec::new());
        }
        table.sorted(sort, |column| self.order(&Sort::by(column, false)))
    }

    /// Whether the record of a slot is not behind a cursor's place.
    pub(super) fn is_not_behind(&self, sort: &Sort, slot: Slot, cursor: &Cursor) -> bool {
        self.chunks
            .listed(slot)
            .is_some_and(|record| compare(sort, &record, &cursor.record).is_le())
    }

    /// The place of a slot's record: a page that begins there begins behind it.
    pub(super) fn cursor(&self, sort: &Sort, slot: Slot) -> Option<Cursor> {
        Some(Cursor::behind(self.chunks.listed(slot)?, sort))
    }
}

/// Adds a member to the end of an encoded object.
fn with_member(mut object: Vec<u8>, name: &str, value: &str) -> Vec<u8> {
    if object.pop_if(|last| *last == b'}').is_some() {
        let value = serde_json::Value::from(value);
        object.extend_from_slice(format!(",\"{name}\":{value}}}").as_bytes());
    }
    object
}
