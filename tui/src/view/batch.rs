//! Changes of many records: what is to be done with each, how far it is, and what came of it.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use roster_common::employee::Details;
use roster_common::{Field, Role};

use super::theme::Theme;
use super::widgets::{dialog, entry, list};
use crate::cells;
use crate::fields::summary;
use crate::keys::{Action, Screen};
use crate::state::State;
use crate::state::batch::{Batch, Origin, Outcome, Row, Stage, Step};
use crate::words::{grouped, or_dash, people};

/// The widest content.
const WIDTH: u16 = 110;

/// The cells of a name.
const NAME: usize = 22;

/// The cells of the scroll bar.
const BAR: u16 = 1;

/// The most lines for what has no room in the row of the cursor.
const WHOLE: u16 = 4;

/// Whether there is to be room for it is seen from so many rows.
const LOOKED_AT: usize = 50;

/// The lines that are no rows: air, a sentence, air; air, the answers, and air.
const CHROME: usize = 6;

pub(super) fn draw(frame: &mut Frame<'_>, batch: &Batch, state: &State, theme: &Theme) {
    if batch.is_brief() && batch.stage != Stage::Done {
        return;
    }
    let title = cells::cut(&batch.title, 60);
    let width = usize::from(
        dialog::place(frame.area(), WIDTH, 0)
            .1
            .width
            .saturating_sub(BAR),
    );
    let has_cut = batch
        .rows
        .iter()
        .take(LOOKED_AT)
        .any(|row| is_cut(row, width, state, theme));
    let whole = if has_cut { WHOLE.into() } else { 0 };
    let area = dialog::open(
        frame,
        &title,
        WIDTH,
        batch.rows.len() + CHROME + whole,
        theme,
    );
    let [_, told, _, body, _, answers, _] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Min(1),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(1),
    ])
    .areas(area);
    frame.render_widget(
        Line::from(cells::cut(&told_of(batch, state), told.width.into())),
        told,
    );
    let body = draw_whole(frame, body, batch, state, theme);
    draw_rows(frame, body, batch, state, theme);
    frame.render_widget(foot(batch, theme), answers);
}

/// How far it is, in a sentence.
fn told_of(batch: &Batch, state: &State) -> String {
    let all = batch.rows.len();
    match batch.stage {
        Stage::Gathering => {
            format!("Reading {} of {} …", grouped(batch.done()), people(all))
        }
        Stage::Preview if batch.left() == 0 => "Nothing to do: each says why.".to_owned(),
        Stage::Preview if batch.left() == all => {
            format!("{}.{} Nothing is done yet.", people(all), reports(batch))
        }
        Stage::Preview => {
            let (left, all, reports) = (grouped(batch.left()), people(all), reports(batch));
            format!("{left} of {all}: the others say why not.{reports} Nothing is done yet.")
        }
        Stage::Running => {
            format!("{} of {} …", grouped(batch.done()), grouped(all))
        }
        Stage::Done => results(batch) + &way_back(batch, state),
    }
}

/// What came of all: `9 done, 2 in conflict, 1 refused`.
fn results(batch: &Batch) -> String {
    type Is = fn(&Outcome) -> bool;
    let kinds: [(&str, Is); 6] = [
        ("done", |o| matches!(o, Outcome::Done(_))),
        ("unchanged", |o| *o == Outcome::Unchanged),
        ("in conflict", |o| matches!(o, Outcome::Conflict(_))),
        ("refused", |o| matches!(o, Outcome::Refused(_))),
        ("gone", |o| *o == Outcome::Gone),
        ("not tried or not answered", |o| {
            matches!(o, Outcome::Waiting | Outcome::Asked | Outcome::Unanswered)
        }),
    ];
    let counted = kinds
        .into_iter()
        .map(|(word, is)| (batch.count(is), word))
        .filter(|(count, _)| *count > 0);
    counted
        .map(|(count, word)| format!("{} {word}", grouped(count)))
        .collect::<Vec<_>>()
        .join(", ")
        + "."
}

/// How many would be without their manager, as far as that is known.
fn reports(batch: &Batch) -> String {
    match batch.reports() {
        0 => String::new(),
        1 => " 1 other reports to them.".to_owned(),
        many => format!(" {} others report to them.", grouped(many)),
    }
}

/// Which key takes it back, once nothing is left to do: who is brought back is taken away again by who may delete.
fn way_back(batch: &Batch, state: &State) -> String {
    let key = |action| state.keymap.key(Screen::Batch, action);
    let restores = batch
        .rows
        .iter()
        .any(|row| matches!(row.step, Step::Restore(_)));
    match &batch.origin {
        _ if restores && !state.may(Role::Admin) => String::new(),
        _ if batch.left() > 0
            || batch.count(|outcome| matches!(outcome, Outcome::Done(_))) == 0 =>
        {
            String::new()
        }
        Origin::Undo(_) => format!(" {} does it again.", key(Action::Redo)),
        _ => format!(" {} undoes it.", key(Action::Undo)),
    }
}

fn draw_rows(frame: &mut Frame<'_>, area: Rect, batch: &Batch, state: &State, theme: &Theme) {
    let [body, bar] = Layout::horizontal([Constraint::Min(0), Constraint::Length(BAR)]).areas(area);
    for (at, row, place) in list::in_view(&batch.rows, batch.focus, body) {
        frame.render_widget(
            line(row, at == batch.focus, body.width.into(), state, theme),
            place,
        );
    }
    list::draw_scroll_bar(frame, bar, batch.focus, batch.rows.len(), theme);
}

/// Tells under the rows all that is to be told of the cursor's, where that has no room in it; and says what room is left.
fn draw_whole(
    frame: &mut Frame<'_>,
    area: Rect,
    batch: &Batch,
    state: &State,
    theme: &Theme,
) -> Rect {
    let width = usize::from(area.width.saturating_sub(BAR));
    let row = batch
        .rows
        .get(batch.focus)
        .filter(|row| is_cut(row, width, state, theme));
    let Some(row) = row else { return area };
    let (_, told, style) = told_of_row(row, usize::MAX, state, theme);
    let lines = entry::wrapped(
        &format!("{}: {told}", row.name()),
        area.width.saturating_sub(2),
        style,
    );
    let height = u16::try_from(lines.len())
        .unwrap_or(u16::MAX)
        .min(WHOLE)
        .min(area.height.saturating_sub(1));
    let [rows, whole] =
        Layout::vertical([Constraint::Min(1), Constraint::Length(height)]).areas(area);
    for (line, row) in lines.into_iter().zip(whole.rows()) {
        frame.render_widget(line, entry::after(row, 2));
    }
    rows
}

/// Whether what is to be told of a record has no room in its line.
fn is_cut(row: &Row, width: usize, state: &State, theme: &Theme) -> bool {
    cells::width(&told_of_row(row, usize::MAX, state, theme).1) > room(width)
}

/// The cells for a name in a line.
fn name(width: usize) -> usize {
    NAME.min(width / 2)
}

/// The cells for what is told beside it, after the mark and the sign.
fn room(width: usize) -> usize {
    width.saturating_sub(name(width) + 5)
}

fn line(row: &Row, focused: bool, width: usize, state: &State, theme: &Theme) -> Line<'static> {
    let mark = if focused {
        Span::styled("> ", theme.accent)
    } else {
        Span::raw("  ")
    };
    let room = room(width);
    let (symbol, told, style) = told_of_row(row, room, state, theme);
    let told = cells::cut(&told, room);
    Line::from(vec![
        mark,
        Span::raw(cells::fit(&row.name(), name(width))),
        Span::styled(format!(" {symbol} "), style),
        Span::styled(told, style),
    ])
}

/// What is to be done with a record, or what came of it: a sign, a text, and how they look.
fn told_of_row(
    row: &Row,
    room: usize,
    state: &State,
    theme: &Theme,
) -> (&'static str, String, Style) {
    match &row.outcome {
        Outcome::Waiting => (" ", wish(row, room), Style::new()),
        Outcome::Asked => ("…", wish(row, room), theme.dim),
        Outcome::Done(_) => ("✓", done(row, room, state), theme.dim),
        Outcome::Unchanged => ("=", "reads so already".to_owned(), theme.dim),
        Outcome::Conflict(now) => {
            let when = state.zone.to_datetime(now.updated).strftime("%H:%M");
            (
                "!",
                format!("{} has changed it at {when}: left as it is", now.updated_by),
                theme.bad,
            )
        }
        Outcome::Refused(why) => ("!", why.clone(), theme.bad),
        Outcome::Gone => (
            "!",
            "there is no such record any more".to_owned(),
            theme.bad,
        ),
        Outcome::Unanswered => (
            "?",
            "no answer: it may have been done".to_owned(),
            theme.bad,
        ),
    }
}

/// What was done with a record, and who has changed something else of it meanwhile.
fn done(row: &Row, room: usize, state: &State) -> String {
    match row.also_by(state.me()) {
        Some(name) => {
            let beside = format!(" · what {name} has changed stays");
            wish(row, room.saturating_sub(cells::width(&beside))) + &beside
        }
        None => wish(row, room),
    }
}

/// What is to be done with a record, for so many cells.
fn wish(row: &Row, room: usize) -> String {
    match &row.step {
        Step::Change(_) => change(&row.differences(), room),
        Step::Delete => {
            let details = row.before.as_ref().map(|before| &before.details);
            let text = |details: &Details| summary(|field| details.text(field).into_owned());
            details.map(text).unwrap_or_default()
        }
        Step::Restore(_) => "bring back".to_owned(),
    }
}

/// `Title: Operator → Foreman`; where that has no room, what is new is shown before what was.
fn change(differences: &[(Field, String, String)], room: usize) -> String {
    let texts = differences
        .iter()
        .map(|(f, old, new)| format!("{}: {} → {}", f.label(), or_dash(old), or_dash(new)));
    let all = texts.collect::<Vec<_>>().join(" · ");
    match differences {
        [(_, old, new)] if cells::width(&all) > room => {
            let new = or_dash(new);
            let old = cells::cut(
                or_dash(old),
                room.saturating_sub(cells::width(new) + 3).max(2),
            );
            format!("{old} → {new}")
        }
        _ => all,
    }
}

/// The answers, the progress, or what Enter does next.
fn foot(batch: &Batch, theme: &Theme) -> Line<'static> {
    let verb = match batch.rows.first().map(|row| &row.step) {
        Some(Step::Delete) => "Delete",
        Some(Step::Restore(_)) => "Bring back",
        Some(Step::Change(_)) | None => "Change",
    };
    match batch.stage {
        Stage::Preview if batch.left() == 0 && batch.form.is_some() => {
            Line::styled("> Back ", theme.selected)
        }
        Stage::Preview if batch.left() == 0 => Line::styled("> Close ", theme.selected),
        Stage::Preview if batch.asks_number() => Line::from(vec![
            Span::raw(format!("Type {} to delete them: ", batch.left())),
            Span::styled(format!("{}▏", batch.typed.text()), theme.strong),
        ]),
        Stage::Preview => {
            let labels = ["Cancel", &format!("{verb} {}", people(batch.left()))];
            dialog::answers(&labels, batch.yes.into(), theme)
        }
        Stage::Gathering | Stage::Running => bar(batch, theme),
        Stage::Done if batch.is_unsure() => {
            Line::styled("> Ask what became of them ", theme.selected)
        }
        Stage::Done
            if batch.left() > 0 && batch.count(|outcome| *outcome == Outcome::Unanswered) == 0 =>
        {
            Line::styled(
                format!("> Go on with {} ", people(batch.left())),
                theme.selected,
            )
        }
        Stage::Done if batch.left() > 0 => Line::styled(
            format!("> Try {} again ", people(batch.left())),
            theme.selected,
        ),
        Stage::Done => Line::styled("> Close ", theme.selected),
    }
}

fn bar(batch: &Batch, theme: &Theme) -> Line<'static> {
    const CELLS: usize = 30;
    let full = CELLS * batch.done() / batch.rows.len().max(1);
    Line::from(vec![
        Span::styled("█".repeat(full), theme.accent),
        Span::styled("░".repeat(CELLS - full), theme.dim),
    ])
}
