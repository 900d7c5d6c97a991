//! Pages and scans of the directory. Caches the results of filters for the next page.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::Guard;
use roster_common::api::FieldValue;
use roster_common::query::{Column, Filter, Sort, Start, Window};
use roster_common::{EmployeeId, Field, Kind, Query};
use tokio::task::spawn_blocking;

use super::view::View;
use crate::rules::import::{self, KnownRows, PackedRows, Plan, PlanOptions};
use crate::store::directory::{Cursor, Directory, Matches, Order, Slot};
use crate::store::{Page, PageError, Records, Result, StoreError};

/// How many results of filters are kept: some bytes for each sixty-four records, each.
const KEPT: usize = 8;

/// How many records a scan looks at at a time.
const PIECE: usize = 256;

/// Makes lists of the newest directory.
pub(super) struct Lists {
    view: Arc<View>,
    /// Held while an order is made, so that it is made once.
    sorting: tokio::sync::Mutex<()>,
    /// What was found lately, the newest first.
    found: Mutex<VecDeque<(Filter, Arc<Matches>)>>,
}

impl Lists {
    pub(super) fn new(view: Arc<View>) -> Self {
        Self {
            view,
            sorting: tokio::sync::Mutex::default(),
            found: Mutex::default(),
        }
    }

    /// The records that match a filter, sorted, as this server knows them. Without a sort key they
    /// are sorted by id.
    pub(super) async fn list(&self, filter: Filter, sort: &Sort) -> Result<FoundRecords> {
        let sort = match sort.keys() {
            [] => Sort::by(Column::Id, false),
            _ => sort.clone(),
        };
        if filter == Filter::EVERYTHING {
            let (directory, order) = self.sorted(&sort).await?;
            return Ok(FoundRecords {
                directory,
                sort,
                slots: Slots::All(order),
            });
        }
        let directory = Guard::into_inner(self.view.projection.directory());
        let found = self.found(&directory, filter.clone()).await?;
        // Few matches are sorted by themselves: an order of all records may have to be made first,
        // and a walk along it would take longer.
        if let Some(few) = directory.few(&found, &sort) {
            return Ok(FoundRecords {
                directory,
                sort,
                slots: Slots::Few(few),
            });
        }
        // The order may belong to a newer directory, for which the matches are brought up to date.
        let (directory, order) = self.sorted(&sort).await?;
        let found = self.found(&directory, filter).await?;
        Ok(FoundRecords {
            directory,
            sort,
            slots: Slots::Many(found, order),
        })
    }

    /// The directory and its order; one not asked for before is made from it, and kept from then
    /// on.
    async fn sorted(&self, sort: &Sort) -> Result<(Arc<Directory>, Arc<Order>)> {
        let ready = || {
            let directory = Guard::into_inner(self.view.projection.directory());
            let order = Arc::clone(directory.order(sort)?);
            Some((directory, order))
        };
        if let Some(ready) = ready() {
            return Ok(ready);
        }
        let _guard = self.sorting.lock().await;
        // Another request may have made the order while this one waited.
        if let Some(ready) = ready() {
            return Ok(ready);
        }
        let (view, sort) = (Arc::clone(&self.view), sort.clone());
        on_blocking_pool(move || {
            let directory = Guard::into_inner(view.projection.directory());
            let order = Arc::new(directory.sorted(&sort));
            view.projection
                .change_directory(|newest| newest.adopt(sort, Arc::clone(&order), &directory));
            (directory, order)
        })
        .await
    }

    /// The values of a field among the records that match a filter; see
    /// [`Directory::values`] and [`Directory::managers`].
    pub(super) async fn values(
        &self,
        field: Field,
        filter: Filter,
        text: &str,
        limit: usize,
    ) -> Result<Vec<FieldValue>> {
        let (directory, order) = match field.kind() {
            Kind::Person => (Guard::into_inner(self.view.projection.directory()), None),
            _ => {
                let by_field = Sort::by(Column::Field(field), false);
                let (directory, order) = self.sorted(&by_field).await?;
                (directory, Some(order))
            }
        };
        let found = if filter == Filter::EVERYTHING {
            None
        } else {
            Some(self.found(&directory, filter).await?)
        };
        let text = text.to_owned();
        on_blocking_pool(move || match order {
            Some(order) => directory.values(field, &order, found.as_deref(), &text, limit),
            None => directory.managers(found.as_deref(), &text, limit),
        })
        .await
    }

    /// For each value of a field, whether a record other than `except` has it; see
    /// [`Directory::is_in_use`].
    pub(super) async fn in_use(
        &self,
        field: Field,
        values: Vec<String>,
        except: Option<EmployeeId>,
    ) -> Result<Vec<bool>> {
        let directory = Guard::into_inner(self.view.projection.directory());
        let is_in_use = move |value: &String| directory.is_in_use(field, value, except);
        if let [value] = values.as_slice() {
            return Ok(vec![is_in_use(value)]);
        }
        on_blocking_pool(move || values.iter().map(is_in_use).collect()).await
    }

    /// Everybody who reports to a manager; see [`Directory::reports_of`].
    pub(super) async fn reports_of(&self, manager: EmployeeId) -> Result<Vec<EmployeeId>> {
        let directory = Guard::into_inner(self.view.projection.directory());
        on_blocking_pool(move || directory.reports_of(manager)).await
    }

    /// What an import would do to the employees as this server knows them.
    pub(super) async fn plan(
        &self,
        rows: Arc<PackedRows>,
        options: PlanOptions,
        known: KnownRows,
    ) -> Result<Plan> {
        let directory = Guard::into_inner(self.view.projection.directory());
        on_blocking_pool(move || import::plan(&rows, &*directory, options, &known)).await
    }

    /// Runs the filter, starting from a cached result if there is one.
    async fn found(&self, directory: &Arc<Directory>, filter: Filter) -> Result<Arc<Matches>> {
        let before = self.known(&filter);
        if let Some(found) = before
            .as_ref()
            .filter(|found| found.version() == directory.version())
        {
            return Ok(Arc::clone(found));
        }
        let directory = Arc::clone(directory);
        let (filter, found) = on_blocking_pool(move || {
            let found = directory.find(&filter, before.as_deref());
            (filter, Arc::new(found))
        })
        .await?;
        self.keep(filter, Arc::clone(&found));
        Ok(found)
    }

    fn known(&self, filter: &Filter) -> Option<Arc<Matches>> {
        let kept = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter()
            .find(|(known, _)| known == filter)
            .map(|(_, found)| Arc::clone(found))
    }

    fn keep(&self, filter: Filter, found: Arc<Matches>) {
        let mut kept = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(known, _)| *known != filter);
        kept.truncate(KEPT - 1);
        kept.push_front((filter, found));
    }
}

/// Does long work on a thread that no other request needs.
async fn on_blocking_pool<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    // The runtime is shutting down where it does not run the work, and the panic of the work is
    // logged there.
    spawn_blocking(work)
        .await
        .map_err(|error| StoreError::Unreadable(error.to_string()))
}

/// The records that a query asks for, in its order, all of one state.
pub(super) struct FoundRecords {
    directory: Arc<Directory>,
    sort: Sort,
    slots: Slots,
}

/// The records of a list.
enum Slots {
    /// All, in their order.
    All(Arc<Order>),
    /// Few that were found, in their order.
    Few(Vec<Slot>),
    /// Many that were found, and the order of all.
    Many(Arc<Matches>, Arc<Order>),
}

impl Slots {
    /// The number of records.
    fn len(&self) -> usize {
        match self {
            Self::Many(found, _) => found.len(),
            Self::All(_) | Self::Few(_) => self.places(),
        }
    }

    /// The number of places to look at.
    fn places(&self) -> usize {
        match self {
            Self::All(order) | Self::Many(_, order) => order.len(),
            Self::Few(slots) => slots.len(),
        }
    }

    /// Whether a record is among them.
    fn has(&self, slot: Slot) -> bool {
        match self {
            Self::All(_) => true,
            Self::Few(slots) => slots.contains(&slot),
            Self::Many(found, _) => found.has(slot),
        }
    }

    /// What the places from one on have.
    fn iter_from(&self, place: usize) -> Box<dyn Iterator<Item = Option<Slot>> + '_> {
        match self {
            Self::All(order) => Box::new(order.iter_from(place).map(Some)),
            Self::Few(slots) => Box::new(slots.iter().skip(place).copied().map(Some)),
            Self::Many(found, order) => Box::new(
                order
                    .iter_from(place)
                    .map(|slot| found.has(slot).then_some(slot)),
            ),
        }
    }

    /// At most `limit` records from an offset on.
    fn window(&self, offset: usize, limit: usize) -> Vec<Slot> {
        let mut slots = Vec::with_capacity(limit.min(self.len()));
        match self {
            Self::All(order) => slots.extend(order.iter_from(offset).take(limit)),
            Self::Few(few) => slots.extend(few.iter().skip(offset).take(limit)),
            Self::Many(..) => slots.extend(self.iter_from(0).flatten().skip(offset).take(limit)),
        }
        slots
    }

    /// How many records come before the first that is not `passed`.
    fn partition_point(&self, passed: impl Fn(Slot) -> bool) -> usize {
        match self {
            Self::All(order) => order.partition_point(passed),
            Self::Few(slots) => slots.partition_point(|slot| passed(*slot)),
            Self::Many(_, order) => self
                .iter_from(0)
                .take(order.partition_point(passed))
                .flatten()
                .count(),
        }
    }
}

impl FoundRecords {
    /// The page that a query asks for.
    pub(super) fn page(&self, query: &Query) -> std::result::Result<Page, PageError> {
        let total = self.slots.len();
        let (limit, offset) = match &query.window {
            Window::All => (total, 0),
            Window::Page {
                limit,
                start: Start::Offset(offset),
            } => (*limit, total.min(*offset)),
            Window::Page {
                limit,
                start: Start::Cursor(token),
            } => (*limit, self.offset_of(token)?),
            Window::Page {
                limit,
                start:
                    Start::Around {
                        id,
                        fallback_offset,
                    },
            } => (
                *limit,
                self.offset_around(*id, *limit)
                    .unwrap_or_else(|| total.min(*fallback_offset)),
            ),
        };
        let slots = self.slots.window(offset, limit);
        let more = offset + slots.len() < total;
        // A cursor is the place of a record. An offset would be wrong as soon as others come or go.
        let next = slots
            .last()
            .filter(|_| more)
            .and_then(|last| self.directory.cursor(&self.sort, *last));
        let next = next.and_then(|cursor| cursor.to_token());
        Ok(Page {
            records: if query.names {
                self.directory.named_records(&slots)
            } else {
                self.directory.records(&slots)
            },
            total,
            offset,
            next,
        })
    }

    fn offset_of(&self, token: &str) -> std::result::Result<usize, PageError> {
        let cursor = Cursor::from_token(token, &self.sort).ok_or(PageError::Cursor)?;
        Ok(self.up_to(&cursor))
    }

    /// Where the page of `limit` begins that has this record, if the list has it.
    fn offset_around(&self, id: EmployeeId, limit: usize) -> Option<usize> {
        let slot = self
            .directory
            .slot(id)
            .filter(|slot| self.slots.has(*slot))?;
        let place = self
            .up_to(&self.directory.cursor(&self.sort, slot)?)
            .checked_sub(1)?;
        Some(place - place % limit)
    }

    /// How many records are not behind a place.
    fn up_to(&self, cursor: &Cursor) -> usize {
        self.slots
            .partition_point(|slot| self.directory.is_not_behind(&self.sort, slot, cursor))
    }

    /// All records, in pieces that are made on demand.
    pub(super) fn pieces(self) -> impl Iterator<Item = Records> + Send {
        let directory = Arc::clone(&self.directory);
        let starts = (0..self.slots.places()).step_by(PIECE);
        let slots = move |place| -> Vec<Slot> {
            self.slots.iter_from(place).take(PIECE).flatten().collect()
        };
        let pieces = starts.map(slots).filter(|slots| !slots.is_empty());
        pieces.map(move |slots| directory.records(&slots))
    }
}
