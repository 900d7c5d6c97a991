//! A creation whose answer was lost: it is sent again with its key, or searched for.

use jiff::SignedDuration;

use super::{check_later, close_abandon_question, is_given_up};
use crate::effect::{Call, Effects};
use crate::keys::{Action, Screen};
use crate::remote::{Page, Result};
use crate::state::form::Purpose;
use crate::state::undo::Edit;
use crate::state::{Form, PendingCreation, State};
use crate::update::flows::undo;
use crate::update::next::Next;
use crate::update::verbs::load;
use crate::update::verbs::message::failed;

/// How long a creation may be resent with its idempotency key, which the server keeps for a day.
const RESENT: SignedDuration = SignedDuration::from_hours(23);

/// The creation of the open form, to be sent again; `None` if there is none, or if the server may
/// have forgotten its key.
pub(super) fn to_repeat(state: &mut State) -> Option<Call> {
    let now = state.now;
    let form = state.overlay_mut::<Form>()?;
    let key = match form.purpose.clone() {
        Purpose::Create { key } => key,
        // A repeat is harmless: it is refused if the record is there.
        Purpose::Restore(base) if std::mem::take(&mut form.lost) => {
            let changes = form.changes();
            close_abandon_question(state);
            return Some(Call::Restore {
                id: base.id,
                changes,
            });
        }
        Purpose::Restore(_) | Purpose::Edit(_) | Purpose::Many(_) => return None,
    };
    if !std::mem::take(&mut form.lost) {
        return None;
    }
    let is_old = form
        .lost_since
        .is_some_and(|since| now.duration_since(since) > RESENT);
    let changes = form.changes();
    close_abandon_question(state);
    if is_old {
        offer_check(state);
        return None;
    }
    Some(Call::Create { changes, key })
}

/// Turns a creation that may be a day old into a new one, for the user to decide.
fn offer_check(state: &mut State) {
    let key = state.next_idempotency_key();
    let Some(form) = state.overlay_mut::<Form>() else {
        return;
    };
    form.purpose = Purpose::Create { key };
    (form.saving, form.lost_since) = (false, None);
    let name = form.name();
    let save = state.keymap.key(Screen::Form, Action::Save);
    state.warn(format!(
        "{name} may already exist. Check first; {save} adds them again."
    ));
}

/// Handles the search for an unanswered creation.
pub(crate) fn on_creation_checked(
    state: &mut State,
    mut creation: PendingCreation,
    result: Result<Page>,
    effects: &mut Effects,
) -> Option<Next> {
    let me = state
        .identity
        .as_ref()
        .map(|identity| identity.user.username.clone());
    let (Ok(page), Some(me)) = (&result, me) else {
        state.unanswered.creations.push(creation);
        return result.err().and_then(|error| failed(state, &error));
    };
    let name = creation.name();
    match creation.found(&me, &page.rows) {
        Some(found) => {
            let undo_hint = undo::push_edits(state, vec![Edit::new(None, Some(found.clone()))]);
            state.success(format!(
                "Added {name} (#{}); the server's answer was lost.{undo_hint}",
                found.id
            ));
        }
        None if is_given_up(creation.unseen_since, state.now) => state.warn(format!(
            "No sign that {name} was added. Search for them before you add them again."
        )),
        None => {
            if creation.unseen_since.is_none() {
                state.warn(format!(
                    "No sign yet that {name} was added. Checking again."
                ));
            }
            check_later(&mut creation.unseen_since, state.now, effects);
            state.unanswered.creations.push(creation);
        }
    }
    load::refresh(state, effects);
    None
}
