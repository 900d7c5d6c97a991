//! Why an action is unavailable: the same answer for dispatch, palette and footer.

use roster_common::{Kind, Role};

use crate::keys::{Action, Screen};
use crate::layout::record::last_line;
use crate::palette::candidates::{NO_MATCH, is_empty};
use crate::state::batch::Stage;
use crate::state::import::ImportStage;
use crate::state::users::UserField;
use crate::state::{
    Batch, Form, History, Import, MySessions, Palette, SignIn, State, UserForm, Users,
};

/// Returns why `action` is unavailable on the current screen, or `None` if it is available.
///
/// A sentence, for the person who pressed its key.
pub fn unavailable(state: &State, action: Action) -> Option<&'static str> {
    unavailable_on(state, state.screen(), action)
}

/// Like [`unavailable`], for a screen that an overlay may cover.
pub fn unavailable_on(state: &State, screen: Screen, action: Action) -> Option<&'static str> {
    match screen {
        Screen::Detail if matches!(action, Action::ScrollDown | Action::ScrollUp) => {
            (last_line(state) == 0).then_some("The whole record is visible.")
        }
        // The other actions of the open record are those of the table, for the cursor's row.
        Screen::Table | Screen::Detail => on_rows(state, action),
        Screen::Form | Screen::Cell if action == Action::Suggestion => {
            let is_free = state
                .overlay::<Form>()
                .is_some_and(|form| !form.can_suggest());
            is_free.then_some("No suggestions for this field.")
        }
        Screen::Form | Screen::Cell if action == Action::EditField => {
            let is_choice = state
                .overlay::<Form>()
                .is_some_and(|form| matches!(form.focus.kind(), Kind::Status | Kind::Person));
            is_choice.then_some("This field is chosen, not written.")
        }
        Screen::Palette if matches!(action, Action::Open | Action::Down | Action::Up) => {
            let has_none = state
                .overlay::<Palette>()
                .is_none_or(|palette| is_empty(state, palette));
            has_none.then_some(NO_MATCH)
        }
        Screen::Batch => on_batch(state, action),
        Screen::Import => on_import(state, action),
        Screen::History if action == Action::Open => to_restore(state),
        Screen::SignIn if action == Action::Quit && must_sign_in(state) => {
            Some("You have unsaved changes. Sign in to save them, or press Ctrl-c to quit.")
        }
        Screen::NamedFilters if matches!(action, Action::Open | Action::Delete) => {
            let is_empty = state.table.saved.named.is_empty();
            is_empty.then_some("There are no named filters yet.")
        }
        Screen::MySessions => on_sessions(state, action),
        Screen::Users => on_users(state, action),
        Screen::UserForm if action == Action::Reveal => {
            let has_none = state
                .overlay::<UserForm>()
                .is_none_or(|form| !form.entries().contains(&UserField::Password));
            has_none.then_some("There is no password field here.")
        }
        _ => None,
    }
}

/// Returns `true` if unsaved changes wait for the sign-in.
fn must_sign_in(state: &State) -> bool {
    let is_optional = state.overlay::<SignIn>().is_some_and(|form| form.optional);
    state.has_unsaved() && !is_optional
}

fn on_rows(state: &State, action: Action) -> Option<&'static str> {
    match action {
        Action::New => cannot_write(state),
        // A kept draft holds its own records, so it opens offline and without a row.
        Action::OpenEditor if state.draft.is_some() => cannot_write(state),
        Action::Set | Action::OpenEditor => cannot_write(state)
            .or_else(|| is_offline(state))
            .or_else(|| no_target(state)),
        Action::Undo => {
            let none = "Nothing to undo.";
            cannot_write(state)
                .or_else(|| is_offline(state))
                .or_else(|| state.undo.done.is_empty().then_some(none))
        }
        Action::Redo => {
            let none = "Nothing to redo.";
            cannot_write(state)
                .or_else(|| is_offline(state))
                .or_else(|| cannot_redo(state, none))
        }
        Action::History => is_offline(state).or_else(|| no_row(state)),
        // A form can be filled in offline: it keeps the changes until they can be saved.
        Action::Edit | Action::EditCell | Action::EditStatus => {
            cannot_write(state).or_else(|| no_row(state))
        }
        Action::Delete => cannot_delete(state)
            .or_else(|| is_offline(state))
            .or_else(|| no_target(state)),
        Action::Sort | Action::SortAlso | Action::NamedFilters => is_offline(state),
        Action::Export => not_signed_in(state)
            .or_else(|| is_offline(state))
            .or_else(|| no_one_to_export(state)),
        Action::Import => cannot_write(state).or_else(|| is_offline(state)),
        Action::Server => is_waiting(state),
        Action::MySessions => not_signed_in(state).or_else(|| is_offline(state)),
        Action::Users => cannot_manage_users(state).or_else(|| is_offline(state)),
        Action::Narrow | Action::Exclude | Action::Reports => {
            is_offline(state).or_else(|| no_row(state))
        }
        Action::Manager => is_offline(state).or_else(|| no_manager(state)),
        Action::Back => is_offline(state).or_else(|| {
            let has_none = state.table.jumps.is_empty();
            has_none.then_some("There is nowhere to go back to.")
        }),
        Action::CopyCell | Action::CopyEmail | Action::CopyRecord
            if !state.table.marks.is_empty() =>
        {
            None
        }
        Action::Open
        | Action::CopyCell
        | Action::CopyEmail
        | Action::CopyRecord
        | Action::Mark
        | Action::MarkRange => no_row(state),
        Action::MarkAll => state.table.is_empty().then_some("There is no one to mark."),
        Action::ClearMarks => state.table.marks.is_empty().then_some("No one is marked."),
        Action::ClearSearch => nothing_to_clear(state),
        _ => None,
    }
}

fn cannot_write(state: &State) -> Option<&'static str> {
    not_signed_in(state).or_else(|| {
        (!state.may(Role::Editor)).then_some(
            "You have read-only access. Ask an editor to make \
            the change.",
        )
    })
}

fn cannot_delete(state: &State) -> Option<&'static str> {
    not_signed_in(state)
        .or_else(|| (!state.may(Role::Admin)).then_some("Only admins can delete. Ask an admin."))
}

fn on_batch(state: &State, action: Action) -> Option<&'static str> {
    let batch = state.overlay::<Batch>()?;
    match action {
        Action::History => is_offline(state),
        Action::Undo | Action::Redo if batch.stage == Stage::Preview => {
            Some("Nothing is saved yet.")
        }
        Action::Yes | Action::No if !batch.has_question() => Some("There is no question here."),
        Action::Open | Action::Undo | Action::Redo if batch.is_under_way() => {
            Some("Still running. Wait for the server.")
        }
        // An unanswered row may have been saved, and an undo would leave it out.
        Action::Undo | Action::Redo if batch.has_unknown_results() => {
            Some("Some results are unknown. Check them first.")
        }
        Action::Undo | Action::Redo => cannot_write(state).or_else(|| is_offline(state)),
        Action::Right => (!batch.has_choice()).then_some("There is only one answer."),
        _ => None,
    }
}

fn on_import(state: &State, action: Action) -> Option<&'static str> {
    let import = state.overlay::<Import>()?;
    if import.busy.is_some() {
        let is_step = matches!(
            action,
            Action::Open
                | Action::Save
                | Action::Yes
                | Action::Undo
                | Action::ShowAdded
                | Action::KeepRefused
        );
        return is_step.then_some("Still running. Press Esc to stop.");
    }
    match (action, import.stage) {
        (Action::Save, ImportStage::Setup) if import.lacks_names() => {
            Some("Choose the column with the names first, or by what people are matched.")
        }
        (Action::Save, ImportStage::Setup) => is_offline(state),
        (Action::Save, _) => Some("It is checked already."),
        (Action::Yes, _) if import.can_run() => is_offline(state),
        (Action::Yes, _) => Some("There is nothing to import yet."),
        (Action::Undo, ImportStage::Done) => {
            let none = "Nothing to undo.";
            is_offline(state).or_else(|| state.undo.done.is_empty().then_some(none))
        }
        (Action::Undo, _) => Some("Nothing is saved yet."),
        (Action::ShowAdded, ImportStage::Done) => {
            let is_added = import.report.as_ref().is_some_and(|it| it.created > 0);
            is_offline(state).or_else(|| (!is_added).then_some("Nobody was added."))
        }
        (Action::ShowAdded, _) => Some("Nobody is added yet."),
        (Action::KeepRefused, ImportStage::Checked | ImportStage::Done) => {
            let is_refused = import.report.as_ref().is_some_and(|it| it.refused > 0);
            is_offline(state).or_else(|| (!is_refused).then_some("No row is refused."))
        }
        (Action::KeepRefused, _) => Some("The file is not checked yet."),
        _ => None,
    }
}

/// Why the selected history line cannot be restored.
fn to_restore(state: &State) -> Option<&'static str> {
    let history = state.overlay::<History>()?;
    let batch = state.overlay::<Batch>();
    cannot_write(state).or_else(|| match history.deletion() {
        Some(_) if history.deleted_record().is_none() => {
            Some("This person was deleted. Use the newest line to restore them.")
        }
        Some(_) if batch.is_some_and(|batch| batch.stage != Stage::Done || batch.to_send() > 0) => {
            Some("Another bulk change is open. Close it first.")
        }
        Some(_) => is_offline(state),
        None if batch.is_some() => {
            Some("To restore an old value, open the history from the table.")
        }
        // The form opens for the cursor's person, who may be another one after a reload.
        None if state
            .current()
            .is_none_or(|employee| employee.id != history.id) =>
        {
            Some("This person is no longer in the list.")
        }
        None if history.old_values().is_empty() => {
            Some("There is no old value here. Choose a line that has one.")
        }
        None => None,
    })
}

/// Sessions that are loaded can be shown offline, but not ended.
fn on_sessions(state: &State, action: Action) -> Option<&'static str> {
    let account = state.overlay::<MySessions>();
    match action {
        Action::EndSession => is_offline(state).or_else(|| {
            account
                .is_none_or(|it| it.current().is_none())
                .then_some("No session selected.")
        }),
        Action::EndSessions => is_offline(state).or_else(|| {
            // The session in use is in the list too.
            let is_alone = account
                .and_then(|it| it.items.as_ref())
                .is_none_or(|sessions| sessions.len() < 2);
            is_alone.then_some("You have no other sessions.")
        }),
        Action::Password | Action::Refresh => is_offline(state),
        _ => None,
    }
}

fn on_users(state: &State, action: Action) -> Option<&'static str> {
    let no_user = || {
        state
            .overlay::<Users>()
            .is_none_or(|it| it.current().is_none())
            .then_some("No user selected.")
    };
    match action {
        Action::New | Action::Refresh => cannot_manage_users(state).or_else(|| is_offline(state)),
        Action::Edit | Action::Password | Action::EndSessions | Action::Delete => {
            cannot_manage_users(state)
                .or_else(|| is_offline(state))
                .or_else(no_user)
        }
        _ => None,
    }
}

fn cannot_manage_users(state: &State) -> Option<&'static str> {
    not_signed_in(state).or_else(|| {
        (!state.may(Role::Admin)).then_some(
            "Only admins can manage users. Ask an \
            admin.",
        )
    })
}

fn not_signed_in(state: &State) -> Option<&'static str> {
    state.identity.is_none().then_some("Sign in first.")
}

fn is_waiting(state: &State) -> Option<&'static str> {
    state
        .is_waiting_for_a_write()
        .then_some("The server has not answered yet.")
}

fn is_offline(state: &State) -> Option<&'static str> {
    state.offline.is_some().then_some("Not available offline.")
}

fn nothing_to_clear(state: &State) -> Option<&'static str> {
    let table = &state.table;
    let is_plain =
        table.search.text().is_empty() && table.marking.is_none() && table.range().is_none();
    is_plain.then_some("No filter to clear.")
}

fn no_row(state: &State) -> Option<&'static str> {
    state.current().is_none().then_some("No one selected.")
}

fn no_one_to_export(state: &State) -> Option<&'static str> {
    let is_empty = state.table.marks.is_empty() && state.table.is_empty();
    is_empty.then_some("There is no one to export.")
}

fn no_manager(state: &State) -> Option<&'static str> {
    no_row(state).or_else(|| {
        let manager = state.current().and_then(|person| person.details.manager());
        manager.is_none().then_some("No manager is recorded.")
    })
}

/// Why a bulk change has no target, or too many.
fn no_target(state: &State) -> Option<&'static str> {
    match state.table.marks.len() {
        0 => no_row(state),
        count => {
            (count > Batch::MOST_RECORDS).then_some("At most 10,000 people at a time. Mark fewer.")
        }
    }
}

fn cannot_redo(state: &State, none: &'static str) -> Option<&'static str> {
    match state.undo.undone.last() {
        None => Some(none),
        Some(entry) if entry.creates() => cannot_delete(state),
        Some(_) => None,
    }
}
