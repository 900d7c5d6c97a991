//! Keys that edit a line of text, the same in every form.

use tui_input::InputRequest;

use crate::event::Key;
use crate::state::text::{Line, Secret};

/// Edits the line, if the key is one of those that do; whether the text is another one now.
pub(super) fn edit(line: &mut Line, key: Key) -> bool {
    request(key).is_some_and(|request| line.edit(request))
}

/// Edits a password, if the key is one of those that do: it grows and shrinks at its end only.
pub(super) fn edit_secret(secret: &mut Secret, key: Key) {
    match key {
        Key::Char(c) => secret.push(c),
        Key::Backspace => secret.pop(),
        Key::Ctrl('u' | 'w') => secret.clear(),
        _ => {}
    }
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
