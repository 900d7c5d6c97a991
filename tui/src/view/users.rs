//! User management.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;
use roster_common::Role;
use roster_common::users::Account;

use super::theme::Theme;
use super::time::moment;
use super::widgets::list::{self, Column};
use super::widgets::{dialog, field, form_field};
use crate::state::arrangement::WidthRange;
use crate::state::users::UserField;
use crate::state::{GeneratedPassword, State, UserForm, Users};

/// The maximum width of the list.
const WIDTH: u16 = 76;

const COLUMNS: [Column; 6] = [
    (
        "Name",
        WidthRange {
            least: 12,
            best: 24,
        },
    ),
    ("Role", WidthRange { least: 7, best: 7 }),
    ("", WidthRange { least: 8, best: 8 }),
    ("Sessions", WidthRange { least: 8, best: 8 }),
    (
        "Last used",
        WidthRange {
            least: 12,
            best: 13,
        },
    ),
    (
        "Created",
        WidthRange {
            least: 12,
            best: 13,
        },
    ),
];

pub(super) fn draw(frame: &mut Frame<'_>, users: &Users, state: &State, theme: &Theme) {
    let rows: Vec<_> = users
        .items
        .iter()
        .flatten()
        .map(|account| row(account, state))
        .collect();
    // At least one row, for the message while they load, and 3 lines for the headings and the blank
    // lines around.
    let area = dialog::between_air(dialog::open(
        frame,
        "Users",
        WIDTH,
        rows.len().max(1) + 3,
        theme,
    ));
    if users.items.is_none() {
        return frame.render_widget(Line::styled("Loading users …", theme.soft), area);
    }
    list::draw(frame, area, &COLUMNS, &rows, users.cursor, theme);
}

fn row(account: &Account, state: &State) -> Vec<String> {
    let when = |at| moment(at, state.now, &state.zone);
    vec![
        account.username.to_string(),
        account.role.to_string(),
        if account.disabled {
            "disabled".to_owned()
        } else {
            String::new()
        },
        if account.sessions == 0 {
            String::new()
        } else {
            account.sessions.to_string()
        },
        account.used.map(when).unwrap_or_default(),
        when(account.created),
    ]
}

/// The width of the form.
const FORM: u16 = 58;

/// The width of mark, label and gap.
const LABEL: u16 = 14;

pub(super) fn draw_form(frame: &mut Frame<'_>, form: &UserForm, has_keys: bool, theme: &Theme) {
    let title = form
        .account
        .as_ref()
        .map_or("New user".to_owned(), |account| {
            account.username.to_string()
        });
    let cells = dialog::width(frame.area(), FORM).saturating_sub(LABEL);
    // The notes come first, since the height of the box depends on them.
    let notes: Vec<_> = form
        .entries()
        .iter()
        .map(|entry| notes(form, *entry, cells, theme))
        .collect();
    let height = notes.len() + notes.iter().flatten().count() + 2;
    let area = dialog::between_air(dialog::open(frame, &title, FORM, height, theme));
    let mut rows = area.rows();
    for (entry, notes) in form.entries().iter().zip(notes) {
        let Some(row) = rows.next() else { return };
        draw_entry(frame, row, form, *entry, has_keys, theme);
        form_field::draw_notes(frame, &mut rows, LABEL, notes);
    }
}

fn draw_entry(
    frame: &mut Frame<'_>,
    row: Rect,
    form: &UserForm,
    entry: UserField,
    has_keys: bool,
    theme: &Theme,
) {
    let label = match entry {
        UserField::Name => "Username",
        UserField::Role => "Role",
        UserField::Account => "Account",
        UserField::Password => "Password",
    };
    let focused = form.focus == entry && has_keys;
    let value = form_field::label(frame, row, LABEL, label, focused, theme);
    let focused = focused && !form.saving;
    match entry {
        UserField::Name => {
            let value = field::draw_extent(frame, value, theme);
            field::draw(frame, value, &form.name, focused);
        }
        UserField::Password => {
            form_field::secret(frame, value, &form.password, form.revealed, focused, theme);
        }
        UserField::Role => {
            let words = Role::ALL.map(|role| (role.as_str(), role == form.role));
            frame.render_widget(form_field::choice(&words, value.width, theme), value);
        }
        UserField::Account => {
            let words = [("enabled", !form.disabled), ("disabled", form.disabled)];
            frame.render_widget(form_field::choice(&words, value.width, theme), value);
        }
    }
}

/// The lines under a field: its error, or a hint while it has the focus.
fn notes(form: &UserForm, entry: UserField, cells: u16, theme: &Theme) -> Vec<Line<'static>> {
    let error = form.error(entry).filter(|_| form.tried);
    let password = form.password.expose();
    let hint = match (entry, form.role) {
        (UserField::Name, _) => "a-z 0-9 . _ @ -".to_owned(),
        (UserField::Role, Role::Viewer) => "can view".to_owned(),
        (UserField::Role, Role::Editor) => "can add and edit".to_owned(),
        (UserField::Role, Role::Admin) => "can also delete and manage users".to_owned(),
        (UserField::Account, _) if form.disabled => "ends all sessions immediately".to_owned(),
        (UserField::Account, _) => "← → choose".to_owned(),
        (UserField::Password, _) if password.is_empty() => "leave empty to generate one".to_owned(),
        (UserField::Password, _) => form_field::password_length(password),
    };
    form_field::notes(error, (form.focus == entry).then_some(hint), cells, theme)
}

pub(super) fn draw_generated_password(
    frame: &mut Frame<'_>,
    generated_password: &GeneratedPassword,
    theme: &Theme,
) {
    let width = dialog::width(frame.area(), FORM);
    let message = format!(
        "Give this password to {}. It is shown only once.",
        generated_password.name
    );
    let mut lines = vec![Line::default()];
    lines.extend(form_field::wrapped(&message, width, Style::new()));
    lines.extend([
        Line::default(),
        Line::styled(
            generated_password.password.expose().to_owned(),
            theme.strong,
        ),
        Line::default(),
    ]);
    let area = dialog::open(frame, "New password", width, lines.len(), theme);
    frame.render_widget(Paragraph::new(lines), area);
}
