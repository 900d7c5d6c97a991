//! `rosterd sample`: fills an empty database with invented people.

use anyhow::ensure;
use clap::Args;
use roster_common::Changes;
use roster_server::clock::{Clock, System};
use roster_server::sample;
use roster_server::store::{Attribution, PackedRows, ValidRow};

use super::data::Data;
use super::output::print_line;

#[derive(Args)]
pub(crate) struct Sample {
    /// Number of employees
    count: u64,
    /// Seed; the same seed gives the same employees
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    data: Data,
}

/// Employees per transaction.
const BATCH: usize = 10_000;

impl Sample {
    /// Fills an empty database with sample employees.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let store = self.data.location()?.open().await?;
        let mut people = sample::employees(self.count, self.seed).peekable();
        let attribution = Attribution {
            by: "sample".parse()?,
            at: System.now(),
        };
        let mut next = 1;
        while people.peek().is_some() {
            // The records ask for the ids from 1 on, so a database that has employees refuses them.
            let batch: PackedRows = people
                .by_ref()
                .take(BATCH)
                .zip(next..)
                .map(|(changes, id)| sample_record(&changes, id))
                .collect::<Result<_, _>>()?;
            next += batch.len() as u64;
            let added = store.add_employees(batch, attribution.clone()).await?;
            ensure!(added.is_ok(), "the database already has employees");
        }
        print_line(format_args!("added {} sample employees", next - 1))
    }
}

fn sample_record(changes: &Changes, id: u64) -> anyhow::Result<ValidRow> {
    let details = changes
        .to_details()
        .map_err(|_| anyhow::anyhow!("a sample employee is invalid"))?;
    Ok(ValidRow::of_new(Some(id.try_into()?), &details))
}
