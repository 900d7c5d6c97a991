//! The path of a file, while it is typed.

use super::suggestions::{Suggestion, Suggestions};
use super::text::LineEdit;

/// The path as it is typed, with completion.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PathEntry {
    /// The path; `~` is the home folder.
    pub line: LineEdit,
    /// The entries of the folder that begin with the typed name.
    pub suggestions: Suggestions,
    /// The folder that was listed last, as it was typed, and its entries.
    pub listed: Option<Folder>,
    /// The folder whose entries are awaited, and what to do with them.
    pub asked: Option<(String, Completion)>,
    /// The endings of the files that are suggested first, in small letters.
    pub preferred: &'static [&'static str],
}

/// A folder as it was typed, and what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// Its path up to and including the last slash; empty for the current folder.
    pub path: String,
    /// What is in it.
    pub entries: Vec<FolderEntry>,
}

/// A file or a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderEntry {
    /// Its name.
    pub name: String,
    /// Whether it is a folder.
    pub is_folder: bool,
}

/// What to do with the entries of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completion {
    /// Complete the name as far as it is clear, and list what it may be.
    Complete,
    /// Only list.
    List,
}

impl PathEntry {
    /// A path with the cursor at its end.
    pub fn new(path: impl Into<String>, preferred: &'static [&'static str]) -> Self {
        Self {
            line: LineEdit::new(path),
            preferred,
            ..Self::default()
        }
    }

    /// The folder that is typed, up to its last slash.
    pub fn folder(&self) -> &str {
        self.parts().0
    }

    fn parts(&self) -> (&str, &str) {
        let typed = self.line.text();
        typed.split_at(typed.rfind('/').map_or(0, |at| at + 1))
    }

    /// Whether the entries of the typed folder are known.
    pub fn is_listed(&self) -> bool {
        let listed = self.listed.as_ref();
        listed.is_some_and(|folder| folder.path == self.folder())
    }

    /// Whether the name is completed when the entries of its folder are known.
    pub fn awaits_completion(&self) -> bool {
        matches!(self.asked, Some((_, Completion::Complete)))
    }

    /// Suggests what the typed name may become.
    pub fn suggest(&mut self) {
        let items = self.matches().into_iter().map(suggestion).collect();
        self.suggestions.items = items;
        self.suggestions.chosen = None;
    }

    /// Completes the name as far as all that begin with it agree. Returns `true` if only one does,
    /// which is now in the line.
    pub fn complete(&mut self) -> bool {
        let matches = self.matches();
        let names: Vec<_> = matches.iter().map(|entry| entry.name.as_str()).collect();
        let common = common_start(&names);
        let only = match matches.as_slice() {
            [only] => Some(suggestion(only).text),
            _ => None,
        };
        let is_only = only.is_some();
        let (folder, typed) = self.parts();
        let name = only.unwrap_or(common);
        if name.len() > typed.len() {
            self.line.replace(format!("{folder}{name}"));
        }
        is_only
    }

    /// Takes the selected suggestion. Returns `true` if there is one.
    pub fn accept(&mut self) -> bool {
        let chosen = self.suggestions.chosen;
        let suggestion = chosen.and_then(|at| self.suggestions.items.get(at));
        let Some(suggestion) = suggestion else {
            return false;
        };
        self.line
            .replace(format!("{}{}", self.folder(), suggestion.text));
        self.suggestions.close();
        true
    }

    /// The entries that begin with the typed name: files of the preferred kinds, folders, then all
    /// else. Hidden ones only once their dot is typed.
    fn matches(&self) -> Vec<&FolderEntry> {
        let (path, typed) = self.parts();
        let folder = self.listed.as_ref().filter(|folder| folder.path == path);
        let entries = folder.map_or(&[][..], |folder| folder.entries.as_slice());
        let begins = |entry: &&FolderEntry| {
            let is_shown = typed.starts_with('.') || !entry.name.starts_with('.');
            is_shown && entry.name.starts_with(typed)
        };
        let mut matches: Vec<_> = entries.iter().filter(begins).collect();
        matches.sort_by_key(|entry| (self.rank(entry), entry.name.to_lowercase()));
        matches
    }

    fn rank(&self, entry: &FolderEntry) -> u8 {
        let name = entry.name.to_lowercase();
        let is_preferred = || {
            let mut endings = self.preferred.iter();
            endings.any(|ending| {
                name.strip_suffix(ending)
                    .is_some_and(|stem| stem.ends_with('.'))
            })
        };
        match entry.is_folder {
            true => 1,
            false if is_preferred() => 0,
            false => 2,
        }
    }
}

/// A folder is marked by a slash.
fn suggestion(entry: &FolderEntry) -> Suggestion {
    let mark = if entry.is_folder { "/" } else { "" };
    Suggestion {
        text: format!("{}{mark}", entry.name),
        note: String::new(),
    }
}

/// The longest text with which all names begin.
fn common_start(names: &[&str]) -> String {
    let (Some(first), rest) = (names.first(), names.get(1..).unwrap_or_default()) else {
        return String::new();
    };
    let agrees = |(at, c): &(usize, char)| {
        let end = at + c.len_utf8();
        rest.iter()
            .all(|name| name.get(*at..end) == first.get(*at..end))
    };
    first
        .char_indices()
        .take_while(agrees)
        .map(|(_, c)| c)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(typed: &str) -> PathEntry {
        let names = [
            "people.csv",
            "people-old.csv",
            "pear/",
            "notes.txt",
            ".hidden",
            "été.xlsx",
        ];
        let entries = names.map(|name| FolderEntry {
            name: name.trim_end_matches('/').to_owned(),
            is_folder: name.ends_with('/'),
        });
        PathEntry {
            listed: Some(Folder {
                path: "~/in/".into(),
                entries: entries.into(),
            }),
            ..PathEntry::new(typed, &["csv", "xlsx"])
        }
    }

    fn suggested(typed: &str) -> Vec<String> {
        let mut entry = entry(typed);
        entry.suggest();
        entry
            .suggestions
            .items
            .into_iter()
            .map(|item| item.text)
            .collect()
    }

    #[test]
    fn readable_files_come_first_then_folders_then_the_rest() {
        let all = [
            "people-old.csv",
            "people.csv",
            "été.xlsx",
            "pear/",
            "notes.txt",
        ];
        assert_eq!(suggested("~/in/"), all);
        assert_eq!(
            suggested("~/in/pe"),
            ["people-old.csv", "people.csv", "pear/"]
        );
        assert_eq!(suggested("~/in/."), [".hidden"]);
        assert!(
            suggested("~/elsewhere/").is_empty(),
            "this folder is not known"
        );
    }

    #[test]
    fn a_name_is_completed_as_far_as_it_is_clear() {
        let completed = |typed: &str| {
            let mut entry = entry(typed);
            let is_only = entry.complete();
            (entry.line.text().to_owned(), is_only)
        };
        assert_eq!(completed("~/in/p"), ("~/in/pe".into(), false));
        assert_eq!(completed("~/in/peo"), ("~/in/people".into(), false));
        assert_eq!(completed("~/in/pea"), ("~/in/pear/".into(), true));
        assert_eq!(completed("~/in/é"), ("~/in/été.xlsx".into(), true));
        assert_eq!(completed("~/in/x"), ("~/in/x".into(), false));
    }
}
