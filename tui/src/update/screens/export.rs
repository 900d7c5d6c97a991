//! The form of an export.

use crate::effect::Effects;
use crate::export::ExportFormat;
use crate::keys::{Action, Key};
use crate::state::export::ExportField;
use crate::state::{Export, State};
use crate::update::flows::{export, path};
use crate::update::next::Next;
use crate::update::verbs::edit;

pub(crate) fn act(state: &mut State, action: Action, effects: &mut Effects) -> Option<Next> {
    let form = state.overlay_mut::<Export>()?;
    if form.running.is_some() {
        if action == Action::Close {
            export::stop(state, effects);
        }
        return None;
    }
    let is_file = form.focus == ExportField::File;
    let list = &mut form.path.suggestions;
    match action {
        Action::Down if list.is_shown() => list.choose(1),
        Action::Up if list.is_shown() => list.choose(-1),
        Action::Close if list.is_shown() => list.close(),
        Action::Suggestion if is_file => {
            path::complete(&mut form.path, effects);
            form.follow_name();
        }
        Action::Down | Action::Suggestion => form.go(1),
        Action::Up => form.go(-1),
        Action::Save if path::accept(&mut form.path, effects) => form.follow_name(),
        Action::Save => export::begin(state, effects),
        Action::Close => state.close::<Export>(),
        _ => {}
    }
    None
}

pub(crate) fn write(state: &mut State, key: Key, effects: &mut Effects) {
    let Some(form) = open_form(state) else {
        return;
    };
    let is_step = matches!(key, Key::Left | Key::Right | Key::Char(' '));
    match form.focus {
        ExportField::Format => {
            let labels = ExportFormat::ALL.map(ExportFormat::label);
            let chosen = edit::choose(&labels, form.format.label(), key);
            let format = ExportFormat::ALL
                .into_iter()
                .find(|format| chosen == Some(format.label()));
            form.set_format(format.unwrap_or(form.format));
        }
        ExportField::Columns if is_step => form.all_columns = !form.all_columns,
        ExportField::Target if is_step => {
            form.to_clipboard = !form.to_clipboard;
            form.on_change();
        }
        ExportField::Columns | ExportField::Target => {}
        ExportField::File => {
            if edit::edit(&mut form.path.line, key) {
                form.follow_name();
                path::on_edit(&mut form.path, effects);
            }
        }
    }
}

/// Returns the number of lines pasted.
pub(crate) fn on_paste(state: &mut State, text: &str, effects: &mut Effects) -> usize {
    let form = open_form(state).filter(|form| form.focus == ExportField::File);
    form.map_or(0, |form| {
        let lines = form.path.line.paste(text);
        form.follow_name();
        path::on_edit(&mut form.path, effects);
        lines
    })
}

/// The form, unless the export runs.
fn open_form(state: &mut State) -> Option<&mut Export> {
    state
        .overlay_mut::<Export>()
        .filter(|form| form.running.is_none())
}
