//! The arguments, and the environment variables that stand in for them.

use std::collections::BTreeSet;
use std::env;
use std::ffi::{OsStr, OsString};

use clap::builder::Resettable;
use clap::error::{ContextKind, ContextValue};
use clap::{Command, Parser};

/// The variables with our prefix that belong to the programs beside this one.
const OF_OTHERS: [&str; 4] = [
    "ROSTER_CA",
    "ROSTER_PASSWORD",
    "ROSTER_SERVER",
    "ROSTER_USER",
];

/// Parses the arguments, or prints what is wrong with them, or help, and exits. An empty variable
/// counts as unset.
pub(crate) fn parse<P: Parser>() -> P {
    let mut command = ignoring_empty(P::command());
    let parsed = command
        .try_get_matches_from_mut(env::args_os())
        .and_then(|matches| P::from_arg_matches(&matches));
    match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            command.build();
            naming_source(error, &command).exit()
        }
    }
}

/// The variables that are set, have our prefix, and mean nothing to any of the programs.
pub(crate) fn unknown_variables<P: Parser>() -> Vec<String> {
    let mut known: BTreeSet<OsString> = OF_OTHERS.map(OsString::from).into();
    collect_variables(&P::command(), &mut known);
    let ours = env::vars_os().map(|(name, _)| name);
    let ours = ours.filter(|name| !known.contains(name));
    ours.filter_map(|name| name.into_string().ok())
        .filter(|name| name.starts_with("ROSTER_"))
        .collect()
}

fn collect_variables(command: &Command, into: &mut BTreeSet<OsString>) {
    let variables = command.get_arguments().filter_map(clap::Arg::get_env);
    into.extend(variables.map(OsStr::to_owned));
    for command in command.get_subcommands() {
        collect_variables(command, into);
    }
}

fn ignoring_empty(command: Command) -> Command {
    let command = command.mut_args(|argument| {
        let value = argument.get_env().and_then(env::var_os);
        if value.is_some_and(|value| value.is_empty()) {
            argument.env(Resettable::Reset)
        } else {
            argument
        }
    });
    command.mut_subcommands(ignoring_empty)
}

/// Adds the variable to a message about a value that came from it.
fn naming_source(mut error: clap::Error, command: &Command) -> clap::Error {
    let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) else {
        return error;
    };
    let option = argument.split(' ').next().unwrap_or_default();
    let with_value = format!("{option}=");
    let is_given = |given: OsString| {
        let given = given.to_string_lossy();
        given == option || given.starts_with(&with_value)
    };
    // An argument wins over its variable, so the variable is to blame only if there is none.
    if !env::args_os().any(is_given)
        && let Some(variable) = variable_of(command, argument)
    {
        let source = format!("the value comes from {variable}").into();
        error.insert(
            ContextKind::Suggested,
            ContextValue::StyledStrs(vec![source]),
        );
    }
    error
}

/// The variable that is set for an argument, which is named as messages name it.
fn variable_of(command: &Command, argument: &str) -> Option<String> {
    let mut arguments = command.get_arguments();
    let found = arguments.find(|found| found.to_string() == argument);
    let variable = found.and_then(clap::Arg::get_env);
    match variable.filter(|variable| env::var_os(variable).is_some()) {
        Some(variable) => Some(variable.to_string_lossy().into_owned()),
        None => command
            .get_subcommands()
            .find_map(|command| variable_of(command, argument)),
    }
}
