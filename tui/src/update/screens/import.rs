//! The screens of an import.

use roster_common::api::EmptyCells;

use crate::effect::Effects;
use crate::keys::{Action, Key};
use crate::state::import::{DATES, ImportField, ImportStage, MATCH, missing_choices};
use crate::state::{Confirm, Import, Question, State};
use crate::update::flows::{import, path};
use crate::update::next::Next;
use crate::update::verbs::{cursor, edit};

/// While the file is chosen.
pub(crate) fn act_on_file(
    state: &mut State,
    action: Action,
    effects: &mut Effects,
) -> Option<Next> {
    let open = state.overlay_mut::<Import>()?;
    if open.busy.is_some() {
        if action == Action::Close {
            import::stop(state, effects);
        }
        return None;
    }
    let list = &mut open.path.suggestions;
    match action {
        Action::Down if list.is_shown() => list.choose(1),
        Action::Up if list.is_shown() => list.choose(-1),
        Action::Close if list.is_shown() && !open.path.line.text().is_empty() => list.close(),
        Action::Suggestion => path::complete(&mut open.path, effects),
        Action::Down => path::list(&mut open.path, effects),
        Action::Open => pick(state, effects),
        Action::Close => state.close::<Import>(),
        _ => {}
    }
    None
}

/// Takes the selected suggestion, or else what is typed. A folder is listed, a file read at once.
fn pick(state: &mut State, effects: &mut Effects) {
    let Some(import) = state.overlay_mut::<Import>() else {
        return;
    };
    let is_accepted = path::accept(&mut import.path, effects);
    let is_folder = import.path.line.text().ends_with('/');
    if !(is_accepted && is_folder) {
        import::read(state, effects);
    }
}

pub(crate) fn write(state: &mut State, key: Key, effects: &mut Effects) {
    if let Some(import) = file_form(state)
        && edit::edit(&mut import.path.line, key)
    {
        import.problem = None;
        path::on_edit(&mut import.path, effects);
    }
}

/// Returns the number of lines pasted.
pub(crate) fn on_paste(state: &mut State, text: &str, effects: &mut Effects) -> usize {
    file_form(state).map_or(0, |import| {
        import.problem = None;
        let lines = import.path.line.paste(text);
        path::on_edit(&mut import.path, effects);
        lines
    })
}

/// The import while its file is chosen.
fn file_form(state: &mut State) -> Option<&mut Import> {
    state
        .overlay_mut::<Import>()
        .filter(|import| import.stage == ImportStage::File && import.busy.is_none())
}

/// After the file was read.
pub(crate) fn act(state: &mut State, action: Action, effects: &mut Effects) -> Option<Next> {
    let by = cursor::steps(state, action);
    let open = state.overlay_mut::<Import>()?;
    if open.busy.is_some() {
        if action == Action::Close {
            import::stop(state, effects);
        }
        return None;
    }
    match open.stage {
        ImportStage::File => None,
        ImportStage::Setup if open.choices.is_some() => choose(state, action, effects),
        ImportStage::Setup => set_up(state, action, by, effects),
        ImportStage::Checked | ImportStage::Begun(_) => decide(state, action, by, effects),
        ImportStage::Done => leave(state, action, by, effects),
    }
}

/// While the fields are listed that a column may be.
fn choose(state: &mut State, action: Action, effects: &mut Effects) -> Option<Next> {
    let import = state.overlay_mut::<Import>()?;
    let choices = import.choices.as_mut()?;
    match action {
        Action::Down => choices.choose(1),
        Action::Up => choices.choose(-1),
        Action::Close => import.choices = None,
        Action::Open if import.choose_meaning() => import::read_again(state, effects),
        _ => {}
    }
    None
}

/// What was understood is shown.
fn set_up(state: &mut State, action: Action, by: isize, effects: &mut Effects) -> Option<Next> {
    let import = state.overlay_mut::<Import>()?;
    match (action, import.focus) {
        (Action::Up | Action::Down, _) => import.go(by),
        (Action::Left, ImportField::Columns) => import.move_column(-1),
        (Action::Right, ImportField::Columns) => import.move_column(1),
        (Action::First | Action::Last, ImportField::Columns) => import.move_column(by),
        (Action::Left, _) => step(state, -1, effects),
        (Action::Right, _) => step(state, 1, effects),
        (Action::Open, ImportField::Columns) => import.open_choices(),
        (Action::Open | Action::Save, _) => import::check(state, effects),
        (Action::Close, _) => import.stage = ImportStage::File,
        _ => {}
    }
    None
}

/// Takes the next or previous choice of the focused field.
fn step(state: &mut State, by: isize, effects: &mut Effects) {
    let Some(import) = state.overlay_mut::<Import>() else {
        return;
    };
    let lacks_names = import.lacks_names();
    let settings = &mut import.settings;
    match import.focus {
        ImportField::Columns => {}
        ImportField::Sheet => step_sheet(state, by, effects),
        ImportField::Dates => {
            settings.dates = next(DATES.map(|(_, order)| order), settings.dates, by);
        }
        ImportField::Match => {
            settings.by = next(MATCH.map(|(_, by)| by), settings.by, by);
            import.match_is_chosen = true;
            // Where people are updated, the file needs no names.
            if lacks_names && settings.by.is_some() {
                import::read_again(state, effects);
            }
        }
        ImportField::Missing => {
            let choices = missing_choices().map(|(_, what)| what);
            settings.missing = next(choices, settings.missing, by);
        }
        ImportField::Empty => {
            let choices = EmptyCells::WORDS.map(|(_, empty)| empty);
            settings.empty = next(choices, settings.empty, by);
        }
    }
}

/// Reads the next or previous sheet.
fn step_sheet(state: &mut State, by: isize, effects: &mut Effects) {
    let Some(import) = state.overlay_mut::<Import>() else {
        return;
    };
    let now = import.sheet().cloned();
    let sheet = next(import.sheets().iter().cloned().map(Some), now.clone(), by);
    if sheet != now {
        import.settings.sheet = sheet;
        import::read_again(state, effects);
    }
}

/// The choice before or after another, or that one at the ends.
fn next<T: PartialEq>(choices: impl IntoIterator<Item = T>, now: T, by: isize) -> T {
    let mut choices: Vec<_> = choices.into_iter().collect();
    let here = choices
        .iter()
        .position(|choice| *choice == now)
        .unwrap_or(0);
    let there = here.saturating_add_signed(by);
    if there < choices.len() {
        choices.swap_remove(there)
    } else {
        now
    }
}

/// What would happen is shown.
fn decide(state: &mut State, action: Action, by: isize, effects: &mut Effects) -> Option<Next> {
    let import = state.overlay_mut::<Import>()?;
    match action {
        Action::Left | Action::Right if import.can_run() => import.yes = !import.yes,
        Action::Open if import.yes => return consent(state, effects),
        Action::Yes => return consent(state, effects),
        Action::KeepRefused => import::keep_refused(state, effects),
        Action::Open | Action::Close => import.stage = ImportStage::Setup,
        _ => import.move_row(by),
    }
    None
}

/// Imports, or asks first if people who are not in the file would change.
fn consent(state: &mut State, effects: &mut Effects) -> Option<Next> {
    let import = state.overlay_mut::<Import>()?;
    if let Some((people, status)) = import.missing_to_change() {
        let question = Question::MissingPeople { people, status };
        return Next::open(Confirm::new(question));
    }
    import::run(state, effects);
    None
}

/// What has happened is shown.
fn leave(state: &mut State, action: Action, by: isize, effects: &mut Effects) -> Option<Next> {
    match action {
        Action::Open | Action::Close => state.close::<Import>(),
        Action::Undo => {
            state.close::<Import>();
            return Some(Next::Act(Action::Undo));
        }
        Action::ShowAdded => import::show_added(state, effects),
        Action::KeepRefused => import::keep_refused(state, effects),
        _ => state.overlay_mut::<Import>()?.move_row(by),
    }
    None
}
