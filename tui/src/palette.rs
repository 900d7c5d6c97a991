//! Every action by its words, for those who do not know its key.

use std::cmp::Reverse;

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::keys::{Action, Binding};
use crate::state::{Palette, State};
use crate::why_not::why_not_on;

/// One line of the palette.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The action, its words and its keys.
    pub binding: &'a Binding,
    /// Why it is not possible now.
    pub why_not: Option<&'static str>,
}

/// What the palette shows: the actions of the screen beneath that match what is typed. First those whose words or
/// name begin with it, and of them those that are possible now; then the best, and among equals those used last.
pub fn entries<'a>(state: &'a State, palette: &Palette) -> Vec<Entry<'a>> {
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::new(palette.line.text(), CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy);
    let mut buffer = Vec::new();
    let mut score = |binding: &Binding| {
        let words = format!("{} {}", binding.help, binding.action.name());
        pattern.score(Utf32Str::new(&words, &mut buffer), &mut matcher)
    };
    let age = |action: Action| state.recent.iter().position(|recent| *recent == action).unwrap_or(usize::MAX);
    let typed = palette.line.text().to_lowercase();
    let begins = |binding: &Binding| binding.help.starts_with(&typed) || binding.action.name().starts_with(&typed);
    let ranked = |binding: &'a Binding| {
        let why_not = why_not_on(state, state.beneath(), binding.action);
        let rank = (!begins(binding), why_not.is_some(), Reverse(score(binding)?), age(binding.action));
        Some((rank, Entry { binding, why_not }))
    };
    let mut entries: Vec<_> = actions(state).filter_map(ranked).collect();
    entries.sort_by_key(|(rank, _)| *rank);
    entries.into_iter().map(|(_, entry)| entry).collect()
}

/// The actions of the screen beneath, each once.
fn actions(state: &State) -> impl Iterator<Item = &Binding> {
    let here: Vec<_> = state.keymap.on(state.beneath()).collect();
    let is_first = {
        let here = here.clone();
        move |at: usize, binding: &Binding| !here.iter().take(at).any(|earlier| earlier.action == binding.action)
    };
    let wanted = move |(at, binding): &(usize, &Binding)| binding.action != Action::Palette && is_first(*at, binding);
    here.into_iter().enumerate().filter(wanted).map(|(_, binding)| binding)
}
