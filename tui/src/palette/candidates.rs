//! The actions that match the text typed into the palette, available or not.

use std::collections::BTreeSet;

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::keys::{Action, Binding, Screen};
use crate::state::{Palette, State};

mod synonyms;

use synonyms::synonyms;

/// An action that the palette can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate<'a> {
    /// The action with its keys and description.
    pub binding: &'a Binding,
    /// Which screen it belongs to.
    pub screen: ActionScreen<'a>,
}

/// The screen of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionScreen<'a> {
    /// The screen below the palette.
    Current,
    /// Another screen, and the binding that opens it from the current one.
    Other(Screen, &'a Binding),
}

/// The actions of other screens that can be done from here: they need nothing selected there.
const SHORTCUTS: [(Screen, Action); 3] = [
    (Screen::Users, Action::New),
    (Screen::MySessions, Action::Password),
    (Screen::Columns, Action::ResetColumns),
];

/// Shown if nothing matches.
pub const NO_MATCH: &str = "No matching actions.";

/// The minimum score per typed letter. The start of a word, or four letters of one, exceed it;
/// letters here and there do not.
const MIN_LETTER_SCORE: u32 = 19;

/// Returns `true` if no action matches the typed text.
pub fn is_empty(state: &State, palette: &Palette) -> bool {
    matching(state, palette).next().is_none()
}

/// The matching actions with their scores, unsorted.
pub fn matching<'a>(
    state: &'a State,
    palette: &Palette,
) -> impl Iterator<Item = (u32, Candidate<'a>)> + use<'a> {
    let mut search = Search::new(palette);
    here(state)
        .chain(elsewhere(state))
        .filter_map(move |candidate| {
            let Binding { help, action, .. } = candidate.binding;
            let (title, name) = (candidate.screen.title(), action.name());
            let words = format!("{title} {help} {name} {}", synonyms(*action));
            Some((search.score(&words)?, candidate))
        })
}

/// Looks for the typed text in others.
pub struct Search {
    matcher: Matcher,
    pattern: Pattern,
    /// The least score of a match.
    least: u32,
    buffer: Vec<char>,
}

impl Search {
    /// A search for what is typed into the palette.
    pub fn new(palette: &Palette) -> Self {
        let typed = palette.line.text().to_lowercase();
        let letters = typed.chars().filter(|c| !c.is_whitespace());
        Self {
            matcher: Matcher::new(Config::DEFAULT),
            pattern: Pattern::new(
                &typed,
                CaseMatching::Ignore,
                Normalization::Smart,
                AtomKind::Fuzzy,
            ),
            least: letters.map(|_| MIN_LETTER_SCORE).sum(),
            buffer: Vec::new(),
        }
    }

    /// The score of a text, if it matches.
    fn score(&mut self, words: &str) -> Option<u32> {
        let words = Utf32Str::new(words, &mut self.buffer);
        let score = self.pattern.score(words, &mut self.matcher)?;
        (score >= self.least).then_some(score)
    }

    /// The positions of the matching letters of a text; none if it does not match.
    pub fn letters(&mut self, words: &str) -> BTreeSet<usize> {
        let mut letters = Vec::new();
        let words = Utf32Str::new(words, &mut self.buffer);
        let score = self.pattern.indices(words, &mut self.matcher, &mut letters);
        match score {
            Some(score) if score >= self.least => {
                letters.into_iter().map(|at| at as usize).collect()
            }
            _ => BTreeSet::new(),
        }
    }
}

/// The actions of the current screen.
fn here(state: &State) -> impl Iterator<Item = Candidate<'_>> {
    let bindings = state.keymap.on(state.screen_below());
    bindings
        .filter(|binding| binding.action != Action::Palette)
        .map(|binding| Candidate {
            binding,
            screen: ActionScreen::Current,
        })
}

/// The actions of other screens that can be done from here.
fn elsewhere(state: &State) -> impl Iterator<Item = Candidate<'_>> {
    let here: Vec<_> = state.keymap.on(state.screen_below()).collect();
    SHORTCUTS.into_iter().filter_map(move |(screen, action)| {
        let opens = opening_action(screen)?;
        let way = here.iter().copied().find(|line| line.action == opens)?;
        let binding = state.keymap.on(screen).find(|line| line.action == action)?;
        Some(Candidate {
            binding,
            screen: ActionScreen::Other(screen, way),
        })
    })
}

/// The action that opens the screen of a shortcut.
fn opening_action(screen: Screen) -> Option<Action> {
    match screen {
        Screen::Users => Some(Action::Users),
        Screen::MySessions => Some(Action::MySessions),
        Screen::Columns => Some(Action::Columns),
        _ => None,
    }
}

impl ActionScreen<'_> {
    /// The title of the other screen.
    pub fn title(self) -> &'static str {
        match self {
            Self::Current => "",
            Self::Other(screen, _) => screen.title(),
        }
    }
}
