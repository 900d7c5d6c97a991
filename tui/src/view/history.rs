//! The history of one record.

use jiff::tz::TimeZone;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout};
use ratatui::text::{Line, Span};
use roster_common::Field;
use roster_common::history::{FieldChange, HistoryEntry};

use super::theme::Theme;
use super::widgets::{dialog, list};
use crate::cells;
use crate::format::{change_verb, or_dash};
use crate::state::history::HistoryLine;
use crate::state::{History, State};

/// The maximum width of the content.
const WIDTH: u16 = 90;

pub(super) fn draw(frame: &mut Frame<'_>, history: &History, state: &State, theme: &Theme) {
    let lines: Vec<_> = history.lines().collect();
    let title = format!("History of {}", cells::cut(&history.name, 50));
    let area = dialog::open(frame, &title, WIDTH, lines.len().max(1) + 2, theme);
    let [_, area, _] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(1),
        Constraint::Length(1),
    ])
    .areas(area);
    let [body, bar] = Layout::horizontal([Constraint::Min(0), Constraint::Length(1)]).areas(area);
    if lines.is_empty() {
        let message = if history.asking {
            "Loading …"
        } else {
            "No history."
        };
        return frame.render_widget(Line::styled(message, theme.soft), body);
    }
    for (at, line, row) in list::in_view(&lines, history.focus, body) {
        let mark = if at == history.focus {
            Span::styled("> ", theme.accent)
        } else {
            Span::raw("  ")
        };
        let line = match line {
            HistoryLine::Entry(entry) => entry_line(entry, mark, &state.zone, theme),
            HistoryLine::Change(_, change) => {
                change_line(&with_names(change, state), mark, body.width.into(), theme)
            }
        };
        frame.render_widget(line, row);
    }
    list::draw_scroll_bar(frame, bar, history.focus, lines.len(), theme);
}

/// The change with the names of managers instead of their ids.
fn with_names(change: &FieldChange, state: &State) -> FieldChange {
    let mut named = change.clone();
    if change.field == Field::Manager {
        for id in [&mut named.old, &mut named.new] {
            *id = state.manager_text(id);
        }
    }
    named
}

fn entry_line(
    entry: &HistoryEntry,
    mark: Span<'static>,
    zone: &TimeZone,
    theme: &Theme,
) -> Line<'static> {
    let what = change_verb(entry.what);
    let run = entry.run.map(|run| format!(", import run {run}"));
    let when = zone.to_datetime(entry.at).strftime("%Y-%m-%d %H:%M");
    Line::from(vec![
        mark,
        Span::styled(format!("{when}  "), theme.soft),
        Span::styled(
            format!("{} {what}", cells::cut(&entry.by, 30)),
            theme.strong,
        ),
        Span::styled(run.unwrap_or_default(), theme.soft),
    ])
}

/// `Title    Operator → Foreman`
fn change_line(
    change: &FieldChange,
    mark: Span<'static>,
    width: usize,
    theme: &Theme,
) -> Line<'static> {
    // What is left beside the mark, the label and the arrow.
    let room = width.saturating_sub(4 + 12 + 3);
    let (old, new) = values(or_dash(&change.old), or_dash(&change.new), room);
    Line::from(vec![
        mark,
        Span::styled(
            cells::fit(&format!("  {}", change.field.label()), 14),
            theme.soft,
        ),
        Span::raw(old),
        Span::styled(" → ", theme.soft),
        Span::raw(new),
    ])
}

/// Both values within `room` cells. Long ones lose their common words at the start rather than the
/// end, so that the difference is seen.
fn values(old: &str, new: &str, room: usize) -> (String, String) {
    let is_long = cells::width(old) + cells::width(new) > room;
    let common = if is_long { common_words(old, new) } else { 0 };
    let rest = |text: &str| match (common, text.get(common..)) {
        (1.., Some(rest)) => format!("… {rest}"),
        _ => text.to_owned(),
    };
    // The old value gets half of the line at most; the new one gets what is left.
    let old = cells::cut(&rest(old), room / 2);
    let new = cells::cut(&rest(new), room.saturating_sub(cells::width(&old)));
    (old, new)
}

/// The length in bytes of the words at the start that both texts have.
fn common_words(old: &str, new: &str) -> usize {
    let pairs = old.char_indices().zip(new.chars());
    pairs
        .take_while(|((_, old), new)| old == new)
        .filter(|((_, letter), _)| *letter == ' ')
        .last()
        .map_or(0, |((at, _), _)| at + 1)
}

#[cfg(test)]
mod tests {
    use super::values;

    #[test]
    fn of_long_values_the_difference_is_shown() {
        for (old, new, room, shown) in [
            ("Clerk", "Buyer", 20, ("Clerk", "Buyer")),
            (
                "Vice President, Engineering",
                "Vice President, Engineering Tools",
                40,
                ("… Engineering", "… Engineering Tools"),
            ),
            ("Vice", "Vice President", 10, ("Vice", "Vice …")),
            ("漢字 の 部門", "漢字 の 部署", 12, ("… 部門", "… 部署")),
        ] {
            let (a, b) = values(old, new, room);
            assert_eq!((a.as_str(), b.as_str()), shown);
        }
    }
}
