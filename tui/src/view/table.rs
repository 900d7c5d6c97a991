//! The table: header, visible rows, scroll bar, or a message if there are none.

use ratatui::Frame;
use ratatui::layout::{Alignment, Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use roster_common::query::{Column, Term, TermScope};
use roster_common::text::excerpt;
use roster_common::{Employee, Field, Status};

use super::theme::Theme;
use super::widgets::grid::{self, Heading, RowStyle};
use super::widgets::{form_field, matches};
use crate::cells;
use crate::fields;
use crate::keys::{Action, Screen};
use crate::layout::table::parts;
use crate::state::State;
use crate::state::arrangement::{LineLayout, MARK};
use crate::state::column::TableColumn;
use crate::state::completion::{manager_in, typed_manager};
use crate::state::live::News;
use crate::state::table::Table;

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, state: &State, theme: &Theme) {
    let lines = state.lines_per_row();
    let [header, body, bar] = parts(area, lines);
    let laid_out = state
        .table
        .arrangement
        .lay_out(state.table.column(), header.width, lines);
    let heading = |line: &LineLayout| {
        line.iter()
            .map(|(shown, width)| heading(&state.table, *shown, *width))
            .collect()
    };
    // With the space above the scroll bar: the rule below the headings must not break off there.
    let whole_header = Rect {
        width: bar.right() - header.x,
        ..header
    };
    grid::draw_header(
        frame.buffer_mut(),
        whole_header,
        &laid_out.iter().map(heading).collect::<Vec<_>>(),
        theme,
    );
    draw_more(frame, whole_header, state, &laid_out, theme);
    if state.table.is_empty() {
        return draw_empty(frame, body, state, theme);
    }
    draw_rows(frame, body, state, &laid_out, theme);
    let seen = usize::from(body.height / lines);
    // Only beside whole rows: the lines that are left over at the bottom belong to none.
    let bar = Rect {
        height: body.height / lines * lines,
        ..bar
    };
    grid::draw_scroll_bar(
        frame.buffer_mut(),
        bar,
        state.table.top,
        seen,
        state.table.len(),
        theme,
    );
}

/// Signs in the header for columns that are scrolled out on either side.
fn draw_more(
    frame: &mut Frame<'_>,
    header: Rect,
    state: &State,
    laid_out: &[LineLayout],
    theme: &Theme,
) {
    let is_laid =
        |column: &TableColumn| laid_out.iter().flatten().any(|(shown, _)| shown == column);
    let columns: Vec<_> = state
        .table
        .arrangement
        .visible()
        .map(|column| is_laid(&column))
        .collect();
    // A column missing before the last visible one has been scrolled out; after it, there is no
    // room.
    let last = columns.iter().rposition(|is_laid| *is_laid).unwrap_or(0);
    let (before, after) = columns.split_at(last);
    let (Some(first), Some(end)) = (header.rows().next(), header.rows().next_back()) else {
        return;
    };
    if before.contains(&false) {
        frame.render_widget(Span::styled("‹", theme.line), first);
    }
    if after.contains(&false) {
        frame.render_widget(
            Span::styled("›", theme.line),
            Rect {
                x: end.right() - 1,
                width: 1,
                ..end
            },
        );
    }
}

fn heading(table: &Table, column: TableColumn, width: u16) -> Heading {
    let place = table
        .order
        .iter()
        .position(|sorted| sorted.column == column);
    let order = place
        .and_then(|at| Some((at, table.order.get(at)?)))
        .map(|(at, sorted)| {
            let arrow = if sorted.descending { "↓" } else { "↑" };
            // The rank says nothing if there is only one.
            if table.order.len() > 1 {
                format!("{}{arrow}", at + 1)
            } else {
                arrow.to_owned()
            }
        });
    Heading {
        label: column.label(),
        order: order.unwrap_or_default(),
        marked: table.column() == column,
        width,
    }
}

fn draw_rows(
    frame: &mut Frame<'_>,
    area: Rect,
    state: &State,
    laid_out: &[LineLayout],
    theme: &Theme,
) {
    let table = &state.table;
    let filter = table.conditions(state.now);
    let terms = filter.wanted_terms();
    let range = table.range();
    let height = state.lines_per_row();
    // Beside the open record, which shows who is selected, the first column is enough.
    let first_column = laid_out.first().and_then(|line| line.first());
    let extent = first_column
        .filter(|_| table.detail.is_some())
        .map(|(_, width)| MARK + width);
    let places = (0..area.height / height).map(|at| Rect {
        y: area.y + at * height,
        height,
        ..area
    });
    for (row, place) in (table.top..table.len()).zip(places) {
        let is_marked = table
            .row(row)
            .is_some_and(|employee| table.marks.contains(employee.id));
        let is_in_range = range.as_ref().is_some_and(|range| range.contains(&row));
        let news = table.row(row).and_then(|it| state.live.news(it.id));
        // Behind a dialog no row has the keys.
        let is_selected = row == table.cursor && !state.is_table_behind();
        let view = table.row(row).map(|employee| RowView {
            table,
            employee,
            terms: &terms,
            is_highlighted: is_selected && extent.is_none(),
            theme,
        });
        let lines = match view {
            Some(view) => view.lines(laid_out),
            None => vec![vec![(Line::styled("·", theme.line), 1)]],
        };
        let style = RowStyle {
            selected: is_selected.then_some(theme.selected),
            extent,
            marked: (is_marked || is_in_range).then_some(theme.accent),
            sign: news.map(News::sign),
        };
        grid::draw_row(frame.buffer_mut(), place, lines, style);
    }
}

/// A row while it is drawn.
struct RowView<'a> {
    table: &'a Table,
    employee: &'a Employee,
    terms: &'a [&'a Term],
    is_highlighted: bool,
    theme: &'a Theme,
}

impl RowView<'_> {
    /// The lines of the row; the first is the most prominent.
    fn lines(&self, laid_out: &[LineLayout]) -> Vec<Vec<grid::Cell>> {
        let mut plain = Style::new();
        let mut lines = Vec::new();
        for line in laid_out {
            let cell = |(column, width): &(TableColumn, u16)| {
                let text = self.cell(*column, (*width).into(), plain);
                (text, *width)
            };
            lines.push(line.iter().map(cell).collect());
            plain = self.theme.soft;
        }
        lines
    }

    fn cell(&self, column: TableColumn, width: usize, plain: Style) -> Line<'static> {
        let found = found_in(column, self.terms);
        let text = self.table.text(column, self.employee);
        let marked = |text: &str, width, plain| {
            matches::marked(cells::cut(text, width), &found, plain, self.theme.found)
        };
        match (column, self.employee.details.status()) {
            (TableColumn::Column(Column::Field(Field::Status)), Some(status)) => {
                let (sign, sign_style, word_style) =
                    status_look(status, self.is_highlighted, self.theme);
                let word = marked(&text, width.saturating_sub(2), word_style);
                let word = word
                    .spans
                    .into_iter()
                    // The style of the line is lost when its spans become part of another one.
                    .map(|span| span.patch_style(word.style));
                let sign = [Span::styled(sign, sign_style), Span::raw(" ")];
                Line::from_iter(sign.into_iter().chain(word))
            }
            (TableColumn::Column(Column::Id), _) => {
                marked(&format!("{text:>width$}"), width, plain)
            }
            _ => marked(&text, width, plain),
        }
    }
}

/// The sign of a status with its style, and the style of the word. The usual status is plain, and in
/// a highlighted row all are.
fn status_look(
    status: Status,
    is_highlighted: bool,
    theme: &Theme,
) -> (&'static str, Style, Style) {
    let plain = Style::new();
    let sign = fields::sign(status);
    let (sign_style, word_style) = match status {
        Status::Active => (plain, plain),
        Status::Leave => (theme.warn, theme.strong),
        Status::Left => (theme.bad, theme.soft),
    };
    if is_highlighted {
        (sign, plain, plain)
    } else {
        (sign, sign_style, word_style)
    }
}

/// The filter terms that apply to a column.
fn found_in<'a>(column: TableColumn, terms: &[&'a Term]) -> Vec<&'a str> {
    let holds = |scope: TermScope| match column {
        TableColumn::Name => scope.has(Field::Firstname) || scope.has(Field::Lastname),
        // The name stands there, and the filter finds the id.
        TableColumn::Column(Column::Field(Field::Manager)) => false,
        TableColumn::Column(Column::Field(field)) => scope.has(field),
        TableColumn::Column(Column::Id) => scope == TermScope::Id,
        TableColumn::Column(_) => false,
    };
    terms
        .iter()
        .filter(|term| holds(term.scope))
        .map(|term| term.text.as_str())
        .collect()
}

/// Says why there are no rows, and what to do: a bold sentence, a reason, and the keys.
fn draw_empty(frame: &mut Frame<'_>, area: Rect, state: &State, theme: &Theme) {
    let [_, area] = Layout::vertical([Constraint::Percentage(30), Constraint::Min(0)]).areas(area);
    let (sentence, reason, keys) = why_empty(state);
    let keys: Vec<_> = keys
        .into_iter()
        .flat_map(|(key, word)| {
            let key = Span::styled(key, theme.accent);
            [key, Span::raw(format!(" {word}   "))]
        })
        .collect();
    let mut lines = vec![Line::styled(sentence, theme.strong)];
    let reason = form_field::wrapped(&reason, area.width.saturating_sub(4), theme.soft);
    lines.extend(reason);
    lines.push(Line::from(keys));
    frame.render_widget(Paragraph::new(lines).alignment(Alignment::Center), area);
}

/// A sentence, a reason, and keys with what they do.
type WhyEmpty = (String, String, Vec<(String, &'static str)>);

fn why_empty(state: &State) -> WhyEmpty {
    let table = &state.table;
    let screen = if table.searching {
        Screen::Search
    } else {
        Screen::Table
    };
    let key = |action, word| (state.keymap.key(screen, action).into_owned(), word);
    match (table.total, table.applied.is_empty()) {
        (None, _) if state.in_flight > 0 => ("Loading …".to_owned(), String::new(), Vec::new()),
        (None, _) if state.offline.is_some() && state.identity.is_none() => (
            format!("Can't reach {}.", state.server),
            "Is it running, and is this its address?".to_owned(),
            vec![
                key(Action::Refresh, "try again"),
                key(Action::Server, "other server"),
            ],
        ),
        // Nothing is known and nothing is asked: the status line or a form says why.
        (None, _) => (String::new(), String::new(), Vec::new()),
        (Some(_), true) => (
            "No people yet.".to_owned(),
            "Add the first one here, or import a file with: roster employees import".to_owned(),
            vec![key(Action::New, "new person"), key(Action::Help, "help")],
        ),
        (Some(_), false) => (
            "No matches.".to_owned(),
            nobody(state),
            vec![
                key(Action::ClearSearch, "clear the filter"),
                key(Action::Help, "help"),
            ],
        ),
    }
}

/// The most characters of a typed name in a sentence.
const LONGEST_NAME: usize = 40;

/// Why a filter finds nobody: that of a manager's reports by their name, if it is known.
fn nobody(state: &State) -> String {
    if let Some(name) = typed_manager(&state.table.search) {
        let name = excerpt(&name, LONGEST_NAME);
        return format!("Nobody is called “{name}”.");
    }
    let filter = state.table.conditions(state.now);
    let manager = match filter.terms().as_slice() {
        [term] => manager_in(term).and_then(|id| state.cached(id)),
        _ => None,
    };
    match manager {
        Some(person) => format!("Nobody reports to {}.", person.details.full_name()),
        None => "Nobody meets all conditions of the filter.".to_owned(),
    }
}
