//! `roster employees delete`

use std::collections::HashSet;

use roster_common::{Employee, EmployeeId};

use super::existing::existing;
use crate::cli::console::Console;
use crate::cli::failure::{ExitStatus, Failure};
use crate::client::Client;
use crate::remote::ClientError;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Employee ids
    #[arg(required = true, value_name = "ID")]
    ids: Vec<EmployeeId>,
    /// Do not ask for confirmation
    #[arg(long, short)]
    yes: bool,
}

pub(super) async fn run(
    args: Args,
    client: &Client,
    console: &mut Console,
) -> Result<ExitStatus, Failure> {
    if !args.yes {
        console.check_can_confirm()?;
    }
    let mut failures = Vec::new();
    let mut found = Vec::new();
    for id in without_duplicates(args.ids) {
        match existing(id, client).await {
            Ok(employee) => found.push(employee),
            Err(Failure::Client(error)) => failures.push(failure(id, error)),
            Err(failure) => failures.push(failure),
        }
    }
    // Read the records first, so that the question can name the people.
    for failure in &failures {
        console.fail(failure);
    }
    let reported = failures.len();
    if !args.yes && !found.is_empty() {
        console.confirm(&question(&found))?;
    }
    let mut deleted = Vec::new();
    for Employee { id, version, .. } in found {
        match client.delete(id, version).await {
            Ok(()) => deleted.push(id),
            Err(error) => failures.push(failure(id, error)),
        }
    }
    print(&deleted, console)?;
    for failure in failures.iter().skip(reported) {
        console.fail(failure);
    }
    Ok(match failures.first() {
        None => ExitStatus::Done,
        Some(first) if deleted.is_empty() => first.exit(),
        Some(_) => ExitStatus::PartialSuccess,
    })
}

fn without_duplicates(mut ids: Vec<EmployeeId>) -> Vec<EmployeeId> {
    let mut seen = HashSet::new();
    ids.retain(|id| seen.insert(*id));
    ids
}

fn failure(id: EmployeeId, error: ClientError) -> Failure {
    Failure::Employee { id, error }
}

fn question(found: &[Employee]) -> String {
    let names: Vec<_> = found
        .iter()
        .map(|e| format!("{} ({})", e.details.full_name(), e.id))
        .collect();
    format!("Delete {}?", names.join(", "))
}

/// The ids that were deleted.
fn print(deleted: &[EmployeeId], console: &mut Console) -> std::io::Result<()> {
    if console.is_json() {
        return console.json(&deleted);
    }
    deleted
        .iter()
        .try_for_each(|id| console.line(&id.to_string()))
}
