//! Why an action is not possible now: one answer for the dispatch, the palette and the footer.

use roster_common::Role;

use crate::keys::{Action, Screen};
use crate::layout::record::last_line;
use crate::palette::candidates::{NO_ACTION, is_empty};
use crate::state::batch::Stage;
use crate::state::undo::UndoEntry;
use crate::state::users::Entry;
use crate::state::{Account, Batch, Form, History, Palette, State, UserForm, Users};

/// What keeps `action` from being done on the screen that has the keyboard; nothing if it can be
/// done.
///
/// A sentence, for the person who pressed its key.
pub fn unavailable(state: &State, action: Action) -> Option<&'static str> {
    unavailable_on(state, state.screen(), action)
}

/// The same for a screen that may be covered.
pub fn unavailable_on(state: &State, screen: Screen, action: Action) -> Option<&'static str> {
    match screen {
        Screen::Detail if matches!(action, Action::ScrollDown | Action::ScrollUp) => {
            (last_line(state) == 0).then_some("All of the record is shown.")
        }
        Screen::Table | Screen::Detail => on_rows(state, action),
        Screen::Form if action == Action::Offer => {
            let is_free = state.part::<Form>().is_some_and(|form| !form.can_offer());
            is_free.then_some("There is no list for this field.")
        }
        Screen::Palette if matches!(action, Action::Open | Action::Down | Action::Up) => {
            let has_none = state
                .part::<Palette>()
                .is_none_or(|palette| is_empty(state, palette));
            has_none.then_some(NO_ACTION)
        }
        Screen::Batch => on_batch(state, action),
        Screen::History if action == Action::Open => to_restore(state),
        Screen::SignIn if action == Action::Quit && state.has_unsaved() => {
            Some("What you wrote is not saved. Sign in to save it; Ctrl-c leaves without it.")
        }
        Screen::Account => on_sessions(state, action),
        Screen::Users => on_users(state, action),
        Screen::UserForm if action == Action::Reveal => {
            let has_none = state
                .part::<UserForm>()
                .is_none_or(|form| !form.entries().contains(&Entry::Password));
            has_none.then_some("No password is written here.")
        }
        _ => None,
    }
}

fn on_rows(state: &State, action: Action) -> Option<&'static str> {
    match action {
        Action::New => may_write(state),
        Action::Compose if state.draft.is_some() => may_write(state),
        Action::Set | Action::Compose => may_write(state)
            .or_else(|| is_offline(state))
            .or_else(|| has_target(state)),
        Action::Undo => {
            let none = "There is nothing to undo.";
            may_write(state)
                .or_else(|| is_offline(state))
                .or_else(|| can_undo(state, &state.undo.done, none))
        }
        Action::Redo => {
            let none = "Nothing was undone that could be done again.";
            may_write(state)
                .or_else(|| is_offline(state))
                .or_else(|| can_undo(state, &state.undo.undone, none))
        }
        Action::History => is_offline(state).or_else(|| has_row(state)),
        Action::Edit => may_write(state).or_else(|| has_row(state)),
        Action::Delete => may_delete(state)
            .or_else(|| is_offline(state))
            .or_else(|| has_target(state)),
        Action::Search | Action::Sort | Action::SortAlso => is_offline(state),
        Action::Account => signed_in(state).or_else(|| is_offline(state)),
        Action::Users => may_manage(state).or_else(|| is_offline(state)),
        Action::CopyCell | Action::CopyRecord if !state.table.marks.is_empty() => None,
        Action::Open | Action::CopyCell | Action::CopyRecord | Action::Mark | Action::MarkRange => {
            has_row(state)
        }
        Action::MarkAll if state.table.filter().mistake().is_some() => {
            Some("The filter has a mistake: mend it first.")
        }
        Action::MarkAll => state.table.is_empty().then_some("There is nobody to mark."),
        Action::ClearMarks => state.table.marks.is_empty().then_some("Nobody is marked."),
        Action::ClearSearch => has_something_to_leave(state),
        _ => None,
    }
}

fn may_write(state: &State) -> Option<&'static str> {
    signed_in(state).or_else(|| {
        (!state.may(Role::Editor)).then_some("Your role may read, and not write. Ask an editor.")
    })
}

fn may_delete(state: &State) -> Option<&'static str> {
    signed_in(state)
        .or_else(|| (!state.may(Role::Admin)).then_some("Your role may not delete. Ask an admin."))
}

fn on_batch(state: &State, action: Action) -> Option<&'static str> {
    let batch = state.part::<Batch>()?;
    match action {
        Action::History => is_offline(state),
        Action::Undo | Action::Redo if batch.stage == Stage::Preview => {
            Some("Nothing is done yet.")
        }
        Action::Open | Action::Undo | Action::Redo if batch.is_under_way() => {
            Some("This is under way. Wait for the server.")
        }
        Action::Undo | Action::Redo if batch.is_unsure() => {
            Some("It is not known yet what became of some. Ask that first.")
        }
        Action::Undo | Action::Redo => may_write(state).or_else(|| is_offline(state)),
        Action::Right => (!batch.has_choice()).then_some("There is no other answer."),
        _ => None,
    }
}

/// What keeps the line of the cursor, in a history, from coming back.
fn to_restore(state: &State) -> Option<&'static str> {
    let history = state.part::<History>()?;
    let batch = state.part::<Batch>();
    may_write(state).or_else(|| match history.deletion() {
        Some(_) if history.lost().is_none() => {
            Some("This person is gone. The line of the deletion, the newest, brings them back.")
        }
        Some(_) if batch.is_some_and(|batch| batch.stage != Stage::Done || batch.left() > 0) => {
            Some("Other changes are under way. Close them first.")
        }
        Some(_) => is_offline(state),
        None if batch.is_some() => {
            Some("An old value comes back from the list of people: open the history there.")
        }
        None if state
            .current()
            .is_none_or(|employee| employee.id != history.id) =>
        {
            Some("This person is not in the list any more.")
        }
        None if history.old_values().is_empty() => {
            Some("Nothing was there before. Choose a line with a value.")
        }
        None => None,
    })
}

/// A session that is read can still be shown, and ended only where the server is there.
fn on_sessions(state: &State, action: Action) -> Option<&'static str> {
    let account = state.part::<Account>();
    match action {
        Action::EndSession => is_offline(state).or_else(|| {
            account
                .is_none_or(|it| it.current().is_none())
                .then_some("There is no session in this row.")
        }),
        Action::EndSessions => is_offline(state).or_else(|| {
            let is_alone = account
                .and_then(|it| it.items.as_ref())
                .is_none_or(|sessions| sessions.len() < 2);
            is_alone.then_some("There is no other session.")
        }),
        Action::Password | Action::Refresh => is_offline(state),
        _ => None,
    }
}

fn on_users(state: &State, action: Action) -> Option<&'static str> {
    let has_user = || {
        state
            .part::<Users>()
            .is_none_or(|it| it.current().is_none())
            .then_some("There is no user in this row.")
    };
    match action {
        Action::New | Action::Refresh => may_manage(state).or_else(|| is_offline(state)),
        Action::Edit | Action::Password | Action::EndSessions | Action::Delete => may_manage(state)
            .or_else(|| is_offline(state))
            .or_else(has_user),
        _ => None,
    }
}

fn may_manage(state: &State) -> Option<&'static str> {
    signed_in(state)
        .or_else(|| (!state.may(Role::Admin)).then_some("Only admins manage users. Ask one."))
}

fn signed_in(state: &State) -> Option<&'static str> {
    state
        .identity
        .is_none()
        .then_some("Nobody is signed in yet.")
}

fn is_offline(state: &State) -> Option<&'static str> {
    state
        .offline
        .is_some()
        .then_some("The server is not reached: this is not possible until it is back.")
}

fn has_something_to_leave(state: &State) -> Option<&'static str> {
    let table = &state.table;
    let is_plain =
        table.search.text().is_empty() && table.marking.is_none() && table.range().is_none();
    is_plain.then_some("Everybody is shown already.")
}

fn has_row(state: &State) -> Option<&'static str> {
    state
        .current()
        .is_none()
        .then_some("There is nobody in this row.")
}

/// Whether a change of many has anybody to change, and not too many.
fn has_target(state: &State) -> Option<&'static str> {
    match state.table.marks.len() {
        0 => has_row(state),
        count => (count > Batch::MOST).then_some("At most 10,000 people at a time. Mark fewer."),
    }
}

fn can_undo(state: &State, entries: &[UndoEntry], none: &'static str) -> Option<&'static str> {
    match entries.last() {
        None => Some(none),
        Some(entry) if entry.creates() => may_delete(state),
        Some(_) => None,
    }
}
