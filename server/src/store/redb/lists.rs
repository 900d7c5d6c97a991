//! Pages and scans of the directory. What takes long to find is kept for the next page.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use roster_common::api::FieldValue;
use roster_common::query::{Column, Sort, Start, Term, Window};
use roster_common::{Field, Query};
use tokio::task::spawn_blocking;

use super::directory::{Cursor, Directory, Filter, Order, Slot};
use super::memory::Memory;
use crate::store::{Page, PageError, Records, Result, StoreError};

/// How many results of filters are kept.
const KEPT: usize = 4;

/// How many records a scan gives at a time.
const PIECE: usize = 256;

/// Makes lists of the newest directory.
pub(super) struct Lists {
    memory: Arc<Memory>,
    /// Held while an order is made, so that it is made once.
    sorting: tokio::sync::Mutex<()>,
    found: Mutex<VecDeque<Found>>,
}

/// What a filter has found in one version of the directory.
struct Found {
    version: u64,
    terms: Vec<Term>,
    sort: Sort,
    slots: Arc<[Slot]>,
}

impl Lists {
    pub(super) fn new(memory: Arc<Memory>) -> Self {
        Self { memory, sorting: tokio::sync::Mutex::default(), found: Mutex::default() }
    }

    /// What a query asks for, of the newest state.
    pub(super) async fn list(&self, query: &Query) -> Result<List> {
        let sort = match query.sort.keys() {
            [] => Sort::by(Column::Id, false),
            _ => query.sort.clone(),
        };
        let (directory, order) = self.sorted(&sort).await?;
        let terms = query.terms();
        let slots = match terms.as_slice() {
            [] => Slots::All(order),
            _ => Slots::Found(self.filtered(&directory, terms, &sort, order).await?),
        };
        Ok(List { directory, sort, slots })
    }

    /// The directory and its order; one not asked for before is made from it, and kept from then on.
    async fn sorted(&self, sort: &Sort) -> Result<(Arc<Directory>, Order)> {
        let ready = || {
            let directory = self.memory.directory();
            let order = directory.order(sort)?.clone();
            Some((directory, order))
        };
        if let Some(ready) = ready() {
            return Ok(ready);
        }
        let _guard = self.sorting.lock().await;
        if let Some(ready) = ready() {
            return Ok(ready);
        }
        let (memory, sort) = (Arc::clone(&self.memory), sort.clone());
        apart(move || {
            let directory = memory.directory();
            let order = directory.sorted(&sort);
            memory.change_directory(|newest| newest.adopt(sort, order.clone(), &directory));
            (directory, order)
        })
        .await
    }

    /// The values of a field that have `text` in them; see [`Directory::values`].
    pub(super) async fn values(&self, field: Field, text: &str, limit: usize) -> Result<Vec<FieldValue>> {
        let (directory, text) = (self.memory.directory(), text.to_owned());
        apart(move || directory.values(field, &text, limit)).await
    }

    async fn filtered(
        &self,
        directory: &Arc<Directory>,
        terms: Vec<Term>,
        sort: &Sort,
        order: Order,
    ) -> Result<Arc<[Slot]>> {
        let version = directory.version();
        if let Some(slots) = self.known(version, &terms, sort) {
            return Ok(slots);
        }
        let (directory, filter) = (Arc::clone(directory), Filter::new(&terms));
        let slots = apart(move || directory.filtered(&filter, &order)).await?;
        self.keep(Found { version, terms, sort: sort.clone(), slots: Arc::clone(&slots) });
        Ok(slots)
    }

    fn known(&self, version: u64, terms: &[Term], sort: &Sort) -> Option<Arc<[Slot]>> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |found: &&Found| found.version == version && found.terms == terms && found.sort == *sort;
        found.iter().find(same).map(|found| Arc::clone(&found.slots))
    }

    fn keep(&self, new: Found) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.retain(|old| old.version == new.version);
        found.truncate(KEPT - 1);
        found.push_front(new);
    }
}

/// Does long work where no request waits for it.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    // The runtime is shutting down where it does not run the work, and the panic of the work is logged there.
    spawn_blocking(work).await.map_err(|error| StoreError::Unreadable(error.to_string()))
}

/// The records that a query asks for, in its order, all of one state.
pub(super) struct List {
    directory: Arc<Directory>,
    sort: Sort,
    slots: Slots,
}

enum Slots {
    All(Order),
    Found(Arc<[Slot]>),
}

impl List {
    fn len(&self) -> usize {
        match &self.slots {
            Slots::All(order) => order.len(),
            Slots::Found(slots) => slots.len(),
        }
    }

    /// At most `limit` of the slots from an offset on.
    fn slots(&self, offset: usize, limit: usize) -> Vec<Slot> {
        match &self.slots {
            Slots::All(order) => order.iter_from(offset).take(limit).collect(),
            Slots::Found(slots) => slots.iter().copied().skip(offset).take(limit).collect(),
        }
    }

    /// A page of it.
    pub(super) fn page(&self, window: &Window) -> std::result::Result<Page, PageError> {
        let total = self.len();
        let (limit, offset) = match window {
            Window::All => (total, 0),
            Window::Page { limit, start: Start::Offset(offset) } => (*limit, total.min(*offset)),
            Window::Page { limit, start: Start::Cursor(token) } => (*limit, self.offset_of(token)?),
        };
        let slots = self.slots(offset, limit);
        let more = offset + slots.len() < total;
        let next = slots.last().filter(|_| more).and_then(|last| self.directory.cursor(&self.sort, *last));
        Ok(Page { records: self.directory.records(&slots), total, offset, next })
    }

    fn offset_of(&self, token: &str) -> std::result::Result<usize, PageError> {
        let cursor = Cursor::from_token(token, &self.sort).ok_or(PageError::Cursor)?;
        let passed = |slot: Slot| self.directory.is_not_behind(&self.sort, slot, &cursor);
        Ok(match &self.slots {
            Slots::All(order) => order.partition_point(passed),
            Slots::Found(slots) => slots.partition_point(|slot| passed(*slot)),
        })
    }

    /// All of it, in pieces that are made when they are asked for.
    pub(super) fn pieces(self) -> impl Iterator<Item = Records> + Send {
        let starts = (0..self.len()).step_by(PIECE);
        starts.map(move |offset| self.directory.records(&self.slots(offset, PIECE)))
    }
}
