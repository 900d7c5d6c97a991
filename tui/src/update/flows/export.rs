//! Exports: the form, the running export, and what came of it.

use roster_common::Query;
use roster_common::query::Column;

use crate::effect::{Call, Effects, LocalTask};
use crate::export::{
    ExportColumn, ExportFailure, ExportFormat, ExportJob, ExportPeople, ExportTarget, Exported,
};
use crate::format::people;
use crate::import::Progress;
use crate::state::column::TableColumn;
use crate::state::export::ExportField;
use crate::state::path_entry::PathEntry;
use crate::state::{Export, State};
use crate::update::next::Next;
use crate::update::verbs::call;
use crate::update::verbs::message::failed;

/// Opens the form for the marked people, or for those in the list.
pub(crate) fn open(state: &State) -> Option<Next> {
    let format = ExportFormat::Csv;
    let (people, count) = chosen_people(state);
    let name = format!("employees-{}.{}", state.today(), format.extension());
    Next::open(Export {
        people,
        count,
        visible: state
            .table
            .arrangement
            .visible()
            .flat_map(columns)
            .collect(),
        format,
        all_columns: false,
        to_clipboard: false,
        path: PathEntry::new(name, Export::ENDINGS),
        focus: ExportField::Format,
        problem: None,
        replaces: None,
        running: None,
    })
}

/// The marked people, or those in the list, in its order. If everybody is marked, everybody is
/// exported, so that the audit of the server says so.
fn chosen_people(state: &State) -> (ExportPeople, usize) {
    let table = &state.table;
    let sort = table.sort();
    if table.marks.is_empty() {
        let query = Query {
            sort,
            ..table.filter()
        };
        return (ExportPeople::Matching(query), table.len());
    }
    let count = table.marks.len();
    if Some(count) == table.everybody {
        let everybody = Query {
            sort,
            ..Query::default()
        };
        return (ExportPeople::Matching(everybody), count);
    }
    let ids = table.marks.iter().map(|(id, _)| id).collect();
    (ExportPeople::Marked(ids), count)
}

/// The columns of an export that stand for a column of the table.
fn columns(column: TableColumn) -> Vec<ExportColumn> {
    let one = |column: Column| match column {
        Column::Id => ExportColumn::Id,
        Column::Field(field) => ExportColumn::Field(field),
        Column::Created => ExportColumn::Created,
        Column::Updated => ExportColumn::Updated,
    };
    column.sort_keys().into_iter().map(one).collect()
}

/// Begins the export, unless something has to be corrected first.
pub(crate) fn begin(state: &mut State, effects: &mut Effects) {
    let Some(export) = state.overlay_mut::<Export>() else {
        return;
    };
    if let Some(problem) = problem(export) {
        export.problem = Some(problem.to_owned());
        return;
    }
    let target = if export.to_clipboard {
        ExportTarget::Clipboard
    } else {
        let path = export.path.line.text().trim().to_owned();
        let replaces = export.replaces.as_ref() == Some(&path);
        ExportTarget::File { path, replaces }
    };
    let job = ExportJob {
        people: export.people.clone(),
        format: export.format,
        columns: export.columns(),
        target,
    };
    export.on_change();
    export.path.suggestions.close();
    export.running = Some(0);
    call::send(state, Call::Export(Box::new(job)), effects);
}

/// What has to be corrected before the export can begin.
fn problem(export: &Export) -> Option<&'static str> {
    let path = export.path.line.text().trim();
    match (export.to_clipboard, export.format) {
        (true, ExportFormat::Xlsx) => {
            Some("A spreadsheet is not text. Choose another format, or a file.")
        }
        (false, _) if path.is_empty() => Some("Enter the name of a file."),
        (false, _) if path.ends_with('/') => Some("This is a folder. Add the name of a file."),
        _ => None,
    }
}

/// Stops the running export, which leaves nothing behind.
pub(crate) fn stop(state: &mut State, effects: &mut Effects) {
    state.message("Stopping …");
    effects.push(LocalTask::StopTransfer);
}

/// Notes how many people are written.
pub(crate) fn on_progress(state: &mut State, progress: &Progress) {
    let Progress::People(done) = progress else {
        return;
    };
    if let Some(running) = state
        .overlay_mut::<Export>()
        .and_then(|it| it.running.as_mut())
    {
        *running = *done;
    }
}

/// Handles the end of the export. After a failure the form is as before.
pub(crate) fn on_exported(
    state: &mut State,
    result: Result<Exported, ExportFailure>,
    effects: &mut Effects,
) -> Option<Next> {
    let counted = |count: u64| people(usize::try_from(count).unwrap_or(usize::MAX));
    let export = state.take::<Export>();
    let failure = match result {
        Ok(Exported::File { count, path }) => {
            state.success(format!(
                "Exported {} to {}.",
                counted(count),
                path.display()
            ));
            return None;
        }
        Ok(Exported::Text { count, text }) => {
            let format = export.map_or("text", |export| export.format.label());
            let what = format!("{} as {format}", counted(count));
            effects.push(LocalTask::Copy { text, what });
            return None;
        }
        Err(failure) => failure,
    };
    let mut export = export?;
    export.running = None;
    let message = match failure {
        ExportFailure::Client(error) => failed(state, &error),
        ExportFailure::Stopped => {
            state.message("Stopped. Nothing was exported.");
            None
        }
        ExportFailure::Exists => {
            let path = export.path.line.text().trim().to_owned();
            export.problem = Some("This file exists. Press Enter again to replace it.".to_owned());
            export.replaces = Some(path);
            export.focus = ExportField::File;
            None
        }
        ExportFailure::Unwritable(why) => {
            let path = export.path.line.text().trim();
            export.problem = Some(match export.to_clipboard {
                true => format!("Not exported: {why}."),
                false => format!("Not exported to {path}: {why}."),
            });
            None
        }
    };
    Next::both(Next::open(export), message)
}
