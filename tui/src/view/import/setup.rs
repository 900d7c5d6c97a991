//! What was understood of a file: how it is written, its columns with the first rows, and how
//! people are matched.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use roster_common::api::{EmptyCells, MatchBy, MissingPeople};
use roster_common::import::ColumnReport;

use crate::cells;
use crate::format::{grouped, people};
use crate::import::{Understood, repeated_column};
use crate::state::Import;
use crate::state::import::{DATES, ImportField, MATCH, meaning_label, missing_choices};
use crate::view::theme::Theme;
use crate::view::widgets::{dialog, form_field, suggestions};

/// The maximum width of the content.
const WIDTH: u16 = 180;

/// The width of mark, label and gap of a choice.
const LABEL: u16 = 15;

/// The widest name of a sheet.
const SHEET: usize = 20;

/// The cells before the columns: the mark.
const MARK: u16 = 2;

/// The cells between two columns.
const GAP: u16 = 2;

/// The widths of a column in the preview.
const NARROWEST: usize = 6;
const WIDEST: usize = 20;

/// The width of the last column at which it is shown although it is cut.
const ENOUGH: u16 = 10;

/// The lines above and below the rows: facts, headings and hint, with blank lines.
const CHROME: u16 = 9;

/// The rows for which there is room, even if the file has fewer: a list of fields opens over them.
const FEWEST: usize = 6;

pub(super) fn draw(frame: &mut Frame<'_>, import: &Import, has_keys: bool, theme: &Theme) {
    let Some(file) = &import.file else { return };
    let title = format!("Import {}", cells::cut(import.name(), 40));
    let preview = file.rows.len().clamp(FEWEST, Understood::ROWS);
    let choices = u16::try_from(import.fields().len()).unwrap_or(1) - 1;
    let chrome = CHROME + choices;
    let height = preview + usize::from(chrome);
    let area = dialog::open(frame, &title, WIDTH, height, theme);
    // On a small screen, rows matter more than blank lines.
    let blank_if = |has_room| Constraint::Length(u16::from(has_room));
    let is_airy = usize::from(area.height) >= height;
    let [_, facts, _, headings, rows, _, choices, last, _] = Layout::vertical([
        blank_if(is_airy),
        Constraint::Length(2),
        blank_if(area.height > chrome + 2),
        Constraint::Length(2),
        Constraint::Min(1),
        blank_if(area.height > chrome),
        Constraint::Length(choices),
        Constraint::Length(1),
        blank_if(is_airy),
    ])
    .areas(area);
    let width = usize::from(facts.width);
    for (line, row) in [layout(file), counts(file)].into_iter().zip(facts.rows()) {
        frame.render_widget(Line::styled(cells::cut(&line, width), theme.soft), row);
    }
    let at = draw_preview(frame, headings, rows, import, file, has_keys, theme);
    draw_choices(frame, choices, import, has_keys, theme);
    let text = cells::cut(&hint(import, file), width);
    frame.render_widget(Line::styled(text, theme.soft), last);
    if let (Some(list), Some(at)) = (&import.choices, at) {
        let field = list_at(at, area);
        suggestions::draw(frame, field, area, list, theme);
    }
}

/// `CSV, separated by commas, UTF-8, heading on line 1`
fn layout(file: &Understood) -> String {
    if let Some(why) = &file.no_people {
        return format!("This sheet has no people: {why}");
    }
    let Some(layout) = &file.layout else {
        return "No column has the names of people. To update people without them, match by a value."
            .to_owned();
    };
    let mut facts = vec![layout.kind.to_owned()];
    facts.extend(layout.delimiter.map(|delimiter| {
        let name = match delimiter {
            ',' => "commas",
            ';' => "semicolons",
            '\t' => "tabs",
            _ => "bars",
        };
        format!("separated by {name}")
    }));
    facts.push(layout.encoding.clone());
    facts.extend(
        layout
            .heading_line
            .map(|line| format!("heading on line {line}")),
    );
    facts.join(", ")
}

/// `1,204 people, 3 refused; 2 rows skipped (line 2: an example row)`
fn counts(file: &Understood) -> String {
    if file.layout.is_none() {
        return String::new();
    }
    let number = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    let mut text = people(number(file.people));
    if file.refused > 0 {
        text.push_str(&format!(
            ", {} with mistakes",
            grouped(number(file.refused))
        ));
    }
    match (file.skipped, &file.first_skipped) {
        (0, _) | (_, None) => {}
        (1, Some(first)) => text.push_str(&format!("; skipped {first}")),
        (skipped, Some(first)) => {
            let skipped = grouped(number(skipped));
            text.push_str(&format!("; skipped {skipped} rows, the first: {first}"));
        }
    }
    text
}

/// Draws the headings, what they are read as, and the first rows. Returns the place of the column
/// at the cursor.
fn draw_preview(
    frame: &mut Frame<'_>,
    headings: Rect,
    rows: Rect,
    import: &Import,
    file: &Understood,
    has_keys: bool,
    theme: &Theme,
) -> Option<Rect> {
    let is_focus = import.focus == ImportField::Columns && has_keys;
    let [names, fields] = Layout::vertical([Constraint::Length(1); 2]).areas(headings);
    if is_focus {
        frame.render_widget(Span::styled(">", theme.accent), fields);
    }
    let mut place = None;
    let places = places(import, file, headings.width);
    draw_more(frame, names, &places, file, theme);
    for Place { column, x, width } in places {
        let Some(report) = file.columns.get(column) else {
            break;
        };
        let is_here = column == import.column;
        let at = |row: Rect| Rect {
            x: row.x + x,
            width,
            ..row
        };
        let room = usize::from(width);
        let heading = cells::fit(&report.heading, room);
        frame.render_widget(Span::styled(heading, theme.soft), at(names));
        let meaning = read_as(report);
        let style = match (is_here && is_focus, report.field) {
            (true, _) => theme.selected,
            (false, Some(_)) => theme.strong,
            (false, None) => theme.line,
        };
        frame.render_widget(Span::styled(cells::fit(meaning, room), style), at(fields));
        let style = if report.field.is_some() {
            Style::new()
        } else {
            theme.line
        };
        for (cells_of_row, row) in file.rows.iter().zip(rows.rows()) {
            let cell = cells_of_row.get(report.index).map_or("", String::as_str);
            let cell = cells::cut(&cell.replace('\n', " "), room);
            frame.render_widget(Span::styled(cell, style), at(row));
        }
        if is_here {
            place = Some(at(fields));
        }
    }
    place
}

/// Draws the signs that columns are scrolled out, or have no room.
fn draw_more(frame: &mut Frame<'_>, row: Rect, places: &[Place], file: &Understood, theme: &Theme) {
    let is_first = |place: &Place| place.column == 0;
    let is_last = |place: &Place| place.column + 1 == file.columns.len();
    if !places.first().is_none_or(is_first) {
        frame.render_widget(Span::styled("‹", theme.line), row);
    }
    if !places.last().is_none_or(is_last) {
        let end = form_field::after(row, row.width.saturating_sub(1));
        frame.render_widget(Span::styled("›", theme.line), end);
    }
}

/// What a column is read as.
fn read_as(column: &ColumnReport) -> &str {
    match column.instead {
        Some(_) => "(repeated)",
        None => meaning_label(column.field),
    }
}

/// Where a column of the preview is.
struct Place {
    column: usize,
    x: u16,
    width: u16,
}

/// The columns for which there is room, scrolled to show the one at the cursor.
fn places(import: &Import, file: &Understood, room: u16) -> Vec<Place> {
    let widths: Vec<_> = (0..file.columns.len())
        .map(|column| width_of(file, column))
        .collect();
    // The sign for more columns stands in the gap after the last one.
    let room = room.saturating_sub(GAP);
    let sum = |from: usize| -> u16 {
        let shown = widths.get(from..=import.column).unwrap_or_default();
        shown.iter().map(|width| width + GAP).sum()
    };
    let first = (0..=import.column).find(|first| MARK + sum(*first) <= room + GAP);
    let mut x = MARK;
    let mut places = Vec::new();
    for (column, width) in widths
        .iter()
        .enumerate()
        .skip(first.unwrap_or(import.column))
    {
        let left = room.saturating_sub(x);
        if left < ENOUGH.min(*width) && !places.is_empty() {
            break;
        }
        let width = left.min(*width);
        places.push(Place { column, x, width });
        x += width + GAP;
    }
    places
}

/// The width at which little of a column is cut.
fn width_of(file: &Understood, column: usize) -> u16 {
    let Some(report) = file.columns.get(column) else {
        return 0;
    };
    let cells = file.rows.iter().filter_map(|row| row.get(report.index));
    let texts = [report.heading.as_str(), read_as(report)];
    let texts = texts.into_iter().chain(cells.map(String::as_str));
    let widest = texts.map(cells::width).max().unwrap_or(0);
    u16::try_from(widest.clamp(NARROWEST, WIDEST)).unwrap_or(u16::MAX)
}

/// Where the list of fields opens: at the column, and wide enough for their names.
fn list_at(column: Rect, within: Rect) -> Rect {
    const LIST: u16 = 24;
    let width = LIST.min(within.width);
    Rect {
        x: column
            .x
            .saturating_sub(3)
            .min(within.right().saturating_sub(width)),
        width,
        ..column
    }
}

fn draw_choices(frame: &mut Frame<'_>, area: Rect, import: &Import, has_keys: bool, theme: &Theme) {
    let shown = import.fields().into_iter().skip(1);
    for (field, row) in shown.zip(area.rows()) {
        let (label, words) = choice(import, field);
        let is_focus = import.focus == field && has_keys;
        let value = form_field::label(frame, row, LABEL, label, is_focus, theme);
        let words: Vec<_> = words
            .iter()
            .map(|(word, is)| (word.as_str(), *is))
            .collect();
        frame.render_widget(form_field::choice(&words, value.width, theme), value);
    }
}

/// The label of a field, and its words.
fn choice(import: &Import, field: ImportField) -> (&'static str, Vec<(String, bool)>) {
    let settings = &import.settings;
    let owned = |words: &[(&str, bool)]| {
        let owned = words.iter().map(|(word, is)| ((*word).to_owned(), *is));
        owned.collect::<Vec<_>>()
    };
    match field {
        ImportField::Columns => ("Columns", Vec::new()),
        ImportField::Sheet => {
            let chosen = import.sheet();
            let word = |sheet: &String| (cells::cut(sheet, SHEET), Some(sheet) == chosen);
            ("Sheet", import.sheets().iter().map(word).collect())
        }
        ImportField::Dates => {
            let words = DATES.map(|(word, order)| (word, order == settings.dates));
            ("Dates", owned(&words))
        }
        ImportField::Match => {
            let words = MATCH.map(|(word, by)| (word, by == settings.by));
            ("Match by", owned(&words))
        }
        ImportField::Missing => {
            let words = missing_choices().map(|(word, what)| (word, what == settings.missing));
            ("Missing", owned(&words.collect::<Vec<_>>()))
        }
        ImportField::Empty => {
            let words = EmptyCells::WORDS.map(|(word, empty)| (word, empty == settings.empty));
            ("Empty cells", owned(&words))
        }
    }
}

/// What the focused field means, or why the column at the cursor is skipped.
fn hint(import: &Import, file: &Understood) -> String {
    let repeated = file.columns.get(import.column).and_then(repeated_column);
    match (import.focus, repeated) {
        (ImportField::Columns, Some(repeated)) if !import.lacks_names() => {
            format!("Skipped: {repeated}. Enter changes what it is read as.")
        }
        _ => hint_text(import).to_owned(),
    }
}

/// What the focused field means.
fn hint_text(import: &Import) -> &'static str {
    let settings = &import.settings;
    match (import.focus, settings.by, settings.missing, settings.empty) {
        (ImportField::Columns, ..) if import.lacks_names() => {
            "Choose the column with the names: Enter lists what it may be."
        }
        (ImportField::Columns, ..) => "← → choose a column, Enter changes what it is read as",
        (ImportField::Dates, ..) => {
            "which comes first in dates such as 03/02/2024, if no other date of the file shows it"
        }
        (ImportField::Sheet, ..) => "← → read another sheet of the spreadsheet",
        (ImportField::Match, None, ..) => "every row adds a person",
        (ImportField::Match, Some(MatchBy::Number), ..) if !import.match_is_chosen => {
            "so that nobody is added twice: people are here, and the file has numbers"
        }
        (ImportField::Match, Some(MatchBy::Email), ..) if !import.match_is_chosen => {
            "so that nobody is added twice: people are here, and the file has emails"
        }
        (ImportField::Match, Some(_), ..) => {
            "a row changes the person with the same value, or adds one"
        }
        (ImportField::Missing, _, None, _) => "people who are not in the file stay as they are",
        (ImportField::Missing, _, Some(what), _) => match what {
            MissingPeople::Report => "people who are not in the file are counted",
            MissingPeople::Become(_) => "people who are not in the file get this status",
        },
        (ImportField::Empty, .., EmptyCells::Keep) => "an empty cell keeps the person's value",
        (ImportField::Empty, .., EmptyCells::Clear) => "an empty cell clears the person's value",
    }
}
