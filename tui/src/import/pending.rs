//! The key of an import, kept in a file until its outcome is known: whoever imports the same rows
//! again after a lost answer, Ctrl-C or a crash continues that import and adds nobody twice.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::export::NewFile;

/// The folder of the keys.
const FOLDER: &str = "imports";

/// The key of an import whose outcome is not known.
#[derive(Debug)]
pub(super) struct PendingImport {
    path: PathBuf,
    pub(super) key: String,
    /// Whether an earlier attempt has sent the same import, and has not learnt its outcome.
    pub(super) is_repeat: bool,
}

impl PendingImport {
    /// The key kept for the same rows, server and options, or a new one, which is kept from now on.
    /// `about` is the server and the options.
    ///
    /// # Errors
    /// If the file of the key cannot be read or written.
    pub(super) fn of(folder: &Path, about: &str, rows: &RowsDigest) -> io::Result<Self> {
        let folder = folder.join(FOLDER);
        let path = folder.join(rows.name(about));
        match fs::read_to_string(&path) {
            Ok(key) => {
                return Ok(Self {
                    path,
                    key,
                    is_repeat: true,
                });
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)?;
        let key = Uuid::now_v7().to_string();
        // Complete, and on the disk, before anything is sent.
        let mut file = NewFile::private(&path)?;
        file.write_all(key.as_bytes())?;
        file.complete()?;
        Ok(Self {
            path,
            key,
            is_repeat: false,
        })
    }

    /// Whether a key is kept for the same rows, server and options.
    pub(super) fn exists(folder: &Path, about: &str, rows: &RowsDigest) -> bool {
        folder.join(FOLDER).join(rows.name(about)).exists()
    }

    /// Forgets the key: the outcome is known.
    pub(super) fn settle(self) {
        // If the key stays, the next import of the same rows only gets this outcome again.
        let _ = fs::remove_file(self.path);
    }
}

/// A digest of the rows of an import.
pub(super) struct RowsDigest(Sha256);

impl RowsDigest {
    /// Reads the rows, and leaves them at their beginning.
    ///
    /// # Errors
    /// If they cannot be read.
    pub(super) fn of(rows: &mut File) -> io::Result<Self> {
        let mut digest = Sha256::new();
        let mut piece = vec![0; 64 * 1024];
        rows.rewind()?;
        loop {
            let size = rows.read(&mut piece)?;
            if size == 0 {
                break;
            }
            digest.update(piece.get(..size).unwrap_or_default());
        }
        rows.rewind()?;
        Ok(Self(digest))
    }

    /// The name of the file for the key of these rows.
    fn name(&self, about: &str) -> String {
        // Rows end in a line feed, so that it is clear where they end.
        let digest = self.0.clone().chain_update(about).finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    #[test]
    fn a_key_is_kept_for_the_same_rows_until_their_outcome_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let pending = |about, text| {
            let rows = RowsDigest::of(&mut rows(text)).unwrap();
            PendingImport::of(folder.path(), about, &rows).unwrap()
        };
        let first = pending("a", "{}");
        let again = pending("a", "{}");
        assert_eq!((&again.key, again.is_repeat), (&first.key, true));
        assert_ne!(pending("b", "{}").key, first.key);
        assert_ne!(pending("a", "[]").key, first.key);
        first.settle();
        let next = pending("a", "{}");
        assert!(!next.is_repeat && next.key != again.key);
    }
}
