//! Where the data is: in a file, or in PostgreSQL. The options that say so, and opening it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow, bail, ensure};
use clap::Args;
use roster_server::config::Environment;
use roster_server::store::Store;
use roster_server::store::postgres::{Address, PostgresStore};
use roster_server::store::redb::{OpenError, RedbStore};

/// The variable with the URL of the database.
const URL: &str = "ROSTER_DATABASE";

/// The variable with the name of a file that contains the URL.
const URL_FILE: &str = "ROSTER_DATABASE_FILE";

#[derive(Args)]
pub(crate) struct Data {
    /// Database file
    #[arg(
        long = "data",
        env = "ROSTER_DATA",
        default_value = "roster.redb",
        value_name = "FILE",
        conflicts_with = "database"
    )]
    path: PathBuf,
    #[command(flatten)]
    postgres: Postgres,
}

#[derive(Args)]
pub(crate) struct Postgres {
    /// PostgreSQL database instead of a file, for several servers:
    /// postgres://USER@HOST,HOST/NAME
    #[arg(long, env = URL, hide_env_values = true, value_name = "URL")]
    database: Option<String>,
    /// CA certificates (PEM) to trust for the database, instead of the system's
    #[arg(long, env = "ROSTER_DATABASE_CA", value_name = "FILE")]
    database_ca: Option<PathBuf>,
    /// Allow a database on another host without TLS (anyone on the network path can read
    /// everything)
    #[arg(long)]
    insecure_database: bool,
}

#[derive(Args)]
pub(crate) struct Hashing {
    /// bcrypt cost of new password hashes
    #[arg(long, env = "ROSTER_BCRYPT_COST", default_value_t = 12, value_parser = clap::value_parser!(u32).range(4..=31))]
    pub(crate) bcrypt_cost: u32,
}

/// Where the data is.
pub(crate) enum Location<'a> {
    File(&'a Path),
    Postgres(Address),
}

impl Data {
    /// Where the data is, as the options and variables say.
    pub(crate) fn location(&self) -> anyhow::Result<Location<'_>> {
        Ok(match self.postgres.address()? {
            Some(address) => Location::Postgres(address),
            None => Location::File(&self.path),
        })
    }

    /// The file of the database.
    ///
    /// # Errors
    /// If it is in PostgreSQL, which has its own tools for what is about to be done.
    pub(crate) fn file(&self) -> anyhow::Result<&Path> {
        match self.location()? {
            Location::File(path) => Ok(path),
            Location::Postgres(_) => bail!(
                "this works on a database file. For PostgreSQL, use its own tools, such as pg_dump or \
                    pg_basebackup."
            ),
        }
    }
}

impl Location<'_> {
    /// Opens the store, creating it if it is missing.
    pub(crate) async fn open(&self) -> anyhow::Result<Arc<dyn Store>> {
        Ok(match self {
            Self::File(path) => Arc::new(open_file(path)?),
            Self::Postgres(address) => Arc::new(PostgresStore::connect(address).await?),
        })
    }

    /// Checks that a file exists: a command in the wrong folder must not create one.
    pub(crate) fn check_exists(&self) -> anyhow::Result<()> {
        match self {
            Self::File(path) => check_exists(path),
            Self::Postgres(_) => Ok(()),
        }
    }
}

impl Postgres {
    /// The database, if one is set.
    pub(crate) fn address(&self) -> anyhow::Result<Option<Address>> {
        Ok(self.url()?.map(|url| self.at(&url)))
    }

    /// The database at a URL.
    pub(crate) fn at(&self, url: &str) -> Address {
        Address {
            url: url.trim().into(),
            authorities: self.database_ca.clone(),
            insecure: self.insecure_database,
        }
    }

    fn url(&self) -> anyhow::Result<Option<String>> {
        match (&self.database, Environment::variable(URL_FILE)) {
            (Some(_), Some(_)) => bail!("{URL} and {URL_FILE} are both set. Keep only one."),
            (Some(url), None) => {
                // A parsed value does not show its source. One that differs from the variable was
                // an argument, which every user of the machine can read.
                let is_argument = Environment::variable(URL).as_ref() != Some(url);
                ensure!(
                    !(is_argument && Address::has_password(url)),
                    "other users of this machine can read the password in --database. Set {URL}, or \
                        {URL_FILE} to the name of a file."
                );
                Ok(Some(url.clone()))
            }
            (None, Some(file)) => std::fs::read_to_string(&file)
                .with_context(|| format!("cannot read {file} (from {URL_FILE})"))
                .map(Some),
            (None, None) => Ok(None),
        }
    }
}

/// Opens the database in a file, creating it if it is missing.
pub(crate) fn open_file(path: &Path) -> anyhow::Result<RedbStore> {
    RedbStore::open(path).map_err(in_use)
}

fn check_exists(path: &Path) -> anyhow::Result<()> {
    let found = path.try_exists();
    let found = found.with_context(|| format!("cannot read {}", path.display()))?;
    ensure!(
        found,
        "no database at {}; `rosterd user add NAME --role admin` creates one",
        path.display()
    );
    Ok(())
}

/// Says what to do about a database that another process has open.
pub(crate) fn in_use(error: OpenError) -> anyhow::Error {
    match error {
        OpenError::Locked(_) => anyhow!("{error}; if rosterd is serving it, stop it first"),
        error => error.into(),
    }
}
