//! A disk that can lose power: what was not synced may be lost, in any part and any order.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redb::StorageBackend;

/// What a disk writes in one piece.
const SECTOR: usize = 512;

/// A disk in memory. Clones are the same disk.
#[derive(Debug, Clone, Default)]
pub(crate) struct Disk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// What is there after a loss of power, whatever happens.
    synced: Vec<u8>,
    /// What a program reads: with all that it has written.
    written: Vec<u8>,
    /// What it has written since the last sync.
    pending: Vec<Change>,
    /// Programs of an earlier boot write nothing any more.
    boot: u64,
    /// How many syncs succeed before they all fail.
    syncs: Option<usize>,
}

#[derive(Debug)]
enum Change {
    Write(usize, Vec<u8>),
    SetLen(usize),
}

impl Disk {
    /// The disk as the store uses it, until the next loss of power.
    pub(crate) fn backend(&self) -> Backend {
        Backend {
            disk: self.clone(),
            boot: self.state().boot,
        }
    }

    /// The power goes. Of what was not synced each sector is kept or lost as `keep` says.
    pub(crate) fn lose_power(&self, mut keep: impl FnMut() -> bool) {
        let mut state = self.state();
        let mut image = std::mem::take(&mut state.synced);
        for change in std::mem::take(&mut state.pending) {
            match change {
                Change::SetLen(length) => image.resize(length, 0),
                Change::Write(start, bytes) => {
                    for (sector, part) in bytes.chunks(SECTOR).enumerate() {
                        let at = start + sector * SECTOR;
                        if keep() && at + part.len() <= image.len() {
                            image[at..at + part.len()].copy_from_slice(part);
                        }
                    }
                }
            }
        }
        state.written.clone_from(&image);
        state.synced = image;
        state.boot += 1;
        state.syncs = None;
    }

    /// After so many syncs more every one fails, until the power has gone.
    pub(crate) fn fail_syncs_after(&self, count: usize) {
        self.state().syncs = Some(count);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One boot's hold on a [`Disk`].
#[derive(Debug)]
pub(crate) struct Backend {
    disk: Disk,
    boot: u64,
}

impl Backend {
    fn live(&self) -> io::Result<MutexGuard<'_, State>> {
        let state = self.disk.state();
        if state.boot == self.boot {
            Ok(state)
        } else {
            Err(io::Error::other("the power is gone"))
        }
    }
}

impl StorageBackend for Backend {
    fn len(&self) -> io::Result<u64> {
        Ok(self.live()?.written.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.live()?;
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        let bytes = state
            .written
            .get(start..start + out.len())
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(bytes);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut state = self.live()?;
        let length = usize::try_from(len).map_err(io::Error::other)?;
        state.written.resize(length, 0);
        state.pending.push(Change::SetLen(length));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.live()?;
        match &mut state.syncs {
            Some(0) => return Err(io::ErrorKind::StorageFull.into()),
            Some(left) => *left -= 1,
            None => {}
        }
        let State {
            synced, pending, ..
        } = &mut *state;
        for change in pending.drain(..) {
            match change {
                Change::SetLen(length) => synced.resize(length, 0),
                Change::Write(start, bytes) => {
                    synced[start..start + bytes.len()].copy_from_slice(&bytes);
                }
            }
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut state = self.live()?;
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        let end = start + data.len();
        if end > state.written.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        state.written[start..end].copy_from_slice(data);
        state.pending.push(Change::Write(start, data.to_vec()));
        Ok(())
    }
}
