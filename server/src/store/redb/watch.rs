//! Notices that the file of an open database was removed, replaced or truncated.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The file as this process left it.
#[derive(Debug)]
pub(super) struct FileWatch {
    path: PathBuf,
    device: u64,
    inode: u64,
    len: u64,
}

/// What happened to the file. Only a restart helps, once it is back.
#[derive(Debug, thiserror::Error)]
pub(super) enum FileLost {
    #[error("{} was removed or cannot be reached: {why}", .path.display())]
    Gone { path: PathBuf, why: io::Error },
    #[error("{} was replaced by another file", .0.display())]
    Replaced(PathBuf),
    #[error("{} was truncated", .0.display())]
    Truncated(PathBuf),
}

impl FileWatch {
    /// Begins to watch the file at a path.
    ///
    /// # Errors
    /// If it cannot be reached.
    pub(super) fn new(path: &Path) -> io::Result<Self> {
        let file = fs::metadata(path)?;
        Ok(Self {
            path: path.into(),
            device: file.dev(),
            inode: file.ino(),
            len: file.len(),
        })
    }

    /// The path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Checks that the path still names the file, and that nobody has shortened it.
    pub(super) fn check(&self) -> Result<(), FileLost> {
        let file = self.current()?;
        if file.len() < self.len {
            return Err(FileLost::Truncated(self.path.clone()));
        }
        Ok(())
    }

    /// Checks that the path still names the file, and takes the length that this process has given
    /// it.
    pub(super) fn update(&mut self) -> Result<(), FileLost> {
        self.len = self.current()?.len();
        Ok(())
    }

    fn current(&self) -> Result<Metadata, FileLost> {
        let file = fs::metadata(&self.path).map_err(|why| FileLost::Gone {
            path: self.path.clone(),
            why,
        })?;
        if (file.dev(), file.ino()) != (self.device, self.inode) {
            return Err(FileLost::Replaced(self.path.clone()));
        }
        Ok(file)
    }
}
