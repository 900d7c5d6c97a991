//! The environment, with `.env` as a fallback.

use std::collections::{HashMap, HashSet};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

/// The process environment, falling back to a `.env` file that can be reloaded.
pub struct Environment {
    file: PathBuf,
    /// The variables set at start, which take precedence over the file.
    own: HashSet<String>,
}

impl Environment {
    /// Loads the file into the process environment without overriding it. A missing file counts as
    /// empty. Call it while the process has one thread.
    ///
    /// # Errors
    /// If the file cannot be read. A malformed line is not echoed, since it may hold a key.
    pub fn load(file: impl Into<PathBuf>) -> anyhow::Result<Self> {
        let file = file.into();
        let own = std::env::vars_os()
            .filter_map(|(name, _)| name.into_string().ok())
            .collect();
        match dotenvy::from_path(&file) {
            Err(error) if !error.not_found() => Err(unreadable(error)),
            _ => Ok(Self { file, own }),
        }
    }

    /// The current value of a variable.
    pub fn variable(name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    /// Reloads the file. Variables set at process start keep their values.
    ///
    /// # Errors
    /// As [`load`](Self::load).
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
        error => anyhow::Error::new(error).context("cannot read .env"),
    }
}
