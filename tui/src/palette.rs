//! The command palette: every action by name.

use std::borrow::Cow;
use std::cmp::Reverse;

use crate::availability::unavailable_on;
use crate::keys::{Action, Binding};
use crate::state::{Palette, State};

pub mod candidates;

use candidates::{Candidate, Place, matching};

/// One line of the palette.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaletteEntry<'a> {
    /// The action with its keys and description.
    pub binding: &'a Binding,
    /// Which screen it belongs to.
    pub place: Place<'a>,
    /// Why it, or opening its screen, is unavailable.
    pub unavailable_reason: Option<&'static str>,
}

/// The reason if the action's screen cannot be opened from here.
const NOT_AVAILABLE: &str = "Not available here.";

/// The entries that match the typed text. Sorted by: name or description starts with the text,
/// available, on the current screen, match score, recently used.
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
            let is_away = entry.place != Place::Here;
            let rank = (
                !begins,
                entry.unavailable_reason.is_some(),
                is_away,
                Reverse(score),
                age(*action),
            );
            (rank, entry)
        })
        .collect();
    entries.sort_by_key(|(rank, _)| *rank);
    entries.into_iter().map(|(_, entry)| entry).collect()
}

/// A candidate with the reason why it is unavailable, if any.
fn entry<'a>(state: &'a State, Candidate { binding, place }: Candidate<'a>) -> PaletteEntry<'a> {
    let screen_below = state.screen_below();
    let unavailable_reason = match place {
        Place::Here => unavailable_on(state, screen_below, binding.action),
        Place::There(_, None) => Some(NOT_AVAILABLE),
        Place::There(_, Some(way)) => unavailable_on(state, screen_below, way.action),
    };
    PaletteEntry {
        binding,
        place,
        unavailable_reason,
    }
}

impl PaletteEntry<'_> {
    /// The action to perform on the screen below the palette, or why there is none.
    pub fn does(&self) -> Result<Action, &'static str> {
        match self.place {
            Place::Here => Ok(self.binding.action),
            Place::There(_, way) => way.map(|way| way.action).ok_or(NOT_AVAILABLE),
        }
    }

    /// The hint to show after switching to the other screen.
    pub fn message(&self) -> Option<String> {
        let there = matches!(self.place, Place::There(..));
        there.then(|| format!("{}: {}.", self.binding.shown, self.binding.help))
    }

    /// Its keys, starting from the screen below the palette.
    pub fn keys(&self) -> Cow<'_, str> {
        match self.place {
            Place::There(_, Some(way)) => {
                Cow::Owned(format!("{} {}", way.first(), self.binding.first()))
            }
            _ => Cow::Borrowed(&self.binding.shown),
        }
    }

    /// Its description, with the screen if it is another one.
    pub fn words(&self) -> Cow<'static, str> {
        match self.place {
            Place::Here => Cow::Borrowed(self.binding.help),
            Place::There(..) => {
                Cow::Owned(format!("{} › {}", self.place.title(), self.binding.help))
            }
        }
    }
}
