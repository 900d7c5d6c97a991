//! The order of names, which follows from their script.

/// Returns `true` if the family name comes first and no space follows it, as in Chinese, Japanese and
/// Korean. Foreign names that are spelled in katakana keep their own order.
pub(super) fn is_family_first(firstname: &str, lastname: &str) -> bool {
    let is_spelled = |name: &str| name.chars().all(is_katakana);
    is_east_asian(firstname)
        && is_east_asian(lastname)
        && !(is_spelled(firstname) && is_spelled(lastname))
}

/// Both names in the order of their script: `Maya Castro`, `王敏`.
pub fn full_name(firstname: &str, lastname: &str) -> String {
    if is_family_first(firstname, lastname) {
        format!("{lastname}{firstname}")
    } else {
        format!("{firstname} {lastname}")
    }
}

/// Returns `true` if a name has only Chinese characters, syllables of Korean and letters of kana, so
/// that no space need stand in it.
pub fn is_east_asian(name: &str) -> bool {
    !name.is_empty() && name.chars().all(is_east_asian_letter)
}

fn is_east_asian_letter(c: char) -> bool {
    matches!(c,
        '\u{3005}'..='\u{3007}'
        | '\u{3041}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{323af}')
}

fn is_katakana(c: char) -> bool {
    matches!(c, '\u{30a0}'..='\u{30ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_the_order_of_their_script() {
        for (firstname, lastname, full) in [
            ("Maya", "Castro", "Maya Castro"),
            ("敏", "王", "王敏"),
            ("智也", "渡辺", "渡辺智也"),
            ("さくら", "佐々木", "佐々木さくら"),
            ("지훈", "서", "서지훈"),
            ("マイケル", "スミス", "マイケル スミス"),
            ("Min", "王", "Min 王"),
            ("Κυδωνία", "Φασουλίδου", "Κυδωνία Φασουλίδου"),
        ] {
            assert_eq!(full_name(firstname, lastname), full);
        }
    }
}
