//! Every action by its words, for those who do not know its key.

use std::borrow::Cow;
use std::cmp::Reverse;

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::keys::{Action, Binding, Screen, way_out};
use crate::state::{Palette, State};
use crate::why_not::why_not_on;

/// One line of the palette.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The action, its words and its keys.
    pub binding: &'a Binding,
    /// Where it is done.
    pub place: Place<'a>,
    /// Why it, or the way there, is not possible now.
    pub why_not: Option<&'static str>,
}

/// Where an action is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place<'a> {
    /// On the screen beneath the palette.
    Here,
    /// On another, and what leads there from the one beneath, if something does.
    There(Screen, Option<&'a Binding>),
}

/// What is told where nothing matches.
pub const NO_ACTION: &str = "No action has these words.";

/// Why an action of another screen cannot be reached.
const SHUT: &str = "That is not open.";

/// The least that a letter of what is typed must be worth: as much as one alone, so gaps must be made good for by
/// letters that begin words or follow each other.
const WORTH: u32 = 16;

/// What the palette shows: the actions that match what is typed. First those whose words or name begin with it, and of
/// them those that are possible now; then those of the screen beneath, the best, and among equals those used last.
pub fn entries<'a>(state: &'a State, palette: &Palette) -> Vec<Entry<'a>> {
    let mut entries: Vec<_> = ranked(state, palette).collect();
    entries.sort_by_key(|(rank, _)| *rank);
    entries.into_iter().map(|(_, entry)| entry).collect()
}

/// Whether no action matches what is typed.
pub fn is_empty(state: &State, palette: &Palette) -> bool {
    ranked(state, palette).next().is_none()
}

/// The actions that match what is typed, each with what it is put in order by.
fn ranked<'a>(
    state: &'a State,
    palette: &Palette,
) -> impl Iterator<Item = (impl Ord + Copy + use<>, Entry<'a>)> {
    let typed = palette.line.text().to_lowercase();
    let mut score = scorer(&typed);
    let age = |action: Action| {
        state
            .recent
            .iter()
            .position(|recent| *recent == action)
            .unwrap_or(usize::MAX)
    };
    here(state)
        .chain(elsewhere(state))
        .filter_map(move |entry| {
            let Binding { help, action, .. } = entry.binding;
            let begins = help.starts_with(&typed) || action.name().starts_with(&typed);
            let score = score(&format!("{} {help} {}", entry.place.title(), action.name()))?;
            let is_away = entry.place != Place::Here;
            Some((
                (
                    !begins,
                    entry.why_not.is_some(),
                    is_away,
                    Reverse(score),
                    age(*action),
                ),
                entry,
            ))
        })
}

/// How well words match what is typed, if they do.
fn scorer(typed: &str) -> impl FnMut(&str) -> Option<u32> + use<> {
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::new(
        typed,
        CaseMatching::Ignore,
        Normalization::Smart,
        AtomKind::Fuzzy,
    );
    let letters = typed
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|_| WORTH)
        .sum();
    let mut buffer = Vec::new();
    move |words| {
        pattern
            .score(Utf32Str::new(words, &mut buffer), &mut matcher)
            .filter(|score| *score >= letters)
    }
}

/// The actions of the screen beneath.
fn here(state: &State) -> impl Iterator<Item = Entry<'_>> {
    let screen = state.beneath();
    let lines = state
        .keymap
        .on(screen)
        .filter(|line| line.action != Action::Palette);
    lines.map(move |binding| {
        let why_not = why_not_on(state, screen, binding.action);
        Entry {
            binding,
            place: Place::Here,
            why_not,
        }
    })
}

/// The actions of all other screens.
fn elsewhere(state: &State) -> impl Iterator<Item = Entry<'_>> {
    let screen = state.beneath();
    let here: Vec<_> = state.keymap.on(screen).collect();
    let lines = state
        .keymap
        .bindings()
        .iter()
        .filter(move |line| !line.is_on(screen));
    lines.filter_map(move |binding| {
        let there = binding
            .screens
            .first()
            .copied()
            .filter(|there| *there != Screen::Palette)?;
        let is_same = |line: &Binding| line.action.is_move() || line.help == binding.help;
        let is_here = here
            .iter()
            .any(|line| line.action == binding.action && is_same(line));
        let way = way(there, screen)
            .and_then(|action| here.iter().copied().find(|line| line.action == action));
        let why_not = way.map_or(Some(SHUT), |way| why_not_on(state, screen, way.action));
        (!is_here).then_some(Entry {
            binding,
            place: Place::There(there, way),
            why_not,
        })
    })
}

/// The action that leads to a screen from another, and changes nothing.
fn way(to: Screen, from: Screen) -> Option<Action> {
    match to {
        Screen::Table => Some(way_out(from)).filter(|way| *way == Action::Close),
        Screen::Detail => Some(Action::Open).filter(|_| from == Screen::Table),
        Screen::Search => Some(Action::Search),
        Screen::History => Some(Action::History),
        Screen::Account => Some(Action::Account),
        Screen::Users => Some(Action::Users),
        Screen::Columns => Some(Action::Columns),
        Screen::Help => Some(Action::Help),
        _ => None,
    }
}

impl Place<'_> {
    /// The name of the other screen.
    fn title(self) -> &'static str {
        match self {
            Self::Here => "",
            Self::There(screen, _) => screen.title(),
        }
    }
}

impl Entry<'_> {
    /// What it does on the screen beneath, or why it does nothing there.
    pub fn does(&self) -> Result<Action, &'static str> {
        match self.place {
            Place::Here => Ok(self.binding.action),
            Place::There(_, way) => way.map(|way| way.action).ok_or(SHUT),
        }
    }

    /// What to tell on the other screen.
    pub fn told(&self) -> Option<String> {
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
