//! Quits the program.

use crate::effect::{Effects, Exit, TerminalTask};
use crate::state::State;

/// Quits, unless the result of a write is unknown: it could be lost silently.
pub(crate) fn quit(state: &mut State, effects: &mut Effects) {
    if state.is_waiting_for_a_write() {
        return state.warn("The server has not answered yet. Press Ctrl-c to quit anyway.");
    }
    effects.push(TerminalTask::Quit(Exit::Done));
}
