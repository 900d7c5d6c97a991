//! The editing keys, the same in every form.

use tui_input::InputRequest;

use crate::keys::Key;
use crate::state::text::{LineEdit, Secret};

/// Edits the line if the key is an editing key. Returns `true` if the text changed.
pub(crate) fn edit(line: &mut LineEdit, key: Key) -> bool {
    request(key).is_some_and(|request| line.edit(request))
}

/// Like [`edit`], in a text of several lines: the keys for the start and the end mean those of the
/// cursor's line.
pub(crate) fn edit_lines(text: &mut LineEdit, key: Key) -> bool {
    let (line, cursor) = (text.cursor_line(), text.before_cursor().len());
    match key {
        Key::Home | Key::Ctrl('a') => text.move_to(line.start),
        Key::End | Key::Ctrl('e') => text.move_to(line.end),
        Key::Ctrl('u') if cursor > line.start => {
            text.complete(line.start, "");
            return true;
        }
        Key::Ctrl('k') if cursor < line.end => {
            text.move_to(line.end);
            text.complete(cursor, "");
            return true;
        }
        // At the edge of a line these do nothing; `edit` would delete the lines before or after it.
        Key::Ctrl('u' | 'k') => {}
        _ => return edit(text, key),
    }
    false
}

/// Edits a password if the key is an editing key.
pub(crate) fn edit_secret(secret: &mut Secret, key: Key) {
    if let Some(request) = request(key) {
        secret.edit(request);
    }
}

/// Returns `true` if the key only moves the cursor in a line.
pub(crate) fn only_moves(key: Key) -> bool {
    use InputRequest as Edit;
    matches!(
        request(key),
        Some(
            Edit::GoToPrevChar
                | Edit::GoToNextChar
                | Edit::GoToPrevWord
                | Edit::GoToNextWord
                | Edit::GoToStart
                | Edit::GoToEnd
        )
    )
}

/// Chooses among a few words: arrows and space step through them, a letter jumps to the next word
/// that starts with it.
pub(crate) fn choose<'a>(words: &[&'a str], now: &str, key: Key) -> Option<&'a str> {
    let here = words.iter().position(|word| *word == now).unwrap_or(0);
    let there = match key {
        Key::Left => here.saturating_sub(1),
        Key::Right => here + 1,
        Key::Char(' ') => (here + 1) % words.len(),
        Key::Char(letter) => {
            let mut after = words.iter().skip(here + 1).chain(words);
            return after.find(|word| word.starts_with(letter)).copied();
        }
        _ => return None,
    };
    words.get(there).copied()
}

fn request(key: Key) -> Option<InputRequest> {
    Some(match key {
        Key::Char(c) => InputRequest::InsertChar(c),
        Key::Left => InputRequest::GoToPrevChar,
        Key::Right => InputRequest::GoToNextChar,
        Key::WordLeft | Key::Alt('b') => InputRequest::GoToPrevWord,
        Key::WordRight | Key::Alt('f') => InputRequest::GoToNextWord,
        Key::Home | Key::Ctrl('a') => InputRequest::GoToStart,
        Key::End | Key::Ctrl('e') => InputRequest::GoToEnd,
        Key::Backspace => InputRequest::DeletePrevChar,
        Key::Delete => InputRequest::DeleteNextChar,
        Key::Ctrl('w') => InputRequest::DeletePrevWord,
        Key::Alt('d') => InputRequest::DeleteNextWord,
        Key::Ctrl('u') => InputRequest::DeleteFromStart,
        Key::Ctrl('k') => InputRequest::DeleteTillEnd,
        Key::Ctrl('y') => InputRequest::Yank,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_chosen_by_arrows_and_by_its_letter() {
        let after = |now, key| choose(&["active", "leave", "left"], now, key);
        assert_eq!(
            [Key::Left, Key::Right].map(|key| after("leave", key)),
            [Some("active"), Some("left")]
        );
        assert_eq!(
            [Key::Right, Key::Char(' ')].map(|key| after("left", key)),
            [None, Some("active")]
        );
        assert_eq!(
            ["active", "leave", "left"].map(|now| after(now, Key::Char('l'))),
            ["leave", "left", "leave"].map(Some)
        );
        assert_eq!(
            ["", "left"].map(|now| after(now, Key::Char('x'))),
            [None, None]
        );
    }
}
