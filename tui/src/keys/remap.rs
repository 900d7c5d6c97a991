//! Changes to the key table from config.toml, and their limits.

use std::borrow::Cow;

use super::key::Key;
use super::screen::Screen;
use super::{Action, Binding, Keymap};

/// Why a key cannot be assigned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RemapError {
    /// Ctrl-c always quits.
    #[error("Ctrl-c always quits; it cannot be reassigned or removed")]
    Interrupt,
    /// The key is text input on that screen.
    #[error("{0} is text on that screen; use a key with Ctrl or Alt, or a named key")]
    Text(Key),
    /// The key starts a count.
    #[error("{0} starts a count on that screen")]
    Count(Key),
    /// The key is already assigned.
    #[error(
        "{key} is already {other:?} on that screen; give that another key, or none: {other} = \
        []"
    )]
    Taken {
        /// The key.
        key: Key,
        /// The name of its action.
        other: &'static str,
    },
    /// A letter and its pair, like g and gg, have different actions.
    #[error(
        "{key} conflicts with {rival}, which is {other:?} on that screen; give that another key, \
            or none: {other} = []"
    )]
    Half {
        /// The key.
        key: Key,
        /// The conflicting pair or letter.
        rival: Key,
        /// The name of that key's action.
        other: &'static str,
    },
    /// The action is the only way to leave the screen.
    #[error("{0:?} needs a key: it is the only way to leave that screen")]
    WayOut(&'static str),
}

impl Keymap {
    /// Returns `true` if the action belongs to `place`: a screen, or everywhere.
    pub fn has(&self, place: Option<Screen>, action: Action) -> bool {
        self.actions(place).any(|known| known == action)
    }

    /// The actions of `place`: a screen, or everywhere.
    pub fn actions(&self, place: Option<Screen>) -> impl Iterator<Item = Action> {
        self.0
            .iter()
            .filter(move |line| line.is_of(place))
            .map(|line| line.action)
    }

    /// Assigns other keys to an action on one screen or everywhere. An action that does not belong
    /// there is unchanged.
    pub fn remap(&mut self, place: Option<Screen>, action: Action, keys: Vec<Key>) {
        let Some(at) = self
            .0
            .iter()
            .position(|line| line.is_of(place) && line.action == action)
        else {
            return;
        };
        let Some(line) = self.0.get_mut(at) else {
            return;
        };
        let mut here = line.clone();
        here.shown = Cow::Owned(
            keys.iter()
                .map(Key::to_string)
                .collect::<Vec<_>>()
                .join(" "),
        );
        here.keys = Cow::Owned(keys);
        if let (Some(screen), true) = (place, line.screens.len() > 1) {
            // An empty list of screens means everywhere, so the last screen must not be removed.
            line.screens.to_mut().retain(|other| *other != screen);
            here.screens = Cow::Owned(vec![screen]);
            self.0.insert(at + 1, here);
        } else {
            *line = here;
        }
    }

    /// Returns the keys of the action that are invalid on `place` after all remaps, with the
    /// reasons.
    pub fn unfit(&self, place: Option<Screen>, action: Action) -> Vec<(Option<Key>, RemapError)> {
        if action == Action::Interrupt {
            return vec![(None, RemapError::Interrupt)];
        }
        let mut lines = self.0.iter();
        let Some(line) = lines.find(|line| line.is_of(place) && line.action == action) else {
            return Vec::new();
        };
        let screens = || Screen::ALL.into_iter().filter(|screen| line.is_on(*screen));
        if line.keys.is_empty() && screens().any(|screen| exit_action(screen) == action) {
            return vec![(None, RemapError::WayOut(action.name()))];
        }
        let unfit = |key: &Key| screens().find_map(|screen| self.unfit_on(screen, action, *key));
        let keys = line.keys.iter();
        keys.filter_map(|key| Some((Some(*key), unfit(key)?)))
            .collect()
    }

    fn unfit_on(&self, screen: Screen, action: Action, key: Key) -> Option<RemapError> {
        let is_free = || Self::default().action(screen, key).is_none();
        match key {
            Key::Ctrl('c') => return Some(RemapError::Interrupt),
            Key::Char('0'..='9') | Key::Twice('0'..='9') if is_counting(screen) => {
                return Some(RemapError::Count(key));
            }
            Key::Char(_) | Key::Twice(_) if is_writing(screen) && is_free() => {
                return Some(RemapError::Text(key));
            }
            _ => {}
        }
        let is_other = |line: &&Binding| line.action != action && line.keys.contains(&key);
        if let Some(other) = self.on(screen).find(is_other) {
            return Some(RemapError::Taken {
                key,
                other: other.action.name(),
            });
        }
        // A pair of the same action conflicts too: its first press would wait for the second.
        let rival = match key {
            Key::Char(c) => Key::Twice(c),
            Key::Twice(c) => Key::Char(c),
            _ => return None,
        };
        self.action(screen, rival).map(|other| RemapError::Half {
            key,
            rival,
            other: other.name(),
        })
    }
}

/// The action that leaves a screen; it always needs a key.
pub fn exit_action(screen: Screen) -> Action {
    match screen {
        Screen::Table | Screen::SignIn => Action::Quit,
        Screen::Search => Action::ClearSearch,
        Screen::Confirm => Action::No,
        _ => Action::Close,
    }
}

/// Returns `true` if digits start a count on that screen.
fn is_counting(screen: Screen) -> bool {
    matches!(screen, Screen::Table | Screen::Detail | Screen::Batch)
}

/// Returns `true` if letters are text on that screen.
fn is_writing(screen: Screen) -> bool {
    // Without a wildcard: on a screen that is missing here, a remapped letter could not be typed.
    match screen {
        Screen::Search
        | Screen::Form
        | Screen::Cell
        | Screen::FilterName
        | Screen::SignIn
        | Screen::ChangePassword
        | Screen::Export
        | Screen::ImportFile
        | Screen::UserForm => true,
        Screen::Palette | Screen::Help => true,
        Screen::Table
        | Screen::Detail
        | Screen::NamedFilters
        | Screen::Confirm
        | Screen::Conflict
        | Screen::Batch
        | Screen::Import
        | Screen::History => false,
        Screen::MySessions
        | Screen::Users
        | Screen::GeneratedPassword
        | Screen::Columns
        | Screen::Themes => false,
    }
}
