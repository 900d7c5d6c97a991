//! Sends calls and counts them until they are answered, to show the spinner.

use std::time::Duration;

use crate::effect::{Call, Effects, LocalTask};
use crate::event::{Reply, Timer};
use crate::state::State;

/// The duration of a spinner frame.
const SPINNER: Duration = Duration::from_millis(100);

/// Sends a call, and starts the spinner with the first one.
pub(crate) fn send(state: &mut State, call: Call, effects: &mut Effects) {
    state.in_flight += 1;
    state.writes += usize::from(call.is_write());
    effects.push(call);
    if state.in_flight == 1 {
        state.spinner = 0;
        effects.push(LocalTask::Wait(Timer::Spinner, SPINNER));
    }
}

/// Counts an answered call.
pub(crate) fn on_answer(state: &mut State, reply: &Reply) {
    state.in_flight = state.in_flight.saturating_sub(1);
    state.writes = state.writes.saturating_sub(reply.is_to_write().into());
}

/// Turns the spinner, while a call is in flight.
pub(crate) fn spin(state: &mut State, effects: &mut Effects) {
    state.spinner = state.spinner.wrapping_add(1);
    if state.in_flight > 0 {
        effects.push(LocalTask::Wait(Timer::Spinner, SPINNER));
    }
}
