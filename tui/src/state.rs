//! The application's state: plain data, changed by `update` and drawn by `view`.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use ratatui::layout::Size;
use roster_common::{Employee, EmployeeId, Role};

use self::import::ImportStage;
use crate::keys::{Action, Key, Keymap, Screen};
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
pub mod email_owner;
pub mod export;
pub mod form;
pub mod help;
pub mod history;
pub mod import;
pub mod jumps;
pub mod list;
pub mod live;
pub mod manager_names;
pub mod marks;
pub mod named_filters;
pub mod offline;
pub mod overlay;
pub mod palette;
pub mod path_entry;
pub mod pending_write;
pub mod related;
pub mod saved_filters;
pub mod settings;
pub mod sign_in;
pub mod suggestions;
pub mod table;
pub mod text;
pub mod themes;
pub mod time_left;
pub mod unanswered;
pub mod undo;
pub mod unsaved;
pub mod users;

pub use account::{ChangePassword, MySessions};
pub use account_call::AccountCall;
pub use batch::Batch;
pub use columns::Columns;
pub use confirm::{Confirm, Question};
pub use conflict::Conflict;
pub use draft::Draft;
pub use export::Export;
pub use form::Form;
pub use help::Help;
pub use history::History;
pub use import::Import;
pub use live::Live;
pub use named_filters::NamedFilters;
pub use offline::Offline;
pub use overlay::{Overlay, OverlayContent};
pub use palette::Palette;
pub use pending_write::{PendingCreation, PendingWrite};
pub use related::RelatedToRecord;
pub use settings::{ColourRole, OwnColours, ThemeName};
pub use sign_in::SignIn;
pub use table::Table;
pub use themes::Themes;
pub use time_left::TimeLeft;
pub use unanswered::Unanswered;
pub use undo::UndoStack;
use unsaved::Keeping;
pub use users::{GeneratedPassword, UserForm, Users};

/// The whole state of the application.
///
/// Dialogs are a stack over the table, so that a sign-in form can cover unfinished work without
/// losing it.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// The server's address, as it was given.
    pub server: String,
    /// The terminal's size in cells.
    pub size: Size,
    /// The time of the last event.
    pub now: Timestamp,
    /// The key bindings.
    pub keymap: Keymap,
    /// The theme.
    pub theme: ThemeName,
    /// The user's own colours, which replace those of the theme.
    pub own_colours: OwnColours,
    /// Whether the terminal shows 24-bit colours.
    pub true_colour: bool,
    /// Whether a new theme is saved: `false` if config.toml sets one.
    pub saves_theme: bool,
    /// Whether the last filter and sort return at the next start: a setting in config.toml.
    pub keeps_filter: bool,
    /// Actions run from the palette, most recent first.
    pub recent: Vec<Action>,
    /// The user's time zone.
    pub zone: TimeZone,
    /// Who is signed in.
    pub identity: Option<Identity>,
    /// The employees.
    pub table: Table,
    /// The reports and the last changes of the open record's person.
    pub related: RelatedToRecord,
    /// The overlays, bottom first.
    pub overlays: Vec<Overlay>,
    /// The current message.
    pub banner: Option<Banner>,
    /// How many server calls are in flight.
    pub in_flight: usize,
    /// How many of them are writes.
    pub writes: usize,
    /// The spinner's frame.
    pub spinner: usize,
    /// The changes by others.
    pub live: Live,
    /// Set while the server is unreachable.
    pub offline: Option<Offline>,
    /// Writes whose answer was lost.
    pub unanswered: Unanswered,
    /// The count typed before a command: `5` in `5j`.
    pub count: Option<usize>,
    /// The last press of the mouse on a row, which may become a double click.
    pub pressed: Option<(Timestamp, EmployeeId)>,
    /// When the last key of a text was typed for which no field was opened.
    pub swallowed: Option<Timestamp>,
    /// Keys that wait for a list of suggestions.
    pub typed_ahead: Vec<Key>,
    /// The first key of a pair like `gg`.
    pub half: Option<char>,
    /// Records being edited as text, until all changes are saved.
    pub draft: Option<Draft>,
    /// What can be undone and redone.
    pub undo: UndoStack,
    /// The unsaved work that is in its file.
    pub keeping: Keeping,
    /// The id of this run and its counters.
    pub run: KeySource,
}

/// The id of this run of the application, for idempotency keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySource {
    /// A random id.
    pub name: String,
    /// How many idempotency keys were issued.
    pub keys: u64,
    /// How many bulk changes were started.
    pub batches: u64,
}

/// A message on the status line, until the next key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Banner {
    /// Its severity.
    pub severity: Severity,
    /// The message, a sentence.
    pub text: String,
}

/// Whether a banner reports success or trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Success: something was saved or done.
    Success,
    /// Anything else that is no failure.
    Info,
    /// Failure.
    Error,
}

/// The height of a card on a narrow screen.
const CARD: u16 = 2;

/// The lines around the table: title, status, keys.
const CHROME: u16 = 3;

impl State {
    /// The state at start, before any event.
    pub fn new(server: String, run: String, size: Size, now: Timestamp) -> Self {
        Self {
            server,
            size,
            now,
            keymap: Keymap::default(),
            theme: ThemeName::default(),
            own_colours: OwnColours::default(),
            true_colour: false,
            saves_theme: true,
            keeps_filter: false,
            recent: Vec::new(),
            zone: TimeZone::UTC,
            identity: None,
            table: Table::default(),
            related: RelatedToRecord::default(),
            overlays: Vec::new(),
            banner: None,
            in_flight: 0,
            writes: 0,
            spinner: 0,
            live: Live::default(),
            offline: None,
            unanswered: Unanswered::default(),
            count: None,
            swallowed: None,
            typed_ahead: Vec::new(),
            half: None,
            pressed: None,
            draft: None,
            undo: UndoStack::default(),
            keeping: Keeping::default(),
            run: KeySource {
                name: run,
                keys: 0,
                batches: 0,
            },
        }
    }

    /// Resets the state for another server or user.
    ///
    /// Cancel the calls in flight as well: their answers would be about the old state.
    pub fn forget(&mut self, server: String) {
        let fresh = Self::new(server, String::new(), self.size, self.now);
        // What belongs to this computer or this run stays.
        *self = Self {
            run: self.run.clone(),
            zone: self.zone.clone(),
            keymap: std::mem::take(&mut self.keymap),
            theme: self.theme,
            own_colours: std::mem::take(&mut self.own_colours),
            true_colour: self.true_colour,
            keeping: std::mem::take(&mut self.keeping),
            saves_theme: self.saves_theme,
            keeps_filter: self.keeps_filter,
            ..fresh
        };
    }

    /// Today's date in the user's time zone.
    pub fn today(&self) -> Date {
        self.zone.to_datetime(self.now).date()
    }

    /// The screen that has the keyboard.
    pub fn screen(&self) -> Screen {
        self.screen_of(self.overlays.last())
    }

    /// The screen below the palette or the help, or the current screen.
    pub fn screen_below(&self) -> Screen {
        let mut overlays = self.overlays.iter();
        let below =
            overlays.rfind(|overlay| !matches!(overlay.screen(), Screen::Palette | Screen::Help));
        self.screen_of(below)
    }

    /// Whether the table is behind a dialog. A cell is edited in the table itself.
    pub fn is_table_behind(&self) -> bool {
        let is_cell =
            |overlay: &Overlay| matches!(overlay, Overlay::Form(form) if form.cell.is_some());
        !self.overlays.iter().all(is_cell)
    }

    fn screen_of(&self, overlay: Option<&Overlay>) -> Screen {
        match overlay {
            // A form of one cell and a name being typed have keys of their own.
            Some(Overlay::Form(form)) if form.cell.is_some() => Screen::Cell,
            Some(Overlay::NamedFilters(filters)) if filters.name.is_some() => Screen::FilterName,
            Some(Overlay::Import(import)) if import.stage == ImportStage::File => {
                Screen::ImportFile
            }
            Some(overlay) => overlay.screen(),
            None if self.table.searching => Screen::Search,
            None if self.table.detail.is_some() => Screen::Detail,
            None => Screen::Table,
        }
    }

    /// The height of a table row, and of the header.
    pub fn lines_per_row(&self) -> u16 {
        if self.size.width < NARROW { CARD } else { 1 }
    }

    /// How many table rows fit on the screen, at least one.
    pub fn rows_on_screen(&self) -> usize {
        let lines = self.lines_per_row();
        (self.size.height.saturating_sub(CHROME + lines) / lines)
            .max(1)
            .into()
    }

    /// Returns `true` if the user has at least `role`.
    pub fn may(&self, role: Role) -> bool {
        self.identity
            .as_ref()
            .is_some_and(|identity| identity.user.role.known() >= Some(role))
    }

    /// Returns `true` if this is the signed-in user.
    pub fn is_me(&self, username: &str) -> bool {
        self.me() == Some(username)
    }

    /// The author of a change, as the subject of a sentence: `You` for the signed-in user.
    pub fn who<'a>(&self, username: &'a str) -> &'a str {
        if self.is_me(username) {
            "You"
        } else {
            username
        }
    }

    /// The username of the signed-in user.
    pub fn me(&self) -> Option<&str> {
        let identity = self.identity.as_ref()?;
        Some(identity.user.username.as_str())
    }

    /// When the remaining session time on the screen next changes.
    pub fn next_change(&self) -> Option<Timestamp> {
        let end = self.identity.as_ref()?.session.expires_at;
        TimeLeft::until(end, self.now).changes_at(end)
    }

    /// Returns `true` if there are unsaved or unconfirmed changes.
    pub fn has_unsaved(&self) -> bool {
        self.overlay::<Form>()
            .is_some_and(|form| form.is_changed() || form.lost)
            || self
                .overlay::<Batch>()
                .is_some_and(|batch| batch.form.is_some())
            || self.draft.is_some()
            || !self.unanswered.is_empty()
    }

    /// Returns `true` while the result of a write is unknown.
    pub fn is_waiting_for_a_write(&self) -> bool {
        self.writes > 0
            || !self.unanswered.is_empty()
            || self.overlay::<Form>().is_some_and(|form| form.lost)
    }

    /// The record under the cursor.
    pub fn current(&self) -> Option<&Employee> {
        self.table.row(self.table.cursor)
    }

    /// Shows what was done.
    pub fn success(&mut self, text: impl Into<String>) {
        self.banner = Some(Banner {
            severity: Severity::Success,
            text: text.into(),
        });
    }

    /// Shows a message.
    pub fn message(&mut self, text: impl Into<String>) {
        self.banner = Some(Banner {
            severity: Severity::Info,
            text: text.into(),
        });
    }

    /// Shows an error message.
    pub fn warn(&mut self, text: impl Into<String>) {
        self.banner = Some(Banner {
            severity: Severity::Error,
            text: text.into(),
        });
    }

    /// A new idempotency key.
    pub fn next_idempotency_key(&mut self) -> String {
        self.run.keys += 1;
        format!("{}-{}", self.run.name, self.run.keys)
    }

    /// A new batch number.
    pub fn next_batch(&mut self) -> u64 {
        self.run.batches += 1;
        self.run.batches
    }

    /// The cached record with this id, if any.
    pub fn cached(&self, id: EmployeeId) -> Option<&Employee> {
        let row = self
            .table
            .pages
            .values()
            .flatten()
            .find(|employee| employee.id == id);
        row.or_else(|| self.table.marks.get(id))
            .or_else(|| self.table.named.get(id))
    }

    /// A manager's id as a text with their name, as far as it is known: `Maya Castro (#7)`.
    pub fn manager_text(&self, id: &str) -> String {
        let Ok(id) = id.parse() else {
            return id.to_owned();
        };
        match self.cached(id) {
            Some(person) => format!("{} (#{id})", person.details.full_name()),
            None if self.table.named.is_deleted(id) => format!("#{id} (deleted)"),
            None => format!("#{id}"),
        }
    }

    /// The open overlay of this type, at any depth.
    pub fn overlay<P: OverlayContent>(&self) -> Option<&P> {
        self.overlays.iter().find_map(P::of)
    }

    /// The form below the conflict of an undo or redo, which closes with it.
    pub fn undo_form(&self) -> Option<&Form> {
        self.overlay::<Form>()
            .filter(|form| form.is_behind_conflict())
    }

    /// The open overlay of this type, mutable.
    pub fn overlay_mut<P: OverlayContent>(&mut self) -> Option<&mut P> {
        self.overlays.iter_mut().find_map(P::of_mut)
    }

    /// Opens an overlay on top, replacing one of its type. Only the help covers the sign-in form.
    pub fn open(&mut self, overlay: impl Into<Overlay>) {
        let overlay = overlay.into();
        self.overlays
            .retain(|open| open.screen() != overlay.screen());
        let top = self.overlays.last().map(Overlay::screen);
        let is_below_sign_in = top == Some(Screen::SignIn) && overlay.screen() != Screen::Help;
        let at = self.overlays.len() - usize::from(is_below_sign_in);
        self.overlays.insert(at, overlay);
    }

    /// Closes the overlay of this type, at any depth.
    pub fn close<P: OverlayContent>(&mut self) {
        self.overlays
            .retain(|overlay| overlay.screen() != P::SCREEN);
    }

    /// Closes the overlay of this type and returns it.
    pub fn take<P: OverlayContent>(&mut self) -> Option<P> {
        let at = self
            .overlays
            .iter()
            .position(|overlay| overlay.screen() == P::SCREEN)?;
        P::from_overlay(self.overlays.remove(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sign_in_form_covers_everything_and_removes_nothing() {
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
