//! Searches among several segments find what a look at every record finds, while the records change
//! and whether or not their segments are built.

use std::collections::BTreeMap;

use fastrand::Rng;
use jiff::Timestamp;
use proptest::prelude::*;
use roster_common::Changes;
use roster_common::employee::{Employee, EmployeeId, Field, Version};
use roster_common::query::{Filter, Term, TermScope};
use roster_common::text::folded;

use super::*;
use crate::store::directory::RecordChange;
use crate::store::directory::segment::RECORDS;

/// Parts of names, in many scripts and in forms that fold to others.
const PARTS: [&str; 24] = [
    "an",
    "Anna",
    "ÁN",
    "ham",
    "Strauß",
    "ﬁeld",
    "ton",
    "İs",
    "Ω",
    "o'n",
    "Мар",
    "иЯ",
    "東",
    "京都",
    "김",
    "민준",
    "शर्मा",
    "حداد",
    "\u{640}",
    "e\u{301}",
    "12",
    "3",
    "x y",
    "𝕏",
];

fn text(random: &mut Rng) -> String {
    let parts = (0..random.usize(0..4)).map(|_| PARTS[random.usize(0..PARTS.len())]);
    parts.collect()
}

fn employee(id: u64, version: u64, random: &mut Rng) -> Employee {
    let mut changes = Changes::default();
    for field in [Field::Firstname, Field::Lastname] {
        changes.set(field, format!("a{}", text(random)));
    }
    for field in [Field::Title, Field::Department, Field::Notes, Field::Number] {
        changes.set(field, text(random));
    }
    if random.bool() {
        let (month, day) = (random.u8(1..13), random.u8(1..29));
        changes.set(
            Field::Hired,
            format!("20{:02}-{month:02}-{day:02}", random.u8(0..30)),
        );
    }
    if random.bool() {
        changes.set(Field::Email, format!("p{id}@example.com"));
        changes.set(
            Field::Phone,
            format!("+1 (555) {:03}-{id}", random.u16(0..999)),
        );
    }
    Employee {
        id: id.try_into().unwrap(),
        details: changes.to_details().unwrap(),
        version: Version::new(version),
        created: Timestamp::UNIX_EPOCH,
        updated: Timestamp::UNIX_EPOCH,
        updated_by: "ada".into(),
    }
}

/// The records as they are, to look at each.
#[derive(Default)]
struct Model(BTreeMap<EmployeeId, Employee>);

impl Model {
    /// A condition that some record meets, or nearly.
    fn condition(&self, random: &mut Rng) -> Filter {
        let field = Field::ALL[random.usize(0..Field::ALL.len())];
        let among = random.usize(0..self.0.len());
        let record = self.0.values().nth(among).unwrap();
        let value: Vec<char> = folded(&record.details.text(field)).chars().collect();
        let (begin, len) = (random.usize(0..=value.len()), random.usize(1..7));
        let scope = if random.bool() {
            TermScope::Field(field)
        } else {
            TermScope::Everywhere
        };
        let (text, whole) = match random.u8(0..10) {
            0 => (value.iter().collect(), true),
            1 => (text(random), false),
            2 => (random.u16(..).to_string(), false),
            _ => (value.iter().skip(begin).take(len).collect(), false),
        };
        let text = folded(&text);
        // Only a field can be empty, and is so as a whole.
        let (scope, whole) = match text.is_empty() {
            true => (TermScope::Field(field), true),
            false => (scope, whole),
        };
        let term = Filter::Text(Term { scope, text, whole });
        match random.u8(0..4) {
            0 => Filter::Not(Box::new(term)),
            _ => term,
        }
    }

    fn filter(&self, random: &mut Rng) -> Filter {
        let some: Vec<Filter> = (0..random.usize(1..4))
            .map(|_| self.condition(random))
            .collect();
        if random.bool() {
            Filter::All(some)
        } else {
            Filter::Any(some)
        }
    }

    fn find(&self, filter: &Filter) -> Vec<EmployeeId> {
        let found = self.0.values().filter(|person| filter.matches(person));
        found.map(|person| person.id).collect()
    }

    /// Changes some records, deletes some, and adds some.
    fn change(&mut self, round: u64, random: &mut Rng) -> Vec<RecordChange> {
        let ids: Vec<EmployeeId> = self.0.keys().copied().collect();
        let mut changes = Vec::new();
        for _ in 0..random.usize(0..400) {
            let id = ids[random.usize(0..ids.len())];
            if random.u8(0..4) == 0 {
                self.0.remove(&id);
                changes.push(RecordChange::Removed(id));
            } else {
                let changed = employee(id.get(), round, random);
                self.0.insert(id, changed.clone());
                changes.push(RecordChange::Put(Box::new(changed)));
            }
        }
        let last = ids.last().map_or(0, |id| id.get());
        for id in last + 1..=last + random.u64(0..200) {
            let new = employee(id, round, random);
            self.0.insert(new.id, new.clone());
            changes.push(RecordChange::Put(Box::new(new)));
        }
        changes
    }
}

/// The ids of what was found.
fn ids(directory: &Directory, found: &Matches) -> Vec<EmployeeId> {
    let entries = found
        .slots()
        .filter_map(|slot| directory.chunks.entry(slot));
    entries.map(|entry| entry.id()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]
    #[test]
    fn a_search_finds_what_a_look_at_every_record_finds(seed: u64, is_built: bool) {
        let mut random = Rng::with_seed(seed);
        let (mut model, mut directory) = (Model::default(), Directory::of_nobody(0));
        let people = (1..=RECORDS as u64 + 300).map(|id| employee(id, 0, &mut random));
        model.0 = people.map(|person| (person.id, person)).collect();
        directory.apply(model.0.values().cloned().map(|person| RecordChange::Put(Box::new(person))));
        for round in 1..4 {
            if is_built {
                directory.index.wait();
            }
            let mut known = Vec::new();
            for _ in 0..10 {
                let filter = model.filter(&mut random);
                let found = directory.find(&filter, None);
                let expected = model.find(&filter);
                prop_assert_eq!(found.len(), expected.len(), "{:?}", &filter);
                prop_assert_eq!(ids(&directory, &found), expected, "{:?}", filter);
                known.push((filter, found));
            }
            directory.apply(model.change(round, &mut random));
            for (filter, found) in known {
                let found = directory.find(&filter, Some(&found));
                let expected = model.find(&filter);
                prop_assert_eq!(ids(&directory, &found), expected, "{:?} after a change", filter);
            }
        }
    }
}
