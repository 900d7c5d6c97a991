//! Where the user's files are.

use std::path::PathBuf;

use etcetera::base_strategy::{BaseStrategy, Xdg};

use super::failure::Failure;

/// The folder for the state of all servers: `$XDG_STATE_HOME/roster`.
pub(super) fn state_folder() -> Result<PathBuf, Failure> {
    let base_folders = base_folders()?;
    Ok(base_folders
        .state_dir()
        .unwrap_or_else(|| base_folders.data_dir())
        .join("roster"))
}

/// The configuration file: `$XDG_CONFIG_HOME/roster/config.toml`.
pub(super) fn config_file() -> Result<PathBuf, Failure> {
    Ok(base_folders()?
        .config_dir()
        .join("roster")
        .join("config.toml"))
}

fn base_folders() -> Result<Xdg, Failure> {
    Xdg::new().map_err(|error| Failure::Start(std::io::Error::other(error)))
}
