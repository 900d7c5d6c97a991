//! A list loaded completely from the server.

/// The list, and the row that a key acts on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List<T> {
    /// What it has; nothing before it is read.
    pub items: Option<Vec<T>>,
    /// The row of the cursor.
    pub cursor: usize,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self {
            items: None,
            cursor: 0,
        }
    }
}

impl<T> List<T> {
    /// What stands in the row of the cursor.
    pub fn current(&self) -> Option<&T> {
        self.items.as_ref()?.get(self.cursor)
    }

    /// Takes in the list as it is now; the cursor stays on what has the same `key`.
    pub fn take<K: PartialEq>(&mut self, items: Vec<T>, key: impl Fn(&T) -> K) {
        let here = self.current().map(&key);
        let found = items.iter().position(|item| here == Some(key(item)));
        self.cursor = found.unwrap_or(self.cursor);
        self.items = Some(items);
        self.move_by(0);
    }

    /// Moves the cursor, no further than the list goes.
    pub fn move_by(&mut self, by: isize) {
        let last = self
            .items
            .as_ref()
            .map_or(0, |items| items.len().saturating_sub(1));
        self.cursor = self.cursor.saturating_add_signed(by).min(last);
    }
}
