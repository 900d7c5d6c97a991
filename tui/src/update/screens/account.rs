//! The user's own sessions.

use crate::effect::Effects;
use crate::keys::Action;
use crate::state::{AccountCall, ChangePassword, Confirm, MySessions, Question, State};
use crate::update::flows::accounts;
use crate::update::next::Next;
use crate::update::verbs::cursor::steps;

pub(crate) fn act(state: &mut State, action: Action, effects: &mut Effects) -> Option<Next> {
    let by = steps(state, action);
    let account = state.overlay_mut::<MySessions>()?;
    match action {
        Action::EndSession => {
            let session = account.current()?.clone();
            return ask(AccountCall::EndSession(Box::new(session)));
        }
        Action::EndSessions => return ask(AccountCall::EndOthers),
        Action::Password => return Next::open(ChangePassword::default()),
        Action::Refresh => accounts::read_lists(state, effects),
        Action::Close => state.close::<MySessions>(),
        _ => account.move_by(by),
    }
    None
}

fn ask(change: AccountCall) -> Option<Next> {
    Next::open(Confirm::new(Question::Account(Box::new(change))))
}
