//! Whether somebody works here.

use crate::words::words;

words! {
    /// Whether somebody works here now.
    #[derive(Default)]
    pub enum Status {
        /// At work.
        #[default]
        Active = "active",
        /// Employed, and away for a while.
        Leave = "leave",
        /// No longer employed.
        Left = "left",
    }
}
