//! Sending an import until its outcome is known.

use std::fs::File;
use std::io::{self, Seek};
use std::path::Path;
use std::time::Duration;

use roster_common::Code;
use roster_common::api::{ImportMode, ImportOptions, ImportReport, Matching, RunId};
use tokio::time::sleep;

use super::pending::{PendingImport, RowsDigest};
use crate::client::{Client, ImportFormat, Upload};
use crate::remote::ClientError;

/// The pauses before an import whose outcome is not known is sent again. A server has restarted by
/// then.
const PAUSES: [Duration; 5] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(16),
];

/// Rows that are ready to be sent.
pub struct Ready<'a> {
    /// The people.
    pub rows: &'a mut File,
    /// The size of the file in bytes.
    pub size: u64,
    /// What is to be done with them.
    pub options: &'a ImportOptions,
}

/// Why an import has no report.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// Nothing was imported, or the user has to sign in first.
    #[error(transparent)]
    Client(ClientError),
    /// It was sent, perhaps more than once, and no answer came.
    #[error("{0} The outcome of the import is not known.")]
    UnknownOutcome(ClientError),
    /// The key of the import cannot be kept.
    #[error(transparent)]
    Key(#[from] io::Error),
}

/// Shows how far an import is.
pub trait SendProgress {
    /// An earlier attempt has sent the same import, and has not learnt its outcome.
    fn continues(&mut self);

    /// An attempt begins. Returns a function that is called with the number of bytes sent.
    fn begins(&mut self, size: u64) -> Box<dyn Fn(u64) + Send>;

    /// The attempt has ended.
    fn ends(&mut self);

    /// It failed, and the next one begins soon.
    fn repeats(&mut self, error: &ClientError);
}

/// Sends the rows. If no answer comes, or the server is busy with them, they are sent again under
/// the same key, which gets the outcome of the first attempt. The key is kept in `folder` until the
/// outcome is known.
///
/// # Errors
/// If the outcome is not known in the end, or nothing was imported.
pub async fn send(
    mut ready: Ready<'_>,
    client: &Client,
    folder: &Path,
    progress: &mut dyn SendProgress,
) -> Result<ImportReport, SendError> {
    if ready.options.dry_run {
        let answer = attempt(&mut ready, client, None, progress).await;
        return answer.map_err(SendError::Client);
    }
    let rows = RowsDigest::of(ready.rows)?;
    loop {
        // The key is on disk before the first attempt, so that the same rows continue the import
        // even if this program is killed.
        let about = about(client, ready.options);
        let pending = PendingImport::of(folder, &about, &rows)?;
        let report = send_until_known(&mut ready, client, &pending, progress).await;
        let report = match report {
            Ok(report) => report,
            Err(Unsent::Settled(error)) => {
                pending.settle();
                return Err(SendError::Client(error));
            }
            Err(Unsent::Kept(error)) => return Err(error),
        };
        // An earlier attempt was successful, and was undone since: its report says nothing about
        // the people who are there now.
        let begins_anew = match report.run.filter(|_| pending.is_repeat) {
            Some(run) => was_undone(run, client)
                .await
                .map_err(SendError::UnknownOutcome)?,
            None => false,
        };
        pending.settle();
        if !begins_anew {
            return Ok(report);
        }
    }
}

/// The mode in which an earlier attempt has sent the same rows, and has not learnt the outcome.
///
/// # Errors
/// If the rows cannot be read.
pub fn begun_mode(
    rows: &mut File,
    matching: Option<Matching>,
    client: &Client,
    folder: &Path,
) -> io::Result<Option<ImportMode>> {
    let rows = RowsDigest::of(rows)?;
    let is_begun = |mode: &ImportMode| {
        let options = ImportOptions {
            mode: *mode,
            dry_run: false,
            matching,
        };
        PendingImport::exists(folder, &about(client, &options), &rows)
    };
    let modes = [ImportMode::Atomic, ImportMode::Partial];
    Ok(modes.into_iter().find(is_begun))
}

/// What the key of an import is for, beside the rows.
fn about(client: &Client, options: &ImportOptions) -> String {
    format!("{} {}", client.server(), options.to_query_string())
}

/// Whether a run has been undone completely.
///
/// # Errors
/// If the server does not list the runs.
pub async fn was_undone(run: RunId, client: &Client) -> Result<bool, ClientError> {
    let runs = client.runs().await?;
    let undoing = runs.iter().find(|other| other.undoes == Some(run));
    Ok(undoing.is_some_and(|undoing| undoing.finished))
}

/// Why there is no report.
enum Unsent {
    /// Nothing was imported, so the key can go.
    Settled(ClientError),
    /// The key has to stay.
    Kept(SendError),
}

async fn send_until_known(
    ready: &mut Ready<'_>,
    client: &Client,
    pending: &PendingImport,
    progress: &mut dyn SendProgress,
) -> Result<ImportReport, Unsent> {
    if pending.is_repeat {
        progress.continues();
    }
    let mut may_be_saved = pending.is_repeat;
    let mut pauses = PAUSES.into_iter();
    loop {
        let answer = attempt(ready, client, Some(&pending.key), progress).await;
        let error = match answer {
            Ok(report) => return Ok(report),
            Err(error) => error,
        };
        let next = Next::after(&error, may_be_saved);
        may_be_saved |= next == (Next::Repeat { may_be_saved: true });
        let pause = match next {
            Next::Stop => None,
            // The key stays if an earlier attempt may have been saved.
            Next::SignIn if may_be_saved => return Err(Unsent::Kept(SendError::Client(error))),
            Next::SignIn => None,
            Next::Repeat { .. } => match pauses.next() {
                None if may_be_saved => {
                    return Err(Unsent::Kept(SendError::UnknownOutcome(error)));
                }
                pause => pause,
            },
        };
        let Some(pause) = pause else {
            return Err(Unsent::Settled(error));
        };
        progress.repeats(&error);
        sleep(pause).await;
    }
}

/// What follows a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// Nothing was imported.
    Stop,
    /// The user has to do something first. An earlier attempt may have been successful.
    SignIn,
    /// The server may answer later. `may_be_saved` is whether it may have begun the import.
    Repeat { may_be_saved: bool },
}

impl Next {
    /// `may_be_saved` is whether an earlier attempt may have been saved.
    fn after(error: &ClientError, may_be_saved: bool) -> Self {
        let begun = Self::Repeat { may_be_saved: true };
        let not_begun = Self::Repeat {
            may_be_saved: false,
        };
        match error {
            // Nothing was sent, now or before.
            ClientError::Unreachable { sent: false, .. } if !may_be_saved => Self::Stop,
            ClientError::Unreachable { sent: false, .. } => not_begun,
            ClientError::Unreachable { sent: true, .. } | ClientError::Protocol(_) => begun,
            ClientError::SignInAgain(_) | ClientError::Jar { .. } | ClientError::Address(_) => {
                Self::SignIn
            }
            ClientError::Refused(problem) => match (problem.code, problem.status) {
                (Code::RunBusy, _) | (_, 500..) => begun,
                (_, 429) => not_begun,
                (_, 401 | 403) => Self::SignIn,
                _ => Self::Stop,
            },
        }
    }
}

async fn attempt(
    ready: &mut Ready<'_>,
    client: &Client,
    key: Option<&str>,
    progress: &mut dyn SendProgress,
) -> Result<ImportReport, ClientError> {
    let rows = rewound(ready.rows).map_err(|error| ClientError::Protocol(error.to_string()))?;
    let upload = Upload::file(rows, progress.begins(ready.size));
    let answer = client.import(ImportFormat::Ndjson, upload, ready.options, key);
    let answer = answer.await;
    progress.ends();
    answer
}

/// The same file from its beginning.
fn rewound(file: &mut File) -> io::Result<File> {
    file.rewind()?;
    file.try_clone()
}
