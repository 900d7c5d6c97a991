//! The lines of a record.
//!
//! Beside the table every value keeps its line, whoever the person is, so that a move of the cursor
//! changes few cells. Notes differ in length and come last there, folded until the cursor rests.

use jiff::Unit;
use jiff::civil::Date;
use ratatui::layout::{Constraint, Layout, Rect};
use roster_common::history::{ChangeKind, FieldChange, HistoryEntry};
use roster_common::{Employee, Field};

use super::{halves, last_first_line, parts};
use crate::cells;
use crate::fields;
use crate::format::{change_verb, grouped, or_dash};
use crate::remote::Related;
use crate::state::State;

/// The width of a label and the gap after it.
pub const LABEL: usize = 12;

/// The indentation of labels below their heading.
pub const INDENT: usize = 2;

/// Below this width, as beside the table, the title, the department and the email have lines of
/// their own below the name, as on a business card.
const CARD: usize = 60;

/// How many of the last changes are shown.
const CHANGES: usize = 3;

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
    /// One line of the title or the department, or of both.
    Subtitle(String),
    /// One line of the email address below them.
    Email(String),
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
    /// One of the last changes.
    Change {
        /// The time.
        at: String,
        /// Who changed what.
        text: String,
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
fn group(field: Field, width: usize) -> Option<&'static str> {
    match field {
        Field::Firstname | Field::Lastname | Field::Title | Field::Department => None,
        Field::Email => (width >= CARD).then_some("Contact"),
        Field::Phone | Field::Location => Some("Contact"),
        Field::Manager | Field::Status | Field::Hired | Field::Number => Some("Work"),
        Field::Notes => None,
    }
}

/// Lays out a record in lines of `width` cells.
pub fn lines(employee: &Employee, state: &State, width: usize) -> Vec<RecordLine> {
    let name = cells::cut(&employee.details.full_name(), width);
    let mut lines = vec![RecordLine::Name(name)];
    lines.extend(subtitle(employee, width));
    let related = state.related.of(employee.id);
    // News takes the place of a blank line, so that nothing moves.
    let mut above = news(employee, state, width).unwrap_or(RecordLine::Blank);
    for heading in GROUPS {
        lines.extend([above, RecordLine::Heading(heading)]);
        above = RecordLine::Blank;
        let is_here = |field: &Field| group(*field, width) == Some(heading);
        for field in Field::ALL.into_iter().filter(is_here) {
            let value = value(employee, field, state, width);
            lines.extend(entry(field.label(), &value, Weight::Written, width));
            if field == Field::Manager {
                lines.extend(reports(related, width));
            }
        }
    }
    let about = about_record(employee, state, width);
    let changes = changes(related, state, width);
    if width < CARD {
        let is_folded = !state.related.has_rested(employee.id);
        lines.extend(about.into_iter().chain(changes));
        lines.extend(notes(employee, width, is_folded));
    } else {
        lines.extend(notes(employee, width, false));
        lines.extend(about.into_iter().chain(changes));
    }
    lines
}

/// The title and the department, and on a card the email too.
fn subtitle(employee: &Employee, width: usize) -> Vec<RecordLine> {
    let text = |field| employee.details.text(field);
    let wrapped = |text: &str| cells::wrap(text, width.max(2)).into_iter();
    let [title, department] = [Field::Title, Field::Department].map(text);
    if width < CARD {
        let subtitle = wrapped(&title).chain(wrapped(&department));
        let email = wrapped(&text(Field::Email)).map(RecordLine::Email);
        return subtitle.map(RecordLine::Subtitle).chain(email).collect();
    }
    let both = match (title.as_ref(), department.as_ref()) {
        ("", text) | (text, "") => text.to_owned(),
        (title, department) => format!("{title} · {department}"),
    };
    wrapped(&both).map(RecordLine::Subtitle).collect()
}

/// How many people report to the person, and the first names: blank until they are loaded.
fn reports(related: Option<&Related>, width: usize) -> impl Iterator<Item = RecordLine> {
    let (room, count) = (
        width.saturating_sub(INDENT + LABEL),
        if width < CARD { 2 } else { 1 },
    );
    let (texts, weight) = match related {
        None => (Vec::new(), Weight::Quiet),
        Some(related) if related.report_count == 0 => (vec!["–".to_owned()], Weight::Quiet),
        Some(related) => (names_of_reports(related, room, count), Weight::Written),
    };
    let texts = texts
        .into_iter()
        .chain(std::iter::repeat_n(String::new(), count));
    let labels = ["Reports", ""].into_iter().take(count);
    labels
        .zip(texts)
        .map(move |(label, text)| RecordLine::Value {
            label,
            text,
            weight,
        })
}

/// `3: Ada Lovelace, Grace Hopper…`, in at most `count` lines that break between names.
fn names_of_reports(related: &Related, room: usize, count: usize) -> Vec<String> {
    let mut lines = vec![format!("{}: ", grouped(related.report_count))];
    let last = related.reports.len().saturating_sub(1);
    for (at, name) in related.reports.iter().enumerate() {
        let comma = if at < last { ", " } else { "" };
        let name = format!("{name}{comma}");
        match lines.last_mut() {
            Some(line) if cells::width(line) + cells::width(name.trim_end()) <= room => {
                line.push_str(&name);
            }
            _ => lines.push(name),
        }
    }
    shortened(lines, room, count)
}

/// The first lines, with an ellipsis if there are more.
fn shortened(mut lines: Vec<String>, room: usize, count: usize) -> Vec<String> {
    let has_more = lines.len() > count;
    lines.truncate(count);
    if let Some(last) = lines.last_mut().filter(|_| has_more) {
        let text = last.trim_end().trim_end_matches(',');
        *last = cells::cut(&format!("{text}…"), room);
    }
    lines
}

/// Which version of which record it is, and who made it when.
fn about_record(employee: &Employee, state: &State, width: usize) -> Vec<RecordLine> {
    let minute = |moment| {
        let local = state.zone.to_datetime(moment);
        local.strftime("%Y-%m-%d %H:%M").to_string()
    };
    let updated = format!("{} by {}", minute(employee.updated), employee.updated_by);
    let values = [
        (
            "Id",
            format!("{}, version {}", employee.id, employee.version),
        ),
        ("Created", minute(employee.created)),
        ("Updated", updated),
    ];
    let mut lines = vec![RecordLine::Blank, RecordLine::Heading("Record")];
    for (label, value) in values {
        lines.extend(entry(label, &value, Weight::Quiet, width));
    }
    lines
}

/// The last changes: who, when and what. Blank until they are loaded.
fn changes(related: Option<&Related>, state: &State, width: usize) -> Vec<RecordLine> {
    let change = |entry: &HistoryEntry| {
        let at = change_time(entry, state, width);
        let room = width.saturating_sub(INDENT + cells::width(&at));
        let text = cells::cut(&change_text(entry, state), room);
        RecordLine::Change { at, text }
    };
    let entries = related.map_or(&[][..], |related| related.changes.as_slice());
    let blanks = std::iter::repeat_n(RecordLine::Blank, CHANGES);
    let entries = entries.iter().map(change).chain(blanks).take(CHANGES);
    let heading = [RecordLine::Blank, RecordLine::Heading("Changes")];
    heading.into_iter().chain(entries).collect()
}

/// The time of a change and a gap. In a narrow record, an earlier year leaves no room for the hour.
fn change_time(entry: &HistoryEntry, state: &State, width: usize) -> String {
    let at = state.zone.to_datetime(entry.at);
    let format = match (width < CARD, at.year() == state.today().year()) {
        (false, _) => "%Y-%m-%d %H:%M  ",
        (true, true) => "%m-%d %H:%M ",
        (true, false) => "%Y-%m-%d  ",
    };
    at.strftime(format).to_string()
}

/// `bob: Title Operator → Foreman, Location – → Berlin`, or `bob added it`.
fn change_text(entry: &HistoryEntry, state: &State) -> String {
    let (by, verb) = (&entry.by, change_verb(entry.what));
    let value = |field, text: &str| match field {
        Field::Manager if !text.is_empty() => state.manager_text(text),
        _ => or_dash(text).replace('\n', " "),
    };
    let change = |change: &FieldChange| {
        let (old, new) = (
            value(change.field, &change.old),
            value(change.field, &change.new),
        );
        format!("{} {old} → {new}", change.field.label())
    };
    let changes: Vec<_> = entry.changes.iter().map(change).collect();
    match (entry.what, changes.as_slice()) {
        (ChangeKind::Changed, changes @ [_, ..]) => format!("{by}: {}", changes.join(", ")),
        (ChangeKind::Created | ChangeKind::Changed | ChangeKind::Restored, _) => {
            format!("{by} {verb} it")
        }
        _ => format!("{by}: {verb}"),
    }
}

/// Who has changed the record since the cursor last passed it: `changed by bob, 17:43`.
fn news(employee: &Employee, state: &State, width: usize) -> Option<RecordLine> {
    let news = state.live.news(employee.id)?;
    let verb = if news.is_new { "added" } else { "changed" };
    let at = state.zone.to_datetime(news.at).strftime("%H:%M");
    let text = format!("{} {verb} by {}, {at}", news.sign(), news.by);
    Some(RecordLine::News(cells::cut(&text, width)))
}

/// The notes beside their heading; folded, only their first line.
fn notes(employee: &Employee, width: usize, is_folded: bool) -> Vec<RecordLine> {
    let notes = employee.details.text(Field::Notes);
    let room = width.saturating_sub(INDENT + LABEL).max(2);
    let count = if is_folded { 1 } else { usize::MAX };
    let texts = shortened(cells::wrap(or_dash(&notes), room), room, count);
    let headings = std::iter::once(Field::Notes.label()).chain(std::iter::repeat(""));
    let lines = texts.into_iter().zip(headings);
    let lines = lines.map(|(text, heading)| RecordLine::Note { heading, text });
    std::iter::once(RecordLine::Blank).chain(lines).collect()
}

/// The text of a field, with what follows from it.
fn value(employee: &Employee, field: Field, state: &State, width: usize) -> String {
    let text = employee.details.text(field);
    match field {
        Field::Manager => manager(employee, state, width.saturating_sub(INDENT + LABEL)),
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

/// The manager's name, if known, and id, in `room` cells: a long name is cut.
fn manager(employee: &Employee, state: &State, room: usize) -> String {
    let Some(id) = employee.details.manager() else {
        return String::new();
    };
    let cached = || Some(state.cached(id)?.details.full_name());
    match state.table.manager_name(id).or_else(cached) {
        Some(name) => {
            let id = format!(" ({id})");
            let room = room.saturating_sub(cells::width(&id));
            cells::cut(&name, room) + &id
        }
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
