//! Phone numbers, which people write in many ways.

/// The digits of a phone number, or of a part of one; `None` if `text` has other characters than
/// phone numbers have, or fewer than three digits.
pub fn phone_digits(text: &str) -> Option<String> {
    let is_part = |c: char| c.is_ascii_digit() || " +-()./".contains(c);
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (digits.len() >= 3 && text.chars().all(is_part)).then_some(digits)
}
