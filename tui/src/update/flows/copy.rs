//! Copies cells and records to the clipboard.

use roster_common::{Employee, Field};

use crate::effect::{Effects, LocalTask};
use crate::escape::visible;
use crate::event::Clipboard;
use crate::format::{grouped, people};
use crate::state::State;
use crate::state::column::TableColumn;

/// Copies a column as shown: one line per marked person, or of the current one.
pub(crate) fn column(state: &mut State, column: TableColumn, effects: &mut Effects) {
    let values: Vec<_> = targets(state)
        .into_iter()
        .map(|person| visible(&state.table.text(column, person)).into_owned())
        .collect();
    if values.iter().all(String::is_empty) {
        // Only the cursor's cell can be seen; the column of another key may be off the screen.
        if column == state.table.column() {
            return state.warn("This cell is empty.");
        }
        let label = column.label().to_lowercase();
        return state.warn(format!("There is no {label} here."));
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

/// Copies the marked records, or the current one: one field per line, with a blank line between
/// records.
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

/// The marked people whose records are loaded, or the current one.
fn targets(state: &State) -> Vec<&Employee> {
    let marks = &state.table.marks;
    if marks.is_empty() {
        state.current().into_iter().collect()
    } else {
        marks.iter().filter_map(|it| it.1).collect()
    }
}

/// How many of the marked people are copied, if not just one.
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

/// It may be pasted into a shell, so control characters are made visible here too.
fn lines(employee: &Employee) -> String {
    let values = Field::ALL.map(|field| (field.label(), employee.details.text(field)));
    let written = values.iter().filter(|(_, value)| !value.is_empty());
    let lines = written.map(|(label, value)| format!("{label}: {}\n", visible(value)));
    std::iter::once(format!("Id: {}\n", employee.id))
        .chain(lines)
        .collect()
}

/// Copies are not acknowledged, so the message says where the text was sent.
pub(crate) fn on_copied(state: &mut State, what: &str, result: Result<Clipboard, String>) {
    match result {
        Ok(Clipboard::Terminal) => {
            state.message(format!("Copied {what} (terminal clipboard, not confirmed)"));
        }
        Ok(Clipboard::Tmux) => state.message(format!("Copied {what} (tmux)")),
        Ok(Clipboard::File(path)) => {
            state.message(format!("Written to {}: {what}", path.display()));
        }
        Err(why) => state.warn(format!("Not copied: {why}.")),
    }
}
