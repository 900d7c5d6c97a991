//! Copying: what a person takes along to another program.

use roster_common::{Employee, Field};

use crate::effect::{Effects, LocalTask};
use crate::escape::visible;
use crate::event::Clipboard;
use crate::format::{grouped, people};
use crate::state::State;

/// Copies what stands in the column of the cursor, as it reads there: of who is marked, a line
/// each, or of this person.
pub(crate) fn cell(state: &mut State, effects: &mut Effects) {
    let column = state.table.column();
    let values: Vec<_> = targets(state)
        .into_iter()
        .map(|person| visible(&column.of(person)).into_owned())
        .collect();
    if values.iter().all(String::is_empty) {
        return state.warn("This cell is empty.");
    }
    let text = values.join("\n");
    let what = match counted(state, values.len()) {
        Some(people) => format!("{} of {people}", column.label()),
        None => text.clone(),
    };
    effects.push(LocalTask::Copy {
        what,
        text: text.into(),
    });
}

/// Copies the records of who is marked, or of this person, a field a line, with an empty line
/// between two.
pub(crate) fn record(state: &State, effects: &mut Effects) {
    let people = targets(state);
    let Some(first) = people.first() else {
        return;
    };
    let what = match counted(state, people.len()) {
        Some(people) => format!("the records of {people}"),
        None => format!("the record of {}", first.details.full_name()),
    };
    let text = people.into_iter().map(lines).collect::<Vec<_>>().join("\n");
    effects.push(LocalTask::Copy {
        what,
        text: text.into(),
    });
}

/// Who is marked, as far as their records are here, or the person of the cursor.
fn targets(state: &State) -> Vec<&Employee> {
    let marks = &state.table.marks;
    if marks.is_empty() {
        state.current().into_iter().collect()
    } else {
        marks.iter().filter_map(|it| it.1).collect()
    }
}

/// How many are copied of how many that are marked, where that is not one.
fn counted(state: &State, copied: usize) -> Option<String> {
    match state.table.marks.len() {
        0 | 1 => None,
        all if all == copied => Some(people(all)),
        all => Some(format!(
            "{} of {} (the rest is not loaded)",
            grouped(copied),
            people(all)
        )),
    }
}

/// What was copied may be pasted into a shell: so what steers a terminal is made visible here too.
fn lines(employee: &Employee) -> String {
    let values = Field::ALL.map(|field| (field.label(), employee.details.text(field)));
    let written = values.iter().filter(|(_, value)| !value.is_empty());
    let lines = written.map(|(label, value)| format!("{label}: {}\n", visible(value)));
    std::iter::once(format!("Id: {}\n", employee.id))
        .chain(lines)
        .collect()
}

/// Nothing acknowledges a copy, so it is told where it was sent and not that it arrived.
pub(crate) fn on_copied(state: &mut State, what: &str, result: Result<Clipboard, String>) {
    match result {
        Ok(Clipboard::Terminal) => {
            state.message(format!("Sent to the terminal's clipboard: {what}"));
        }
        Ok(Clipboard::Tmux) => state.message(format!("Sent to tmux and the clipboard: {what}")),
        Ok(Clipboard::File(path)) => {
            state.message(format!("Written to {}: {what}", path.display()));
        }
        Err(why) => state.warn(format!("Not copied: {why}.")),
    }
}
