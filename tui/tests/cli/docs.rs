//! What the documentation says of the keys, the configuration and the environment is what the program has.

use std::process::{Command, Stdio};

use roster::config::EXAMPLE;
use roster::keys::{Action, BINDINGS, Keymap, Screen};

const README: &str = include_str!("../../../README.md");

/// What the README tells of the table's keys, from left to right.
const TOLD: [Action; 24] = [
    Action::Search,
    Action::Mark,
    Action::Open,
    Action::MarkRange,
    Action::New,
    Action::MarkAll,
    Action::Edit,
    Action::Set,
    Action::Delete,
    Action::Compose,
    Action::Undo,
    Action::Columns,
    Action::History,
    Action::Sort,
    Action::First,
    Action::SortAlso,
    Action::Last,
    Action::CopyRecord,
    Action::Account,
    Action::Theme,
    Action::Palette,
    Action::Users,
    Action::Help,
    Action::Quit,
];

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

/// The keys of the table, for the README.
fn key_table() -> String {
    let keymap = Keymap::default();
    let cell = |action: &Action| {
        let line = keymap
            .on(Screen::Table)
            .find(|line| line.action == *action)
            .unwrap();
        format!("`{}` | {}", line.shown.replace(' ', "` `"), line.help)
    };
    let rows = TOLD.chunks(2).map(|pair| {
        format!(
            "| {} |\n",
            pair.iter().map(cell).collect::<Vec<_>>().join(" | ")
        )
    });
    format!(
        "| key | | key | |\n|---|---|---|---|\n{}",
        rows.collect::<String>()
    )
}

#[test]
fn the_readme_has_the_keys_and_the_example_that_the_program_has() {
    for part in [key_table(), EXAMPLE.to_owned()] {
        assert!(
            README.contains(&part),
            "the README is to have this:\n\n{part}"
        );
    }
}

#[test]
fn the_readme_has_every_variable_that_an_option_has() {
    let help = printed(&["--help"]);
    let variables: Vec<_> = help
        .split("[env:")
        .skip(1)
        .map(|rest| rest.split('=').next().unwrap().trim())
        .collect();
    assert_eq!(variables, ["ROSTER_SERVER", "ROSTER_CA"]);
    variables
        .iter()
        .for_each(|name| assert!(README.contains(&format!("| `{name}` |")), "{name}"));
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
    for told in [
        "roster employees import",
        "mark-all = []",
        "NO_COLOR",
        "config.toml",
    ] {
        assert!(manual.contains(told), "{told}");
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
