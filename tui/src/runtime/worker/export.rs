//! Writes people to a file or a text.

use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use roster_common::text::without_error_numbers;

use super::Worker;
use super::transfer::{Control, Reporter, in_background};
use crate::client::Client;
use crate::event::{Event, Reply};
use crate::export::{
    Export, ExportFailure, ExportJob, ExportTarget, Exported, NewFile, RowsError, add_all,
};
use crate::import::Progress;
use crate::remote;
use crate::runtime::files;

/// The most bytes that are copied: more than terminals accept.
const MAX_COPIED: usize = 1 << 20;

impl Worker {
    /// Starts an export.
    pub(super) fn export(&mut self, job: ExportJob) {
        let client = self.client();
        let control = self.begin_transfer();
        self.spawn(async move {
            let ended = in_background(async move || run(client, job, control).await).await;
            let result =
                ended.unwrap_or_else(|error| Err(ExportFailure::Unwritable(error.to_string())));
            Event::Reply(Box::new(Reply::Exported(result)))
        });
    }
}

async fn run(
    client: remote::Result<Client>,
    job: ExportJob,
    control: Control,
) -> Result<Exported, ExportFailure> {
    let client = client?;
    let exported = match &job.target {
        ExportTarget::File { path, replaces } => {
            let path = files::expanded(path);
            let task = async |reporter| to_file(&client, &job, &path, *replaces, &reporter).await;
            control.run(task).await
        }
        ExportTarget::Clipboard => {
            let task = async |reporter| to_text(&client, &job, &reporter).await;
            control.run(task).await
        }
    };
    exported.unwrap_or(Err(ExportFailure::Stopped))
}

/// Writes a file that is complete or not there.
async fn to_file(
    client: &Client,
    job: &ExportJob,
    path: &Path,
    replaces: bool,
    reporter: &Reporter,
) -> Result<Exported, ExportFailure> {
    if path.is_dir() {
        let why = "this is a folder".to_owned();
        return Err(ExportFailure::Unwritable(why));
    }
    // Noticed at once, though only the end is certain.
    if !replaces && path.exists() {
        return Err(ExportFailure::Exists);
    }
    let file = NewFile::begin(path).map_err(unwritable)?;
    let (out, count) = write(client, job, BufWriter::new(file), reporter).await?;
    let file = out
        .into_inner()
        .map_err(|error| unwritable(error.into_error()))?;
    let completed = if replaces {
        file.complete()
    } else {
        file.complete_new()
    };
    completed.map_err(unwritable)?;
    Ok(Exported::File {
        count,
        path: absolute(path),
    })
}

/// Writes a text for the clipboard.
async fn to_text(
    client: &Client,
    job: &ExportJob,
    reporter: &Reporter,
) -> Result<Exported, ExportFailure> {
    let (Text(bytes), count) = write(client, job, Text::default(), reporter).await?;
    let text = String::from_utf8(bytes)
        .map_err(|_| ExportFailure::Unwritable("it is not text".to_owned()))?;
    Ok(Exported::Text {
        count,
        text: text.into(),
    })
}

async fn write<W: Write + Send>(
    client: &Client,
    job: &ExportJob,
    out: W,
    reporter: &Reporter,
) -> Result<(W, u64), ExportFailure> {
    let mut export =
        Export::new(job.format, &job.columns, client.server(), out).map_err(unwritable)?;
    let report = |count| reporter.report(Progress::People(count));
    let mut count = 0;
    for query in job.people.queries() {
        let rows = client.rows(&query).await?;
        count = add_all(&mut export, rows, count, report).await?;
    }
    Ok((export.finish().map_err(unwritable)?, count))
}

impl From<RowsError> for ExportFailure {
    fn from(error: RowsError) -> Self {
        match error {
            RowsError::Client(error) => Self::Client(error),
            RowsError::Write(error) => unwritable(error),
        }
    }
}

fn unwritable(error: io::Error) -> ExportFailure {
    match error.kind() {
        ErrorKind::AlreadyExists => ExportFailure::Exists,
        _ => {
            let error = error.to_string();
            ExportFailure::Unwritable(without_error_numbers(&error).into_owned())
        }
    }
}

/// The path for the message.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// A text that is not too long to be copied.
#[derive(Default)]
struct Text(Vec<u8>);

impl Write for Text {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_COPIED {
            let why = "it is more than 1 MiB, too much for a clipboard; choose a file";
            return Err(io::Error::other(why));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
