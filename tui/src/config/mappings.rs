//! `[mappings.NAME]`: what the columns of a file of another system mean, for
//! `roster employees import --mapping NAME`.

use std::collections::BTreeMap;

use roster_common::import::Meaning;
use toml::Spanned;
use toml::de::DeValue;

use super::{ConfigProblem, Problems, entries, mistake, unknown};

/// The meanings of some columns, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportMapping(Vec<(String, Option<Meaning>)>);

impl ImportMapping {
    /// Each heading and its meaning, or `None` if the column is skipped.
    pub fn columns(&self) -> impl Iterator<Item = (String, Option<Meaning>)> {
        self.0.iter().cloned()
    }

    /// Reads the name of a meaning; an empty name skips the column.
    pub fn meaning(name: &str) -> Option<Option<Meaning>> {
        if name.is_empty() {
            return Some(None);
        }
        Meaning::from_name(name).map(Some)
    }

    /// What to say about a name that is no meaning.
    pub fn unknown_meaning(name: &str) -> String {
        format!(
            "unknown field {name:?}; use {}",
            Meaning::names().collect::<Vec<_>>().join(", ")
        )
    }
}

/// Reads `[mappings]`, as far as it can be read.
pub(super) fn mappings(
    value: &Spanned<DeValue<'_>>,
    problems: &mut Problems,
) -> BTreeMap<String, ImportMapping> {
    let what = "mappings must be tables with names, like [mappings.payroll]";
    let mut mappings = BTreeMap::new();
    let named = problems.take(entries(value, what)).into_iter().flatten();
    for (name, columns) in named {
        let what = format!(
            "a mapping must be a table, like [mappings.{}]",
            name.get_ref()
        );
        let mut mapping = ImportMapping::default();
        let columns = problems.take(entries(columns, &what)).into_iter().flatten();
        for (heading, field) in columns {
            let meaning = problems.take(meaning(field));
            let column = meaning.map(|meaning| (heading.get_ref().to_string(), meaning));
            mapping.0.extend(column);
        }
        // A mapping that is read in part does no harm: any problem prevents the start.
        mappings.insert(name.get_ref().to_string(), mapping);
    }
    mappings
}

fn meaning(value: &Spanned<DeValue<'_>>) -> Result<Option<Meaning>, ConfigProblem> {
    let DeValue::String(name) = value.get_ref() else {
        return Err(mistake(
            value.span(),
            "a column takes a quoted field, like \"email\", or \"\" to be skipped",
        ));
    };
    ImportMapping::meaning(name)
        .ok_or_else(|| unknown(value.span(), "field", name, Meaning::names()))
}
