//! Imports: the file, the check, the import itself, and undoing it.

use roster_common::Code;
use roster_common::api::{RunId, UndoReport};
use roster_common::import::Encoding;

use super::{navigation, path};
use crate::effect::{Call, Effects, LocalTask};
use crate::format::grouped;
use crate::import::{
    ImportAnswer, ImportFailure, ImportJob, ImportSettings, Progress, Report, Understood,
};
use crate::keys::{Action, Screen};
use crate::remote::{ClientError, Result};
use crate::state::confirm::UndoneRun;
use crate::state::import::{Busy, ImportStage};
use crate::state::undo::UndoEntry;
use crate::state::{Confirm, Import, Question, State};
use crate::update::next::Next;
use crate::update::verbs::message::failed;
use crate::update::verbs::{call, load};

/// Opens the choice of a file, with those of the current folder.
pub(crate) fn open(effects: &mut Effects) -> Option<Next> {
    let mut import = Import::new();
    path::list(&mut import.path, effects);
    Next::open(import)
}

/// Reads the file that was typed. A second attempt at one that is not in UTF-8 reads it as Windows
/// writes it.
pub(crate) fn read(state: &mut State, effects: &mut Effects) {
    let Some(import) = state.overlay_mut::<Import>() else {
        return;
    };
    let path = import.path.line.text().trim().to_owned();
    if path.is_empty() || path.ends_with('/') {
        import.problem = Some("Choose a file.".to_owned());
        return;
    }
    if import.settings.path != path {
        import.settings = ImportSettings {
            path,
            ..ImportSettings::default()
        };
    }
    import.problem = None;
    import.path.suggestions.close();
    read_again(state, effects);
}

/// Reads the file as the settings say now.
pub(crate) fn read_again(state: &mut State, effects: &mut Effects) {
    let job = |import: &Import| ImportJob::Read(import.settings.clone());
    begin(state, "Reading", job, effects);
}

/// Asks what would happen.
pub(crate) fn check(state: &mut State, effects: &mut Effects) {
    let job = |import: &Import| ImportJob::Check(import.settings.clone());
    begin(state, "Checking", job, effects);
}

/// Imports the people who were checked.
pub(crate) fn run(state: &mut State, effects: &mut Effects) {
    let job = |import: &Import| ImportJob::Run(import.mode());
    begin(state, "Importing", job, effects);
}

/// Writes the refused rows to a file.
pub(crate) fn keep_refused(state: &mut State, effects: &mut Effects) {
    let job = |import: &Import| ImportJob::KeepRefused {
        settings: import.settings.clone(),
        by_server: import
            .report
            .as_ref()
            .map(|report| report.refused_by_server())
            .unwrap_or_default(),
    };
    begin(state, "Writing the refused rows of", job, effects);
}

/// Lists those who were added, as far as their ids tell; otherwise those who are new.
pub(crate) fn show_added(state: &mut State, effects: &mut Effects) {
    let Some(import) = state.take::<Import>() else {
        return;
    };
    let ids = import.report.and_then(|report| report.added_ids());
    let filter = match ids {
        Some((first, last)) => format!("id:{first}..{last}"),
        None => "created:<1h".to_owned(),
    };
    navigation::to_filter(state, filter, effects);
}

fn begin(state: &mut State, verb: &str, job: impl Fn(&Import) -> ImportJob, effects: &mut Effects) {
    let Some(import) = state.overlay_mut::<Import>() else {
        return;
    };
    import.busy = Some(Busy {
        what: format!("{verb} {}", import.name()),
        progress: None,
        people: import.file.as_ref().map(|file| file.people),
    });
    let job = job(import);
    call::send(state, Call::Import(Box::new(job)), effects);
}

/// Stops what runs.
pub(crate) fn stop(state: &mut State, effects: &mut Effects) {
    state.message("Stopping …");
    effects.push(LocalTask::StopTransfer);
}

/// Notes how far it is.
pub(crate) fn on_progress(state: &mut State, progress: Progress) {
    if let Some(busy) = state
        .overlay_mut::<Import>()
        .and_then(|it| it.busy.as_mut())
    {
        busy.progress = Some(progress);
    }
}

/// Handles the end of a step.
pub(crate) fn on_answer(
    state: &mut State,
    answer: ImportAnswer,
    effects: &mut Effects,
) -> Option<Next> {
    if let Some(import) = state.overlay_mut::<Import>() {
        import.busy = None;
    }
    match answer {
        ImportAnswer::Read(result) => match result {
            Ok(file) => on_read(state, file, effects),
            Err(failure) => return on_unread(state, failure),
        },
        ImportAnswer::Checked(Ok(report)) => {
            if let Some(import) = state.overlay_mut::<Import>() {
                import.take_report(report, ImportStage::Checked);
            }
        }
        ImportAnswer::Begun(mode) => {
            if let Some(import) = state.overlay_mut::<Import>() {
                import.stage = ImportStage::Begun(mode);
                import.yes = false;
            }
        }
        ImportAnswer::Checked(Err(failure)) => return on_unchecked(state, failure),
        ImportAnswer::KeptRefused(Ok(rows)) => {
            let count = grouped(usize::try_from(rows.count).unwrap_or(usize::MAX));
            let what = if rows.count == 1 { "row" } else { "rows" };
            let path = rows.path.display();
            state.success(format!("Wrote {count} refused {what} to {path}."));
        }
        ImportAnswer::KeptRefused(Err(failure)) => return on_unchecked(state, failure),
        ImportAnswer::Done(Ok(report)) => on_done(state, report, effects),
        ImportAnswer::Done(Err(failure)) => return on_failed(state, failure, effects),
    }
    None
}

/// The file was read. If people are there already, it is matched with them, so that nobody is added
/// twice; the user can choose otherwise.
fn on_read(state: &mut State, file: Understood, effects: &mut Effects) {
    let is_first = state.table.everybody.or(state.table.total) == Some(0);
    let Some(import) = state.overlay_mut::<Import>() else {
        return;
    };
    import.take_file(file);
    let by = import.likely_match();
    let is_said = import.match_is_chosen || import.settings.by.is_some();
    if is_said || is_first || by.is_none() || import.lacks_names() {
        return;
    }
    import.settings.by = by;
    // Rows without names are refused only where they add somebody.
    if import.file.as_ref().is_some_and(|file| file.refused > 0) {
        read_again(state, effects);
    }
}

/// The file cannot be read: says why where its name is.
fn on_unread(state: &mut State, failure: ImportFailure) -> Option<Next> {
    let windows = Encoding::from_name("windows-1252");
    let import = state.overlay_mut::<Import>()?;
    let problem = match failure {
        ImportFailure::Client(error) => return failed(state, &error),
        ImportFailure::Stopped => None,
        ImportFailure::NotUtf8 { line } => {
            import.settings.encoding = windows;
            let next = "Press Enter again to read the file as windows-1252.";
            Some(format!("Line {line} is not UTF-8. {next}"))
        }
        failure => Some(failure.to_string()),
    };
    import.stage = ImportStage::File;
    import.problem = problem;
    None
}

fn on_unchecked(state: &mut State, failure: ImportFailure) -> Option<Next> {
    match failure {
        ImportFailure::Client(error) | ImportFailure::UnknownOutcome(error) => {
            failed(state, &error)
        }
        ImportFailure::Stopped => {
            state.message("Stopped.");
            None
        }
        failure => {
            state.warn(failure.to_string());
            None
        }
    }
}

/// The import was refused, stopped, or its answer is lost.
fn on_failed(state: &mut State, failure: ImportFailure, effects: &mut Effects) -> Option<Next> {
    let yes = state.keymap.key(Screen::Import, Action::Yes).into_owned();
    let again = format!("{yes} goes on, and says what has become of it.");
    let next = match failure {
        ImportFailure::Client(error) => failed(state, &error),
        ImportFailure::UnknownOutcome(_) => {
            state.warn(format!("No answer yet. {again}"));
            None
        }
        ImportFailure::Stopped => {
            state.message(format!("Stopped; part of it may be imported. {again}"));
            None
        }
        failure => {
            state.warn(failure.to_string());
            None
        }
    };
    load::refresh(state, effects);
    next
}

/// Shows what has happened. An import of a few people is a step to undo.
fn on_done(state: &mut State, report: Report, effects: &mut Effects) {
    let Some(import) = state.overlay_mut::<Import>() else {
        return;
    };
    let name = import.name().to_owned();
    let run = report.run;
    import.take_report(report, ImportStage::Done);
    let counts = import.counts();
    if let Some(run) = run.filter(|_| import.is_one_step()) {
        let entry = UndoEntry::of_run(format!("import of {name}"), run, counts);
        state.undo.push_entry(entry);
    }
    load::refresh(state, effects);
}

/// Asks whether to undo an import, or to redo it by undoing its undo.
pub(crate) fn ask_to_undo(state: &mut State, undone: UndoneRun) -> Option<Next> {
    if state.writes > 0 {
        state.warn("The server has not answered yet.");
        return None;
    }
    Next::open(Confirm::new(Question::UndoRun(undone)))
}

/// Undoes an import, or its undo.
pub(crate) fn undo(state: &mut State, undone: &UndoneRun, effects: &mut Effects) {
    let doing = if undone.is_redo { "Redoing" } else { "Undoing" };
    state.message(format!("{doing}: {} …", undone.what));
    let run = undone.run;
    call::send(state, Call::UndoRun { run }, effects);
}

/// Handles the answer.
pub(crate) fn on_undone(
    state: &mut State,
    run: RunId,
    result: Result<UndoReport>,
    effects: &mut Effects,
) -> Option<Next> {
    let report = match result {
        Ok(report) => report,
        Err(ClientError::Refused(problem))
            if matches!(problem.code, Code::RunUndone | Code::RunNotFound) =>
        {
            _ = state.undo.take_run(run);
            state.warn(problem.detail);
            return None;
        }
        // It stays on the stack: a repeat completes it, or gets the same report.
        Err(error) => return failed(state, &error),
    };
    load::refresh(state, effects);
    let (entry, was_done) = state.undo.take_run(run)?;
    let key = |action| state.keymap.key(Screen::Table, action).into_owned();
    let (done, next) = if was_done {
        ("Undid", format!("Press {} to redo.", key(Action::Redo)))
    } else {
        ("Redid", format!("Press {} to undo.", key(Action::Undo)))
    };
    let text = format!("{done}: {}{}. {next}", entry.what, counts(&report));
    let other = UndoEntry::of_run(entry.what, report.run, report.counts);
    let stack = if was_done {
        &mut state.undo.undone
    } else {
        &mut state.undo.done
    };
    stack.push(other);
    state.success(text);
    None
}

/// ` (deleted 3, changed back 5; kept 2 with newer changes)`
fn counts(report: &UndoReport) -> String {
    let count = |count: u64| grouped(usize::try_from(count).unwrap_or(usize::MAX));
    let kinds = [
        (report.counts.deleted, "deleted"),
        (report.counts.changed, "changed back"),
        (report.counts.created, "restored"),
    ];
    let kinds: Vec<_> = kinds
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, verb)| format!("{verb} {}", count(number)))
        .collect();
    let kept = match report.kept {
        0 => String::new(),
        kept => format!("kept {} with newer changes", count(kept)),
    };
    let parts: Vec<_> = [kinds.join(", "), kept]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    if parts.is_empty() {
        return String::new();
    }
    format!(" ({})", parts.join("; "))
}
