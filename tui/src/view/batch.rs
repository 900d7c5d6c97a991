//! A bulk change: the preview, the progress and the results.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use roster_common::employee::Details;
use roster_common::{Field, Role};

use super::theme::Theme;
use super::widgets::{dialog, form_field, list, progress};
use crate::cells;
use crate::fields::summary;
use crate::format::{grouped, or_dash, people};
use crate::keys::{Action, Screen};
use crate::state::State;
use crate::state::batch::{Batch, BatchOrigin, BatchRow, Outcome, Stage, Step};

/// The maximum width of the content.
const WIDTH: u16 = 110;

/// The width of the name column.
const NAME: usize = 22;

/// The width of the scroll bar.
const BAR: u16 = 1;

/// The maximum number of lines for the selected row's full text.
const WHOLE: u16 = 4;

/// Only this many rows are checked for text that needs those lines.
const LOOKED_AT: usize = 50;

/// The lines that are not rows: the sentence, the answers and blank lines.
const CHROME: usize = 6;

pub(super) fn draw(frame: &mut Frame<'_>, batch: &Batch, state: &State, theme: &Theme) {
    // It reports in the status line when it is done; until then a dialog would only flash up.
    if batch.is_single_step() && batch.stage != Stage::Done {
        return;
    }
    let title = cells::cut(&batch.title, 60);
    // The width is needed before the box is drawn: whether a row is cut decides how high it is.
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
    let [_, message, _, body, _, answers, _] = Layout::vertical([
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
        Line::from(cells::cut(
            &progress_text(batch, state),
            message.width.into(),
        )),
        message,
    );
    let body = draw_whole(frame, body, batch, state, theme);
    draw_rows(frame, body, batch, state, theme);
    frame.render_widget(foot(batch, theme), answers);
}

/// The sentence above the rows.
fn progress_text(batch: &Batch, state: &State) -> String {
    let all = batch.rows.len();
    match batch.stage {
        Stage::Gathering => {
            format!("Loading {} of {} …", grouped(batch.progress()), people(all))
        }
        Stage::Preview if batch.to_send() == 0 => {
            "Nothing to change; see the reasons below.".to_owned()
        }
        Stage::Preview if batch.to_send() == all => {
            format!("{}.{} {}", people(all), reports(batch), not_yet(batch))
        }
        Stage::Preview => {
            let (left, all, reports) = (grouped(batch.to_send()), people(all), reports(batch));
            format!(
                "{left} of {all} will change; the rest show why.{reports} {}",
                not_yet(batch)
            )
        }
        Stage::Running => {
            format!("{} of {} …", grouped(batch.progress()), grouped(all))
        }
        Stage::Done => results(batch) + &undo_hint(batch, state),
    }
}

/// That the preview has not done anything.
fn not_yet(batch: &Batch) -> &'static str {
    if batch.deletes() {
        "Nothing is deleted yet."
    } else {
        "Nothing is saved yet."
    }
}

/// The summary of the results: `9 changed, 2 skipped, 1 refused`.
fn results(batch: &Batch) -> String {
    type Is = fn(&Outcome) -> bool;
    let done = match batch.rows.first().map(|row| &row.step) {
        Some(Step::Delete) => "deleted",
        Some(Step::Restore(_)) => "restored",
        Some(Step::Change(_)) => "changed",
        _ => "done",
    };
    let kinds: [(&str, Is); 7] = [
        (done, |o| matches!(o, Outcome::Done(_))),
        ("unchanged", |o| *o == Outcome::Unchanged),
        ("skipped", |o| matches!(o, Outcome::Conflict(_))),
        ("refused", |o| matches!(o, Outcome::Refused(_))),
        ("no longer there", |o| *o == Outcome::Gone),
        ("not sent", |o| *o == Outcome::Waiting),
        ("unconfirmed", |o| {
            matches!(o, Outcome::Asked | Outcome::Unanswered)
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

/// How many people would lose their manager, as far as known.
fn reports(batch: &Batch) -> String {
    match batch.reports() {
        0 => String::new(),
        1 => " 1 other person reports to them.".to_owned(),
        many => format!(" {} other people report to them.", grouped(many)),
    }
}

/// The undo or redo hint, once everything is done. Undoing a restore needs permission to delete.
fn undo_hint(batch: &Batch, state: &State) -> String {
    let key = |action| state.keymap.key(Screen::Batch, action);
    let restores = batch
        .rows
        .iter()
        .any(|row| matches!(row.step, Step::Restore(_)));
    match &batch.origin {
        _ if restores && !state.may(Role::Admin) => String::new(),
        _ if batch.to_send() > 0
            || batch.count(|outcome| matches!(outcome, Outcome::Done(_))) == 0 =>
        {
            String::new()
        }
        BatchOrigin::Undo(_) => format!(" Press {} to redo.", key(Action::Redo)),
        _ => format!(" Press {} to undo.", key(Action::Undo)),
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

/// Draws the selected row's full text below the rows, if it is cut there. Returns the remaining
/// area.
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
    let (_, message, style) = row_text(row, usize::MAX, state, theme);
    let lines = form_field::wrapped(
        &format!("{}: {message}", row.name()),
        area.width.saturating_sub(2),
        style,
    );
    let height = u16::try_from(lines.len())
        .unwrap_or(u16::MAX)
        .min(WHOLE)
        // At least one row of the list stays.
        .min(area.height.saturating_sub(1));
    let [rows, whole] =
        Layout::vertical([Constraint::Min(1), Constraint::Length(height)]).areas(area);
    for (line, row) in lines.into_iter().zip(whole.rows()) {
        frame.render_widget(line, form_field::after(row, 2));
    }
    rows
}

/// Returns `true` if a row's text does not fit on its line.
fn is_cut(row: &BatchRow, width: usize, state: &State, theme: &Theme) -> bool {
    cells::width(&row_text(row, usize::MAX, state, theme).1) > room(width)
}

/// The width of a name in a line.
fn name(width: usize) -> usize {
    NAME.min(width / 2)
}

/// The width left for the text, after mark, name and sign.
fn room(width: usize) -> usize {
    width.saturating_sub(name(width) + 5)
}

fn line(
    row: &BatchRow,
    focused: bool,
    width: usize,
    state: &State,
    theme: &Theme,
) -> Line<'static> {
    let mark = if focused {
        Span::styled("> ", theme.accent)
    } else {
        Span::raw("  ")
    };
    let room = room(width);
    let (symbol, message, style) = row_text(row, room, state, theme);
    let message = cells::cut(&message, room);
    Line::from(vec![
        mark,
        Span::raw(cells::fit(&row.name(), name(width))),
        Span::styled(format!(" {symbol} "), style),
        Span::styled(message, style),
    ])
}

/// The sign, text and style of a row: the planned change or its result.
fn row_text(
    row: &BatchRow,
    room: usize,
    state: &State,
    theme: &Theme,
) -> (&'static str, String, Style) {
    match &row.outcome {
        Outcome::Waiting => (" ", kind(row, room), Style::new()),
        Outcome::Asked => ("…", kind(row, room), theme.soft),
        Outcome::Done(_) => ("✓", done(row, room, state), theme.ok),
        Outcome::Unchanged => ("=", "already set".to_owned(), theme.soft),
        Outcome::Conflict(now) => {
            let when = state.zone.to_datetime(now.updated).strftime("%H:%M");
            (
                "!",
                format!("skipped: {} changed it at {when}", now.updated_by),
                theme.bad,
            )
        }
        Outcome::Refused(why) => ("!", why.clone(), theme.bad),
        Outcome::Gone => ("!", "this record no longer exists".to_owned(), theme.bad),
        Outcome::Unanswered => (
            "?",
            "no answer; it may have been saved".to_owned(),
            theme.warn,
        ),
    }
}

/// The completed change, and who else changed other fields.
fn done(row: &BatchRow, room: usize, state: &State) -> String {
    match row.also_changed_by(state.me()) {
        Some(name) => {
            let beside = format!(" · kept {name}'s other changes");
            kind(row, room.saturating_sub(cells::width(&beside))) + &beside
        }
        None => kind(row, room),
    }
}

/// The planned change, in at most `room` cells.
fn kind(row: &BatchRow, room: usize) -> String {
    match &row.step {
        Step::Change(_) => change(&row.differences(), room),
        Step::Delete => {
            let details = row.before.as_ref().map(|before| &before.details);
            let text = |details: &Details| summary(|field| details.text(field).into_owned());
            details.map(text).unwrap_or_default()
        }
        Step::Restore(_) => "restore".to_owned(),
    }
}

/// `Title: Operator → Foreman`. If it is too long, the old value is cut first.
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

/// The last line: the answers, the progress bar, or what Enter does.
fn foot(batch: &Batch, theme: &Theme) -> Line<'static> {
    let verb = match batch.rows.first().map(|row| &row.step) {
        Some(Step::Delete) => "Delete",
        Some(Step::Restore(_)) => "Restore",
        Some(Step::Change(_)) | None => match batch.origin {
            BatchOrigin::Undo(_) => "Undo for",
            BatchOrigin::Redo(_) => "Redo for",
            _ => "Change",
        },
    };
    match batch.stage {
        Stage::Preview if batch.to_send() == 0 && batch.form.is_some() => {
            Line::styled("> Back ", theme.selected)
        }
        Stage::Preview if batch.to_send() == 0 => Line::styled("> Close ", theme.selected),
        Stage::Preview if batch.asks_number() => Line::from(vec![
            Span::raw(format!("Type {} to confirm: ", batch.to_send())),
            Span::styled(format!("{}▏", batch.typed.text()), theme.strong),
        ]),
        Stage::Preview => {
            let labels = ["Cancel", &format!("{verb} {}", people(batch.to_send()))];
            dialog::answers(&labels, batch.yes.into(), theme)
        }
        Stage::Gathering | Stage::Running => {
            progress::bar(batch.progress(), batch.rows.len(), theme)
        }
        Stage::Done if batch.has_unknown_results() => {
            Line::styled("> Check results ", theme.selected)
        }
        // The rest was never sent, so this is no retry.
        Stage::Done
            if batch.to_send() > 0
                && batch.count(|outcome| *outcome == Outcome::Unanswered) == 0 =>
        {
            Line::styled(
                format!("> Continue with {} ", people(batch.to_send())),
                theme.selected,
            )
        }
        Stage::Done if batch.to_send() > 0 => Line::styled(
            format!("> Retry {} ", people(batch.to_send())),
            theme.selected,
        ),
        Stage::Done => Line::styled("> Close ", theme.selected),
    }
}
