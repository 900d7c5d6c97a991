//! Backups and restores on a disk that tears, loses and lies: what comes out is the whole state
//! that was copied, or is refused. For redb only.

use std::fs;
use std::io;
use std::path::Path;

use ::redb::StorageBackend;
use fastrand::Rng;
use roster_common::employee::Field;
use roster_server::store::EmployeeStore;
use roster_server::store::redb::{PreparedRestore, RedbStore, check_file};

use super::disk::everything;
use super::power::{Backend, Disk};
use super::{by_ada, create, person};

/// A disk that says that it has synced, and has not, if it lies.
#[derive(Debug)]
struct Unreliable {
    backend: Backend,
    lies: bool,
}

impl StorageBackend for Unreliable {
    fn len(&self) -> io::Result<u64> {
        self.backend.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.backend.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.backend.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        if self.lies {
            Ok(())
        } else {
            self.backend.sync_data()
        }
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.backend.write(offset, data)
    }
}

fn open(disk: &Disk) -> RedbStore {
    let disk = disk.clone();
    RedbStore::on(move || Ok(disk.backend())).unwrap()
}

/// A store that has lost its power in the middle of a change, and goes on.
async fn store_after_a_loss(luck: &mut Rng) -> RedbStore {
    let disk = Disk::default();
    let store = open(&disk);
    for _ in 0..luck.usize(1..8) {
        let notes = "n".repeat(luck.usize(1..2000));
        create(&store, person(&[(Field::Notes, &notes)]))
            .await
            .unwrap();
    }
    let before = everything(&store).await.len();
    disk.fail_syncs_after(luck.usize(0..4));
    let is_told = store
        .create_employee(person(&[]), None, by_ada(0))
        .await
        .is_ok();
    disk.lose_power(|| luck.bool());
    drop(store);
    let store = open(&disk);
    let after = everything(&store).await.len();
    assert!(after == before + 1 || after == before && !is_told);
    store
}

/// Has `write` write to a disk that may fail or lie, and then loses its power. Returns whether all
/// that is there must be whole.
fn write_to_a_bad_disk<E>(
    path: &Path,
    luck: &mut Rng,
    write: impl FnOnce(Unreliable) -> Result<(), E>,
) -> bool {
    let disk = Disk::default();
    let lies = luck.bool();
    if luck.bool() {
        disk.fail_syncs_after(luck.usize(0..8));
    }
    let backend = disk.backend();
    let is_done = write(Unreliable { backend, lies }).is_ok();
    disk.lose_power(|| luck.u8(..8) > 0);
    let backend = disk.backend();
    let mut image = vec![0; backend.len().unwrap() as usize];
    backend.read(0, &mut image).unwrap();
    fs::write(path, image).unwrap();
    is_done && !lies
}

/// Returns whether a file is refused; if it is not, it has this state.
async fn is_refused(path: &Path, state: &[Vec<u8>], what: &str) -> bool {
    match check_file(path) {
        Ok(report) if report.is_sound() => {
            assert_eq!(report.employees, state.len() as u64, "{what}");
            let store = RedbStore::open(path).unwrap();
            assert!(everything(&store).await == state, "{what}");
            false
        }
        _ => true,
    }
}

/// How many copies were whole, and how many were refused.
#[derive(Default)]
struct Outcomes {
    whole: u32,
    refused: u32,
}

impl Outcomes {
    fn add(&mut self, must_be_whole: bool, is_refused: bool, seed: u64) {
        assert!(!(must_be_whole && is_refused), "seed {seed}");
        self.whole += u32::from(!is_refused);
        self.refused += u32::from(is_refused);
    }

    /// The disk was neither always good nor always bad.
    fn has_both(&self) {
        let Self { whole, refused } = self;
        assert!(
            *whole > 10 && *refused > 10,
            "{whole} whole, {refused} refused"
        );
    }
}

#[tokio::test]
async fn a_backup_on_a_bad_disk_is_whole_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backup.redb");
    let mut outcomes = Outcomes::default();
    for seed in 0..150 {
        let mut luck = Rng::with_seed(seed);
        let store = store_after_a_loss(&mut luck).await;
        let state = everything(&store).await;
        let must_be_whole = write_to_a_bad_disk(&path, &mut luck, |backend| store.copy_to(backend));
        let is_refused = is_refused(&path, &state, &format!("seed {seed}")).await;
        outcomes.add(must_be_whole, is_refused, seed);
    }
    outcomes.has_both();
}

#[tokio::test]
async fn a_restore_on_a_bad_disk_is_whole_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let (backup, target, restored) = (file("backup.redb"), file("roster.redb"), file("restored"));
    let mut outcomes = Outcomes::default();
    for seed in 0..150 {
        let mut luck = Rng::with_seed(seed);
        let store = store_after_a_loss(&mut luck).await;
        let state = everything(&store).await;
        store.backup(backup.clone()).await.unwrap();
        let restore = PreparedRestore::new(&backup, &target).unwrap();
        let must_be_whole = write_to_a_bad_disk(&restored, &mut luck, |backend| {
            restore.write(backend, &by_ada(1)).map(drop)
        });
        let is_refused = is_refused(&restored, &state, &format!("seed {seed}")).await;
        outcomes.add(must_be_whole, is_refused, seed);
    }
    outcomes.has_both();
}
