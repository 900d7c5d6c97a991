//! Where files are, by the XDG Base Directory Specification.

use std::env;
use std::path::PathBuf;

use super::failure::Failure;

/// The folder for the state of all servers: `$XDG_STATE_HOME/roster`.
///
/// # Errors
/// [`Failure::NoHome`]
pub(super) fn state_folder() -> Result<PathBuf, Failure> {
    let folder = base("XDG_STATE_HOME", ".local/state").ok_or(Failure::NoHome)?;
    Ok(folder.join("roster"))
}

/// The configuration file: `$XDG_CONFIG_HOME/roster/config.toml`. `None` if nothing says where it
/// could be.
pub(super) fn config_file() -> Option<PathBuf> {
    let folder = base("XDG_CONFIG_HOME", ".config")?;
    Some(folder.join("roster").join("config.toml"))
}

fn base(variable: &str, default: &str) -> Option<PathBuf> {
    choose(
        env::var_os(variable).map(Into::into),
        env::home_dir(),
        default,
    )
}

/// The folder that a variable names, otherwise one in the home folder. The specification ignores
/// relative paths.
fn choose(named: Option<PathBuf>, home: Option<PathBuf>, default: &str) -> Option<PathBuf> {
    let absolute = |path: &PathBuf| path.is_absolute();
    let in_home = || Some(home.filter(absolute)?.join(default));
    named.filter(absolute).or_else(in_home)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_folder_is_needed_only_where_no_variable_names_a_folder() {
        let choose = |named: Option<&str>, home: Option<&str>| {
            let folder = choose(named.map(PathBuf::from), home.map(PathBuf::from), ".config")?;
            Some(folder.display().to_string())
        };
        for (named, home, folder) in [
            (Some("/state"), None, Some("/state")),
            (Some("/state"), Some("/home/ada"), Some("/state")),
            (None, Some("/home/ada"), Some("/home/ada/.config")),
            (Some(""), Some("/home/ada"), Some("/home/ada/.config")),
            (Some("here"), Some("/home/ada"), Some("/home/ada/.config")),
            (None, Some(""), None),
            (None, None, None),
        ] {
            assert_eq!(choose(named, home).as_deref(), folder, "{named:?} {home:?}");
        }
    }
}
