//! vCard 4.0 (RFC 6350).

use std::io::{self, Write};

use roster_common::{Employee, Field};

/// The longest line in bytes, without its end (section 3.2).
const LINE: usize = 75;

pub(super) struct VcardExport<W> {
    server: String,
    out: W,
}

impl<W: Write> VcardExport<W> {
    pub(super) fn new(server: &str, out: W) -> Self {
        Self {
            server: server.trim_end_matches('/').to_owned(),
            out,
        }
    }

    pub(super) fn add(&mut self, employee: &Employee) -> io::Result<()> {
        let text = |field| escaped(&employee.details.text(field));
        let names = (text(Field::Lastname), text(Field::Firstname));
        let full_name = escaped(&employee.details.full_name());
        let changed = employee.updated.strftime("%Y%m%dT%H%M%SZ");
        let (server, id) = (&self.server, employee.id);
        let always = [
            "BEGIN:VCARD".to_owned(),
            "VERSION:4.0".to_owned(),
            "KIND:individual".to_owned(),
            format!("UID:{server}/employees/{id}"),
            format!("FN:{full_name}"),
            format!("N:{};{};;;", names.0, names.1),
        ];
        let where_set = [
            ("EMAIL;TYPE=work:", Field::Email, ""),
            ("TEL;TYPE=work:", Field::Phone, ""),
            ("TITLE:", Field::Title, ""),
            // The first part is the name of the organization, which is not known.
            ("ORG:;", Field::Department, ""),
            ("ADR;TYPE=work:;;;", Field::Location, ";;;"),
            ("NOTE:", Field::Notes, ""),
        ]
        .map(|(before, field, after)| (before, text(field), after));
        for line in always {
            self.write_line(&line)?;
        }
        for (before, text, after) in where_set {
            if !text.is_empty() {
                self.write_line(&format!("{before}{text}{after}"))?;
            }
        }
        self.write_line(&format!("REV:{changed}"))?;
        self.write_line("END:VCARD")
    }

    /// Writes a line, folded where it is too long: a continuation begins with a space.
    fn write_line(&mut self, mut line: &str) -> io::Result<()> {
        let mut room = LINE;
        while line.len() > room {
            let (first, rest) = line.split_at(line.floor_char_boundary(room));
            write!(self.out, "{first}\r\n ")?;
            line = rest;
            room = LINE - 1;
        }
        write!(self.out, "{line}\r\n")
    }

    pub(super) fn finish(self) -> W {
        self.out
    }
}

/// A text value, or a component of one (section 3.4).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => escaped.push_str("\\n"),
            '\\' | ',' | ';' => escaped.extend(['\\', c]),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_between_characters() {
        let mut vcard = VcardExport::new("", Vec::new());
        vcard
            .write_line(&format!("NOTE:{}", "ä".repeat(80)))
            .unwrap();
        let text = String::from_utf8(vcard.finish()).unwrap();
        let lines: Vec<&str> = text.split_terminator("\r\n").collect();
        assert_eq!(lines.len(), 3);
        assert!(lines.iter().all(|line| line.len() <= LINE), "{lines:?}");
        assert_eq!(
            text.replace("\r\n ", ""),
            format!("NOTE:{}\r\n", "ä".repeat(80))
        );
    }

    #[test]
    fn what_separates_values_is_escaped() {
        assert_eq!(escaped("R&D; a, b\\c\nd"), "R&D\\; a\\, b\\\\c\\nd");
    }
}
