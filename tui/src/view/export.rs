//! An export: the form, or how far it is.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::theme::Theme;
use super::widgets::{dialog, field, form_field, progress, suggestions};
use crate::export::{ExportFormat, ExportPeople};
use crate::format::{grouped, people};
use crate::state::export::ExportField;
use crate::state::{Export, State};

/// The maximum width of the content: all formats in a line.
const WIDTH: u16 = 72;

/// The width of mark, label and gap.
const LABEL: u16 = 11;

/// The lines of the form: four fields, the people above them, the note below, and blank lines.
const HEIGHT: usize = 11;

/// The lines while it runs.
const RUNNING: usize = 7;

pub(super) fn draw(
    frame: &mut Frame<'_>,
    export: &Export,
    has_keys: bool,
    state: &State,
    theme: &Theme,
) {
    let height = if export.running.is_some() {
        RUNNING
    } else {
        HEIGHT
    };
    let area = dialog::between_air(dialog::open(frame, "Export", WIDTH, height, theme));
    let mut rows = area.rows();
    let Some(first) = rows.next() else { return };
    let value = form_field::label(frame, first, LABEL, "People", false, theme);
    frame.render_widget(Span::styled(who(export, state), theme.strong), value);
    let mut rows = rows.skip(1);
    if let Some(written) = export.running {
        let all = export.count;
        let written = usize::try_from(written).unwrap_or(all);
        return progress::draw(frame, &mut rows, "Exporting", written, all, theme);
    }
    let mut file = None;
    for (field, row) in export.fields().zip(&mut rows) {
        let is_focus = field == export.focus && has_keys;
        let value = form_field::label(frame, row, LABEL, label(field), is_focus, theme);
        draw_value(frame, value, export, field, is_focus, theme);
        if field == ExportField::File {
            file = Some(value);
        }
    }
    if let Some(field) = file.filter(|_| export.path.suggestions.is_shown()) {
        let list = &export.path.suggestions;
        let within = above_status(frame.area());
        return suggestions::draw(frame, list_under(field), within, list, theme);
    }
    let below = rows.skip(1);
    for (line, row) in note(export, area.width, theme).into_iter().zip(below) {
        frame.render_widget(line, form_field::after(row, 2));
    }
}

/// The screen without the status line and the keys.
fn above_status(screen: Rect) -> Rect {
    Rect {
        height: screen.height.saturating_sub(dialog::FREE),
        ..screen
    }
}

/// The place of the list: its text stands under that of the field.
fn list_under(field: Rect) -> Rect {
    Rect {
        x: field.x.saturating_sub(2),
        width: field.width + 2,
        ..field
    }
}

fn label(field: ExportField) -> &'static str {
    match field {
        ExportField::Format => "Format",
        ExportField::Columns => "Columns",
        ExportField::Target => "To",
        ExportField::File => "File",
    }
}

/// Who is exported.
fn who(export: &Export, state: &State) -> String {
    let all = people(export.count);
    match &export.people {
        ExportPeople::Marked(_) => format!("{all}, marked"),
        ExportPeople::Matching(query) if query.q.is_empty() => format!("{all}, everyone"),
        ExportPeople::Matching(_) => {
            let everybody = state.table.everybody.map(grouped);
            let of = everybody
                .map(|all| format!(" of {all}"))
                .unwrap_or_default();
            format!("{all}{of}, filtered")
        }
    }
}

fn draw_value(
    frame: &mut Frame<'_>,
    area: Rect,
    export: &Export,
    field: ExportField,
    is_focus: bool,
    theme: &Theme,
) {
    let choice = |words: &[(&str, bool)]| form_field::choice(words, area.width, theme);
    let line = match field {
        ExportField::Format => {
            let words = ExportFormat::ALL.map(|format| (format.label(), format == export.format));
            choice(&words)
        }
        ExportField::Columns => {
            let visible = format!("visible ({})", export.visible.len());
            choice(&[(&visible, !export.all_columns), ("all", export.all_columns)])
        }
        ExportField::Target => choice(&[
            ("file", !export.to_clipboard),
            ("clipboard", export.to_clipboard),
        ]),
        ExportField::File => {
            let value = field::draw_extent(frame, area, theme);
            return field::draw(frame, value, &export.path.line, is_focus);
        }
    };
    frame.render_widget(line, area);
}

/// What is wrong, or a hint for the focused field.
fn note(export: &Export, width: u16, theme: &Theme) -> Vec<Line<'static>> {
    let width = width.saturating_sub(2);
    if let Some(problem) = &export.problem {
        return form_field::wrapped(&format!("! {problem}"), width, theme.bad);
    }
    form_field::wrapped(hint(export), width, theme.soft)
}

fn hint(export: &Export) -> &'static str {
    match (export.focus, export.format) {
        (ExportField::Format, ExportFormat::Csv) => "UTF-8 with commas, for other programs",
        (ExportField::Format, ExportFormat::ExcelCsv) => {
            "opens in Excel with a double click; no text becomes a formula"
        }
        (ExportField::Format, ExportFormat::Ndjson) => "one JSON object per line",
        (ExportField::Format, ExportFormat::Json) => "one JSON array",
        (ExportField::Format, ExportFormat::Xlsx) => "a spreadsheet; dates are dates",
        (ExportField::Format, ExportFormat::Vcard) => "cards for address books",
        (ExportField::Columns, _) if export.all_columns => {
            "can be imported again with no difference"
        }
        (ExportField::Columns, _) => "the columns of the table, in its order",
        (ExportField::Target, _) => "← → choose",
        (ExportField::File, _) => "Tab completes; ~ is your home folder",
    }
}
