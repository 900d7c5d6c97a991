//! The terminal: set up once, and left as it was found on every way out.

use std::cell::Cell;
use std::io::{self, Write};
use std::rc::Rc;

use ratatui::Terminal;
use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer;
use ratatui::crossterm::clipboard::CopyToClipboard;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{
    DisableBracketedPaste, EnableBracketedPaste, Event as Input, KeyCode, KeyEvent, KeyEventKind,
    KeyModifiers, MouseButton, MouseEventKind,
};
use ratatui::crossterm::execute;
use ratatui::crossterm::style::{Print, ResetColor};
use ratatui::crossterm::terminal::{
    self, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::layout::{Position, Size};

use crate::event::{Event, Mouse};
use crate::keys::Key;
use crate::state::State;
use crate::view::{self, Theme};

mod painter;

use painter::Painter;

/// The terminal while the application has it. Dropping it gives it back.
pub(super) struct TerminalScreen {
    terminal: Terminal<Canvas>,
    /// Where the canvas has put the cursor.
    cursor: Rc<Cell<Option<Position>>>,
    painter: Painter,
    modes: Modes,
}

impl TerminalScreen {
    /// Takes the terminal. Nothing is asked of it: some answer late or never.
    pub(super) fn take(mouse: bool) -> io::Result<Self> {
        let modes = Modes { mouse };
        give_back_on_panic(modes);
        let cursor = Rc::default();
        let terminal = Terminal::new(Canvas {
            cursor: Rc::clone(&cursor),
        })?;
        let screen = Self {
            terminal,
            cursor,
            painter: Painter::default(),
            modes,
        };
        modes.enter()?;
        Ok(screen)
    }

    /// The size, in cells.
    pub(super) fn size(&self) -> io::Result<Size> {
        self.terminal.size()
    }

    /// Draws what has changed, in one write, so that no half of a frame is seen.
    pub(super) fn draw(&mut self, state: &State) -> io::Result<()> {
        let frame = self
            .terminal
            .draw(|frame| view::draw(frame, state, Theme::named(state.theme)))?;
        let bytes = self.painter.paint(frame.buffer, self.cursor.get());
        let mut out = io::stdout().lock();
        out.write_all(&bytes)?;
        out.flush()
    }

    /// Has everything drawn anew, whatever the terminal shows now.
    pub(super) fn forget(&mut self) {
        self.painter.forget();
    }

    /// Gives the terminal to another program.
    pub(super) fn hand_over(&mut self) {
        self.modes.leave();
    }

    /// Takes the terminal back.
    pub(super) fn take_back(&mut self) -> io::Result<()> {
        self.forget();
        self.modes.enter()
    }

    /// Gives the terminal to the shell, and comes back when the shell continues the program.
    pub(super) fn suspend(&mut self) -> io::Result<()> {
        self.hand_over();
        rustix::process::kill_current_process_group(rustix::process::Signal::TSTP)?;
        self.take_back()
    }
}

impl Drop for TerminalScreen {
    fn drop(&mut self) {
        self.modes.leave();
    }
}

/// Asks the terminal to put text on its clipboard (OSC 52). It does not say whether it does.
pub(super) fn copy(text: &str) -> io::Result<()> {
    execute!(io::stdout(), CopyToClipboard::to_clipboard_from(text))
}

/// What ratatui draws on: nothing, for the painter takes the whole frame.
struct Canvas {
    cursor: Rc<Cell<Option<Position>>>,
}

impl Backend for Canvas {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, _: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a buffer::Cell)>,
    {
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.cursor.set(None);
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.cursor.get().unwrap_or_default())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.cursor.set(Some(position.into()));
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn clear_region(&mut self, _: ClearType) -> io::Result<()> {
        Ok(())
    }

    fn size(&self) -> io::Result<Size> {
        terminal::size().map(Size::from)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize {
            columns_rows: self.size()?,
            pixels: Size::ZERO,
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Has the terminal report the mouse: presses and the wheel, and no motion, each of which would cost a message; and
/// with numbers for the place, so that no terminal is too wide (SGR).
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1006h";

/// Leaves the mouse to the terminal.
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1000l";

/// What the terminal is asked for while the application has it.
#[derive(Debug, Clone, Copy)]
struct Modes {
    mouse: bool,
}

impl Modes {
    fn enter(self) -> io::Result<()> {
        enable_raw_mode()?;
        let mouse = if self.mouse { MOUSE_ON } else { "" };
        execute!(
            io::stdout(),
            EnterAlternateScreen,
            EnableBracketedPaste,
            Print(mouse)
        )
    }

    /// Undoes each step by itself, so that one that fails keeps no other from being undone.
    fn leave(self) {
        let mut out = io::stdout();
        let mouse = if self.mouse { MOUSE_OFF } else { "" };
        let _ = execute!(out, Print(mouse));
        let _ = execute!(out, ResetColor);
        let _ = execute!(out, DisableBracketedPaste);
        let _ = execute!(out, LeaveAlternateScreen);
        let _ = execute!(out, Show);
        let _ = disable_raw_mode();
        let _ = out.flush();
    }
}

/// Gives back what can be without a write, which the terminal might never take.
pub(super) fn give_back_unwritten() {
    let _ = disable_raw_mode();
}

/// A panic's message must be seen on the shell's screen, and not drawn over.
fn give_back_on_panic(modes: Modes) {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        modes.leave();
        report(panic);
    }));
}

/// What the terminal sent, if the application has a word for it.
pub(super) fn event(input: Input) -> Option<Event> {
    match input {
        Input::Key(key) if key.kind != KeyEventKind::Release => self::key(key).map(Event::Key),
        Input::Mouse(mouse) => {
            self::mouse(mouse.kind).map(|kind| Event::Mouse(kind, (mouse.column, mouse.row).into()))
        }
        Input::Paste(text) => Some(Event::Paste(text)),
        Input::Resize(width, height) => Some(Event::Resize(Size { width, height })),
        _ => None,
    }
}

fn mouse(kind: MouseEventKind) -> Option<Mouse> {
    match kind {
        MouseEventKind::Down(MouseButton::Left) => Some(Mouse::Press),
        MouseEventKind::ScrollUp => Some(Mouse::WheelUp),
        MouseEventKind::ScrollDown => Some(Mouse::WheelDown),
        _ => None,
    }
}

fn key(event: KeyEvent) -> Option<Key> {
    let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
    let alt = event.modifiers.contains(KeyModifiers::ALT);
    Some(match event.code {
        // So crossterm names the four control characters after Esc, which a person types as these signs.
        KeyCode::Char('4') if ctrl => Key::Ctrl('\\'),
        KeyCode::Char('5') if ctrl => Key::Ctrl(']'),
        KeyCode::Char('6') if ctrl => Key::Ctrl('^'),
        KeyCode::Char('7') if ctrl => Key::Ctrl('_'),
        // And so two control characters that some terminals send for keys of their own.
        KeyCode::Char('h') if ctrl => Key::Backspace,
        KeyCode::Char('j') if ctrl => Key::Enter,
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
