//! What the bytes and sequences of a terminal mean.

use ratatui::layout::Position;

use crate::event::{Event, Mouse};
use crate::keys::Key;

/// The modifiers of a key, as xterm reports them: one more than the sum of 1 for Shift, 2 for Alt
/// and 4 for Ctrl.
#[derive(Debug, Clone, Copy)]
struct Modifiers(u32);

impl Modifiers {
    fn from_parameter(parameter: Option<u32>) -> Self {
        Self(parameter.unwrap_or(1).saturating_sub(1))
    }

    fn has_alt(self) -> bool {
        self.0 & 2 != 0
    }

    fn has_ctrl(self) -> bool {
        self.0 & 4 != 0
    }
}

/// The key of a single byte below 0x80.
pub(super) fn single(byte: u8) -> Key {
    match byte {
        b'\r' | b'\n' => Key::Enter,
        b'\t' => Key::Tab,
        // Some terminals send Ctrl-h for Backspace.
        0x7f | 0x08 => Key::Backspace,
        0x00 => Key::Ctrl(' '),
        0x01..=0x1a => Key::Ctrl(char::from(byte - 1 + b'a')),
        0x1b => Key::Esc,
        0x1c..=0x1f => Key::Ctrl(char::from(byte - 0x1c + b'\\')),
        _ => Key::Char(char::from(byte)),
    }
}

/// The key of a byte after Esc. Only characters have a combination with Alt.
pub(super) fn with_alt(byte: u8) -> Key {
    match single(byte) {
        Key::Char(c) => Key::Alt(c),
        key => key,
    }
}

/// A key of the application keypad: `ESC O A`.
pub(super) fn keypad(byte: u8) -> Option<Key> {
    match byte {
        b'R' => Some(Key::F(3)),
        _ => named(byte, Modifiers(0)),
    }
}

/// A function key of the Linux console: `ESC [ [ A`.
pub(super) fn console(byte: u8) -> Option<Key> {
    matches!(byte, b'A'..=b'E').then(|| Key::F(byte - b'A' + 1))
}

/// A control sequence with its parameters and final byte, if it is a key or the mouse.
pub(super) fn control(parameters: &[u8], end: u8) -> Option<Event> {
    let text = std::str::from_utf8(parameters).ok()?;
    if let Some(report) = text.strip_prefix('<') {
        return mouse(report, end);
    }
    let mut numbers = text.split(';').map(Parameter::parse);
    let mut next = || numbers.next().unwrap_or_default();
    let (first, second, third) = (next(), next(), next());
    if second.is_release() {
        return None;
    }
    let modifiers = Modifiers::from_parameter(second.number);
    let key = match (end, first.number) {
        (b'u', Some(code)) => encoded(code, modifiers)?,
        (b'~', Some(27)) => encoded(third.number?, modifiers)?,
        (b'~', Some(number)) => numbered(u8::try_from(number).ok()?)?,
        // Another answer of the terminal has a prefix that is no number, as `?` or `>`.
        (_, None) if !text.is_empty() => return None,
        _ => named(end, modifiers)?,
    };
    Some(Event::Key(key))
}

/// A parameter and its part after a colon: `5:1`.
#[derive(Debug, Clone, Copy, Default)]
struct Parameter {
    number: Option<u32>,
    part: Option<u32>,
}

impl Parameter {
    fn parse(text: &str) -> Self {
        let mut parts = text.split(':').map(|part| part.parse().ok());
        Self {
            number: parts.next().flatten(),
            part: parts.next().flatten(),
        }
    }

    /// Returns `true` if the key was released, which some terminals report.
    fn is_release(self) -> bool {
        self.part == Some(3)
    }
}

/// A key that is named by its final byte: `ESC [ A`.
fn named(end: u8, modifiers: Modifiers) -> Option<Key> {
    let by_word = modifiers.has_ctrl() || modifiers.has_alt();
    Some(match end {
        b'A' => Key::Up,
        b'B' => Key::Down,
        b'C' if by_word => Key::WordRight,
        b'C' => Key::Right,
        b'D' if by_word => Key::WordLeft,
        b'D' => Key::Left,
        b'F' => Key::End,
        b'H' => Key::Home,
        b'Z' => Key::BackTab,
        // `R` is the answer with the cursor's position; F3 has a number as well.
        b'P' | b'Q' | b'S' => Key::F(end - b'P' + 1),
        _ => return None,
    })
}

/// A key that is named by a number: `ESC [ 5 ~`.
fn numbered(number: u8) -> Option<Key> {
    Some(match number {
        1 | 7 => Key::Home,
        3 => Key::Delete,
        4 | 8 => Key::End,
        5 => Key::PageUp,
        6 => Key::PageDown,
        11..=15 => Key::F(number - 10),
        17..=21 => Key::F(number - 11),
        23 | 24 => Key::F(number - 12),
        _ => return None,
    })
}

/// A key that is named by its character: `ESC [ 100 ; 5 u`, or `ESC [ 27 ; 5 ; 100 ~`.
fn encoded(code: u32, modifiers: Modifiers) -> Option<Key> {
    let character = char::from_u32(code)?;
    let key = match u8::try_from(code) {
        Ok(byte @ 0x00..=0x7f) => single(byte),
        _ => Key::Char(character),
    };
    Some(match key {
        Key::Char(c) if modifiers.has_ctrl() => Key::Ctrl(c.to_ascii_lowercase()),
        Key::Char(c) if modifiers.has_alt() => Key::Alt(c),
        key => key,
    })
}

/// A report of the mouse in SGR format: `ESC [ < 0 ; 7 ; 3 M`.
fn mouse(report: &str, end: u8) -> Option<Event> {
    let mut numbers = report.split(';').map(|number| number.parse::<u16>().ok());
    let mut next = || numbers.next().flatten();
    let (button, column, row) = (next()?, next()?, next()?);
    let mouse = match (button, end) {
        (0, b'M') => Mouse::Press,
        (64, b'M') => Mouse::WheelUp,
        (65, b'M') => Mouse::WheelDown,
        _ => return None,
    };
    let at = Position::new(column.saturating_sub(1), row.saturating_sub(1));
    Some(Event::Mouse(mouse, at))
}
