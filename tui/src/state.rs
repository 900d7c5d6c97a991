//! What the application knows: plain data, compared in tests, drawn by the view, changed by the update.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use ratatui::layout::Size;
use roster_common::{Employee, EmployeeId, Role};

use crate::keys::{Action, Keymap, Screen};
use crate::remote::Identity;
use arrangement::NARROW;

pub mod account;
pub mod account_call;
pub mod arrangement;
pub mod batch;
pub mod column;
pub mod columns;
pub mod completion;
pub mod confirm;
pub mod conflict;
pub mod draft;
pub mod form;
pub mod help;
pub mod history;
pub mod list;
pub mod marks;
pub mod named;
pub mod offers;
pub mod offline;
pub mod overlay;
pub mod palette;
pub mod settings;
pub mod sign_in;
pub mod table;
pub mod text;
pub mod time_left;
pub mod unanswered;
pub mod undo;
pub mod users;
pub mod write;

pub use account::{Account, ChangePassword};
pub use account_call::AccountCall;
pub use batch::Batch;
pub use columns::Columns;
pub use confirm::{Confirm, Question};
pub use conflict::Conflict;
pub use draft::Draft;
pub use form::Form;
pub use help::Help;
pub use history::History;
pub use offline::Offline;
pub use overlay::{Overlay, Part};
pub use palette::Palette;
pub use settings::ThemeName;
pub use sign_in::SignIn;
pub use table::Table;
pub use time_left::TimeLeft;
pub use unanswered::Unanswered;
pub use undo::UndoStack;
pub use users::{Handover, UserForm, Users};
pub use write::{Creation, PendingWrite};

/// The whole application at one moment.
///
/// The table is always there, and what lies over it is a stack, so a session that ends covers the work with
/// a sign-in form and takes nothing away.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// The server's address, as it was given.
    pub server: String,
    /// The terminal, in cells.
    pub size: Size,
    /// The time of the last event.
    pub now: Timestamp,
    /// What the keys do.
    pub keymap: Keymap,
    /// How everything looks.
    pub theme: ThemeName,
    /// Whether another theme is kept for the next time: not where the person has written down which one they want.
    pub keeps_theme: bool,
    /// What was chosen in the palette, the last first.
    pub recent: Vec<Action>,
    /// Where the person's clock hangs.
    pub zone: TimeZone,
    /// Who is signed in.
    pub identity: Option<Identity>,
    /// The employees.
    pub table: Table,
    /// What lies over the table, the lowest first.
    pub overlays: Vec<Overlay>,
    /// One thing that must be told.
    pub banner: Option<Banner>,
    /// How many calls to the server have not been answered.
    pub in_flight: usize,
    /// How many of them are to change something there.
    pub writes: usize,
    /// The spinner's frame.
    pub spinner: usize,
    /// Since the server has not been reached, until it is again.
    pub offline: Option<Offline>,
    /// What was asked and never answered.
    pub unanswered: Unanswered,
    /// A number written before a command, as `5` in `5j`.
    pub count: Option<usize>,
    /// The first half of a pair as `gg`, once it has been pressed.
    pub half: Option<char>,
    /// Records that are changed as text, until all of it is done.
    pub draft: Option<Draft>,
    /// What can be undone and redone.
    pub undo: UndoStack,
    /// Names this run, and what it has counted.
    pub run: Run,
}

/// Names the run of the application, for idempotency keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Never the same twice.
    pub name: String,
    /// How many idempotency keys it has given.
    pub keys: u64,
    /// How many changes of many records it has begun.
    pub batches: u64,
}

/// One thing that must be told, until the next key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Banner {
    /// Good news or bad.
    pub severity: Severity,
    /// A sentence.
    pub text: String,
}

/// Whether a banner reports success or trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// It worked.
    Good,
    /// It did not.
    Bad,
}

/// The lines of a card.
const CARD: u16 = 2;

/// The lines that are neither rows of the table nor their header: title, status, keys.
const CHROME: u16 = 3;

impl State {
    /// The application before it has asked anybody anything.
    pub fn new(server: String, run: String, size: Size, now: Timestamp) -> Self {
        Self {
            server,
            size,
            now,
            keymap: Keymap::default(),
            theme: ThemeName::default(),
            keeps_theme: true,
            recent: Vec::new(),
            zone: TimeZone::UTC,
            identity: None,
            table: Table::default(),
            overlays: Vec::new(),
            banner: None,
            in_flight: 0,
            writes: 0,
            spinner: 0,
            offline: None,
            unanswered: Unanswered::default(),
            count: None,
            half: None,
            draft: None,
            undo: UndoStack::default(),
            run: Run {
                name: run,
                keys: 0,
                batches: 0,
            },
        }
    }

    /// Forgets all that was read and written, to begin at `server`.
    ///
    /// Calls that are under way must be let go of with it: their answers would be about what was.
    pub fn forget(&mut self, server: String) {
        let fresh = Self::new(server, String::new(), self.size, self.now);
        let (run, zone) = (self.run.clone(), self.zone.clone());
        let (keymap, theme, keeps_theme) = (
            std::mem::take(&mut self.keymap),
            self.theme,
            self.keeps_theme,
        );
        *self = Self {
            run,
            zone,
            keymap,
            theme,
            keeps_theme,
            ..fresh
        };
    }

    /// The day that it is for the person here.
    pub fn today(&self) -> Date {
        self.zone.to_datetime(self.now).date()
    }

    /// What has the keyboard.
    pub fn screen(&self) -> Screen {
        self.uppermost(self.overlays.last())
    }

    /// What has the keyboard, or will have it when the palette or the help is closed.
    pub fn beneath(&self) -> Screen {
        let is_about_another =
            |overlay: &&Overlay| matches!(overlay.screen(), Screen::Palette | Screen::Help);
        self.uppermost(
            self.overlays
                .iter()
                .rfind(|overlay| !is_about_another(overlay)),
        )
    }

    fn uppermost(&self, overlay: Option<&Overlay>) -> Screen {
        match (overlay, &self.table) {
            (Some(overlay), _) => overlay.screen(),
            (
                None,
                Table {
                    searching: true, ..
                },
            ) => Screen::Search,
            (
                None,
                Table {
                    detail: Some(_), ..
                },
            ) => Screen::Detail,
            (None, _) => Screen::Table,
        }
    }

    /// How many lines a row of the table takes, and the header too.
    pub fn lines_per_row(&self) -> u16 {
        if self.size.width < NARROW { CARD } else { 1 }
    }

    /// How many rows of the table the terminal has room for, at least one.
    pub fn rows_on_screen(&self) -> usize {
        let lines = self.lines_per_row();
        (self.size.height.saturating_sub(CHROME + lines) / lines)
            .max(1)
            .into()
    }

    /// Whether the person who is signed in may do what `role` may.
    pub fn may(&self, role: Role) -> bool {
        self.identity
            .as_ref()
            .is_some_and(|identity| identity.user.role >= role)
    }

    /// Whether it is the person who is signed in.
    pub fn is_me(&self, username: &str) -> bool {
        self.me() == Some(username)
    }

    /// The username of the person who is signed in.
    pub fn me(&self) -> Option<&str> {
        let identity = self.identity.as_ref()?;
        Some(identity.user.username.as_str())
    }

    /// When the screen will say another time, if nothing else happens.
    pub fn next_change(&self) -> Option<Timestamp> {
        let end = self.identity.as_ref()?.session.expires_at;
        TimeLeft::until(end, self.now).changes_at(end)
    }

    /// Whether somebody has written what is not saved, or not known to be.
    pub fn has_unsaved(&self) -> bool {
        self.part::<Form>()
            .is_some_and(|form| form.is_changed() || form.lost)
            || self
                .part::<Batch>()
                .is_some_and(|batch| batch.form.is_some())
            || self.draft.is_some()
            || !self.unanswered.is_empty()
    }

    /// Whether the server still has to say what came of a change.
    pub fn is_waiting_for_a_write(&self) -> bool {
        self.writes > 0
            || !self.unanswered.is_empty()
            || self.part::<Form>().is_some_and(|form| form.lost)
    }

    /// The record that a key acts on.
    pub fn current(&self) -> Option<&Employee> {
        self.table.row(self.table.cursor)
    }

    /// Tells good news.
    pub fn say(&mut self, text: impl Into<String>) {
        self.banner = Some(Banner {
            severity: Severity::Good,
            text: text.into(),
        });
    }

    /// Tells bad news.
    pub fn warn(&mut self, text: impl Into<String>) {
        self.banner = Some(Banner {
            severity: Severity::Bad,
            text: text.into(),
        });
    }

    /// A key for one creation, however often it is sent.
    pub fn next_idempotency_key(&mut self) -> String {
        self.run.keys += 1;
        format!("{}-{}", self.run.name, self.run.keys)
    }

    /// A number that tells a batch from those before it.
    pub fn next_batch(&mut self) -> u64 {
        self.run.batches += 1;
        self.run.batches
    }

    /// What the person with this id was last seen as, where that is in memory.
    pub fn known(&self, id: EmployeeId) -> Option<&Employee> {
        let row = self
            .table
            .pages
            .values()
            .flatten()
            .find(|employee| employee.id == id);
        row.or_else(|| self.table.marks.get(id))
            .or_else(|| self.table.named.get(id))
    }

    /// The part of this kind, wherever it lies.
    pub fn part<P: Part>(&self) -> Option<&P> {
        self.overlays.iter().find_map(P::of)
    }

    /// The part of this kind, to be changed.
    pub fn part_mut<P: Part>(&mut self) -> Option<&mut P> {
        self.overlays.iter_mut().find_map(P::of_mut)
    }

    /// Lays `part` over all, in place of one of its kind; but nothing lies over the way in.
    pub fn open(&mut self, part: impl Into<Overlay>) {
        let part = part.into();
        self.overlays
            .retain(|overlay| overlay.screen() != part.screen());
        let covered = self
            .overlays
            .last()
            .is_some_and(|overlay| overlay.screen() == Screen::SignIn);
        self.overlays
            .insert(self.overlays.len() - usize::from(covered), part);
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
        P::taken_from(self.overlays.remove(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_in_covers_everything_and_takes_nothing_away() {
        let mut state = State::new(
            "server".into(),
            "run".into(),
            Size::new(80, 24),
            Timestamp::UNIX_EPOCH,
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
