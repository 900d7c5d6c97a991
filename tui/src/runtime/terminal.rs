//! The terminal: set up once, and restored on every way out. The command line uses a few functions
//! of it.
//!
//! - [`input`] reads it, [`decoder`] splits the bytes into sequences, [`sequences`] is what they
//!   mean
//! - [`painter`] writes the cells that differ
//! - [`password`] asks for a password

use std::cell::Cell;
use std::fmt::Display;
use std::io::{self, Write};
use std::rc::Rc;

use ratatui::Terminal;
use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer;
use ratatui::crossterm::clipboard::CopyToClipboard;
use ratatui::crossterm::cursor::{MoveTo, Show};
use ratatui::crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use ratatui::crossterm::execute;
use ratatui::crossterm::style::{Print, ResetColor, Stylize};
use ratatui::crossterm::terminal::{
    self, Clear, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::layout::{Position, Size};

use crate::state::State;
use crate::view::{self, Theme};

mod decoder;
mod input;
mod painter;
mod password;
mod sequences;

pub(super) use input::{TerminalInput, discard_waiting};
use painter::Painter;
pub(crate) use password::ask_password;

/// The terminal in application mode. Dropping it restores the terminal.
pub(super) struct TerminalScreen {
    terminal: Terminal<Canvas>,
    /// Where the frame wants the cursor.
    cursor: Rc<Cell<Option<Position>>>,
    painter: Painter,
    modes: Modes,
}

impl TerminalScreen {
    /// Sets up the terminal. It sends no queries: some terminals answer late or never.
    pub(super) fn enter(mouse: bool) -> io::Result<Self> {
        let modes = Modes { mouse };
        restore_on_panic(modes);
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

    /// Draws the changes in one write, so that no partial frame shows.
    pub(super) fn draw(&mut self, state: &State) -> io::Result<()> {
        let frame = self
            .terminal
            .draw(|frame| view::draw(frame, state, &Theme::of(state)))?;
        let bytes = self.painter.paint(frame.buffer, self.cursor.get());
        let mut out = io::stdout().lock();
        out.write_all(&bytes)?;
        out.flush()
    }

    /// Makes the next draw repaint everything.
    pub(super) fn forget(&mut self) {
        self.painter.forget();
    }

    /// Hands the terminal to another program.
    pub(super) fn pause(&mut self) {
        self.modes.leave();
    }

    /// Takes the terminal back.
    pub(super) fn resume(&mut self) -> io::Result<()> {
        self.forget();
        self.modes.enter()
    }

    /// Suspends to the shell, and returns when the program is continued.
    pub(super) fn suspend(&mut self) -> io::Result<()> {
        self.pause();
        rustix::process::kill_current_process_group(rustix::process::Signal::TSTP)?;
        self.resume()
    }
}

impl Drop for TerminalScreen {
    fn drop(&mut self) {
        self.modes.leave();
    }
}

/// Whether the terminal says that it shows 24-bit colours. It is not asked.
pub(super) fn has_true_colour() -> bool {
    let said = std::env::var("COLORTERM");
    said.is_ok_and(|said| matches!(said.as_str(), "truecolor" | "24bit"))
}

/// Sends text to the terminal's clipboard (OSC 52), which does not acknowledge it.
pub(super) fn copy(text: &str) -> io::Result<()> {
    execute!(io::stdout(), CopyToClipboard::to_clipboard_from(text))
}

/// A ratatui backend that draws nothing: the painter takes the whole frame.
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
        size()
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

/// Enables mouse reports: presses and the wheel, but not motion, which would cost bytes; in SGR
/// format, which works at any width.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1006h";

/// Disables mouse reports.
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1000l";

/// Enters application mode.
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

    /// Undoes each step separately, so that a failure does not skip the others.
    fn leave(self) {
        let mut out = io::stdout();
        let mouse = if self.mouse { MOUSE_OFF } else { "" };
        let _ = execute!(out, Print(mouse));
        let _ = execute!(out, ResetColor);
        let _ = execute!(out, DisableBracketedPaste);
        // A terminal without an alternate screen would keep what was drawn.
        let _ = execute!(out, Clear(terminal::ClearType::All), MoveTo(0, 0));
        let _ = execute!(out, LeaveAlternateScreen);
        let _ = execute!(out, Show);
        let _ = disable_raw_mode();
        let _ = out.flush();
    }
}

/// Restores what needs no write, since the terminal may be blocked.
pub(super) fn restore_without_writing() {
    let _ = disable_raw_mode();
}

/// Restore first, so that a panic's message appears on the normal screen.
fn restore_on_panic(modes: Modes) {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        modes.leave();
        report(panic);
    }));
}

/// The terminal's size, in cells.
pub(crate) fn size() -> io::Result<Size> {
    terminal::size().map(Size::from)
}

/// A text that is printed in bold.
pub(crate) fn bold(text: &str) -> impl Display {
    text.bold()
}
