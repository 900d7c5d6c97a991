//! The terminal: set up once, and left as it was found on every way out.

use std::collections::HashMap;
use std::io::{self, Stdout, Write};
use std::mem::ManuallyDrop;

use ratatui::backend::CrosstermBackend;
use ratatui::buffer::{Buffer, Cell, CellDiffOption};
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{
    DisableBracketedPaste, EnableBracketedPaste, Event as Input, KeyCode, KeyEvent, KeyEventKind, KeyModifiers,
};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use ratatui::layout::Size;
use ratatui::{Frame, Terminal};

use crate::event::{Event, Key};
use crate::state::State;
use crate::view::{self, Theme};

/// The terminal while the application has it. Dropping it gives it back.
pub(super) struct Screen {
    /// Never dropped: where that cannot show the cursor it writes to standard error, and panics if that is the same
    /// lost terminal. Leaving shows the cursor.
    terminal: ManuallyDrop<Terminal<CrosstermBackend<Stdout>>>,
    theme: Theme,
    doubtful: HashMap<u16, String>,
}

impl Screen {
    /// Takes the terminal. Nothing is asked of it: some answer late or never.
    pub(super) fn take(theme: Theme) -> io::Result<Self> {
        give_back_on_panic();
        let terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
        let screen = Self { terminal: ManuallyDrop::new(terminal), theme, doubtful: HashMap::new() };
        enter()?;
        Ok(screen)
    }

    /// The size, in cells.
    pub(super) fn size(&self) -> io::Result<Size> {
        self.terminal.size()
    }

    /// Draws what has changed.
    pub(super) fn draw(&mut self, state: &State) -> io::Result<()> {
        let draw = |frame: &mut Frame<'_>| {
            view::draw(frame, state, &self.theme);
            rewrite_doubtful(frame.buffer_mut(), &mut self.doubtful);
        };
        self.terminal.draw(draw).map(drop)
    }

    /// Gives the terminal to the shell, and comes back when the shell continues the program.
    pub(super) fn suspend(&mut self) -> io::Result<()> {
        leave();
        rustix::process::kill_current_process_group(rustix::process::Signal::TSTP)?;
        enter()?;
        // Like clearing, but without asking the terminal where its cursor is: some answer late or never.
        let size = self.terminal.size()?;
        self.terminal.resize(size.into())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        leave();
    }
}

/// Has each line written whole that has, or had, text of whose width terminals are not of one mind, and that has
/// changed: where a terminal gave it another width than we, what is left of it would stay.
fn rewrite_doubtful(buffer: &mut Buffer, doubtful: &mut HashMap<u16, String>) {
    let width = usize::from(buffer.area.width).max(1);
    for (y, cells) in (buffer.area.top()..).zip(buffer.content.chunks_mut(width)) {
        let is_doubtful = cells.iter().any(|cell| cell.symbol().chars().nth(1).is_some());
        let line = is_doubtful.then(|| cells.iter().map(Cell::symbol).collect::<String>());
        if doubtful.get(&y) != line.as_ref() {
            cells.iter_mut().for_each(|cell| _ = cell.set_diff_option(CellDiffOption::AlwaysUpdate));
        }
        match line {
            Some(line) => doubtful.insert(y, line),
            None => doubtful.remove(&y),
        };
    }
}

fn enter() -> io::Result<()> {
    enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste)
}

/// Undoes each step by itself, so that one that fails keeps no other from being undone.
fn leave() {
    let mut out = io::stdout();
    let _ = execute!(out, DisableBracketedPaste);
    let _ = execute!(out, LeaveAlternateScreen);
    let _ = execute!(out, Show);
    let _ = disable_raw_mode();
    let _ = out.flush();
}

/// A panic's message must be seen on the shell's screen, and not drawn over.
fn give_back_on_panic() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        leave();
        report(panic);
    }));
}

/// What the terminal sent, if the application has a word for it.
pub(super) fn event(input: Input) -> Option<Event> {
    match input {
        Input::Key(key) if key.kind != KeyEventKind::Release => self::key(key).map(Event::Key),
        Input::Paste(text) => Some(Event::Paste(text)),
        Input::Resize(width, height) => Some(Event::Resize(Size { width, height })),
        _ => None,
    }
}

fn key(event: KeyEvent) -> Option<Key> {
    let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
    let alt = event.modifiers.contains(KeyModifiers::ALT);
    Some(match event.code {
        KeyCode::Char(c) if ctrl => Key::Ctrl(c.to_ascii_lowercase()),
        KeyCode::Char(c) if alt => Key::Alt(c),
        KeyCode::Char(c) => Key::Char(c),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left if ctrl || alt => Key::WordLeft,
        KeyCode::Right if ctrl || alt => Key::WordRight,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        _ => return None,
    })
}
