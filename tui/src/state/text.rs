//! Text input: an editable line, and a hidden password.

use std::fmt;

use tui_input::{Input, InputRequest};
use zeroize::Zeroizing;

/// An editable line of text with undo.
#[derive(Clone, Default)]
pub struct LineEdit {
    input: Input,
    /// What it was before each step, the last one at the end.
    earlier: Vec<Input>,
    /// What each undone step had made of it.
    later: Vec<Input>,
    /// The last thing that was done, which the next may be a part of.
    last: Option<Stroke>,
}

/// A kind of editing: a run of the same is undone in one step.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stroke {
    Write,
    Erase,
    Other,
}

impl Stroke {
    fn of(edit: InputRequest) -> Self {
        match edit {
            InputRequest::InsertChar(c) if !c.is_whitespace() => Self::Write,
            InputRequest::DeletePrevChar | InputRequest::DeleteNextChar => Self::Erase,
            _ => Self::Other,
        }
    }

    /// Whether it goes on with the same step: a word while it is written, or a run of characters taken away.
    fn continues(self, last: Option<Self>) -> bool {
        self != Self::Other && last == Some(self)
    }
}

impl LineEdit {
    /// Twice what the longest field takes: a value is never cut to one that fits.
    const MAX_CHARS: usize = 4000;

    /// How many steps can be undone.
    const MAX_STEPS: usize = 100;

    /// A line with the cursor at its end.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            input: Input::new(text.into()),
            ..Self::default()
        }
    }

    /// The text.
    pub fn text(&self) -> &str {
        self.input.value()
    }

    /// The text before the cursor.
    pub fn before_cursor(&self) -> &str {
        let end = self
            .text()
            .char_indices()
            .nth(self.input.cursor())
            .map_or(self.text().len(), |(at, _)| at);
        self.text().get(..end).unwrap_or_default()
    }

    /// Edits the line. Returns `true` if the text changed.
    pub fn edit(&mut self, edit: InputRequest) -> bool {
        let (before, stroke) = (self.input.clone(), Stroke::of(edit));
        let changed = self.input.handle(edit).is_some_and(|changed| changed.value);
        if changed && !stroke.continues(self.last) {
            self.remember(before);
        }
        self.last = Some(stroke);
        changed
    }

    /// Writes another text in the place of this one.
    pub fn replace(&mut self, text: impl Into<String>) {
        self.put(Input::new(text.into()));
    }

    /// Writes `text` in the place of what stands from a byte on up to the cursor.
    pub fn complete(&mut self, from: usize, text: &str) {
        let (before, after) = self.text().split_at(self.before_cursor().len());
        let kept = before.get(..from).unwrap_or(before);
        let cursor = kept.chars().count() + text.chars().count();
        self.put(Input::new(format!("{kept}{text}{after}")).with_cursor(cursor));
    }

    /// Undoes the last step. Returns `false` if there is none.
    pub fn undo(&mut self) -> bool {
        let Some(before) = self.earlier.pop() else {
            return false;
        };
        self.later.push(std::mem::replace(&mut self.input, before));
        self.last = None;
        true
    }

    /// Redoes the last undone step. Returns `false` if there is none.
    pub fn redo(&mut self) -> bool {
        let Some(after) = self.later.pop() else {
            return false;
        };
        self.earlier.push(std::mem::replace(&mut self.input, after));
        self.last = None;
        true
    }

    /// Puts another text into the line, as a step of its own.
    fn put(&mut self, input: Input) {
        let before = std::mem::replace(&mut self.input, input);
        self.remember(before);
        self.last = None;
    }

    fn remember(&mut self, before: Input) {
        self.later.clear();
        self.earlier.push(before);
        self.earlier
            .drain(..self.earlier.len().saturating_sub(Self::MAX_STEPS));
    }

    /// Inserts text at the cursor, its line breaks as spaces: a paste is one value and never a command. What is more
    /// than any field takes stays out.
    pub fn paste(&mut self, text: &str) {
        let one_line = text
            .trim_matches(['\r', '\n'])
            .replace("\r\n", " ")
            .replace(['\r', '\n', '\t'], " ");
        let room = Self::MAX_CHARS.saturating_sub(self.text().chars().count());
        let one_line: String = one_line.chars().take(room).collect();
        self.complete(self.before_cursor().len(), &one_line);
    }
}

impl PartialEq for LineEdit {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text() && self.input.cursor() == other.input.cursor()
    }
}

impl Eq for LineEdit {}

impl fmt::Debug for LineEdit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?}|{:?}",
            self.before_cursor(),
            self.text()
                .get(self.before_cursor().len()..)
                .unwrap_or_default()
        )
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

    /// Adds what was pasted, without the line breaks around it.
    pub fn paste(&mut self, text: &str) {
        text.trim_matches(['\r', '\n'])
            .chars()
            .for_each(|c| self.push(c));
    }

    /// Whether it has letters and all of them are capitals, as where Caps Lock is on.
    pub fn is_all_capitals(&self) -> bool {
        self.0.chars().any(char::is_uppercase) && !self.0.chars().any(char::is_lowercase)
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

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
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
