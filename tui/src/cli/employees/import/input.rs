//! The file to import, opened as often as it has to be read.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use roster_common::import::Source;

use crate::cli::console::Console;
use crate::cli::failure::Failure;
use crate::spreadsheet;

/// The first bytes of a gzip file (RFC 1952).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The most bytes that a compressed file may have when it is decompressed: more than the server
/// accepts of an import, and little enough to stop soon.
const MAX_DECOMPRESSED: u64 = 1 << 30;

/// A file, or a copy of standard input in a temporary file.
pub(super) struct InputFile {
    file: File,
    is_gzip: bool,
    is_spreadsheet: bool,
    name: String,
}

impl InputFile {
    /// Opens a file, or reads all of standard input if the path is `-`. Of a spreadsheet the
    /// first sheet is read, or the one of this name.
    pub(super) fn open(
        path: &Path,
        sheet: Option<&str>,
        console: &Console,
    ) -> Result<Self, Failure> {
        let unreadable = |error| Failure::Input {
            path: path.into(),
            error,
        };
        let name = path
            .file_name()
            .unwrap_or(path.as_os_str())
            .display()
            .to_string();
        let file = if path.is_file() {
            File::open(path)
        } else if path.as_os_str() == "-" {
            copied(console.stdin())
        } else {
            // A pipe, or nothing at all.
            File::open(path).and_then(copied)
        };
        let mut file = file.map_err(unreadable)?;
        let mut start = Vec::new();
        let mut beginning = (&file).take(4);
        beginning.read_to_end(&mut start).map_err(unreadable)?;
        file.rewind().map_err(unreadable)?;
        let is_spreadsheet = start == spreadsheet::SIGNATURE;
        if is_spreadsheet {
            file = spreadsheet::to_csv(&file, sheet).map_err(|error| Failure::Sheet {
                path: path.into(),
                error,
            })?;
        } else if sheet.is_some() {
            return Err(Failure::Usage(
                "Only a spreadsheet (.xlsx) has sheets; omit --sheet.".into(),
            ));
        }
        Ok(Self {
            file,
            is_gzip: start.starts_with(&GZIP),
            is_spreadsheet,
            name,
        })
    }

    /// Whether each record is a row of a spreadsheet.
    pub(super) fn is_spreadsheet(&self) -> bool {
        self.is_spreadsheet
    }

    /// The name of the file, for messages.
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

/// A temporary file with the same bytes.
fn copied(mut source: impl Read) -> io::Result<File> {
    let mut copy = tempfile::tempfile()?;
    io::copy(&mut source, &mut copy)?;
    copy.rewind()?;
    Ok(copy)
}

impl Source for InputFile {
    fn open(&mut self) -> io::Result<Box<dyn Read + '_>> {
        self.file.rewind()?;
        let file = BufReader::new(&self.file);
        Ok(if self.is_gzip {
            Box::new(Bounded {
                source: MultiGzDecoder::new(file),
                left: MAX_DECOMPRESSED,
            })
        } else {
            Box::new(file)
        })
    }
}

/// A source that fails after too many bytes.
struct Bounded<R> {
    source: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let size = self.source.read(out)?;
        self.left = self
            .left
            .checked_sub(size as u64)
            .ok_or_else(|| io::Error::other("it decompresses to more than 1 GiB"))?;
        Ok(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_goes_on_too_long_fails() {
        let read = |left| {
            let mut source = Bounded {
                source: io::repeat(b'x').take(100),
                left,
            };
            source.read_to_end(&mut Vec::new())
        };
        assert_eq!(read(100).unwrap(), 100);
        assert_eq!(
            read(99).unwrap_err().to_string(),
            "it decompresses to more than 1 GiB"
        );
    }
}
