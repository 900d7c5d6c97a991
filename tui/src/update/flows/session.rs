//! The session: sign-in, sign-out and renewed identities.

use super::offline;
use crate::effect::{Effects, LocalTask};
use crate::keys::{Action, Screen};
use crate::remote::{ClientError, Identity, Result};
use crate::state::{Form, SignIn, State};
use crate::update::next::Next;
use crate::update::verbs::load;
use crate::update::verbs::message::{error_text, failed, may, sign_in};

/// Handles the resumed session, or opens the sign-in form.
pub(crate) fn on_resumed(
    state: &mut State,
    result: Result<Option<Identity>>,
    effects: &mut Effects,
) -> Option<Next> {
    match result {
        Ok(Some(identity)) => enter(state, identity, effects),
        Ok(None) => sign_in(state, None),
        Err(ClientError::Unreachable { .. }) => None,
        Err(error) => sign_in(state, Some(error_text(&error))),
    }
}

/// Handles the answer to a sign-in.
pub(crate) fn on_signed_in(
    state: &mut State,
    result: Result<Identity>,
    effects: &mut Effects,
) -> Option<Next> {
    let form = state.overlay_mut::<SignIn>()?;
    form.waiting = false;
    let identity = match result {
        Ok(identity) => identity,
        Err(error) => {
            form.refuse(error_text(&error), error.is_wrong_password());
            return None;
        }
    };
    let server = form.server.text().trim().to_owned();
    let is_another = form
        .covers
        .as_ref()
        .is_some_and(|person| *person != identity.user.username);
    let has_moved = server != state.server;
    // The next user must not see what was loaded or typed for the one before.
    if is_another || has_moved {
        state.forget(server.clone());
        effects.push(LocalTask::CancelAll);
    }
    if has_moved {
        effects.push(LocalTask::UseServer(server));
    }
    state.close::<SignIn>();
    enter(state, identity, effects)
}

/// Returns to the table.
fn enter(state: &mut State, identity: Identity, effects: &mut Effects) -> Option<Next> {
    let user = identity.user.username.clone();
    state.identity = Some(identity);
    if state
        .overlay::<Form>()
        .is_some_and(|form| form.is_changed() && !form.lost)
    {
        let save = state.keymap.key(Screen::Form, Action::Save);
        state.message(format!("Signed in. Press {save} to save your changes."));
    }
    if let Some(marking) = state.table.marking.as_mut() {
        marking.asked = false;
    }
    let next = offline::catch_up(state, load::refresh, effects);
    effects.push(LocalTask::LoadUserFiles { user });
    next
}

/// Handles the answer to a sign-out.
pub(crate) fn on_signed_out(
    state: &mut State,
    result: Result<()>,
    effects: &mut Effects,
) -> Option<Next> {
    if let Err(error) = result {
        return failed(state, &error);
    }
    let identity = state.identity.take();
    let path = state.draft.take().and_then(|draft| draft.path);
    let kept = path
        .map(|path| format!(" Your text is in {}.", path.display()))
        .unwrap_or_default();
    state.forget(state.server.clone());
    state.identity = identity;
    effects.push(LocalTask::CancelAll);
    sign_in(state, Some(format!("Signed out.{kept}")))
}

/// Applies a renewed identity and reports a changed role. It closes nothing.
pub(crate) fn on_renewed(state: &mut State, identity: Identity) {
    let Some(known) = state
        .identity
        .as_mut()
        // Another user is no renewal: the screens hold the work of this one.
        .filter(|known| known.user.username == identity.user.username)
    else {
        return;
    };
    let is_another = known.user.role != identity.user.role;
    let role = identity.user.role.known();
    *known = identity;
    if let Some(role) = role.filter(|_| is_another) {
        state.message(format!(
            "You are now {}: {}.",
            crate::format::role_with_article(role),
            may(role)
        ));
    }
}
