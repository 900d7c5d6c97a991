//! The person's own account: where they are signed in, and another password.

use ratatui::Frame;
use ratatui::text::Line;
use roster_common::users::OpenSession;
use roster_common::{NewPassword, Password};

use super::theme::Theme;
use super::time::moment;
use super::widgets::list::{self, Column};
use super::widgets::{dialog, entry};
use crate::state::account::Which;
use crate::state::arrangement::Want;
use crate::state::{Account, ChangePassword, State};

/// The widest content of the sessions.
const WIDTH: u16 = 76;

const COLUMNS: [Column; 4] = [
    (
        "Last used",
        Want {
            least: 12,
            best: 13,
        },
    ),
    (
        "From",
        Want {
            least: 12,
            best: 20,
        },
    ),
    (
        "Program",
        Want {
            least: 14,
            best: 30,
        },
    ),
    (
        "Signed in",
        Want {
            least: 12,
            best: 13,
        },
    ),
];

pub(super) fn draw(frame: &mut Frame<'_>, account: &Account, state: &State, theme: &Theme) {
    let rows: Vec<_> = account
        .items
        .iter()
        .flatten()
        .map(|session| row(session, state))
        .collect();
    let who = state
        .identity
        .as_ref()
        .map(|identity| format!(" of {}", identity.user.username));
    let title = format!("Sessions{}", who.unwrap_or_default());
    let area = dialog::between_air(dialog::open(
        frame,
        &title,
        WIDTH,
        rows.len().max(1) + 3,
        theme,
    ));
    if account.items.is_none() {
        return frame.render_widget(Line::styled("Reading the sessions …", theme.dim), area);
    }
    list::draw(frame, area, &COLUMNS, &rows, account.cursor, theme);
}

fn row(session: &OpenSession, state: &State) -> Vec<String> {
    let when = |at| moment(at, state.now, &state.zone);
    let used = if session.current {
        "this one".to_owned()
    } else {
        when(session.used)
    };
    vec![
        used,
        session.address.clone(),
        session.client.clone(),
        when(session.created),
    ]
}

/// The width of the content of the passwords.
const PASSWORDS: u16 = 58;

/// The cells of the mark, a label and the space after it.
const LABEL: u16 = 14;

pub(super) fn draw_password(frame: &mut Frame<'_>, form: &ChangePassword, theme: &Theme) {
    let cells = dialog::width(frame.area(), PASSWORDS).saturating_sub(LABEL);
    let notes = Which::ALL.map(|which| notes(form, which, cells, theme));
    let height = notes.len() + notes.iter().flatten().count() + 2;
    let area = dialog::between_air(dialog::open(
        frame,
        "Change password",
        PASSWORDS,
        height,
        theme,
    ));
    let mut rows = area.rows();
    for (which, notes) in Which::ALL.into_iter().zip(notes) {
        let Some(row) = rows.next() else { return };
        let label = match which {
            Which::Current => "Current",
            Which::New => "New",
            Which::Again => "New again",
        };
        let focused = form.focus == which;
        let value = entry::label(frame, row, LABEL, label, focused, theme);
        entry::secret(
            frame,
            value,
            form.secret(which),
            form.revealed,
            focused && !form.saving,
        );
        entry::draw_notes(frame, &mut rows, LABEL, notes);
    }
}

/// What stands under a password: what is wrong as soon as it cannot be right any more, and the rule while it is
/// written.
fn notes(form: &ChangePassword, which: Which, cells: u16, theme: &Theme) -> Vec<Line<'static>> {
    let secret = form.secret(which);
    let bytes = Password::new(secret.expose()).expose().len();
    let is_short = which == Which::New && bytes < NewPassword::MIN_BYTES;
    let is_begun = which == Which::Again
        && form.new.expose().starts_with(secret.expose())
        && form.again != form.new;
    let is_blank = which == Which::Current && secret.is_empty() && form.refused.is_none();
    let error = form
        .error(which)
        .filter(|_| !is_short && !is_begun && !is_blank);
    let caps_lock = entry::caps_lock(secret).filter(|_| !form.revealed);
    let rule = match which {
        Which::New => Some(entry::length(bytes)),
        Which::Again if form.again == form.new && !secret.is_empty() => Some("the same".to_owned()),
        Which::Current | Which::Again => None,
    };
    let hint = caps_lock
        .or(rule)
        .filter(|_| form.focus == which || which == Which::New);
    entry::notes(error, hint, cells, theme)
}
