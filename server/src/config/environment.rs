//! The environment, with `.env` as a fallback.

use std::collections::{HashMap, HashSet};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

/// The process environment, falling back to a `.env` file that can be reloaded.
pub struct Environment {
    file: PathBuf,
    /// The variables set at start, which take precedence over the file.
    own: HashSet<String>,
    /// Why the file could not be read.
    failure: Option<String>,
}

impl Environment {
    /// Loads the file into the process environment without overriding it. A missing file counts as
    /// empty, and one that cannot be read is a [`failure`](Self::failure). Call it while the
    /// process has one thread.
    pub fn load(file: impl Into<PathBuf>) -> Self {
        let file = file.into();
        let own = std::env::vars_os()
            .filter_map(|(name, _)| name.into_string().ok())
            .collect();
        let loaded = dotenvy::from_path(&file);
        let failure = loaded.err().filter(|error| !error.not_found());
        let failure = failure.map(|error| format!("{:#}", unreadable(error)));
        Self { file, own, failure }
    }

    /// Why the file could not be read, if so: a program that needs no key can do without it. A
    /// malformed line is not repeated, since it may hold a key.
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// The files that hold keys and that others can read.
    pub fn exposed_files(&self) -> Vec<PathBuf> {
        let variables = ["ACCESS_TOKEN_KEY_FILE", "REFRESH_TOKEN_KEY_FILE"];
        let files = variables.into_iter().filter_map(Self::variable);
        files
            .map(PathBuf::from)
            .chain([self.file.clone()])
            .filter(|file| is_exposed(file))
            .collect()
    }

    /// The current value of a variable.
    pub fn variable(name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    /// Reloads the file. Variables set at process start keep their values.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn reload(&self) -> anyhow::Result<impl Fn(&str) -> Option<String>> {
        let lines = lines_of(&self.file)?;
        Ok(move |name: &str| {
            if self.own.contains(name) {
                Self::variable(name)
            } else {
                lines.get(name).cloned()
            }
        })
    }
}

/// Returns `true` if anyone but its owner can read a file.
fn is_exposed(file: &Path) -> bool {
    std::fs::metadata(file).is_ok_and(|file| file.permissions().mode() & 0o077 != 0)
}

/// The variables in a file. The first of two with the same name wins.
fn lines_of(file: &Path) -> anyhow::Result<HashMap<String, String>> {
    let text = match std::fs::read_to_string(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(HashMap::new()),
        read => Zeroizing::new(read.map_err(|error| unreadable(dotenvy::Error::Io(error)))?),
    };
    let mut lines = HashMap::new();
    for line in dotenvy::from_read_iter(text.trim_start_matches('\u{feff}').as_bytes()) {
        let (name, value) = line.map_err(unreadable)?;
        lines.entry(name).or_insert(value);
    }
    Ok(lines)
}

fn unreadable(error: dotenvy::Error) -> anyhow::Error {
    match error {
        dotenvy::Error::LineParse(..) => anyhow::anyhow!(
            ".env has a line that is not NAME=value; put a value with a space, a quote, a $ or a \
                \\ in single quotes"
        ),
        // Not as its cause, which would be told twice: the message of this error is that of its own.
        error => anyhow::anyhow!("cannot read .env: {error}"),
    }
}
