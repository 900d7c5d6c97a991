//! Notes: sentences of a kind that people write about each other.

use super::pick::{pick, pick_tailed};

/// Some sentences, about twenty-five words.
pub(super) fn notes(random: &mut fastrand::Rng) -> String {
    let count = random.usize(2..5);
    let sentences: Vec<String> = (0..count).map(|_| sentence(random)).collect();
    sentences.join(" ")
}

fn sentence(random: &mut fastrand::Rng) -> String {
    let verb = pick(&VERBS, random);
    let thing = pick_tailed(&THINGS, random);
    let when = pick(&WHEN, random);
    match random.u8(0..10) {
        0 => pick(&ELSEWHERE, random).to_owned(),
        1..4 => format!("{verb} {thing} {when}."),
        _ => format!("{verb} {thing} for project {} {when}.", project(random)),
    }
}

/// An invented name of a project. There are thousands.
fn project(random: &mut fastrand::Rng) -> String {
    let mut name: String = (0..random.usize(2..4))
        .map(|_| pick_tailed(&SYLLABLES, random))
        .collect();
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    name
}

static VERBS: [&str; 14] = [
    "Maintains",
    "Covers",
    "Reviewed",
    "Leads",
    "Documents",
    "Orders",
    "Handed over",
    "Trains for",
    "Asked about",
    "Budgeted",
    "Supports",
    "Wrote",
    "Inspects",
    "Is the contact for",
];

static THINGS: [&str; 24] = [
    "the night shift",
    "first aid",
    "the annual report",
    "the intranet",
    "spare parts",
    "the audit",
    "the fire drill",
    "customer visits",
    "two apprentices",
    "the works council",
    "the travel policy",
    "vendor contracts",
    "the lab",
    "the archive",
    "forklift training",
    "translations",
    "the car pool",
    "data requests",
    "the canteen survey",
    "the parking list",
    "invoices",
    "a pilot",
    "the keys",
    "exhibitions",
];

static WHEN: [&str; 10] = [
    "on Mondays",
    "until the end of the year",
    "since the merger",
    "every quarter",
    "while a colleague is on leave",
    "from home",
    "in three languages",
    "with the team in Leeds",
    "after the move",
    "twice a month",
];

static SYLLABLES: [&str; 24] = [
    "ka", "lo", "mi", "ren", "tor", "va", "del", "san", "chi", "ber", "ko", "na", "zu", "ri", "el",
    "ma", "po", "gu", "wen", "ha", "sto", "li", "fe", "dra",
];

static ELSEWHERE: [&str; 6] = [
    "Spricht Deutsch und Französisch.",
    "Prefiere el turno de mañana.",
    "英語の資料を担当。",
    "Отвечает за склад.",
    "负责供应商。",
    "Travaille à temps partiel.",
];
