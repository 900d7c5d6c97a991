//! Unsaved work: kept while it changes, and offered at the next start.

use roster_common::{Changes, Field, Kind};

use crate::effect::{Effects, LocalTask};
use crate::state::batch::{Batch, BatchOrigin, BatchRow, Stage, Step};
use crate::state::conflict::Side;
use crate::state::form::Purpose;
use crate::state::unsaved::{FoundWork, Kept, KeptConflict, UnsavedWork, fields};
use crate::state::{Confirm, Conflict, Form, Question, State};
use crate::update::next::Next;
use crate::update::verbs::{load, names, propose};

/// Writes the unsaved work if it has changed, and removes it once there is none.
pub(crate) fn keep(state: &mut State, effects: &mut Effects) {
    if let Some(identity) = &state.identity {
        state.keeping.user = Some(identity.user.username.clone());
    }
    let now = to_keep(state);
    if now == state.keeping.last {
        return;
    }
    let work = now.as_ref().and_then(|kept| whole(state, kept));
    state.keeping.last = now;
    if let Some(user) = state.keeping.user.clone() {
        let work = work.map(Box::new);
        effects.push(LocalTask::KeepWork { user, work });
    }
    if let Some(path) = state.keeping.resumed.take() {
        effects.push(LocalTask::Discard(path));
    }
}

/// What the file should contain; `None` if there is no unsaved work.
fn to_keep(state: &State) -> Option<Kept> {
    let of_form = |form, conflict| {
        let work = UnsavedWork::of_form(form, conflict)?;
        Some(Kept::Work(Box::new(work)))
    };
    let Some(batch) = state.overlay::<Batch>() else {
        return of_form(state.overlay::<Form>()?, state.overlay::<Conflict>());
    };
    if let Some(form) = &batch.form
        && batch.stage == Stage::Preview
    {
        return of_form(form, None);
    }
    let is_open = batch.stage != Stage::Done && batch.origin == BatchOrigin::Direct;
    is_open.then_some(Kept::Batch(batch.number, batch.stage))
}

/// The whole work that it stands for.
fn whole(state: &State, kept: &Kept) -> Option<UnsavedWork> {
    match kept {
        Kept::Work(work) => Some((**work).clone()),
        Kept::Batch(..) => state.overlay::<Batch>().map(UnsavedWork::of_batch),
    }
}

/// Offers the unsaved work of an earlier run, unless other work has begun.
pub(crate) fn on_found(state: &mut State, found: FoundWork) -> Option<Next> {
    if !state.overlays.is_empty() {
        return None;
    }
    let mut confirm = Confirm::new(Question::UnsavedWork(Box::new(found)));
    confirm.chosen = 1;
    Next::open(confirm)
}

/// Continues the work.
pub(crate) fn resume(state: &mut State, work: UnsavedWork, effects: &mut Effects) -> Option<Next> {
    let today = state.today();
    match work {
        UnsavedWork::New { key, texts } => {
            let mut form = Form::create(key, today);
            fill(&mut form, fields(&texts));
            Next::open(form)
        }
        UnsavedWork::Record {
            base,
            texts,
            conflict,
        } => {
            // Once the form is closed, the keys act on the person it was about.
            state.table.selected = Some(base.id);
            load::refresh(state, effects);
            let mut form = Form::edit((*base).clone(), today);
            fill(&mut form, fields(&texts));
            names::name_manager(state, &mut form, effects);
            let conflict = conflict.map(|kept| reopen(&form, kept));
            let conflict = conflict.and_then(|conflict| Next::open(conflict?));
            Next::both(Next::open(form), conflict)
        }
        UnsavedWork::Many { ids, texts } => {
            let mut form = Form::many(ids, today);
            fill(&mut form, fields(&texts));
            Next::open(form)
        }
        UnsavedWork::Batch { title, rows } => {
            let row = |(id, texts): (_, Option<_>)| {
                let step = match texts {
                    Some(texts) => Step::Change(changes(fields(&texts))),
                    None => Step::Delete,
                };
                // The records are loaded again, and then the preview shows what is left to do.
                BatchRow::new(id, None, step)
            };
            let rows = rows.into_iter().map(row).collect();
            propose::rows(state, &title, BatchOrigin::Direct, rows)
        }
    }
}

fn changes<'a>(fields: impl Iterator<Item = (Field, &'a str)>) -> Changes {
    let mut changes = Changes::default();
    for (field, text) in fields {
        changes.set(field, text.to_owned());
    }
    changes
}

/// Enters the texts. The first field that was changed gets the focus.
fn fill<'a>(form: &mut Form, fields: impl Iterator<Item = (Field, &'a str)>) {
    let mut first = None;
    for (field, text) in fields {
        form.put(field, text);
        // It was left before, so that a wrong value is marked.
        form.visited.push(field);
        let is_cleared = text.is_empty() && matches!(form.purpose, Purpose::Many(_));
        if is_cleared && field.kind() != Kind::Status {
            form.focus = field;
            form.toggle_clear();
        }
        first = first.min(Some(field)).or(Some(field));
    }
    form.focus = first.unwrap_or(form.focus);
}

/// The conflict with the choices that were made.
fn reopen(form: &Form, kept: KeptConflict) -> Option<Conflict> {
    let Purpose::Edit(base) = &form.purpose else {
        return None;
    };
    let mut conflict = Conflict::new(base, &form.changes(), *kept.theirs);
    for row in conflict.rows.iter_mut().filter(|row| !row.merged) {
        row.take = kept.mine.get(row.field.name()).map(|mine| match mine {
            true => Side::Mine,
            false => Side::Theirs,
        });
    }
    conflict.focus = conflict.first_open().unwrap_or(0);
    Some(conflict)
}
