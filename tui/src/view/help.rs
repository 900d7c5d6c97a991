//! The keys, from the one table of them.

use ratatui::Frame;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::theme::Theme;
use super::widgets::{dialog, text};
use crate::keys::{Binding, Keymap};
use crate::state::{Help, Screen};

/// The widest content.
const WIDTH: u16 = 66;

/// The cells of the keys and the space after them.
const KEYS: usize = 15;

pub(super) fn draw(frame: &mut Frame<'_>, help: &Help, keymap: &Keymap, theme: &Theme) {
    let lines = lines(keymap, theme);
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(frame.area().height.saturating_sub(4));
    let area = dialog::open(frame, "Keys", WIDTH, height, theme);
    let last = lines.len().saturating_sub(area.height.into());
    let first = u16::try_from(help.first.min(last)).unwrap_or(u16::MAX);
    frame.render_widget(Paragraph::new(lines).scroll((first, 0)), area);
}

fn lines(keymap: &Keymap, theme: &Theme) -> Vec<Line<'static>> {
    let sections = [
        ("Everywhere", None),
        ("Table", Some(Screen::Table)),
        ("Search", Some(Screen::Search)),
        ("Record", Some(Screen::Detail)),
        ("Form", Some(Screen::Form)),
        ("Question", Some(Screen::Confirm)),
        ("Conflict", Some(Screen::Conflict)),
        ("Sign-in", Some(Screen::SignIn)),
    ];
    let mut lines = Vec::new();
    for (title, screen) in sections {
        lines.push(Line::styled(title, theme.accent));
        let here = keymap.bindings().iter().filter(|binding| binding.screens.first().copied() == screen);
        lines.extend(here.map(|binding| line(binding, theme)));
        lines.push(Line::default());
    }
    lines.pop();
    lines
}

fn line(binding: &Binding, theme: &Theme) -> Line<'static> {
    Line::from(vec![
        Span::styled(text::fit(&format!("  {}", binding.shown), KEYS), theme.strong),
        Span::raw(binding.help),
    ])
}
