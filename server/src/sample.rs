//! Sample employees, the same for the same seed, for demos and benchmarks.
//!
//! They vary as a real company's do: a few names are common and most are rare, in many scripts;
//! addresses and phone numbers are distinct; managers have some eight reports each; three in ten
//! have notes; and most were hired lately.
//!
//! - [`names`] of people, by the region they come from
//! - [`jobs`] departments, titles and places
//! - [`notes`] sentences
//! - [`mod@pick`] picks from their tables

mod jobs;
mod names;
mod notes;
mod pick;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use roster_common::text::folded;
use roster_common::{Changes, Field};

use names::Region;

/// The day on which the first employee was hired.
const FOUNDED: Date = date(1998, 1, 5);

/// How many days later the last one was.
const DAYS: f64 = 10_500.0;

/// How many reports a manager has on average.
const SPAN: u64 = 8;

/// Returns `count` employees, in the order of the ids that they will have, which begin at 1.
pub fn employees(count: u64, seed: u64) -> impl Iterator<Item = Changes> {
    let mut random = fastrand::Rng::with_seed(seed);
    (1..=count).map(move |id| employee(id, count, seed, &mut random))
}

fn employee(id: u64, count: u64, seed: u64, random: &mut fastrand::Rng) -> Changes {
    let region = names::region(random);
    let (first, last) = (region.first_name(random), region.last_name(random));
    // The manager follows from the id and the seed, so that `head` can walk up without keeping
    // anybody.
    let (manager, rank) = (manager(id, seed), rank(id, count));
    let job = jobs::job(rank, head(id, seed), count, random);
    let mut changes = Changes::default();
    for field in Field::ALL {
        let value = match field {
            Field::Firstname => first.clone(),
            Field::Lastname => last.clone(),
            Field::Email => email(&first, &last, id),
            Field::Phone => phone(region, id),
            Field::Title => job.title.clone(),
            Field::Department => job.department.clone(),
            Field::Location => jobs::location(random).to_owned(),
            Field::Manager => manager.map(|id| id.to_string()).unwrap_or_default(),
            Field::Status => status(rank, random).to_owned(),
            Field::Hired => hired(id, count, random).to_string(),
            Field::Number => format!("E{id:05}"),
            Field::Notes if random.u8(0..10) < 3 => notes::notes(random),
            Field::Notes => continue,
        };
        changes.set(field, value);
    }
    changes
}

/// An address that no other id has. Names in other scripts than Latin leave little of theirs.
fn email(first: &str, last: &str, id: u64) -> String {
    let plain = |name: &str| -> String {
        let letters = folded(name);
        letters
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect()
    };
    match (plain(first), plain(last)) {
        (first, last) if first.is_empty() || last.is_empty() => format!("staff.{id}@example.com"),
        (first, last) => format!("{first}.{last}{id}@example.com"),
    }
}

/// A number that no other id has.
fn phone(region: &Region, id: u64) -> String {
    // Multiples of a number modulo a prime are distinct.
    let number = id.wrapping_mul(387_420_489) % 999_999_937;
    let (a, b, c) = (number / 1_000_000, number / 1000 % 1000, number % 1000);
    format!("+{} {a:03} {b:03} {c:03}", region.calling_code)
}

/// The first employee leads the company, and the heads of the departments report to them. Everyone
/// else reports to someone with a smaller id. A manager has about [`SPAN`] reports, some few and
/// some twice as many.
fn manager(id: u64, seed: u64) -> Option<u64> {
    let (first, last) = (*jobs::HEADS.start(), *jobs::HEADS.end());
    if id < first {
        return None;
    }
    let Some(behind) = id.checked_sub(last + 1) else {
        return Some(1);
    };
    let nearest = first + behind / SPAN;
    let mut random = fastrand::Rng::with_seed(seed ^ id.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    Some(random.u64(nearest.saturating_sub(3).max(first)..=nearest))
}

/// The head of department for whom someone works, over however many managers.
fn head(id: u64, seed: u64) -> u64 {
    let mut id = id;
    while let Some(manager) = manager(id, seed).filter(|manager| *manager > 1) {
        id = manager;
    }
    id
}

/// Where someone stands in a company of `count`.
fn rank(id: u64, count: u64) -> jobs::Rank {
    match id {
        1 => jobs::Rank::Chief,
        _ if jobs::HEADS.contains(&id) && count >= 100 => jobs::Rank::Head,
        _ if id <= count / SPAN => jobs::Rank::Manager,
        _ => jobs::Rank::Member,
    }
}

/// The company doubles again and again, so that most people were hired lately.
fn hired(id: u64, count: u64, random: &mut fastrand::Rng) -> Date {
    const GROWTH: f64 = 3.0;
    let share = id as f64 / count.max(1) as f64;
    let age = (share * GROWTH.exp_m1()).ln_1p() / GROWTH;
    let days = (age * DAYS) as i64 - i64::from(random.u8(0..90));
    FOUNDED.saturating_add(days.max(0).days())
}

/// Those who left led nobody.
fn status(rank: jobs::Rank, random: &mut fastrand::Rng) -> &'static str {
    match random.u8(0..100) {
        0..4 => "leave",
        4..10 if rank == jobs::Rank::Member => "left",
        _ => "active",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashSet};

    use super::*;

    fn people() -> Vec<Changes> {
        employees(20_000, 1).collect()
    }

    fn values(people: &[Changes], field: Field) -> impl Iterator<Item = &str> {
        people
            .iter()
            .map(move |person| person.get(field).unwrap_or_default())
    }

    #[test]
    fn every_sample_employee_is_valid() {
        for changes in employees(2000, 7) {
            changes.to_details().unwrap();
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_employees() {
        let people = |seed| employees(50, seed).collect::<Vec<_>>();
        assert_eq!(people(1), people(1));
        assert_ne!(people(1), people(2));
    }

    #[test]
    fn managers_come_before_their_reports_and_have_some_eight_each() {
        let (people, mut reports) = (people(), BTreeMap::<u64, usize>::new());
        for (id, manager) in (1u64..).zip(values(&people, Field::Manager)) {
            assert!(manager.is_empty() == (id == 1) && manager.parse().unwrap_or(0) < id);
            *reports.entry(manager.parse().unwrap_or(0)).or_default() += 1;
        }
        assert!(reports.values().all(|count| *count < 30));
        assert!((2000..3500).contains(&reports.len()));
    }

    #[test]
    fn addresses_and_phone_numbers_are_distinct_and_names_have_a_long_tail() {
        let people = people();
        let distinct = |field| values(&people, field).collect::<HashSet<_>>().len();
        assert_eq!(distinct(Field::Email), 20_000);
        assert_eq!(distinct(Field::Phone), 20_000);
        assert!(distinct(Field::Lastname) > 5_000);
        assert!(distinct(Field::Firstname) > 500);
        assert!((20..400).contains(&distinct(Field::Department)));
        assert!((100..3000).contains(&distinct(Field::Title)));
        let with_notes = values(&people, Field::Notes)
            .filter(|notes| !notes.is_empty())
            .count();
        assert!((5500..6500).contains(&with_notes));
    }

    #[test]
    fn more_people_were_hired_lately_than_long_ago() {
        let people = people();
        let lately = values(&people, Field::Hired).filter(|day| *day > "2020");
        assert!(lately.count() > 8000);
        assert!(values(&people, Field::Hired).all(|day| day < "2027"));
    }
}
