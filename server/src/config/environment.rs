//! The environment, and the file `.env` that stands behind it.

use std::collections::{HashMap, HashSet};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

/// The variables of the process, and behind them those of a `.env` file, which can be read anew.
pub struct Environment {
    file: PathBuf,
    /// The names that the process was started with: the file does not speak for them.
    own: HashSet<String>,
}

impl Environment {
    /// Reads the file into the process's variables, where those do not say otherwise; no such file is as good as an
    /// empty one. To be called while there is one thread.
    ///
    /// # Errors
    /// If the file cannot be read. A line that is wrong is not repeated: it may hold a key.
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

    /// A variable, as it is now.
    pub fn variable(name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    /// The variables with the file as it has become. Those that the process was started with stay as they are: nobody
    /// can change them from outside.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn anew(&self) -> anyhow::Result<impl Fn(&str) -> Option<String>> {
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

/// The lines of a file. Of two with one name the first counts, as it does at the start.
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
            "the file .env has a line that is not NAME=value; a value with a space, a quotation mark, a $ or a \\ in \
             it stands between single quotes"
        ),
        error => anyhow::Error::new(error).context("the file .env cannot be read"),
    }
}
