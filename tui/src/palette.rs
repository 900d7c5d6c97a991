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
    /// The action, its words and its keys.
    pub binding: &'a Binding,
    /// Where it is done.
    pub place: Place<'a>,
    /// Why it, or the way there, is not possible now.
    pub unavailable_reason: Option<&'static str>,
}

/// Why an action of another screen cannot be reached.
const NOT_AVAILABLE: &str = "Not available here.";

/// What the palette shows: the actions that match what is typed. First those whose words or name
/// begin with it, and of them those that are possible now; then those of the screen beneath, the
/// best, and among equals those used last.
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

/// A candidate, with the reason why it is not possible now, if it is not.
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
    /// What it does on the screen beneath, or why it does nothing there.
    pub fn does(&self) -> Result<Action, &'static str> {
        match self.place {
            Place::Here => Ok(self.binding.action),
            Place::There(_, way) => way.map(|way| way.action).ok_or(NOT_AVAILABLE),
        }
    }

    /// What to tell on the other screen.
    pub fn message(&self) -> Option<String> {
        let there = matches!(self.place, Place::There(..));
        there.then(|| format!("{}: {}.", self.binding.shown, self.binding.help))
    }

    /// Its keys, from the screen beneath on.
    pub fn keys(&self) -> Cow<'_, str> {
        match self.place {
            Place::There(_, Some(way)) => {
                Cow::Owned(format!("{} {}", way.first(), self.binding.first()))
            }
            _ => Cow::Borrowed(&self.binding.shown),
        }
    }

    /// What it does, and where, as a person reads it.
    pub fn words(&self) -> Cow<'static, str> {
        match self.place {
            Place::Here => Cow::Borrowed(self.binding.help),
            Place::There(..) => {
                Cow::Owned(format!("{} › {}", self.place.title(), self.binding.help))
            }
        }
    }
}
