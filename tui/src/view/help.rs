//! The keys, from the one table of them.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use roster_common::text::folded;

use super::theme::Theme;
use super::widgets::{dialog, entry, field};
use crate::cells;
use crate::keys::{Binding, Screen};
use crate::state::{Help, State};

/// The widest content.
const WIDTH: u16 = 70;

/// The cells of the keys and the space after them.
const KEYS: usize = 15;

pub(super) fn draw(frame: &mut Frame<'_>, help: &Help, state: &State, theme: &Theme) {
    let inner = dialog::open(frame, "Keys", WIDTH, height(frame.area()), theme);
    let [search, _, body] = parts(inner);
    draw_filter(frame, search, help, theme);
    let lines = lines(state, help.filter.text(), body.width, theme);
    let first = u16::try_from(help.first.min(last(&lines, body))).unwrap_or(u16::MAX);
    frame.render_widget(Paragraph::new(lines).scroll((first, 0)), body);
}

/// The line that is the first one where the end is in sight: scrolling goes no further.
pub fn last_line(state: &State, help: &Help) -> usize {
    let screen = state.size.into();
    let [_, _, body] = parts(dialog::place(screen, WIDTH, height(screen)).1);
    last(
        &lines(state, help.filter.text(), body.width, &Theme::MONO),
        body,
    )
}

fn last(lines: &[Line<'_>], body: Rect) -> usize {
    lines.len().saturating_sub(body.height.into())
}

fn height(screen: Rect) -> usize {
    screen.height.saturating_sub(4).into()
}

/// The words that are looked for, a space, and the keys.
fn parts(inner: Rect) -> [Rect; 3] {
    Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Min(0),
    ])
    .areas(inner)
}

fn draw_filter(frame: &mut Frame<'_>, row: Rect, help: &Help, theme: &Theme) {
    frame.render_widget(Span::styled("/", theme.accent), row);
    let area = entry::after(row, 2);
    field::draw(frame, area, &help.filter, true);
    if help.filter.text().is_empty() {
        frame.render_widget(
            Line::styled("type to look for a key", theme.dim),
            entry::after(area, 2),
        );
    }
}

/// The lines that have all the words in them, under the names of their screens: first of that which is beneath.
fn lines(state: &State, words: &str, width: u16, theme: &Theme) -> Vec<Line<'static>> {
    let words: Vec<_> = words.split_whitespace().map(folded).collect();
    let has_all = |screen: &str, binding: &Binding| {
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
        .partition(|(screen, _)| *screen == Some(state.beneath()));
    let mut lines = Vec::new();
    for (screen, bindings) in here.into_iter().chain(elsewhere) {
        let title = screen.map_or("Everywhere", Screen::title);
        let has_key = |binding: &&Binding| !binding.keys.is_empty();
        let found: Vec<_> = bindings
            .filter(has_key)
            .filter(|binding| has_all(title, binding))
            .collect();
        if !found.is_empty() {
            lines.extend((!lines.is_empty()).then(Line::default));
            lines.push(Line::styled(title, theme.accent));
            lines.extend(
                found
                    .into_iter()
                    .flat_map(|binding| explained(binding, width, theme)),
            );
        }
    }
    if lines.is_empty() {
        lines.push(Line::styled("  No key has these words.", theme.dim));
    }
    lines
}

/// The keys of one action, and beside them what it does, in as many lines as that takes.
fn explained(binding: &Binding, width: u16, theme: &Theme) -> Vec<Line<'static>> {
    let keys = format!("  {}", binding.shown);
    let keys = std::iter::once(keys.as_str()).chain(std::iter::repeat(""));
    let help = cells::wrap(binding.help, usize::from(width).saturating_sub(KEYS).max(2));
    let line = |(keys, help)| {
        Line::from(vec![
            Span::styled(cells::fit(keys, KEYS), theme.strong),
            Span::raw(help),
        ])
    };
    keys.zip(help).map(line).collect()
}
