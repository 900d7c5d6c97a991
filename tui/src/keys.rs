//! The table of keys: dispatch, footer, palette, help and manual page all read it.
//!
//! - `bindings` the default keys, one a line
//! - `remap` the keys of config.toml; `notation` how they are written
//! - `key` what a terminal can tell apart; `screen` where a key applies

use std::borrow::Cow;

mod bindings;
mod key;
mod notation;
mod remap;
mod screen;

pub use bindings::BINDINGS;
pub use key::Key;
pub use notation::KeyNotationError;
pub use remap::{RemapError, exit_action};
pub use screen::Screen;

/// Actions, each with the name used in config.toml.
macro_rules! actions {
    ($($action:ident: $name:literal, $what:literal,)*) => {
        /// What a key does.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action {
            $(#[doc = $what] $action,)*
        }

        impl Action {
            /// Every action.
            pub const ALL: &[Self] = &[$(Self::$action,)*];

            /// The name used in config.toml. Users' files contain it, so it stays even if the
            /// variant is renamed.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$action => $name,)*
                }
            }

            /// Reads [`Action::name`].
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|action| action.name() == name)
            }
        }
    };
}

actions! {
    Up: "up", "Moves up by a row, field or choice.",
    Down: "down", "Moves down by a row, field or choice.",
    Left: "left", "Moves left by a column or choice.",
    Right: "right", "Moves right by a column or choice.",
    First: "first", "Moves to the first row, or to the row with the number typed before it.",
    Last: "last", "Moves to the last row, or to the row with the number typed before it.",
    PageUp: "page-up", "Moves up by a page.",
    PageDown: "page-down", "Moves down by a page.",
    HalfUp: "half-up", "Moves up by half a page.",
    HalfDown: "half-down", "Moves down by half a page.",
    ScrollUp: "scroll-up", "Scrolls the open record up.",
    ScrollDown: "scroll-down", "Scrolls the open record down.",
    Search: "search", "Opens the filter.",
    ClearSearch: "clear-search", "Clears the filter, a range or a running mark-all.",
    Narrow: "narrow", "Narrows the list to the value of the cursor's cell.",
    Exclude: "exclude", "Leaves out everyone with the value of the cursor's cell.",
    Manager: "manager", "Moves to the manager of this person.",
    Reports: "reports", "Lists the reports of this person.",
    Back: "back", "Returns to the filter, sort and cursor before.",
    Sort: "sort", "Sorts by this column only.",
    SortAlso: "sort-also", "Adds this column to the sort.",
    Open: "open", "Opens the record, picks the selected item, or goes to the next field.",
    Previous: "previous", "Goes to the previous field or suggestion.",
    NewLine: "new-line", "Starts a new line in the notes; elsewhere goes to the next field.",
    Close: "close", "Closes the topmost overlay.",
    New: "new", "Opens the form for a new record.",
    Edit: "edit", "Opens the form for this record.",
    EditCell: "edit-cell", "Edits the value under the cursor, in the table.",
    EditStatus: "edit-status", "Edits the status, in the table.",
    Delete: "delete", "Deletes the record or the marked ones, after a confirmation.",
    Mark: "mark", "Marks or unmarks a person.",
    MarkRange: "mark-range", "Marks a range: pressed once at each end.",
    MarkAll: "mark-all", "Marks everyone who matches the filter.",
    ClearMarks: "clear-marks", "Clears all marks.",
    Refresh: "refresh", "Reloads from the server.",
    Pause: "pause", "Pauses the changes by others, or shows them again.",
    CopyCell: "copy-cell", "Copies the cursor's column, of this record or of the marked ones.",
    CopyEmail: "copy-email", "Copies the email address, of this record or of the marked ones.",
    CopyRecord: "copy-record", "Copies this record, or the marked ones.",
    SignOut: "sign-out", "Signs out.",
    Server: "server", "Opens the sign-in form to go to another server.",
    MySessions: "account", "Shows the user's own sessions and password.",
    Users: "users", "Opens user management.",
    Password: "password", "Changes the user's own password, or resets the selected user's.",
    EndSession: "end-session", "Ends the selected session.",
    EndSessions: "end-sessions", "Ends all other sessions, or all sessions of the selected user.",
    Reveal: "reveal", "Shows or hides the password.",
    Save: "save", "Saves the form or the resolved conflict.",
    Undo: "undo", "Undoes the last change.",
    Redo: "redo", "Redoes the last undone change.",
    Set: "set", "Sets fields of all marked people.",
    History: "history", "Shows the record's history.",
    Suggestion: "offer", "Lists suggestions for this field.",
    TakeMine: "take-mine", "Keeps my value.",
    TakeTheirs: "take-theirs", "Keeps their value.",
    TakeAllMine: "take-all-mine", "Keeps my value in every conflicting field.",
    TakeAllTheirs: "take-all-theirs", "Keeps their value in every conflicting field.",
    EditField: "edit-field", "Edits the focused field in $EDITOR.",
    OpenEditor: "compose", "Edits the marked records as CSV in $EDITOR.",
    Yes: "yes", "Answers yes.",
    No: "no", "Answers no.",
    Export: "export", "Opens the export of the marked people, or of those in the list.",
    Import: "import", "Opens the import of a file.",
    KeepRefused: "keep-refused", "Writes the refused rows of an import to a file.",
    ShowAdded: "show-added", "Lists the people whom an import has added.",
    NamedFilters: "filters", "Opens the named filters.",
    Columns: "columns", "Opens the column settings.",
    HideColumn: "hide-column", "Hides or shows a column.",
    ColumnLeft: "column-left", "Moves a column left.",
    ColumnRight: "column-right", "Moves a column right.",
    Narrower: "narrower", "Narrows a column.",
    Wider: "wider", "Widens a column.",
    PinColumn: "pin-column", "Pins or unpins a column.",
    ResetColumns: "reset-columns", "Resets all columns.",
    Palette: "palette", "Opens the command palette.",
    Theme: "theme", "Opens the themes, at the current one.",
    Help: "help", "Shows the keys.",
    Redraw: "redraw", "Redraws the screen.",
    Suspend: "suspend", "Suspends to the shell.",
    Quit: "quit", "Quits once every write is answered.",
    Interrupt: "interrupt", "Quits immediately, without waiting for the server.",
}

/// One key binding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The screens it applies to; all if empty.
    pub screens: Cow<'static, [Screen]>,
    /// The keys that trigger it; empty if config.toml removed them.
    pub keys: Cow<'static, [Key]>,
    /// The keys as text.
    pub shown: Cow<'static, str>,
    /// The action.
    pub action: Action,
    /// The description in the help.
    pub help: &'static str,
    /// The label in the footer, if it is shown there.
    pub footer: Option<&'static str>,
}

impl Binding {
    /// The first of its keys, as text.
    pub fn first(&self) -> &str {
        self.shown.split(' ').next().unwrap_or_default()
    }

    /// Returns `true` if it applies to `screen`.
    pub fn is_on(&self, screen: Screen) -> bool {
        self.screens.is_empty() || self.screens.contains(&screen)
    }

    /// Returns `true` if it is listed for this screen or, for `None`, for every screen.
    fn is_of(&self, place: Option<Screen>) -> bool {
        place.map_or(self.screens.is_empty(), |screen| {
            self.screens.contains(&screen)
        })
    }
}

/// The key table, with the changes from config.toml.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap(Vec<Binding>);

impl Default for Keymap {
    fn default() -> Self {
        Self(BINDINGS.to_vec())
    }
}

impl Keymap {
    /// The action of `key` on `screen`.
    pub fn action(&self, screen: Screen, key: Key) -> Option<Action> {
        self.on(screen)
            .find(|binding| binding.keys.contains(&key))
            .map(|binding| binding.action)
    }

    /// The lines that apply to `screen`.
    pub fn on(&self, screen: Screen) -> impl Iterator<Item = &Binding> {
        self.0.iter().filter(move |binding| binding.is_on(screen))
    }

    /// The first key of an action, for messages; the action's name if config.toml removed its keys.
    pub fn key(&self, screen: Screen, action: Action) -> Cow<'_, str> {
        let line = self
            .on(screen)
            .find(|line| line.action == action && !line.keys.is_empty());
        match line {
            Some(line) => Cow::Borrowed(line.first()),
            None => Cow::Owned(format!("“{}”", action.name())),
        }
    }

    /// All lines.
    pub fn bindings(&self) -> &[Binding] {
        &self.0
    }

    /// All lines, grouped by the first screen they apply to; those for every screen come last.
    pub fn sections(
        &self,
    ) -> impl Iterator<Item = (Option<Screen>, impl Iterator<Item = &Binding>)> {
        let screens = Screen::ALL.into_iter().map(Some).chain([None]);
        screens.map(|screen| {
            (
                screen,
                self.0
                    .iter()
                    .filter(move |line| line.screens.first().copied() == screen),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_key_means_two_things_on_one_screen() {
        for screen in Screen::ALL {
            let mut seen = HashSet::new();
            for key in Keymap::default()
                .on(screen)
                .flat_map(|binding| binding.keys.iter())
            {
                assert!(seen.insert(*key), "{key:?} on {screen:?}");
            }
        }
    }

    #[test]
    fn no_action_has_two_lines_on_one_screen() {
        for screen in Screen::ALL {
            let mut seen = HashSet::new();
            assert!(
                Keymap::default()
                    .on(screen)
                    .all(|line| seen.insert(line.action)),
                "{screen:?}"
            );
        }
    }

    #[test]
    fn what_is_shown_of_a_line_are_keys_of_it() {
        for line in BINDINGS {
            let keys: Vec<Key> = line
                .shown
                .split(' ')
                .map(|key| key.parse().unwrap())
                .collect();
            assert!(keys.iter().all(|key| line.keys.contains(key)), "{line:?}");
        }
    }

    #[test]
    fn nothing_needs_a_key_that_a_terminal_cannot_tell_from_another() {
        // Ctrl-H, I, J, M and [ arrive as Backspace, Tab, Enter, Enter and Esc.
        for key in BINDINGS.iter().flat_map(|binding| binding.keys.iter()) {
            assert!(
                !matches!(key, Key::Ctrl('h' | 'i' | 'j' | 'm' | '[')),
                "{key:?}"
            );
        }
    }

    #[test]
    fn every_action_has_a_name_of_its_own() {
        let names: HashSet<_> = Action::ALL.iter().map(|action| action.name()).collect();
        assert_eq!(names.len(), Action::ALL.len());
        for action in Action::ALL {
            assert_eq!(Action::from_name(action.name()), Some(*action));
        }
    }

    #[test]
    fn every_screen_can_be_left() {
        for screen in Screen::ALL {
            assert_eq!(
                Keymap::default().action(screen, Key::Ctrl('c')),
                Some(Action::Interrupt)
            );
            assert!(
                Keymap::default()
                    .on(screen)
                    .any(|line| line.action == exit_action(screen)),
                "{screen:?}"
            );
        }
    }
}
