//! `roster employees …`

use super::console::Console;
use super::failure::{ExitStatus, Failure};
use crate::client::Client;

mod add;
mod delete;
mod existing;
mod export;
mod forget;
mod history;
mod import;
mod input;
mod list;
mod merge;
mod restore;
mod selection;
mod set;
mod show;
mod template;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List employees, optionally filtered
    List(list::Args),
    /// Show one employee
    Show(show::Args),
    /// Show who changed what in a record, the newest change first
    History(history::Args),
    /// Add an employee
    Add(add::Args),
    /// Change fields of an employee
    Set(set::Args),
    /// Delete employees
    #[command(alias = "remove")]
    Delete(delete::Args),
    /// Restore a deleted employee
    Restore(restore::Args),
    /// Delete an employee for good, with every value in the history
    Forget(forget::Args),
    /// Merge two records of the same person
    Merge(merge::Args),
    /// Import employees from a file of any HR system or directory
    Import(import::Args),
    /// Export employees as a file for a spreadsheet, an address book or another program
    Export(export::Args),
    /// Print a CSV file to fill in and import
    Template,
}

pub(super) async fn run(
    command: Command,
    client: &Client,
    console: &mut Console,
) -> Result<ExitStatus, Failure> {
    match command {
        Command::List(args) => list::run(args, client, console).await,
        Command::Show(args) => show::run(args, client, console).await,
        Command::History(args) => history::run(args, client, console).await,
        Command::Add(args) => add::run(args, client, console).await,
        Command::Set(args) => set::run(args, client, console).await,
        Command::Delete(args) => delete::run(args, client, console).await,
        Command::Restore(args) => restore::run(args, client, console).await,
        Command::Forget(args) => forget::run(args, client, console).await,
        Command::Merge(args) => merge::run(args, client, console).await,
        Command::Import(args) => import::run(args, client, console).await,
        Command::Export(args) => export::run(args, client, console).await,
        Command::Template => template::run(console),
    }
}
