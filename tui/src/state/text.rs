//! What a person types: a line that can be edited, and a password that cannot be seen.

use std::fmt;

use tui_input::{Input, InputRequest};
use zeroize::Zeroizing;

/// One line of text with a cursor in it.
#[derive(Clone, Default)]
pub struct Line(Input);

impl Line {
    /// Twice what the longest field takes: a value is never cut to one that fits.
    const MAX_CHARS: usize = 4000;

    /// A line with the cursor at its end.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Input::new(text.into()))
    }

    /// The text.
    pub fn text(&self) -> &str {
        self.0.value()
    }

    /// The text before the cursor.
    pub fn before_cursor(&self) -> &str {
        let end = self.text().char_indices().nth(self.0.cursor()).map_or(self.text().len(), |(at, _)| at);
        self.text().get(..end).unwrap_or_default()
    }

    /// Edits the line; whether the text is another one now.
    pub fn edit(&mut self, edit: InputRequest) -> bool {
        self.0.handle(edit).is_some_and(|changed| changed.value)
    }

    /// Inserts text at the cursor, its line breaks as spaces: a paste is one value and never a command. What is more
    /// than any field takes stays out.
    pub fn paste(&mut self, text: &str) {
        let one_line = text.trim_matches(['\r', '\n']).replace("\r\n", " ").replace(['\r', '\n', '\t'], " ");
        let room = Self::MAX_CHARS.saturating_sub(self.text().chars().count());
        let one_line: String = one_line.chars().take(room).collect();
        let (before, after) = self.text().split_at(self.before_cursor().len());
        let cursor = before.chars().count() + one_line.chars().count();
        self.0 = Input::new(format!("{before}{one_line}{after}")).with_cursor(cursor);
    }
}

impl PartialEq for Line {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text() && self.0.cursor() == other.0.cursor()
    }
}

impl Eq for Line {}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}|{:?}", self.before_cursor(), self.text().get(self.before_cursor().len()..).unwrap_or_default())
    }
}

/// A password while it is typed: it grows and shrinks at its end only, is wiped when dropped, and does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// More than any server takes. The room is there from the start, so that growing leaves no copy behind.
    const MAX_BYTES: usize = 512;

    /// The secret.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether nothing is typed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a character, if there is room.
    pub fn push(&mut self, c: char) {
        if self.0.len() + c.len_utf8() <= Self::MAX_BYTES {
            self.0.push(c);
        }
    }

    /// Takes the last character away.
    pub fn pop(&mut self) {
        self.0.pop();
    }

    /// Wipes it.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

impl Default for Secret {
    fn default() -> Self {
        Self(Zeroizing::new(String::with_capacity(Self::MAX_BYTES)))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
