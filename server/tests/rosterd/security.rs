//! The page of promises names the tests that hold them.

use std::fs;
use std::path::{Path, PathBuf};

/// All the Rust files below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let below = |path: PathBuf| {
        if path.is_dir() {
            sources(&path)
        } else {
            vec![path]
        }
    };
    entries
        .flat_map(below)
        .filter(|path| path.extension().is_some_and(|name| name == "rs"))
        .collect()
}

#[test]
fn every_test_that_the_security_page_names_is_there() {
    let server = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(server.join("SECURITY.md")).unwrap();
    let is_name = |word: &&str| {
        word.contains('_')
            && word
                .bytes()
                .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'))
    };
    let named: Vec<_> = page.split('`').filter(is_name).collect();
    let rooms = [
        "server/src",
        "server/tests",
        "common/src",
        "tui/src",
        "tui/tests",
    ];
    let files = rooms
        .iter()
        .flat_map(|room| sources(&server.join("..").join(room)));
    let code: String = files
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    let missing: Vec<_> = named
        .iter()
        .filter(|name| !code.contains(&format!("fn {name}(")))
        .collect();
    assert!(named.len() > 50 && missing.is_empty(), "{missing:?}");
}
