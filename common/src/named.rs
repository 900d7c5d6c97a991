//! Named values in the order in which they were sent. Query strings and JSON objects are read
//! through them.

use crate::field_error::{FieldError, MOST_ERRORS, Rule};

/// The values that have not been taken yet, and the errors in those that have.
#[derive(Debug, Clone)]
pub(crate) struct Named<V> {
    /// Position, name and value.
    left: Vec<(usize, String, V)>,
    /// Each error with the position of its value.
    errors: Vec<(usize, FieldError)>,
}

impl<V> Named<V> {
    pub(crate) fn new(pairs: impl IntoIterator<Item = (String, V)>) -> Self {
        let pairs = pairs.into_iter().enumerate();
        Self {
            left: pairs
                .map(|(position, (name, value))| (position, name, value))
                .collect(),
            errors: Vec::new(),
        }
    }

    /// The names that have not been taken, in their order, including repeated ones.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.left.iter().map(|(_, name, _)| name.as_str())
    }

    /// Takes a value by name and converts it with `read`. A repeated name is an error at its second
    /// position.
    pub(crate) fn take<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(V) -> Result<T, (Rule, String)>,
    ) -> Option<T> {
        let is_named = |(_, other, _): &(usize, String, V)| other == name;
        let index = self.left.iter().position(is_named)?;
        let (position, _, value) = self.left.remove(index);
        if let Some((again, ..)) = self.left.iter().find(|value| is_named(value)) {
            let error = FieldError::new(name, Rule::Duplicate, "Given twice.");
            self.errors.push((*again, error));
            // Otherwise `finish` would report the repetitions as unknown names, too.
            self.left.retain(|value| !is_named(value));
        }
        match read(value) {
            Ok(value) => Some(value),
            Err((rule, message)) => {
                let error = FieldError::new(name, rule, message);
                self.errors.push((position, error));
                None
            }
        }
    }

    /// Succeeds if every value was taken and valid.
    ///
    /// # Errors
    /// The first [`MOST_ERRORS`] errors, in the order of the values. `unknown` is the message for a
    /// value that was not taken.
    pub(crate) fn finish(mut self, unknown: &str) -> Result<(), Vec<FieldError>> {
        let left = self.left.into_iter().take(MOST_ERRORS);
        self.errors.extend(
            left.map(|(position, name, _)| {
                (position, FieldError::new(name, Rule::Unknown, unknown))
            }),
        );
        if self.errors.is_empty() {
            return Ok(());
        }
        self.errors.sort_by_key(|(position, _)| *position);
        self.errors.truncate(MOST_ERRORS);
        Err(self.errors.into_iter().map(|(_, error)| error).collect())
    }
}
