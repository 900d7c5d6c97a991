//! A question, with the harmless answer first.

use ratatui::Frame;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;
use roster_common::{Employee, Role};

use super::theme::Theme;
use super::widgets::dialog;
use crate::cells;
use crate::fields::summary;
use crate::state::{AccountCall, Confirm, Question, State};
use crate::words::people as counted;

/// The widest content.
const WIDTH: u16 = 56;

pub(super) fn draw(frame: &mut Frame<'_>, confirm: &Confirm, state: &State, theme: &Theme) {
    let (title, sentences, answers) = words(&confirm.question, state);
    let width = dialog::width(frame.area(), WIDTH);
    let wrapped = sentences
        .iter()
        .flat_map(|sentence| cells::wrap(sentence, width.max(2).into()));
    let mut lines = vec![Line::default()];
    lines.extend(wrapped.map(Line::from));
    lines.push(Line::default());
    lines.push(dialog::answers(&answers, confirm.chosen, theme));
    lines.push(Line::default());
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let area = dialog::open(frame, title, width, height.into(), theme);
    if area.height < height {
        lines.retain(|line| line.width() > 0);
    }
    // Where there is no room for all, the answers matter more than the question.
    let hidden = u16::try_from(lines.len())
        .unwrap_or(u16::MAX)
        .saturating_sub(area.height);
    frame.render_widget(Paragraph::new(lines).scroll((hidden, 0)), area);
}

/// The title, what is told, and the answers.
type Words = (&'static str, Vec<String>, Vec<&'static str>);

fn words(question: &Question, state: &State) -> Words {
    match question {
        Question::Delete { employee, changed_by, reports } => {
            ("Delete", deletion(employee, changed_by.as_deref(), *reports), vec!["Cancel", "Delete"])
        }
        Question::Discard => (
            "Unsaved changes",
            vec!["Leave the form, and lose what you wrote?".into()],
            vec!["Keep writing", "Discard"],
        ),
        Question::Abandon => (
            "No answer yet",
            vec![
                "It is not known yet whether this is saved. Leave it all the same? If it is not, what you wrote is \
                 lost."
                    .into(),
            ],
            vec!["Wait", "Leave it"],
        ),
        Question::KeptText { people } => (
            "A text is kept",
            vec![
                format!("A text of {} is kept, and others are marked now.", counted(*people)),
                "Open it, or discard it and begin anew with those who are marked?".into(),
            ],
            vec!["Cancel", "Open it", "Begin anew"],
        ),
        Question::Account(ask) => about_account(ask, state),
        Question::SignOut => (
            "Sign out",
            vec!["The session on this computer ends, and the next start asks for your password.".into()],
            vec!["Cancel", "Sign out"],
        ),
    }
}

fn about_account(ask: &AccountCall, state: &State) -> Words {
    let (title, told, yes) = match ask {
        AccountCall::EndSession(session) if session.current => (
            "This session",
            "It is the one that you are in: you are asked for your password again.".into(),
            "End it",
        ),
        AccountCall::EndSession(session) => {
            let told = format!(
                "Whoever is at {} with {} has to sign in again.",
                session.address, session.client
            );
            ("End a session", told, "End it")
        }
        AccountCall::EndOthers => (
            "Other sessions",
            "Every session but this one ends, wherever it is.".into(),
            "End them",
        ),
        AccountCall::ResetPassword(name) => {
            let told = format!(
                "Make up another password for {name}? The old one is refused at once, everywhere."
            );
            ("Another password", told, "Make one up")
        }
        AccountCall::EndSessionsOf(name) => (
            "End sessions",
            format!("{name} has to sign in again, everywhere."),
            "End them",
        ),
        AccountCall::Remove(name) => (
            "Delete a user",
            format!("Delete the account {name}? The records that {name} wrote stay."),
            "Delete",
        ),
        AccountCall::Change { name, .. } => (
            "Change a user",
            format!("Change the account {name}?"),
            "Change it",
        ),
        // These are asked without a question.
        AccountCall::Sessions
        | AccountCall::Users
        | AccountCall::ChangePassword { .. }
        | AccountCall::Add { .. } => ("Account", String::new(), "Go on"),
    };
    let own =
        own_loss(ask, state).map(|loss| format!("This is your own account: you will {loss}."));
    (
        title,
        own.into_iter().chain([told]).collect(),
        vec!["Cancel", yes],
    )
}

/// What the person who is asked loses by it, if the account is their own.
fn own_loss(ask: &AccountCall, state: &State) -> Option<&'static str> {
    let (name, loss) = match ask {
        AccountCall::Remove(name)
        | AccountCall::Change {
            name,
            disabled: Some(true),
            ..
        } => (name, "be signed out, and not be able to sign in again"),
        AccountCall::Change {
            name,
            role: Some(Role::Viewer),
            ..
        } => (name, "not be able to change anything any more"),
        AccountCall::Change { name, .. } => (
            name,
            "not be able to delete people and manage users any more",
        ),
        AccountCall::ResetPassword(name) | AccountCall::EndSessionsOf(name) => {
            (name, "be signed out")
        }
        _ => return None,
    };
    state.is_me(name.as_str()).then_some(loss)
}

fn deletion(employee: &Employee, changed_by: Option<&str>, reports: usize) -> Vec<String> {
    let mut sentences = Vec::new();
    if let Some(name) = changed_by {
        sentences.push(format!(
            "{name} has changed this record meanwhile. It now reads:"
        ));
        sentences.push(String::new());
    }
    sentences.push(format!("Delete {}?", employee.details.full_name()));
    sentences.push(summary(|field| employee.details.text(field).into_owned()));
    sentences.retain(|sentence| !sentence.is_empty() || changed_by.is_some());
    if reports > 0 {
        let report = if reports == 1 { "reports" } else { "report" };
        sentences.push(format!(
            "{} {report} to {}.",
            counted(reports),
            employee.details.full_name()
        ));
    }
    sentences
}
