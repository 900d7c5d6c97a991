//! `rosterd move`: from a file to PostgreSQL, and back.

use std::path::PathBuf;

use anyhow::{Context, bail, ensure};
use clap::Args;
use roster_server::store::postgres::Address;
use roster_server::store::transfer::{move_to_file, move_to_postgres};

use super::data::Postgres;
use super::output::print_line;

#[derive(Args)]
pub(crate) struct Move {
    /// Database to move: a file, or the URL of a PostgreSQL database without a password [default:
    /// the one that --database or ROSTER_DATABASE names]
    #[arg(long, value_name = "FILE|URL")]
    from: Option<String>,
    /// Database to fill, which must be empty: a file, or a URL [default: the configured one]
    #[arg(long, value_name = "FILE|URL")]
    to: Option<String>,
    #[command(flatten)]
    postgres: Postgres,
}

/// One end of a move.
enum End {
    File(PathBuf),
    Postgres(Address),
}

impl Move {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let (from, to) = (self.end(self.from.as_ref())?, self.end(self.to.as_ref())?);
        let moved = match (from, to) {
            (End::File(from), End::Postgres(to)) => move_to_postgres(&from, &to).await?,
            (End::Postgres(from), End::File(to)) => move_to_file(&from, &to).await?,
            _ => bail!("one end must be a file, and the other a PostgreSQL database"),
        };
        print_line(format_args!(
            "moved {} rows, and compared them; everyone stays signed in",
            moved.rows
        ))
    }

    fn end(&self, name: Option<&String>) -> anyhow::Result<End> {
        let Some(name) = name else {
            let address = self.postgres.address()?;
            return address
                .map(End::Postgres)
                .context("name both ends: --from and --to, or one of them and --database");
        };
        if !name.contains("://") {
            return Ok(End::File(name.into()));
        }
        ensure!(
            !Address::has_password(name),
            "other users of this machine can read this password. Set ROSTER_DATABASE to the URL, \
                and leave this end out."
        );
        Ok(End::Postgres(self.postgres.at(name)))
    }
}
