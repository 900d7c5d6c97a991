//! The next version of the directory: what was committed, and orders that were not asked for
//! before.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use roster_common::employee::{Employee, EmployeeId};
use roster_common::query::{Column, Sort};

use super::chunk::{CHUNK, Chunk, Chunks, Packer, Slot, join, split};
use super::dictionary::{WordId, Words};
use super::entry::Encoded;
use super::holders::Holders;
use super::key::{Keyed, compare, is_by_name_of_another, name_of, same};
use super::order::Order;
use super::{Directory, load};
use crate::rules::record::Values;

/// How many orders are kept beside those that are always there. The oldest gives way.
const EXTRA: usize = 12;

/// Up to so many reports are moved in an order when their manager's name changes; for more the
/// order is made again when it is next asked for.
const FEW_REPORTS: usize = 64;

/// Few enough changes to be put into the orders one by one.
const ONE_BY_ONE: usize = 16;

/// With more changes than this, as a slice of an import has, they are encoded on all processors, and
/// only the order by id stays, in which new records come last. The others are made again when they
/// are asked for, or when the import is over.
const MANY: usize = 500;

/// Putting one change into the orders costs about as much as sorting so many records anew.
const WORTH_SORTING: usize = 25;

/// A committed change of the employees.
pub(crate) enum RecordChange {
    /// An employee was added or has changed.
    Put(Box<Employee>),
    /// An employee was deleted.
    Removed(EmployeeId),
}

impl Directory {
    /// Applies a committed change.
    pub(crate) fn apply(&mut self, changes: impl IntoIterator<Item = RecordChange>) {
        let before = self.chunks.clone();
        let changed = self.put_all(changes);
        self.index.update(&self.chunks, &changed);
        if changed.len() > MANY {
            self.orders
                .retain(|(sort, _)| column(sort) == Some(Column::Id));
        }
        if self.is_few(&changed) {
            self.holders.update(&before, &self.chunks, &changed);
            self.update_orders(&before, &changed);
        } else {
            self.holders = Holders::of(&self.chunks);
            let columns = self.orders.iter().filter_map(|(sort, _)| column(sort));
            self.orders = load::load_orders(&self.chunks, columns.collect());
        }
        self.version += 1;
    }

    /// Makes the orders of one ascending column that the start has left out or many changes have
    /// dropped.
    pub(crate) fn missing_orders(&self) -> Vec<(Sort, Arc<Order>)> {
        let is_missing = |column: &Column| self.order(&Sort::by(*column, false)).is_none();
        let missing = load::ordered_columns().filter(is_missing);
        load::load_orders(&self.chunks, missing.collect())
    }

    /// Brings the orders up to date, or drops those in which too many records would move.
    fn update_orders(&mut self, before: &Chunks, changed: &[Slot]) {
        let after = &self.chunks;
        self.orders.retain_mut(|(sort, order)| {
            let affected = affected(sort, before, after, changed);
            if let Some(slots) = &affected {
                update(Arc::make_mut(order), sort, before, after, slots);
            }
            affected.is_some()
        });
    }

    /// Keeps an order that was made from an earlier version, and brings it up to this one.
    pub(crate) fn adopt(&mut self, sort: Sort, mut order: Arc<Order>, made_from: &Self) {
        // After another load, records of the same versions may differ: a restored database gives
        // them again.
        if self.order(&sort).is_some() || !Arc::ptr_eq(&self.origin, &made_from.origin) {
            return;
        }
        let changed = difference(&made_from.chunks, &self.chunks);
        if !self.is_few(&changed) {
            return;
        }
        let (before, after) = (&made_from.chunks, &self.chunks);
        let Some(slots) = affected(&sort, before, after, &changed) else {
            return;
        };
        update(Arc::make_mut(&mut order), &sort, before, after, &slots);
        let is_extra = |(sort, _): &(Sort, _)| column(sort).is_none();
        let extra = self.orders.iter().filter(|kept| is_extra(kept)).count();
        if column(&sort).is_none() && extra >= EXTRA {
            let oldest = self.orders.iter().position(is_extra);
            oldest.map(|oldest| self.orders.remove(oldest));
        }
        self.orders.push((sort, order));
    }

    fn is_few(&self, changed: &[Slot]) -> bool {
        changed.len() <= ONE_BY_ONE || changed.len() * WORTH_SORTING <= self.chunks.len() * CHUNK
    }

    /// Puts what has changed into the chunks. Returns the slots that are not as they were, each
    /// once.
    fn put_all(&mut self, changes: impl IntoIterator<Item = RecordChange>) -> Vec<Slot> {
        let (mut latest, mut changed) = (BTreeMap::new(), Vec::new());
        for change in changes {
            match change {
                RecordChange::Put(employee) => latest.insert(employee.id, Some(employee)),
                RecordChange::Removed(id) => latest.insert(id, None),
            };
        }
        let latest = self.encoded(latest.into_iter().collect());
        self.put(latest, &mut changed);
        changed.sort_unstable();
        changed.dedup();
        changed
    }

    /// The records as readers need them. Those of a large import are encoded on all processors.
    fn encoded(&mut self, records: Vec<Latest<Box<Employee>>>) -> Vec<Latest<Encoded>> {
        let words = &self.chunks.words;
        let encode = |part: &[Latest<Box<Employee>>]| -> Vec<Latest<Draft>> {
            let draft = |employee| Draft::new(employee, words);
            part.iter()
                .map(|(id, record)| (*id, record.as_deref().map(draft)))
                .collect()
        };
        let drafts = if records.len() <= MANY {
            encode(&records)
        } else {
            load::map_parts(&records, encode)
        };
        let words = &mut self.chunks.words;
        let finish = |(id, draft): Latest<Draft>| (id, draft.map(|draft| draft.finish(words)));
        drafts.into_iter().map(finish).collect()
    }

    /// Puts the records into the chunks, in the order of their ids.
    ///
    /// New records are appended. A record deleted since this start still has its slot. One deleted
    /// before gets a new slot when it is restored, and all later slots shift.
    fn put(&mut self, records: Vec<Latest<Encoded>>, changed: &mut Vec<Slot>) {
        let (mut known, mut new): (BTreeMap<usize, Vec<_>>, _) = (BTreeMap::new(), Vec::new());
        for (id, record) in records {
            match self.chunks.slot(id) {
                Some(slot) => {
                    let (chunk, index) = split(slot);
                    known.entry(chunk).or_default().push((index, record));
                    changed.push(slot);
                }
                None => new.extend(record),
            }
        }
        for (chunk, records) in known {
            self.chunks.replace(chunk, &records);
        }
        let last = self.chunks.last();
        let (between, behind): (Vec<_>, Vec<_>) = new
            .into_iter()
            .partition(|new: &Encoded| Some(new.parts.head.id) < last);
        if !between.is_empty() {
            let first = self.chunks.insert(between) * CHUNK;
            let all = self.chunks.len() * CHUNK;
            changed.extend((first..all).filter_map(|slot| Slot::try_from(slot).ok()));
        }
        self.append(behind.into_iter(), changed);
    }

    /// Adds records whose ids are greater than all before.
    fn append(&mut self, records: impl Iterator<Item = Encoded>, changed: &mut Vec<Slot>) {
        let mut records = records.peekable();
        if records.peek().is_none() {
            return;
        }
        let mut packer = self
            .chunks
            .pop()
            .map_or_else(Packer::default, |last| Packer::resume(&last));
        for record in records {
            if packer.is_full() {
                self.chunks.push(packer.finish());
            }
            changed.extend(join(self.chunks.len(), packer.len()));
            packer.push(&record);
        }
        self.chunks.push(packer.finish());
    }
}

/// An id, and what its record has become; `None` if it was deleted.
type Latest<T> = (EmployeeId, Option<T>);

/// An encoded record, some of whose words have no id yet.
struct Draft {
    encoded: Encoded,
    /// The dictionary of each of them, and the word.
    new_words: Vec<(usize, Box<str>)>,
}

impl Draft {
    fn new(employee: &Employee, words: &Words) -> Self {
        let mut new_words = Vec::new();
        let encoded = Encoded::new(&Values::of(employee), |dictionary, raw| {
            words.known_id(dictionary, raw).unwrap_or_else(|| {
                new_words.push((dictionary, raw.into()));
                WordId::MAX
            })
        });
        Self { encoded, new_words }
    }

    /// The record, with an id for each of its words.
    fn finish(mut self, words: &mut Words) -> Encoded {
        for (dictionary, raw) in self.new_words {
            if let Some(id) = self.encoded.parts.words.get_mut(dictionary) {
                *id = words.word_id(dictionary, &raw);
            }
        }
        self.encoded
    }
}

/// The column of a sort by one ascending column.
fn column(sort: &Sort) -> Option<Column> {
    match sort.keys() {
        [key] if !key.descending => Some(key.column),
        _ => None,
    }
}

/// The slots whose places in an order may have changed: of changed records, and, where managers'
/// names matter, of the reports of a manager who got another name. `None` if there are too many
/// reports.
fn affected<'a>(
    sort: &Sort,
    before: &Chunks,
    after: &Chunks,
    changed: &'a [Slot],
) -> Option<Cow<'a, [Slot]>> {
    let is_by_manager = sort
        .keys()
        .iter()
        .any(|key| is_by_name_of_another(key.column));
    let renamed = match is_by_manager {
        true => renamed(before, after, changed),
        false => BTreeSet::new(),
    };
    if renamed.is_empty() {
        return Some(Cow::Borrowed(changed));
    }
    let reports: Vec<_> = reports_to(after, &renamed).take(FEW_REPORTS + 1).collect();
    if reports.len() > FEW_REPORTS {
        return None;
    }
    let all: BTreeSet<_> = changed.iter().copied().chain(reports).collect();
    Some(Cow::Owned(all.into_iter().collect()))
}

/// The employees who were added or deleted or got another name.
fn renamed(before: &Chunks, after: &Chunks, changed: &[Slot]) -> BTreeSet<EmployeeId> {
    let in_slot = |slot: &Slot| [before.entry(*slot), after.entry(*slot)];
    let ids = changed.iter().flat_map(in_slot).flatten();
    ids.map(|entry| entry.id())
        .filter(|id| name_of(before, *id) != name_of(after, *id))
        .collect()
}

fn reports_to(chunks: &Chunks, managers: &BTreeSet<EmployeeId>) -> impl Iterator<Item = Slot> {
    chunks.stamped().enumerate().flat_map(move |(number, one)| {
        let of_chunk = one.chunk.managers().iter().enumerate();
        of_chunk.filter_map(move |(index, manager)| {
            let id = EmployeeId::try_from(manager.as_ref()?.get()).ok()?;
            join(number, index).filter(|_| managers.contains(&id))
        })
    })
}

/// Moves the changed slots of an order to their new places.
fn update(order: &mut Order, sort: &Sort, before: &Chunks, after: &Chunks, changed: &[Slot]) {
    let stays = |slot: Slot| match (before.listed(slot), after.listed(slot)) {
        (Some(old), Some(new)) => same(sort, old, new),
        (old, new) => old.is_none() && new.is_none(),
    };
    let moved: Vec<Slot> = changed
        .iter()
        .copied()
        .filter(|slot| !stays(*slot))
        .collect();
    for slot in &moved {
        if let Some(old) = before.listed(*slot) {
            let old = Keyed::new(sort, old);
            order.remove(*slot, |other| {
                before
                    .listed(other)
                    .is_some_and(|other| compare(sort, &other, &old).is_lt())
            });
        }
    }
    for slot in moved {
        if let Some(new) = after.listed(slot) {
            let new = Keyed::new(sort, new);
            order.insert(slot, |other| {
                after
                    .listed(other)
                    .is_some_and(|other| compare(sort, &other, &new).is_lt())
            });
        }
    }
}

/// The slots whose records are not the same in both.
fn difference(before: &Chunks, after: &Chunks) -> Vec<Slot> {
    let chunks = 0..before.len().max(after.len());
    chunks
        .flat_map(|number| changed_slots(number, before.get(number), after.get(number)))
        .collect()
}

fn changed_slots(
    number: usize,
    before: Option<&Arc<Chunk>>,
    after: Option<&Arc<Chunk>>,
) -> Vec<Slot> {
    if let (Some(before), Some(after)) = (before, after)
        && Arc::ptr_eq(before, after)
    {
        return Vec::new();
    }
    let state = |chunk: Option<&Arc<Chunk>>, index| chunk?.state(index);
    let changed = (0..CHUNK).filter(|index| state(before, *index) != state(after, *index));
    changed.filter_map(|index| join(number, index)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::record::Record;
    use crate::store::directory::{Block, dictionary, segment};
    use crate::store::rows::{StoredRow, values_of_row};
    use jiff::Timestamp;
    use proptest::prelude::*;
    use roster_common::employee::Version;
    use roster_common::{Changes, Field, Query};

    fn employee(id: u64, title: &str) -> RecordChange {
        employee_with(id, Field::Title, title)
    }

    fn employee_with(id: u64, field: Field, value: &str) -> RecordChange {
        let mut changes = Changes::default();
        changes.set(Field::Firstname, "Maya");
        changes.set(Field::Lastname, "Castro");
        changes.set(field, value);
        RecordChange::Put(Box::new(Employee {
            id: id.try_into().unwrap(),
            details: changes.to_details().unwrap(),
            // A version of its own for each value, as every change makes one.
            version: Version::new(value.len() as u64),
            created: Timestamp::UNIX_EPOCH,
            updated: Timestamp::UNIX_EPOCH,
            updated_by: "ada".into(),
        }))
    }

    /// The same directory with all orders that it lacks.
    fn completed(directory: Directory) -> Directory {
        let mut completed = directory.clone();
        for (sort, order) in directory.missing_orders() {
            completed.adopt(sort, order, &directory);
        }
        completed
    }

    fn empty() -> Directory {
        completed(Directory::of_nobody(0))
    }

    fn has(directory: &Directory, column: Column) -> bool {
        directory.order(&Sort::by(column, false)).is_some()
    }

    fn directory(titles: &[&str]) -> Directory {
        let mut directory = empty();
        directory.apply((1..).zip(titles).map(|(id, title)| employee(id, title)));
        directory
    }

    fn slots(order: &Order) -> Vec<Slot> {
        order.iter_from(0).collect()
    }

    proptest! {
        #[test]
        fn an_id_is_found_however_the_others_lie(
            gaps in prop::collection::vec(prop_oneof![9 => Just(1), 1 => 1u64..1_000_000], 1..300)
        ) {
            let ids: Vec<u64> = gaps.iter().scan(0, |id, gap| { *id += gap; Some(*id) }).collect();
            let mut directory = directory(&[]);
            directory.apply(ids.iter().map(|id| employee(*id, "b")));
            let found = |id: u64| directory.get(id.try_into().unwrap()).map(|record| record.id.get());
            let near: Vec<u64> = ids.iter().flat_map(|id| [id - 1, *id, id + 1]).filter(|id| *id > 0).collect();
            for id in near {
                prop_assert_eq!(found(id), ids.binary_search(&id).is_ok().then_some(id));
            }
            prop_assert_eq!(found(EmployeeId::MAX), None);
        }
    }

    proptest! {
        #[test]
        fn a_restored_record_returns_to_its_position(
            ids in prop::collection::hash_set(1u64..400, 1..200), together in 1usize..40,
        ) {
            let ids: Vec<u64> = ids.into_iter().collect();
            let mut directory = directory(&[]);
            for some in ids.chunks(together) {
                directory.apply(some.iter().map(|id| employee(*id, ["a", "bb", "ccc"][*id as usize % 3])));
            }
            let mut sorted = ids.clone();
            sorted.sort_unstable();
            let by_id = directory.order(&"id".parse().unwrap()).unwrap().clone();
            let records = directory.records(&slots(&by_id));
            let expected: Vec<_> = sorted.iter().filter_map(|id| directory.get((*id).try_into().unwrap())).collect();
            prop_assert_eq!(expected.len(), ids.len());
            prop_assert!(records.iter().eq(expected.iter().map(|record| record.json.as_ref())));
            for (sort, new) in load::load_orders(&directory.chunks, load::ordered_columns().collect()) {
                prop_assert_eq!(slots(directory.order(&sort).unwrap()), slots(&new), "{}", sort);
            }
        }
    }

    proptest! {
        #[test]
        fn holders_are_found_as_if_every_record_were_looked_at(
            batches in prop::collection::vec(prop::collection::vec((1u64..99, 0usize..5), 1..40), 1..12),
        ) {
            const VALUES: [&str; 5] = ["", "a@example.com", "bb@example.com", "E7", "E12"];
            let field = |value: &str| if value.contains('@') { Field::Email } else { Field::Number };
            let mut directory = directory(&[]);
            let mut model: BTreeMap<u64, &str> = BTreeMap::new();
            for batch in batches {
                directory.apply(batch.iter().map(|(id, value)| match VALUES[*value] {
                    "" => RecordChange::Removed((*id).try_into().unwrap()),
                    value => employee_with(*id, field(value), value),
                }));
                model.extend(batch.iter().map(|(id, value)| (*id, VALUES[*value])));
                for value in VALUES {
                    let folded = value.to_lowercase();
                    let mut found = directory.holders(field(value), &folded, usize::MAX);
                    found.sort_unstable();
                    let expected = model.iter().filter(|(_, other)| **other == value && !value.is_empty());
                    let expected: Vec<u64> = expected.map(|(id, _)| *id).collect();
                    prop_assert_eq!(found.iter().map(|id| id.get()).collect::<Vec<_>>(), expected, "{}", value);
                }
            }
        }
    }

    #[test]
    fn the_index_of_an_imports_people_is_built_when_somebody_searches() {
        const SEGMENTS: usize = 2;
        let count = SEGMENTS * segment::RECORDS;
        let mut directory = directory(&[]);
        directory.apply((1..=count as u64).map(|id| employee(id, "Clerk")));
        assert_eq!(directory.index.asked(), 0);
        let clerks = Query::parse("q=clerk")
            .unwrap()
            .filter(Timestamp::UNIX_EPOCH);
        assert_eq!(directory.find(&clerks, None).len(), count);
        assert_eq!(directory.index.asked(), SEGMENTS);
    }

    #[test]
    fn an_order_made_from_an_earlier_version_is_brought_up_to_date() {
        let sort: Sort = "-title,id".parse().unwrap();
        let earlier = directory(&["b", "aa", "ddd", "aa"]);
        let order = Arc::new(earlier.sorted(&sort));
        let mut newest = earlier.clone();
        newest.apply([
            employee(2, "eeee"),
            RecordChange::Removed(3.try_into().unwrap()),
            employee(5, "ccccc"),
        ]);
        newest.adopt(sort.clone(), order, &earlier);
        assert_eq!(slots(newest.order(&sort).unwrap()), [1, 4, 0, 3]);
        assert_eq!(
            slots(newest.order(&sort).unwrap()),
            slots(&newest.sorted(&sort))
        );
        newest.apply([employee(1, "zzzzzz")]);
        assert_eq!(slots(newest.order(&sort).unwrap()), [0, 1, 4, 3]);
    }

    #[test]
    fn a_search_finds_all_of_more_values_than_sixteen_bits_count() {
        let mut directory = empty();
        let title = dictionary::dictionary_index(Field::Title).unwrap();
        for number in 0..70_000 {
            directory
                .chunks
                .words
                .word_id(title, &format!("title {number}"));
        }
        directory.apply(
            (1..)
                .zip(["Aa", "b", "aa"])
                .map(|(id, title)| employee(id, title)),
        );
        assert!(directory.chunks.words.len(title) > usize::from(u16::MAX));
        for (query, expected) in [("q=title:a", vec![0, 2]), ("title=b", vec![1])] {
            let filter = Query::parse(query).unwrap().filter(Timestamp::UNIX_EPOCH);
            let found = directory.find(&filter, None);
            let found: Vec<Slot> = (0..3).filter(|slot| found.has(*slot)).collect();
            assert_eq!(found, expected, "{query}");
        }
        let by_title = directory.order(&"title".parse().unwrap()).unwrap();
        assert_eq!(slots(by_title), [0, 2, 1]);
    }

    fn report(id: u64, lastname: &str, manager: Option<u64>) -> RecordChange {
        let mut changes = Changes::default();
        changes.set(Field::Firstname, "Maya");
        changes.set(Field::Lastname, lastname);
        changes.set(
            Field::Manager,
            manager.map(|id| id.to_string()).unwrap_or_default(),
        );
        RecordChange::Put(Box::new(Employee {
            id: id.try_into().unwrap(),
            details: changes.to_details().unwrap(),
            version: Version::new(lastname.len() as u64),
            created: Timestamp::UNIX_EPOCH,
            updated: Timestamp::UNIX_EPOCH,
            updated_by: "ada".into(),
        }))
    }

    #[test]
    fn another_name_of_a_manager_moves_their_reports_or_drops_the_order() {
        let sort: Sort = "manager".parse().unwrap();
        let with_reports = |count: u64| {
            let mut directory = empty();
            let managers = [report(1, "Berg", None), report(2, "Castro", None)];
            let reports = (3..3 + count).map(|id| report(id, "Lee", Some(id % 2 + 1)));
            directory.apply(managers.into_iter().chain(reports));
            let order = Arc::new(directory.sorted(&sort));
            directory.adopt(sort.clone(), order, &directory.clone());
            directory
        };
        let mut directory = with_reports(4);
        assert_eq!(slots(directory.order(&sort).unwrap()), [3, 5, 2, 4, 0, 1]);
        directory.apply([report(1, "Zuse", None)]);
        assert_eq!(slots(directory.order(&sort).unwrap()), [2, 4, 3, 5, 0, 1]);
        directory.apply([RecordChange::Removed(2.try_into().unwrap())]);
        assert_eq!(slots(directory.order(&sort).unwrap()), [3, 5, 0, 2, 4]);

        let mut directory = with_reports(4 * FEW_REPORTS as u64);
        directory.apply([report(1, "Zuse", None)]);
        assert!(directory.order(&sort).is_none());
        assert!(
            load::ordered_columns()
                .all(|column| directory.order(&Sort::by(column, false)).is_some())
        );
    }

    #[test]
    fn an_order_that_is_far_behind_is_not_kept() {
        let sort: Sort = "-title".parse().unwrap();
        let earlier = directory(&["a"]);
        let mut newest = earlier.clone();
        newest.apply((2..200).map(|id| employee(id, "b")));
        newest.adopt(sort.clone(), Arc::new(earlier.sorted(&sort)), &earlier);
        assert!(newest.order(&sort).is_none());
    }

    #[test]
    fn an_order_of_another_load_is_not_kept() {
        let sort: Sort = "-title".parse().unwrap();
        let (earlier, mut reloaded) = (directory(&["a", "b"]), directory(&["a", "c"]));
        reloaded.adopt(sort.clone(), Arc::new(earlier.sorted(&sort)), &earlier);
        assert!(reloaded.order(&sort).is_none());
    }

    #[test]
    fn many_changes_leave_the_order_by_id_and_the_others_are_made_again() {
        let mut directory = directory(&["b", "aa"]);
        let all = 3..3 + MANY as u64 + 1;
        directory.apply(all.map(|id| employee(id, ["a", "bb", "ccc"][id as usize % 3])));
        assert!(has(&directory, Column::Id) && !has(&directory, Column::Field(Field::Title)));
        let directory = completed(directory);
        for (sort, new) in load::load_orders(&directory.chunks, load::ordered_columns().collect()) {
            let kept = directory.order(&sort).unwrap();
            assert_eq!(slots(kept), slots(&new), "{sort}");
            assert_eq!(slots(kept), slots(&directory.sorted(&sort)), "{sort}");
        }
    }

    #[test]
    fn a_start_has_every_record_and_leaves_out_the_orders_that_take_long() {
        let people: Vec<_> = (1..=200u64)
            .map(|id| employee(id, ["a", "bb", ""][id as usize % 3]))
            .filter_map(|change| match change {
                RecordChange::Put(employee) => Some(employee),
                RecordChange::Removed(_) => None,
            })
            .collect();
        let mut block = Block::default();
        for employee in &people {
            block.push(employee.id, &employee.to_row().unwrap());
        }
        let directory = Directory::load(0, std::iter::once(Ok(block)), values_of_row).unwrap();
        for employee in &people {
            assert_eq!(directory.get(employee.id), Some(Record::of(employee)));
        }
        assert!(has(&directory, Column::Id) && has(&directory, Column::Field(Field::Title)));
        assert!(!has(&directory, Column::Updated) && !has(&directory, Column::Field(Field::Email)));
        let directory = completed(directory);
        assert!(load::ordered_columns().all(|column| has(&directory, column)));
    }

    #[test]
    fn the_oldest_of_many_orders_gives_way() {
        let mut directory = directory(&["a", "b"]);
        let sorts: Vec<Sort> = Column::all().map(|column| Sort::by(column, true)).collect();
        for sort in &sorts {
            let made_from = directory.clone();
            directory.adopt(sort.clone(), Arc::new(made_from.sorted(sort)), &made_from);
        }
        let kept: Vec<bool> = sorts
            .iter()
            .map(|sort| directory.order(sort).is_some())
            .collect();
        assert_eq!(kept.iter().filter(|kept| **kept).count(), EXTRA);
        assert!(!kept[0] && kept[sorts.len() - 1]);
        assert!(
            load::ordered_columns()
                .all(|column| directory.order(&Sort::by(column, false)).is_some())
        );
    }
}
