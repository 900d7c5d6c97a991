//! `rosterd keygen`: generates signing keys.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use roster_server::config;

use super::output::print;

#[derive(Args)]
pub(crate) struct Keygen {
    /// File to create, readable by you alone [default: standard output]
    file: Option<PathBuf>,
}

impl Keygen {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let keys = config::generate()?;
        let Some(path) = self.file else {
            return print(&*keys);
        };
        // An existing file may hold the keys that everybody's tokens are signed with.
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .with_context(|| format!("cannot create {}", path.display()))?;
        file.write_all(keys.as_bytes())
            .and_then(|()| file.sync_all())
            .with_context(|| format!("cannot write {}", path.display()))
    }
}
