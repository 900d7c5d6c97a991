//! The lines of the help: the keys of every screen.

use ratatui::layout::{Constraint, Layout, Rect};
use roster_common::text::folded;

use super::dialog;
use crate::cells;
use crate::keys::{Binding, Screen};
use crate::state::{Help, State};

/// The widest column.
const COLUMN: u16 = 70;

/// The narrowest of two columns.
const NARROW: u16 = 44;

/// The cells between two columns.
const BETWEEN: u16 = 3;

/// The widest content.
pub const WIDTH: u16 = 2 * COLUMN + BETWEEN;

/// The cells of the keys, which are right-aligned.
pub const KEYS: usize = 14;

/// The space between the keys and what they do.
pub const GAP: usize = 2;

/// One line of the help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HelpLine {
    /// A blank line between two screens.
    Blank,
    /// The title of a screen.
    Title(&'static str),
    /// The keys of an action and one line of its description.
    Keys {
        /// The keys; empty on continuation lines.
        keys: String,
        /// What they do.
        help: String,
    },
    /// No matches.
    Nothing,
}

/// The last scroll position of the help.
pub fn last_line(state: &State, help: &Help) -> usize {
    let screen = state.size.into();
    let [_, _, body] = parts(dialog::place(screen, WIDTH, height(screen)).1);
    let columns = columns(body);
    last_of(
        &lines(state, help.filter.text(), columns[0].width),
        &columns,
    )
}

/// How many lines are shown at a time, in all columns.
pub fn page(state: &State) -> usize {
    let screen = state.size.into();
    let [_, _, body] = parts(dialog::place(screen, WIDTH, height(screen)).1);
    shown(&columns(body)).max(1)
}

/// Splits the body into two columns, if there is room for them. The lines go on in the second.
pub fn columns(body: Rect) -> Vec<Rect> {
    if body.width < 2 * NARROW + BETWEEN {
        return vec![body];
    }
    let width = (body.width - BETWEEN) / 2;
    let left = Rect { width, ..body };
    let right = Rect {
        x: body.right() - width,
        ..left
    };
    vec![left, right]
}

/// Like [`last_line`], for lines that are already laid out: where the last page begins. It is not
/// filled with lines of the page before, which would be read twice.
pub fn last_of(lines: &[HelpLine], columns: &[Rect]) -> usize {
    let page = shown(columns).max(1);
    lines.len().saturating_sub(1) / page * page
}

fn shown(columns: &[Rect]) -> usize {
    let heights = columns.iter().map(|column| usize::from(column.height));
    heights.sum()
}

/// The number of lines of the whole help.
pub fn height(screen: Rect) -> usize {
    screen.height.saturating_sub(4).into()
}

/// Splits the box into the search line and the keys.
pub fn parts(inner: Rect) -> [Rect; 3] {
    Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Min(0),
    ])
    .areas(inner)
}

/// The lines that contain every search word, grouped by screen; the current screen comes first.
pub fn lines(state: &State, words: &str, width: u16) -> Vec<HelpLine> {
    let words: Vec<_> = words.split_whitespace().map(folded).collect();
    let has_all = |screen: &str, binding: &Binding| {
        // Includes the action's name, which people know from config.toml.
        let line = folded(&format!(
            "{screen} {} {} {}",
            binding.shown,
            binding.help,
            binding.action.name()
        ));
        words.iter().all(|word| line.contains(word.as_str()))
    };
    let (here, elsewhere): (Vec<_>, Vec<_>) = state
        .keymap
        .sections()
        .partition(|(screen, _)| *screen == Some(state.screen_below()));
    let mut lines = Vec::new();
    for (screen, bindings) in here.into_iter().chain(elsewhere) {
        let title = screen.map_or("Everywhere", Screen::title);
        let has_key = |binding: &&Binding| !binding.keys.is_empty();
        let matches: Vec<_> = bindings
            .filter(has_key)
            .filter(|binding| has_all(title, binding))
            .collect();
        if matches.is_empty() {
            continue;
        }
        if !lines.is_empty() {
            lines.push(HelpLine::Blank);
        }
        lines.push(HelpLine::Title(title));
        for binding in matches {
            lines.extend(explained(binding, width));
        }
    }
    if lines.is_empty() {
        lines.push(HelpLine::Nothing);
    }
    lines
}

/// The lines of one action: its keys, and its description wrapped beside them.
fn explained(binding: &Binding, width: u16) -> impl Iterator<Item = HelpLine> {
    let keys =
        std::iter::once(binding.shown.to_string()).chain(std::iter::repeat_with(String::new));
    let room = usize::from(width).saturating_sub(KEYS + GAP);
    let help = cells::wrap(binding.help, room.max(2));
    keys.zip(help)
        .map(|(keys, help)| HelpLine::Keys { keys, help })
}
