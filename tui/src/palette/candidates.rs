//! The actions that match the text typed into the palette, available or not.

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::keys::{Action, Binding, Screen, exit_action};
use crate::state::{Palette, State};

/// An action that the palette can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate<'a> {
    /// The action with its keys and description.
    pub binding: &'a Binding,
    /// Which screen it belongs to.
    pub place: Place<'a>,
}

/// The screen of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place<'a> {
    /// The screen below the palette.
    Here,
    /// Another screen, and the binding that opens it from the current one, if any.
    There(Screen, Option<&'a Binding>),
}

/// Shown if nothing matches.
pub const NO_MATCH: &str = "No matching actions.";

/// The minimum score per typed letter: gaps must be made up for by letters that start words or are
/// adjacent.
const MIN_LETTER_SCORE: u32 = 16;

/// Returns `true` if no action matches the typed text.
pub fn is_empty(state: &State, palette: &Palette) -> bool {
    matching(state, palette).next().is_none()
}

/// The matching actions with their scores, unsorted.
pub fn matching<'a>(
    state: &'a State,
    palette: &Palette,
) -> impl Iterator<Item = (u32, Candidate<'a>)> + use<'a> {
    let mut score = scorer(&palette.line.text().to_lowercase());
    here(state)
        .chain(elsewhere(state))
        .filter_map(move |candidate| {
            let Binding { help, action, .. } = candidate.binding;
            let words = format!("{} {help} {}", candidate.place.title(), action.name());
            Some((score(&words)?, candidate))
        })
}

/// The score of a text against the typed one, if it matches.
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
        .map(|_| MIN_LETTER_SCORE)
        .sum();
    let mut buffer = Vec::new();
    move |words| {
        pattern
            .score(Utf32Str::new(words, &mut buffer), &mut matcher)
            .filter(|score| *score >= letters)
    }
}

/// The actions of the current screen.
fn here(state: &State) -> impl Iterator<Item = Candidate<'_>> {
    let bindings = state.keymap.on(state.screen_below());
    bindings
        .filter(|binding| binding.action != Action::Palette)
        .map(|binding| Candidate {
            binding,
            place: Place::Here,
        })
}

/// The actions of all other screens.
fn elsewhere(state: &State) -> impl Iterator<Item = Candidate<'_>> {
    let screen = state.screen_below();
    let here: Vec<_> = state.keymap.on(screen).collect();
    let bindings = state
        .keymap
        .bindings()
        .iter()
        .filter(move |binding| !binding.is_on(screen));
    bindings.filter_map(move |binding| {
        let there = binding
            .screens
            .first()
            .copied()
            .filter(|there| *there != Screen::Palette)?;
        let is_same = |line: &Binding| line.action.is_move() || line.help == binding.help;
        let is_here = here
            .iter()
            .any(|line| line.action == binding.action && is_same(line));
        let way = opening_action(there, screen)
            .and_then(|action| here.iter().copied().find(|line| line.action == action));
        (!is_here).then_some(Candidate {
            binding,
            place: Place::There(there, way),
        })
    })
}

/// The action that opens a screen from another one without changing anything.
fn opening_action(to: Screen, from: Screen) -> Option<Action> {
    match to {
        Screen::Table => Some(exit_action(from)).filter(|way| *way == Action::Close),
        Screen::Detail => Some(Action::Open).filter(|_| from == Screen::Table),
        Screen::Search => Some(Action::Search),
        Screen::History => Some(Action::History),
        Screen::MySessions => Some(Action::MySessions),
        Screen::Users => Some(Action::Users),
        Screen::Columns => Some(Action::Columns),
        Screen::Help => Some(Action::Help),
        _ => None,
    }
}

impl Place<'_> {
    /// The title of the other screen.
    pub fn title(self) -> &'static str {
        match self {
            Self::Here => "",
            Self::There(screen, _) => screen.title(),
        }
    }
}
