//! Records of a list, encoded as they are answered.

use bytes::Bytes;

use super::StoreError;

/// Records of a list with their JSON already encoded, one behind the other, so that a page is
/// answered without another copy.
#[derive(Debug, Clone, Default)]
pub struct Records {
    /// Each with a comma before it.
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Records {
    /// Copies records into one buffer.
    pub fn copied(records: &[&[u8]]) -> Self {
        let size: usize = records.iter().map(|json| json.len() + 1).sum();
        // One byte more, for the bracket of `into_array`.
        let mut text = Vec::with_capacity(size + 1);
        let copy = |json: &&[u8]| {
            text.push(b',');
            text.extend_from_slice(json);
            text.len()
        };
        let ends = records.iter().map(copy).collect();
        Self { text, ends }
    }

    /// Returns `true` if there are no records.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The number of records.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The JSON of each record.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .filter_map(|(start, end)| self.text.get(start + 1..*end))
    }

    /// The records as a JSON array.
    pub fn into_array(mut self) -> Bytes {
        match self.text.first_mut() {
            Some(comma) => *comma = b'[',
            None => self.text.push(b'['),
        }
        self.text.push(b']');
        self.text.into()
    }

    /// The records as they follow others in a JSON array: each with a comma before it.
    pub fn into_elements(self) -> Bytes {
        self.text.into()
    }
}

/// A page of a list, all of one committed state.
#[derive(Debug, Clone)]
pub struct Page {
    /// The records of the page.
    pub records: Records,
    /// The number of records in the whole list.
    pub total: usize,
    /// The number of records before the first of the page.
    pub offset: usize,
    /// The cursor of the next page, if there is one.
    pub next: Option<String>,
}

/// Why there is no page.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PageError {
    /// The cursor is not one of this list.
    #[error("the cursor does not belong to this list")]
    Cursor,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
