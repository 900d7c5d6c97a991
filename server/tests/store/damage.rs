//! A file that somebody or something has damaged: it is refused with a reason, or reads as it did.
//! For redb only.

use std::fs;
use std::path::Path;

use fastrand::Rng;
use roster_server::store::redb::{OpenError, RedbStore, check_file};
use roster_server::store::{AccountStore, StoreError, StoreMonitor};

use super::previous::{everything, unpack};
use super::{create, name, person};

/// What redb writes in one piece.
const PAGE: usize = 4096;

/// What an undamaged file has, and what it is read as.
struct Whole {
    bytes: Vec<u8>,
    text: String,
}

impl Whole {
    async fn new(path: &Path) -> Self {
        unpack(path);
        let store = RedbStore::open(path).unwrap();
        let text = everything(&store).await;
        drop(store);
        Self {
            bytes: fs::read(path).unwrap(),
            text,
        }
    }

    /// Writes a damaged file, and checks that nobody takes it for a whole one. Returns whether it
    /// was refused.
    async fn refuses(&self, path: &Path, bytes: &[u8], what: &str) -> bool {
        fs::write(path, bytes).unwrap();
        let is_sound = check_file(path).is_ok_and(|report| report.is_sound());
        match RedbStore::open(path) {
            Ok(store) => {
                assert!(everything(&store).await == self.text, "{what}");
                false
            }
            Err(error) => {
                assert!(!is_sound, "{what} is refused and yet sound: {error}");
                true
            }
        }
    }
}

#[tokio::test]
async fn a_flipped_bit_is_noticed_or_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roster.redb");
    let whole = Whole::new(&path).await;
    let mut random = Rng::with_seed(7678);
    let mut refused = 0;
    for _ in 0..200 {
        let (at, bit) = (random.usize(..whole.bytes.len()), random.u32(..8));
        let mut bytes = whole.bytes.clone();
        bytes[at] ^= 1 << bit;
        let what = format!("bit {bit} of byte {at}");
        refused += u32::from(whole.refuses(&path, &bytes, &what).await);
    }
    assert!(refused > 0);
}

#[tokio::test]
async fn a_page_of_zeros_is_noticed_or_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roster.redb");
    let whole = Whole::new(&path).await;
    let mut refused = 0;
    for page in 0..whole.bytes.len() / PAGE {
        let mut bytes = whole.bytes.clone();
        bytes[page * PAGE..][..PAGE].fill(0);
        let what = format!("page {page}");
        refused += u32::from(whole.refuses(&path, &bytes, &what).await);
    }
    assert!(refused > 0);
}

#[tokio::test]
async fn a_file_that_is_cut_short_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roster.redb");
    let whole = Whole::new(&path).await;
    for len in [1, 100, PAGE, whole.bytes.len() / 2, whole.bytes.len() - 1] {
        let what = format!("{len} bytes");
        assert!(whole.refuses(&path, &whole.bytes[..len], &what).await);
    }
}

#[tokio::test]
async fn damage_is_told_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roster.redb");
    let whole = Whole::new(&path).await;
    let text = whole.bytes.windows(6).position(|part| part == b"Castro");
    let mut bytes = whole.bytes.clone();
    bytes[text.unwrap()] = b'c';
    fs::write(&path, bytes).unwrap();
    let error = RedbStore::open(&path).map(drop).unwrap_err();
    assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
    assert!(error.to_string().contains("rosterd restore"), "{error}");
}

#[tokio::test]
async fn an_emptied_file_is_no_new_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roster.redb");
    fs::write(&path, "").unwrap();
    let error = RedbStore::open(&path).map(drop).unwrap_err();
    assert!(matches!(error, OpenError::Empty(_)), "{error}");
    assert_eq!(fs::metadata(&path).unwrap().len(), 0);
}

/// Something that is done to the file of an open store.
type Loss = fn(&Path);

#[tokio::test]
async fn once_its_file_is_lost_a_store_acknowledges_nothing_more() {
    let losses: [Loss; 4] = [
        |path| fs::remove_file(path).unwrap(),
        |path| fs::write(path, "").unwrap(),
        |path| {
            let whole = fs::read(path).unwrap();
            fs::remove_file(path).unwrap();
            fs::write(path, whole).unwrap();
        },
        |path| fs::rename(path, path.with_extension("moved")).unwrap(),
    ];
    for (number, lose) in losses.into_iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roster.redb");
        let store = RedbStore::open(&path).unwrap();
        create(&store, person(&[])).await.unwrap();
        store.probe().await.unwrap();
        lose(&path);
        for _ in 0..2 {
            let refused = store.add_account(super::account("ada"), name("ada")).await;
            assert!(
                matches!(refused, Err(StoreError::Unwritable(_))),
                "{number}: {refused:?}"
            );
            assert!(store.probe().await.is_err(), "{number}");
        }
        assert!(store.accounts().await.unwrap().is_empty(), "{number}");
    }
}
