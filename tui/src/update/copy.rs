//! Copying: what a person takes along to another program.

use roster_common::{Employee, Field};

use crate::event::{Clipboard, Effect};
use crate::state::State;
use crate::visible::visible;

/// Copies what stands in the column of the cursor, as it reads there.
pub(super) fn cell(state: &mut State) -> Vec<Effect> {
    let Some(employee) = state.current() else {
        return Vec::new();
    };
    let text = visible(&state.table.column().of(employee)).into_owned();
    if text.is_empty() {
        state.warn("Nothing stands there.");
        return Vec::new();
    }
    vec![Effect::Copy { what: text.clone(), text: text.into() }]
}

/// Copies the record, a field a line.
pub(super) fn record(state: &State) -> Vec<Effect> {
    let copy = |employee: &Employee| Effect::Copy {
        what: format!("the record of {}", employee.details.full_name()),
        text: lines(employee).into(),
    };
    state.current().map(copy).into_iter().collect()
}

/// What was copied may be pasted into a shell: so what steers a terminal is made visible here too.
fn lines(employee: &Employee) -> String {
    let values = Field::ALL.map(|field| (field.label(), employee.details.text(field)));
    let written = values.iter().filter(|(_, value)| !value.is_empty());
    let lines = written.map(|(label, value)| format!("{label}: {}\n", visible(value)));
    std::iter::once(format!("Id: {}\n", employee.id)).chain(lines).collect()
}

/// Nothing acknowledges a copy, so it is told where it was sent and not that it arrived.
pub(super) fn copied(state: &mut State, what: &str, result: Result<Clipboard, String>) {
    match result {
        Ok(Clipboard::Terminal) => state.say(format!("Sent to the terminal's clipboard: {what}")),
        Ok(Clipboard::Tmux) => state.say(format!("Sent to tmux and the clipboard: {what}")),
        Ok(Clipboard::File(path)) => state.say(format!("Written to {}: {what}", path.display())),
        Err(why) => state.warn(format!("Not copied: {why}.")),
    }
}
