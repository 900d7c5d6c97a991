//! Files that are made to do harm.

use std::io::{self, Read};

use proptest::prelude::*;
use roster_common::import::{Import, ImportError, ParsedRow, Source};

use crate::support::{Said, options, outcomes, refused};

/// A start, and then one byte, four million times.
struct Endless(&'static [u8], u8);

impl Source for Endless {
    fn open(&mut self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(self.0.chain(io::repeat(self.1).take(1 << 22))))
    }
}

fn understood(mut source: Endless) -> Result<Import, ImportError> {
    Import::understand(&mut source, options(Said::default()))
}

/// Each would be megabytes in memory, if it were held there.
#[test]
fn hostile_files_are_read_in_little_memory() {
    for (start, byte) in [
        ("firstname,lastname\nAda,", b'x'),
        ("firstname,lastname\nAda,\"", b'x'),
        ("firstname,lastname\nAda,\"", b'"'),
        ("firstname,lastname\nAda,", b','),
        ("firstname,lastname\nAda,Lovelace", b'\n'),
        ("firstname,lastname", b','),
        ("", b' '),
        ("", b'"'),
        ("{\"firstname\":\"", b'x'),
        ("[{\"firstname\":", b'['),
        ("[", b'['),
        ("BEGIN:VCARD\nN:", b'x'),
        ("BEGIN:VCARD\nN:a\n", b'\n'),
        ("dn: cn=ada\ncn: ", b'x'),
        ("dn: cn=ada\ncn: a\n", b' '),
    ] {
        let mut source = Endless(start.as_bytes(), byte);
        let used = allocation_counter::measure(|| {
            let import = Import::understand(&mut source, options(Said::default()));
            if let Ok(people) = import.as_ref().map(|import| import.people(&mut source)) {
                people.unwrap().for_each(drop);
            }
        });
        let most = 2 << 20;
        assert!(
            used.bytes_max < most,
            "{start}{byte}: {} bytes",
            used.bytes_max
        );
    }
}

#[test]
fn an_endless_cell_is_refused_without_reading_it() {
    let mut source = Endless(b"firstname,lastname\nAda,Lovelace\nGrace,\"", b'x');
    let import = Import::understand(&mut source, options(Said::default())).unwrap();
    assert_eq!(import.people(&mut source).unwrap().count(), 2);
}

#[test]
fn an_endless_heading_is_refused() {
    assert!(understood(Endless(b"", b'x')).is_err());
    assert!(understood(Endless(b"firstname,lastname", b',')).is_err());
    assert!(matches!(
        understood(Endless(b"[{\"firstname\":\"", b'x')),
        Err(ImportError::NoNames { .. })
    ));
}

/// A file on a disk that fails in the middle.
struct Failing(&'static [u8]);

impl Source for Failing {
    fn open(&mut self) -> io::Result<Box<dyn Read + '_>> {
        struct Fault;
        impl Read for Fault {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("the disk is broken"))
            }
        }
        Ok(Box::new(self.0.chain(Fault)))
    }
}

#[test]
fn a_file_that_cannot_be_read_to_its_end_is_refused() {
    let long: &'static [u8] = Vec::leak(
        b"firstname,lastname\n"
            .iter()
            .chain(b"Ada,Lovelace\n".repeat(20_000).iter())
            .copied()
            .collect(),
    );
    let json: &'static [u8] =
        Vec::leak(b"{\"firstname\":\"A\",\"lastname\":\"B\"}\n".repeat(5_000));
    for start in [long, json] {
        let error = Import::understand(&mut Failing(start), options(Said::default())).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Cannot read the file: the disk is broken"
        );
    }
}

#[test]
fn a_million_columns_are_refused() {
    let text = format!("firstname,lastname{}\nA,B\n", ",x".repeat(20_000));
    assert!(matches!(
        outcomes(text.as_bytes(), Said::default()),
        Err(ImportError::TooManyColumns)
    ));
    let object = format!(
        "{{{}}}\n",
        (0..2000)
            .map(|n| format!("\"k{n}\":1"))
            .collect::<Vec<_>>()
            .join(",")
    );
    assert!(matches!(
        outcomes(object.as_bytes(), Said::default()),
        Err(ImportError::TooManyColumns)
    ));
}

#[test]
fn nested_brackets_of_json_are_refused() {
    let text = format!(
        "[{{\"firstname\":\"A\",\"lastname\":\"B\"}},{{\"a\":{}1{}}}]",
        "[".repeat(30_000),
        "]".repeat(30_000)
    );
    assert_eq!(refused(text.as_bytes(), Said::default()).len(), 1);
}

#[test]
fn nested_quotes_are_text() {
    let text = "firstname,lastname\n\"\"\"\"\"Ada\"\"\"\"\",\"Love\"\"lace\"\n";
    assert_eq!(outcomes(text.as_bytes(), Said::default()).unwrap().len(), 1);
}

#[test]
fn other_files_are_named() {
    for (bytes, name) in [
        (&b"PK\x03\x04..."[..], "a spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "an old spreadsheet"),
        (b"%PDF-1.7", "a PDF"),
    ] {
        let error = outcomes(bytes, Said::default()).unwrap_err().to_string();
        assert!(error.contains(name), "{error}");
    }
    assert_eq!(
        outcomes(b"", Said::default()).unwrap_err().to_string(),
        "The file is empty."
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_bytes_are_people_have_valid_values(
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..300),
            "(firstname|lastname|Nom|hired|status|manager|E-Mail|[,;\t|\"'\n \r]|\\PC){0,60}".prop_map(String::into_bytes),
            "\\[?\\{\"firstname\":\"\\PC{0,5}\",\"lastname\":[\"a1n{}\\[\\],:]{0,12}".prop_map(String::into_bytes),
            "(dn|cn|sn|BEGIN:VCARD|N|TEL|[:;=\n ]|\\PC){0,60}".prop_map(String::into_bytes),
        ],
    ) {
        let Ok(outcomes) = outcomes(&bytes, Said::default()) else {
            return Ok(());
        };
        let mut last = 0;
        for outcome in outcomes {
            if let ParsedRow::Person(person) = outcome {
                prop_assert!(person.line > last);
                last = person.line;
                prop_assert!(person.changes.to_details().is_ok());
            }
        }
    }
}
