//! The lines around the table: title with filter, status, and keys.

use ratatui::Frame;
use ratatui::layout::{Alignment, Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span, Text};

use roster_common::Kind;

use super::cell;
use super::theme::Theme;
use super::widgets::{dialog, field, form_field, suggestions};
use crate::availability::unavailable;
use crate::cells;
use crate::format::{grouped, people};
use crate::keys::{Action, Binding, Screen, exit_action};
use crate::layout::record;
use crate::state::arrangement::NARROW;
use crate::state::batch::Stage;
use crate::state::export::ExportField;
use crate::state::import::{ImportField, ImportStage};
use crate::state::offline::FILTER_WAITS;
use crate::state::suggestions::Suggestions;
use crate::state::{
    Banner, Batch, ChangePassword, Confirm, Export, Form, Import, Offline, Question, Severity,
    SignIn, State, TimeLeft, UserForm, completion,
};

/// The frames of the spinner.
const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// The cells before the filter: the margin and the program's name.
const FILTER: u16 = 11;

/// The minimum readable width of the filter.
const LEAST_FILTER: u16 = 10;

/// Draws the program's name, the filter and the count. If space is short, the name is dropped
/// first, then the count.
pub(super) fn draw_title(frame: &mut Frame<'_>, area: Rect, state: &State, theme: &Theme) {
    let has_filter = state.table.searching || !state.table.search.text().is_empty();
    // The filter has its least width before the count and the name get theirs.
    let room = area
        .width
        .saturating_sub(3 + if has_filter { LEAST_FILTER } else { 0 });
    let count = Some(count(state))
        .filter(|count| cells(count) <= room)
        .unwrap_or_default();
    let name = if FILTER - 2 + cells(&count) <= room {
        FILTER - 2
    } else {
        0
    };
    let [_, name, filter, right, _] = Layout::horizontal([
        Constraint::Length(2),
        Constraint::Length(name),
        Constraint::Min(0),
        Constraint::Length(cells(&count)),
        Constraint::Length(1),
    ])
    .areas(area);
    frame.render_widget(Span::styled("Roster", theme.strong), name);
    frame.render_widget(Line::styled(count, theme.soft), right);
    draw_filter(frame, filter, state, theme);
}

fn draw_filter(frame: &mut Frame<'_>, area: Rect, state: &State, theme: &Theme) {
    let search = &state.table.search;
    let focused = state.screen() == Screen::Search;
    if !focused && search.text().is_empty() {
        return;
    }
    let [slash, area, _] = Layout::horizontal([
        Constraint::Length(2),
        Constraint::Min(0),
        Constraint::Length(2),
    ])
    .areas(area);
    frame.render_widget(Span::styled("/", theme.accent), slash);
    let area = if focused {
        // The closing bracket stands in the gap, so that the text keeps its width with the focus.
        let with_bracket = Rect {
            width: area.width + 1,
            ..area
        };
        field::draw_extent(frame, with_bracket, theme)
    } else {
        area
    };
    field::draw(frame, area, search, focused);
    if let Some(name) = manager(state) {
        let after = cells(search.text()).saturating_add(2);
        let rest = form_field::after(area, after);
        let name = cells::cut(&format!("(manager: {name})"), rest.width.into());
        frame.render_widget(Line::styled(name, theme.soft), rest);
    }
}

/// The name of the manager whose reports the filter finds.
fn manager(state: &State) -> Option<String> {
    let filter = state.table.conditions(state.now);
    let id = filter
        .terms()
        .into_iter()
        .find_map(completion::manager_in)?;
    Some(state.cached(id)?.details.full_name())
}

/// The minimum width of the suggestions, since people differ at the end of the line.
const SUGGESTIONS: u16 = 40;

/// Draws the suggestions for the filter, over the rows.
pub(super) fn draw_suggestions(
    frame: &mut Frame<'_>,
    title: Rect,
    body: Rect,
    state: &State,
    theme: &Theme,
) {
    if state.table.suggestions.is_shown() && state.table.searching {
        let width = suggestions::width(&state.table.suggestions)
            .max(SUGGESTIONS)
            .min(title.width);
        // Align its text with the filter's.
        let x = title.x + FILTER.min(title.width - width);
        suggestions::draw(
            frame,
            Rect { x, width, ..title },
            body,
            &state.table.suggestions,
            theme,
        );
    }
}

/// `1,204 of 20,000`, or `20,000 people`.
fn count(state: &State) -> String {
    let table = &state.table;
    let Some(total) = table.total else {
        return String::new();
    };
    match table.everybody {
        Some(everybody) if !table.applied.is_empty() => {
            format!("{} of {}", grouped(total), grouped(everybody))
        }
        _ if !table.applied.is_empty() => format!("{} found", grouped(total)),
        _ => people(total),
    }
}

/// Draws the status line: the message, or connection and user; on the right the position. A long
/// message takes lines of the table too.
pub(super) fn draw_status(frame: &mut Frame<'_>, area: Rect, state: &State, theme: &Theme) {
    let right = right_of_status(state, area.width.into());
    let [margin, left, _, end, _] = Layout::horizontal([
        Constraint::Length(2),
        Constraint::Min(0),
        Constraint::Length(2),
        Constraint::Length(cells(&right)),
        Constraint::Length(1),
    ])
    .areas(area);
    let lines = match &state.banner {
        // A dialog may reach down to the status line.
        Some(banner) if !state.is_table_behind() => banner_lines(banner, left.width.into(), theme),
        _ => vec![status_text(state, left.width.into(), theme)],
    };
    let height = u16::try_from(lines.len()).unwrap_or(1).min(area.y + 1);
    let above = Rect {
        y: area.bottom() - height,
        height,
        ..area
    };
    dialog::clear(frame, above);
    let text = Rect {
        x: left.x,
        width: left.width,
        ..above
    };
    frame.render_widget(Text::from(lines), text);
    let sign = Rect {
        width: margin.width,
        ..above
    };
    frame.render_widget(status_sign(state, theme), sign);
    frame.render_widget(
        Line::styled(right, theme.soft).alignment(Alignment::Right),
        end,
    );
}

fn status_text(state: &State, width: usize, theme: &Theme) -> Line<'static> {
    // A message answers the last key, so it comes first; a notice or a warning stays and can wait.
    match (&state.banner, &state.offline) {
        (Some(banner), _) => {
            let text = cells::cut(&banner.text, width);
            Line::styled(text, banner_style(banner, theme))
        }
        (None, Some(_)) if is_filter_waiting(state) => {
            Line::styled(cells::cut(FILTER_WAITS, width), theme.warn)
        }
        (None, Some(offline)) => {
            let next = cells::cut(&next_try(offline, state), width);
            let why = cells::cut(&format!(" · {}", offline.why), width - cells::width(&next));
            Line::from(vec![
                Span::styled(next, theme.warn),
                Span::styled(why, theme.soft),
            ])
        }
        (None, None) if state.screen() == Screen::Cell && merge_notice(state, width).is_none() => {
            let form = state.overlay::<Form>();
            form.map(|form| cell::note(form, width, &state.keymap, theme))
                .unwrap_or_default()
        }
        (None, None) => match merge_notice(state, width).or_else(|| warning_text(state)) {
            Some(remark) => Line::styled(cells::cut(&remark, width), theme.warn),
            None => Line::styled(cells::cut(&who(state, width), width), theme.soft),
        },
    }
}

/// The notice that the open form's record has changed; it stays while the form is open.
fn merge_notice(state: &State, width: usize) -> Option<String> {
    let newer = state.overlay::<Form>()?.newer.as_ref()?;
    let at = state.zone.to_datetime(newer.updated).strftime("%H:%M");
    let save = state.keymap.key(Screen::Form, Action::Save);
    if state.is_me(&newer.updated_by) {
        return Some(format!(
            "You changed this record elsewhere at {at}. {save} merges both."
        ));
    }
    let who = &newer.updated_by;
    let full =
        format!("{who} changed this record at {at} while you were editing it. {save} merges both.");
    let short = format!("{who} changed this record at {at}. {save} merges both.");
    let fits = cells::width(&full) <= width;
    Some(if fits { full } else { short })
}

/// The sign in the margin of a message, of a success or of a failure.
fn status_sign(state: &State, theme: &Theme) -> Span<'static> {
    match (&state.banner, &state.offline) {
        (Some(banner), _) => match banner.severity {
            Severity::Success => Span::styled("✓", theme.ok),
            Severity::Info => Span::raw(""),
            Severity::Error => Span::styled("✗", theme.bad),
        },
        (None, Some(_)) => Span::styled("!", theme.warn),
        (None, None) => Span::raw(""),
    }
}

/// A message in as many lines as it needs.
fn banner_lines(banner: &Banner, width: usize, theme: &Theme) -> Vec<Line<'static>> {
    let style = banner_style(banner, theme);
    form_field::wrapped(
        &banner.text,
        u16::try_from(width).unwrap_or(u16::MAX),
        style,
    )
}

fn banner_style(banner: &Banner, theme: &Theme) -> Style {
    match banner.severity {
        Severity::Success => Style::new(),
        Severity::Info => theme.strong,
        Severity::Error => theme.bad,
    }
}

/// The warning about the filter that is being typed.
fn warning_text(state: &State) -> Option<String> {
    if state.screen() != Screen::Search {
        return None;
    }
    let key = state.keymap.key(Screen::Search, Action::Suggestion);
    completion::warning_text(&state.table.search, &key)
}

/// Whether a filter is being typed that the server has not seen.
fn is_filter_waiting(state: &State) -> bool {
    state.screen() == Screen::Search && warning_text(state).is_none()
}

/// The server, the user and how long the session lasts, shortened where it does not fit.
fn who(state: &State, width: usize) -> String {
    let server = state
        .server
        .split_once("://")
        .map_or(state.server.as_str(), |(_, host)| host);
    let Some(identity) = &state.identity else {
        return server.to_owned();
    };
    let left = TimeLeft::until(identity.session.expires_at, state.now);
    let with = |left: &str| {
        format!(
            "{} · {} · {left} · {server}",
            identity.user.username, identity.user.role
        )
    };
    let full = with(&left.to_string());
    if cells::width(&full) <= width {
        full
    } else {
        with(&left.short())
    }
}

/// The offline notice with the time of the next attempt: a time, not a countdown, so that it needs
/// no redrawing.
fn next_try(offline: &Offline, state: &State) -> String {
    if offline.trying {
        return "Offline, reconnecting …".to_owned();
    }
    // While this form is open, nothing is retried.
    if state.overlay::<SignIn>().is_some() {
        return "Offline. Sign in to try again.".to_owned();
    }
    let next = state.zone.to_datetime(offline.next);
    let key = match state.screen() {
        Screen::Table if state.banner.is_none() => {
            format!(
                ", {} retries now",
                state.keymap.key(Screen::Table, Action::Refresh)
            )
        }
        _ => String::new(),
    };
    format!("Offline, next try {}{key}", next.strftime("%H:%M:%S"))
}

/// Fits the parts beside the message; the offline notice comes first.
fn right_of_status(state: &State, width: usize) -> String {
    // Without a message, the offline notice is in its place.
    let Some(banner) = &state.banner else {
        return place(state);
    };
    let fits = |right: &String| cells::width(&banner.text) + cells::width(right) + 5 <= width;
    let away = state
        .offline
        .as_ref()
        .map(|offline| next_try(offline, state));
    let both = [Some(place(state)), away.clone()]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("  ");
    [Some(both), away]
        .into_iter()
        .flatten()
        .find(fits)
        .unwrap_or_default()
}

/// The position: the typed count, marks, row, and the spinner.
fn place(state: &State) -> String {
    let table = &state.table;
    let mut parts = Vec::new();
    if state.count.is_some() || state.half.is_some() {
        let count = state
            .count
            .map(|count| count.to_string())
            .unwrap_or_default();
        parts.push(count + &state.half.map(String::from).unwrap_or_default());
    }
    parts.extend(marked(state));
    parts.extend(paused(state));
    if !table.is_empty() {
        parts.push(format!("row {}", grouped(table.cursor + 1)));
    }
    // Do not show the spinner for calls that are answered within its first frame.
    if state.in_flight > 0 && state.spinner > 0 {
        parts.push(
            SPINNER
                .get(state.spinner % SPINNER.len())
                .copied()
                .unwrap_or("…")
                .to_owned(),
        );
    }
    parts.join("  ")
}

/// What waits while live updates are paused: `paused, 12 changes`.
fn paused(state: &State) -> Option<String> {
    Some(match state.live.paused? {
        0 => "paused".to_owned(),
        1 => "paused, 1 change".to_owned(),
        count => format!("paused, {} changes", grouped(count)),
    })
}

/// The marks and a running mark-all: `12 marked, 3 hidden by the filter`.
fn marked(state: &State) -> Option<String> {
    let table = &state.table;
    if let Some(marking) = &table.marking {
        let (done, all) = (marking.next - marking.first, marking.end - marking.first);
        return Some(format!(
            "marking {} of {}, {} stops",
            grouped(done),
            grouped(all),
            state.keymap.key(state.screen(), Action::ClearSearch)
        ));
    }
    if let Some(rows) = table.range() {
        return Some(format!(
            "range of {}",
            grouped(rows.end() - rows.start() + 1)
        ));
    }
    let count = grouped(table.marks.len());
    let is_narrow = state.size.width < NARROW;
    match table.marks.hidden() {
        _ if table.marks.is_empty() => None,
        Some(0) => Some(format!("{count} marked")),
        // Not every marked record is loaded, so the filter cannot be applied to all.
        None => Some(format!("{count} marked, some may be hidden")),
        Some(hidden) if is_narrow => Some(format!("{count} marked, {} hidden", grouped(hidden))),
        Some(hidden) => Some(format!(
            "{count} marked, {} hidden by the filter",
            grouped(hidden)
        )),
    }
}

/// Draws the keys that are useful and available now, as far as they fit. The ways out always show,
/// and help, unless it is beside a form. Help and quitting stand at the right, where they stay.
pub(super) fn draw_keys(frame: &mut Frame<'_>, area: Rect, state: &State, theme: &Theme) {
    let screen = state.screen();
    let open = open_list(state, screen);
    let is_form = matches!(
        screen,
        Screen::Form
            | Screen::Cell
            | Screen::Export
            | Screen::ImportFile
            | Screen::SignIn
            | Screen::ChangePassword
            | Screen::UserForm
    );
    let is_kept = |action| {
        matches!(action, Action::Quit | Action::Interrupt)
            || action == exit_action(screen)
            || (action == Action::Help && !is_form)
    };
    let is_usual = |action| {
        !matches!(action, Action::Set | Action::OpenEditor) || !state.table.marks.is_empty()
    };
    let can_be =
        |line: &Binding| is_usual(line.action) && unavailable(state, line.action).is_none();
    let lines = state.keymap.on(screen).filter(|line| !line.keys.is_empty());
    let words = lines.filter_map(|line| Some((line, word(line, state, open)?)));
    let keys: Vec<_> = words.filter(|(line, _)| can_be(line)).collect();
    let cells =
        |(line, word): &(&Binding, &str)| cells::width(&line.shown) + cells::width(word) + 3;
    let kept: usize = keys
        .iter()
        .filter(|(line, _)| is_kept(line.action))
        .map(cells)
        .sum();
    // The kept keys get their room first, wherever they are in the key table.
    let mut room = usize::from(area.width).checked_sub(kept + 2);
    let (mut left, mut right) = (vec![Span::raw("  ")], Vec::new());
    for key @ (line, word) in &keys {
        if !is_kept(line.action) {
            room = room.and_then(|room| room.checked_sub(cells(key)));
            if room.is_none() {
                continue;
            }
        }
        let stays = is_kept(line.action) && matches!(line.action, Action::Help | Action::Quit);
        let group = if stays { &mut right } else { &mut left };
        group.push(Span::styled(line.shown.as_ref(), theme.accent));
        group.push(Span::raw(format!(" {word}  ")));
    }
    frame.render_widget(Line::from(left), area);
    let right = Line::from(right);
    let end = Rect {
        width: u16::try_from(right.width())
            .unwrap_or(u16::MAX)
            .min(area.width),
        ..area
    };
    let end = Rect {
        x: area.right() - end.width,
        ..end
    };
    frame.render_widget(right, end);
}

/// The open list of suggestions.
fn open_list(state: &State, screen: Screen) -> Option<&Suggestions> {
    let suggestions = match screen {
        Screen::Search => Some(&state.table.suggestions),
        Screen::Form | Screen::Cell => state.overlay::<Form>().map(|form| &form.suggestions),
        Screen::Export => state.overlay::<Export>().map(|form| &form.path.suggestions),
        Screen::ImportFile => state
            .overlay::<Import>()
            .map(|import| &import.path.suggestions),
        _ => None,
    };
    suggestions.filter(|suggestions| suggestions.is_shown())
}

/// Whether the open record is scrolled to its end.
fn is_at_end(state: &State) -> bool {
    let end = record::last_line(state);
    state.table.detail.is_some_and(|first| first >= end)
}

/// The label of a key; some change while a list is open or a batch is running.
fn word(line: &Binding, state: &State, open: Option<&Suggestions>) -> Option<&'static str> {
    let screen = state.screen();
    let batch = state.overlay::<Batch>().filter(|_| screen == Screen::Batch);
    let export = state
        .overlay::<Export>()
        .filter(|_| screen == Screen::Export);
    if let Some(import) = state.overlay::<Import>().filter(|_| is_import(screen)) {
        return import_word(line, import, open);
    }
    match (line.action, open) {
        (Action::ScrollDown, _) if is_at_end(state) => None,
        (Action::Close, None) if batch.is_some_and(|batch| batch.stage == Stage::Running) => {
            Some("stop")
        }
        (Action::Close, None) if batch.is_some_and(|batch| batch.form.is_some()) => Some("back"),
        (Action::Close, _) if export.is_some_and(|export| export.running.is_some()) => Some("stop"),
        (_, _) if export.is_some_and(|export| export.running.is_some()) => None,
        (Action::Suggestion, _) if export.is_some_and(is_at_path) => Some("complete"),
        (Action::Suggestion, _) if export.is_some() => line.footer,
        (
            Action::Save,
            Some(Suggestions {
                chosen: Some(_), ..
            }),
        ) if export.is_some() => Some("accept"),
        (action, Some(_)) if action == exit_action(screen) => Some("close"),
        (Action::Quit, _) if state.overlay::<SignIn>().is_some_and(|form| form.optional) => {
            Some("cancel")
        }
        (Action::Close, None) if is_undoing(state, screen) => Some("cancel"),
        (Action::Interrupt, _)
            if screen == Screen::SignIn && unavailable(state, Action::Quit).is_some() =>
        {
            Some("quit")
        }
        (Action::TakeMine, _) if is_undoing(state, screen) => Some(mine(state)),
        (Action::TakeTheirs, _) if is_undoing(state, screen) => Some("now"),
        (Action::Reveal, _) if is_revealed(state) => Some("hide password"),
        (Action::Open, _) if batch.is_some_and(asks_number) => Some("confirm"),
        (Action::Close, _) if batch.is_some_and(asks_number) => Some("cancel"),
        (Action::Yes | Action::No | Action::Right, _) if batch.is_some_and(asks_number) => None,
        (Action::Yes, _) if is_about_unsaved_work(state) => Some("continue"),
        (Action::Save, _) if state.overlay::<Form>().is_some_and(Form::is_for_many) => {
            Some("preview")
        }
        (Action::NewLine, _)
            if state
                .overlay::<Form>()
                .is_none_or(|form| form.focus.kind() != Kind::Lines) =>
        {
            None
        }
        (
            Action::Suggestion,
            Some(Suggestions {
                chosen: None,
                items,
                ..
            }),
        ) if screen == Screen::Search => Some(match items.len() {
            1 => "accept",
            _ => "select",
        }),
        (Action::Suggestion, None) if screen == Screen::Search && !can_complete(state) => None,
        // It does what Enter does, or lists what is listed already.
        (Action::Suggestion, Some(_)) => None,
        (
            Action::Open,
            Some(Suggestions {
                chosen: Some(_), ..
            }),
        ) if screen != Screen::Cell => Some("accept"),
        _ => line.footer,
    }
}

/// Returns `true` if the completion key lists something for the filter.
fn can_complete(state: &State) -> bool {
    completion::target(&state.table.search).is_some()
}

fn is_import(screen: Screen) -> bool {
    matches!(screen, Screen::Import | Screen::ImportFile)
}

/// The label of a key of an import.
fn import_word(
    line: &Binding,
    import: &Import,
    open: Option<&Suggestions>,
) -> Option<&'static str> {
    let is_listed = import.choices.is_some();
    let has_choice = import.affected() > 0;
    match (line.action, import.stage) {
        (Action::Close, _) if import.busy.is_some() => Some("stop"),
        _ if import.busy.is_some() => None,
        (Action::Close, ImportStage::File) if open.is_some() => Some("close"),
        (Action::Open, ImportStage::Setup) if is_listed => Some("take"),
        (Action::Open, ImportStage::Setup) if import.focus == ImportField::Columns => {
            Some("change")
        }
        (Action::Open, ImportStage::Setup) => Some("check"),
        (Action::Close, ImportStage::Setup) if is_listed => Some("close"),
        (Action::Save | Action::Down, ImportStage::Setup) if is_listed => None,
        (Action::Save, ImportStage::Setup) if import.focus == ImportField::Columns => line.footer,
        (Action::Save, _) => None,
        (Action::Open, ImportStage::Checked) if !has_choice => Some("back"),
        (Action::Open, ImportStage::Done) => Some("close"),
        (Action::Close, ImportStage::Done) => Some("close"),
        (Action::ShowAdded | Action::Undo, stage) if stage != ImportStage::Done => None,
        _ => line.footer,
    }
}

/// Whether the path of the file is being typed.
fn is_at_path(export: &Export) -> bool {
    export.focus == ExportField::File
}

/// Whether the bulk change is confirmed by a number.
fn asks_number(batch: &Batch) -> bool {
    batch.stage == Stage::Preview && batch.asks_number()
}

/// Whether the passwords of the form on top are shown.
fn is_revealed(state: &State) -> bool {
    match state.screen() {
        Screen::SignIn => state.overlay::<SignIn>().is_some_and(|form| form.revealed),
        Screen::UserForm => state
            .overlay::<UserForm>()
            .is_some_and(|form| form.revealed),
        _ => state
            .overlay::<ChangePassword>()
            .is_some_and(|form| form.revealed),
    }
}

/// Whether the question is what to do with the work of an earlier run.
fn is_about_unsaved_work(state: &State) -> bool {
    state
        .overlay::<Confirm>()
        .is_some_and(|confirm| matches!(confirm.question, Question::UnsavedWork(_)))
}

/// What the user's side of the conflict of an undo or a redo is.
fn mine(state: &State) -> &'static str {
    let entry = state.undo_form().and_then(|form| form.undoing.as_ref());
    match entry {
        Some(entry) if state.undo.is_done(entry) => "before",
        _ => "you wrote",
    }
}

/// Returns `true` in the conflict of an undo, which can be cancelled.
fn is_undoing(state: &State, screen: Screen) -> bool {
    screen == Screen::Conflict && state.undo_form().is_some()
}

fn cells(shown: &str) -> u16 {
    u16::try_from(cells::width(shown)).unwrap_or(u16::MAX)
}
