//! A file that is only read. redb writes to every file that it opens; here, what it writes stays in
//! memory.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ::redb::StorageBackend;

/// The unit in which written bytes are kept.
const BLOCK: usize = 4096;

/// A file below the blocks that were written over it.
#[derive(Debug)]
pub(super) struct Overlay {
    file: File,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    len: u64,
    /// How much of the file is still visible: a shorter length cuts it for good.
    file_len: u64,
    /// The blocks that were written, by their position in units of [`BLOCK`].
    blocks: BTreeMap<u64, Box<[u8; BLOCK]>>,
}

impl Overlay {
    /// Begins with nothing written.
    ///
    /// # Errors
    /// If the file's length cannot be read.
    pub(super) fn new(file: File) -> io::Result<Self> {
        let len = file.metadata()?.len();
        let state = State {
            len,
            file_len: len,
            blocks: BTreeMap::new(),
        };
        Ok(Self {
            file,
            state: Mutex::new(state),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A block as the file has it, with zeros after its end.
    fn file_block(&self, state: &State, block: u64) -> io::Result<Box<[u8; BLOCK]>> {
        let start = block * BLOCK as u64;
        let left = state.file_len.saturating_sub(start).min(BLOCK as u64);
        let mut bytes = Box::new([0; BLOCK]);
        // At most a block's size, so it fits.
        self.file
            .read_exact_at(&mut bytes[..left as usize], start)?;
        Ok(bytes)
    }

    /// Calls `visit` with each block that a range touches, where the part begins in it, and which
    /// part of the range that is.
    fn each_part(
        state: &mut State,
        offset: u64,
        len: usize,
        mut visit: impl FnMut(&mut State, u64, usize, std::ops::Range<usize>) -> io::Result<()>,
    ) -> io::Result<()> {
        let end = offset.checked_add(len as u64);
        if end.is_none_or(|end| end > state.len) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut done = 0;
        while done < len {
            let at = offset + done as u64;
            let within = (at % BLOCK as u64) as usize;
            let part = (BLOCK - within).min(len - done);
            visit(state, at / BLOCK as u64, within, done..done + part)?;
            done += part;
        }
        Ok(())
    }
}

impl StorageBackend for Overlay {
    fn len(&self) -> io::Result<u64> {
        Ok(self.state().len)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let len = out.len();
        Self::each_part(
            &mut self.state(),
            offset,
            len,
            |state, block, within, part| {
                let into = &mut out[part];
                let end = within + into.len();
                match state.blocks.get(&block) {
                    Some(bytes) => into.copy_from_slice(&bytes[within..end]),
                    None => into.copy_from_slice(&self.file_block(state, block)?[within..end]),
                }
                Ok(())
            },
        )
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut state = self.state();
        state.len = len;
        state.file_len = state.file_len.min(len);
        let first_gone = len.div_ceil(BLOCK as u64);
        state.blocks.split_off(&first_gone);
        let within = (len % BLOCK as u64) as usize;
        if let Some(last) = state.blocks.get_mut(&(len / BLOCK as u64)) {
            last[within..].fill(0);
        }
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        Self::each_part(
            &mut self.state(),
            offset,
            data.len(),
            |state, block, within, part| {
                let bytes = &data[part];
                // A write may cover a part of the block, so the rest must be what the file has.
                if !state.blocks.contains_key(&block) {
                    let old = self.file_block(state, block)?;
                    state.blocks.insert(block, old);
                }
                if let Some(into) = state.blocks.get_mut(&block) {
                    into[within..within + bytes.len()].copy_from_slice(bytes);
                }
                Ok(())
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overlay(bytes: &[u8]) -> Overlay {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        Overlay::new(file.reopen().unwrap()).unwrap()
    }

    fn all(overlay: &Overlay) -> Vec<u8> {
        let mut bytes = vec![0; overlay.len().unwrap() as usize];
        overlay.read(0, &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn it_reads_as_the_file_with_what_was_written_over_it() {
        let mut expected = vec![7; 3 * BLOCK + 10];
        let overlay = overlay(&expected);
        let across = BLOCK - 3..BLOCK + 5;
        overlay.write(across.start as u64, &[1; 8]).unwrap();
        expected[across].fill(1);
        assert_eq!(all(&overlay), expected);
        assert_eq!(
            overlay.file.metadata().unwrap().len(),
            3 * BLOCK as u64 + 10
        );
    }

    #[test]
    fn what_was_cut_off_reads_as_zeros_when_it_grows_again() {
        let overlay = overlay(&[7; 2 * BLOCK]);
        overlay.write(100, &[1; 10]).unwrap();
        overlay.set_len(105).unwrap();
        overlay.set_len(2 * BLOCK as u64).unwrap();
        let mut expected = vec![0; 2 * BLOCK];
        expected[..100].fill(7);
        expected[100..105].fill(1);
        assert_eq!(all(&overlay), expected);
    }

    #[test]
    fn nothing_lies_beyond_its_end() {
        let overlay = overlay(&[7; 10]);
        assert!(overlay.read(5, &mut [0; 6]).is_err());
        assert!(overlay.write(10, &[1]).is_err());
    }
}
