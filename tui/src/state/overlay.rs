//! What lies over the table: a stack, of which the uppermost has the keyboard.
//!
//! One more dialog is a [`Screen`], a type of the same name in a file of the state, a line in the list below, a file
//! of the update and a file of the view. The compiler asks for the rest.

use super::{
    Account, Batch, ChangePassword, Columns, Confirm, Conflict, Form, Handover, Help, History,
    Palette, Screen, SignIn, State, UserForm, Users,
};

/// One kind of thing that can lie over the table.
pub trait Part: Sized {
    /// The screen that it is.
    const SCREEN: Screen;

    /// It, if the overlay is of this kind.
    fn of(overlay: &Overlay) -> Option<&Self>;

    /// It, if the overlay is of this kind, to be changed.
    fn of_mut(overlay: &mut Overlay) -> Option<&mut Self>;

    /// It, taken out of the overlay, if that is of this kind.
    fn from(overlay: Overlay) -> Option<Self>;

    /// As an overlay.
    fn into_overlay(self) -> Overlay;
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

            fn from(overlay: Overlay) -> Option<Self> {
                if let Overlay::$part(part) = overlay { Some(part) } else { None }
            }

            fn into_overlay(self) -> Overlay {
                Overlay::$part(self)
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

impl State {
    /// The part of this kind, wherever it lies.
    pub fn part<P: Part>(&self) -> Option<&P> {
        self.overlays.iter().find_map(P::of)
    }

    /// The part of this kind, to be changed.
    pub fn part_mut<P: Part>(&mut self) -> Option<&mut P> {
        self.overlays.iter_mut().find_map(P::of_mut)
    }

    /// Lays `part` over all, in place of one of its kind; but nothing lies over the way in.
    pub fn open<P: Part>(&mut self, part: P) {
        self.close::<P>();
        let covered = self
            .overlays
            .last()
            .is_some_and(|overlay| overlay.screen() == Screen::SignIn);
        self.overlays.insert(
            self.overlays.len() - usize::from(covered),
            part.into_overlay(),
        );
    }

    /// Takes the part of this kind away, wherever it lies.
    pub fn close<P: Part>(&mut self) {
        self.overlays
            .retain(|overlay| overlay.screen() != P::SCREEN);
    }

    /// Takes the part of this kind away, to be used.
    pub fn take<P: Part>(&mut self) -> Option<P> {
        let at = self
            .overlays
            .iter()
            .position(|overlay| overlay.screen() == P::SCREEN)?;
        P::from(self.overlays.remove(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Question;

    #[test]
    fn the_way_in_covers_everything_and_takes_nothing_away() {
        let mut state = State::new(
            "server".into(),
            "run".into(),
            ratatui::layout::Size::new(80, 24),
            jiff::Timestamp::UNIX_EPOCH,
        );
        state.open(Form::create("key".into(), state.today()));
        state.open(SignIn::default());
        state.open(Confirm {
            question: Question::Discard,
            chosen: 0,
        });
        assert_eq!(state.screen(), Screen::SignIn);
        state.close::<SignIn>();
        assert_eq!(state.screen(), Screen::Confirm);
        assert!(state.take::<Confirm>().is_some() && state.take::<Confirm>().is_none());
        assert_eq!(state.screen(), Screen::Form);
    }
}
