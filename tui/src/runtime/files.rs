//! Small files for the user's choices: private, and replaced atomically. Paths as people type them.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::state::ThemeName;
use crate::state::path_entry::FolderEntry;

/// The theme's file, in the state folder.
pub(super) const THEME: &str = "theme";

/// Reads the file; `None` if there is none.
pub(super) fn read(path: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The saved theme. An unreadable or unknown one is ignored.
pub(super) fn theme(state: &Path) -> Option<ThemeName> {
    read(&state.join(THEME))
        .ok()
        .flatten()
        .and_then(|name| ThemeName::from_name(name.trim()))
}

/// Replaces the file without syncing: it survives the end of the program, and if the computer loses
/// its power, at worst a column width and the last words of unsaved text are lost.
pub(super) fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
    }
    let fresh = path.with_extension(format!("{}.new", std::process::id()));
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&fresh)?;
    file.write_all(text.as_bytes())?;
    fs::rename(&fresh, path)
}

/// The most entries of a folder that are listed.
const MOST_ENTRIES: usize = 10_000;

/// A path as it was typed: `~` is the home folder, and nothing the current one.
pub(super) fn expanded(path: &str) -> PathBuf {
    let home = || std::env::var_os("HOME").filter(|home| !home.is_empty());
    match (path, path.strip_prefix('~')) {
        ("", _) => PathBuf::from("."),
        (_, Some(rest)) if rest.is_empty() || rest.starts_with('/') => match home() {
            Some(home) => Path::new(&home).join(rest.trim_start_matches('/')),
            None => PathBuf::from(path),
        },
        _ => PathBuf::from(path),
    }
}

/// What is in a folder; nothing if it cannot be read. Names that nobody can type are left out.
pub(super) fn list(folder: &Path) -> Vec<FolderEntry> {
    let entry = |entry: fs::DirEntry| {
        Some(FolderEntry {
            name: entry.file_name().into_string().ok()?,
            is_folder: entry.path().is_dir(),
        })
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.take(MOST_ENTRIES).filter_map(entry).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_is_replaced_and_is_no_one_elses() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("server").join("columns-ada.json");
        assert_eq!(read(&path).unwrap(), None);
        write(&path, "one").unwrap();
        write(&path, "two").unwrap();
        assert_eq!(read(&path).unwrap().as_deref(), Some("two"));
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(
            fs::read_dir(path.parent().unwrap()).unwrap().count(),
            1,
            "nothing else is left there"
        );
    }
}
