//! What the application knows: plain data, compared in tests, drawn by the view, changed by the update.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use ratatui::layout::Size;
use roster_common::{Employee, EmployeeId, Role};

use crate::client::Identity;
use crate::event::account::Ask;
use crate::keys::{Action, Keymap};

pub mod account;
pub mod arrangement;
pub mod batch;
pub mod columns;
pub mod completion;
pub mod conflict;
pub mod draft;
pub mod form;
pub mod help;
pub mod history;
pub mod left;
pub mod list;
pub mod marks;
pub mod named;
pub mod offers;
pub mod offline;
pub mod overlay;
pub mod palette;
pub mod past;
pub mod settings;
pub mod sign_in;
pub mod table;
pub mod text;
pub mod unknown;
pub mod users;
pub mod write;

pub use account::{Account, ChangePassword};
pub use batch::Batch;
pub use columns::Columns;
pub use conflict::Conflict;
pub use draft::Draft;
pub use form::Form;
pub use help::Help;
pub use history::History;
pub use left::Left;
pub use offline::Offline;
pub use overlay::{Overlay, Part};
pub use palette::Palette;
pub use past::Past;
pub use settings::ThemeName;
pub use sign_in::SignIn;
pub use table::Table;
pub use unknown::Unknown;
pub use users::{Handover, UserForm, Users};
pub use write::{Creation, Write};

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
    pub unknown: Unknown,
    /// A number written before a command, as `5` in `5j`.
    pub count: Option<usize>,
    /// The first half of a pair as `gg`, once it has been pressed.
    pub half: Option<char>,
    /// Records that are changed as text, until all of it is done.
    pub draft: Option<Draft>,
    /// What can be undone and redone.
    pub past: Past,
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
    pub mood: Mood,
    /// A sentence.
    pub text: String,
}

/// Whether a banner reports success or trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// It worked.
    Good,
    /// It did not.
    Bad,
}

/// A question before something that cannot be taken back.
#[derive(Debug, Clone, PartialEq)]
pub struct Confirm {
    /// What is asked.
    pub question: Question,
    /// The answer that is chosen: the first one leaves everything as it is.
    pub chosen: usize,
}

/// What a [`Confirm`] asks.
#[derive(Debug, Clone, PartialEq)]
pub enum Question {
    /// Whether to delete this record, as it was read.
    Delete {
        /// The record.
        employee: Box<Employee>,
        /// Who has changed it since the question was first asked.
        changed_by: Option<String>,
        /// How many people report to them, as far as that is known.
        reports: usize,
    },
    /// Whether to leave a form and lose what was typed.
    Discard,
    /// Whether to leave a form of which it is not known whether it is saved.
    Abandon,
    /// Whether to open the text that is kept, or to begin another one of those who are marked now.
    KeptText {
        /// How many people it has.
        people: usize,
    },
    /// Whether to sign out.
    SignOut,
    /// Whether to do this to a session or an account.
    Account(Box<Ask>),
}

impl Question {
    /// How many answers it has.
    pub fn answers(&self) -> usize {
        if matches!(self, Self::KeptText { .. }) {
            3
        } else {
            2
        }
    }
}

/// What has the keyboard: the uppermost of what lies over the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Screen {
    /// The way in.
    SignIn,
    /// The table.
    Table,
    /// The filter, while it is written.
    Search,
    /// The table with one person's record open.
    Detail,
    /// A new or changed record.
    Form,
    /// A question.
    Confirm,
    /// A conflict.
    Conflict,
    /// Changes of many records.
    Batch,
    /// What became of a record.
    History,
    /// The keys.
    Help,
    /// The actions by their words.
    Palette,
    /// The person's own sessions.
    Account,
    /// Another password for the person.
    ChangePassword,
    /// The accounts.
    Users,
    /// A new or changed account.
    UserForm,
    /// A password that was made up for somebody.
    Handover,
    /// The dialog of the columns.
    Columns,
}

impl Screen {
    /// Every screen, in the order of the help.
    pub const ALL: [Self; 17] = [
        Self::Table,
        Self::Detail,
        Self::Search,
        Self::Form,
        Self::Confirm,
        Self::Conflict,
        Self::Batch,
        Self::History,
        Self::SignIn,
        Self::Account,
        Self::ChangePassword,
        Self::Users,
        Self::UserForm,
        Self::Handover,
        Self::Columns,
        Self::Palette,
        Self::Help,
    ];

    /// The name in a configuration, which does not change.
    pub fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Detail => "record",
            Self::Search => "search",
            Self::Form => "form",
            Self::Confirm => "question",
            Self::Conflict => "conflict",
            Self::Batch => "many-records",
            Self::History => "history",
            Self::SignIn => "sign-in",
            Self::Account => "my-sessions",
            Self::ChangePassword => "my-password",
            Self::Users => "users",
            Self::UserForm => "user",
            Self::Handover => "new-password",
            Self::Columns => "columns",
            Self::Palette => "actions",
            Self::Help => "help",
        }
    }

    /// What it is, as a person reads it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Table => "Table",
            Self::Detail => "Record",
            Self::Search => "Search",
            Self::Form => "Form",
            Self::Confirm => "Question",
            Self::Conflict => "Conflict",
            Self::Batch => "Many records",
            Self::History => "History",
            Self::SignIn => "Sign-in",
            Self::Account => "My sessions",
            Self::ChangePassword => "My password",
            Self::Users => "Users",
            Self::UserForm => "User",
            Self::Handover => "A new password",
            Self::Columns => "Columns",
            Self::Palette => "Actions",
            Self::Help => "Keys",
        }
    }
}

/// From this width on, the detail pane stands beside the table.
pub const WIDE: u16 = 120;

/// Under this width, a row of the table is a card of [`CARD`] lines.
pub const NARROW: u16 = 60;

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
            unknown: Unknown::default(),
            count: None,
            half: None,
            draft: None,
            past: Past::default(),
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
        self.identity
            .as_ref()
            .is_some_and(|identity| identity.user.username.as_str() == username)
    }

    /// When the screen will say another time, if nothing else happens.
    pub fn next_change(&self) -> Option<Timestamp> {
        let end = self.identity.as_ref()?.session.expires_at;
        Left::until(end, self.now).changes_at(end)
    }

    /// Whether somebody has written what is not saved, or not known to be.
    pub fn has_unsaved(&self) -> bool {
        self.part::<Form>()
            .is_some_and(|form| form.is_changed() || form.lost)
            || self
                .part::<Batch>()
                .is_some_and(|batch| batch.form.is_some())
            || self.draft.is_some()
            || !self.unknown.is_empty()
    }

    /// Whether the server still has to say what came of a change.
    pub fn is_waiting_for_a_write(&self) -> bool {
        self.writes > 0
            || !self.unknown.is_empty()
            || self.part::<Form>().is_some_and(|form| form.lost)
    }

    /// The record that a key acts on.
    pub fn current(&self) -> Option<&Employee> {
        self.table.row(self.table.cursor)
    }

    /// Tells good news.
    pub fn say(&mut self, text: impl Into<String>) {
        self.banner = Some(Banner {
            mood: Mood::Good,
            text: text.into(),
        });
    }

    /// Tells bad news.
    pub fn warn(&mut self, text: impl Into<String>) {
        self.banner = Some(Banner {
            mood: Mood::Bad,
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
}
