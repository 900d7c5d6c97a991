//! The keys, where they are asked for.

/// What is shown of the keys.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Help {
    /// The first line that is shown.
    pub first: usize,
}
