//! A question, with the harmless answer first.

use ratatui::Frame;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;
use roster_common::{Employee, Field};

use super::theme::Theme;
use super::widgets::{dialog, text};
use crate::event::account::Ask;
use crate::state::{Confirm, Question};

/// The widest content.
const WIDTH: u16 = 56;

pub(super) fn draw(frame: &mut Frame<'_>, confirm: &Confirm, theme: &Theme) {
    let (title, sentences, no, yes) = words(&confirm.question);
    let width = WIDTH.min(frame.area().width.saturating_sub(dialog::FRAME.0));
    let wrapped = sentences.iter().flat_map(|sentence| text::wrap(sentence, width.max(2).into()));
    let mut lines = vec![Line::default()];
    lines.extend(wrapped.map(Line::from));
    lines.push(Line::default());
    lines.push(dialog::answers(no, yes, confirm.yes, theme));
    lines.push(Line::default());
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let area = dialog::open(frame, title, width, height, theme);
    // Where there is no room for all, the answers matter more than the question.
    let hidden = (height - 1).saturating_sub(area.height);
    frame.render_widget(Paragraph::new(lines).scroll((hidden, 0)), area);
}

fn words(question: &Question) -> (&'static str, Vec<String>, &'static str, &'static str) {
    match question {
        Question::Delete { employee, changed_by } => {
            ("Delete", deletion(employee, changed_by.as_deref()), "Cancel", "Delete")
        }
        Question::Discard => {
            ("Unsaved changes", vec!["Leave the form, and lose what you wrote?".into()], "Keep writing", "Discard")
        }
        Question::Abandon => (
            "No answer yet",
            vec![
                "It is not known yet whether this is saved. Leave it all the same? If it is not, what you wrote is \
                 lost."
                    .into(),
            ],
            "Wait",
            "Leave it",
        ),
        Question::Account(ask) => about_account(ask),
        Question::SignOut => (
            "Sign out",
            vec!["The session on this computer ends, and the next start asks for your password.".into()],
            "Cancel",
            "Sign out",
        ),
    }
}

fn about_account(ask: &Ask) -> (&'static str, Vec<String>, &'static str, &'static str) {
    let (title, told, yes) = match ask {
        Ask::EndSession(session) if session.current => {
            ("This session", "It is the one that you are in: you are asked for your password again.".into(), "End it")
        }
        Ask::EndSession(session) => {
            let told = format!("Whoever is at {} with {} has to sign in again.", session.address, session.client);
            ("End a session", told, "End it")
        }
        Ask::EndOthers => ("Other sessions", "Every session but this one ends, wherever it is.".into(), "End them"),
        Ask::ResetPassword(name) => {
            let told = format!("Make up another password for {name}? The old one is refused at once, everywhere.");
            ("Another password", told, "Make one up")
        }
        Ask::EndSessionsOf(name) => ("End sessions", format!("{name} has to sign in again, everywhere."), "End them"),
        Ask::Remove(name) => {
            ("Delete a user", format!("Delete the account {name}? The records that {name} wrote stay."), "Delete")
        }
        // These are asked without a question.
        Ask::Sessions | Ask::Users | Ask::ChangePassword { .. } | Ask::Add { .. } | Ask::Change { .. } => {
            ("Account", String::new(), "Go on")
        }
    };
    (title, vec![told], "Cancel", yes)
}

fn deletion(employee: &Employee, changed_by: Option<&str>) -> Vec<String> {
    let details = [Field::Title, Field::Department, Field::Location].map(|field| employee.details.text(field));
    let details: Vec<_> = details.iter().filter(|text| !text.is_empty()).map(AsRef::as_ref).collect();
    let mut sentences = Vec::new();
    if let Some(name) = changed_by {
        sentences.push(format!("{name} has changed this record meanwhile. It now reads:"));
        sentences.push(String::new());
    }
    sentences.push(format!("Delete {}?", employee.details.full_name()));
    sentences.push(details.join(" · "));
    sentences.retain(|sentence| !sentence.is_empty() || changed_by.is_some());
    sentences
}
