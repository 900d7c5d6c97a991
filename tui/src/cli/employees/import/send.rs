//! Sending an import until its outcome is known.

use std::fs::File;
use std::io::{self, Seek};
use std::time::Duration;

use roster_common::Code;
use roster_common::api::{ImportOptions, ImportReport};
use tokio::time::sleep;

use super::pending::PendingImport;
use super::sent;
use crate::cli::console::Console;
use crate::cli::failure::Failure;
use crate::cli::folders::state_folder;
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
pub(super) struct Ready<'a> {
    /// What is imported, for a person.
    pub(super) what: String,
    pub(super) rows: File,
    pub(super) size: u64,
    pub(super) options: &'a ImportOptions,
}

/// Sends the rows. If no answer comes, or the server is busy with them, they are sent again under
/// the same key, which gets the outcome of the first attempt.
pub(super) async fn send(
    mut ready: Ready<'_>,
    client: &Client,
    console: &mut Console,
) -> Result<ImportReport, Failure> {
    if ready.options.dry_run {
        return Ok(attempt(&mut ready, client, None, console).await?);
    }
    let about = format!("{} {}", client.server(), ready.options.to_query_string());
    let folder = state_folder()?;
    // The key is on disk before the first attempt, so that the same command continues the import
    // even if this one is killed.
    let pending = PendingImport::of(&folder, &about, &mut ready.rows).map_err(|error| {
        let path = folder.join("imports");
        Failure::Created { path, error }
    })?;
    if pending.is_repeat {
        console.message("Continuing an import whose outcome is not known yet.");
    }
    let mut may_be_saved = pending.is_repeat;
    let mut pauses = PAUSES.into_iter();
    loop {
        let answer = attempt(&mut ready, client, Some(&pending.key), console).await;
        let Err(error) = answer else {
            pending.settle();
            return Ok(answer?);
        };
        let next = Next::after(&error, may_be_saved);
        may_be_saved |= next == (Next::Repeat { may_be_saved: true });
        let pause = match next {
            Next::Stop => None,
            // The key stays if an earlier attempt may have been saved.
            Next::SignIn if may_be_saved => return Err(error.into()),
            Next::SignIn => None,
            Next::Repeat { .. } => match pauses.next() {
                None if may_be_saved => return Err(Failure::UnknownOutcome(error)),
                pause => pause,
            },
        };
        let Some(pause) = pause else {
            pending.settle();
            return Err(error.into());
        };
        console.message(&format!("{error} Trying again."));
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
    console: &Console,
) -> Result<ImportReport, ClientError> {
    let progress = console.sending(ready.what.clone(), ready.size);
    let rows =
        rewound(&mut ready.rows).map_err(|error| ClientError::Protocol(error.to_string()))?;
    let upload = Upload::file(rows, sent(&progress));
    let answer = client.import(ImportFormat::Ndjson, upload, ready.options, key);
    let answer = answer.await;
    progress.finish_and_clear();
    answer
}

/// The same file from its beginning.
fn rewound(file: &mut File) -> io::Result<File> {
    file.rewind()?;
    file.try_clone()
}
