//! What an import would do, or has done: the counts, and the rows that are refused or changed.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use roster_common::FieldError;
use roster_common::api::{MissingPeople, RowResult};

use crate::cells;
use crate::format::{grouped, people};
use crate::import::{CellError, Report, ReportedRow};
use crate::keys::{Action, Screen};
use crate::state::import::ImportStage;
use crate::state::{Import, State};
use crate::view::theme::Theme;
use crate::view::widgets::{dialog, form_field, list};

/// The maximum width of the content.
const WIDTH: u16 = 180;

/// The lines that are neither sentences nor rows: the answers and blank lines.
const CHROME: usize = 4;

/// The width of the scroll bar.
const BAR: u16 = 1;

/// The width of the line number.
const LINE: usize = 12;

/// The most lines of the whole text of the selected row.
const WHOLE: u16 = 3;

pub(super) fn draw(frame: &mut Frame<'_>, import: &Import, state: &State, theme: &Theme) {
    let Some(report) = import.report.as_deref() else {
        return;
    };
    let title = format!("Import {}", cells::cut(import.name(), 40));
    let width = dialog::width(frame.area(), WIDTH);
    let sentences = sentences(import, report, state, width, theme);
    let has_rows = !import.rows.is_empty();
    let rows = if has_rows {
        // The whole text has a blank line above it and below it.
        import.rows.len() + usize::from(WHOLE) + 2
    } else {
        0
    };
    let height = sentences.len() + rows + CHROME;
    let area = dialog::open(frame, &title, WIDTH, height, theme);
    let [_, head, _, body, _, answers, _] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(u16::try_from(sentences.len()).unwrap_or(2)),
        Constraint::Length(1),
        Constraint::Min(u16::from(has_rows)),
        Constraint::Length(u16::from(has_rows)),
        Constraint::Length(1),
        Constraint::Length(1),
    ])
    .areas(area);
    for (line, row) in sentences.into_iter().zip(head.rows()) {
        frame.render_widget(line, row);
    }
    draw_rows(frame, body, import, report, theme);
    frame.render_widget(foot(import, theme), answers);
}

/// The counts, and what else there is to know.
fn sentences(
    import: &Import,
    report: &Report,
    state: &State,
    width: u16,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let is_done = import.stage == ImportStage::Done;
    let more = if is_done {
        undo_hint(import, report, state)
    } else {
        to_know(import, report)
    };
    let mut lines = form_field::wrapped(&counts(import, report, is_done), width, theme.strong);
    if !more.is_empty() {
        lines.extend(form_field::wrapped(&more, width, theme.soft));
    }
    lines
}

fn number(count: u64) -> String {
    grouped(usize::try_from(count).unwrap_or(usize::MAX))
}

/// `120 to add, 30 to change; 1,000 unchanged, 3 refused, 2 skipped.`
fn counts(import: &Import, report: &Report, is_done: bool) -> String {
    let (added, changed) = if is_done {
        ("added", "changed")
    } else {
        ("to add", "to change")
    };
    let mut text = format!("{} {added}", number(report.created));
    if let Some(matched) = &report.matched {
        let (changes, same) = (number(matched.changed), number(matched.unchanged));
        text.push_str(&format!(", {changes} {changed}, {same} unchanged"));
    }
    if let Some((missing, status)) = import.missing_to_change() {
        let what = if is_done { "set to" } else { "to set to" };
        text.push_str(&format!(", {} {what} {status}", number(missing)));
    }
    text.push_str(&format!(", {} refused", number(report.refused)));
    if report.waiting > 0 {
        let waiting = number(report.waiting);
        text.push_str(&format!(" ({waiting} only because their managers are)"));
    }
    if report.skipped_rows > 0 {
        text.push_str(&format!(", {} skipped", number(report.skipped_rows)));
    }
    let end = if is_done {
        "."
    } else {
        ". Nothing is saved yet."
    };
    text + end
}

/// What else there is to know before the import.
fn to_know(import: &Import, report: &Report) -> String {
    if let Some(field) = report.found_again() {
        return format!(
            "Some of these people may be in Roster already. To update them, go back and match by \
                {field}."
        );
    }
    let missing = not_in_file(import, report);
    match import.settings.by.filter(|_| !import.match_is_chosen) {
        Some(by) => {
            let by = by.as_str();
            format!("Matched by {by}, so that nobody is added twice. {missing}")
        }
        None => missing,
    }
}

/// Who is not in the file, and what happens to them.
fn not_in_file(import: &Import, report: &Report) -> String {
    let missing = report.matched.as_ref().map_or(0, |matched| matched.missing);
    if missing == 0 {
        return String::new();
    }
    let who = people(usize::try_from(missing).unwrap_or(usize::MAX));
    let are = if missing == 1 { "is" } else { "are" };
    match import.settings.missing {
        Some(MissingPeople::Become(status)) if import.missing_to_change().is_some() => {
            format!("{who} on the server {are} not in the file. Their status becomes {status}.")
        }
        Some(MissingPeople::Become(_)) => format!(
            "{who} on the server {are} not in the file. They stay as they are, since a refused row \
                may be theirs."
        ),
        _ => format!("{who} on the server {are} not in the file."),
    }
}

/// How the import is undone.
fn undo_hint(import: &Import, report: &Report, state: &State) -> String {
    match report.run {
        None => "Nothing was changed.".to_owned(),
        Some(run) if import.is_one_step() => {
            let key = state.keymap.key(Screen::Import, Action::Undo);
            format!("Import {run}. Press {key} to undo.")
        }
        Some(run) => format!("To undo: roster employees import undo {run}"),
    }
}

fn draw_rows(frame: &mut Frame<'_>, area: Rect, import: &Import, report: &Report, theme: &Theme) {
    if import.rows.is_empty() {
        return;
    }
    let area = draw_whole(frame, area, import, report);
    let [body, bar] = Layout::horizontal([Constraint::Min(0), Constraint::Length(BAR)]).areas(area);
    let width = usize::from(body.width);
    for (at, index, place) in list::in_view(&import.rows, import.row, body) {
        if let Some(row) = report.rows.get(*index) {
            let line = line(row, report, at == import.row, width, theme);
            frame.render_widget(line, place);
        }
    }
    list::draw_scroll_bar(frame, bar, import.row, import.rows.len(), theme);
}

/// Draws the whole text of the selected row below the rows, if it is cut there. Returns the rest,
/// without a blank line between them.
fn draw_whole(frame: &mut Frame<'_>, area: Rect, import: &Import, report: &Report) -> Rect {
    let row = import
        .rows
        .get(import.row)
        .and_then(|index| report.rows.get(*index));
    let room = usize::from(area.width.saturating_sub(BAR));
    let Some(row) = row.filter(|row| LINE + 3 + cells::width(&text(row, report)) > room) else {
        return area;
    };
    let sentence = format!("line {}: {}", row.line, text(row, report));
    let lines = form_field::wrapped(&sentence, area.width.saturating_sub(2), Style::new());
    let height = u16::try_from(lines.len()).unwrap_or(WHOLE).min(WHOLE);
    let height = height.min(area.height.saturating_sub(1));
    let gap = u16::from(area.height > height + 1);
    let [rows, _, whole] = Layout::vertical([
        Constraint::Min(1),
        Constraint::Length(gap),
        Constraint::Length(height),
    ])
    .areas(area);
    for (line, row) in lines.into_iter().zip(whole.rows()) {
        frame.render_widget(line, form_field::after(row, 2));
    }
    rows
}

/// A row. The mark at the cursor is a quiet one: the keys are at the answers below.
fn line(
    row: &ReportedRow,
    report: &Report,
    is_focus: bool,
    width: usize,
    theme: &Theme,
) -> Line<'static> {
    let (sign, style) = match row.result {
        RowResult::Refused => ("✗", theme.bad),
        _ if !row.changes.is_empty() => ("~", theme.ok),
        _ if !row.warnings.is_empty() => ("!", theme.warn),
        _ => ("+", theme.ok),
    };
    let text = cells::cut(&text(row, report), width.saturating_sub(LINE + 4));
    Line::from(vec![
        Span::styled(if is_focus { "› " } else { "  " }, theme.soft),
        Span::raw(cells::fit(&format!("line {}", row.line), LINE)),
        Span::styled(sign, style),
        Span::raw(format!(" {text}")),
    ])
}

/// Why a row is refused, or what it changes or adds.
fn text(row: &ReportedRow, report: &Report) -> String {
    let warnings = row.warnings.iter().map(|warning| warning.message.clone());
    let warnings: Vec<_> = warnings.collect();
    match row.result {
        RowResult::Refused if row.is_waiting() => "The row of the manager is refused.".to_owned(),
        RowResult::Refused => {
            let reasons: Vec<_> = row.errors.iter().map(reason).collect();
            reasons.join(" ")
        }
        _ if row.changes.is_empty() => {
            let added = report.values.get(&row.line).filter(|_| report.adds(row));
            let parts = added.into_iter().chain(&warnings).map(String::as_str);
            parts.collect::<Vec<_>>().join(" – ")
        }
        _ => row.changed(),
    }
}

/// `E-mail "ada@": Enter an address like name@example.com.` What was read comes first, since the
/// end of a line may be cut.
fn reason(error: &CellError) -> String {
    let FieldError { field, message, .. } = &error.error;
    let column = error.column.as_ref().filter(|column| !column.is_empty());
    let read = error.read.as_ref().filter(|read| !read.is_empty());
    match (column.unwrap_or(field).as_str(), read) {
        ("", _) => message.clone(),
        (column, None) => format!("{column}: {message}"),
        (column, Some(read)) => format!("{column} \"{read}\": {message}"),
    }
}

/// The answers.
fn foot(import: &Import, theme: &Theme) -> Line<'static> {
    match (import.stage, import.affected()) {
        (ImportStage::Done, _) => dialog::answers(&["Close"], 0, theme),
        (_, 0) => dialog::answers(&["Back"], 0, theme),
        (_, count) => {
            let count = people(usize::try_from(count).unwrap_or(usize::MAX));
            let labels = ["Back", &format!("Import {count}")];
            dialog::answers(&labels, import.yes.into(), theme)
        }
    }
}
