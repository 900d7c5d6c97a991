//! Leaving the program.

use crate::effect::{Effects, Exit, TerminalTask};
use crate::state::State;

/// Ends the program, unless the server still has to say what came of a change: leaving could lose
/// it in silence.
pub(crate) fn quit(state: &mut State, effects: &mut Effects) {
    if state.is_waiting_for_a_write() {
        return state.warn("The server has not answered yet. Press Ctrl-c to quit anyway.");
    }
    effects.push(TerminalTask::Quit(Exit::Done));
}
