//! A spreadsheet: it is refused, or its rows are CSV whose people have valid values.
#![no_main]

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, Write};

use jiff::civil::date;
use libfuzzer_sys::fuzz_target;
use roster::spreadsheet::{SIGNATURE, to_csv};
use roster_common::import::{Import, Options, ParsedRow, Source};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// The names of the parts that are made of the input, and what is around it.
const PARTS: [(&str, &str, &str); 4] = [
    (
        "xl/worksheets/sheet1.xml",
        r#"<worksheet><sheetData><row><c t="str"><v>firstname</v></c><c t="str"><v>lastname</v></c>"#,
        "</row></sheetData></worksheet>",
    ),
    ("xl/sharedStrings.xml", "<sst>", "</sst>"),
    ("xl/styles.xml", "<styleSheet>", "</styleSheet>"),
    (
        "xl/workbook.xml",
        r#"<workbook xmlns:r="r"><sheets><sheet name="Staff" sheetId="1" r:id="r1"/></sheets>"#,
        "</workbook>",
    ),
];

/// What leads to the sheet: the name of a list, and the part in it with its kind.
const RELATIONS: [(&str, &str, &str); 2] = [
    ("_rels/.rels", "xl/workbook.xml", "officeDocument"),
    (
        "xl/_rels/workbook.xml.rels",
        "worksheets/sheet1.xml",
        "worksheet",
    ),
];

// Bytes are an archive, or else the insides of its parts with zeros between them: an archive of
// random bytes hardly ever has a part that can be read.
fuzz_target!(|bytes: &[u8]| {
    let archive = match bytes.starts_with(&SIGNATURE) {
        true => bytes.to_vec(),
        false => archive(bytes).expect("an archive in memory is written"),
    };
    let Ok(sheet) = to_csv(Cursor::new(archive.as_slice()), None) else {
        return;
    };
    let mut source = Csv(sheet.csv);
    let Ok(import) = Import::understand(&mut source, Options::new(date(2026, 11, 27))) else {
        return;
    };
    for row in import.people(&mut source).expect("the file can be read") {
        if let ParsedRow::Person(person) = row {
            person.changes.to_details().expect("its values are valid");
        }
    }
});

fn archive(bytes: &[u8]) -> zip::result::ZipResult<Vec<u8>> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, target, kind) in RELATIONS {
        zip.start_file(name, options)?;
        write!(
            zip,
            r#"<Relationships><Relationship Id="r1" Target="{target}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"/></Relationships>"#
        )?;
    }
    let mut insides = bytes.split(|byte| *byte == 0);
    for (name, before, after) in PARTS {
        zip.start_file(name, options)?;
        for piece in [
            before.as_bytes(),
            insides.next().unwrap_or_default(),
            after.as_bytes(),
        ] {
            zip.write_all(piece)?;
        }
    }
    Ok(zip.finish()?.into_inner())
}

struct Csv(File);

impl Source for Csv {
    fn open(&mut self) -> io::Result<Box<dyn Read + '_>> {
        self.0.rewind()?;
        Ok(Box::new(&self.0))
    }
}
