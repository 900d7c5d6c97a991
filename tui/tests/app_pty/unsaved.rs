//! Unsaved work outlives the program, however it ends.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::process::Signal;

use crate::{ENTER, Office, SAVE, TAB};

/// A file of ada's unsaved work, in one of the servers' folders.
fn file(home: &Path) -> Option<PathBuf> {
    let servers = fs::read_dir(home.join("roster")).ok()?;
    let folders = servers.map(|server| server.unwrap().path());
    let files = folders
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flatten();
    let mut files = files.map(|file| file.unwrap().path());
    files.find(|file| {
        let name = file.file_name().unwrap().to_str().unwrap();
        name.starts_with("unsaved-ada.")
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_offered_again_after_every_end_of_the_program() {
    let office = Office::open().await;
    office.signed_in().types("q").ends();
    for signal in [Signal::HUP, Signal::TERM, Signal::KILL] {
        let mut terminal = office.terminal();
        terminal.sees("Castro, Maya").types("n").sees("New person");
        terminal.types("Grace").sees("Grace");
        terminal.signals(signal);
        terminal.ends();

        let kept = file(office.home.path()).unwrap();
        assert_eq!(
            fs::metadata(&kept).unwrap().permissions().mode() & 0o777,
            0o600
        );
        let mut again = office.terminal();
        again.sees("unsaved changes to a new person").types(ENTER);
        again.sees("New person").sees("Grace");
        again
            .types(TAB)
            .types("Hopper")
            .types(SAVE)
            .sees("Added Grace Hopper");
        again.types("q").ends();
        assert_eq!(file(office.home.path()), None, "{signal:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_terminals_keep_their_work_apart_and_each_is_offered_once() {
    let office = Office::open().await;
    office.signed_in().types("q").ends();
    let mut terminals = ["Grace", "Hedy"].map(|name| {
        let mut terminal = office.terminal();
        terminal.sees("Castro, Maya").types("n").sees("New person");
        terminal.types(name).sees(name);
        terminal
    });
    for terminal in &mut terminals {
        terminal.signals(Signal::HUP);
        terminal.ends();
    }

    // The newest comes first.
    for name in ["Hedy", "Grace"] {
        let mut again = office.terminal();
        again.sees("unsaved changes to a new person").types(ENTER);
        again.sees("New person").sees(name);
        again.types(TAB).types("Hopper").types(SAVE);
        again.sees(&format!("Added {name} Hopper"));
        again.types("q").ends();
    }
    assert_eq!(file(office.home.path()), None);
}
