//! `roster employees list`

use roster_common::query::{Start, Window};
use roster_common::{Employee, Query};

use super::selection::Selection;
use crate::cli::console::Console;
use crate::cli::failure::{ExitStatus, Failure};
use crate::cli::table::{self, TextTable};
use crate::client::Client;
use crate::remote::Page;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    selection: Selection,
    /// Maximum number of rows, 1-1000 (default: all)
    #[arg(long, value_name = "N", value_parser = limit)]
    limit: Option<usize>,
    /// Skip this many rows
    #[arg(
        long,
        value_name = "N",
        requires = "limit",
        default_value_t = 0,
        hide_default_value = true
    )]
    offset: usize,
}

fn limit(text: &str) -> Result<usize, String> {
    let number = text
        .parse()
        .ok()
        .filter(|n| (1..=Window::MAX_LIMIT).contains(n));
    number.ok_or_else(|| format!("must be 1 to {}; omit it for all", Window::MAX_LIMIT))
}

pub(super) async fn run(
    args: Args,
    client: &Client,
    console: &mut Console,
) -> Result<ExitStatus, Failure> {
    let window = args.limit.map_or(Window::All, |limit| Window::Page {
        limit,
        start: Start::Offset(args.offset),
    });
    let query = Query {
        window,
        ..args.selection.query(client).await?
    };
    let mut output = Output::new(console);
    match query.window {
        Window::All => all(&query, client, console, &mut output).await?,
        Window::Page { .. } => page(&query, client, console, &mut output).await?,
    }
    Ok(ExitStatus::Done)
}

async fn all(
    query: &Query,
    client: &Client,
    console: &mut Console,
    output: &mut Output,
) -> Result<(), Failure> {
    let mut rows = client.rows(query).await?;
    while let Some(employee) = rows.next().await? {
        output.row(&employee, console)?;
    }
    output.finish(console)
}

async fn page(
    query: &Query,
    client: &Client,
    console: &mut Console,
    output: &mut Output,
) -> Result<(), Failure> {
    let Page {
        rows,
        offset,
        total,
        ..
    } = client.employees(query).await?;
    for employee in &rows {
        output.row(employee, console)?;
    }
    output.finish(console)?;
    // Nothing else on the screen shows that this is only a part of the list.
    if console.is_terminal_output() && rows.len() < total {
        console.message(&match rows.len() {
            0 => format!("The list has only {total} rows."),
            count => format!("{} to {} of {total}", offset + 1, offset + count),
        });
    }
    Ok(())
}

/// How the rows are printed, one by one.
enum Output {
    Table(TextTable),
    TabSeparated,
    /// A JSON array with one record a line, and the number of rows so far.
    Json(usize),
}

impl Output {
    fn new(console: &Console) -> Self {
        match (console.is_json(), console.is_terminal_output()) {
            (true, _) => Self::Json(0),
            (false, true) => Self::Table(TextTable::new(table::terminal_width())),
            (false, false) => Self::TabSeparated,
        }
    }

    fn row(&mut self, employee: &Employee, console: &mut Console) -> Result<(), Failure> {
        match self {
            Self::Table(table) => table.row(employee, console)?,
            Self::TabSeparated => console.line(&table::tab_separated(employee))?,
            Self::Json(count) => {
                console.text(if *count == 0 { "[\n" } else { ",\n" })?;
                console.json_text(employee)?;
                *count += 1;
            }
        }
        Ok(())
    }

    fn finish(&mut self, console: &mut Console) -> Result<(), Failure> {
        match self {
            Self::Table(table) => table.finish(console)?,
            Self::TabSeparated => {}
            Self::Json(0) => console.line("[]")?,
            Self::Json(_) => console.line("\n]")?,
        }
        Ok(())
    }
}
