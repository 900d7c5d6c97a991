//! An import: the choice of a file, what was understood of it, and what comes of it.
//!
//! - `setup` the columns with the first rows, and how people are matched
//! - `report` the counts, and the rows that are refused or changed

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use super::theme::Theme;
use super::widgets::{dialog, field, form_field, progress, suggestions};
use crate::cells;
use crate::format::grouped;
use crate::import::Progress;
use crate::state::import::{Busy, ImportStage};
use crate::state::{Import, State};

mod report;
mod setup;

/// The maximum width of the content before the file is read.
const WIDTH: u16 = 72;

/// The width of mark, label and gap.
const LABEL: u16 = 9;

/// The lines for the file, and for the list below it.
const HEIGHT: usize = 14;

pub(super) fn draw(
    frame: &mut Frame<'_>,
    import: &Import,
    has_keys: bool,
    state: &State,
    theme: &Theme,
) {
    match (&import.busy, import.stage) {
        (Some(busy), _) => draw_busy(frame, busy, theme),
        (None, ImportStage::File) => draw_file(frame, import, has_keys, theme),
        (None, ImportStage::Setup) => setup::draw(frame, import, has_keys, theme),
        (None, ImportStage::Checked | ImportStage::Done) => {
            report::draw(frame, import, state, theme);
        }
        (None, ImportStage::Begun(_)) => draw_begun(frame, import, theme),
    }
}

/// Draws the choice of a file.
fn draw_file(frame: &mut Frame<'_>, import: &Import, has_keys: bool, theme: &Theme) {
    let area = dialog::between_air(dialog::open(frame, "Import", WIDTH, HEIGHT, theme));
    let mut rows = area.rows();
    let Some(row) = rows.next() else { return };
    let value = form_field::label(frame, row, LABEL, "File", has_keys, theme);
    let extent = field::draw_extent(frame, value, theme);
    field::draw(frame, extent, &import.path.line, has_keys);
    let width = area.width.saturating_sub(LABEL);
    let (text, style) = match &import.problem {
        Some(problem) => (format!("! {problem}"), theme.bad),
        None => (HINT.to_owned(), theme.soft),
    };
    let below = rows.skip(1);
    for (line, row) in form_field::wrapped(&text, width, style)
        .into_iter()
        .zip(below)
    {
        frame.render_widget(line, form_field::after(row, LABEL));
    }
    if import.path.suggestions.is_shown() {
        let field = Rect {
            x: value.x.saturating_sub(2),
            width: value.width + 2,
            ..value
        };
        suggestions::draw(frame, field, area, &import.path.suggestions, theme);
    }
}

/// Draws the question whether to continue an import.
fn draw_begun(frame: &mut Frame<'_>, import: &Import, theme: &Theme) {
    let area = dialog::between_air(dialog::open(frame, "Import", WIDTH, 8, theme));
    let name = cells::cut(import.name(), 40);
    let sentence = format!(
        "The people of {name} were sent before, and the outcome is not known. Continue that \
            import? It adds nobody twice."
    );
    let mut lines = form_field::wrapped(&sentence, area.width, Style::new());
    lines.push(Line::default());
    lines.push(dialog::answers(
        &["Back", "Continue"],
        import.yes.into(),
        theme,
    ));
    for (line, row) in lines.into_iter().zip(area.rows()) {
        frame.render_widget(line, row);
    }
}

/// What can be imported.
const HINT: &str = "CSV, xlsx, JSON, NDJSON, LDIF or vCard, of any HR system or directory. \
    Tab completes; ~ is your home folder.";

/// Draws how far the running step is.
fn draw_busy(frame: &mut Frame<'_>, busy: &Busy, theme: &Theme) {
    let area = dialog::between_air(dialog::open(frame, "Import", WIDTH, 5, theme));
    let number = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    let (sentence, bar) = match (&busy.progress, busy.people) {
        (Some(Progress::People(done)), Some(all)) => {
            let (done, all) = (number(*done), number(all));
            let rows = format!("{}: row {} …", busy.what, grouped(done));
            (rows, Some(progress::bar(done, all, theme)))
        }
        (Some(Progress::People(done)), None) => (
            format!("{}: row {} …", busy.what, grouped(number(*done))),
            None,
        ),
        (Some(Progress::Scanned { done, all }), _) => {
            let bar = progress::bar(number(*done), number(*all), theme);
            (format!("{}: looking through it …", busy.what), Some(bar))
        }
        (Some(Progress::Sent { done, all }), _) if done < all => {
            let bar = progress::bar(number(*done), number(*all), theme);
            (format!("{}: sending …", busy.what), Some(bar))
        }
        (Some(Progress::Sent { .. }), _) => {
            (format!("{}: waiting for the server …", busy.what), None)
        }
        (Some(Progress::Repeats(why)), _) => (format!("{why} Trying again …"), None),
        (None, _) => (format!("{} …", busy.what), None),
    };
    let mut lines = form_field::wrapped(&sentence, area.width, Style::new());
    lines.push(Line::default());
    lines.extend(bar);
    for (line, row) in lines.into_iter().zip(area.rows()) {
        frame.render_widget(line, row);
    }
}
