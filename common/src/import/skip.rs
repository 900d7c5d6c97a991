//! Rows that do not describe an employee.

use csv::StringRecord;

use super::cell::cleaned;
use super::places::value;
use super::report::SkipReason;
use super::status::{self, StatusReading};
use super::values::Reading;
use crate::employee::Field;
use crate::text;

/// Why a row does not describe an employee; `None` if it does.
pub(super) fn skip_reason(row: &StringRecord, reading: Reading<'_>) -> Option<SkipReason> {
    let (places, status_of) = (reading.places, reading.mapping.status_of);
    let is_empty = |index: Option<usize>| value(row, index).is_empty();
    let names = [
        places.field(Field::Firstname),
        places.field(Field::Lastname),
        places.full_name,
    ];
    let has_names = names.into_iter().any(|index| !is_empty(index));
    let email = places.field(Field::Email);
    let logins = || {
        places
            .keys
            .iter()
            .map(|index| value(row, Some(*index)))
            .chain([value(row, email)])
    };
    let mut kinds = places.kinds.iter().map(|index| value(row, Some(*index)));
    let status = || status::read(value(row, places.field(Field::Status)), status_of);
    // The most specific reason comes first: a guest without a name is reported as a guest.
    if kinds.any(is_kind_of_thing)
        || logins().any(is_guest_or_device)
        || status() == Some(StatusReading::NotAPerson)
    {
        Some(SkipReason::NotAPerson)
    } else if !has_names && logins().any(is_service) {
        Some(SkipReason::ServiceAccount)
    } else if row.iter().any(is_example) {
        Some(SkipReason::Example)
    } else if is_footer(row) || !(has_names || is_known(row, reading)) {
        Some(SkipReason::NoName)
    } else {
        None
    }
}

/// Whether a row without a name has another value that a person is known by.
fn is_known(row: &StringRecord, reading: Reading<'_>) -> bool {
    let places = reading.places;
    // Only where people are updated does an id say who is meant.
    let id = places.id.filter(|_| reading.updates);
    let known_by = [places.field(Field::Email), places.field(Field::Number), id];
    known_by
        .into_iter()
        .any(|index| !value(row, index).is_empty())
}

/// A kind of account that is no employee: a guest, a bot, a room, a group.
fn is_kind_of_thing(kind: &str) -> bool {
    const THINGS: [&str; 15] = [
        "guest",
        "bot",
        "room",
        "equipment",
        "shared",
        "service",
        "mailbox",
        "computer",
        "group",
        "org",
        "location",
        "application",
        "organizationalunit",
        "groupofnames",
        "device",
    ];
    let folded = text::folded(kind);
    // The classes of a directory's person include words such as organizationalPerson.
    let is_person = folded.contains("person") || folded.contains("usermailbox") || folded == "user";
    let mut words = folded.split_whitespace();
    match is_person {
        true => words.any(|word| word == "computer"),
        false => THINGS.iter().any(|thing| folded.contains(thing)),
    }
}

/// `name_example.org#EXT#@…` is a guest, and `PC-17$` a computer.
fn is_guest_or_device(login: &str) -> bool {
    login.contains("#EXT#") || login.ends_with('$')
}

fn is_service(login: &str) -> bool {
    const SERVICES: [&str; 9] = [
        "svc", "service", "srv", "noreply", "no-reply", "system", "admin", "scanner", "printer",
    ];
    let login = text::folded(login);
    SERVICES.iter().any(|service| {
        login
            .strip_prefix(service)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_', '.', '@']))
    })
}

/// A cell of a template that shows how to fill it in.
fn is_example(cell: &str) -> bool {
    const STARTS: [&str; 8] = [
        "e.g.",
        "example:",
        "(example",
        "z. b.",
        "z.b.",
        "beispiel:",
        "p. ex.",
        "ejemplo:",
    ];
    let cell = cleaned(cell).as_bytes();
    STARTS.iter().any(|start| {
        cell.get(..start.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(start.as_bytes()))
    })
}

/// A line below the table, such as `Total: 4`: such a word, and no other letters.
fn is_footer(row: &StringRecord) -> bool {
    const WORDS: [&str; 10] = [
        "total", "totals", "sum", "summe", "gesamt", "suma", "totale", "totaal", "count", "records",
    ];
    let mut filled = row.iter().map(cleaned).filter(|cell| !cell.is_empty());
    let Some(word) = filled.next() else {
        return false;
    };
    if filled.any(|cell| cell.contains(char::is_alphabetic)) {
        return false;
    }
    let folded = text::folded(word);
    let first = folded.split(|c: char| !c.is_alphabetic()).next();
    first.is_some_and(|word| WORDS.contains(&word))
}
