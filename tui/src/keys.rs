//! The one table of keys: dispatch, footer and help all read it.

use crate::event::Key;
use crate::state::Screen;

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// One row, field or choice up.
    Up,
    /// One row, field or choice down.
    Down,
    /// One column or choice to the left.
    Left,
    /// One column or choice to the right.
    Right,
    /// The first row, or the row whose number was written before.
    First,
    /// The last row, or the row whose number was written before.
    Last,
    /// A screenful up.
    PageUp,
    /// A screenful down.
    PageDown,
    /// Half a screenful up.
    HalfUp,
    /// Half a screenful down.
    HalfDown,
    /// Scroll the open record up.
    ScrollUp,
    /// Scroll the open record down.
    ScrollDown,
    /// Write the filter.
    Search,
    /// Take the filter away.
    ClearSearch,
    /// Order by this column alone.
    Sort,
    /// Order by this column as well.
    SortAlso,
    /// Open the record, choose, or go on.
    Open,
    /// Close what is uppermost.
    Close,
    /// Write a new record.
    New,
    /// Change the record.
    Edit,
    /// Delete the record.
    Delete,
    /// Read everything anew.
    Refresh,
    /// End the session.
    SignOut,
    /// Show or hide the password.
    Reveal,
    /// Save.
    Save,
    /// Take my value.
    TakeMine,
    /// Take their value.
    TakeTheirs,
    /// Yes.
    Yes,
    /// No.
    No,
    /// Show the keys.
    Help,
    /// Leave to the shell for a while.
    Suspend,
    /// Leave.
    Quit,
    /// Leave at once.
    Interrupt,
}

/// One line of the table.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// Where it holds; everywhere if empty.
    pub screens: &'static [Screen],
    /// The keys, each of which does it.
    pub keys: &'static [Key],
    /// The keys, as a person reads them.
    pub shown: &'static str,
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
    Binding { screens, keys, shown, action, help, footer: None }
}

impl Binding {
    const fn footer(self, word: &'static str) -> Self {
        Self { footer: Some(word), ..self }
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
const SIGN_IN: &[Screen] = &[Screen::SignIn];
const HELP: &[Screen] = &[Screen::Help];

/// Every key. Where two lines hold, the first wins; what no line names is text where text is written.
pub const BINDINGS: &[Binding] = &[
    bind(TABLE, &[Enter], "Enter", Action::Open, "open the record").footer("open"),
    bind(DETAIL, &[Esc, Enter], "Esc", Action::Close, "close the record").footer("close"),
    bind(DETAIL, &[Char('J')], "J", Action::ScrollDown, "scroll the record down"),
    bind(DETAIL, &[Char('K')], "K", Action::ScrollUp, "scroll the record up"),
    bind(ROWS, &[Char('/')], "/", Action::Search, "search everybody: dept:eng !left \"exact words\"").footer("search"),
    bind(TABLE, &[Esc], "Esc", Action::ClearSearch, "show everybody again"),
    bind(ROWS, &[Char('s')], "s", Action::Sort, "sort by the marked column: ↑, ↓, off").footer("sort"),
    bind(ROWS, &[Char('S')], "S", Action::SortAlso, "sort by the marked column as well"),
    bind(ROWS, &[Char('n')], "n", Action::New, "add somebody").footer("new"),
    bind(ROWS, &[Char('e')], "e", Action::Edit, "change the record").footer("edit"),
    bind(ROWS, &[Char('d'), Key::Delete], "d", Action::Delete, "delete the record, after a question").footer("delete"),
    bind(ROWS, &[Char('j'), Key::Down], "j ↓", Action::Down, "one row down; 5j: five rows"),
    bind(ROWS, &[Char('k'), Key::Up], "k ↑", Action::Up, "one row up"),
    bind(ROWS, &[Char('h'), Key::Left], "h ←", Action::Left, "mark the column to the left"),
    bind(ROWS, &[Char('l'), Key::Right], "l →", Action::Right, "mark the column to the right"),
    bind(ROWS, &[Char('g'), Key::Home], "gg Home", Action::First, "the first row"),
    bind(ROWS, &[Char('G'), Key::End], "G End", Action::Last, "the last row; 99G: row 99"),
    bind(ROWS, &[Ctrl('d')], "Ctrl-d", Action::HalfDown, "half a screen down"),
    bind(ROWS, &[Ctrl('u')], "Ctrl-u", Action::HalfUp, "half a screen up"),
    bind(ROWS, &[PageDown, Ctrl('f')], "PgDn", Action::PageDown, "a screen down"),
    bind(ROWS, &[PageUp, Ctrl('b')], "PgUp", Action::PageUp, "a screen up"),
    bind(ROWS, &[Char('r')], "r", Action::Refresh, "read everything anew"),
    bind(ROWS, &[Char('Q')], "Q", Action::SignOut, "sign out"),
    bind(ROWS, &[Char('?')], "?", Action::Help, "these keys").footer("help"),
    bind(ROWS, &[Char('q')], "q", Action::Quit, "leave; you stay signed in").footer("quit"),
    bind(SEARCH, &[Enter], "Enter", Action::Open, "keep the filter").footer("keep"),
    bind(SEARCH, &[Esc], "Esc", Action::ClearSearch, "take the filter away").footer("clear"),
    bind(SEARCH, &[Key::Down], "↓", Action::Down, "one row down"),
    bind(SEARCH, &[Key::Up], "↑", Action::Up, "one row up"),
    bind(SEARCH, &[PageDown], "PgDn", Action::PageDown, "a screen down"),
    bind(SEARCH, &[PageUp], "PgUp", Action::PageUp, "a screen up"),
    bind(FORM, &[Ctrl('s')], "Ctrl-s", Action::Save, "save").footer("save"),
    bind(FORM, &[Tab, Key::Down, Enter], "Tab ↓", Action::Down, "the next field").footer("next"),
    bind(FORM, &[BackTab, Key::Up], "Shift-Tab ↑", Action::Up, "the field before"),
    bind(FORM, &[PageUp], "PgUp", Action::First, "the first field"),
    bind(FORM, &[PageDown], "PgDn", Action::Last, "the last field"),
    bind(FORM, &[Esc], "Esc", Action::Close, "leave without saving").footer("cancel"),
    bind(CONFIRM, &[Enter], "Enter", Action::Open, "do what is chosen").footer("choose"),
    bind(
        CONFIRM,
        &[Tab, BackTab, Key::Left, Key::Right, Char('h'), Char('l')],
        "← →",
        Action::Right,
        "choose the other answer",
    )
    .footer("other answer"),
    bind(CONFIRM, &[Char('y')], "y", Action::Yes, "yes"),
    bind(CONFIRM, &[Char('n'), Char('q'), Esc], "Esc", Action::No, "no").footer("cancel"),
    bind(CONFLICT, &[Char('m'), Key::Left], "m ←", Action::TakeMine, "take my value").footer("mine"),
    bind(CONFLICT, &[Char('t'), Key::Right], "t →", Action::TakeTheirs, "take their value").footer("theirs"),
    bind(CONFLICT, &[Char('j'), Key::Down, Tab], "j ↓", Action::Down, "the next field").footer("next"),
    bind(CONFLICT, &[Char('k'), Key::Up, BackTab], "k ↑", Action::Up, "the field before"),
    bind(CONFLICT, &[Ctrl('s'), Enter], "Enter", Action::Save, "save the result").footer("save"),
    bind(CONFLICT, &[Esc, Char('q')], "Esc", Action::Close, "back to the form").footer("back"),
    bind(SIGN_IN, &[Enter], "Enter", Action::Open, "sign in, or the next field").footer("sign in"),
    bind(SIGN_IN, &[Tab, Key::Down], "Tab ↓", Action::Down, "the next field").footer("next"),
    bind(SIGN_IN, &[BackTab, Key::Up], "Shift-Tab ↑", Action::Up, "the field before"),
    bind(SIGN_IN, &[Ctrl('r')], "Ctrl-r", Action::Reveal, "show or hide the password").footer("show password"),
    bind(SIGN_IN, &[Esc], "Esc", Action::Quit, "leave").footer("quit"),
    bind(HELP, &[Char('j'), Key::Down, PageDown], "j ↓", Action::Down, "further down").footer("down"),
    bind(HELP, &[Char('k'), Key::Up, PageUp], "k ↑", Action::Up, "further up").footer("up"),
    bind(HELP, &[Esc, Char('?'), Char('q'), Enter], "Esc", Action::Close, "close").footer("close"),
    bind(&[], &[Ctrl('c')], "Ctrl-c", Action::Interrupt, "leave at once"),
    bind(&[], &[Ctrl('z')], "Ctrl-z", Action::Suspend, "back to the shell; fg returns"),
];

/// What `key` does on `screen`.
pub fn action(screen: Screen, key: Key) -> Option<Action> {
    on(screen).find(|binding| binding.keys.contains(&key)).map(|binding| binding.action)
}

/// The lines that hold on `screen`.
pub fn on(screen: Screen) -> impl Iterator<Item = &'static Binding> {
    BINDINGS.iter().filter(move |binding| binding.screens.is_empty() || binding.screens.contains(&screen))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_key_means_two_things_on_one_screen() {
        for screen in Screen::ALL {
            let mut seen = HashSet::new();
            for key in on(screen).flat_map(|binding| binding.keys) {
                assert!(seen.insert(key), "{key:?} on {screen:?}");
            }
        }
    }

    #[test]
    fn nothing_needs_a_key_that_a_terminal_cannot_tell_from_another() {
        // Ctrl-H, I, J, M and [ arrive as Backspace, Tab, Enter, Enter and Esc.
        for key in BINDINGS.iter().flat_map(|binding| binding.keys) {
            assert!(!matches!(key, Ctrl('h' | 'i' | 'j' | 'm' | '[')), "{key:?}");
        }
    }

    #[test]
    fn every_footer_fits_eighty_columns() {
        for screen in Screen::ALL {
            let width: usize = on(screen)
                .filter_map(|binding| Some(binding.shown.chars().count() + binding.footer?.chars().count() + 3))
                .sum();
            assert!(width <= 80, "{screen:?} takes {width}");
        }
    }

    #[test]
    fn every_screen_can_be_left() {
        for screen in Screen::ALL {
            assert_eq!(action(screen, Ctrl('c')), Some(Action::Interrupt));
        }
    }
}
