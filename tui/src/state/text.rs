//! Text input: an editable line, and a hidden password.

use std::fmt;
use std::ops::Range;

use roster_common::text::with_line_feeds;
use tui_input::{Input, InputRequest};
use zeroize::Zeroizing;

/// An editable line of text with undo.
#[derive(Clone, Default)]
pub struct LineEdit {
    input: Input,
    /// The states before each step, oldest first.
    earlier: Vec<Input>,
    /// The states after each undone step.
    later: Vec<Input>,
    /// The last edit, which the next may continue.
    last: Option<Stroke>,
}

/// A kind of edit; consecutive edits of a kind are one undo step.
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

    /// Whether it continues the last step: typing a word, or deleting characters.
    fn continues(self, last: Option<Self>) -> bool {
        self != Self::Other && last == Some(self)
    }
}

impl LineEdit {
    /// Twice the longest field, so that text is never silently cut to a valid value.
    const MAX_CHARS: usize = 4000;

    /// The maximum number of undo steps.
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

    /// Replaces the text.
    pub fn replace(&mut self, text: impl Into<String>) {
        self.put(Input::new(text.into()));
    }

    /// Replaces the text between byte `from` and the cursor.
    pub fn complete(&mut self, from: usize, text: &str) {
        let (before, after) = self.text().split_at(self.before_cursor().len());
        let kept = before.get(..from).unwrap_or(before);
        let cursor = kept.chars().count() + text.chars().count();
        self.put(Input::new(format!("{kept}{text}{after}")).with_cursor(cursor));
    }

    /// Moves the cursor to a byte of the text.
    pub fn move_to(&mut self, at: usize) {
        let before = self.text().get(..at).unwrap_or(self.text());
        let cursor = before.chars().count();
        self.input = std::mem::take(&mut self.input).with_cursor(cursor);
        self.last = None;
    }

    /// The bytes of the cursor's line, without its line feed.
    pub fn cursor_line(&self) -> Range<usize> {
        let before = self.before_cursor();
        let after = self.text().get(before.len()..).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let end = after.find('\n').unwrap_or(after.len());
        start..before.len() + end
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

    /// Replaces the line as one undo step.
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

    /// Inserts text at the cursor: a paste is a value, never a command. Several lines become one,
    /// with a space between them. Text beyond the maximum is dropped. Returns the number of lines.
    pub fn paste(&mut self, text: &str) -> usize {
        let lines: Vec<_> = text
            .split(is_line_break)
            .filter(|line| !line.trim().is_empty())
            .collect();
        let one_line = match lines.as_slice() {
            [line] => line.replace('\t', " "),
            lines => {
                let lines = lines.iter().map(|line| line.trim().replace('\t', " "));
                lines.collect::<Vec<_>>().join(" ")
            }
        };
        self.insert(&one_line);
        lines.len()
    }

    /// Like [`paste`](Self::paste), but keeps the line breaks.
    pub fn paste_lines(&mut self, text: &str) {
        self.insert(&with_line_feeds(text).replace('\t', " "));
    }

    fn insert(&mut self, text: &str) {
        let room = Self::MAX_CHARS.saturating_sub(self.text().chars().count());
        let text: String = text.chars().take(room).collect();
        self.complete(self.before_cursor().len(), &text);
    }
}

/// Returns `true` for a line break of any kind (Unicode Standard, section 5.8).
fn is_line_break(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
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

/// A password being typed, with a cursor. It is wiped when dropped, and never printed.
#[derive(Clone)]
pub struct Secret {
    text: Zeroizing<String>,
    /// The byte before which characters are inserted.
    cursor: usize,
}

impl Secret {
    /// More than any server accepts. It is allocated at once, so that growing leaves no copy in
    /// memory.
    const MAX_BYTES: usize = 512;

    /// The password itself.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The password before the cursor.
    pub fn before_cursor(&self) -> &str {
        self.text.get(..self.cursor).unwrap_or_default()
    }

    fn after_cursor(&self) -> &str {
        self.text.get(self.cursor..).unwrap_or_default()
    }

    /// Edits it as a line of text is edited. It is one word.
    pub fn edit(&mut self, edit: InputRequest) {
        use InputRequest as Edit;
        let end = self.text.len();
        // By characters, not graphemes, since each character is shown as one dot.
        let before = self.before_cursor().char_indices().next_back();
        let previous = before.map_or(0, |(at, _)| at);
        let next = self.cursor + self.after_cursor().chars().next().map_or(0, char::len_utf8);
        match edit {
            Edit::InsertChar(c) => self.push(c),
            Edit::GoToPrevChar => self.cursor = previous,
            Edit::GoToNextChar => self.cursor = next,
            Edit::GoToPrevWord | Edit::GoToStart => self.cursor = 0,
            Edit::GoToNextWord | Edit::GoToEnd => self.cursor = end,
            Edit::DeletePrevChar => self.delete(previous..self.cursor),
            Edit::DeleteNextChar => self.delete(self.cursor..next),
            Edit::DeletePrevWord | Edit::DeleteFromStart => self.delete(0..self.cursor),
            Edit::DeleteNextWord | Edit::DeleteTillEnd => self.delete(self.cursor..end),
            _ => {}
        }
    }

    /// Deletes some bytes. What they leave behind in memory is wiped with the rest.
    fn delete(&mut self, bytes: Range<usize>) {
        self.cursor = bytes.start;
        self.text.replace_range(bytes, "");
    }

    /// Returns `true` if it is empty.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Inserts a character at the cursor, if there is room.
    pub fn push(&mut self, c: char) {
        if self.text.len() + c.len_utf8() <= Self::MAX_BYTES {
            self.text.insert(self.cursor, c);
            self.cursor += c.len_utf8();
        }
    }

    /// Inserts pasted text, without surrounding line breaks.
    pub fn paste(&mut self, text: &str) {
        text.trim_matches(['\r', '\n'])
            .chars()
            .for_each(|c| self.push(c));
    }

    /// Returns `true` if all its letters are capitals, as with Caps Lock on.
    pub fn is_all_capitals(&self) -> bool {
        self.text.chars().any(char::is_uppercase) && !self.text.chars().any(char::is_lowercase)
    }

    /// Wipes it.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self {
            cursor: text.len(),
            text: Zeroizing::new(text),
        }
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Secret {}

impl Default for Secret {
    fn default() -> Self {
        Self::from(String::with_capacity(Self::MAX_BYTES))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
