//! JSON that is safe to print at a terminal.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use crate::escape::is_hidden;

/// Writes a value without a line break. If it is `escaped`, control and invisible characters are
/// written as `\u` escapes, which parse to the same text.
pub(super) fn write(mut out: impl Write, value: &impl Serialize, escaped: bool) -> io::Result<()> {
    if escaped {
        value.serialize(&mut Serializer::with_formatter(&mut out, Escaped))?;
    } else {
        serde_json::to_writer(&mut out, value)?;
    }
    Ok(())
}

struct Escaped;

impl Formatter for Escaped {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, hidden)) = rest.char_indices().find(|(_, c)| is_hidden(*c)) {
            let (plain, from) = rest.split_at(at);
            out.write_all(plain.as_bytes())?;
            for unit in hidden.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = from.get(hidden.len_utf8()..).unwrap_or_default();
        }
        out.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(text: &str, escaped: bool) -> String {
        let mut out = Vec::new();
        write(&mut out, &text, escaped).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_terminal_is_not_sent_what_steers_it() {
        assert_eq!(
            written("gnp.\u{202e}\u{9b}\u{e0041}é", true),
            "\"gnp.\\u202e\\u009b\\udb40\\udc41é\""
        );
        assert_eq!(written("gnp.\u{202e}", false), "\"gnp.\u{202e}\"");
    }

    proptest! {
        #[test]
        fn what_is_escaped_reads_as_it_was(text: String) {
            let written = written(&text, true);
            prop_assert!(!written.contains(is_hidden));
            prop_assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
        }
    }
}
