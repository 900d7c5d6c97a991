//! Named values in the order in which they were sent, each taken once by its name: what query
//! strings and JSON objects have in common.

use crate::field_error::{FieldError, MOST_ERRORS, Rule};

/// Values that have not been taken, and what was wrong with those that have.
#[derive(Debug, Clone)]
pub(crate) struct Named<V> {
    /// Place, name and value.
    left: Vec<(usize, String, V)>,
    /// Each with the place of the value that it is about.
    errors: Vec<(usize, FieldError)>,
}

impl<V> Named<V> {
    pub(crate) fn new(pairs: impl IntoIterator<Item = (String, V)>) -> Self {
        let pairs = pairs.into_iter().enumerate();
        Self {
            left: pairs
                .map(|(place, (name, value))| (place, name, value))
                .collect(),
            errors: Vec::new(),
        }
    }

    /// The names that have not been taken, in their order, repeated ones included.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.left.iter().map(|(_, name, _)| name.as_str())
    }

    /// Takes the value of a name and reads it. A name that was sent again is an error at its second
    /// place.
    pub(crate) fn take<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(V) -> Result<T, (Rule, String)>,
    ) -> Option<T> {
        let is_named = |(_, other, _): &(usize, String, V)| other == name;
        let index = self.left.iter().position(is_named)?;
        let (place, _, value) = self.left.remove(index);
        if let Some((again, ..)) = self.left.iter().find(|value| is_named(value)) {
            let error = FieldError::new(name, Rule::Duplicate, "Given twice.");
            self.errors.push((*again, error));
            self.left.retain(|value| !is_named(value));
        }
        match read(value) {
            Ok(value) => Some(value),
            Err((rule, message)) => {
                let error = FieldError::new(name, rule, message);
                self.errors.push((place, error));
                None
            }
        }
    }

    /// Succeeds if every value was taken and read.
    ///
    /// # Errors
    /// The first [`MOST_ERRORS`] faults, in the order of the values. `unknown` is the message for a
    /// value that was not taken.
    pub(crate) fn finish(mut self, unknown: &str) -> Result<(), Vec<FieldError>> {
        let left = self.left.into_iter().take(MOST_ERRORS);
        self.errors.extend(
            left.map(|(place, name, _)| (place, FieldError::new(name, Rule::Unknown, unknown))),
        );
        if self.errors.is_empty() {
            return Ok(());
        }
        self.errors.sort_by_key(|(place, _)| *place);
        self.errors.truncate(MOST_ERRORS);
        Err(self.errors.into_iter().map(|(_, error)| error).collect())
    }
}
