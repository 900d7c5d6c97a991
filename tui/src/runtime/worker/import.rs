//! Reads a file of another system, and sends its people to the server.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use roster_common::api::{ImportMode, ImportOptions, Matching};
use roster_common::import::{ColumnReport, Import, ImportError, Options, Source};
use roster_common::text::without_error_numbers;

use super::Worker;
use super::transfer::{Control, Reporter, in_background};
use crate::client::Client;
use crate::event::{Event, Reply};
use crate::import::{
    Conversion, ImportAnswer, ImportFailure, ImportJob, ImportSettings, InputFile, Progress, Ready,
    RefusedFile, RefusedRows, Report, SendError, SendProgress, Understood, begun_mode, convert,
    managers, send,
};
use crate::remote::{self, ClientError};
use crate::runtime::files;

/// The people of the file that was checked last, until they are imported.
pub(super) type Checked = Arc<Mutex<Option<Prepared>>>;

/// People who are ready to be sent.
pub(super) struct Prepared {
    rows: File,
    size: u64,
    matching: Option<Matching>,
    /// What became of the rows that are not sent.
    report: Report,
}

/// The people who are being sent. They go back to where they were kept however that ends: whoever
/// has stopped it, or has to sign in first, goes on with the same people.
struct Taken {
    kept: Checked,
    prepared: Option<Prepared>,
}

impl Taken {
    fn from(kept: &Checked) -> Self {
        let prepared = kept.lock().unwrap_or_else(PoisonError::into_inner).take();
        Self {
            kept: Arc::clone(kept),
            prepared,
        }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if let Some(prepared) = self.prepared.take() {
            keep(&self.kept, prepared);
        }
    }
}

fn keep(kept: &Checked, prepared: Prepared) {
    *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(prepared);
}

type Result<T> = std::result::Result<T, ImportFailure>;

impl Worker {
    /// Starts a step of an import.
    pub(super) fn import(&mut self, job: ImportJob) {
        let step = Step {
            client: self.client(),
            folder: self.options.state.clone(),
            checked: Arc::clone(&self.checked),
        };
        let control = self.begin_transfer();
        self.spawn(async move {
            let failed = failed_answer(&job);
            let ended = in_background(async move || step.run(job, control).await).await;
            let answer = ended
                .unwrap_or_else(|error| failed(ImportFailure::Unreadable(format!("{error}."))));
            Event::Reply(Box::new(Reply::Import(Box::new(answer))))
        });
    }
}

/// The answer to a job that failed.
fn failed_answer(job: &ImportJob) -> fn(ImportFailure) -> ImportAnswer {
    match job {
        ImportJob::Read(_) => |failure| ImportAnswer::Read(Err(failure)),
        ImportJob::Check(_) => |failure| ImportAnswer::Checked(Err(failure)),
        ImportJob::Run(_) => |failure| ImportAnswer::Done(Err(failure)),
        ImportJob::KeepRefused { .. } => |failure| ImportAnswer::KeptRefused(Err(failure)),
    }
}

/// The result of a step that was stopped.
fn stopped<T>() -> Result<T> {
    Err(ImportFailure::Stopped)
}

/// What a step needs.
struct Step {
    client: remote::Result<Client>,
    folder: PathBuf,
    checked: Checked,
}

impl Step {
    async fn run(self, job: ImportJob, control: Control) -> ImportAnswer {
        match job {
            ImportJob::Read(settings) => {
                let read = control.run(async |reporter| self.read(&settings, reporter).await);
                ImportAnswer::Read(read.await.unwrap_or_else(stopped))
            }
            ImportJob::Check(settings) => {
                let check = control.run(async |reporter| self.check(&settings, reporter).await);
                let answer = check.await.unwrap_or_else(stopped);
                answer.unwrap_or_else(|failure| ImportAnswer::Checked(Err(failure)))
            }
            ImportJob::Run(mode) => {
                let import = control.run(async |reporter| self.import(mode, reporter).await);
                ImportAnswer::Done(import.await.unwrap_or_else(stopped))
            }
            ImportJob::KeepRefused {
                settings,
                by_server,
            } => {
                let keep =
                    async |reporter| self.keep_refused(&settings, &by_server, reporter).await;
                let kept = control.run(keep).await;
                ImportAnswer::KeptRefused(kept.unwrap_or_else(stopped))
            }
        }
    }

    /// Reads the whole file, to say what is in it.
    async fn read(&self, settings: &ImportSettings, reporter: Reporter) -> Result<Understood> {
        let mut input = open(settings)?;
        let import = match self.understand(&mut input, settings, &reporter).await {
            Ok(import) => import,
            // The user can say which column has the names.
            Err(Misread::Import(ImportError::NoNames { columns })) => {
                return Ok(Understood {
                    sheets: input.sheets().to_vec(),
                    ..nameless(&columns)
                });
            }
            // Another sheet may have people.
            Err(Misread::Import(error)) if input.sheets().len() > 1 => {
                return Ok(Understood {
                    sheets: input.sheets().to_vec(),
                    no_people: Some(ImportFailure::from(error).to_string()),
                    ..nameless(&[])
                });
            }
            Err(error) => return Err(error.into()),
        };
        let rows = import.rows(&mut input)?.take(Understood::ROWS);
        let cells = |cells: csv::StringRecord| cells.iter().map(str::to_owned).collect();
        let rows = rows.map(|(_, row)| cells(row)).collect();
        let Conversion { report, .. } = converted(&import, &mut input, reporter).await?;
        let skipped = report.skipped.first();
        Ok(Understood {
            layout: Some(import.layout()),
            sheets: input.sheets().to_vec(),
            no_people: None,
            columns: report.columns,
            rows,
            people: report.sent,
            refused: report.refused,
            skipped: report.skipped_rows,
            first_skipped: skipped.map(|row| format!("line {}: {}", row.line, row.reason)),
        })
    }

    /// Finds out how a file is written, and who the managers are whom it only names.
    async fn understand(
        &self,
        input: &mut InputFile,
        settings: &ImportSettings,
        reporter: &Reporter,
    ) -> std::result::Result<Import, Misread> {
        let watching = reporter.clone();
        let watch = move |done, all| watching.report(Progress::Scanned { done, all });
        input.set_watch(Some(Box::new(watch)));
        let client = self.client.clone()?;
        let today = TimeZone::system().to_datetime(Timestamp::now()).date();
        let options = Options {
            columns: settings.columns.clone(),
            encoding: settings.encoding,
            dates: settings.dates,
            updates: settings.by.is_some(),
            clears_empty: settings.clears_empty(),
            rows_are_lines: input.is_spreadsheet(),
            ..Options::new(today)
        };
        let mut import = Import::understand(input, options)?;
        let unknown = import.unknown_managers(input)?;
        let elsewhere = managers::look_up(unknown, &client).await?;
        import.know_managers(input, elsewhere)?;
        // From here on, its rows are counted.
        input.set_watch(None);
        Ok(import)
    }

    /// Asks the server what would happen, and keeps the people for the import.
    async fn check(&self, settings: &ImportSettings, reporter: Reporter) -> Result<ImportAnswer> {
        let mut input = open(settings)?;
        let import = self.understand(&mut input, settings, &reporter).await?;
        let Conversion { ndjson, report } =
            converted(&import, &mut input, reporter.clone()).await?;
        let mut prepared = Prepared {
            rows: ndjson.file,
            size: ndjson.size,
            matching: report.matching(settings.matching()),
            report,
        };
        let client = self.client.clone()?;
        let begun = begun_mode(&mut prepared.rows, prepared.matching, &client, &self.folder);
        let answer = match begun.map_err(ImportError::from)? {
            // A check would only show that the people are there.
            Some(mode) => ImportAnswer::Begun(mode),
            None => {
                let mode = ImportMode::Partial;
                ImportAnswer::Checked(Ok(self.send(&mut prepared, mode, true, reporter).await?))
            }
        };
        keep(&self.checked, prepared);
        Ok(answer)
    }

    /// Reads the file once more, and writes the refused rows to one of their own beside it.
    async fn keep_refused(
        &self,
        settings: &ImportSettings,
        by_server: &HashMap<u64, String>,
        reporter: Reporter,
    ) -> Result<RefusedRows> {
        let mut input = open(settings)?;
        let import = self.understand(&mut input, settings, &reporter).await?;
        let (path, file) = new_beside(&files::expanded(&settings.path)).map_err(unwritten)?;
        let mut refused = RefusedFile::begin(file, &import).map_err(unwritten)?;
        let read = |count| reporter.report(Progress::People(count));
        _ = convert(&import, &mut input, |row| refused.add(row), read).await?;
        refused.add_lines(&import, &mut input, by_server)?;
        Ok(RefusedRows {
            count: refused.count(),
            path,
        })
    }

    /// Imports the people who were checked.
    async fn import(&self, mode: ImportMode, reporter: Reporter) -> Result<Report> {
        let mut taken = Taken::from(&self.checked);
        let prepared = taken.prepared.as_mut().ok_or_else(|| {
            ImportFailure::Unreadable("The file has to be checked again.".to_owned())
        })?;
        self.send(prepared, mode, false, reporter).await
    }

    async fn send(
        &self,
        prepared: &mut Prepared,
        mode: ImportMode,
        dry_run: bool,
        reporter: Reporter,
    ) -> Result<Report> {
        let client = self.client.clone()?;
        let options = ImportOptions {
            mode,
            dry_run,
            matching: prepared.matching,
        };
        let ready = Ready {
            rows: &mut prepared.rows,
            size: prepared.size,
            options: &options,
        };
        let answer = send(ready, &client, &self.folder, &mut Sending(reporter)).await?;
        let mut report = prepared.report.clone();
        report.add(answer, mode, dry_run);
        Ok(report)
    }
}

fn open(settings: &ImportSettings) -> Result<InputFile> {
    let path = files::expanded(&settings.path);
    InputFile::open(&path, settings.sheet.as_deref()).map_err(|error| {
        let error = error.to_string();
        let reason = without_error_numbers(&error);
        ImportFailure::Unreadable(format!("Cannot read the file: {reason}"))
    })
}

/// A new file for the refused rows of a file, with its path: `people.refused.csv`. An earlier one
/// stays, since it may have been corrected.
fn new_beside(path: &Path) -> io::Result<(PathBuf, File)> {
    let stem = path.file_stem().unwrap_or_default().display();
    for number in 1_u32.. {
        let name = match number {
            1 => format!("{stem}.refused.csv"),
            number => format!("{stem}.refused-{number}.csv"),
        };
        let path = path.with_file_name(name);
        match File::create_new(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            created => return created.map(|file| (path, file)),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

fn unwritten(error: io::Error) -> ImportFailure {
    let error = error.to_string();
    let reason = without_error_numbers(&error);
    ImportFailure::Unreadable(format!("Cannot write the refused rows: {reason}."))
}

async fn converted(
    import: &Import,
    source: &mut dyn Source,
    reporter: Reporter,
) -> Result<Conversion> {
    let read = |count| reporter.report(Progress::People(count));
    Ok(convert(import, source, |_| Ok(()), read).await?)
}

/// What is known of a file without names: its columns.
fn nameless(headings: &[String]) -> Understood {
    let column = |(index, heading): (usize, &String)| ColumnReport {
        index,
        heading: heading.clone(),
        field: None,
        unknown: true,
        instead: None,
        nearest: Vec::new(),
    };
    Understood {
        layout: None,
        sheets: Vec::new(),
        no_people: None,
        columns: headings.iter().enumerate().map(column).collect(),
        rows: Vec::new(),
        people: 0,
        refused: 0,
        skipped: 0,
        first_skipped: None,
    }
}

/// Why a file was not understood.
enum Misread {
    Client(ClientError),
    Import(ImportError),
}

impl From<ClientError> for Misread {
    fn from(error: ClientError) -> Self {
        Self::Client(error)
    }
}

impl From<ImportError> for Misread {
    fn from(error: ImportError) -> Self {
        Self::Import(error)
    }
}

impl From<Misread> for ImportFailure {
    fn from(error: Misread) -> Self {
        match error {
            Misread::Client(error) => Self::Client(error),
            Misread::Import(error) => error.into(),
        }
    }
}

impl From<ImportError> for ImportFailure {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::NotUtf8 { line } => Self::NotUtf8 { line },
            error => {
                let error = error.to_string();
                Self::Unreadable(without_error_numbers(&error).into_owned())
            }
        }
    }
}

impl From<SendError> for ImportFailure {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Client(error) => Self::Client(error),
            SendError::UnknownOutcome(error) => Self::UnknownOutcome(error),
            SendError::Key(error) => Self::Unreadable(unkept(&error)),
        }
    }
}

fn unkept(error: &io::Error) -> String {
    let error = error.to_string();
    let reason = without_error_numbers(&error);
    format!("Cannot keep the key of the import: {reason}. Nothing was imported.")
}

/// Reports how much is sent.
struct Sending(Reporter);

impl SendProgress for Sending {
    fn continues(&mut self) {}

    fn begins(&mut self, size: u64) -> Box<dyn Fn(u64) + Send> {
        let reporter = self.0.clone();
        Box::new(move |done| reporter.report(Progress::Sent { done, all: size }))
    }

    fn ends(&mut self) {}

    fn repeats(&mut self, error: &ClientError) {
        self.0.report_now(Progress::Repeats(error.to_string()));
    }
}
