//! `roster employees merge`

use roster_common::{Changes, Employee, EmployeeId, Field};

use super::existing::existing;
use crate::cli::console::Console;
use crate::cli::failure::{ExitStatus, Failure};
use crate::client::Client;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Id of the record to keep
    id: EmployeeId,
    /// Id of the other record of the same person, which is deleted (restore brings it back)
    other: EmployeeId,
    /// Which record's value to keep: email=17 (default: the first one's, if it has one)
    #[arg(long, value_name = "FIELD=ID", value_parser = choice)]
    keep: Vec<(Field, EmployeeId)>,
    /// Do not ask for confirmation
    #[arg(long, short)]
    yes: bool,
}

fn choice(text: &str) -> Result<(Field, EmployeeId), String> {
    let (field, id) = text.split_once('=').ok_or("use FIELD=ID")?;
    let field = Field::from_name(field).ok_or_else(|| format!("no field {field}"))?;
    let id = id.parse().map_err(|_| format!("{id} is not an id"))?;
    Ok((field, id))
}

pub(super) async fn run(
    args: Args,
    client: &Client,
    console: &mut Console,
) -> Result<ExitStatus, Failure> {
    let is_of_neither = |(_, id): &&(Field, EmployeeId)| *id != args.id && *id != args.other;
    if let Some((field, id)) = args.keep.iter().find(is_of_neither) {
        let (one, other) = (args.id, args.other);
        let message = format!("--keep {field}={id}: use {one} or {other}.");
        return Err(Failure::Usage(message));
    }
    if !args.yes {
        console.check_can_confirm()?;
    }
    let (kept, other) = (
        existing(args.id, client).await?,
        existing(args.other, client).await?,
    );
    let changes = merged(&kept, &other, &args.keep);
    if !args.yes {
        for field in conflicts(&kept, &other) {
            console.message(&describe(field, &kept, &other, &changes));
        }
        let question = format!(
            "Merge {} ({}) into {} ({})?",
            other.details.full_name(),
            other.id,
            kept.details.full_name(),
            kept.id
        );
        console.confirm(&question)?;
    }
    // The versions that were shown: if either record has changed since, the merge is refused.
    let (survivor, duplicate) = ((kept.id, kept.version), (other.id, other.version));
    let saved = client.merge(survivor, duplicate, &changes).await?;
    console.saved(&saved)?;
    console.message(&format!(
        "To undo: roster employees restore {}. What {} took over stays; its history has the old values.",
        other.id, kept.id
    ));
    Ok(ExitStatus::Done)
}

/// The changes to the surviving record: the fields chosen from the other one, and those that it
/// lacks.
fn merged(kept: &Employee, other: &Employee, choices: &[(Field, EmployeeId)]) -> Changes {
    let mut changes = Changes::default();
    for field in Field::ALL {
        let (own, new) = (kept.details.text(field), other.details.text(field));
        let chosen = choices.iter().rev().find(|(chosen, _)| *chosen == field);
        let takes_other = match chosen {
            Some((_, id)) => *id == other.id,
            None => own.is_empty(),
        };
        // Nobody reports to themselves; the server replaces the record that goes.
        let is_itself = field == Field::Manager && *new == *kept.id.to_string();
        if takes_other && own != new && !is_itself {
            changes.set(field, new.into_owned());
        }
    }
    changes
}

/// The fields that have two values.
fn conflicts(kept: &Employee, other: &Employee) -> impl Iterator<Item = Field> {
    Field::ALL.into_iter().filter(|field| {
        let (own, new) = (kept.details.text(*field), other.details.text(*field));
        !own.is_empty() && !new.is_empty() && own != new
    })
}

fn describe(field: Field, kept: &Employee, other: &Employee, changes: &Changes) -> String {
    let (own, new) = (kept.details.text(field), other.details.text(field));
    let takes_other = changes.iter().any(|(changed, _)| changed == field);
    let (stays, goes) = if takes_other { (new, own) } else { (own, new) };
    format!("{field}: keeps \"{stays}\", drops \"{goes}\"")
}
