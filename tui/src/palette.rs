//! The command palette: the actions by name.

use std::borrow::Cow;
use std::cmp::Reverse;

use crate::availability::unavailable_on;
use crate::keys::{Action, Binding};
use crate::state::{Palette, State};

pub mod candidates;

use candidates::{ActionScreen, Candidate, matching};

/// One line of the palette.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaletteEntry<'a> {
    /// The action with its keys and description.
    pub binding: &'a Binding,
    /// Which screen it belongs to.
    pub screen: ActionScreen<'a>,
    /// Why it, or opening its screen, is unavailable.
    pub unavailable_reason: Option<&'static str>,
}

/// The entries that match the typed text. Without a text, only what can be done now. Sorted by:
/// available, name or description starts with the text, on the current screen, match score,
/// recently used.
pub fn entries<'a>(state: &'a State, palette: &Palette) -> Vec<PaletteEntry<'a>> {
    let typed = palette.line.text().to_lowercase();
    let age = |action: Action| {
        let mut recent = state.recent.iter();
        recent
            .position(|recent| *recent == action)
            .unwrap_or(usize::MAX)
    };
    let mut entries: Vec<_> = matching(state, palette)
        .map(|(score, candidate)| {
            let entry = entry(state, candidate);
            let Binding { help, action, .. } = entry.binding;
            let begins = help.starts_with(&typed) || action.name().starts_with(&typed);
            let is_away = entry.screen != ActionScreen::Current;
            // `false` sorts before `true`, so each condition is the one that puts an entry further
            // down.
            let rank = (
                entry.unavailable_reason.is_some(),
                !begins,
                is_away,
                Reverse(score),
                age(*action),
            );
            (rank, entry)
        })
        .filter(|(_, entry)| !typed.is_empty() || entry.unavailable_reason.is_none())
        .collect();
    entries.sort_by_key(|(rank, _)| *rank);
    entries.into_iter().map(|(_, entry)| entry).collect()
}

/// A candidate with the reason why it is unavailable, if any.
fn entry<'a>(state: &'a State, Candidate { binding, screen }: Candidate<'a>) -> PaletteEntry<'a> {
    let first = match screen {
        ActionScreen::Current => binding.action,
        ActionScreen::Other(_, way) => way.action,
    };
    PaletteEntry {
        binding,
        screen,
        unavailable_reason: unavailable_on(state, state.screen_below(), first),
    }
}

impl PaletteEntry<'_> {
    /// The action that opens the other screen, if it belongs to one, and its own.
    pub fn actions(&self) -> (Option<Action>, Action) {
        let way = match self.screen {
            ActionScreen::Current => None,
            ActionScreen::Other(_, way) => Some(way.action),
        };
        (way, self.binding.action)
    }

    /// Its keys, starting from the screen below the palette.
    pub fn keys(&self) -> Cow<'_, str> {
        match self.screen {
            ActionScreen::Other(_, way) => {
                Cow::Owned(format!("{} {}", way.first(), self.binding.first()))
            }
            ActionScreen::Current => Cow::Borrowed(&self.binding.shown),
        }
    }

    /// Its description, with the screen if it is another one.
    pub fn words(&self) -> Cow<'static, str> {
        match self.screen {
            ActionScreen::Current => Cow::Borrowed(self.binding.help),
            ActionScreen::Other(..) => {
                Cow::Owned(format!("{} › {}", self.screen.title(), self.binding.help))
            }
        }
    }
}
