//! Names in one cell.

use super::status::{self, StatusOf, StatusReading};

/// Splits off a status that a system appends to a name, as in `Ada Lovelace (On Leave)`.
pub(super) fn without_status(name: &str) -> (&str, Option<StatusReading>) {
    let suffix = name
        .strip_suffix(')')
        .and_then(|rest| rest.rsplit_once('('))
        .or_else(|| name.strip_suffix(']')?.rsplit_once('['));
    let reading = suffix.and_then(|(_, word)| status::read(word, StatusOf::Employee));
    match (suffix, reading) {
        (Some((name, _)), Some(reading)) => (name.trim_end(), Some(reading)),
        _ => (name, None),
    }
}

/// Splits a whole name into given and family name: `Last, First`, or `First Last`, where a particle
/// begins the family name. `None` if it has only one word.
pub(super) fn split(name: &str) -> Option<(String, String)> {
    if let Some((last, first)) = name.split_once(',') {
        let (first, last) = (
            joined(first.split_whitespace()),
            joined(last.split_whitespace()),
        );
        return (!first.is_empty() && !last.is_empty()).then_some((first, last));
    }
    let words: Vec<_> = name.split_whitespace().collect();
    let last_word = words.len().checked_sub(1).filter(|last| *last > 0)?;
    let particle = (1..last_word).find(|at| words.get(*at).is_some_and(|word| is_particle(word)));
    let has_suffix = last_word > 1 && words.last().is_some_and(|word| is_suffix(word));
    let begin = particle.unwrap_or(last_word - usize::from(has_suffix));
    let (first, last) = words.split_at_checked(begin)?;
    Some((joined(first.iter().copied()), joined(last.iter().copied())))
}

fn joined<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(" ")
}

/// A word that belongs to the family name after it. Only in lower case: Van and Al are given names.
fn is_particle(word: &str) -> bool {
    const PARTICLES: &str = "van von vom zu zum zur der den de del della dello degli di da das do dos \
        du des la le el al bin ibn ben bint ter ten te af av y e i";
    PARTICLES
        .split_whitespace()
        .any(|particle| particle == word)
}

fn is_suffix(word: &str) -> bool {
    ["jr", "jr.", "sr", "sr.", "ii", "iii", "iv"]
        .iter()
        .any(|suffix| word.eq_ignore_ascii_case(suffix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Status;

    #[test]
    fn a_name_is_split_where_its_family_name_begins() {
        for (name, first, last) in [
            ("Ada Lovelace", "Ada", "Lovelace"),
            ("Brandt, Zoë", "Zoë", "Brandt"),
            ("Thuỳ Linh Nguyễn", "Thuỳ Linh", "Nguyễn"),
            ("Ludwig van Beethoven", "Ludwig", "van Beethoven"),
            ("María de la Cruz", "María", "de la Cruz"),
            ("Van Morrison", "Van", "Morrison"),
            ("Sammy Davis Jr.", "Sammy", "Davis Jr."),
            ("陽菜 佐藤", "陽菜", "佐藤"),
            ("de Vries,  Anna Maria", "Anna Maria", "de Vries"),
        ] {
            assert_eq!(split(name), Some((first.into(), last.into())), "{name}");
        }
        for name in ["", "Madonna", "Brandt,", ",", " , "] {
            assert_eq!(split(name), None, "{name}");
        }
    }

    #[test]
    fn a_status_after_the_name_is_no_part_of_it() {
        let left = Some(StatusReading::Status(Status::Left));
        assert_eq!(
            without_status("Seán O'Malley (Terminated)"),
            ("Seán O'Malley", left)
        );
        let leave = Some(StatusReading::Status(Status::Leave));
        assert_eq!(without_status("陽菜 佐藤 (On Leave)"), ("陽菜 佐藤", leave));
        assert_eq!(
            without_status("Ada (Countess) Lovelace"),
            ("Ada (Countess) Lovelace", None)
        );
        assert_eq!(
            without_status("Ada Lovelace (Ada)"),
            ("Ada Lovelace (Ada)", None)
        );
    }
}
