//! The options that several commands share, and opening the database that they name.

use std::path::PathBuf;

use anyhow::{Context, anyhow, ensure};
use clap::Args;
use roster_server::store::redb::{OpenError, RedbStore};

#[derive(Args)]
pub(crate) struct Data {
    /// Database file
    #[arg(
        long = "data",
        env = "ROSTER_DATA",
        default_value = "roster.redb",
        value_name = "FILE"
    )]
    pub(crate) path: PathBuf,
}

#[derive(Args)]
pub(crate) struct Hashing {
    /// bcrypt cost of new password hashes
    #[arg(long, env = "ROSTER_BCRYPT_COST", default_value_t = 12, value_parser = clap::value_parser!(u32).range(4..=31))]
    pub(crate) bcrypt_cost: u32,
}

/// Opens the database, creating it if it is missing.
pub(crate) fn open(data: &Data) -> anyhow::Result<RedbStore> {
    RedbStore::open(&data.path).map_err(in_use)
}

/// Opens the database, which must exist: a command in the wrong folder must not create one.
pub(crate) fn open_existing(data: &Data) -> anyhow::Result<RedbStore> {
    open(existing(data)?)
}

/// Checks that the database exists.
pub(crate) fn existing(data: &Data) -> anyhow::Result<&Data> {
    let found = data
        .path
        .try_exists()
        .with_context(|| format!("cannot read {}", data.path.display()))?;
    ensure!(
        found,
        "no database at {}; `rosterd user add NAME --role admin` creates one",
        data.path.display()
    );
    Ok(data)
}

/// Says what to do about a database that another process has open.
pub(crate) fn in_use(error: OpenError) -> anyhow::Error {
    match error {
        OpenError::Locked(_) => anyhow!("{error}; if rosterd is serving it, stop it first"),
        error => error.into(),
    }
}
