//! The stack of overlays over the table; the topmost has the keyboard.
//!
//! To add a dialog, add a [`Screen`], a type of the same name in a file under `state`, a line in
//! the list below, a file under `update/screens` and a file under `view`. The compiler points out
//! the rest.

use super::account::{ChangePassword, MySessions};
use super::batch::Batch;
use super::columns::Columns;
use super::confirm::Confirm;
use super::conflict::Conflict;
use super::export::Export;
use super::form::Form;
use super::help::Help;
use super::history::History;
use super::import::Import;
use super::named_filters::NamedFilters;
use super::palette::Palette;
use super::sign_in::SignIn;
use super::themes::Themes;
use super::users::{GeneratedPassword, UserForm, Users};
use crate::keys::Screen;

/// A type of overlay.
pub trait OverlayContent: Sized + Into<Overlay> {
    /// Its screen.
    const SCREEN: Screen;

    /// Returns the content if the overlay is of this type.
    fn of(overlay: &Overlay) -> Option<&Self>;

    /// Returns the mutable content if the overlay is of this type.
    fn of_mut(overlay: &mut Overlay) -> Option<&mut Self>;

    /// Unwraps the content if the overlay is of this type.
    fn from_overlay(overlay: Overlay) -> Option<Self>;
}

/// Each overlay is a type of the state and a screen of the same name.
macro_rules! overlays {
    ($($part:ident: $what:literal,)*) => {
        /// An overlay.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Overlay {
            $(#[doc = $what] $part($part),)*
        }

        impl Overlay {
            /// Its screen.
            pub fn screen(&self) -> Screen {
                match self {
                    $(Self::$part(_) => Screen::$part,)*
                }
            }
        }

        $(impl OverlayContent for $part {
            const SCREEN: Screen = Screen::$part;

            fn of(overlay: &Overlay) -> Option<&Self> {
                if let Overlay::$part(part) = overlay { Some(part) } else { None }
            }

            fn of_mut(overlay: &mut Overlay) -> Option<&mut Self> {
                if let Overlay::$part(part) = overlay { Some(part) } else { None }
            }

            fn from_overlay(overlay: Overlay) -> Option<Self> {
                if let Overlay::$part(part) = overlay { Some(part) } else { None }
            }
        }

        impl From<$part> for Overlay {
            fn from(part: $part) -> Self {
                Self::$part(part)
            }
        })*
    };
}

overlays! {
    Form: "The form of a new or changed record.",
    Batch: "A bulk change: preview, progress and results.",
    Export: "An export: its form, and its progress.",
    Import: "An import: its file, the check and the result.",
    History: "The history of one record.",
    Conflict: "The three-way merge of an edit conflict.",
    Confirm: "A confirmation dialog.",
    Help: "The help: all keys.",
    Columns: "The column settings.",
    Themes: "The choice of a theme.",
    NamedFilters: "The named filters.",
    Palette: "The command palette.",
    MySessions: "The user's own sessions.",
    ChangePassword: "The form for the user's own password.",
    Users: "User management.",
    UserForm: "The form of a new or changed account.",
    GeneratedPassword: "A generated password, shown once.",
    SignIn: "The sign-in form.",
}
