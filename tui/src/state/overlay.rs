//! What lies over the table: a stack, of which the uppermost has the keyboard.
//!
//! One more dialog is a [`Screen`], a type of the same name in a file of the state, a line in the list below, a file
//! of the update and a file of the view. The compiler asks for the rest.

use super::account::{Account, ChangePassword};
use super::batch::Batch;
use super::columns::Columns;
use super::confirm::Confirm;
use super::conflict::Conflict;
use super::form::Form;
use super::help::Help;
use super::history::History;
use super::palette::Palette;
use super::sign_in::SignIn;
use super::users::{Handover, UserForm, Users};
use crate::keys::Screen;

/// One kind of thing that can lie over the table.
pub trait Part: Sized + Into<Overlay> {
    /// The screen that it is.
    const SCREEN: Screen;

    /// It, if the overlay is of this kind.
    fn of(overlay: &Overlay) -> Option<&Self>;

    /// It, if the overlay is of this kind, to be changed.
    fn of_mut(overlay: &mut Overlay) -> Option<&mut Self>;

    /// It, taken out of the overlay, if that is of this kind.
    fn taken_from(overlay: Overlay) -> Option<Self>;
}

/// Each kind is a type of the state and a screen of the same name.
macro_rules! overlays {
    ($($part:ident: $what:literal,)*) => {
        /// One thing that lies over the table.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Overlay {
            $(#[doc = $what] $part($part),)*
        }

        impl Overlay {
            /// The screen that it is.
            pub fn screen(&self) -> Screen {
                match self {
                    $(Self::$part(_) => Screen::$part,)*
                }
            }
        }

        $(impl Part for $part {
            const SCREEN: Screen = Screen::$part;

            fn of(overlay: &Overlay) -> Option<&Self> {
                if let Overlay::$part(part) = overlay { Some(part) } else { None }
            }

            fn of_mut(overlay: &mut Overlay) -> Option<&mut Self> {
                if let Overlay::$part(part) = overlay { Some(part) } else { None }
            }

            fn taken_from(overlay: Overlay) -> Option<Self> {
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
    Form: "A new or changed record that is being written.",
    Batch: "Changes of many records, before, while and after they are done.",
    History: "What became of a record over time.",
    Conflict: "Two versions of one record that must become one.",
    Confirm: "A question that must be answered first.",
    Help: "The keys.",
    Columns: "The dialog of the columns.",
    Palette: "The actions by their words.",
    Account: "The person's own sessions.",
    ChangePassword: "Another password for the person.",
    Users: "The accounts.",
    UserForm: "A new or changed account.",
    Handover: "A password that was made up for somebody.",
    SignIn: "The way in.",
}
