//! What a screen or a flow asks the dispatch to do next.

use crate::keys::Action;
use crate::state::Overlay;

/// The next step. Screens and flows return it, since only the dispatch opens a screen.
#[derive(Debug)]
pub(super) enum Next {
    /// Open this screen.
    Open(Box<Overlay>),
    /// Perform this action on the screen that has the keyboard now.
    Act(Action),
    /// One after the other.
    Both(Box<Next>, Box<Next>),
}

impl Next {
    /// The step that opens a screen.
    pub(super) fn open(screen: impl Into<Overlay>) -> Option<Self> {
        Some(Self::Open(Box::new(screen.into())))
    }

    /// Combines two optional steps.
    pub(super) fn both(first: Option<Self>, second: Option<Self>) -> Option<Self> {
        match (first, second) {
            (Some(first), Some(second)) => Some(Self::Both(Box::new(first), Box::new(second))),
            (first, second) => first.or(second),
        }
    }
}
