//! The cookie jar: one file per server, shared by all of the user's processes and kept between
//! runs.
//!
//! It holds the refresh cookie and the access token that came with it. A process that changes it
//! holds the lock from reading to writing, so that processes sharing a jar refresh once. The file
//! is replaced atomically: readers see the old state or the new one.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use std::{fs, io};

use jiff::{SignedDuration, Timestamp};
use roster_common::api::{SessionInfo, SignedIn, User};
use roster_common::text::without_error_numbers;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::cookies::Cookies;
use crate::remote::{ClientError, Identity, Result};

/// How long to wait for the lock: longer than any request takes.
const LOCK_TIMEOUT: Duration = Duration::from_secs(40);

/// How long to wait for the lock before the wait is reported: longer than most requests take.
const REPORT_AFTER: Duration = Duration::from_secs(2);

/// How long before its expiry a token is renewed: longer than a request takes, plus clock drift
/// over a token's lifetime.
const RENEW_BEFORE_EXPIRY: SignedDuration = SignedDuration::from_secs(15);

/// The contents of the file.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Contents {
    pub(super) cookies: Cookies,
    pub(super) access: Option<AccessToken>,
}

/// An access token and the identity in it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct AccessToken {
    #[serde(with = "in_the_jar")]
    token: SecretString,
    /// When it expires, by the local clock.
    expires: Timestamp,
    user: User,
    session: SessionInfo,
}

impl AccessToken {
    /// The token from an answer to a request sent at `asked`. Its lifetime counts from then, which
    /// is never too long.
    pub(super) fn new(answer: SignedIn, asked: Timestamp) -> Self {
        let lasts = SignedDuration::from_secs(i64::try_from(answer.expires_in).unwrap_or(i64::MAX));
        Self {
            token: SecretString::from(answer.access_token),
            expires: asked.checked_add(lasts).unwrap_or(Timestamp::MAX),
            user: answer.user,
            session: answer.session,
        }
    }

    pub(super) fn token(&self) -> &str {
        self.token.expose_secret()
    }

    pub(super) fn is_expired(&self, now: Timestamp) -> bool {
        now >= self.expires
    }

    /// Whether it could expire while a request is under way.
    pub(super) fn expires_soon(&self, now: Timestamp) -> bool {
        now.duration_until(self.expires) <= RENEW_BEFORE_EXPIRY
    }

    pub(super) fn is_same_user(&self, other: &Self) -> bool {
        self.user.username == other.user.username
    }

    pub(super) fn is_same_session(&self, other: &Self) -> bool {
        self.session.id == other.session.id
    }

    pub(super) fn identity(&self) -> Identity {
        Identity {
            user: self.user.clone(),
            session: self.session.clone(),
        }
    }
}

/// The cookie jar of one server.
#[derive(Clone)]
pub(super) struct Jar {
    folder: Arc<Path>,
    /// Whether a call has waited for the lock for [`REPORT_AFTER`] and still does.
    waiting: watch::Sender<bool>,
}

/// The locked jar; dropping this releases the lock.
pub(super) struct Locked {
    jar: Jar,
    _lock: File,
}

impl Jar {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self {
            folder: folder.into(),
            waiting: watch::Sender::default(),
        }
    }

    /// Watches whether the lock has been awaited for two seconds and still is.
    pub(super) fn waiting(&self) -> watch::Receiver<bool> {
        self.waiting.subscribe()
    }

    /// The access token in the file, read without the lock: the file is only ever replaced whole,
    /// so this works while another process writes, and where this one may not write. `None` if
    /// there is none or the file cannot be read.
    pub(super) async fn access(&self) -> Option<AccessToken> {
        let jar = self.clone();
        let read = in_background(move || fs::read(jar.file()).map_err(|e| jar.error(&e)));
        let text = Zeroizing::new(read.await.ok()?);
        serde_json::from_slice::<Contents>(&text).ok()?.access
    }

    /// Locks the jar, waiting for other processes on a blocking thread.
    ///
    /// # Errors
    /// If another process holds the lock for longer than any request takes: it must be stopped or
    /// hung.
    pub(super) async fn lock(&self) -> Result<Locked> {
        let jar = self.clone();
        let locked = in_background(move || {
            let lock = jar.open_lock().map_err(|e| jar.error(&e))?;
            Ok(Locked { jar, _lock: lock })
        });
        let stuck = |_| {
            self.error(&io::Error::other(
                "it is locked by another roster process that does not finish",
            ))
        };
        // Pinned, so that the same attempt goes on after the wait is reported.
        tokio::pin!(locked);
        if let Ok(locked) = timeout(REPORT_AFTER, &mut locked).await {
            return locked;
        }
        self.waiting.send_replace(true);
        let locked = timeout(LOCK_TIMEOUT - REPORT_AFTER, locked).await;
        self.waiting.send_replace(false);
        locked.map_err(stuck)?
    }

    fn open_lock(&self) -> io::Result<File> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder)?;
        fs::set_permissions(&self.folder, Permissions::from_mode(0o700))?;
        let file = private()
            .truncate(false)
            .open(self.folder.join("jar.lock"))?;
        file.lock()?;
        Ok(file)
    }

    fn file(&self) -> PathBuf {
        self.folder.join("jar.json")
    }

    fn error(&self, error: &io::Error) -> ClientError {
        ClientError::Jar {
            path: self.file(),
            why: without_error_numbers(&error.to_string()).into_owned(),
        }
    }

    fn read(&self) -> Result<Contents> {
        let text = match fs::read(self.file()) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Contents::default()),
            Err(error) => return Err(self.error(&error)),
        };
        serde_json::from_slice(&text)
            .map_err(|_| self.set_aside().unwrap_or_else(|e| self.error(&e)))
    }

    /// Moves a damaged file aside, so that it is reported once.
    fn set_aside(&self) -> io::Result<ClientError> {
        let aside = self.folder.join("jar.damaged.json");
        fs::rename(self.file(), &aside)?;
        let message = format!(
            "The cookie jar was damaged; it is now {}. Sign in again.",
            aside.display()
        );
        Ok(ClientError::SignInAgain(message))
    }

    fn write(&self, contents: &Contents) -> io::Result<()> {
        let text = Zeroizing::new(serde_json::to_vec(contents)?);
        let fresh = self.folder.join("jar.json.new");
        let mut file = private().truncate(true).open(&fresh)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&fresh, self.file())?;
        File::open(&self.folder)?.sync_all()
    }

    fn remove(&self) -> io::Result<()> {
        match fs::remove_file(self.file()) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

impl Locked {
    /// Reads the jar; empty contents if there is no file.
    ///
    /// # Errors
    /// If the jar is damaged: it is moved aside, and the error asks to sign in.
    pub(super) async fn read(&self) -> Result<Contents> {
        let jar = self.jar.clone();
        in_background(move || jar.read()).await
    }

    /// Replaces the jar and syncs it to disk.
    pub(super) async fn write(&self, contents: Contents) -> Result<()> {
        let jar = self.jar.clone();
        in_background(move || jar.write(&contents).map_err(|e| jar.error(&e))).await
    }

    /// Deletes the jar.
    pub(super) async fn remove(&self) -> Result<()> {
        let jar = self.jar.clone();
        in_background(move || jar.remove().map_err(|e| jar.error(&e))).await
    }
}

/// Opens files of this folder with mode 0600.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true).mode(0o600);
    options
}

/// Runs blocking work on the blocking thread pool.
async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let stopped = |error: tokio::task::JoinError| ClientError::Protocol(error.to_string());
    tokio::task::spawn_blocking(work).await.map_err(stopped)?
}

/// The only place where the token is serialized.
mod in_the_jar {
    use secrecy::{ExposeSecret, SecretString};
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        token: &SecretString,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(token.expose_secret())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<SecretString, D::Error> {
        String::deserialize(deserializer).map(SecretString::from)
    }
}
