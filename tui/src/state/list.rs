//! A list loaded completely from the server.

/// A list and its cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List<T> {
    /// The items; `None` until they are loaded.
    pub items: Option<Vec<T>>,
    /// The selected row.
    pub cursor: usize,
    /// The key of an item that was just added, to be selected when it is loaded.
    pub added: Option<String>,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self {
            items: None,
            cursor: 0,
            added: None,
        }
    }
}

impl<T> List<T> {
    /// The selected item.
    pub fn current(&self) -> Option<&T> {
        self.items.as_ref()?.get(self.cursor)
    }

    /// Replaces the items. The cursor goes to the added item, or stays on the one with the same
    /// `key`.
    pub fn take(&mut self, items: Vec<T>, key: impl Fn(&T) -> String) {
        let is_added = |item: &T| self.added.as_ref() == Some(&key(item));
        let here = if items.iter().any(is_added) {
            self.added.take()
        } else {
            self.current().map(&key)
        };
        let found = items.iter().position(|item| here == Some(key(item)));
        self.cursor = found.unwrap_or(self.cursor);
        self.items = Some(items);
        self.move_by(0);
    }

    /// Moves the cursor within the list.
    pub fn move_by(&mut self, by: isize) {
        let last = self
            .items
            .as_ref()
            .map_or(0, |items| items.len().saturating_sub(1));
        self.cursor = self.cursor.saturating_add_signed(by).min(last);
    }
}
