//! An edit conflict: the original and both versions side by side.
//!
//! - [`mod@columns`] the values and headings, also those of an undo
//! - [`full`] the selected row in full
//! - [`narrow`] the layout of a narrow window

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span, Text};
use roster_common::Field;

mod columns;
mod full;
mod narrow;

use columns::{Column, ValueSource, columns};

use super::theme::Theme;
use super::widgets::{dialog, list};
use crate::cells;
use crate::keys::{Action, Screen};
use crate::state::arrangement::NARROW;
use crate::state::conflict::ConflictRow;
use crate::state::{Conflict, State};

/// The width of mark and label.
const LABEL: usize = 13;

/// The gap between two columns.
const GAP: usize = 2;

/// The maximum width of the content.
const WIDTH: u16 = 110;

/// The lines above the rows: who and when, the headings, and blank lines.
const HEAD: u16 = 4;

/// The lines below the rows: the next step, and blank lines.
const FOOT: u16 = 3;

/// The number of columns.
const COLUMNS: u16 = 3;

pub(super) fn draw(frame: &mut Frame<'_>, conflict: &Conflict, state: &State, theme: &Theme) {
    let conflict = &with_names(conflict, state);
    if frame.area().width < NARROW {
        return narrow::draw(frame, conflict, state, theme);
    }
    let columns = columns(state);
    let width = dialog::width(frame.area(), WIDTH);
    let cell = usize::from(width).saturating_sub(LABEL + 2 * GAP) / usize::from(COLUMNS);
    let full = full::height(conflict, columns, cell, width);
    let rows = u16::try_from(conflict.rows.len()).unwrap_or(u16::MAX);
    let height = rows.saturating_add(full + HEAD + FOOT);
    let area = dialog::open(frame, &title(conflict), WIDTH, height.into(), theme);
    // If space is short, the rows scroll before the full text is cut.
    let room = area.height.saturating_sub(HEAD + FOOT);
    let body = rows
        .min(room.saturating_sub(full))
        .max(room.min(rows) / 2)
        .max(1);
    let [head, body, full_area, _, foot, _] = Layout::vertical([
        Constraint::Length(HEAD),
        Constraint::Length(body),
        Constraint::Min(0),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(1),
    ])
    .areas(area);
    draw_head(frame, head, conflict, state, cell, theme);
    for (at, row, place) in list::in_view(&conflict.rows, conflict.focus, body) {
        let line = line(row, columns, at == conflict.focus, cell, theme);
        frame.render_widget(line, place);
    }
    if let Some(row) = conflict.rows.get(conflict.focus) {
        full::draw(frame, full_area, row, columns, cell, theme);
    }
    let message = cells::cut(&message(conflict, state), foot.width.into());
    frame.render_widget(Line::styled(message, theme.soft), foot);
}

/// The conflict with the names of managers instead of their ids, which nobody could choose by.
fn with_names(conflict: &Conflict, state: &State) -> Conflict {
    let mut named = conflict.clone();
    let managers = named
        .rows
        .iter_mut()
        .filter(|row| row.field == Field::Manager);
    for row in managers {
        for id in [&mut row.base, &mut row.mine, &mut row.theirs] {
            *id = state.manager_text(id);
        }
    }
    named
}

fn title(conflict: &Conflict) -> String {
    cells::cut(&conflict.theirs.details.full_name(), 60)
}

/// When they changed it: `at 09:30`, with the date if it was not today.
fn when(conflict: &Conflict, state: &State) -> String {
    let when = state.zone.to_datetime(conflict.theirs.updated);
    let format = if when.date() == state.today() {
        "at %H:%M"
    } else {
        "on %Y-%m-%d at %H:%M"
    };
    when.strftime(format).to_string()
}

/// The next step, or what the marks mean.
fn message(conflict: &Conflict, state: &State) -> String {
    let key = |action| state.keymap.key(Screen::Conflict, action);
    let open = conflict
        .rows
        .iter()
        .filter(|row| row.take.is_none())
        .count();
    if open == 0 {
        // The mark is explained only if it is on the screen.
        let is_merged = conflict.rows.iter().any(|row| row.merged);
        let save = key(Action::Save);
        return if is_merged {
            format!("Press {save} to save. ✓ merged: only one of you changed it.")
        } else {
            format!("Press {save} to save the chosen values.")
        };
    }
    let left = if open == 1 {
        "1 conflict left".to_owned()
    } else {
        format!("{open} conflicts left")
    };
    let (mine, theirs) = (key(Action::TakeMine), key(Action::TakeTheirs));
    if is_undoing(state) {
        let cancel = key(Action::Close);
        let before = columns::heading_of_mine(state);
        return format!("{left}: {mine} {before}, {theirs} Now, {cancel} cancels.");
    }
    let (all_mine, all_theirs) = (key(Action::TakeAllMine), key(Action::TakeAllTheirs));
    let edit = key(Action::Edit);
    format!(
        "{left}: {mine} keep mine, {theirs} keep theirs, {all_mine}/{all_theirs} for all, {edit} edit."
    )
}

/// Returns `true` if the conflict is that of an undo or redo.
fn is_undoing(state: &State) -> bool {
    state.undo_form().is_some()
}

fn draw_head(
    frame: &mut Frame<'_>,
    area: Rect,
    conflict: &Conflict,
    state: &State,
    cell: usize,
    theme: &Theme,
) {
    let after = if is_undoing(state) {
        ", after your change"
    } else {
        " while you were editing it"
    };
    let message = format!(
        "{} changed this record {}{after}.",
        conflict.theirs.updated_by,
        when(conflict, state)
    );
    let mut headings = vec![Span::raw(" ".repeat(LABEL))];
    for column in columns(state) {
        headings.push(heading(*column, cell, theme));
        headings.push(Span::raw(" ".repeat(GAP)));
    }
    let message = Line::from(cells::cut(&message, area.width.into()));
    let headings = Line::from(headings);
    frame.render_widget(
        Text::from(vec![Line::default(), message, Line::default(), headings]),
        area,
    );
}

/// A heading above its values, beside their marks if there is room.
fn heading(column: Column, cell: usize, theme: &Theme) -> Span<'static> {
    let (indent, style) = match column.source {
        ValueSource::Base => ("", theme.soft),
        ValueSource::Side(_) => ("  ", theme.strong),
    };
    let indented = format!("{indent}{}", column.heading);
    if cells::width(&indented) <= cell {
        Span::styled(cells::fit(&indented, cell), style)
    } else {
        Span::styled(cells::fit(column.heading, cell), style)
    }
}

fn line(
    row: &ConflictRow,
    columns: &[Column; 3],
    focused: bool,
    cell: usize,
    theme: &Theme,
) -> Line<'static> {
    let mark = if focused { "> " } else { "  " };
    let style = if focused { theme.accent } else { theme.soft };
    let label = cells::cut(&format!("{mark}{}", row.field.label()), LABEL);
    let air = " ".repeat(LABEL.saturating_sub(cells::width(&label)));
    let mut spans = vec![Span::styled(label, style), Span::raw(air)];
    for column in columns {
        spans.push(column.value(row, cell, theme));
        spans.push(Span::raw(" ".repeat(GAP)));
    }
    Line::from(spans)
}
