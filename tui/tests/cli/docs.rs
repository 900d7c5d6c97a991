//! The documentation and the manual page list the keys, commands, options and variables that the
//! program has.

use std::process::{Command, Stdio};

use clap::{Arg, CommandFactory};
use roster::cli::{Args, manual};
use roster::config::EXAMPLE;
use roster::keys::{BINDINGS, Keymap};
use roster_common::Field;
use roster_server::testing::docs::{check_generated, commands, read_page, table};
use roster_server::testing::password_of;

use crate::shell::Shell;

/// What the program prints.
fn printed(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_roster"))
        .args(args)
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// Every key of the table, under the screens on which it works.
fn key_tables() -> String {
    let keymap = Keymap::default();
    manual::places(&keymap)
        .map(|(heading, lines)| {
            let rows = lines.into_iter().map(|line| {
                [
                    format!("`{}`", line.shown.replace(' ', "` `")),
                    line.help.to_owned(),
                    format!("`{}`", line.action.name()),
                ]
            });
            let keys = table(["key", "what it does", "action"], rows);
            format!("## {heading}\n\n{keys}\n")
        })
        .collect()
}

#[test]
fn the_keys_page_has_every_key() {
    check_generated("tui/docs/keys.md", &[("keys", key_tables())]);
}

/// A table of names and their meanings.
fn header_columns(heading: &str, entries: &[(&str, &str)]) -> String {
    let row = |(name, meaning): &(&str, &str)| [format!("`{name}`"), (*meaning).to_owned()];
    table([heading, "meaning"], entries.iter().map(row))
}

#[test]
fn the_configuration_page_has_the_example_and_every_variable_and_file() {
    check_generated(
        "tui/docs/configuration.md",
        &[
            ("example", format!("```toml\n{EXAMPLE}```")),
            (
                "environment",
                header_columns("variable", &manual::ENVIRONMENT),
            ),
            ("files", header_columns("file", &manual::FILES)),
        ],
    );
    let documented = |arg: &Arg| {
        let Some(variable) = arg.get_env() else {
            return true;
        };
        manual::ENVIRONMENT
            .iter()
            .any(|(name, _)| variable == *name)
    };
    assert!(Args::command().get_arguments().all(documented));
}

/// A table of options and arguments.
fn options<'a>(args: impl Iterator<Item = &'a Arg>) -> String {
    let rows = args.map(|arg| {
        let short = arg
            .get_short()
            .map_or(String::new(), |letter| format!("`-{letter}`, "));
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let option = arg.to_string();
        [format!("{short}`{option}`"), help]
    });
    table(["option", "meaning"], rows)
}

/// A command, unless it only has others below it, and all of those, with a heading each.
fn command_sections(command: &clap::Command) -> String {
    let below = command
        .get_subcommands()
        .filter(|command| !command.is_hide_set() && command.get_name() != "help");
    let below: String = below.map(command_sections).collect();
    if command.has_subcommands() && command.get_positionals().next().is_none() {
        return below;
    }
    let name = command.get_bin_name().unwrap();
    let about = command.get_about().unwrap();
    let own: Vec<_> = command
        .get_arguments()
        .filter(|arg| !arg.is_global_set() && !arg.is_hide_set() && arg.get_id() != "help")
        .collect();
    if own.is_empty() {
        return format!("### `{name}`\n\n{about}.\n\n{below}");
    }
    let own = options(own.into_iter());
    format!("### `{name}`\n\n{about}.\n\n{own}\n{below}")
}

#[test]
fn the_commands_page_has_every_command_option_and_exit_code() {
    let mut command = Args::command();
    command.build();
    let help = command.get_after_help().unwrap().to_string();
    let codes = help.strip_prefix("Exit codes: ").unwrap();
    let codes = codes.trim_end_matches('.').split(", ").map(|code| {
        let (number, meaning) = code.split_once(' ').unwrap();
        [number.to_owned(), meaning.to_owned()]
    });
    let global = command
        .get_arguments()
        .filter(|arg| !["help", "version"].contains(&arg.get_id().as_str()));
    check_generated(
        "tui/docs/commands.md",
        &[
            ("exit-codes", table(["code", "meaning"], codes)),
            ("options", options(global)),
            ("commands", command_sections(&command)),
        ],
    );
}

#[test]
fn the_filters_page_has_every_field() {
    let fields = Field::ALL.map(|field| {
        let short = field.short_name();
        let short = if short == field.name() {
            String::new()
        } else {
            format!("`{short}`")
        };
        [
            format!("`{}`", field.name()),
            short,
            field.label().to_owned(),
        ]
    });
    check_generated(
        "tui/docs/filters.md",
        &[(
            "fields",
            table(["field", "short", "in the application"], fields),
        )],
    );
}

/// Runs the commands of a page with `sh`, with `roster` on the path. Each of them must succeed.
fn run_commands(shell: &Shell, commands: &str) {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_roster"));
    let path = format!(
        "{}:{}",
        program.parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let mut sh = shell.in_shell();
    let output = sh.args(["-euxc", commands]).env("PATH", path).output();
    let output = output.unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_of_the_commands_page_work() {
    let shell = Shell::signed_in().await;
    shell.write("password-file", password_of("ada").expose());
    shell.write("people.csv", import_example("csv"));
    for number in 1..=7 {
        shell.add("Person", &number.to_string());
    }
    run_commands(&shell, &commands("tui/docs/commands.md"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_of_the_configuration_page_work() {
    let shell = Shell::new().await;
    run_commands(&shell, &commands("tui/docs/configuration.md"));
}

/// An example of the page on import files.
fn import_example(format: &str) -> &'static str {
    let page: &'static str = read_page("server/docs/import.md").leak();
    let (_, rest) = page.split_once(&format!("```{format}\n")).unwrap();
    rest.split_once("```").unwrap().0
}

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_of_the_import_page_are_imported() {
    let shell = Shell::signed_in().await;
    for format in ["csv", "json"] {
        let file = shell.write(format, import_example(format));
        let done = shell.run(&["employees", "import", &file]);
        assert_eq!(done.code, 0, "{done:?}");
    }
}

#[test]
fn the_manual_has_every_key_with_its_action_and_its_screens() {
    let manual = printed(&["man"])
        .replace("\\-", "-")
        .replace("\\[aq]", "'")
        .replace("\\*(Aq", "'");
    for line in BINDINGS {
        let shown = line.shown.replace('\\', "\\\\");
        let entry = format!("\\fB{shown}\\fR  {}\n{}\n", line.action.name(), line.help);
        assert!(manual.contains(&entry), "{entry}");
        line.screens
            .iter()
            .for_each(|screen| assert!(manual.contains(&format!("[keys.{}]", screen.name()))));
    }
    for section in [
        "NAME",
        "OPTIONS",
        "COMMANDS",
        "KEYS",
        "CONFIGURATION",
        "FILES",
        "ENVIRONMENT",
        "EXIT STATUS",
    ] {
        assert!(
            manual.contains(&format!(".SH {section}\n"))
                || manual.contains(&format!(".SH \"{section}\"\n"))
        );
    }
    for message in [
        "roster employees import",
        "mark-all = []",
        "NO_COLOR",
        "config.toml",
    ] {
        assert!(manual.contains(message), "{message}");
    }
}

#[test]
fn shells_complete_what_there_is_to_say() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = printed(&["completions", shell]);
        assert!(
            script.contains("roster") && script.contains("employees") && script.contains("dry-run"),
            "{shell}"
        );
    }
}
