//! `roster employees import`: reads a file of another system, shows what it understood, and sends
//! the people to the server.
//!
//! - `report` the outcome, as text and as JSON
//! - `send` shows how far it is
//! - `runs` earlier imports, and undoing one

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use roster_common::api::{EmptyCells, ImportMode, ImportOptions, MatchBy, Matching, MissingPeople};
use roster_common::import::{
    DateOrder, Encoding, Import, ImportError, Meaning, Options, ParsedRow,
};

use self::runs::UndoArgs;
use self::send::Sending;
use super::input::{one_of, today};
use crate::cli::console::Console;
use crate::cli::failure::{ExitStatus, Failure};
use crate::cli::folders::{config_file, state_folder};
use crate::client::Client;
use crate::config::{Config, ImportMapping};
use crate::import::{
    Conversion, InputError, InputFile, Ready, RefusedFile, SendError, convert, managers,
    send as send_rows,
};

mod report;
mod runs;
mod send;

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(in crate::cli) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// File to import, or - for standard input: CSV, xlsx, JSON, NDJSON, LDIF or vCard
    #[arg(required = true)]
    file: Option<PathBuf>,
    /// Read a column as a field, or skip it: 'Work Email=email', 'Cost Center='
    #[arg(long = "map", value_name = "HEADING=FIELD", value_parser = mapped_column)]
    map: Vec<(String, Option<Meaning>)>,
    /// Use the columns of [mappings.NAME] in config.toml
    #[arg(long, value_name = "NAME")]
    mapping: Option<String>,
    /// Encoding of the file, for example windows-1252 (default: UTF-8, or as its byte order mark
    /// says)
    #[arg(long, value_name = "NAME", value_parser = encoding)]
    encoding: Option<Encoding>,
    /// Order of dates such as 03/02/2024: dmy or mdy (default: found out from the other dates of
    /// the file)
    #[arg(long, value_name = "ORDER", value_parser = date_order)]
    dates: Option<DateOrder>,
    /// Sheet of a spreadsheet (default: the first)
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// Refuse a file with unknown columns
    #[arg(long)]
    strict: bool,
    /// Write refused rows to a CSV file, to correct and import them again
    #[arg(long, value_name = "FILE")]
    refused: Option<PathBuf>,
    /// Import valid rows even if others are refused (default: all or nothing)
    #[arg(long)]
    partial: bool,
    /// Show what would happen without changing anything
    #[arg(long)]
    dry_run: bool,
    /// Update the employees who have the same email, number or id, and add the others
    #[arg(long = "match", value_name = "FIELD", value_parser = match_by)]
    by: Option<MatchBy>,
    /// What to do with employees who are not in the file: report them, or set their status to leave
    /// or left
    #[arg(long, value_name = "WHAT", value_parser = missing_people, requires = "by")]
    missing: Option<MissingPeople>,
    /// Empty cells: keep or clear the employee's value (default: keep)
    #[arg(long, value_name = "WHAT", value_parser = empty_cells, requires = "by")]
    empty: Option<EmptyCells>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List earlier imports, newest first
    Runs,
    /// Undo an import, except where somebody has changed a record since
    Undo(UndoArgs),
}

impl Args {
    /// The file, which is required without a subcommand.
    fn file(&self) -> &Path {
        self.file.as_deref().unwrap_or(Path::new("-"))
    }

    fn matching(&self) -> Option<Matching> {
        self.by.map(|by| Matching {
            by,
            missing: self.missing,
            empty: self.empty.unwrap_or_default(),
        })
    }
}

fn match_by(word: &str) -> Result<MatchBy, String> {
    one_of(word, &MatchBy::WORDS)
}

fn missing_people(word: &str) -> Result<MissingPeople, String> {
    one_of(word, &MissingPeople::WORDS)
}

fn empty_cells(word: &str) -> Result<EmptyCells, String> {
    one_of(word, &EmptyCells::WORDS)
}

fn mapped_column(text: &str) -> Result<(String, Option<Meaning>), String> {
    let (heading, name) = text
        .rsplit_once('=')
        .ok_or("use HEADING=FIELD, or HEADING= to skip it")?;
    let meaning =
        ImportMapping::meaning(name).ok_or_else(|| ImportMapping::unknown_meaning(name))?;
    Ok((heading.to_owned(), meaning))
}

fn encoding(name: &str) -> Result<Encoding, String> {
    Encoding::from_name(name).ok_or_else(|| {
        "unknown encoding; for example windows-1252, iso-8859-2 or utf-16le".to_owned()
    })
}

fn date_order(name: &str) -> Result<DateOrder, String> {
    DateOrder::from_name(name).ok_or_else(|| "use dmy (day first) or mdy (month first)".to_owned())
}

pub(super) async fn run(
    args: Args,
    client: &Client,
    console: &mut Console,
) -> Result<ExitStatus, Failure> {
    match &args.command {
        Some(Command::Runs) => runs::list(client, console).await,
        Some(Command::Undo(undo)) => runs::undo(undo, client, console).await,
        None => import(args, client, console).await,
    }
}

async fn import(args: Args, client: &Client, console: &mut Console) -> Result<ExitStatus, Failure> {
    let mut input = open(&args, console)?;
    let options = Options {
        rows_are_lines: input.is_spreadsheet(),
        ..options(&args)?
    };
    let mut import =
        Import::understand(&mut input, options).map_err(|error| failure(&args, error))?;
    let unknown = import
        .unknown_managers(&mut input)
        .map_err(|error| failure(&args, error))?;
    let elsewhere = managers::look_up(unknown, client).await?;
    import
        .know_managers(&mut input, elsewhere)
        .map_err(|error| failure(&args, error))?;
    let mut refused_file = args
        .refused
        .as_deref()
        .map(|path| create_refused(path, &import))
        .transpose()?;
    let keep_refused = |row: &ParsedRow| match &mut refused_file {
        Some(file) => file.add(row),
        None => Ok(()),
    };
    let converted = convert(&import, &mut input, keep_refused, |_| {}).await;
    let Conversion {
        mut ndjson,
        mut report,
    } = converted.map_err(|error| failure(&args, error))?;

    let mode = if args.partial {
        ImportMode::Partial
    } else {
        ImportMode::Atomic
    };
    // If rows are refused already, an import of all or nothing only asks what else is wrong.
    let is_rehearsal = args.dry_run || (mode == ImportMode::Atomic && report.refused > 0);
    let options = ImportOptions {
        mode,
        dry_run: is_rehearsal,
        matching: report.matching(args.matching()),
    };
    let ready = Ready {
        rows: &mut ndjson.file,
        size: ndjson.size,
        options: &options,
    };
    let folder = state_folder()?;
    let mut sending = Sending::new(console, format!("Importing {}", input.name()));
    let answer = send_rows(ready, client, &folder, &mut sending).await;
    let answer = answer.map_err(|error| match error {
        SendError::Client(error) => Failure::Client(error),
        SendError::UnknownOutcome(error) => Failure::UnknownOutcome(error),
        SendError::Key(error) => Failure::Created {
            path: folder.join("imports"),
            error,
        },
    })?;
    report.add(answer, mode, args.dry_run);
    if let Some(file) = &mut refused_file {
        file.add_lines(&import, &mut input, &report.refused_by_server())
            .map_err(|error| failure(&args, error))?;
    }
    report.print(console)?;
    Ok(report.exit())
}

/// Creates the file for the refused rows.
fn create_refused(path: &Path, import: &Import) -> Result<RefusedFile, Failure> {
    let created = File::create(path).and_then(|file| RefusedFile::begin(file, import));
    created.map_err(|error| Failure::Created {
        path: PathBuf::from(path),
        error,
    })
}

/// Opens the file, or reads standard input.
fn open(args: &Args, console: &Console) -> Result<InputFile, Failure> {
    let (path, sheet) = (args.file(), args.sheet.as_deref());
    // A file of that name comes first.
    let input = if path.as_os_str() == "-" && !path.is_file() {
        InputFile::read(console.stdin(), "-", sheet)
    } else {
        InputFile::open(path, sheet)
    };
    input.map_err(|error| match error {
        InputError::Io(error) => Failure::Input {
            path: path.into(),
            error,
        },
        InputError::Sheet(error) => Failure::Sheet {
            path: path.into(),
            error,
        },
        InputError::NoSheets => {
            Failure::Usage("Only a spreadsheet (.xlsx) has sheets; omit --sheet.".into())
        }
    })
}

/// What the user says about the file. A mapping on the command line wins over a saved one.
fn options(args: &Args) -> Result<Options, Failure> {
    let mut columns: BTreeMap<String, Option<Meaning>> = BTreeMap::new();
    if let Some(name) = &args.mapping {
        let config = Config::read(&config_file().ok_or(Failure::NoHome)?)?;
        let saved = config.mappings.get(name).ok_or_else(|| {
            let names: Vec<_> = config.mappings.keys().map(String::as_str).collect();
            Failure::Usage(format!(
                "No mapping \"{name}\" in config.toml. It has: {}.",
                names.join(", ")
            ))
        })?;
        columns.extend(saved.columns());
    }
    // After the saved mapping, because the last meaning of a heading replaces the others.
    columns.extend(args.map.iter().cloned());
    Ok(Options {
        columns: columns.into_iter().collect(),
        encoding: args.encoding,
        dates: args.dates,
        strict: args.strict,
        updates: args.by.is_some(),
        clears_empty: args.empty == Some(EmptyCells::Clear),
        ..Options::new(today())
    })
}

fn failure(args: &Args, error: ImportError) -> Failure {
    Failure::Import {
        path: args.file().to_owned(),
        error,
    }
}
