//! The one table of keys: dispatch, footer and help all read it.

use std::borrow::Cow;

mod key;
mod notation;
mod remap;
mod screen;

pub use key::Key;
pub use notation::NotAKey;
pub use remap::{Unfit, way_out};
pub use screen::Screen;

/// What a key does: each has a name, by which a person's configuration calls it.
macro_rules! actions {
    ($($action:ident: $name:literal, $what:literal,)*) => {
        /// What a key does.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action {
            $(#[doc = $what] $action,)*
        }

        impl Action {
            /// Every action.
            pub const ALL: &[Self] = &[$(Self::$action,)*];

            /// The name in a configuration, which does not change.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$action => $name,)*
                }
            }

            /// Reads [`Action::name`].
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|action| action.name() == name)
            }
        }
    };
}

actions! {
    Up: "up", "One row, field or choice up.",
    Down: "down", "One row, field or choice down.",
    Left: "left", "One column or choice to the left.",
    Right: "right", "One column or choice to the right.",
    First: "first", "The first row, or the row whose number was written before.",
    Last: "last", "The last row, or the row whose number was written before.",
    PageUp: "page-up", "A screenful up.",
    PageDown: "page-down", "A screenful down.",
    HalfUp: "half-up", "Half a screenful up.",
    HalfDown: "half-down", "Half a screenful down.",
    ScrollUp: "scroll-up", "Scroll the open record up.",
    ScrollDown: "scroll-down", "Scroll the open record down.",
    Search: "search", "Write the filter.",
    ClearSearch: "clear-search", "Take the filter away.",
    Sort: "sort", "Order by this column alone.",
    SortAlso: "sort-also", "Order by this column as well.",
    Open: "open", "Open the record, choose, or go on.",
    Close: "close", "Close what is uppermost.",
    New: "new", "Write a new record.",
    Edit: "edit", "Change the record.",
    Delete: "delete", "Delete the record.",
    Mark: "mark", "Mark a person, or take the mark away.",
    MarkRange: "mark-range", "Mark from here to there.",
    MarkAll: "mark-all", "Mark all that match.",
    ClearMarks: "clear-marks", "Take all marks away.",
    Refresh: "refresh", "Read everything anew.",
    CopyCell: "copy-cell", "Copy the column of the cursor, of the record or of all that are marked.",
    CopyRecord: "copy-record", "Copy the whole record, or all that are marked.",
    SignOut: "sign-out", "End the session.",
    Account: "account", "Show the person's own sessions, and their password.",
    Users: "users", "Manage the users.",
    Password: "password", "Another password: for oneself, or for the user of the cursor.",
    EndSession: "end-session", "End the session of the cursor.",
    EndSessions: "end-sessions", "End all sessions but this one, or all of the user of the cursor.",
    Reveal: "reveal", "Show or hide the password.",
    Save: "save", "Save.",
    Undo: "undo", "Take the last change back.",
    Redo: "redo", "Do again what was taken back.",
    Set: "set", "Set fields of all that are marked.",
    History: "history", "Show what became of the record.",
    Offer: "offer", "List the values that can be chosen.",
    TakeMine: "take-mine", "Take my value.",
    TakeTheirs: "take-theirs", "Take their value.",
    TakeAllMine: "take-all-mine", "Take my value in every field.",
    TakeAllTheirs: "take-all-theirs", "Take their value in every field.",
    Compose: "compose", "Change records as text.",
    Yes: "yes", "Yes.",
    No: "no", "No.",
    Columns: "columns", "Choose the columns.",
    HideColumn: "hide-column", "Hide a column, or show it.",
    ColumnLeft: "column-left", "Move a column to the left.",
    ColumnRight: "column-right", "Move a column to the right.",
    Narrower: "narrower", "Make a column narrower.",
    Wider: "wider", "Make a column wider.",
    PinColumn: "pin-column", "Pin a column, or let it move along.",
    ResetColumns: "reset-columns", "All columns as they were at first.",
    Palette: "palette", "Look for an action by its words.",
    Theme: "theme", "The next theme.",
    Help: "help", "Show the keys.",
    Redraw: "redraw", "Draw everything anew.",
    Suspend: "suspend", "Leave to the shell for a while.",
    Quit: "quit", "Leave.",
    Interrupt: "interrupt", "Leave at once.",
}

impl Action {
    /// Whether it does no more than to go elsewhere on the screen.
    pub fn is_move(self) -> bool {
        matches!(
            self,
            Self::Up | Self::Down | Self::Left | Self::Right | Self::First | Self::Last
        ) || matches!(
            self,
            Self::PageUp | Self::PageDown | Self::HalfUp | Self::HalfDown
        ) || matches!(self, Self::ScrollUp | Self::ScrollDown)
    }
}

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Where it holds; everywhere if empty.
    pub screens: Cow<'static, [Screen]>,
    /// The keys, each of which does it; none where a configuration has taken them away.
    pub keys: Cow<'static, [Key]>,
    /// The keys, as a person reads them.
    pub shown: Cow<'static, str>,
    /// What they do.
    pub action: Action,
    /// What they do, as a person reads it.
    pub help: &'static str,
    /// One word for the footer, where it belongs there.
    pub footer: Option<&'static str>,
}

const fn bind(
    screens: &'static [Screen],
    keys: &'static [Key],
    shown: &'static str,
    action: Action,
    help: &'static str,
) -> Binding {
    let (screens, keys, shown) = (
        Cow::Borrowed(screens),
        Cow::Borrowed(keys),
        Cow::Borrowed(shown),
    );
    Binding {
        screens,
        keys,
        shown,
        action,
        help,
        footer: None,
    }
}

impl Binding {
    const fn footer(mut self, word: &'static str) -> Self {
        self.footer = Some(word);
        self
    }

    /// The first of its keys, as a person reads it.
    pub fn first(&self) -> &str {
        self.shown.split(' ').next().unwrap_or_default()
    }

    /// Whether it holds on `screen`.
    pub fn is_on(&self, screen: Screen) -> bool {
        self.screens.is_empty() || self.screens.contains(&screen)
    }

    /// Whether it is a line of this screen, or, without one, of everywhere.
    fn is_of(&self, place: Option<Screen>) -> bool {
        place.map_or(self.screens.is_empty(), |screen| {
            self.screens.contains(&screen)
        })
    }
}

use Key::{BackTab, Char, Ctrl, Enter, Esc, PageDown, PageUp, Tab};

const ROWS: &[Screen] = &[Screen::Table, Screen::Detail];
const TABLE: &[Screen] = &[Screen::Table];
const SEARCH: &[Screen] = &[Screen::Search];
const DETAIL: &[Screen] = &[Screen::Detail];
const FORM: &[Screen] = &[Screen::Form];
const CONFIRM: &[Screen] = &[Screen::Confirm];
const CONFLICT: &[Screen] = &[Screen::Conflict];
const BATCH: &[Screen] = &[Screen::Batch];
const HISTORY: &[Screen] = &[Screen::History];
const SIGN_IN: &[Screen] = &[Screen::SignIn];
const HELP: &[Screen] = &[Screen::Help];
const COLUMNS: &[Screen] = &[Screen::Columns];
const PALETTE: &[Screen] = &[Screen::Palette];
/// The filter and the form, in which letters are text.
const WRITTEN: &[Screen] = &[Screen::Search, Screen::Form];
/// What lies over the table and takes letters as keys.
const UNWRITTEN: &[Screen] = &[
    Screen::Conflict,
    Screen::Batch,
    Screen::History,
    Screen::Account,
    Screen::Users,
    Screen::Columns,
];
const ACCOUNT: &[Screen] = &[Screen::Account];
const USERS: &[Screen] = &[Screen::Users];
const HANDOVER: &[Screen] = &[Screen::Handover];
/// Both have passwords in them.
const SECRETS: &[Screen] = &[Screen::ChangePassword, Screen::UserForm];

/// Every key, as it is without a configuration. Where two lines hold, the first wins; what no line names is text where text is written.
pub const BINDINGS: &[Binding] = &[
    bind(TABLE, &[Enter], "Enter", Action::Open, "open the record").footer("open"),
    bind(
        DETAIL,
        &[Esc, Enter],
        "Esc",
        Action::Close,
        "close the record",
    )
    .footer("close"),
    bind(
        DETAIL,
        &[Char('J')],
        "J",
        Action::ScrollDown,
        "scroll the record down",
    )
    .footer("more"),
    bind(
        DETAIL,
        &[Char('K')],
        "K",
        Action::ScrollUp,
        "scroll the record up",
    ),
    bind(
        ROWS,
        &[Char('/')],
        "/",
        Action::Search,
        "find people: dept:eng !left #7 \"exact words\"",
    )
    .footer("search"),
    bind(
        TABLE,
        &[Esc],
        "Esc",
        Action::ClearSearch,
        "stop marking; show everybody again",
    ),
    bind(
        ROWS,
        &[Char('s')],
        "s",
        Action::Sort,
        "sort by this column: ↑, ↓, off",
    )
    .footer("sort"),
    bind(
        ROWS,
        &[Char('S')],
        "S",
        Action::SortAlso,
        "sort by this column as well",
    ),
    bind(ROWS, &[Char('n')], "n", Action::New, "add somebody").footer("new"),
    bind(ROWS, &[Char('e')], "e", Action::Edit, "change the record").footer("edit"),
    bind(
        ROWS,
        &[Char('d'), Key::Delete],
        "d",
        Action::Delete,
        "delete the record, after a question",
    )
    .footer("delete"),
    bind(
        ROWS,
        &[Char('=')],
        "=",
        Action::Set,
        "set fields for all that are marked, after a preview",
    )
    .footer("set"),
    bind(
        ROWS,
        &[Char('E')],
        "E",
        Action::Compose,
        "change the marked records as CSV in $EDITOR",
    )
    .footer("as text"),
    bind(
        ROWS,
        &[Char('u')],
        "u",
        Action::Undo,
        "undo the last change of yours",
    ),
    bind(
        ROWS,
        &[Char('U')],
        "U",
        Action::Redo,
        "do again what was undone",
    ),
    bind(
        ROWS,
        &[Char('t')],
        "t",
        Action::History,
        "what became of the record, and its old values",
    ),
    bind(
        ROWS,
        &[Char('j'), Key::Down],
        "j ↓",
        Action::Down,
        "one row down; after a 5: five rows",
    ),
    bind(ROWS, &[Char('k'), Key::Up], "k ↑", Action::Up, "one row up"),
    bind(
        ROWS,
        &[Char('h'), Key::Left],
        "h ←",
        Action::Left,
        "the column to the left",
    ),
    bind(
        ROWS,
        &[Char('l'), Key::Right],
        "l →",
        Action::Right,
        "the column to the right",
    ),
    bind(
        ROWS,
        &[Key::Twice('g'), Key::Home],
        "gg Home",
        Action::First,
        "the first row",
    ),
    bind(
        ROWS,
        &[Char('G'), Key::End],
        "G End",
        Action::Last,
        "the last row; after a 99: row 99",
    ),
    bind(
        ROWS,
        &[Ctrl('d')],
        "Ctrl-d",
        Action::HalfDown,
        "half a screen down",
    ),
    bind(
        ROWS,
        &[Ctrl('u')],
        "Ctrl-u",
        Action::HalfUp,
        "half a screen up",
    ),
    bind(
        ROWS,
        &[PageDown, Ctrl('f')],
        "PgDn",
        Action::PageDown,
        "a screen down",
    ),
    bind(
        ROWS,
        &[PageUp, Ctrl('b')],
        "PgUp",
        Action::PageUp,
        "a screen up",
    ),
    bind(
        ROWS,
        &[Char(' ')],
        "Space",
        Action::Mark,
        "mark the person and go down; again: take the mark away",
    ),
    bind(
        ROWS,
        &[Char('v')],
        "v",
        Action::MarkRange,
        "mark from here to where it is pressed again",
    ),
    bind(
        ROWS,
        &[Char('*')],
        "*",
        Action::MarkAll,
        "mark all that match the filter",
    ),
    bind(
        ROWS,
        &[Char('M')],
        "M",
        Action::ClearMarks,
        "take all marks away",
    )
    .footer("unmark"),
    bind(
        ROWS,
        &[Char('c')],
        "c",
        Action::Columns,
        "choose the columns",
    ),
    bind(
        ROWS,
        &[Char('H')],
        "H",
        Action::ColumnLeft,
        "move this column to the left",
    ),
    bind(
        ROWS,
        &[Char('L')],
        "L",
        Action::ColumnRight,
        "move this column to the right",
    ),
    bind(
        ROWS,
        &[Char('-')],
        "-",
        Action::HideColumn,
        "hide this column, until it is chosen again",
    ),
    bind(
        ROWS,
        &[Char('<')],
        "<",
        Action::Narrower,
        "make this column narrower",
    ),
    bind(
        ROWS,
        &[Char('>')],
        ">",
        Action::Wider,
        "make this column wider",
    ),
    bind(
        ROWS,
        &[Char('|')],
        "|",
        Action::PinColumn,
        "pin this column, or let it move along",
    ),
    bind(
        ROWS,
        &[Char('r')],
        "r",
        Action::Refresh,
        "read everything anew",
    ),
    bind(
        ROWS,
        &[Char('y')],
        "y",
        Action::CopyCell,
        "copy this column, of all that are marked",
    ),
    bind(
        ROWS,
        &[Char('Y')],
        "Y",
        Action::CopyRecord,
        "copy the record, or all that are marked",
    ),
    bind(
        ROWS,
        &[Char(':'), Ctrl('p')],
        ": Ctrl-p",
        Action::Palette,
        "look for an action by its words",
    ),
    bind(ROWS, &[Char('T')], "T", Action::Theme, "the next theme"),
    bind(
        ROWS,
        &[Char('a')],
        "a",
        Action::Account,
        "my sessions and my password",
    ),
    bind(ROWS, &[Char('A')], "A", Action::Users, "manage the users"),
    bind(
        ROWS,
        &[Char('Q')],
        "Q",
        Action::SignOut,
        "sign out, as roster logout does",
    ),
    bind(ROWS, &[Char('?')], "?", Action::Help, "these keys").footer("help"),
    bind(
        ROWS,
        &[Char('q')],
        "q",
        Action::Quit,
        "leave; you stay signed in",
    )
    .footer("quit"),
    bind(SEARCH, &[Enter], "Enter", Action::Open, "keep the filter").footer("keep"),
    bind(
        SEARCH,
        &[Esc, Ctrl('g')],
        "Esc",
        Action::ClearSearch,
        "take the filter away; so does Ctrl-g",
    )
    .footer("clear"),
    bind(
        SEARCH,
        &[Tab],
        "Tab",
        Action::Offer,
        "complete a field's name or its value",
    )
    .footer("complete"),
    bind(
        SEARCH,
        &[Key::Down],
        "↓",
        Action::Down,
        "one row down, or the next value offered",
    ),
    bind(
        SEARCH,
        &[BackTab, Key::Up],
        "↑",
        Action::Up,
        "one row up, or the value before",
    ),
    bind(
        SEARCH,
        &[PageDown],
        "PgDn",
        Action::PageDown,
        "a screen down",
    ),
    bind(SEARCH, &[PageUp], "PgUp", Action::PageUp, "a screen up"),
    bind(FORM, &[Ctrl('s')], "Ctrl-s", Action::Save, "save").footer("save"),
    bind(
        FORM,
        &[Tab, Enter],
        "Tab Enter",
        Action::Open,
        "take the value that is chosen; the next field",
    )
    .footer("next"),
    bind(
        FORM,
        &[Key::Down],
        "↓",
        Action::Down,
        "the next field, or the next value offered",
    ),
    bind(
        FORM,
        &[BackTab, Key::Up],
        "Shift-Tab ↑",
        Action::Up,
        "the field before, or the value before",
    ),
    bind(
        FORM,
        &[Ctrl('n')],
        "Ctrl-n",
        Action::Offer,
        "list the values that others have",
    )
    .footer("list"),
    bind(
        FORM,
        &[Key::Alt('u'), Ctrl('_')],
        "Alt-u Ctrl-_",
        Action::Undo,
        "undo in this field",
    ),
    bind(
        FORM,
        &[Key::Alt('r')],
        "Alt-r",
        Action::Redo,
        "do again what was undone in this field",
    ),
    bind(FORM, &[PageUp], "PgUp", Action::First, "the first field"),
    bind(FORM, &[PageDown], "PgDn", Action::Last, "the last field"),
    bind(
        FORM,
        &[Esc, Ctrl('g')],
        "Esc",
        Action::Close,
        "leave without saving; so does Ctrl-g",
    )
    .footer("cancel"),
    bind(
        CONFIRM,
        &[Enter],
        "Enter",
        Action::Open,
        "do what is chosen",
    )
    .footer("choose"),
    bind(
        CONFIRM,
        &[Key::Right, Tab, Char('l')],
        "→",
        Action::Right,
        "choose the next answer",
    )
    .footer("other"),
    bind(
        CONFIRM,
        &[Key::Left, BackTab, Char('h')],
        "←",
        Action::Left,
        "choose the answer before",
    ),
    bind(CONFIRM, &[Char('y')], "y", Action::Yes, "yes"),
    bind(
        CONFIRM,
        &[Char('n'), Char('q'), Esc],
        "Esc",
        Action::No,
        "no",
    )
    .footer("cancel"),
    bind(
        CONFLICT,
        &[Char('m'), Key::Left],
        "m ←",
        Action::TakeMine,
        "take my value",
    )
    .footer("mine"),
    bind(
        CONFLICT,
        &[Char('t'), Key::Right],
        "t →",
        Action::TakeTheirs,
        "take their value",
    )
    .footer("theirs"),
    bind(
        CONFLICT,
        &[Char('M')],
        "M",
        Action::TakeAllMine,
        "take my value wherever both have written one",
    ),
    bind(
        CONFLICT,
        &[Char('T')],
        "T",
        Action::TakeAllTheirs,
        "take their value wherever both have written one",
    ),
    bind(
        CONFLICT,
        &[Char('e')],
        "e",
        Action::Edit,
        "edit the result in the form",
    )
    .footer("edit"),
    bind(
        CONFLICT,
        &[Char('j'), Key::Down, Tab],
        "j ↓",
        Action::Down,
        "the next field",
    )
    .footer("next"),
    bind(
        CONFLICT,
        &[Char('k'), Key::Up, BackTab],
        "k ↑",
        Action::Up,
        "the field before",
    ),
    bind(
        CONFLICT,
        &[Ctrl('s'), Enter],
        "Enter",
        Action::Save,
        "save the result",
    )
    .footer("save"),
    bind(
        CONFLICT,
        &[Esc, Char('q')],
        "Esc",
        Action::Close,
        "back to where it came from",
    )
    .footer("back"),
    bind(BATCH, &[Enter], "Enter", Action::Open, "do what is chosen").footer("choose"),
    bind(
        BATCH,
        &[Tab, BackTab, Key::Left, Key::Right],
        "← →",
        Action::Right,
        "choose the other answer",
    )
    .footer("other"),
    bind(
        BATCH,
        &[Key::Down, Char('j')],
        "j ↓",
        Action::Down,
        "one row down",
    )
    .footer("down"),
    bind(
        BATCH,
        &[Key::Up, Char('k')],
        "k ↑",
        Action::Up,
        "one row up",
    ),
    bind(BATCH, &[PageDown], "PgDn", Action::PageDown, "further down"),
    bind(BATCH, &[PageUp], "PgUp", Action::PageUp, "further up"),
    bind(BATCH, &[Key::Home], "Home", Action::First, "the first row"),
    bind(BATCH, &[Key::End], "End", Action::Last, "the last row"),
    bind(
        BATCH,
        &[Char('t')],
        "t",
        Action::History,
        "what became of the record, gone or not",
    ),
    bind(
        BATCH,
        &[Char('u')],
        "u",
        Action::Undo,
        "close the results, and undo the last change",
    ),
    bind(
        BATCH,
        &[Char('U')],
        "U",
        Action::Redo,
        "close the results, and do again what was undone",
    ),
    bind(
        BATCH,
        &[Esc, Char('q')],
        "Esc",
        Action::Close,
        "stop what runs, go back to the form, or close",
    )
    .footer("close"),
    bind(
        HISTORY,
        &[Enter],
        "Enter",
        Action::Open,
        "take the old value, or bring the person back",
    )
    .footer("restore"),
    bind(
        HISTORY,
        &[Key::Down, Char('j')],
        "j ↓",
        Action::Down,
        "one line down",
    )
    .footer("down"),
    bind(
        HISTORY,
        &[Key::Up, Char('k')],
        "k ↑",
        Action::Up,
        "one line up",
    )
    .footer("up"),
    bind(
        HISTORY,
        &[PageDown],
        "PgDn",
        Action::PageDown,
        "further down",
    ),
    bind(HISTORY, &[PageUp], "PgUp", Action::PageUp, "further up"),
    bind(
        HISTORY,
        &[Char('g'), Key::Home],
        "g Home",
        Action::First,
        "the newest",
    ),
    bind(
        HISTORY,
        &[Char('G'), Key::End],
        "G End",
        Action::Last,
        "the oldest that is here",
    ),
    bind(
        HISTORY,
        &[Esc, Char('q'), Char('t')],
        "Esc",
        Action::Close,
        "close",
    )
    .footer("close"),
    bind(
        SIGN_IN,
        &[Enter],
        "Enter",
        Action::Open,
        "sign in, or the next field",
    )
    .footer("sign in"),
    bind(
        SIGN_IN,
        &[Tab, Key::Down],
        "Tab ↓",
        Action::Down,
        "the next field",
    )
    .footer("next"),
    bind(
        SIGN_IN,
        &[BackTab, Key::Up],
        "Shift-Tab ↑",
        Action::Up,
        "the field before",
    ),
    bind(
        SIGN_IN,
        &[Ctrl('r')],
        "Ctrl-r",
        Action::Reveal,
        "show or hide the password",
    )
    .footer("show password"),
    bind(SIGN_IN, &[Esc, Ctrl('g')], "Esc", Action::Quit, "leave").footer("quit"),
    bind(
        ACCOUNT,
        &[Char('d'), Key::Delete],
        "d",
        Action::EndSession,
        "end the session, after a question",
    )
    .footer("end"),
    bind(
        ACCOUNT,
        &[Char('o')],
        "o",
        Action::EndSessions,
        "end all others, after a question",
    )
    .footer("end others"),
    bind(
        ACCOUNT,
        &[Char('p')],
        "p",
        Action::Password,
        "change the password",
    )
    .footer("password"),
    bind(
        ACCOUNT,
        &[Char('j'), Key::Down],
        "j ↓",
        Action::Down,
        "one session down",
    ),
    bind(
        ACCOUNT,
        &[Char('k'), Key::Up],
        "k ↑",
        Action::Up,
        "one session up",
    ),
    bind(
        ACCOUNT,
        &[Char('g'), Key::Home],
        "g Home",
        Action::First,
        "the first session",
    ),
    bind(
        ACCOUNT,
        &[Char('G'), Key::End],
        "G End",
        Action::Last,
        "the last session",
    ),
    bind(
        ACCOUNT,
        &[Char('r')],
        "r",
        Action::Refresh,
        "read them anew",
    ),
    bind(
        ACCOUNT,
        &[Esc, Char('q')],
        "Esc",
        Action::Close,
        "back to the table",
    )
    .footer("close"),
    bind(USERS, &[Char('n')], "n", Action::New, "add a user").footer("new"),
    bind(
        USERS,
        &[Enter, Char('e')],
        "e",
        Action::Edit,
        "change the role, or shut the account",
    )
    .footer("edit"),
    bind(
        USERS,
        &[Char('p')],
        "p",
        Action::Password,
        "give another password, after a question",
    )
    .footer("password"),
    bind(
        USERS,
        &[Char('s')],
        "s",
        Action::EndSessions,
        "end all sessions, after a question",
    )
    .footer("end sessions"),
    bind(
        USERS,
        &[Char('d'), Key::Delete],
        "d",
        Action::Delete,
        "delete the user, after a question",
    )
    .footer("delete"),
    bind(
        USERS,
        &[Char('j'), Key::Down],
        "j ↓",
        Action::Down,
        "one user down",
    ),
    bind(
        USERS,
        &[Char('k'), Key::Up],
        "k ↑",
        Action::Up,
        "one user up",
    ),
    bind(
        USERS,
        &[Char('g'), Key::Home],
        "g Home",
        Action::First,
        "the first user",
    ),
    bind(
        USERS,
        &[Char('G'), Key::End],
        "G End",
        Action::Last,
        "the last user",
    ),
    bind(USERS, &[Char('r')], "r", Action::Refresh, "read them anew"),
    bind(
        USERS,
        &[Esc, Char('q')],
        "Esc",
        Action::Close,
        "back to the table",
    )
    .footer("close"),
    bind(SECRETS, &[Ctrl('s')], "Ctrl-s", Action::Save, "save").footer("save"),
    bind(
        SECRETS,
        &[Tab, Key::Down, Enter],
        "Tab ↓",
        Action::Down,
        "the next field",
    )
    .footer("next"),
    bind(
        SECRETS,
        &[BackTab, Key::Up],
        "Shift-Tab ↑",
        Action::Up,
        "the field before",
    ),
    bind(
        SECRETS,
        &[Ctrl('r')],
        "Ctrl-r",
        Action::Reveal,
        "show or hide the password",
    )
    .footer("show password"),
    bind(
        SECRETS,
        &[Esc, Ctrl('g')],
        "Esc",
        Action::Close,
        "leave without saving",
    )
    .footer("cancel"),
    bind(
        HANDOVER,
        &[Char('y')],
        "y",
        Action::CopyCell,
        "copy the password",
    )
    .footer("copy"),
    bind(
        HANDOVER,
        &[Esc, Ctrl('g')],
        "Esc",
        Action::Close,
        "close: it is not shown again",
    )
    .footer("close"),
    bind(
        WRITTEN,
        &[Ctrl('p')],
        "Ctrl-p",
        Action::Palette,
        "look for an action by its words",
    ),
    bind(
        COLUMNS,
        &[Char('j'), Key::Down],
        "j ↓",
        Action::Down,
        "the next column",
    ),
    bind(
        COLUMNS,
        &[Char('k'), Key::Up],
        "k ↑",
        Action::Up,
        "the column before",
    ),
    bind(
        COLUMNS,
        &[Char(' '), Char('-')],
        "Space",
        Action::HideColumn,
        "show it or hide it",
    )
    .footer("show or hide"),
    bind(
        COLUMNS,
        &[Char('K'), Char('H')],
        "K",
        Action::ColumnLeft,
        "move it up, to the left",
    )
    .footer("up"),
    bind(
        COLUMNS,
        &[Char('J'), Char('L')],
        "J",
        Action::ColumnRight,
        "move it down, to the right",
    )
    .footer("down"),
    bind(
        COLUMNS,
        &[Char('<')],
        "<",
        Action::Narrower,
        "make it narrower",
    ),
    bind(COLUMNS, &[Char('>')], ">", Action::Wider, "make it wider"),
    bind(
        COLUMNS,
        &[Char('|')],
        "|",
        Action::PinColumn,
        "pin it, or let it move along",
    )
    .footer("pin"),
    bind(
        COLUMNS,
        &[Char('r')],
        "r",
        Action::ResetColumns,
        "all columns as they were at first",
    )
    .footer("reset"),
    bind(
        COLUMNS,
        &[Esc, Enter, Char('q'), Char('c')],
        "Esc",
        Action::Close,
        "close",
    )
    .footer("close"),
    bind(
        UNWRITTEN,
        &[Char(':'), Ctrl('p')],
        ": Ctrl-p",
        Action::Palette,
        "look for an action by its words",
    ),
    bind(UNWRITTEN, &[Char('?')], "?", Action::Help, "these keys").footer("help"),
    bind(
        PALETTE,
        &[Enter],
        "Enter",
        Action::Open,
        "do what is chosen",
    )
    .footer("do it"),
    bind(
        PALETTE,
        &[Key::Down, Ctrl('n'), Tab],
        "↓",
        Action::Down,
        "the next action",
    )
    .footer("next"),
    bind(
        PALETTE,
        &[Key::Up, Ctrl('p'), BackTab],
        "↑",
        Action::Up,
        "the action before",
    )
    .footer("before"),
    bind(PALETTE, &[Esc, Ctrl('g')], "Esc", Action::Close, "close").footer("close"),
    bind(HELP, &[Key::Down], "↓", Action::Down, "one line down").footer("down"),
    bind(HELP, &[Key::Up], "↑", Action::Up, "one line up").footer("up"),
    bind(HELP, &[PageDown], "PgDn", Action::PageDown, "a screen down"),
    bind(HELP, &[PageUp], "PgUp", Action::PageUp, "a screen up"),
    bind(
        HELP,
        &[Esc, Enter, Char('?'), Ctrl('g')],
        "Esc",
        Action::Close,
        "close",
    )
    .footer("close"),
    bind(
        &[],
        &[Ctrl('c')],
        "Ctrl-c",
        Action::Interrupt,
        "leave at once",
    ),
    bind(
        &[],
        &[Ctrl('l')],
        "Ctrl-l",
        Action::Redraw,
        "draw everything anew",
    ),
    bind(
        &[],
        &[Ctrl('z')],
        "Ctrl-z",
        Action::Suspend,
        "back to the shell; fg returns",
    ),
];

/// What the keys do for one person: the table, with what a configuration has changed in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap(Vec<Binding>);

impl Default for Keymap {
    fn default() -> Self {
        Self(BINDINGS.to_vec())
    }
}

impl Keymap {
    /// What `key` does on `screen`.
    pub fn action(&self, screen: Screen, key: Key) -> Option<Action> {
        self.on(screen)
            .find(|binding| binding.keys.contains(&key))
            .map(|binding| binding.action)
    }

    /// The lines that hold on `screen`.
    pub fn on(&self, screen: Screen) -> impl Iterator<Item = &Binding> {
        self.0.iter().filter(move |binding| binding.is_on(screen))
    }

    /// A key for an action of `screen`, to be told; its name, where a configuration has taken its keys away.
    pub fn key(&self, screen: Screen, action: Action) -> Cow<'_, str> {
        let line = self
            .on(screen)
            .find(|line| line.action == action && !line.keys.is_empty());
        match line {
            Some(line) => Cow::Borrowed(line.first()),
            None => Cow::Owned(format!("“{}”", action.name())),
        }
    }

    /// Every line.
    pub fn bindings(&self) -> &[Binding] {
        &self.0
    }

    /// Every line once: under the first screen on which it holds, and at last what holds everywhere.
    pub fn sections(
        &self,
    ) -> impl Iterator<Item = (Option<Screen>, impl Iterator<Item = &Binding>)> {
        let screens = Screen::ALL.into_iter().map(Some).chain([None]);
        screens.map(|screen| {
            (
                screen,
                self.0
                    .iter()
                    .filter(move |line| line.screens.first().copied() == screen),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_key_means_two_things_on_one_screen() {
        for screen in Screen::ALL {
            let mut seen = HashSet::new();
            for key in Keymap::default()
                .on(screen)
                .flat_map(|binding| binding.keys.iter())
            {
                assert!(seen.insert(*key), "{key:?} on {screen:?}");
            }
        }
    }

    #[test]
    fn no_action_has_two_lines_on_one_screen() {
        for screen in Screen::ALL {
            let mut seen = HashSet::new();
            assert!(
                Keymap::default()
                    .on(screen)
                    .all(|line| seen.insert(line.action)),
                "{screen:?}"
            );
        }
    }

    #[test]
    fn what_is_shown_of_a_line_are_keys_of_it() {
        for line in BINDINGS {
            let keys: Vec<Key> = line
                .shown
                .split(' ')
                .map(|key| key.parse().unwrap())
                .collect();
            assert!(keys.iter().all(|key| line.keys.contains(key)), "{line:?}");
        }
    }

    #[test]
    fn nothing_needs_a_key_that_a_terminal_cannot_tell_from_another() {
        // Ctrl-H, I, J, M and [ arrive as Backspace, Tab, Enter, Enter and Esc.
        for key in BINDINGS.iter().flat_map(|binding| binding.keys.iter()) {
            assert!(!matches!(key, Ctrl('h' | 'i' | 'j' | 'm' | '[')), "{key:?}");
        }
    }

    #[test]
    fn every_action_has_a_name_of_its_own() {
        let names: HashSet<_> = Action::ALL.iter().map(|action| action.name()).collect();
        assert_eq!(names.len(), Action::ALL.len());
        for action in Action::ALL {
            assert_eq!(Action::from_name(action.name()), Some(*action));
        }
    }

    #[test]
    fn every_screen_can_be_left() {
        for screen in Screen::ALL {
            assert_eq!(
                Keymap::default().action(screen, Ctrl('c')),
                Some(Action::Interrupt)
            );
            assert!(
                Keymap::default()
                    .on(screen)
                    .any(|line| line.action == way_out(screen)),
                "{screen:?}"
            );
        }
    }
}
