//! `roster employees export`: all employees who match a filter, as a file for another program.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::input::one_of;
use super::selection::Selection;
use crate::cli::console::Console;
use crate::cli::failure::{ExitStatus, Failure};
use crate::client::{Client, RowStream};
use crate::export::{Export, ExportColumn, ExportFormat, NewFile, add_all};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// File to write; one of that name is replaced when the new one is complete (default: standard
    /// output)
    file: Option<PathBuf>,
    #[command(flatten)]
    selection: Selection,
    /// Format: csv, ndjson, json, xlsx or vcard (default: as the file is named, or csv)
    #[arg(long, value_name = "FORMAT", value_parser = format)]
    format: Option<ExportFormat>,
    /// Write CSV so that this program opens it with a double click: excel
    #[arg(long = "for", value_name = "PROGRAM", value_parser = ["excel"])]
    program: Option<String>,
    /// Columns in this order, for example lastname,firstname,email (default: all)
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',', value_parser = column)]
    columns: Vec<ExportColumn>,
}

fn format(word: &str) -> Result<ExportFormat, String> {
    one_of(word, &ExportFormat::WORDS)
}

fn column(name: &str) -> Result<ExportColumn, String> {
    ExportColumn::from_name(name).ok_or_else(|| {
        let names: Vec<_> = ExportColumn::all().map(ExportColumn::name).collect();
        format!("Unknown column. The columns are {}.", names.join(", "))
    })
}

impl Args {
    fn format(&self, console: &Console) -> Result<ExportFormat, Failure> {
        let by_name = self.file.as_deref().and_then(ExportFormat::of_file);
        let default = if console.is_json() {
            ExportFormat::Json
        } else {
            ExportFormat::Csv
        };
        let format = self.format.or(by_name).unwrap_or(default);
        match (&self.program, format) {
            (None, format) => Ok(format),
            (Some(_), ExportFormat::Csv) => Ok(ExportFormat::ExcelCsv),
            (Some(_), _) => Err(Failure::Usage(
                "--for excel is for CSV; Excel opens .xlsx files as they are.".to_owned(),
            )),
        }
    }

    fn columns(&self, format: ExportFormat) -> Result<Vec<ExportColumn>, Failure> {
        match (self.columns.as_slice(), format) {
            ([], _) => Ok(ExportColumn::all().collect()),
            (_, ExportFormat::Vcard) => Err(Failure::Usage(
                "A vCard has no columns. Leave out --columns.".to_owned(),
            )),
            (columns, _) => Ok(columns.to_vec()),
        }
    }
}

pub(super) async fn run(
    args: Args,
    client: &Client,
    console: &mut Console,
) -> Result<ExitStatus, Failure> {
    let format = args.format(console)?;
    let columns = args.columns(format)?;
    let query = args.selection.query(client).await?;
    if format == ExportFormat::Xlsx && args.file.is_none() && console.is_terminal_output() {
        return Err(Failure::Usage(
            "A spreadsheet cannot be shown here. Give a file.".to_owned(),
        ));
    }
    // Before the file is begun, so that a refused query does not even create one.
    let rows = client.rows(&query).await?;
    let server = client.server();
    match args.file.as_deref().filter(|path| *path != Path::new("-")) {
        None => {
            let out = io::BufWriter::new(io::stdout());
            let export = Export::new(format, &columns, server, out)?;
            write(export, rows, console).await?;
        }
        Some(path) => {
            let written = |error| Failure::Created {
                path: path.to_owned(),
                error,
            };
            let out = io::BufWriter::new(NewFile::begin(path).map_err(written)?);
            let export = Export::new(format, &columns, server, out).map_err(written)?;
            let (file, count) =
                write(export, rows, console)
                    .await
                    .map_err(|failure| match failure {
                        Failure::Output(error) => written(error),
                        other => other,
                    })?;
            let file = file
                .into_inner()
                .map_err(|error| written(error.into_error()))?;
            // The file gets its name here. Until then an older file of that name is untouched.
            file.complete().map_err(written)?;
            console.message(&format!("Exported {count} to {}.", path.display()));
        }
    }
    Ok(ExitStatus::Done)
}

/// Writes all rows. Returns what they were written to, and how many there were.
async fn write<W: Write + Send>(
    mut export: Export<W>,
    rows: RowStream,
    console: &Console,
) -> Result<(W, u64), Failure> {
    let progress = console.working("Exporting".to_owned());
    let mut interrupts = Interrupts::new()?;
    let count = |count| progress.set_message(format!("Exporting: {count}"));
    let count = tokio::select! {
        written = add_all(&mut export, rows, 0, count) => written?,
        () = interrupts.next() => return Err(Failure::Declined),
    };
    progress.finish_and_clear();
    Ok((export.finish()?, count))
}

/// The signals that end a command, which would leave an unfinished file behind.
struct Interrupts([Signal; 3]);

impl Interrupts {
    fn new() -> io::Result<Self> {
        let kinds = [
            SignalKind::interrupt(),
            SignalKind::terminate(),
            SignalKind::hangup(),
        ];
        let [interrupt, terminate, hangup] = kinds.map(signal);
        Ok(Self([interrupt?, terminate?, hangup?]))
    }

    /// Waits for one of them.
    async fn next(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}
