//! The default keys: one line per binding.

use std::borrow::Cow;

use super::Key::{BackTab, Char, Ctrl, Enter, Esc, PageDown, PageUp, Tab};
use super::{Action, Binding, Key, Screen};

/// Makes [`BINDINGS`]: the screens, the keys, the keys as text, the action and its description in
/// the help; then its label in the footer, if it is shown there.
macro_rules! bindings {
    ($(
        $screens:ident $keys:tt $shown:literal $action:ident $help:literal $(, $footer:literal)?;
    )+) => {
        /// The default keys. If two lines apply, the first wins. A key without a line is text
        /// input.
        pub const BINDINGS: &[Binding] = &[
            $(bind($screens, &$keys, $shown, Action::$action, $help)$(.footer($footer))?,)+
        ];
    };
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
}

const EVERYWHERE: &[Screen] = &[];
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

bindings! {
    TABLE [Enter] "Enter" Open "open the record", "open";
    DETAIL [Esc, Enter, Char('q')] "Esc" Close "back to the table (also q)", "close";
    DETAIL [Char('J')] "J" ScrollDown "scroll the record down", "more";
    DETAIL [Char('K')] "K" ScrollUp "scroll the record up";
    ROWS [Char('/')] "/" Search "filter: dept:eng !left #7 \"exact words\"", "filter";
    TABLE [Esc] "Esc" ClearSearch "stop marking, or clear the filter";
    ROWS [Char('s')] "s" Sort "sort by this column (people by last name): ↑, ↓, off", "sort";
    ROWS [Char('S')] "S" SortAlso "add this column to the sort";
    ROWS [Char(',')] "," Narrow "narrow to this cell's value";
    ROWS [Char('!')] "!" Exclude "leave out this cell's value";
    ROWS [Char('m')] "m" Manager "to the manager";
    ROWS [Char('R')] "R" Reports "the reports";
    ROWS [Ctrl('o')] "Ctrl-o" Back "back to the filter, sort and cursor before";
    ROWS [Char('n')] "n" New "add a person", "new";
    ROWS [Char('e')] "e" Edit "edit the record", "edit";
    ROWS [Char('i')] "i" EditCell "edit this cell in place";
    ROWS [Char('x')] "x" EditStatus "set the status in place";
    ROWS [Char('d'), Key::Delete] "d" Delete "delete the record (asks first)", "delete";
    ROWS [Char('=')] "=" Set "set fields of the marked people (with preview)", "set";
    ROWS [Char('E')] "E" OpenEditor "edit the marked records as CSV in $EDITOR", "as text";
    ROWS [Char('u')] "u" Undo "undo your last change";
    ROWS [Char('U')] "U" Redo "redo";
    ROWS [Char('t')] "t" History "history of this record";
    ROWS [Char('j'), Key::Down] "j ↓" Down "down (5j: five rows)";
    ROWS [Char('k'), Key::Up] "k ↑" Up "up";
    ROWS [Char('h'), Key::Left] "h ←" Left "one column left";
    ROWS [Char('l'), Key::Right] "l →" Right "one column right";
    ROWS [Key::Twice('g'), Key::Home] "gg Home" First "first row";
    ROWS [Char('G'), Key::End] "G End" Last "last row (99G: row 99)";
    ROWS [Ctrl('d')] "Ctrl-d" HalfDown "half a page down";
    ROWS [Ctrl('u')] "Ctrl-u" HalfUp "half a page up";
    ROWS [PageDown, Ctrl('f')] "PgDn" PageDown "page down";
    ROWS [PageUp, Ctrl('b')] "PgUp" PageUp "page up";
    ROWS [Char(' ')] "Space" Mark "mark or unmark, and move down";
    ROWS [Char('v')] "v" MarkRange "mark a range: press at both ends";
    ROWS [Char('*')] "*" MarkAll "mark everyone who matches the filter";
    ROWS [Char('M')] "M" ClearMarks "clear all marks", "unmark";
    ROWS [Char('f')] "f" NamedFilters "named filters: filter, sort and columns";
    ROWS [Char('c')] "c" Columns "columns";
    ROWS [Char('H')] "H" ColumnLeft "move this column left";
    ROWS [Char('L')] "L" ColumnRight "move this column right";
    ROWS [Char('-')] "-" HideColumn "hide this column (c shows it again)";
    ROWS [Char('<')] "<" Narrower "narrow this column";
    ROWS [Char('>')] ">" Wider "widen this column";
    ROWS [Char('|')] "|" PinColumn "pin or unpin this column";
    ROWS [Char('r')] "r" Refresh "reload";
    ROWS [Char('p')] "p" Pause "pause live updates, or go on";
    ROWS [Char('y')] "y" CopyCell "copy this column, of all marked";
    ROWS [Char('C')] "C" CopyEmail "copy the email address, of all marked";
    ROWS [Char('Y')] "Y" CopyRecord "copy the record, or all marked";
    ROWS [Char('X')] "X" Export "export people to a file or the clipboard";
    ROWS [Char('I')] "I" Import "import people from a file";
    ROWS [Char(':'), Ctrl('p')] ": Ctrl-p" Palette "command palette";
    ROWS [Char('T')] "T" Theme "choose a theme";
    ROWS [Char('a')] "a" MySessions "my sessions and my password";
    ROWS [Char('A')] "A" Users "manage users";
    ROWS [Char('Q')] "Q" SignOut "sign out (like roster logout)";
    ROWS [Char('@')] "@" Server "sign in to another server";
    ROWS [Char('?'), Key::F(1)] "?" Help "keys (also F1, on every screen)", "help";
    TABLE [Char('q')] "q" Quit "quit (stays signed in)", "quit";
    SEARCH [Enter] "Enter" Open "keep the filter", "keep";
    SEARCH [Esc, Ctrl('g')] "Esc" ClearSearch "clear the filter (also Ctrl-g)", "clear";
    SEARCH [Tab] "Tab" Suggestion
        "accept the selected or only suggestion, else select the first; list some; or keep", "complete";
    SEARCH [Key::Down] "↓" Down "later filter, next suggestion, or down";
    SEARCH [BackTab, Key::Up] "↑" Up "earlier filter, previous suggestion, or up";
    SEARCH [PageDown] "PgDn" PageDown "page down";
    SEARCH [PageUp] "PgUp" PageUp "page up";
    FORM [Ctrl('s')] "Ctrl-s" Save "save", "save";
    FORM [Tab] "Tab" Open "accept the selected suggestion; next field", "next";
    FORM [Enter] "Enter" NewLine "a new line in the notes; elsewhere like Tab", "new line";
    FORM [Key::Down] "↓" Down "next field, line of the notes, or suggestion";
    FORM [Key::Up] "↑" Up "previous field, line of the notes, or suggestion";
    FORM [BackTab] "Shift-Tab" Previous "previous field or suggestion";
    FORM [Ctrl('n')] "Ctrl-n" Suggestion "list suggestions", "list";
    FORM [Key::Alt('u'), Ctrl('_')] "Alt-u Ctrl-_" Undo "undo in this field";
    FORM [Key::Alt('r')] "Alt-r" Redo "redo in this field";
    WRITING [Key::Alt('e')] "Alt-e" EditField "edit this field in $EDITOR";
    FORM [PageUp] "PgUp" First "first field";
    FORM [PageDown] "PgDn" Last "last field";
    FORM [Key::F(1)] "F1" Help "keys", "help";
    FORM [Esc, Ctrl('g')] "Esc" Close "close without saving (also Ctrl-g)", "cancel";
    CELL [Enter, Ctrl('s')] "Enter" Save "save", "save";
    CELL [Tab] "Tab" Open "save, and edit the next cell", "next cell";
    CELL [Key::Down] "↓" Down "list suggestions, or the next one";
    CELL [Key::Up, BackTab] "↑" Up "previous suggestion";
    CELL [Ctrl('n')] "Ctrl-n" Suggestion "list suggestions", "list";
    CELL [Key::Alt('u'), Ctrl('_')] "Alt-u Ctrl-_" Undo "undo in this cell";
    CELL [Key::Alt('r')] "Alt-r" Redo "redo in this cell";
    CELL [Key::F(1)] "F1" Help "keys", "help";
    CELL [Esc, Ctrl('g')] "Esc" Close "close without saving (also Ctrl-g)", "cancel";
    CONFIRM [Enter] "Enter" Open "run the selected action", "choose";
    CONFIRM [Key::Right, Tab, Char('l')] "→" Right "next answer", "other";
    CONFIRM [Key::Left, BackTab, Char('h')] "←" Left "previous answer";
    CONFIRM [Char('y')] "y" Yes "yes", "yes";
    CONFIRM [Char('n'), Esc, Char('q')] "n Esc" No "no", "cancel";
    CONFLICT [Char('m'), Key::Left] "m ←" TakeMine "keep my value", "mine";
    CONFLICT [Char('t'), Key::Right] "t →" TakeTheirs "keep their value", "theirs";
    CONFLICT [Char('M')] "M" TakeAllMine "keep mine in every conflict";
    CONFLICT [Char('T')] "T" TakeAllTheirs "keep theirs in every conflict";
    CONFLICT [Char('e')] "e" Edit "edit the result in the form", "edit";
    CONFLICT [Char('j'), Key::Down, Tab] "j ↓" Down "next field", "next";
    CONFLICT [Char('k'), Key::Up, BackTab] "k ↑" Up "previous field";
    CONFLICT [Ctrl('s'), Enter] "Enter" Save "save the result", "save";
    CONFLICT [Esc, Char('q')] "Esc" Close "back", "back";
    BATCH [Enter] "Enter" Open "run the selected action", "choose";
    BATCH [Tab, BackTab, Key::Left, Key::Right] "← →" Right "other answer", "other";
    BATCH [Char('y')] "y" Yes "yes: do it", "yes";
    BATCH [Char('n')] "n" No "no: close", "no";
    BATCH [Key::Down, Char('j')] "j ↓" Down "down", "down";
    BATCH [Key::Up, Char('k')] "k ↑" Up "up";
    BATCH [PageDown] "PgDn" PageDown "page down";
    BATCH [PageUp] "PgUp" PageUp "page up";
    BATCH [Key::Home] "Home" First "first row";
    BATCH [Key::End] "End" Last "the last row";
    BATCH [Char('t')] "t" History "history of this record";
    BATCH [Char('u')] "u" Undo "close the results and undo the last change";
    BATCH [Char('U')] "U" Redo "close the results and redo";
    BATCH [Esc, Char('q')] "Esc" Close "stop, go back to the form, or close", "close";
    EXPORT [Enter, Ctrl('s')] "Enter" Save "export, or accept the selected suggestion", "export";
    EXPORT [Tab] "Tab" Suggestion "complete the file name; elsewhere the next field", "next";
    EXPORT [Key::Down] "↓" Down "next field or suggestion";
    EXPORT [Key::Up, BackTab] "↑" Up "previous field or suggestion";
    EXPORT [Key::F(1)] "F1" Help "keys", "help";
    EXPORT [Esc, Ctrl('g')] "Esc" Close
        "close the list, stop, or close without exporting (also Ctrl-g)", "cancel";
    IMPORT_FILE [Enter, Ctrl('s')] "Enter" Open "read the file, or the selected one", "read";
    IMPORT_FILE [Tab] "Tab" Suggestion "complete the path", "complete";
    IMPORT_FILE [Key::Down] "↓" Down "list the files, or the next one";
    IMPORT_FILE [Key::Up, BackTab] "↑" Up "previous file";
    IMPORT_FILE [Key::F(1)] "F1" Help "keys", "help";
    IMPORT_FILE [Esc, Ctrl('g')] "Esc" Close
        "close the list, stop, or close (also Ctrl-g)", "cancel";
    IMPORT [Char('y')] "y" Yes "yes: import", "import";
    IMPORT [Enter] "Enter" Open
        "change what the column is read as, or run the selected action", "choose";
    IMPORT [Ctrl('s')] "Ctrl-s" Save "check what would happen", "check";
    IMPORT [Char('u')] "u" Undo "close the result and undo the import", "undo";
    IMPORT [Char('a')] "a" ShowAdded "close the result and list those who were added", "added";
    IMPORT [Char('w')] "w" KeepRefused "write the refused rows to a file", "refused";
    IMPORT [Char('l'), Key::Right] "l →" Right "next column, choice or answer";
    IMPORT [Char('h'), Key::Left] "h ←" Left "previous column, choice or answer";
    IMPORT [Char('j'), Key::Down, Tab] "j ↓" Down "next field or row", "next";
    IMPORT [Char('k'), Key::Up, BackTab] "k ↑" Up "previous field or row";
    IMPORT [PageDown] "PgDn" PageDown "page down";
    IMPORT [PageUp] "PgUp" PageUp "page up";
    IMPORT [Key::Home] "Home" First "first column or row";
    IMPORT [Key::End] "End" Last "last column or row";
    IMPORT [Esc, Char('q')] "Esc" Close "stop, go back, or close the result", "back";
    HISTORY [Enter] "Enter" Open "restore the old value or the person", "restore";
    HISTORY [Key::Down, Char('j')] "j ↓" Down "down", "down";
    HISTORY [Key::Up, Char('k')] "k ↑" Up "up", "up";
    HISTORY [PageDown] "PgDn" PageDown "page down";
    HISTORY [PageUp] "PgUp" PageUp "page up";
    HISTORY [Char('g'), Key::Home] "g Home" First "newest entry";
    HISTORY [Char('G'), Key::End] "G End" Last "oldest entry loaded";
    HISTORY [Esc, Char('q'), Char('t')] "Esc" Close "close", "close";
    SIGN_IN [Enter] "Enter" Open "sign in, or next field", "sign in";
    SIGN_IN [Tab, Key::Down] "Tab ↓" Down "next field", "next";
    SIGN_IN [BackTab, Key::Up] "Shift-Tab ↑" Up "previous field";
    SIGN_IN [Ctrl('r')] "Ctrl-r" Reveal "show or hide the password", "show password";
    SIGN_IN [Key::F(1)] "F1" Help "keys", "help";
    SIGN_IN [Esc, Ctrl('g')] "Esc" Quit "quit, or stay with the current server", "quit";
    MY_SESSIONS [Char('d'), Key::Delete] "d" EndSession "end the session (asks first)", "end";
    MY_SESSIONS [Char('o')] "o" EndSessions "end all other sessions (asks first)", "end others";
    MY_SESSIONS [Char('p')] "p" Password "change your password", "password";
    MY_SESSIONS [Char('j'), Key::Down] "j ↓" Down "down";
    MY_SESSIONS [Char('k'), Key::Up] "k ↑" Up "up";
    MY_SESSIONS [Char('g'), Key::Home] "g Home" First "first session";
    MY_SESSIONS [Char('G'), Key::End] "G End" Last "last session";
    MY_SESSIONS [Char('r')] "r" Refresh "reload";
    MY_SESSIONS [Esc, Char('q')] "Esc" Close "back to the table", "close";
    USERS [Char('n')] "n" New "add a user", "new";
    USERS [Enter, Char('e')] "e" Edit "change the role or disable the account", "edit";
    USERS [Char('p')] "p" Password "reset the password (asks first)", "password";
    USERS [Char('s')] "s" EndSessions "end all sessions (asks first)", "end sessions";
    USERS [Char('d'), Key::Delete] "d" Delete "delete the user (asks first)", "delete";
    USERS [Char('j'), Key::Down] "j ↓" Down "down";
    USERS [Char('k'), Key::Up] "k ↑" Up "up";
    USERS [Char('g'), Key::Home] "g Home" First "first user";
    USERS [Char('G'), Key::End] "G End" Last "last user";
    USERS [Char('r')] "r" Refresh "reload";
    USERS [Esc, Char('q')] "Esc" Close "back to the table", "close";
    PASSWORD_FORMS [Ctrl('s')] "Ctrl-s" Save "save", "save";
    PASSWORD_FORMS [Tab, Key::Down, Enter] "Tab ↓" Down "next field", "next";
    PASSWORD_FORMS [BackTab, Key::Up] "Shift-Tab ↑" Up "previous field";
    PASSWORD_FORMS [Ctrl('r')] "Ctrl-r" Reveal "show or hide the password", "show password";
    PASSWORD_FORMS [Key::F(1)] "F1" Help "keys", "help";
    PASSWORD_FORMS [Esc, Ctrl('g')] "Esc" Close "close without saving", "cancel";
    GENERATED_PASSWORD [Char('y')] "y" CopyCell "copy the password", "copy";
    GENERATED_PASSWORD [Esc, Ctrl('g')] "Esc" Close "close (it is not shown again)", "close";
    TEXT_INPUT [Ctrl('p')] "Ctrl-p" Palette "command palette";
    NAMED_FILTERS [Enter] "Enter" Open "show this list", "show";
    NAMED_FILTERS [Char('n')] "n" New "name the current filter, sort and columns", "new";
    NAMED_FILTERS [Char('d'), Key::Delete] "d" Delete "delete the named filter", "delete";
    NAMED_FILTERS [Char('j'), Key::Down] "j ↓" Down "next filter";
    NAMED_FILTERS [Char('k'), Key::Up] "k ↑" Up "previous filter";
    NAMED_FILTERS [Esc, Char('q'), Char('f')] "Esc" Close "close", "close";
    FILTER_NAME [Enter, Ctrl('s')] "Enter" Save "save under this name", "save";
    FILTER_NAME [Key::F(1)] "F1" Help "keys";
    FILTER_NAME [Esc, Ctrl('g')] "Esc" Close "back to the list", "back";
    COLUMNS [Char('j'), Key::Down] "j ↓" Down "next column";
    COLUMNS [Char('k'), Key::Up] "k ↑" Up "previous column";
    COLUMNS [Char(' '), Char('-')] "Space" HideColumn "show or hide", "show or hide";
    COLUMNS [Char('K'), Char('H')] "K" ColumnLeft "move up (left in the table)", "up";
    COLUMNS [Char('J'), Char('L')] "J" ColumnRight "move down (right in the table)", "down";
    THEMES [Char('j'), Key::Down, Char('T'), Tab] "j ↓ T" Down "show the next theme", "next";
    THEMES [Char('k'), Key::Up, BackTab] "k ↑" Up "show the previous theme";
    THEMES [Enter] "Enter" Open "keep this theme", "keep";
    THEMES [Esc, Char('q')] "Esc" Close "back to the theme before", "back";
    COLUMNS [Char('<')] "<" Narrower "narrower";
    COLUMNS [Char('>')] ">" Wider "wider";
    COLUMNS [Char('|')] "|" PinColumn "pin or unpin", "pin";
    COLUMNS [Char('r')] "r" ResetColumns "reset all columns", "reset";
    COLUMNS [Esc, Enter, Char('q'), Char('c')] "Esc" Close "close", "close";
    KEY_OVERLAYS [Char(':'), Ctrl('p')] ": Ctrl-p" Palette "command palette";
    KEY_OVERLAYS [Char('?'), Key::F(1)] "?" Help "keys", "help";
    ANSWERS [Char('?'), Key::F(1)] "?" Help "keys", "help";
    SEARCH [Key::F(1)] "F1" Help "keys";
    PALETTE [Enter] "Enter" Open "run the selected action", "run";
    PALETTE [Key::Down, Ctrl('n'), Tab] "↓" Down "next action", "next";
    PALETTE [Key::Up, Ctrl('p'), BackTab] "↑" Up "previous action", "previous";
    PALETTE [Esc, Ctrl('g')] "Esc" Close "close", "close";
    HELP [Key::Down] "↓" Down "down", "down";
    HELP [Key::Up] "↑" Up "up", "up";
    HELP [PageDown] "PgDn" PageDown "page down";
    HELP [PageUp] "PgUp" PageUp "page up";
    HELP [Esc, Enter, Char('?'), Ctrl('g')] "Esc" Close "close", "close";
    EVERYWHERE [Ctrl('c')] "Ctrl-c" Interrupt "quit immediately";
    EVERYWHERE [Ctrl('l')] "Ctrl-l" Redraw "redraw the screen";
    EVERYWHERE [Ctrl('z')] "Ctrl-z" Suspend "suspend to the shell (fg returns)";
}
