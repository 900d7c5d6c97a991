//! The user's own sessions and password.

use ratatui::Frame;
use ratatui::text::Line;
use roster_common::users::OpenSession;
use roster_common::{NewPassword, Password};

use super::theme::Theme;
use super::time::moment;
use super::widgets::list::{self, Column};
use super::widgets::{dialog, form_field};
use crate::state::account::PasswordField;
use crate::state::arrangement::WidthRange;
use crate::state::{ChangePassword, MySessions, State};

/// The maximum width of the sessions.
const WIDTH: u16 = 76;

const COLUMNS: [Column; 4] = [
    (
        "Last used",
        WidthRange {
            least: 12,
            best: 13,
        },
    ),
    (
        "From",
        WidthRange {
            least: 12,
            best: 20,
        },
    ),
    (
        "Program",
        WidthRange {
            least: 14,
            best: 30,
        },
    ),
    (
        "Signed in",
        WidthRange {
            least: 12,
            best: 13,
        },
    ),
];

pub(super) fn draw(frame: &mut Frame<'_>, account: &MySessions, state: &State, theme: &Theme) {
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
    // At least one row, for the message while they load, and 3 lines for the headings and the blank
    // lines around.
    let area = dialog::between_air(dialog::open(
        frame,
        &title,
        WIDTH,
        rows.len().max(1) + 3,
        theme,
    ));
    if account.items.is_none() {
        return frame.render_widget(Line::styled("Loading sessions …", theme.soft), area);
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

/// The width of the password form.
const PASSWORDS: u16 = 58;

/// The width of mark, label and gap.
const LABEL: u16 = 14;

pub(super) fn draw_password(
    frame: &mut Frame<'_>,
    form: &ChangePassword,
    has_keys: bool,
    theme: &Theme,
) {
    let cells = dialog::width(frame.area(), PASSWORDS).saturating_sub(LABEL);
    // The notes come first, since the height of the box depends on them.
    let notes = PasswordField::ALL.map(|which| notes(form, which, cells, theme));
    let height = notes.len() + notes.iter().flatten().count() + 2;
    let area = dialog::between_air(dialog::open(
        frame,
        "Change password",
        PASSWORDS,
        height,
        theme,
    ));
    let mut rows = area.rows();
    for (which, notes) in PasswordField::ALL.into_iter().zip(notes) {
        let Some(row) = rows.next() else { return };
        let label = match which {
            PasswordField::Current => "Current",
            PasswordField::New => "New",
            PasswordField::Again => "Repeat new",
        };
        let focused = form.focus == which && has_keys;
        let value = form_field::label(frame, row, LABEL, label, focused, theme);
        form_field::secret(
            frame,
            value,
            form.secret(which),
            form.revealed,
            focused && !form.saving,
            theme,
        );
        form_field::draw_notes(frame, &mut rows, LABEL, notes);
    }
}

/// The lines under a password: its rule, and errors as soon as they are certain.
fn notes(
    form: &ChangePassword,
    which: PasswordField,
    cells: u16,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let secret = form.secret(which);
    let password = Password::new(secret.expose());
    // What may still become right while it is typed is no error yet.
    let is_short = which == PasswordField::New && password.expose().len() < NewPassword::MIN_BYTES;
    let is_begun = which == PasswordField::Again
        && form.new.expose().starts_with(secret.expose())
        && form.again != form.new;
    let is_blank = which == PasswordField::Current && secret.is_empty() && form.refused.is_none();
    let error = form
        .error(which)
        .filter(|_| !is_short && !is_begun && !is_blank);
    let caps_lock = form_field::caps_lock(secret).filter(|_| !form.revealed);
    let rule = match which {
        PasswordField::New => Some(form_field::password_length(password.expose())),
        PasswordField::Again if form.again == form.new && !secret.is_empty() => {
            Some("matches".to_owned())
        }
        PasswordField::Current | PasswordField::Again => None,
    };
    let hint = caps_lock
        .or(rule)
        .filter(|_| form.focus == which || which == PasswordField::New);
    form_field::notes(error, hint, cells, theme)
}
