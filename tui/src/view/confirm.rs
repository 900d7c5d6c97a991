//! A confirmation, with the safe answer first.

use ratatui::Frame;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;
use roster_common::{Employee, Role};

use super::theme::Theme;
use super::widgets::dialog;
use crate::cells;
use crate::fields::summary;
use crate::format::{listed, people as counted};
use crate::state::confirm::UndoneRun;
use crate::state::{AccountCall, Confirm, Question, State};

/// The maximum width of the content.
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
    // If space is short, the answers take precedence over the question.
    let hidden = u16::try_from(lines.len())
        .unwrap_or(u16::MAX)
        .saturating_sub(area.height);
    frame.render_widget(Paragraph::new(lines).scroll((hidden, 0)), area);
}

/// The title, the sentences and the answers.
type Words = (&'static str, Vec<String>, Vec<&'static str>);

fn words(question: &Question, state: &State) -> Words {
    match question {
        Question::Delete {
            employee,
            changed_by,
            reports,
        } => (
            "Delete",
            deletion(employee, changed_by.as_deref(), *reports),
            vec!["Cancel", "Delete"],
        ),
        Question::Discard => (
            "Unsaved changes",
            vec!["Discard your changes?".into()],
            vec!["Keep editing", "Discard"],
        ),
        Question::LeaveUnconfirmed => (
            "No answer yet",
            vec![
                "The server has not confirmed your changes. If you leave now, they may be lost."
                    .into(),
            ],
            vec!["Wait", "Leave"],
        ),
        Question::KeptDraft { people } => (
            "Unfinished text",
            vec![
                format!(
                    "You have an unfinished text of {}, and other people are marked now.",
                    counted(*people)
                ),
                "Open it, or discard it and start over with the marked people?".into(),
            ],
            vec!["Cancel", "Open it", "Start over"],
        ),
        Question::UnsavedWork(found) => {
            let when = state.zone.to_datetime(found.kept.at);
            let subject = found.kept.work.subject();
            // The time alone would be misleading for work of an earlier day.
            let format = if when.date() == state.today() {
                "%H:%M"
            } else {
                "%Y-%m-%d at %H:%M"
            };
            let sentence = format!(
                "You have unsaved changes to {subject}, from {}.",
                when.strftime(format)
            );
            (
                "Unsaved work",
                vec![sentence],
                vec!["Not now", "Continue", "Discard"],
            )
        }
        Question::Account(ask) => about_account(ask, state),
        Question::MissingPeople { people, status } => (
            "People who are not in the file",
            vec![format!(
                "The status of {} who are not in the file becomes {status}. Import?",
                counted(usize::try_from(*people).unwrap_or(usize::MAX))
            )],
            vec!["Cancel", "Import"],
        ),
        Question::UndoRun(undone) => (
            if undone.is_redo { "Redo" } else { "Undo" },
            about_run(undone),
            vec!["Cancel", if undone.is_redo { "Redo" } else { "Undo" }],
        ),
        Question::SignOut => (
            "Sign out",
            vec![
                "Ends the session on this computer. You will need your password next time.".into(),
            ],
            vec!["Cancel", "Sign out"],
        ),
    }
}

/// What the undo of an import, or of such an undo, does.
fn about_run(undone: &UndoneRun) -> Vec<String> {
    let UndoneRun { what, counts, .. } = undone;
    let word = if undone.is_redo { "Redo" } else { "Undo" };
    let kinds = [
        (counts.created, "deleted"),
        (counts.changed, "changed back"),
        (counts.deleted, "restored"),
    ];
    let kinds = kinds.into_iter().filter(|(count, _)| *count > 0);
    let kinds = kinds.map(|(count, verb)| {
        let who = counted(usize::try_from(count).unwrap_or(usize::MAX));
        let are = if count == 1 { "is" } else { "are" };
        format!("{who} {are} {verb}")
    });
    let kinds = listed(&kinds.collect::<Vec<_>>());
    vec![
        format!("{word} the {what}?"),
        format!("{kinds}. Whoever was changed since stays as they are."),
    ]
}

fn about_account(ask: &AccountCall, state: &State) -> Words {
    let (title, message, yes) = match ask {
        AccountCall::EndSession(session) if session.current => (
            "End this session",
            "This is your current session. You will have to sign in again.".into(),
            "End session",
        ),
        AccountCall::EndSession(session) => {
            let message = format!(
                "The device at {} ({}) will have to sign in again.",
                session.address, session.client
            );
            ("End session", message, "End session")
        }
        AccountCall::EndOthers => (
            "End other sessions",
            "Ends all your sessions except this one.".into(),
            "End sessions",
        ),
        AccountCall::ResetPassword(name) => {
            let message =
                format!("Reset {name}'s password? The old one stops working immediately.");
            ("Reset password", message, "Reset")
        }
        AccountCall::EndSessionsOf(name) => (
            "End sessions",
            format!("{name} will have to sign in again everywhere."),
            "End sessions",
        ),
        AccountCall::Remove(name) => (
            "Delete user",
            format!("Delete the account {name}?"),
            "Delete",
        ),
        AccountCall::Change { name, .. } => (
            "Change user",
            format!("Change the account {name}?"),
            "Change",
        ),
        // These are sent without a confirmation.
        AccountCall::Sessions
        | AccountCall::Users
        | AccountCall::ChangePassword { .. }
        | AccountCall::Add { .. } => ("Account", String::new(), "Continue"),
    };
    let own =
        own_loss(ask, state).map(|loss| format!("This is your own account: you will {loss}."));
    let kept = match ask {
        AccountCall::Remove(name) => Some(format!(
            "Records that {name} changed are kept. This cannot be undone."
        )),
        _ => None,
    };
    (
        title,
        [message].into_iter().chain(own).chain(kept).collect(),
        vec!["Cancel", yes],
    )
}

/// What the user loses, if the account is their own.
fn own_loss(ask: &AccountCall, state: &State) -> Option<&'static str> {
    let (name, loss) = match ask {
        AccountCall::Remove(name)
        | AccountCall::Change {
            name,
            disabled: Some(true),
            ..
        } => (name, "be signed out and not be able to sign in again"),
        AccountCall::Change {
            name,
            role: Some(Role::Viewer),
            ..
        } => (name, "no longer be able to change anything"),
        // Only admins change accounts, so the remaining change of one's own role is to editor.
        AccountCall::Change { name, .. } => {
            (name, "no longer be able to delete people or manage users")
        }
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
        sentences.push(format!("{name} has since changed this record. It is now:"));
        sentences.push(String::new());
    }
    sentences.push(format!("Delete {}?", employee.details.full_name()));
    sentences.push(summary(|field| employee.details.text(field).into_owned()));
    // A record without details has an empty summary, which would be a blank line at the end.
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
