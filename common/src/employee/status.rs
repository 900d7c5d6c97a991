//! The employment status.

use crate::words::words;

words! {
    /// The employment status of a person.
    #[derive(Default)]
    pub enum Status {
        /// Currently working.
        #[default]
        Active = "active",
        /// On leave.
        Leave = "leave",
        /// No longer employed.
        Left = "left",
    }
}
