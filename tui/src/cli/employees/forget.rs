//! `roster employees forget`

use roster_common::text::folded;
use roster_common::{Code, EmployeeId, Field, Version};

use crate::cli::console::Console;
use crate::cli::failure::{ExitStatus, Failure};
use crate::client::Client;
use crate::remote::ClientError;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Employee id; the employee may already be deleted
    id: EmployeeId,
    /// The person's full name, which confirms it (prompted for if omitted)
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

pub(super) async fn run(
    args: Args,
    client: &Client,
    console: &mut Console,
) -> Result<ExitStatus, Failure> {
    let Args { id, name } = args;
    if name.is_none() && !console.can_ask() {
        let what_to_do = "Cannot prompt without a terminal; pass --name.";
        return Err(Failure::Usage(what_to_do.into()));
    }
    let person = find(id, client).await?;
    let typed = match name {
        Some(name) => name,
        None => {
            let name = &person.name;
            console.message(&format!(
                "This removes every value of {name} ({id}), also from the history. It cannot be undone."
            ));
            let answer = console.ask("Type the full name to confirm: ");
            answer.map_err(Failure::from_stdin)?
        }
    };
    // The name guards against a wrong id, since there is no undo.
    if folded(typed.trim()) != folded(&person.name) {
        return Err(Failure::NameDiffers(id));
    }
    client.forget(id, person.version).await?;
    if console.is_json() {
        console.json(&id)?;
    } else {
        console.line(&id.to_string())?;
    }
    Ok(ExitStatus::Done)
}

/// The person to forget.
struct Person {
    name: String,
    /// `None` if the record is deleted.
    version: Option<Version>,
}

async fn find(id: EmployeeId, client: &Client) -> Result<Person, Failure> {
    match client.employee(id).await {
        Ok(employee) => Ok(Person {
            name: employee.details.full_name(),
            version: Some(employee.version),
        }),
        // A deleted employee has no record, but their values are still in the history.
        Err(ClientError::Refused(problem)) if problem.code == Code::EmployeeNotFound => {
            let newest = client.history(id, None, 1).await?.pop();
            let was = newest
                .and_then(|entry| entry.deleted_values())
                .ok_or(ClientError::Refused(problem))?;
            let text = |field| was.get(field).unwrap_or_default();
            Ok(Person {
                name: format!("{} {}", text(Field::Firstname), text(Field::Lastname)),
                version: None,
            })
        }
        Err(error) => Err(error.into()),
    }
}
