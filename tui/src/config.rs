//! `config.toml`: the user's settings, read once before the terminal is set up.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use ratatui::style::Color;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::keys::{Action, Key, Keymap, RemapError, Screen};
use crate::state::{ColourRole, OwnColours, ThemeName};

mod mappings;

pub use mappings::ImportMapping;

/// The settings, with defaults for those that the file leaves out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Config {
    /// The theme.
    pub theme: Option<ThemeName>,
    /// Colours that replace those of the theme.
    pub colours: OwnColours,
    /// Whether the mouse is enabled.
    pub mouse: bool,
    /// Whether the last filter and sort return at the next start.
    pub keep_filter: bool,
    /// The key bindings.
    pub keymap: Keymap,
    /// The columns of files to import, by the name of the mapping.
    pub mappings: BTreeMap<String, ImportMapping>,
}

/// An example file with every kind of setting.
pub const EXAMPLE: &str = r##"theme = "light"           # default, dark, ember, light, paper, high-contrast, mono
mouse = true              # as with --mouse
keep-filter = true        # the last filter and sort return at the next start

[colors]                  # instead of the theme's
accent = "#b04a2f"        # or a name such as "magenta", or an index from 0 to 255
selected = "254"

[keys.table]              # the screens and the actions are in the manual
delete = ["dd", "Del"]    # a letter twice is pressed twice
columns = ["Ctrl-t"]
mark-all = []             # no key

[keys.everywhere]
redraw = ["Ctrl-x"]

[mappings.payroll]        # roster employees import --mapping payroll
"Work Email" = "email"
"Cost Center" = ""        # skip this column
"##;

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file exists but cannot be read.
    #[error("cannot read {path}: {error}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The reason.
        error: io::Error,
    },
    /// The file has invalid settings.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Wrong(Vec<Mistake>),
}

/// An invalid setting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}:{line}:{column}: {what}")]
pub struct Mistake {
    /// The file.
    pub path: PathBuf,
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// What is wrong, and what is allowed.
    pub what: String,
}

/// An error and its byte offset in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ConfigProblem {
    at: usize,
    what: String,
}

impl ConfigProblem {
    /// The problem with its place in the file.
    fn located(self, path: &Path, text: &str) -> Mistake {
        let before = text.get(..self.at).unwrap_or(text);
        Mistake {
            path: path.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before.chars().rev().take_while(|c| *c != '\n').count() + 1,
            what: self.what,
        }
    }
}

/// All problems found so far: they are reported together.
#[derive(Debug, Default)]
struct Problems(Vec<ConfigProblem>);

impl Problems {
    /// Returns the value, or adds the problem.
    fn take<T>(&mut self, read: Result<T, ConfigProblem>) -> Option<T> {
        read.map_err(|problem| self.0.push(problem)).ok()
    }
}

/// A table entry: name and value.
type TomlEntry<'a, 'i> = (&'a Spanned<Cow<'i, str>>, &'a Spanned<DeValue<'i>>);

impl Config {
    /// Reads the file. A missing file counts as empty.
    ///
    /// # Errors
    /// If the file cannot be read or is invalid.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => {
                return Err(ConfigError::Unreadable {
                    path: path.to_owned(),
                    error,
                });
            }
        };
        Self::parse(&text).map_err(|problems| {
            let located = problems.into_iter().map(|it| it.located(path, &text));
            ConfigError::Wrong(located.collect())
        })
    }

    /// Returns every problem, in the order of the text.
    fn parse(text: &str) -> Result<Self, Vec<ConfigProblem>> {
        let (table, errors) = DeTable::parse_recoverable(text);
        let syntax: Vec<_> = errors.iter().map(syntax).collect();
        let malformed: Vec<_> = syntax.iter().map(|it| line_at(text, it.at)).collect();
        // Without its heading, the lines of a table would be read as those of another one.
        if malformed.iter().any(|line| line.starts_with('[')) {
            return Err(syntax);
        }
        let mut problems = Problems::default();
        let mut config = Self::default();
        for (name, value) in table.get_ref() {
            match name.get_ref().as_ref() {
                "theme" => config.theme = problems.take(theme(value)),
                "colors" => config.colours = colours(value, &mut problems),
                "mouse" => {
                    config.mouse = problems.take(switch("mouse", value)).unwrap_or_default();
                }
                "keep-filter" => {
                    let on = problems.take(switch("keep-filter", value));
                    config.keep_filter = on.unwrap_or_default();
                }
                "keys" => config.keymap = keymap(value, &mut problems),
                "mappings" => config.mappings = mappings::mappings(value, &mut problems),
                other => {
                    let known = [
                        "theme",
                        "colors",
                        "mouse",
                        "keep-filter",
                        "keys",
                        "mappings",
                    ];
                    let problem = unknown(name.span(), "setting", other, known);
                    problems.0.push(problem);
                }
            }
        }
        let mut problems = problems.0;
        // What is left of a malformed line may look wrong in other ways.
        problems.retain(|problem| !malformed.contains(&line_at(text, problem.at)));
        problems.extend(syntax);
        // Conflicts between keys are found late, so the order of the text has to be restored.
        problems.sort_by_key(|problem| problem.at);
        if problems.is_empty() {
            Ok(config)
        } else {
            Err(problems)
        }
    }
}

/// The line of the text at a byte offset, with all that follows, so that no two are equal.
fn line_at(text: &str, at: usize) -> &str {
    let before = text.get(..at).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |line_feed| line_feed + 1);
    text.get(start..).unwrap_or_default()
}

fn syntax(error: &toml::de::Error) -> ConfigProblem {
    ConfigProblem {
        at: error.span().unwrap_or_default().start,
        what: error.message().trim().replace('\n', "; "),
    }
}

fn theme(value: &Spanned<DeValue<'_>>) -> Result<ThemeName, ConfigProblem> {
    let DeValue::String(name) = value.get_ref() else {
        return Err(mistake(
            value.span(),
            "theme must be a quoted name, like \"light\"",
        ));
    };
    let names = ThemeName::ALL.map(ThemeName::name);
    ThemeName::from_name(name).ok_or_else(|| unknown(value.span(), "theme", name, names))
}

/// The user's own colours.
fn colours(value: &Spanned<DeValue<'_>>, problems: &mut Problems) -> OwnColours {
    let what = "colors must be a table, like [colors]";
    let colours = problems.take(entries(value, what)).into_iter().flatten();
    let mut own = OwnColours::new();
    for (name, value) in colours {
        let role = ColourRole::from_name(name.get_ref()).ok_or_else(|| {
            let names = ColourRole::ALL.map(ColourRole::name);
            unknown(name.span(), "color", name.get_ref(), names)
        });
        let role = problems.take(role);
        own.extend(role.zip(problems.take(colour(value))));
    }
    own
}

fn colour(value: &Spanned<DeValue<'_>>) -> Result<Color, ConfigProblem> {
    let text = match value.get_ref() {
        DeValue::String(text) => text.as_ref(),
        _ => "",
    };
    text.parse().map_err(|_| {
        let what = "a color must be quoted, like \"#7fc8d8\", \"cyan\" or \"116\"";
        mistake(value.span(), what)
    })
}

fn switch(name: &str, value: &Spanned<DeValue<'_>>) -> Result<bool, ConfigProblem> {
    match value.get_ref() {
        DeValue::Boolean(on) => Ok(*on),
        _ => Err(mistake(
            value.span(),
            format!("{name} must be true or false"),
        )),
    }
}

/// The table for keys that apply to every screen.
pub const EVERYWHERE: &str = "everywhere";

/// One action of a screen, with its new keys.
struct Remap {
    place: Option<Screen>,
    action: Action,
    name: Range<usize>,
    keys: Vec<(Key, Range<usize>)>,
    /// Whether all its keys can be read.
    is_complete: bool,
}

/// The key table with the user's keys.
fn keymap(value: &Spanned<DeValue<'_>>, problems: &mut Problems) -> Keymap {
    let mut keymap = Keymap::default();
    let before = problems.0.len();
    let remaps = remaps(value, problems);
    let is_complete = problems.0.len() == before;
    for Remap {
        place,
        action,
        keys,
        ..
    } in &remaps
    {
        keymap.remap(*place, *action, keys.iter().map(|(key, _)| *key).collect());
    }
    // After all remaps, so that two actions can swap keys.
    let conflicts = remaps
        .into_iter()
        .filter_map(|remap| conflict(&keymap, remap, is_complete));
    problems.0.extend(conflicts);
    keymap
}

/// The changes of all screens that can be read.
fn remaps(value: &Spanned<DeValue<'_>>, problems: &mut Problems) -> Vec<Remap> {
    let what = "keys must be tables, one per screen, like [keys.table]";
    let mut remaps = Vec::new();
    let screens = problems.take(entries(value, what)).into_iter().flatten();
    for (screen, actions) in screens {
        let what = format!(
            "the keys of a screen must be a table, like [keys.{}]",
            screen.get_ref()
        );
        // A bad screen does not end the search: all problems are reported together.
        let Some(place) = problems.take(place(screen)) else {
            continue;
        };
        let actions = problems.take(entries(actions, &what)).into_iter().flatten();
        for entry in actions {
            remaps.extend(remap(place, entry, problems));
        }
    }
    remaps
}

/// The first key of an action that cannot be used. `is_complete` is whether all remaps can be read.
fn conflict(keymap: &Keymap, remap: Remap, is_complete: bool) -> Option<ConfigProblem> {
    let is_certain = |why: &RemapError| match why {
        RemapError::Interrupt | RemapError::Text(_) | RemapError::Count(_) => true,
        // A remap that cannot be read may be the one that gives the other action another key.
        RemapError::Taken { .. } | RemapError::Half { .. } => is_complete,
        RemapError::WayOut(_) => remap.is_complete,
    };
    let mut unfit = keymap.unfit(remap.place, remap.action).into_iter();
    let (unfit, why) = unfit.find(|(_, why)| is_certain(why))?;
    let mut keys = remap.keys.into_iter();
    let key = keys.find(|(key, _)| Some(*key) == unfit);
    Some(mistake(key.map_or(remap.name, |(_, span)| span), why))
}

fn entries<'a, 'i>(
    value: &'a Spanned<DeValue<'i>>,
    what: &str,
) -> Result<impl Iterator<Item = TomlEntry<'a, 'i>>, ConfigProblem> {
    match value.get_ref() {
        DeValue::Table(table) => Ok(table.iter()),
        _ => Err(mistake(value.span(), what)),
    }
}

fn place(name: &Spanned<Cow<'_, str>>) -> Result<Option<Screen>, ConfigProblem> {
    if name.get_ref() == EVERYWHERE {
        return Ok(None);
    }
    let found = Screen::ALL
        .into_iter()
        .find(|screen| screen.name() == name.get_ref());
    let names = || {
        Screen::ALL
            .map(Screen::name)
            .into_iter()
            .chain([EVERYWHERE])
    };
    found
        .map(Some)
        .ok_or_else(|| unknown(name.span(), "screen", name.get_ref(), names()))
}

/// Reads the keys of an action; those that cannot be read are problems.
fn remap(
    place: Option<Screen>,
    (name, keys): TomlEntry<'_, '_>,
    problems: &mut Problems,
) -> Option<Remap> {
    let defaults = Keymap::default();
    // An action has an effect only on the screens for which the key table lists it.
    let action = Action::from_name(name.get_ref()).filter(|action| defaults.has(place, *action));
    let kind = format!("action of {}", place.map_or(EVERYWHERE, Screen::name));
    let names = || defaults.actions(place).map(Action::name);
    let action = action.ok_or_else(|| unknown(name.span(), &kind, name.get_ref(), names()));
    let action = problems.take(action)?;
    let DeValue::Array(array) = keys.get_ref() else {
        problems.0.push(mistake(
            keys.span(),
            "an action takes a list of keys, like [\"x\", \"Ctrl-d\"], or none: []",
        ));
        return None;
    };
    let keys = array.iter().map(key);
    let keys: Vec<_> = keys.filter_map(|key| problems.take(key)).collect();
    Some(Remap {
        place,
        action,
        name: name.span(),
        is_complete: keys.len() == array.len(),
        keys,
    })
}

fn key(value: &Spanned<DeValue<'_>>) -> Result<(Key, Range<usize>), ConfigProblem> {
    let DeValue::String(text) = value.get_ref() else {
        return Err(mistake(
            value.span(),
            "a key must be quoted, like \"Ctrl-d\"",
        ));
    };
    let key = text.parse().map_err(|error| mistake(value.span(), error))?;
    Ok((key, value.span()))
}

fn mistake(at: Range<usize>, what: impl Display) -> ConfigProblem {
    ConfigProblem {
        at: at.start,
        what: what.to_string(),
    }
}

/// Up to this many valid names are listed; otherwise only similar ones.
const TOLD: usize = 8;

/// The error for an unknown name: similar names, and all valid ones.
fn unknown<'a>(
    at: Range<usize>,
    kind: &str,
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> ConfigProblem {
    let known: Vec<_> = known.into_iter().collect();
    let distance = |known: &str| strsim::damerau_levenshtein(name, known);
    let mut near: Vec<_> = known
        .iter()
        // Two typing errors, or more in a long name. Names farther away would be guesses.
        .filter(|known| distance(known) <= 2.max(name.len() / 3))
        .collect();
    near.sort_by_key(|known| distance(known));
    let near: Vec<_> = near
        .iter()
        .take(3)
        .map(|known| format!("{known:?}"))
        .collect();
    let near = if near.is_empty() {
        ".".to_owned()
    } else {
        format!("; did you mean {}?", near.join(" or "))
    };
    let all = match known.len() {
        ..=TOLD => format!("Valid: {}.", known.join(", ")),
        _ => "“roster man” lists them all.".to_owned(),
    };
    mistake(at, format!("unknown {kind} {name:?}{near} {all}"))
}

#[cfg(test)]
mod tests {
    use roster_common::Field;
    use roster_common::import::Meaning;

    use super::*;

    /// The error message for an invalid file.
    fn message(text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        let error = Config::read(&path).unwrap_err().to_string();
        error.replace(folder.path().to_str().unwrap(), "~")
    }

    fn keys(config: &Config, screen: Screen, action: Action) -> Vec<Key> {
        config
            .keymap
            .on(screen)
            .filter(|line| line.action == action)
            .flat_map(|line| line.keys.to_vec())
            .collect()
    }

    #[test]
    fn no_file_is_as_good_as_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(
            Config::read(&folder.path().join("config.toml")).unwrap(),
            Config::default()
        );
        assert_eq!(Config::parse("").unwrap(), Config::default());
        assert_eq!(
            Config::parse("[keys]\n[keys.table]").unwrap(),
            Config::default()
        );
        let unreadable = Config::read(folder.path()).unwrap_err().to_string();
        assert!(unreadable.contains("cannot read "), "{unreadable}");
    }

    #[test]
    fn what_is_written_is_taken() {
        let text = "theme = \"light\"\nmouse = true\n[keys.table]\ndelete = [\"dd\", \"Del\"]\nsort = [\"Ctrl-t\"]\nmark-all = []";
        let config = Config::parse(text).unwrap();
        assert_eq!((config.theme, config.mouse), (Some(ThemeName::Light), true));
        assert_eq!(
            keys(&config, Screen::Table, Action::Delete),
            [Key::Twice('d'), Key::Delete]
        );
        assert_eq!(config.keymap.key(Screen::Table, Action::Delete), "dd");
        assert_eq!(config.keymap.action(Screen::Table, Key::Char('d')), None);
        assert_eq!(config.keymap.action(Screen::Table, Key::Char('*')), None);
        // The record screen shares a line with the table and keeps its keys.
        assert_eq!(
            config.keymap.action(Screen::Detail, Key::Char('d')),
            Some(Action::Delete)
        );
        assert_eq!(
            config.keymap.action(Screen::Detail, Key::Char('*')),
            Some(Action::MarkAll)
        );
    }

    #[test]
    fn the_example_is_valid() {
        let config = Config::parse(EXAMPLE).unwrap();
        assert!(config.theme.is_some() && config.mouse);
        assert_eq!(
            keys(&config, Screen::Table, Action::Columns),
            [Key::Ctrl('t')]
        );
    }

    #[test]
    fn a_mapping_of_columns_is_saved_by_name() {
        let text = "[mappings.payroll]\n\"Work Email\" = \"email\"\n\"Cost Center\" = \"\"";
        let config = Config::parse(text).unwrap();
        let columns: Vec<_> = config.mappings["payroll"].columns().collect();
        let email = Meaning::Field(Field::Email);
        let mut expected = [
            ("Work Email".to_owned(), Some(email)),
            ("Cost Center".to_owned(), None),
        ];
        expected.sort_by(|(one, _), (other, _)| one.cmp(other));
        let mut columns = columns;
        columns.sort_by(|(one, _), (other, _)| one.cmp(other));
        assert_eq!(columns, expected);
    }

    #[test]
    fn two_actions_can_swap_keys() {
        let config = Config::parse("[keys.table]\nedit = [\"n\"]\nnew = [\"e\"]").unwrap();
        assert_eq!(
            config.keymap.action(Screen::Table, Key::Char('n')),
            Some(Action::Edit)
        );
        assert_eq!(
            config.keymap.action(Screen::Table, Key::Char('e')),
            Some(Action::New)
        );
    }

    #[test]
    fn a_key_of_everywhere_holds_everywhere() {
        let config = Config::parse("[keys.everywhere]\nredraw = [\"Ctrl-t\"]").unwrap();
        for screen in Screen::ALL {
            assert_eq!(
                config.keymap.action(screen, Key::Ctrl('t')),
                Some(Action::Redraw),
                "{screen:?}"
            );
        }
    }

    #[test]
    fn a_misspelt_name_is_reported_with_its_line_and_suggestions() {
        for (text, expected) in [
            (
                "them = \"light\"",
                r#"1:1: unknown setting "them"; did you mean "theme"? Valid: theme, colors, mouse, keep-filter, keys, mappings."#,
            ),
            (
                "mouse = true\ntheme = \"lihgt\"",
                r#"2:9: unknown theme "lihgt"; did you mean "light"? Valid: default, dark, ember, light, paper, high-contrast, mono."#,
            ),
            (
                "theme = \"solarized\"",
                r#"1:9: unknown theme "solarized". Valid: default, dark, ember, light, paper, high-contrast, mono."#,
            ),
            (
                "[keys.everywhere]\nredaw = [\"x\"]",
                r#"2:1: unknown action of everywhere "redaw"; did you mean "redraw"? Valid: interrupt, redraw, suspend."#,
            ),
            (
                "# Mine.\n[keys.help]\nsave = [\"x\"]",
                r#"3:1: unknown action of help "save". Valid: down, up, page-down, page-up, close."#,
            ),
            (
                "[keys.tables]",
                r#"1:7: unknown screen "tables"; did you mean "table"? “roster man” lists them all."#,
            ),
            (
                "[keys.table]\nhide-colum = [\"x\"]",
                r#"2:1: unknown action of table "hide-colum"; did you mean "hide-column"? “roster man” lists them all."#,
            ),
            (
                "[keys.table]\ncopy = [\"x\"]",
                r#"2:1: unknown action of table "copy". “roster man” lists them all."#,
            ),
        ] {
            assert_eq!(message(text), format!("~/config.toml:{expected}"));
        }
    }

    #[test]
    fn all_mistakes_are_reported_at_once() {
        let text = "theme = \"lihgt\"\nmouse = 1\n[keys.tables]\n[keys.table]\nsrot = [\"x\"]\nsort = [\"Ctrl-i\", 7]\n";
        let message = message(text);
        let places: Vec<_> = message
            .lines()
            .map(|line| {
                line.split(": ")
                    .next()
                    .unwrap()
                    .replace("~/config.toml:", "")
            })
            .collect();
        assert_eq!(
            places,
            ["1:9", "2:9", "3:7", "5:1", "6:9", "6:19"],
            "{message}"
        );

        let message = self::message("[keys.table]\nsort = [\"d\"]\nedit = [\"n\"]\n");
        assert_eq!(message.lines().count(), 2, "{message}");

        let message = self::message("theme = light\nmouse = yes\n");
        assert_eq!(message.lines().count(), 2, "{message}");
    }

    /// The lines of the file that are reported.
    fn wrong_lines(text: &str) -> Vec<String> {
        let message = message(text);
        let line = |text: &str| text.split(':').nth(1).unwrap().to_owned();
        message.lines().map(line).collect()
    }

    #[test]
    fn a_key_that_is_never_allowed_is_reported_beside_other_mistakes() {
        for (text, expected) in [
            (
                "foo = 1\n[keys.table]\ndelete = [\"Ctrl-c\"]\n",
                &["1", "3"][..],
            ),
            (
                "[keys.table]\nnope = [\"x\"]\ndelete = [\"Ctrl-c\"]\n",
                &["2", "3"],
            ),
            (
                "foo = 1\n[keys.table]\nsort = [\"d\"]\nquit = []\n",
                &["1", "3", "4"],
            ),
            // The action that cannot be read may be the one that has that key.
            ("[keys.table]\ndelte = [\"x\"]\nsort = [\"d\"]\n", &["2"]),
            ("[keys.table]\nquit = [7]\nsort = [\"5\"]\n", &["2", "3"]),
            (
                "[keys.table]\nsort = [\n\"d\",\n\"5\"]\nnope = []\n",
                &["4", "5"],
            ),
        ] {
            assert_eq!(wrong_lines(text), expected, "{text}");
        }
    }

    #[test]
    fn a_malformed_line_does_not_hide_the_mistakes_of_others() {
        for (text, expected) in [
            ("theme = light\nfoo = 1\n", &["1", "2"][..]),
            ("foo = 1\ntheme = light\nmouse = 7\n", &["1", "2", "3"]),
        ] {
            assert_eq!(wrong_lines(text), expected, "{text}");
        }
    }

    #[test]
    fn a_wrong_type_is_reported_with_the_expected_one() {
        for (text, expected) in [
            (
                "theme = 1",
                "1:9: theme must be a quoted name, like \"light\"",
            ),
            ("mouse = \"yes\"", "1:9: mouse must be true or false"),
            (
                "[mappings.payroll]\n\"E-Mail\" = \"emial\"",
                "2:12: unknown field \"emial\"; did you mean \"email\"? “roster man” lists them all.",
            ),
            (
                "[mappings]\npayroll = 7",
                "2:11: a mapping must be a table, like [mappings.payroll]",
            ),
            (
                "keys = 7",
                "1:8: keys must be tables, one per screen, like [keys.table]",
            ),
            (
                "[keys]\ntable = 7",
                "2:9: the keys of a screen must be a table, like [keys.table]",
            ),
            (
                "[keys.table]\nsort = \"x\"",
                "2:8: an action takes a list of keys, like [\"x\", \"Ctrl-d\"], or none: []",
            ),
            (
                "[keys.table]\nsort = [7]",
                "2:9: a key must be quoted, like \"Ctrl-d\"",
            ),
            (
                "[keys.table]\nsort = [\"x\", \"Ctrl-i\"]",
                "2:14: terminals send Ctrl-i as Tab; write Tab",
            ),
        ] {
            assert_eq!(message(text), format!("~/config.toml:{expected}"));
        }
        assert!(message("theme = \"light").starts_with("~/config.toml:1:"));
        assert!(message("mouse = true\nmouse = true").starts_with("~/config.toml:2:1: "));
    }

    #[test]
    fn ambiguous_keys_and_screens_without_an_exit_are_refused() {
        for (text, expected) in [
            (
                "[keys.table]\nsort = [\"d\"]",
                "2:9: d is already \"delete\" on that screen; give that another key, or none: \
                    delete = []",
            ),
            (
                "[keys.table]\nsort = [\"g\"]",
                "2:9: g conflicts with gg, which is \"first\" on that screen; give that another \
                    key, or none: first = []",
            ),
            (
                "[keys.table]\nsort = [\"dd\"]",
                "2:9: dd conflicts with d, which is \"delete\" on that screen; give that another \
                    key, or none: delete = []",
            ),
            (
                "[keys.table]\nfirst = [\"Home\", \"g\", \"gg\"]",
                "2:18: g conflicts with gg, which is \"first\" on that screen; give that another \
                    key, or none: first = []",
            ),
            (
                "[keys.table]\nquit = []",
                "2:1: \"quit\" needs a key: it is the only way to leave that screen",
            ),
            (
                "[keys.form]\nclose = []",
                "2:1: \"close\" needs a key: it is the only way to leave that screen",
            ),
            (
                "[keys.everywhere]\ninterrupt = []",
                "2:1: Ctrl-c always quits; it cannot be reassigned or removed",
            ),
            (
                "[keys.form]\nsave = [\"Ctrl-c\"]",
                "2:9: Ctrl-c always quits; it cannot be reassigned or removed",
            ),
            (
                "[keys.form]\nsave = [\"s\"]",
                "2:9: s is text on that screen; use a key with Ctrl or Alt, or a named key",
            ),
            (
                "[keys.table]\nsort = [\"5\"]",
                "2:9: 5 starts a count on that screen",
            ),
            (
                "[keys.everywhere]\nredraw = [\"Ctrl-d\"]",
                "2:11: Ctrl-d is already \"half-down\" on that screen; give that another key, or \
                    none: half-down = []",
            ),
        ] {
            assert_eq!(message(text), format!("~/config.toml:{expected}"));
        }
    }
}
