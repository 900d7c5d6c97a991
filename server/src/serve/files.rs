//! The limit of open files, which also limits connections.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Raises the limit of open files to the highest that the system allows. The default, often 1,024,
/// is less than the number of connections that the server accepts.
pub fn raise_file_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "cannot raise the limit of open files");
    }
}
