//! The table of keys: dispatch, footer, palette, help and manual page all read it.

use std::borrow::Cow;

mod key;
mod notation;
mod remap;
mod screen;

pub use key::Key;
pub use notation::KeyNotationError;
pub use remap::{RemapError, exit_action};
pub use screen::Screen;

/// Actions, each with the name used in config.toml.
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

            /// The name used in config.toml. Users' files contain it, so it stays even if the
            /// variant is renamed.
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
    Up: "up", "Moves up by a row, field or choice.",
    Down: "down", "Moves down by a row, field or choice.",
    Left: "left", "Moves left by a column or choice.",
    Right: "right", "Moves right by a column or choice.",
    First: "first", "Moves to the first row, or to the row with the number typed before it.",
    Last: "last", "Moves to the last row, or to the row with the number typed before it.",
    PageUp: "page-up", "Moves up by a page.",
    PageDown: "page-down", "Moves down by a page.",
    HalfUp: "half-up", "Moves up by half a page.",
    HalfDown: "half-down", "Moves down by half a page.",
    ScrollUp: "scroll-up", "Scrolls the open record up.",
    ScrollDown: "scroll-down", "Scrolls the open record down.",
    Search: "search", "Opens the filter.",
    ClearSearch: "clear-search", "Clears the filter, a range or a running mark-all.",
    Narrow: "narrow", "Narrows the list to the value of the cursor's cell.",
    Exclude: "exclude", "Leaves out everyone with the value of the cursor's cell.",
    Manager: "manager", "Moves to the manager of this person.",
    Reports: "reports", "Lists the reports of this person.",
    Back: "back", "Returns to the filter, sort and cursor before.",
    Sort: "sort", "Sorts by this column only.",
    SortAlso: "sort-also", "Adds this column to the sort.",
    Open: "open", "Opens the record, picks the selected item, or goes to the next field.",
    Previous: "previous", "Goes to the previous field or suggestion.",
    NewLine: "new-line", "Starts a new line in the notes; elsewhere goes to the next field.",
    Close: "close", "Closes the topmost overlay.",
    New: "new", "Opens the form for a new record.",
    Edit: "edit", "Opens the form for this record.",
    EditCell: "edit-cell", "Edits the value under the cursor, in the table.",
    EditStatus: "edit-status", "Edits the status, in the table.",
    Delete: "delete", "Deletes the record or the marked ones, after a confirmation.",
    Mark: "mark", "Marks or unmarks a person.",
    MarkRange: "mark-range", "Marks a range: pressed once at each end.",
    MarkAll: "mark-all", "Marks everyone who matches the filter.",
    ClearMarks: "clear-marks", "Clears all marks.",
    Refresh: "refresh", "Reloads from the server.",
    Pause: "pause", "Pauses the changes by others, or shows them again.",
    CopyCell: "copy-cell", "Copies the cursor's column, of this record or of the marked ones.",
    CopyEmail: "copy-email", "Copies the email address, of this record or of the marked ones.",
    CopyRecord: "copy-record", "Copies this record, or the marked ones.",
    SignOut: "sign-out", "Signs out.",
    Server: "server", "Opens the sign-in form to go to another server.",
    MySessions: "account", "Shows the user's own sessions and password.",
    Users: "users", "Opens user management.",
    Password: "password", "Changes the user's own password, or resets the selected user's.",
    EndSession: "end-session", "Ends the selected session.",
    EndSessions: "end-sessions", "Ends all other sessions, or all sessions of the selected user.",
    Reveal: "reveal", "Shows or hides the password.",
    Save: "save", "Saves the form or the resolved conflict.",
    Undo: "undo", "Undoes the last change.",
    Redo: "redo", "Redoes the last undone change.",
    Set: "set", "Sets fields of all marked people.",
    History: "history", "Shows the record's history.",
    Suggestion: "offer", "Lists suggestions for this field.",
    TakeMine: "take-mine", "Keeps my value.",
    TakeTheirs: "take-theirs", "Keeps their value.",
    TakeAllMine: "take-all-mine", "Keeps my value in every conflicting field.",
    TakeAllTheirs: "take-all-theirs", "Keeps their value in every conflicting field.",
    EditField: "edit-field", "Edits the focused field in $EDITOR.",
    OpenEditor: "compose", "Edits the marked records as CSV in $EDITOR.",
    Yes: "yes", "Answers yes.",
    No: "no", "Answers no.",
    Export: "export", "Opens the export of the marked people, or of those in the list.",
    Import: "import", "Opens the import of a file.",
    NamedFilters: "filters", "Opens the named filters.",
    Columns: "columns", "Opens the column settings.",
    HideColumn: "hide-column", "Hides or shows a column.",
    ColumnLeft: "column-left", "Moves a column left.",
    ColumnRight: "column-right", "Moves a column right.",
    Narrower: "narrower", "Narrows a column.",
    Wider: "wider", "Widens a column.",
    PinColumn: "pin-column", "Pins or unpins a column.",
    ResetColumns: "reset-columns", "Resets all columns.",
    Palette: "palette", "Opens the command palette.",
    Theme: "theme", "Opens the themes, at the current one.",
    Help: "help", "Shows the keys.",
    Redraw: "redraw", "Redraws the screen.",
    Suspend: "suspend", "Suspends to the shell.",
    Quit: "quit", "Quits once every write is answered.",
    Interrupt: "interrupt", "Quits immediately, without waiting for the server.",
}

/// One key binding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The screens it applies to; all if empty.
    pub screens: Cow<'static, [Screen]>,
    /// The keys that trigger it; empty if config.toml removed them.
    pub keys: Cow<'static, [Key]>,
    /// The keys as text.
    pub shown: Cow<'static, str>,
    /// The action.
    pub action: Action,
    /// The description in the help.
    pub help: &'static str,
    /// The label in the footer, if it is shown there.
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

    /// The first of its keys, as text.
    pub fn first(&self) -> &str {
        self.shown.split(' ').next().unwrap_or_default()
    }

    /// Returns `true` if it applies to `screen`.
    pub fn is_on(&self, screen: Screen) -> bool {
        self.screens.is_empty() || self.screens.contains(&screen)
    }

    /// Returns `true` if it is listed for this screen or, for `None`, for every screen.
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
const CELL: &[Screen] = &[Screen::Cell];
const CONFIRM: &[Screen] = &[Screen::Confirm];
const CONFLICT: &[Screen] = &[Screen::Conflict];
const BATCH: &[Screen] = &[Screen::Batch];
const EXPORT: &[Screen] = &[Screen::Export];
const IMPORT_FILE: &[Screen] = &[Screen::ImportFile];
const IMPORT: &[Screen] = &[Screen::Import];
const HISTORY: &[Screen] = &[Screen::History];
const SIGN_IN: &[Screen] = &[Screen::SignIn];
const HELP: &[Screen] = &[Screen::Help];
const NAMED_FILTERS: &[Screen] = &[Screen::NamedFilters];
const FILTER_NAME: &[Screen] = &[Screen::FilterName];
const COLUMNS: &[Screen] = &[Screen::Columns];
const THEMES: &[Screen] = &[Screen::Themes];
const PALETTE: &[Screen] = &[Screen::Palette];
/// The form of a record, or of one of its cells.
const WRITING: &[Screen] = &[Screen::Form, Screen::Cell];
/// Screens where letters are text.
const TEXT_INPUT: &[Screen] = &[Screen::Search, Screen::Form, Screen::Cell];
/// Overlays where letters are keys.
const KEY_OVERLAYS: &[Screen] = &[
    Screen::Conflict,
    Screen::Batch,
    Screen::Import,
    Screen::History,
    Screen::MySessions,
    Screen::Users,
    Screen::Columns,
    Screen::Themes,
    Screen::NamedFilters,
];
/// Overlays with a question or an answer, from which no other screen is opened.
const ANSWERS: &[Screen] = &[Screen::Confirm, Screen::GeneratedPassword];
const MY_SESSIONS: &[Screen] = &[Screen::MySessions];
const USERS: &[Screen] = &[Screen::Users];
const GENERATED_PASSWORD: &[Screen] = &[Screen::GeneratedPassword];
/// Forms with password fields.
const PASSWORD_FORMS: &[Screen] = &[Screen::ChangePassword, Screen::UserForm];

/// The default keys. If two lines apply, the first wins. A key without a line is text input.
pub const BINDINGS: &[Binding] = &[
    bind(TABLE, &[Enter], "Enter", Action::Open, "open the record").footer("open"),
    bind(
        DETAIL,
        &[Esc, Enter, Char('q')],
        "Esc",
        Action::Close,
        "back to the table (also q)",
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
        "filter: dept:eng !left #7 \"exact words\"",
    )
    .footer("filter"),
    bind(
        TABLE,
        &[Esc],
        "Esc",
        Action::ClearSearch,
        "stop marking, or clear the filter",
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
        "add this column to the sort",
    ),
    bind(
        ROWS,
        &[Char(',')],
        ",",
        Action::Narrow,
        "narrow to this cell's value",
    ),
    bind(
        ROWS,
        &[Char('!')],
        "!",
        Action::Exclude,
        "leave out this cell's value",
    ),
    bind(ROWS, &[Char('m')], "m", Action::Manager, "to the manager"),
    bind(ROWS, &[Char('R')], "R", Action::Reports, "the reports"),
    bind(
        ROWS,
        &[Ctrl('o')],
        "Ctrl-o",
        Action::Back,
        "back to the filter, sort and cursor before",
    ),
    bind(ROWS, &[Char('n')], "n", Action::New, "add a person").footer("new"),
    bind(ROWS, &[Char('e')], "e", Action::Edit, "edit the record").footer("edit"),
    bind(
        ROWS,
        &[Char('i')],
        "i",
        Action::EditCell,
        "edit this cell in place",
    ),
    bind(
        ROWS,
        &[Char('x')],
        "x",
        Action::EditStatus,
        "set the status in place",
    ),
    bind(
        ROWS,
        &[Char('d'), Key::Delete],
        "d",
        Action::Delete,
        "delete the record (asks first)",
    )
    .footer("delete"),
    bind(
        ROWS,
        &[Char('=')],
        "=",
        Action::Set,
        "set fields of the marked people (with preview)",
    )
    .footer("set"),
    bind(
        ROWS,
        &[Char('E')],
        "E",
        Action::OpenEditor,
        "edit the marked records as CSV in $EDITOR",
    )
    .footer("as text"),
    bind(
        ROWS,
        &[Char('u')],
        "u",
        Action::Undo,
        "undo your last change",
    ),
    bind(ROWS, &[Char('U')], "U", Action::Redo, "redo"),
    bind(
        ROWS,
        &[Char('t')],
        "t",
        Action::History,
        "history of this record",
    ),
    bind(
        ROWS,
        &[Char('j'), Key::Down],
        "j ↓",
        Action::Down,
        "down (5j: five rows)",
    ),
    bind(ROWS, &[Char('k'), Key::Up], "k ↑", Action::Up, "up"),
    bind(
        ROWS,
        &[Char('h'), Key::Left],
        "h ←",
        Action::Left,
        "one column left",
    ),
    bind(
        ROWS,
        &[Char('l'), Key::Right],
        "l →",
        Action::Right,
        "one column right",
    ),
    bind(
        ROWS,
        &[Key::Twice('g'), Key::Home],
        "gg Home",
        Action::First,
        "first row",
    ),
    bind(
        ROWS,
        &[Char('G'), Key::End],
        "G End",
        Action::Last,
        "last row (99G: row 99)",
    ),
    bind(
        ROWS,
        &[Ctrl('d')],
        "Ctrl-d",
        Action::HalfDown,
        "half a page down",
    ),
    bind(
        ROWS,
        &[Ctrl('u')],
        "Ctrl-u",
        Action::HalfUp,
        "half a page up",
    ),
    bind(
        ROWS,
        &[PageDown, Ctrl('f')],
        "PgDn",
        Action::PageDown,
        "page down",
    ),
    bind(
        ROWS,
        &[PageUp, Ctrl('b')],
        "PgUp",
        Action::PageUp,
        "page up",
    ),
    bind(
        ROWS,
        &[Char(' ')],
        "Space",
        Action::Mark,
        "mark or unmark, and move down",
    ),
    bind(
        ROWS,
        &[Char('v')],
        "v",
        Action::MarkRange,
        "mark a range: press at both ends",
    ),
    bind(
        ROWS,
        &[Char('*')],
        "*",
        Action::MarkAll,
        "mark everyone who matches the filter",
    ),
    bind(
        ROWS,
        &[Char('M')],
        "M",
        Action::ClearMarks,
        "clear all marks",
    )
    .footer("unmark"),
    bind(
        ROWS,
        &[Char('f')],
        "f",
        Action::NamedFilters,
        "named filters: filter, sort and columns",
    ),
    bind(ROWS, &[Char('c')], "c", Action::Columns, "columns"),
    bind(
        ROWS,
        &[Char('H')],
        "H",
        Action::ColumnLeft,
        "move this column left",
    ),
    bind(
        ROWS,
        &[Char('L')],
        "L",
        Action::ColumnRight,
        "move this column right",
    ),
    bind(
        ROWS,
        &[Char('-')],
        "-",
        Action::HideColumn,
        "hide this column (c shows it again)",
    ),
    bind(
        ROWS,
        &[Char('<')],
        "<",
        Action::Narrower,
        "narrow this column",
    ),
    bind(ROWS, &[Char('>')], ">", Action::Wider, "widen this column"),
    bind(
        ROWS,
        &[Char('|')],
        "|",
        Action::PinColumn,
        "pin or unpin this column",
    ),
    bind(ROWS, &[Char('r')], "r", Action::Refresh, "reload"),
    bind(
        ROWS,
        &[Char('p')],
        "p",
        Action::Pause,
        "pause live updates, or go on",
    ),
    bind(
        ROWS,
        &[Char('y')],
        "y",
        Action::CopyCell,
        "copy this column, of all marked",
    ),
    bind(
        ROWS,
        &[Char('C')],
        "C",
        Action::CopyEmail,
        "copy the email address, of all marked",
    ),
    bind(
        ROWS,
        &[Char('Y')],
        "Y",
        Action::CopyRecord,
        "copy the record, or all marked",
    ),
    bind(
        ROWS,
        &[Char('X')],
        "X",
        Action::Export,
        "export people to a file or the clipboard",
    ),
    bind(
        ROWS,
        &[Char('I')],
        "I",
        Action::Import,
        "import people from a file (with preview)",
    ),
    bind(
        ROWS,
        &[Char(':'), Ctrl('p')],
        ": Ctrl-p",
        Action::Palette,
        "command palette",
    ),
    bind(ROWS, &[Char('T')], "T", Action::Theme, "choose a theme"),
    bind(
        ROWS,
        &[Char('a')],
        "a",
        Action::MySessions,
        "my sessions and my password",
    ),
    bind(ROWS, &[Char('A')], "A", Action::Users, "manage users"),
    bind(
        ROWS,
        &[Char('Q')],
        "Q",
        Action::SignOut,
        "sign out (like roster logout)",
    ),
    bind(
        ROWS,
        &[Char('@')],
        "@",
        Action::Server,
        "sign in to another server",
    ),
    bind(
        ROWS,
        &[Char('?'), Key::F(1)],
        "?",
        Action::Help,
        "keys (also F1, on every screen)",
    )
    .footer("help"),
    bind(
        TABLE,
        &[Char('q')],
        "q",
        Action::Quit,
        "quit (stays signed in)",
    )
    .footer("quit"),
    bind(SEARCH, &[Enter], "Enter", Action::Open, "keep the filter").footer("keep"),
    bind(
        SEARCH,
        &[Esc, Ctrl('g')],
        "Esc",
        Action::ClearSearch,
        "clear the filter (also Ctrl-g)",
    )
    .footer("clear"),
    bind(
        SEARCH,
        &[Tab],
        "Tab",
        Action::Suggestion,
        "accept the selected or the first suggestion, list some, or keep the filter",
    )
    .footer("complete"),
    bind(
        SEARCH,
        &[Key::Down],
        "↓",
        Action::Down,
        "later filter, next suggestion, or down",
    ),
    bind(
        SEARCH,
        &[BackTab, Key::Up],
        "↑",
        Action::Up,
        "earlier filter, previous suggestion, or up",
    ),
    bind(SEARCH, &[PageDown], "PgDn", Action::PageDown, "page down"),
    bind(SEARCH, &[PageUp], "PgUp", Action::PageUp, "page up"),
    bind(FORM, &[Ctrl('s')], "Ctrl-s", Action::Save, "save").footer("save"),
    bind(
        FORM,
        &[Tab],
        "Tab",
        Action::Open,
        "accept the selected suggestion; next field",
    )
    .footer("next"),
    bind(
        FORM,
        &[Enter],
        "Enter",
        Action::NewLine,
        "a new line in the notes; elsewhere like Tab",
    )
    .footer("new line"),
    bind(
        FORM,
        &[Key::Down],
        "↓",
        Action::Down,
        "next field, line of the notes, or suggestion",
    ),
    bind(
        FORM,
        &[Key::Up],
        "↑",
        Action::Up,
        "previous field, line of the notes, or suggestion",
    ),
    bind(
        FORM,
        &[BackTab],
        "Shift-Tab",
        Action::Previous,
        "previous field or suggestion",
    ),
    bind(
        FORM,
        &[Ctrl('n')],
        "Ctrl-n",
        Action::Suggestion,
        "list suggestions",
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
        "redo in this field",
    ),
    bind(
        WRITING,
        &[Key::Alt('e')],
        "Alt-e",
        Action::EditField,
        "edit this field in $EDITOR",
    ),
    bind(FORM, &[PageUp], "PgUp", Action::First, "first field"),
    bind(FORM, &[PageDown], "PgDn", Action::Last, "last field"),
    bind(FORM, &[Key::F(1)], "F1", Action::Help, "keys").footer("help"),
    bind(
        FORM,
        &[Esc, Ctrl('g')],
        "Esc",
        Action::Close,
        "close without saving (also Ctrl-g)",
    )
    .footer("cancel"),
    bind(CELL, &[Enter, Ctrl('s')], "Enter", Action::Save, "save").footer("save"),
    bind(
        CELL,
        &[Tab],
        "Tab",
        Action::Open,
        "save, and edit the next cell",
    )
    .footer("next cell"),
    bind(
        CELL,
        &[Key::Down],
        "↓",
        Action::Down,
        "list suggestions, or the next one",
    ),
    bind(
        CELL,
        &[Key::Up, BackTab],
        "↑",
        Action::Up,
        "previous suggestion",
    ),
    bind(
        CELL,
        &[Ctrl('n')],
        "Ctrl-n",
        Action::Suggestion,
        "list suggestions",
    )
    .footer("list"),
    bind(
        CELL,
        &[Key::Alt('u'), Ctrl('_')],
        "Alt-u Ctrl-_",
        Action::Undo,
        "undo in this cell",
    ),
    bind(
        CELL,
        &[Key::Alt('r')],
        "Alt-r",
        Action::Redo,
        "redo in this cell",
    ),
    bind(CELL, &[Key::F(1)], "F1", Action::Help, "keys").footer("help"),
    bind(
        CELL,
        &[Esc, Ctrl('g')],
        "Esc",
        Action::Close,
        "close without saving (also Ctrl-g)",
    )
    .footer("cancel"),
    bind(
        CONFIRM,
        &[Enter],
        "Enter",
        Action::Open,
        "run the selected action",
    )
    .footer("choose"),
    bind(
        CONFIRM,
        &[Key::Right, Tab, Char('l')],
        "→",
        Action::Right,
        "next answer",
    )
    .footer("other"),
    bind(
        CONFIRM,
        &[Key::Left, BackTab, Char('h')],
        "←",
        Action::Left,
        "previous answer",
    ),
    bind(CONFIRM, &[Char('y')], "y", Action::Yes, "yes").footer("yes"),
    bind(
        CONFIRM,
        &[Char('n'), Esc, Char('q')],
        "n Esc",
        Action::No,
        "no",
    )
    .footer("cancel"),
    bind(
        CONFLICT,
        &[Char('m'), Key::Left],
        "m ←",
        Action::TakeMine,
        "keep my value",
    )
    .footer("mine"),
    bind(
        CONFLICT,
        &[Char('t'), Key::Right],
        "t →",
        Action::TakeTheirs,
        "keep their value",
    )
    .footer("theirs"),
    bind(
        CONFLICT,
        &[Char('M')],
        "M",
        Action::TakeAllMine,
        "keep mine in every conflict",
    ),
    bind(
        CONFLICT,
        &[Char('T')],
        "T",
        Action::TakeAllTheirs,
        "keep theirs in every conflict",
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
        "next field",
    )
    .footer("next"),
    bind(
        CONFLICT,
        &[Char('k'), Key::Up, BackTab],
        "k ↑",
        Action::Up,
        "previous field",
    ),
    bind(
        CONFLICT,
        &[Ctrl('s'), Enter],
        "Enter",
        Action::Save,
        "save the result",
    )
    .footer("save"),
    bind(CONFLICT, &[Esc, Char('q')], "Esc", Action::Close, "back").footer("back"),
    bind(
        BATCH,
        &[Enter],
        "Enter",
        Action::Open,
        "run the selected action",
    )
    .footer("choose"),
    bind(
        BATCH,
        &[Tab, BackTab, Key::Left, Key::Right],
        "← →",
        Action::Right,
        "other answer",
    )
    .footer("other"),
    bind(BATCH, &[Char('y')], "y", Action::Yes, "yes: do it").footer("yes"),
    bind(BATCH, &[Char('n')], "n", Action::No, "no: close").footer("no"),
    bind(BATCH, &[Key::Down, Char('j')], "j ↓", Action::Down, "down").footer("down"),
    bind(BATCH, &[Key::Up, Char('k')], "k ↑", Action::Up, "up"),
    bind(BATCH, &[PageDown], "PgDn", Action::PageDown, "page down"),
    bind(BATCH, &[PageUp], "PgUp", Action::PageUp, "page up"),
    bind(BATCH, &[Key::Home], "Home", Action::First, "first row"),
    bind(BATCH, &[Key::End], "End", Action::Last, "the last row"),
    bind(
        BATCH,
        &[Char('t')],
        "t",
        Action::History,
        "history of this record",
    ),
    bind(
        BATCH,
        &[Char('u')],
        "u",
        Action::Undo,
        "close the results and undo the last change",
    ),
    bind(
        BATCH,
        &[Char('U')],
        "U",
        Action::Redo,
        "close the results and redo",
    ),
    bind(
        BATCH,
        &[Esc, Char('q')],
        "Esc",
        Action::Close,
        "stop, go back to the form, or close",
    )
    .footer("close"),
    bind(
        EXPORT,
        &[Enter, Ctrl('s')],
        "Enter",
        Action::Save,
        "export, or accept the selected suggestion",
    )
    .footer("export"),
    bind(
        EXPORT,
        &[Tab],
        "Tab",
        Action::Suggestion,
        "complete the file name; elsewhere the next field",
    )
    .footer("next"),
    bind(
        EXPORT,
        &[Key::Down],
        "↓",
        Action::Down,
        "next field or suggestion",
    ),
    bind(
        EXPORT,
        &[Key::Up, BackTab],
        "↑",
        Action::Up,
        "previous field or suggestion",
    ),
    bind(EXPORT, &[Key::F(1)], "F1", Action::Help, "keys").footer("help"),
    bind(
        EXPORT,
        &[Esc, Ctrl('g')],
        "Esc",
        Action::Close,
        "close the list, stop, or close without exporting (also Ctrl-g)",
    )
    .footer("cancel"),
    bind(
        IMPORT_FILE,
        &[Enter, Ctrl('s')],
        "Enter",
        Action::Open,
        "read the file, or the selected one",
    )
    .footer("read"),
    bind(
        IMPORT_FILE,
        &[Tab],
        "Tab",
        Action::Suggestion,
        "complete the path",
    )
    .footer("complete"),
    bind(
        IMPORT_FILE,
        &[Key::Down],
        "↓",
        Action::Down,
        "list the files, or the next one",
    ),
    bind(
        IMPORT_FILE,
        &[Key::Up, BackTab],
        "↑",
        Action::Up,
        "previous file",
    ),
    bind(IMPORT_FILE, &[Key::F(1)], "F1", Action::Help, "keys").footer("help"),
    bind(
        IMPORT_FILE,
        &[Esc, Ctrl('g')],
        "Esc",
        Action::Close,
        "close the list, stop, or close (also Ctrl-g)",
    )
    .footer("cancel"),
    bind(
        IMPORT,
        &[Enter],
        "Enter",
        Action::Open,
        "change what the column is read as, or run the selected action",
    )
    .footer("choose"),
    bind(
        IMPORT,
        &[Ctrl('s')],
        "Ctrl-s",
        Action::Save,
        "check what would happen",
    )
    .footer("check"),
    bind(
        IMPORT,
        &[Char('l'), Key::Right],
        "l →",
        Action::Right,
        "next column, choice or answer",
    ),
    bind(
        IMPORT,
        &[Char('h'), Key::Left],
        "h ←",
        Action::Left,
        "previous column, choice or answer",
    ),
    bind(
        IMPORT,
        &[Char('j'), Key::Down, Tab],
        "j ↓",
        Action::Down,
        "next field or row",
    )
    .footer("next"),
    bind(
        IMPORT,
        &[Char('k'), Key::Up, BackTab],
        "k ↑",
        Action::Up,
        "previous field or row",
    ),
    bind(IMPORT, &[PageDown], "PgDn", Action::PageDown, "page down"),
    bind(IMPORT, &[PageUp], "PgUp", Action::PageUp, "page up"),
    bind(
        IMPORT,
        &[Key::Home],
        "Home",
        Action::First,
        "first column or row",
    ),
    bind(
        IMPORT,
        &[Key::End],
        "End",
        Action::Last,
        "last column or row",
    ),
    bind(IMPORT, &[Char('y')], "y", Action::Yes, "yes: import").footer("import"),
    bind(
        IMPORT,
        &[Char('u')],
        "u",
        Action::Undo,
        "close the result and undo the import",
    )
    .footer("undo"),
    bind(
        IMPORT,
        &[Esc, Char('q')],
        "Esc",
        Action::Close,
        "stop, go back, or close the result",
    )
    .footer("back"),
    bind(
        HISTORY,
        &[Enter],
        "Enter",
        Action::Open,
        "restore the old value or the person",
    )
    .footer("restore"),
    bind(
        HISTORY,
        &[Key::Down, Char('j')],
        "j ↓",
        Action::Down,
        "down",
    )
    .footer("down"),
    bind(HISTORY, &[Key::Up, Char('k')], "k ↑", Action::Up, "up").footer("up"),
    bind(HISTORY, &[PageDown], "PgDn", Action::PageDown, "page down"),
    bind(HISTORY, &[PageUp], "PgUp", Action::PageUp, "page up"),
    bind(
        HISTORY,
        &[Char('g'), Key::Home],
        "g Home",
        Action::First,
        "newest entry",
    ),
    bind(
        HISTORY,
        &[Char('G'), Key::End],
        "G End",
        Action::Last,
        "oldest entry loaded",
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
        "sign in, or next field",
    )
    .footer("sign in"),
    bind(
        SIGN_IN,
        &[Tab, Key::Down],
        "Tab ↓",
        Action::Down,
        "next field",
    )
    .footer("next"),
    bind(
        SIGN_IN,
        &[BackTab, Key::Up],
        "Shift-Tab ↑",
        Action::Up,
        "previous field",
    ),
    bind(
        SIGN_IN,
        &[Ctrl('r')],
        "Ctrl-r",
        Action::Reveal,
        "show or hide the password",
    )
    .footer("show password"),
    bind(SIGN_IN, &[Key::F(1)], "F1", Action::Help, "keys").footer("help"),
    bind(
        SIGN_IN,
        &[Esc, Ctrl('g')],
        "Esc",
        Action::Quit,
        "quit, or stay with the current server",
    )
    .footer("quit"),
    bind(
        MY_SESSIONS,
        &[Char('d'), Key::Delete],
        "d",
        Action::EndSession,
        "end the session (asks first)",
    )
    .footer("end"),
    bind(
        MY_SESSIONS,
        &[Char('o')],
        "o",
        Action::EndSessions,
        "end all other sessions (asks first)",
    )
    .footer("end others"),
    bind(
        MY_SESSIONS,
        &[Char('p')],
        "p",
        Action::Password,
        "change your password",
    )
    .footer("password"),
    bind(
        MY_SESSIONS,
        &[Char('j'), Key::Down],
        "j ↓",
        Action::Down,
        "down",
    ),
    bind(MY_SESSIONS, &[Char('k'), Key::Up], "k ↑", Action::Up, "up"),
    bind(
        MY_SESSIONS,
        &[Char('g'), Key::Home],
        "g Home",
        Action::First,
        "first session",
    ),
    bind(
        MY_SESSIONS,
        &[Char('G'), Key::End],
        "G End",
        Action::Last,
        "last session",
    ),
    bind(MY_SESSIONS, &[Char('r')], "r", Action::Refresh, "reload"),
    bind(
        MY_SESSIONS,
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
        "change the role or disable the account",
    )
    .footer("edit"),
    bind(
        USERS,
        &[Char('p')],
        "p",
        Action::Password,
        "reset the password (asks first)",
    )
    .footer("password"),
    bind(
        USERS,
        &[Char('s')],
        "s",
        Action::EndSessions,
        "end all sessions (asks first)",
    )
    .footer("end sessions"),
    bind(
        USERS,
        &[Char('d'), Key::Delete],
        "d",
        Action::Delete,
        "delete the user (asks first)",
    )
    .footer("delete"),
    bind(USERS, &[Char('j'), Key::Down], "j ↓", Action::Down, "down"),
    bind(USERS, &[Char('k'), Key::Up], "k ↑", Action::Up, "up"),
    bind(
        USERS,
        &[Char('g'), Key::Home],
        "g Home",
        Action::First,
        "first user",
    ),
    bind(
        USERS,
        &[Char('G'), Key::End],
        "G End",
        Action::Last,
        "last user",
    ),
    bind(USERS, &[Char('r')], "r", Action::Refresh, "reload"),
    bind(
        USERS,
        &[Esc, Char('q')],
        "Esc",
        Action::Close,
        "back to the table",
    )
    .footer("close"),
    bind(PASSWORD_FORMS, &[Ctrl('s')], "Ctrl-s", Action::Save, "save").footer("save"),
    bind(
        PASSWORD_FORMS,
        &[Tab, Key::Down, Enter],
        "Tab ↓",
        Action::Down,
        "next field",
    )
    .footer("next"),
    bind(
        PASSWORD_FORMS,
        &[BackTab, Key::Up],
        "Shift-Tab ↑",
        Action::Up,
        "previous field",
    ),
    bind(
        PASSWORD_FORMS,
        &[Ctrl('r')],
        "Ctrl-r",
        Action::Reveal,
        "show or hide the password",
    )
    .footer("show password"),
    bind(PASSWORD_FORMS, &[Key::F(1)], "F1", Action::Help, "keys").footer("help"),
    bind(
        PASSWORD_FORMS,
        &[Esc, Ctrl('g')],
        "Esc",
        Action::Close,
        "close without saving",
    )
    .footer("cancel"),
    bind(
        GENERATED_PASSWORD,
        &[Char('y')],
        "y",
        Action::CopyCell,
        "copy the password",
    )
    .footer("copy"),
    bind(
        GENERATED_PASSWORD,
        &[Esc, Ctrl('g')],
        "Esc",
        Action::Close,
        "close (it is not shown again)",
    )
    .footer("close"),
    bind(
        TEXT_INPUT,
        &[Ctrl('p')],
        "Ctrl-p",
        Action::Palette,
        "command palette",
    ),
    bind(
        NAMED_FILTERS,
        &[Enter],
        "Enter",
        Action::Open,
        "show this list",
    )
    .footer("show"),
    bind(
        NAMED_FILTERS,
        &[Char('n')],
        "n",
        Action::New,
        "name the current filter, sort and columns",
    )
    .footer("new"),
    bind(
        NAMED_FILTERS,
        &[Char('d'), Key::Delete],
        "d",
        Action::Delete,
        "delete the named filter",
    )
    .footer("delete"),
    bind(
        NAMED_FILTERS,
        &[Char('j'), Key::Down],
        "j ↓",
        Action::Down,
        "next filter",
    ),
    bind(
        NAMED_FILTERS,
        &[Char('k'), Key::Up],
        "k ↑",
        Action::Up,
        "previous filter",
    ),
    bind(
        NAMED_FILTERS,
        &[Esc, Char('q'), Char('f')],
        "Esc",
        Action::Close,
        "close",
    )
    .footer("close"),
    bind(
        FILTER_NAME,
        &[Enter, Ctrl('s')],
        "Enter",
        Action::Save,
        "save under this name",
    )
    .footer("save"),
    bind(FILTER_NAME, &[Key::F(1)], "F1", Action::Help, "keys"),
    bind(
        FILTER_NAME,
        &[Esc, Ctrl('g')],
        "Esc",
        Action::Close,
        "back to the list",
    )
    .footer("back"),
    bind(
        COLUMNS,
        &[Char('j'), Key::Down],
        "j ↓",
        Action::Down,
        "next column",
    ),
    bind(
        COLUMNS,
        &[Char('k'), Key::Up],
        "k ↑",
        Action::Up,
        "previous column",
    ),
    bind(
        COLUMNS,
        &[Char(' '), Char('-')],
        "Space",
        Action::HideColumn,
        "show or hide",
    )
    .footer("show or hide"),
    bind(
        COLUMNS,
        &[Char('K'), Char('H')],
        "K",
        Action::ColumnLeft,
        "move up (left in the table)",
    )
    .footer("up"),
    bind(
        COLUMNS,
        &[Char('J'), Char('L')],
        "J",
        Action::ColumnRight,
        "move down (right in the table)",
    )
    .footer("down"),
    bind(
        THEMES,
        &[Char('j'), Key::Down, Char('T'), Tab],
        "j ↓ T",
        Action::Down,
        "show the next theme",
    )
    .footer("next"),
    bind(
        THEMES,
        &[Char('k'), Key::Up, BackTab],
        "k ↑",
        Action::Up,
        "show the previous theme",
    ),
    bind(THEMES, &[Enter], "Enter", Action::Open, "keep this theme").footer("keep"),
    bind(
        THEMES,
        &[Esc, Char('q')],
        "Esc",
        Action::Close,
        "back to the theme before",
    )
    .footer("back"),
    bind(COLUMNS, &[Char('<')], "<", Action::Narrower, "narrower"),
    bind(COLUMNS, &[Char('>')], ">", Action::Wider, "wider"),
    bind(
        COLUMNS,
        &[Char('|')],
        "|",
        Action::PinColumn,
        "pin or unpin",
    )
    .footer("pin"),
    bind(
        COLUMNS,
        &[Char('r')],
        "r",
        Action::ResetColumns,
        "reset all columns",
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
        KEY_OVERLAYS,
        &[Char(':'), Ctrl('p')],
        ": Ctrl-p",
        Action::Palette,
        "command palette",
    ),
    bind(
        KEY_OVERLAYS,
        &[Char('?'), Key::F(1)],
        "?",
        Action::Help,
        "keys",
    )
    .footer("help"),
    bind(ANSWERS, &[Char('?'), Key::F(1)], "?", Action::Help, "keys").footer("help"),
    bind(SEARCH, &[Key::F(1)], "F1", Action::Help, "keys"),
    bind(
        PALETTE,
        &[Enter],
        "Enter",
        Action::Open,
        "run the selected action",
    )
    .footer("run"),
    bind(
        PALETTE,
        &[Key::Down, Ctrl('n'), Tab],
        "↓",
        Action::Down,
        "next action",
    )
    .footer("next"),
    bind(
        PALETTE,
        &[Key::Up, Ctrl('p'), BackTab],
        "↑",
        Action::Up,
        "previous action",
    )
    .footer("previous"),
    bind(PALETTE, &[Esc, Ctrl('g')], "Esc", Action::Close, "close").footer("close"),
    bind(HELP, &[Key::Down], "↓", Action::Down, "down").footer("down"),
    bind(HELP, &[Key::Up], "↑", Action::Up, "up").footer("up"),
    bind(HELP, &[PageDown], "PgDn", Action::PageDown, "page down"),
    bind(HELP, &[PageUp], "PgUp", Action::PageUp, "page up"),
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
        "quit immediately",
    ),
    bind(
        &[],
        &[Ctrl('l')],
        "Ctrl-l",
        Action::Redraw,
        "redraw the screen",
    ),
    bind(
        &[],
        &[Ctrl('z')],
        "Ctrl-z",
        Action::Suspend,
        "suspend to the shell (fg returns)",
    ),
];

/// The key table, with the changes from config.toml.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap(Vec<Binding>);

impl Default for Keymap {
    fn default() -> Self {
        Self(BINDINGS.to_vec())
    }
}

impl Keymap {
    /// The action of `key` on `screen`.
    pub fn action(&self, screen: Screen, key: Key) -> Option<Action> {
        self.on(screen)
            .find(|binding| binding.keys.contains(&key))
            .map(|binding| binding.action)
    }

    /// The lines that apply to `screen`.
    pub fn on(&self, screen: Screen) -> impl Iterator<Item = &Binding> {
        self.0.iter().filter(move |binding| binding.is_on(screen))
    }

    /// The first key of an action, for messages; the action's name if config.toml removed its keys.
    pub fn key(&self, screen: Screen, action: Action) -> Cow<'_, str> {
        let line = self
            .on(screen)
            .find(|line| line.action == action && !line.keys.is_empty());
        match line {
            Some(line) => Cow::Borrowed(line.first()),
            None => Cow::Owned(format!("“{}”", action.name())),
        }
    }

    /// All lines.
    pub fn bindings(&self) -> &[Binding] {
        &self.0
    }

    /// All lines, grouped by the first screen they apply to; those for every screen come last.
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
                    .any(|line| line.action == exit_action(screen)),
                "{screen:?}"
            );
        }
    }
}
