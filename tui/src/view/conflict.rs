//! An edit conflict: the original and both versions side by side.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span, Text};

use super::theme::Theme;
use super::widgets::{dialog, list};
use crate::cells;
use crate::format::or_dash;
use crate::keys::{Action, Keymap, Screen};
use crate::state::arrangement::NARROW;
use crate::state::conflict::{ConflictRow, Side};
use crate::state::{Conflict, Form, State};

/// The width of mark and label.
const LABEL: usize = 13;

/// The gap between two columns.
const GAP: usize = 2;

/// The maximum width of the content.
const WIDTH: u16 = 110;

/// The lines above the rows: who and when, the headings, and blank lines.
const HEAD: u16 = 4;

pub(super) fn draw(frame: &mut Frame<'_>, conflict: &Conflict, state: &State, theme: &Theme) {
    if frame.area().width < NARROW {
        return draw_narrow(frame, conflict, state, theme);
    }
    let height = conflict.rows.len() + usize::from(HEAD) + 3;
    let area = dialog::open(frame, &title(conflict), WIDTH, height, theme);
    let [head, body, _, foot, _] = Layout::vertical([
        Constraint::Length(HEAD),
        Constraint::Min(1),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(1),
    ])
    .areas(area);
    let cell = usize::from(area.width).saturating_sub(LABEL + 2 * GAP) / 3;
    draw_head(frame, head, conflict, state, cell, theme);
    for (at, row, place) in list::in_view(&conflict.rows, conflict.focus, body) {
        frame.render_widget(line(row, at == conflict.focus, cell, theme), place);
    }
    frame.render_widget(
        Line::styled(
            cells::cut(&message(conflict, &state.keymap), foot.width.into()),
            theme.dim,
        ),
        foot,
    );
}

fn title(conflict: &Conflict) -> String {
    cells::cut(&conflict.theirs.details.full_name(), 60)
}

/// The narrow layout: the selected field in full, and the chosen value of the others.
fn draw_narrow(frame: &mut Frame<'_>, conflict: &Conflict, state: &State, theme: &Theme) {
    let width = usize::from(dialog::width(frame.area(), WIDTH));
    let message = format!(
        "{} changed this record {}.",
        conflict.theirs.updated_by,
        when(conflict, state)
    );
    let mut lines: Vec<_> = cells::wrap(&message, width.max(2))
        .into_iter()
        .map(Line::from)
        .collect();
    lines.push(Line::default());
    let mut end = lines.len();
    for (at, row) in conflict.rows.iter().enumerate() {
        lines.extend(stacked(row, at == conflict.focus, width, theme));
        if at == conflict.focus {
            end = lines.len();
        }
    }
    let area = dialog::open(frame, &title(conflict), WIDTH, lines.len(), theme);
    let first = end.saturating_sub(area.height.into());
    for (line, row) in lines.into_iter().skip(first).zip(area.rows()) {
        frame.render_widget(line, row);
    }
}

/// The lines of one field, as wide as the box.
fn stacked(row: &ConflictRow, focused: bool, width: usize, theme: &Theme) -> Vec<Line<'static>> {
    let cell = width.saturating_sub(LABEL);
    let labelled = |label: &str, style: Style, value: Span<'static>| {
        Line::from(vec![Span::styled(cells::fit(label, LABEL), style), value])
    };
    let label = format!("{}{}", if focused { "> " } else { "  " }, row.field.label());
    match (focused, row.take) {
        (true, _) => vec![
            Line::from(Span::styled(label, theme.accent)),
            labelled(
                "    original",
                theme.dim,
                Span::styled(
                    cells::cut(&format!("  {}", or_dash(&row.base)), cell),
                    theme.dim,
                ),
            ),
            labelled(
                "    mine",
                theme.dim,
                value(&row.mine, Side::Mine, row, cell, theme),
            ),
            labelled(
                "    theirs",
                theme.dim,
                value(&row.theirs, Side::Theirs, row, cell, theme),
            ),
        ],
        (false, None) => vec![labelled(&label, theme.dim, Span::raw("○ undecided"))],
        (false, Some(Side::Mine)) => vec![labelled(
            &label,
            theme.dim,
            value(&row.mine, Side::Mine, row, cell, theme),
        )],
        (false, Some(Side::Theirs)) => {
            vec![labelled(
                &label,
                theme.dim,
                value(&row.theirs, Side::Theirs, row, cell, theme),
            )]
        }
    }
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
fn message(conflict: &Conflict, keymap: &Keymap) -> String {
    let key = |action| keymap.key(Screen::Conflict, action);
    let open = conflict
        .rows
        .iter()
        .filter(|row| row.take.is_none())
        .count();
    match (open, conflict.rows.iter().any(|row| row.merged)) {
        (1.., _) => {
            let (mine, theirs, edit) = (
                key(Action::TakeMine),
                key(Action::TakeTheirs),
                key(Action::Edit),
            );
            let (all_mine, all_theirs) = (key(Action::TakeAllMine), key(Action::TakeAllTheirs));
            let left_to_choose = if open == 1 {
                "1 conflict left".to_owned()
            } else {
                format!("{open} conflicts left")
            };
            format!(
                "{left_to_choose}: {mine} keep mine, {theirs} keep theirs, \
                    {all_mine}/{all_theirs} for all, {edit} edit."
            )
        }
        (0, true) => format!(
            "Press {} to save. ✓ merged: only one of you changed it.",
            key(Action::Save)
        ),
        (0, false) => format!("Press {} to save the chosen values.", key(Action::Save)),
    }
}

fn draw_head(
    frame: &mut Frame<'_>,
    area: Rect,
    conflict: &Conflict,
    state: &State,
    cell: usize,
    theme: &Theme,
) {
    let is_behind_conflict = state
        .overlay::<Form>()
        .is_some_and(Form::is_behind_conflict);
    let after = if is_behind_conflict {
        ", after your change"
    } else {
        " while you were editing it"
    };
    let message = format!(
        "{} changed this record {}{after}.",
        conflict.theirs.updated_by,
        when(conflict, state)
    );
    let gap = " ".repeat(GAP);
    let columns = Line::from(vec![
        Span::raw(" ".repeat(LABEL)),
        Span::styled(cells::fit("Original", cell), theme.dim),
        Span::raw(gap.clone()),
        Span::styled(cells::fit("  Mine", cell), theme.strong),
        Span::raw(gap),
        Span::styled(cells::fit("  Theirs", cell), theme.strong),
    ]);
    let message = Line::from(cells::cut(&message, area.width.into()));
    frame.render_widget(
        Text::from(vec![Line::default(), message, Line::default(), columns]),
        area,
    );
}

fn line(row: &ConflictRow, focused: bool, cell: usize, theme: &Theme) -> Line<'static> {
    let mark = if focused { "> " } else { "  " };
    let style = if focused { theme.accent } else { theme.dim };
    let label = cells::cut(&format!("{mark}{}", row.field.label()), LABEL);
    let air = " ".repeat(LABEL.saturating_sub(cells::width(&label)));
    let gap = " ".repeat(GAP);
    Line::from(vec![
        Span::styled(label, style),
        Span::raw(air),
        Span::styled(cells::fit(or_dash(&row.base), cell), theme.dim),
        Span::raw(gap.clone()),
        value(&row.mine, Side::Mine, row, cell, theme),
        Span::raw(gap),
        value(&row.theirs, Side::Theirs, row, cell, theme),
    ])
}

/// A value with its mark: chosen, merged, not chosen, or undecided.
fn value(value: &str, side: Side, row: &ConflictRow, cell: usize, theme: &Theme) -> Span<'static> {
    let (mark, style) = match row.take {
        None => ("○", Style::new()),
        Some(taken) if taken == side && row.merged => ("✓", theme.strong),
        Some(taken) if taken == side => ("●", theme.strong),
        Some(_) => ("○", theme.dim),
    };
    Span::styled(
        cells::fit(&format!("{mark} {}", or_dash(value)), cell),
        style,
    )
}
