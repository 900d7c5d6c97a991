//! The sign-in form.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::theme::Theme;
use super::widgets::{dialog, field, form_field};
use crate::cells;
use crate::state::sign_in::SignInField;
use crate::state::{SignIn, State};

/// The maximum width of the content.
const WIDTH: u16 = 54;

/// The width of mark, label and gap.
const LABEL: u16 = 12;

pub(super) fn draw(frame: &mut Frame<'_>, form: &SignIn, state: &State, theme: &Theme) {
    let width = dialog::width(frame.area(), WIDTH);
    let caps_lock = form_field::caps_lock(&form.password).filter(|_| !form.revealed);
    let message = form.wrong.as_ref().or(form.reason.as_ref());
    // While waiting or offline, the message tells of a state and not of a mistake.
    let bad = message.is_some() && !form.waiting && state.offline.is_none();
    let reason = match (message, form.waiting) {
        (_, true) => vec!["Signing in …".to_owned()],
        (Some(reason), _) => cells::wrap(reason, width.max(2).into()),
        (None, _) => caps_lock.into_iter().collect(),
    };
    let lines = reason.len() + usize::from(!reason.is_empty());
    let area = dialog::open(frame, "Sign in to Roster", width, 5 + lines, theme);
    let mut rows = area.rows();
    rows.next();
    for (label, focus) in [
        ("Server", SignInField::Server),
        ("Username", SignInField::Username),
        ("Password", SignInField::Password),
    ] {
        if let Some(row) = rows.next() {
            draw_field(frame, row, form, label, focus, theme);
        }
    }
    rows.next();
    for (line, row) in reason.into_iter().zip(rows) {
        frame.render_widget(
            Line::styled(line, if bad { theme.bad } else { theme.soft }),
            row,
        );
    }
}

fn draw_field(
    frame: &mut Frame<'_>,
    row: Rect,
    form: &SignIn,
    label: &str,
    focus: SignInField,
    theme: &Theme,
) {
    let focused = form.focus == focus;
    let area = form_field::label(frame, row, LABEL, label, focused, theme);
    let focused = focused && !form.waiting;
    match focus {
        SignInField::Server => {
            let area = field::draw_extent(frame, area, theme);
            field::draw(frame, area, &form.server, focused);
        }
        SignInField::Username => {
            let area = field::draw_extent(frame, area, theme);
            field::draw(frame, area, &form.username, focused);
        }
        SignInField::Password => {
            form_field::secret(frame, area, &form.password, form.revealed, focused, theme);
            // Shows that typing replaces the password, which was refused.
            if form.selected {
                let width = form_field::secret_width(&form.password, form.revealed);
                let text = Rect {
                    width: width.min(area.width),
                    ..area
                };
                frame.buffer_mut().set_style(text, theme.selected);
            }
        }
    }
}
