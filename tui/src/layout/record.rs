//! The lines of a record.

use ratatui::layout::{Constraint, Layout, Rect};
use roster_common::{Employee, Field};

use super::{halves, last_first_line, parts};
use crate::cells;
use crate::state::State;

/// The width of a label and the gap after it.
pub const LABEL: usize = 12;

/// The maximum comfortable line width.
const WIDEST: u16 = 90;

/// A line of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordLine {
    /// A blank line.
    Blank,
    /// The person's name.
    Name(String),
    /// What somebody else has just changed.
    News(String),
    /// One line of a value.
    Value {
        /// The label; empty on continuation lines.
        label: &'static str,
        /// The text.
        text: String,
        /// Its weight.
        weight: Weight,
    },
}

/// Who set a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// A user set it.
    Written,
    /// It is empty, or the server set it.
    Quiet,
}

/// The area of a record within its space.
pub fn column(area: Rect) -> Rect {
    let [_, column, _] = Layout::horizontal([
        Constraint::Length(2),
        Constraint::Max(WIDEST),
        Constraint::Min(1),
    ])
    .areas(area);
    column
}

/// The last scroll position of the open record.
pub fn last_line(state: &State) -> usize {
    let [_, body, ..] = parts(state.size.into());
    let area = column(halves(body).1);
    state.current().map_or(0, |employee| {
        last_of(&lines(employee, state, area.width.into()), area)
    })
}

/// Like [`last_line`], for lines that are already laid out.
pub fn last_of(lines: &[RecordLine], area: Rect) -> usize {
    last_first_line(lines.len(), area)
}

/// Lays out a record in lines of `width` cells.
pub fn lines(employee: &Employee, state: &State, width: usize) -> Vec<RecordLine> {
    let name = cells::cut(&employee.details.full_name(), width);
    let mut lines = vec![RecordLine::Blank, RecordLine::Name(name)];
    lines.push(news(employee, state, width).unwrap_or(RecordLine::Blank));
    let is_name = |field: &Field| matches!(field, Field::Firstname | Field::Lastname);
    for field in Field::ALL.into_iter().filter(|field| !is_name(field)) {
        let value = match field {
            Field::Manager => manager(employee, state),
            _ => employee.details.text(field).into_owned(),
        };
        lines.extend(entry(field.label(), &value, Weight::Written, width));
    }
    lines.push(RecordLine::Blank);
    let day = |moment| {
        state
            .zone
            .to_datetime(moment)
            .strftime("%Y-%m-%d %H:%M")
            .to_string()
    };
    let updated = format!("{} by {}", day(employee.updated), employee.updated_by);
    for (label, value) in [
        ("Id", employee.id.to_string()),
        ("Version", employee.version.to_string()),
        ("Created", day(employee.created)),
        ("Updated", updated),
    ] {
        lines.extend(entry(label, &value, Weight::Quiet, width));
    }
    lines
}

/// Who has changed the record since the cursor last passed it: `changed by bob, 17:43`.
fn news(employee: &Employee, state: &State, width: usize) -> Option<RecordLine> {
    let news = state.live.news(employee.id)?;
    let verb = if news.is_new { "added" } else { "changed" };
    let at = state.zone.to_datetime(news.at).strftime("%H:%M");
    let text = format!("{} {verb} by {}, {at}", news.sign(), news.by);
    Some(RecordLine::News(cells::cut(&text, width)))
}

/// The manager's name, if known, and id.
fn manager(employee: &Employee, state: &State) -> String {
    let Some(id) = employee.details.manager() else {
        return String::new();
    };
    match state.cached(id) {
        Some(manager) => format!("{} ({id})", manager.details.full_name()),
        None => id.to_string(),
    }
}

/// The lines of a label and its wrapped value.
fn entry(
    label: &'static str,
    value: &str,
    weight: Weight,
    width: usize,
) -> impl Iterator<Item = RecordLine> {
    let (value, weight) = if value.is_empty() {
        ("–", Weight::Quiet)
    } else {
        (value, weight)
    };
    let labels = std::iter::once(label).chain(std::iter::repeat(""));
    cells::wrap(value, width.saturating_sub(LABEL).max(2))
        .into_iter()
        .zip(labels)
        .map(move |(text, label)| RecordLine::Value {
            label,
            text,
            weight,
        })
}
