//! Formats numbers, lists and values for people.

use roster_common::history::ChangeKind;
use roster_common::{Changes, Role};

/// A number with thousands separators.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// `1 person`, `1,204 people`.
pub fn people(count: usize) -> String {
    if count == 1 {
        "1 person".to_owned()
    } else {
        format!("{} people", grouped(count))
    }
}

/// `email, title and manager`.
pub fn listed(words: &[String]) -> String {
    match words {
        [before @ .., last] if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        words => words.concat(),
    }
}

/// `a viewer`, `an editor`, `an admin`.
pub fn role_with_article(role: Role) -> &'static str {
    match role {
        Role::Viewer => "a viewer",
        Role::Editor => "an editor",
        Role::Admin => "an admin",
    }
}

/// The fields that are set: `email and title`.
pub fn fields(changes: &Changes) -> String {
    listed(
        &changes
            .iter()
            .map(|(field, _)| field.label().to_lowercase())
            .collect::<Vec<_>>(),
    )
}

/// What a change did, as a verb: `added`.
pub fn change_verb(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Created => "added",
        ChangeKind::Changed => "changed",
        ChangeKind::Deleted => "deleted",
        ChangeKind::Restored => "restored",
        ChangeKind::Merged => "merged into another record",
        ChangeKind::Forgotten => "forgotten",
        ChangeKind::Other => "changed in an unknown way",
    }
}

/// The value, or a dash if it is empty.
pub fn or_dash(value: &str) -> &str {
    if value.is_empty() { "–" } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_a_list_comes_after_and() {
        let words = ["email", "title", "manager"].map(str::to_owned);
        assert_eq!(
            [0, 1, 2, 3].map(|n| listed(&words[..n])),
            ["", "email", "email and title", "email, title and manager"]
        );
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(
            [0, 999, 1000, 20_000, 1_234_567].map(grouped),
            ["0", "999", "1,000", "20,000", "1,234,567"]
        );
    }
}
