//! A file that is complete or not there: it is written beside its name, and takes the name when
//! everything is on the disk.

use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file that has no name yet. If it is dropped before it is complete, nothing is left of it.
pub struct NewFile {
    file: NamedTempFile,
    path: PathBuf,
}

impl NewFile {
    /// Begins a file with the permissions of the umask. A file of that name stays until
    /// [`NewFile::complete`]; if it is a link, its target is replaced.
    ///
    /// # Errors
    /// If its folder cannot be written.
    pub fn begin(path: &Path) -> io::Result<Self> {
        Self::with_mode(path, 0o666)
    }

    /// Begins a file that only the user can read.
    ///
    /// # Errors
    /// If its folder cannot be written.
    pub fn private(path: &Path) -> io::Result<Self> {
        Self::with_mode(path, 0o600)
    }

    fn with_mode(path: &Path, mode: u32) -> io::Result<Self> {
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let file = tempfile::Builder::new()
            .prefix(".roster-")
            .permissions(Permissions::from_mode(mode))
            .tempfile_in(folder(&path))
            .map_err(without_temporary_name)?;
        Ok(Self { file, path })
    }

    /// Gives the file its name, once it is on the disk.
    ///
    /// # Errors
    /// If that fails. The file with the name is then as before.
    pub fn complete(self) -> io::Result<()> {
        self.file.as_file().sync_all()?;
        self.file.persist(&self.path)?;
        File::open(folder(&self.path))?.sync_all()
    }

    /// Like [`NewFile::complete`], if nothing has the name.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`](io::ErrorKind::AlreadyExists) if something has; or if that fails.
    pub fn complete_new(self) -> io::Result<()> {
        self.file.as_file().sync_all()?;
        self.file.persist_noclobber(&self.path)?;
        File::open(folder(&self.path))?.sync_all()
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes).map_err(without_temporary_name)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush().map_err(without_temporary_name)
    }
}

/// The library names the temporary file, for which nobody has asked.
fn without_temporary_name(error: io::Error) -> io::Error {
    let text = error.to_string();
    match text.split_once(" at path ") {
        Some((why, _)) => io::Error::new(error.kind(), why),
        None => error,
    }
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_does_not_name_the_temporary_file() {
        let begun = NewFile::begin(Path::new("/no/such/folder/people.csv"));
        let error = begun.err().unwrap().to_string();
        assert!(error.starts_with("No such file or directory"), "{error}");
        assert!(!error.contains(".roster-"), "{error}");
    }
}
