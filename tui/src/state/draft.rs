//! Records edited as CSV in an external editor.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use roster_common::rows::{self, HeaderError};
use roster_common::{Changes, Employee, EmployeeId, FieldError};

use super::marks::Marks;

/// Records edited as text. It is kept until all changes are saved.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The records when the text was created.
    pub people: BTreeMap<EmployeeId, Employee>,
    /// The ids of the records that are not saved yet.
    pub left: BTreeSet<EmployeeId>,
    /// The current records of those that someone else changed since.
    pub newer: BTreeMap<EmployeeId, Employee>,
    /// The text.
    pub text: String,
    /// Its file, once it is written.
    pub path: Option<PathBuf>,
}

/// What the text asks for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DraftEdits {
    /// The changes of each record.
    pub changes: Vec<(EmployeeId, Changes)>,
    /// How many records have no row any more. They stay as they are.
    pub removed: usize,
}

/// The instructions above the rows. Lines that start with `#` are ignored when the text is read.
const HELP: &str = "\
# Edit the rows, save and quit the editor. You see a preview before anything is saved.
# Removing a row leaves that record unchanged. You cannot add rows or change ids here.
";

impl Draft {
    /// Writes the records as text. Records that could not be loaded are left out.
    pub fn new(wanted: BTreeSet<EmployeeId>, people: Vec<Employee>) -> Self {
        let mut csv = Vec::new();
        rows::write_editable(&mut csv, &people);
        let text = format!("{HELP}{}", String::from_utf8_lossy(&csv));
        let people = people
            .into_iter()
            .map(|person| (person.id, person))
            .collect();
        Self {
            people,
            left: wanted,
            newer: BTreeMap::new(),
            text,
            path: None,
        }
    }

    /// Splits the text into the comment lines and the rows.
    fn parts(&self) -> (&str, &str) {
        let is_above = |line: &&str| line.starts_with('#') || line.trim().is_empty();
        let above = self.text.split_inclusive('\n').take_while(is_above);
        self.text
            .split_at_checked(above.map(str::len).sum())
            .unwrap_or((&self.text, ""))
    }

    /// The comment lines without earlier refusals.
    fn help(&self) -> impl Iterator<Item = &str> {
        self.parts()
            .0
            .split_inclusive('\n')
            .filter(|line| !line.starts_with("#!"))
    }

    /// Puts the refusals above the rows, replacing earlier ones.
    pub fn explain(&mut self, refusals: &[String]) {
        let message: String = refusals
            .iter()
            .map(|refusal| format!("#! {refusal}\n"))
            .collect();
        let help: String = self.help().collect();
        self.text = message + &help + self.parts().1;
    }

    /// The message that says where the text is and how to reopen it.
    pub fn reopen_hint(&self, key: &str) -> String {
        let path = self
            .path
            .as_ref()
            .map_or_else(|| "it".into(), |path| path.to_string_lossy());
        format!("Press {key} to reopen {path}.")
    }

    /// Whether other people are marked than those in the text.
    pub fn is_of_others(&self, marks: &Marks) -> bool {
        !marks.is_empty() && !marks.iter().map(|(id, _)| id).eq(self.left.iter().copied())
    }

    /// The newest known version of a record.
    pub fn newest(&self, id: EmployeeId) -> Option<&Employee> {
        self.newer.get(&id).or_else(|| self.people.get(&id))
    }

    /// The changes in the text, record by record. Unchanged rows are left out. `new` is the key that
    /// adds people, for the error message.
    ///
    /// # Errors
    /// One sentence per problem, with its line in the text after [`explain`](Self::explain).
    pub fn read(&self, new: &str) -> Result<DraftEdits, Vec<String>> {
        let csv = self.parts().1;
        if csv.is_empty() {
            // Emptied as a whole, it is given up, as in other programs.
            return Ok(DraftEdits::default());
        }
        let rows = rows::read_csv(csv.as_bytes()).map_err(|error| error_text(&error))?;
        let (mut changes, mut refusals, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
        for row in rows {
            match self.read_row(&row, &mut seen, new) {
                Ok((_, change)) if change.is_empty() => {}
                Ok(change) => changes.push(change),
                Err(message) => {
                    refusals.extend(message.into_iter().map(|message| (row.line, message)));
                }
            }
        }
        // Each refusal adds a line above the rows.
        let above = (self.help().count() + refusals.len()) as u64;
        match refusals.is_empty() {
            true => Ok(DraftEdits {
                changes,
                removed: self.people.len() - seen.len(),
            }),
            false => Err(refusals
                .iter()
                .map(|(line, message)| format!("Line {}: {message}", above + line))
                .collect()),
        }
    }

    fn read_row(
        &self,
        row: &rows::InputRow,
        seen: &mut BTreeSet<EmployeeId>,
        new: &str,
    ) -> Result<(EmployeeId, Changes), Vec<String>> {
        let refuse = |message: String| vec![message];
        let all = |errors: &[FieldError], whose: &str| -> Vec<_> {
            errors
                .iter()
                .map(|error| format!("{whose}{error}"))
                .collect()
        };
        let document = row.document.as_ref().map_err(|errors| all(errors, ""))?;
        let id = document.id.ok_or_else(|| {
            refuse(format!(
                "This row has no id. To add people, press {new} in the \
                table."
            ))
        })?;
        let person = self
            .people
            .get(&id)
            .ok_or_else(|| refuse(format!("#{id} is not one of these people.")))?;
        let name = person.details.full_name();
        if !seen.insert(id) {
            return Err(refuse(format!("{name}: two rows have this id.")));
        }
        // Compared with the record as the text showed it, so that only edited cells are changes.
        let merged = document.changes.apply_to(&person.details);
        let merged = merged.map_err(|errors| all(&errors, &format!("{name}: ")))?;
        Ok((id, Changes::between(&person.details, &merged)))
    }
}

fn error_text(error: &HeaderError) -> Vec<String> {
    match error {
        HeaderError::Columns(errors) => errors
            .iter()
            .map(|error| format!("Header: {error}"))
            .collect(),
        HeaderError::Unreadable(_) => vec![error.to_string()],
    }
}
