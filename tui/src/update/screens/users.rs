//! User management.

use crate::effect::Effects;
use crate::keys::Action;
use crate::state::{AccountCall, Confirm, Question, State, UserForm, Users};
use crate::update::flows::accounts;
use crate::update::next::Next;
use crate::update::verbs::cursor::steps;

pub(crate) fn act(state: &mut State, action: Action, effects: &mut Effects) -> Option<Next> {
    let by = steps(state, action);
    let users = state.overlay_mut::<Users>()?;
    match action {
        Action::Up | Action::Down | Action::First | Action::Last => users.move_by(by),
        Action::New => return Next::open(UserForm::add()),
        Action::Refresh => accounts::read_lists(state, effects),
        Action::Close => state.close::<Users>(),
        _ => return act_on_one(users, action),
    }
    None
}

/// Opens the form or the confirmation for an action on the selected account.
fn act_on_one(users: &Users, action: Action) -> Option<Next> {
    let account = users.current()?.clone();
    let change = match action {
        Action::Edit => return Next::open(UserForm::change(account)),
        Action::Password => AccountCall::ResetPassword(account.username),
        Action::EndSessions => AccountCall::EndSessionsOf(account.username),
        Action::Delete => AccountCall::Remove(account.username),
        _ => return None,
    };
    Next::open(Confirm::new(Question::Account(Box::new(change))))
}
