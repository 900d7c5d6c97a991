//! Unix sockets that have a name in the file system.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tokio::net::{UnixListener, UnixStream};

/// Who may connect: the owner, and the group.
const OWNER_AND_GROUP: u32 = 0o660;

/// Who may connect: the owner alone.
const OWNER: u32 = 0o600;

/// A socket that listens. Its file is removed when this is dropped.
#[derive(Debug)]
pub struct SocketListener {
    path: PathBuf,
    listener: UnixListener,
}

impl SocketListener {
    /// Opens a socket to which the owner and the group of its file can connect. Replaces the socket
    /// of a server that was killed.
    ///
    /// # Errors
    /// If a server listens there, or the path is that of something else, or is too long for a
    /// socket.
    pub fn bind(path: &Path) -> io::Result<Self> {
        if let Ok(found) = fs::symlink_metadata(path) {
            if !found.file_type().is_socket() {
                return Err(io::Error::new(
                    io::ErrorKind::AlreadyExists,
                    "it exists and is not a socket",
                ));
            }
            if std::os::unix::net::UnixStream::connect(path).is_ok() {
                return Err(io::Error::new(
                    io::ErrorKind::AddrInUse,
                    "a server listens there",
                ));
            }
        }
        Self::replace(path, OWNER_AND_GROUP)
    }

    /// Opens a socket to which only the owner can connect, in place of one that is there already.
    ///
    /// # Errors
    /// If it cannot be made, for example because its path is too long for a socket.
    pub(super) fn bind_private(path: &Path) -> io::Result<Self> {
        Self::replace(path, OWNER)
    }

    fn replace(path: &Path, mode: u32) -> io::Result<Self> {
        // It gets its name once its permissions are set: nobody else must be able to connect.
        let mut unnamed = path.as_os_str().to_owned();
        unnamed.push("~");
        match fs::remove_file(&unnamed) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&unnamed)?;
        fs::set_permissions(&unnamed, Permissions::from_mode(mode))?;
        fs::rename(&unnamed, path)?;
        Ok(Self {
            path: path.into(),
            listener,
        })
    }

    /// The path of its file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Accepts a connection.
    ///
    /// # Errors
    /// If the system has no room for one.
    pub(super) async fn accept(&self) -> io::Result<UnixStream> {
        let (stream, _) = self.listener.accept().await?;
        Ok(stream)
    }
}

impl Drop for SocketListener {
    fn drop(&mut self) {
        // If it stays, the next server replaces it.
        let _ = fs::remove_file(&self.path);
    }
}
