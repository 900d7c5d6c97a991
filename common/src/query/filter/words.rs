//! Splits a filter into words, groups and alternatives.

/// How deep groups may be nested. What is deeper is part of a word.
const MAX_DEPTH: usize = 16;

/// A word, or what stands in parentheses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Word(&'a str),
    Group {
        inside: Words<'a>,
        /// Whether its closing parenthesis is there.
        closed: bool,
    },
}

/// Reads a filter from left to right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Words<'a> {
    rest: &'a str,
    depth: usize,
    /// Whether the last step was over a space.
    is_after_space: bool,
}

impl<'a> Words<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            depth: 0,
            is_after_space: false,
        }
    }

    /// Goes to the next word. Returns `false` if there is none.
    pub(super) fn advance(&mut self) -> bool {
        let rest = self.rest.trim_start();
        self.is_after_space = rest.len() < self.rest.len();
        self.rest = rest;
        !rest.is_empty()
    }

    /// Takes a `!`.
    pub(super) fn negation(&mut self) -> bool {
        let after = self.rest.strip_prefix('!');
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    /// Takes a `|`, with spaces around it.
    pub(super) fn alternative(&mut self) -> bool {
        let after = self.rest.trim_start().strip_prefix('|');
        self.rest = after.map_or(self.rest, str::trim_start);
        after.is_some()
    }

    /// Takes a word, which is empty before a space or at the end, or a group.
    pub(super) fn piece(&mut self) -> Piece<'a> {
        // Groups are parsed recursively, so the depth is bounded to bound the stack.
        if self.depth < MAX_DEPTH
            && let Some(group) = group(self.rest)
        {
            self.rest = group.after.unwrap_or_default();
            let inside = Self {
                rest: group.inside,
                depth: self.depth + 1,
                is_after_space: false,
            };
            return Piece::Group {
                inside,
                closed: group.after.is_some(),
            };
        }
        let end = unquoted(self.rest).find(|(_, c)| is_end(*c));
        let (word, rest) = self
            .rest
            .split_at(end.map_or(self.rest.len(), |(at, _)| at));
        self.rest = rest;
        Piece::Word(word)
    }
}

fn is_end(c: char) -> bool {
    c.is_whitespace() || c == '|'
}

/// The characters outside quotation marks, with their places. An unclosed quotation runs to the
/// end.
fn unquoted(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut quoted = false;
    text.char_indices().filter(move |(_, c)| {
        quoted ^= *c == '"';
        !quoted && *c != '"'
    })
}

/// A group at the beginning of a text.
struct Group<'a> {
    inside: &'a str,
    /// What follows its closing parenthesis, if there is one.
    after: Option<&'a str>,
}

/// Reads a group. Without its closing parenthesis, it runs to the end.
///
/// Parentheses in and around a single word are part of it, as in `(030) 555` or `f(x)`: a group has
/// several words or alternatives.
fn group(text: &str) -> Option<Group<'_>> {
    let text = text.strip_prefix('(')?;
    let mut depth = 1_usize;
    let close = unquoted(text).find(|(_, c)| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    let Some((end, _)) = close else {
        // A group that is still being typed. `(:` is text.
        let begins_word = text.starts_with(|c: char| c.is_alphanumeric() || c == '"');
        let has_alternatives = unquoted(text).any(|(_, c)| c == '|');
        return (begins_word || has_alternatives).then_some(Group {
            inside: text,
            after: None,
        });
    };
    let (inside, after) = (text.get(..end)?, text.get(end + 1..)?);
    let ends_here = after.chars().next().is_none_or(is_end);
    let has_many = unquoted(inside.trim()).any(|(_, c)| is_end(c));
    (ends_here && has_many).then_some(Group {
        inside,
        after: Some(after),
    })
}

/// The character that would close what is still open in a filter: a quotation mark or a
/// parenthesis.
pub fn unclosed(q: &str) -> Option<char> {
    if q.matches('"').count() % 2 == 1 {
        return Some('"');
    }
    let mut words = Words::new(q);
    while words.advance() {
        words.negation();
        // A single word needs no parentheses, and may be a text with them, as `(030`.
        if let Piece::Group {
            inside,
            closed: false,
        } = words.piece()
            && unquoted(inside.rest.trim()).any(|(_, c)| is_end(c))
        {
            return Some(')');
        }
        words.alternative();
    }
    None
}

/// The word being typed at the end of a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LastWord<'a> {
    /// The word, without a `!` before it; empty after a space or a `|`.
    pub text: &'a str,
    /// The first of the alternatives that it belongs to, if it is not the first itself.
    pub first: Option<&'a str>,
    /// What stands before it and its alternatives, or before the group that it is in.
    pub before: &'a str,
}

/// Finds the word being typed at the end of a filter.
pub fn last_word(q: &str) -> LastWord<'_> {
    last_of(Words::new(q))
}

/// The last of some words. They know how deep they are, so that groups in groups come to an end.
fn last_of(mut words: Words<'_>) -> LastWord<'_> {
    let q = words.rest;
    let mut last = LastWord::default();
    while words.advance() {
        let before = q.get(..q.len() - words.rest.len()).unwrap_or_default();
        last = LastWord {
            before,
            ..last_alternative(&mut words)
        };
    }
    // The space ended the last word. The next one is still empty.
    if words.is_after_space {
        last = LastWord {
            before: q,
            ..LastWord::default()
        };
    }
    last
}

/// The last of a word's alternatives.
fn last_alternative<'a>(words: &mut Words<'a>) -> LastWord<'a> {
    let mut first = None;
    loop {
        words.negation();
        let text = match words.piece() {
            // It may be the beginning of a group.
            Piece::Word(text) => text.trim_start_matches('('),
            Piece::Group {
                inside,
                closed: false,
            } => return last_of(inside),
            // Nothing can be completed there.
            Piece::Group { .. } => ")",
        };
        if !words.alternative() {
            return LastWord {
                text,
                first,
                before: "",
            };
        }
        first = first.or(Some(text));
    }
}
