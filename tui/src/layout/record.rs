//! The lines of a record.

use jiff::Unit;
use jiff::civil::Date;
use ratatui::layout::{Constraint, Layout, Rect};
use roster_common::{Employee, Field};

use super::{halves, last_first_line, parts};
use crate::cells;
use crate::fields;
use crate::format::or_dash;
use crate::state::State;

/// The width of a label and the gap after it.
pub const LABEL: usize = 12;

/// The indentation of labels below their heading.
pub const INDENT: usize = 2;

/// The maximum comfortable line width.
const WIDEST: u16 = 90;

/// A line of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordLine {
    /// A blank line.
    Blank,
    /// The person's name.
    Name(String),
    /// A recent change by someone else.
    News(String),
    /// One line of the title and the department.
    Subtitle(String),
    /// The heading of a group.
    Heading(&'static str),
    /// One line of the notes.
    Note {
        /// The heading; empty on continuation lines.
        heading: &'static str,
        /// The text.
        text: String,
    },
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
        Constraint::Length(3),
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

/// The headings of the groups of fields.
const GROUPS: [&str; 2] = ["Contact", "Work"];

/// The group of a field; `None` for those above the groups, and for the notes below them.
fn group(field: Field) -> Option<&'static str> {
    match field {
        Field::Firstname | Field::Lastname | Field::Title | Field::Department => None,
        Field::Email | Field::Phone | Field::Location => Some("Contact"),
        Field::Manager | Field::Status | Field::Hired | Field::Number => Some("Work"),
        Field::Notes => None,
    }
}

/// Lays out a record in lines of `width` cells.
pub fn lines(employee: &Employee, state: &State, width: usize) -> Vec<RecordLine> {
    let name = cells::cut(&employee.details.full_name(), width);
    let mut lines = vec![RecordLine::Name(name)];
    let subtitle = [Field::Title, Field::Department].map(|field| employee.details.text(field));
    let subtitle: Vec<_> = subtitle.iter().filter(|text| !text.is_empty()).collect();
    if !subtitle.is_empty() {
        let subtitle = subtitle
            .iter()
            .map(|text| text.as_ref())
            .collect::<Vec<_>>();
        let wrapped = cells::wrap(&subtitle.join(" · "), width.max(2));
        lines.extend(wrapped.into_iter().map(RecordLine::Subtitle));
    }
    // Above the fields, where it is visible without scrolling.
    lines.extend(news(employee, state, width));
    for heading in GROUPS {
        lines.extend([RecordLine::Blank, RecordLine::Heading(heading)]);
        let is_here = |field: &Field| group(*field) == Some(heading);
        for field in Field::ALL.into_iter().filter(is_here) {
            let value = value(employee, field, state);
            lines.extend(entry(field.label(), &value, Weight::Written, width));
        }
    }
    lines.push(RecordLine::Blank);
    lines.extend(notes(employee, width));
    lines.extend([RecordLine::Blank, RecordLine::Heading("Record")]);
    let day = |moment| {
        let local = state.zone.to_datetime(moment);
        local.strftime("%Y-%m-%d %H:%M").to_string()
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

/// The notes beside their heading.
fn notes(employee: &Employee, width: usize) -> impl Iterator<Item = RecordLine> {
    let notes = employee.details.text(Field::Notes);
    let room = width.saturating_sub(INDENT + LABEL).max(2);
    let headings = std::iter::once(Field::Notes.label()).chain(std::iter::repeat(""));
    let lines = cells::wrap(or_dash(&notes), room).into_iter();
    lines
        .zip(headings)
        .map(|(text, heading)| RecordLine::Note { heading, text })
}

/// The text of a field, with what follows from it.
fn value(employee: &Employee, field: Field, state: &State) -> String {
    let text = employee.details.text(field);
    match field {
        Field::Manager => manager(employee, state),
        Field::Status => match employee.details.status() {
            Some(status) => format!("{} {text}", fields::sign(status)),
            None => text.into_owned(),
        },
        Field::Hired => match years_since(&text, state.today()) {
            Some(years) => format!("{text}  {years}"),
            None => text.into_owned(),
        },
        _ => text.into_owned(),
    }
}

/// The full years since a date: `12 years`. `None` before the first one is full.
fn years_since(date: &str, today: Date) -> Option<String> {
    let date: Date = date.parse().ok()?;
    let years = date.until((Unit::Year, today)).ok()?.get_years();
    match years {
        ..1 => None,
        1 => Some("1 year".to_owned()),
        years => Some(format!("{years} years")),
    }
}

/// The manager's name, if known, and id.
fn manager(employee: &Employee, state: &State) -> String {
    let Some(id) = employee.details.manager() else {
        return String::new();
    };
    let cached = || Some(state.cached(id)?.details.full_name());
    match state.table.manager_name(id).or_else(cached) {
        Some(name) => format!("{name} ({id})"),
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
    cells::wrap(value, width.saturating_sub(INDENT + LABEL).max(2))
        .into_iter()
        .zip(labels)
        .map(move |(text, label)| RecordLine::Value {
            label,
            text,
            weight,
        })
}
