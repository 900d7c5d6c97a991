//! Reads the command line.

use std::env;
use std::ffi::OsString;

use clap::{Arg, CommandFactory, FromArgMatches};

use super::Args;

/// Reads the arguments, the first of which is the program's name.
///
/// # Errors
/// If they are wrong, and if they ask for the help or the version.
pub(super) fn read(arguments: Vec<OsString>) -> Result<Args, clap::Error> {
    let command = Args::command().mut_args(without_empty_variable);
    Args::from_arg_matches(&command.try_get_matches_from(arguments)?)
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
