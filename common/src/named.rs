//! Named values in the order in which they were sent. Query strings and JSON objects are read
//! through them.

use crate::field_error::{FieldError, MOST_ERRORS, Rule};

/// The values that have not been taken yet, and the errors in those that have.
#[derive(Debug, Clone)]
pub(crate) struct Named<N, V> {
    /// At its position each name with its value, or `None` once it was taken.
    all: Vec<Option<(N, V)>>,
    /// Each error with the position of its value.
    errors: Vec<(usize, FieldError)>,
}

impl<N: AsRef<str>, V> Named<N, V> {
    pub(crate) fn new(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        Self {
            all: pairs.into_iter().map(Some).collect(),
            errors: Vec::new(),
        }
    }

    /// The same with names of another type.
    pub(crate) fn with_names<M>(self, change: impl Fn(N) -> M) -> Named<M, V> {
        let changed = |pair: Option<(N, V)>| pair.map(|(name, value)| (change(name), value));
        Named {
            all: self.all.into_iter().map(changed).collect(),
            errors: self.errors,
        }
    }

    /// The names that have not been taken, in their order, including repeated ones.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.all.iter().flatten().map(|(name, _)| name.as_ref())
    }

    /// Takes a value by name and converts it with `read`. A repeated name is an error at its second
    /// position.
    pub(crate) fn take<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(V) -> Result<T, (Rule, String)>,
    ) -> Option<T> {
        let is_named = |pair: &Option<(N, V)>| {
            let name_of = pair.as_ref().map(|(name, _)| name.as_ref());
            name_of == Some(name)
        };
        let position = self.all.iter().position(is_named)?;
        let (_, value) = self.all.get_mut(position)?.take()?;
        if let Some(again) = self.all.iter().position(is_named) {
            let error = FieldError::new(name, Rule::Duplicate, "Given twice.");
            self.errors.push((again, error));
            // Otherwise `finish` would report the repetitions as unknown names, too.
            for repeated in self.all.iter_mut().filter(|pair| is_named(pair)) {
                *repeated = None;
            }
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
        let left = self.all.iter().enumerate();
        let left = left.filter_map(|(position, pair)| Some((position, pair.as_ref()?.0.as_ref())));
        let unknown = |name: &str| FieldError::new(name, Rule::Unknown, unknown);
        self.errors.extend(
            left.map(|(position, name)| (position, unknown(name)))
                .take(MOST_ERRORS),
        );
        if self.errors.is_empty() {
            return Ok(());
        }
        self.errors.sort_by_key(|(position, _)| *position);
        self.errors.truncate(MOST_ERRORS);
        Err(self.errors.into_iter().map(|(_, error)| error).collect())
    }
}
