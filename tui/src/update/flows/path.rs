//! Completes the path of a file.

use crate::effect::{Effects, LocalTask};
use crate::state::path_entry::{Completion, Folder, FolderEntry, PathEntry};
use crate::state::{Export, Import, State};

/// Completes the typed name, and lists what it may become.
pub(crate) fn complete(entry: &mut PathEntry, effects: &mut Effects) {
    if entry.accept() {
        return on_accepted(entry, effects);
    }
    entry.suggestions.open = true;
    ask(entry, Completion::Complete, effects);
}

/// Lists the typed folder.
pub(crate) fn list(entry: &mut PathEntry, effects: &mut Effects) {
    entry.suggestions.open = true;
    ask(entry, Completion::List, effects);
}

/// The path was edited. An open list follows it.
pub(crate) fn on_edit(entry: &mut PathEntry, effects: &mut Effects) {
    if entry.suggestions.open {
        ask(entry, Completion::List, effects);
    }
}

/// Accepts the selected suggestion. Returns `true` if there was one; a folder is then listed.
pub(crate) fn accept(entry: &mut PathEntry, effects: &mut Effects) -> bool {
    let is_accepted = entry.accept();
    if is_accepted {
        on_accepted(entry, effects);
    }
    is_accepted
}

fn on_accepted(entry: &mut PathEntry, effects: &mut Effects) {
    if entry.line.text().ends_with('/') {
        list(entry, effects);
    }
}

/// Asks for the entries of the typed folder, unless they are known.
fn ask(entry: &mut PathEntry, completion: Completion, effects: &mut Effects) {
    let folder = entry.folder().to_owned();
    // A list that was completed from is read again: files come and go.
    if entry.is_listed() && completion == Completion::List {
        return entry.suggest();
    }
    let is_asked = entry
        .asked
        .as_ref()
        .is_some_and(|(asked, _)| *asked == folder);
    entry.asked = Some((folder.clone(), completion));
    if !is_asked {
        effects.push(LocalTask::ListFolder { folder });
    }
}

/// Handles the entries of a folder. Late ones, of another folder than the typed one, are dropped.
pub(crate) fn on_listed(state: &mut State, folder: String, entries: Vec<FolderEntry>) {
    let Some(entry) = open_entry(state) else {
        return;
    };
    let Some((_, completion)) = entry.asked.take_if(|(asked, _)| *asked == folder) else {
        return;
    };
    let is_current = entry.folder() == folder;
    entry.listed = Some(Folder {
        path: folder,
        entries,
    });
    if !is_current || !entry.suggestions.open {
        return;
    }
    if completion == Completion::Complete && entry.complete() {
        return entry.suggestions.close();
    }
    entry.suggest();
}

/// The path that is being typed.
fn open_entry(state: &mut State) -> Option<&mut PathEntry> {
    // At most one of them is open at a time.
    if state.overlay::<Export>().is_some() {
        return state.overlay_mut::<Export>().map(|export| &mut export.path);
    }
    state.overlay_mut::<Import>().map(|import| &mut import.path)
}
