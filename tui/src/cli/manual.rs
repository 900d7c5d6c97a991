//! The manual page and the shell completions, generated from the command line, the key table and
//! the texts below.

use std::collections::HashSet;
use std::io;

use clap::{Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::{Args, failure};
use crate::config::{EVERYWHERE, EXAMPLE};
use crate::keys::{Binding, Keymap, Screen};
use crate::state::{ColourRole, ThemeName};

/// The files that the application reads and writes.
pub const FILES: [(&str, &str); 4] = [
    (
        "$XDG_CONFIG_HOME/roster/config.toml",
        "Your settings; see CONFIGURATION. Roster never writes this file.",
    ),
    (
        "$XDG_STATE_HOME/roster/SERVER/",
        "One folder per server: the cookie jar, and each user's columns, filters and unsaved work; mode 0600.",
    ),
    ("$XDG_STATE_HOME/roster/theme", "The theme chosen last."),
    (
        "$XDG_RUNTIME_DIR/roster-*.csv",
        "Records open in an editor; otherwise in $TMPDIR, otherwise in /tmp. Mode 0600.",
    ),
];

/// The environment variables, apart from those that options name.
pub const ENVIRONMENT: [(&str, &str); 11] = [
    (
        "ROSTER_SERVER",
        "The server; same as --server. Ignored if empty.",
    ),
    (
        "ROSTER_CA",
        "The certificates to trust; same as --ca. Ignored if empty.",
    ),
    (
        "XDG_CONFIG_HOME",
        "Folder of roster/config.toml; default ~/.config.",
    ),
    (
        "XDG_STATE_HOME",
        "Folder for cookie jars, columns, filters, unsaved work and the theme; default ~/.local/state.",
    ),
    (
        "VISUAL, else EDITOR",
        "The editor for E (edit as CSV); default vi.",
    ),
    (
        "NO_COLOR",
        "If set to anything, no colours, whatever config.toml says.",
    ),
    (
        "COLORTERM",
        "If truecolor or 24bit, the themes use 24-bit colours; otherwise the 16 of the terminal.",
    ),
    (
        "TERM",
        "If dumb or not set, the application does not start and the output has no bold text.",
    ),
    ("TMUX", "Inside tmux, copying uses the tmux buffer."),
    (
        "HTTP_PROXY, HTTPS_PROXY, ALL_PROXY",
        "Proxy for servers that are not on this computer.",
    ),
    ("NO_PROXY", "Servers reached without a proxy."),
];

/// The manual page as man(7) source.
///
/// # Errors
/// Only if writing to memory fails.
pub(super) fn page() -> io::Result<Vec<u8>> {
    let mut command = Args::command();
    // Until it is built, clap's description lacks what clap adds, such as the help options.
    command.build();
    let man = Man::new(command.clone()).date("").manual("Roster");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    description().to_writer(&mut page)?;
    man.render_options_section(&mut page)?;
    for section in [
        commands(&command),
        keys(),
        configuration(),
        files(),
        environment(),
        exit_status(),
    ] {
        section.to_writer(&mut page)?;
    }
    Ok(page)
}

/// The completion script for `shell`.
pub(super) fn completions(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "roster", &mut script);
    match shell {
        Shell::Zsh => registered_later(&String::from_utf8_lossy(&script)).into_bytes(),
        _ => script,
    }
}

/// Changes a zsh script so that `.zshrc` may read it before it calls `compinit`, or without that.
fn registered_later(script: &str) -> String {
    script.replace(
        "    compdef _roster roster\n",
        r#"    _roster_register() {
        (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
        compdef _roster roster
        (( $+functions[add-zsh-hook] )) && add-zsh-hook -d precmd _roster_register
    }
    if (( $+functions[compdef] )); then
        _roster_register
    else
        # compinit would forget what was registered before it, so wait for the first prompt.
        autoload -Uz add-zsh-hook && add-zsh-hook precmd _roster_register
    fi
"#,
    )
}

fn section(title: &str) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", [title]);
    roff
}

fn paragraph(roff: &mut Roff, text: &str) {
    roff.control("PP", []).text([roman(text)]);
}

/// A term and its meaning.
fn entry(roff: &mut Roff, term: &str, meaning: &str) {
    roff.control("TP", [])
        .text([bold(term)])
        .text([roman(meaning)]);
}

fn description() -> Roff {
    let mut roff = section("DESCRIPTION");
    paragraph(
        &mut roff,
        "Without a command, roster opens a full-screen application: a table of people, live \
            filter, and forms. With a command it does one thing and exits, for scripts.",
    );
    roff
}

fn commands(command: &Command) -> Roff {
    let mut roff = section("COMMANDS");
    leaves(&mut roff, command);
    roff
}

/// The commands that do something, each with its arguments: those without commands below, and those
/// that take an argument in place of one.
fn leaves(roff: &mut Roff, command: &Command) {
    for command in command
        .get_subcommands()
        .filter(|command| !command.is_hide_set() && command.get_name() != "help")
    {
        if !command.has_subcommands() || command.get_positionals().next().is_some() {
            leaf(roff, command);
        }
        leaves(roff, command);
    }
}

fn leaf(roff: &mut Roff, command: &Command) {
    let about = command
        .get_about()
        .map(ToString::to_string)
        .unwrap_or_default();
    entry(roff, command.get_bin_name().unwrap_or_default(), &about);
    roff.control("RS", []);
    let own =
        |arg: &&clap::Arg| !arg.is_global_set() && !arg.is_hide_set() && arg.get_id() != "help";
    for arg in command.get_arguments().filter(own) {
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        entry(roff, &arg.to_string(), &help);
    }
    roff.control("RE", []);
}

fn keys() -> Roff {
    let mut roff = section("KEYS");
    paragraph(
        &mut roff,
        "Grouped by screen; the name after each key is its action in config.toml. A number before \
            a movement key repeats it.",
    );
    // The default keys: one page serves all users, whatever they have remapped.
    for (heading, lines) in places(&Keymap::default()) {
        roff.control("SS", [heading.as_str()]);
        for line in lines {
            let action = roman(format!("  {}", line.action.name()));
            roff.control("TP", ["26"])
                .text([bold(line.shown.as_ref()), action])
                .text([roman(line.help)]);
        }
    }
    roff
}

/// The lines of the key table, grouped by the screens that they share.
pub fn places(keymap: &Keymap) -> impl Iterator<Item = (String, Vec<&Binding>)> {
    let lines: Vec<_> = keymap.sections().flat_map(|(_, lines)| lines).collect();
    let mut places: Vec<_> = lines.iter().map(|line| line.screens.as_ref()).collect();
    // Groups keep the order of their first lines.
    let mut seen = HashSet::new();
    places.retain(|place| seen.insert(*place));
    places.into_iter().map(move |place| {
        let is_here = |line: &&Binding| line.screens.as_ref() == place;
        (
            heading(place),
            lines.iter().copied().filter(is_here).collect(),
        )
    })
}

/// The titles of the screens and their tables in config.toml: `Table, Record [keys.table],
/// [keys.record]`.
fn heading(place: &[Screen]) -> String {
    if place.is_empty() {
        return format!("Everywhere [keys.{EVERYWHERE}]");
    }
    let titles: Vec<_> = place.iter().map(|screen| screen.title()).collect();
    let names: Vec<_> = place
        .iter()
        .map(|screen| format!("[keys.{}]", screen.name()))
        .collect();
    format!("{} {}", titles.join(", "), names.join(", "))
}

fn configuration() -> Roff {
    let mut roff = section("CONFIGURATION");
    paragraph(
        &mut roff,
        "config.toml is read when the application starts. All settings are optional:",
    );
    let themes = ThemeName::ALL.map(ThemeName::name).join(", ");
    entry(
        &mut roff,
        "theme",
        &format!("One of {themes}. It overrides the theme chosen last; NO_COLOR overrides it."),
    );
    let roles = ColourRole::ALL.map(ColourRole::name).join(", ");
    entry(
        &mut roff,
        "[colors]",
        &format!(
            "Colours that replace those of the theme, for {roles}. Write a colour as #rrggbb, as \
                a name such as magenta, or as a number from 0 to 255."
        ),
    );
    entry(&mut roff, "mouse", "Enable the mouse; same as --mouse.");
    entry(
        &mut roff,
        "[keys.SCREEN]",
        "Per action of that screen, its keys; they replace those under KEYS. An empty list \
            removes them. Write a key as shown there, or as Up, Down, Left, Right; dd means d \
            pressed twice. Ctrl-c always quits.",
    );
    paragraph(&mut roff, "For example:");
    roff.control("PP", []).control("EX", []);
    for line in EXAMPLE.lines() {
        _ = roff.text([roman(line)]);
    }
    roff.control("EE", []);
    roff
}

fn files() -> Roff {
    let mut roff = section("FILES");
    for (file, meaning) in &FILES {
        entry(&mut roff, file, meaning);
    }
    roff
}

fn environment() -> Roff {
    let mut roff = section("ENVIRONMENT");
    for (name, meaning) in &ENVIRONMENT {
        entry(&mut roff, name, meaning);
    }
    roff
}

fn exit_status() -> Roff {
    let mut roff = section("EXIT STATUS");
    paragraph(&mut roff, failure::HELP);
    paragraph(
        &mut roff,
        "The application exits with 0, or with 128 plus the number of the signal that ended it.",
    );
    roff
}
