//! The file to import, opened as often as it has to be read.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use roster_common::import::Source;

use crate::spreadsheet::{self, SheetError};

/// The first bytes of a gzip file (RFC 1952).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The most bytes that a compressed file may have when it is decompressed: more than the server
/// accepts of an import, and little enough to stop soon.
const MAX_DECOMPRESSED: u64 = 1 << 30;

/// A file, or a copy of what cannot be read twice.
pub struct InputFile {
    file: File,
    is_gzip: bool,
    /// The sheets of a spreadsheet; none of another file.
    sheets: Vec<String>,
    name: String,
    watch: Option<Watch>,
}

/// Is told how many bytes are read, of how many. A file is read several times.
type Watch = Box<dyn Fn(u64, u64) + Send>;

/// Why a file cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// It cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is a spreadsheet that cannot be read.
    #[error(transparent)]
    Sheet(#[from] SheetError),
    /// A sheet was named, and it is no spreadsheet.
    #[error("Only a spreadsheet (.xlsx) has sheets.")]
    NoSheets,
}

impl InputFile {
    /// Opens a file. Of a spreadsheet the first sheet is read, or the one of this name.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn open(path: &Path, sheet: Option<&str>) -> Result<Self, InputError> {
        let file = File::open(path)?;
        // A pipe can be read once only.
        let file = if path.is_file() { file } else { copied(file)? };
        let name = path.file_name().unwrap_or(path.as_os_str());
        Self::of(file, name.display().to_string(), sheet)
    }

    /// Reads all of a source that has no file.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read(source: impl Read, name: &str, sheet: Option<&str>) -> Result<Self, InputError> {
        Self::of(copied(source)?, name.to_owned(), sheet)
    }

    fn of(mut file: File, name: String, sheet: Option<&str>) -> Result<Self, InputError> {
        let mut start = Vec::new();
        (&file).take(4).read_to_end(&mut start)?;
        file.rewind()?;
        let mut sheets = Vec::new();
        if start == spreadsheet::SIGNATURE {
            let sheet = spreadsheet::to_csv(&file, sheet)?;
            (file, sheets) = (sheet.csv, sheet.sheets);
        } else if sheet.is_some() {
            return Err(InputError::NoSheets);
        }
        Ok(Self {
            file,
            is_gzip: start.starts_with(&GZIP),
            sheets,
            name,
            watch: None,
        })
    }

    /// Whether each record is a row of a spreadsheet.
    pub fn is_spreadsheet(&self) -> bool {
        !self.sheets.is_empty()
    }

    /// The names of its sheets, if it is a spreadsheet.
    pub fn sheets(&self) -> &[String] {
        &self.sheets
    }

    /// Has `watch` told how far each reading is, or nobody.
    pub fn set_watch(&mut self, watch: Option<Watch>) {
        self.watch = watch;
    }

    /// The name of the file, for messages.
    pub fn name(&self) -> &str {
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
        let file = BufReader::new(Watched {
            source: &self.file,
            done: 0,
            all: self.file.metadata()?.len(),
            watch: self.watch.as_deref(),
        });
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

/// A source that tells how far it is.
struct Watched<'a, R> {
    source: R,
    done: u64,
    all: u64,
    watch: Option<&'a (dyn Fn(u64, u64) + Send)>,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let size = self.source.read(out)?;
        self.done += size as u64;
        if let Some(watch) = self.watch {
            watch(self.done, self.all);
        }
        Ok(size)
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
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn a_reading_tells_how_far_it_is() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let mut file = InputFile::read(&b"First name\nAda\n"[..], "people.csv", None).unwrap();
        let tells = Arc::clone(&told);
        file.set_watch(Some(Box::new(move |done, all| {
            tells.lock().unwrap().push((done, all));
        })));
        io::read_to_string(file.open().unwrap()).unwrap();
        assert_eq!(told.lock().unwrap().last(), Some(&(15, 15)));
    }

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
