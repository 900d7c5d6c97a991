//! Converts a record's JSON to a line of CSV (RFC 4180) without parsing the record, so that the
//! network limits the speed of a large export.
//!
//! It relies on the JSON that the store writes: the members of
//! [`Employee`](roster_common::Employee) are in the order of the columns, their names contain
//! neither escapes nor colons, and in values only `"`, `\` and line feeds are escaped.

use memchr::{memchr, memchr2};
use roster_common::rows::LineEnd;

/// Writes the line of a record. [`rows::write_header`](roster_common::rows::write_header) writes
/// the first line.
pub(super) fn write_line(out: &mut Vec<u8>, json: &[u8], line_end: LineEnd) {
    let mut rest = json;
    while let Some(colon) = memchr(b':', rest) {
        let value = &rest[colon + 1..];
        rest = match value.strip_prefix(b"\"") {
            Some(text) => write_text(out, text),
            None => write_bare(out, value),
        };
        let is_last = !rest.starts_with(b",");
        out.extend_from_slice(if is_last { line_end.bytes() } else { b"," });
    }
}

/// Writes a number, or nothing for `null`. Returns the rest of the input.
fn write_bare<'a>(out: &mut Vec<u8>, value: &'a [u8]) -> &'a [u8] {
    let (value, rest) = value.split_at(memchr2(b',', b'}', value).unwrap_or(value.len()));
    if value != b"null" {
        out.extend_from_slice(value);
    }
    rest
}

/// Writes a string after its opening quote. Returns the rest of the input.
fn write_text<'a>(out: &mut Vec<u8>, text: &'a [u8]) -> &'a [u8] {
    let end = memchr2(b'"', b'\\', text).unwrap_or(text.len());
    let (plain, rest) = text.split_at(end);
    if rest.starts_with(b"\"") && memchr(b',', plain).is_none() {
        out.extend_from_slice(plain);
        return &rest[1..];
    }
    out.push(b'"');
    let rest = write_quoted(out, text);
    out.push(b'"');
    rest
}

/// Writes a string with characters that are special in CSV or JSON.
fn write_quoted<'a>(out: &mut Vec<u8>, mut text: &'a [u8]) -> &'a [u8] {
    while let Some(end) = memchr2(b'"', b'\\', text) {
        out.extend_from_slice(&text[..end]);
        match (text[end], text.get(end + 1)) {
            (b'\\', Some(b'"')) => out.extend_from_slice(b"\"\""),
            (b'\\', Some(b'n')) => out.push(b'\n'),
            (b'\\', Some(escaped)) => out.push(*escaped),
            _ => return &text[end + 1..],
        }
        text = &text[end + 2..];
    }
    &[]
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use proptest::prelude::*;
    use roster_common::employee::{EmployeeId, Field, Version};
    use roster_common::{Changes, Employee, rows};

    proptest! {
        #[test]
        fn an_export_is_imported_as_it_was(
            names in ("[\\PC]{1,9}", "[\",:\\\\{}\\[\\]\\pL]{1,9}"),
            notes in "(\\PC|\n|\\\\|\"){0,20}",
            line_end in prop_oneof![Just(LineEnd::Lf), Just(LineEnd::CrLf)],
            title in "(null|,|\"|\\\\|a\\.b|)",
            manager in 0u64..3,
        ) {
            let mut changes = Changes::default();
            changes.set(Field::Firstname, names.0);
            changes.set(Field::Lastname, names.1);
            changes.set(Field::Title, title);
            changes.set(Field::Notes, notes);
            if manager > 0 {
                changes.set(Field::Manager, manager.to_string());
            }
            prop_assume!(changes.to_details().is_ok());
            let employee = Employee {
                id: EmployeeId::try_from(9).unwrap(),
                details: changes.to_details().unwrap(),
                version: Version::FIRST,
                created: Timestamp::UNIX_EPOCH,
                updated: Timestamp::UNIX_EPOCH,
                updated_by: "ada".into(),
            };
            let mut text = Vec::new();
            rows::write_header(&mut text, line_end);
            write_line(&mut text, &serde_json::to_vec(&employee).unwrap(), line_end);
            let end = [&b",1,1970-01-01T00:00:00.000Z,1970-01-01T00:00:00.000Z,ada"[..], line_end.bytes()];
            prop_assert!(text.ends_with(&end.concat()));
            let rows: Vec<_> = rows::read_csv(&text[..]).unwrap().collect();
            prop_assert_eq!(rows.len(), 1);
            let back = rows[0].document.as_ref().unwrap();
            prop_assert_eq!(back.id, Some(employee.id));
            prop_assert_eq!(back.changes.to_details(), Ok(employee.details));
        }
    }
}
