//! Reads the command line.

use std::env;
use std::ffi::OsString;

use clap::parser::ValueSource;
use clap::{Arg, CommandFactory, FromArgMatches};

use super::Args;

/// Parses the arguments; the first one is the program's name.
///
/// # Errors
/// If they are invalid, or ask for the help or the version.
pub(super) fn read(arguments: Vec<OsString>) -> Result<(Args, Option<String>), clap::Error> {
    let command = Args::command().mut_args(without_empty_variable);
    let matches = command.try_get_matches_from(&arguments);
    let matches = matches.map_err(|error| without_variables(arguments, error))?;
    let args = Args::from_arg_matches(&matches)?;
    let is_named = matches.value_source("server") == Some(ValueSource::CommandLine);
    let named_server = is_named.then(|| args.server.clone());
    Ok((args, named_server))
}

/// The same error as if no variable was set. An option that one sets would be shown in the usage as
/// if it was required.
fn without_variables(arguments: Vec<OsString>, error: clap::Error) -> clap::Error {
    let command = Args::command().mut_args(|argument| argument.env(None::<&str>));
    command
        .try_get_matches_from(arguments)
        .err()
        // Only help shows the variables, with their values.
        .filter(|other| other.use_stderr())
        .unwrap_or(error)
}

/// A variable that is set but empty counts as not set.
fn without_empty_variable(argument: Arg) -> Arg {
    let value = argument.get_env().and_then(env::var_os);
    if value.is_some_and(|value| value.is_empty()) {
        argument.env(None::<&str>)
    } else {
        argument
    }
}

/// Returns `true` if errors must be JSON, even those in the arguments themselves.
pub(super) fn ask_for_json(arguments: &[OsString]) -> bool {
    let mut options = arguments.iter().take_while(|argument| *argument != "--");
    options.any(|argument| argument == "--json")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(line: &str) -> Option<String> {
        let arguments: Vec<_> = line.split(' ').map(OsString::from).collect();
        read(arguments).ok()?.1
    }

    #[test]
    fn a_server_is_named_by_its_option_in_either_form() {
        assert_eq!(server("roster whoami --server a:1").as_deref(), Some("a:1"));
        assert_eq!(server("roster --server=a:1 whoami").as_deref(), Some("a:1"));
        for line in [
            "roster whoami",
            "roster --server",
            "roster set 1 -- --server a",
        ] {
            assert_eq!(server(line), None, "{line}");
        }
    }
}
