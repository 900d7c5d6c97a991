//! Asks the server whether another person has the email address that is being typed in a form.

use crate::effect::{Call, Effects};
use crate::remote::{Page, Result};
use crate::state::form::Purpose;
use crate::state::{Form, State};
use crate::update::verbs::call;

/// Asks, if the address is a new one and no question is in flight.
pub(crate) fn ask(state: &mut State, effects: &mut Effects) {
    let is_signed_in = state.identity.is_some();
    let form = state.overlay_mut::<Form>().filter(|_| is_signed_in);
    let Some((form, email)) = form.and_then(|form| {
        let email = form.unchecked_email()?;
        Some((form, email))
    }) else {
        return;
    };
    form.email_owner.asked = Some(email.clone());
    call::send(state, Call::EmailOwners { email }, effects);
}

/// Keeps the answer, and asks again if the address has changed. Without an answer there is no
/// warning.
pub(crate) fn on_owners(
    state: &mut State,
    email: String,
    result: Result<Page>,
    effects: &mut Effects,
) {
    let is_awaited = |form: &&mut Form| form.email_owner.asked.as_ref() == Some(&email);
    let Some(form) = state.overlay_mut::<Form>().filter(is_awaited) else {
        return;
    };
    let own = match &form.purpose {
        Purpose::Edit(base) | Purpose::Restore(base) => Some(base.id),
        Purpose::Create { .. } | Purpose::Many(_) => None,
    };
    let people = result.map(|page| page.rows).unwrap_or_default();
    let other = people.iter().find(|person| Some(person.id) != own);
    let name = other.map(|person| person.details.full_name());
    form.email_owner.asked = None;
    form.email_owner.known = Some((email, name));
    ask(state, effects);
}
