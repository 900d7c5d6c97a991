//! A file of redb that is kept in memory.

use std::io;
use std::sync::Arc;

use ::redb::StorageBackend;
use ::redb::backends::InMemoryBackend;

use super::{OpenError, RedbStore};

/// A file in memory. The stores that are opened on it, one after another, find what those before
/// them have written. Clones are the same file.
#[derive(Debug, Clone, Default)]
pub struct MemoryFile(Arc<InMemoryBackend>);

impl MemoryFile {
    /// Opens the store in this file. One that was opened before must have been closed or dropped.
    ///
    /// # Errors
    /// [`OpenError`]
    pub fn open(&self) -> Result<RedbStore, OpenError> {
        let file = self.clone();
        RedbStore::on(move || Ok(file.clone()))
    }
}

impl StorageBackend for MemoryFile {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.write(offset, data)
    }
}
