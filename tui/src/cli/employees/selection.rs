//! Which employees a command is about, and in which order.

use roster_common::query::{Sort, Window};
use roster_common::{Field, Query};

use super::input::field_and_value;
use crate::cli::failure::Failure;

#[derive(Debug, clap::Args)]
pub(super) struct Selection {
    /// Filter, as in the application: Ada dept:eng|sales !status:left hired:>2024
    #[arg(
        long,
        short = 'q',
        visible_alias = "q",
        value_name = "WORDS",
        default_value = "",
        hide_default_value = true
    )]
    filter: String,
    /// Only employees with exactly this value (ignoring case and accents)
    #[arg(long = "where", value_name = "FIELD=VALUE", value_parser = field_and_value)]
    equals: Vec<(Field, String)>,
    /// Sort order, for example lastname,-hired
    #[arg(long, value_name = "COLUMNS", value_parser = sort, allow_hyphen_values = true, default_value = "", hide_default_value = true)]
    sort: Sort,
}

fn sort(text: &str) -> Result<Sort, String> {
    text.parse().map_err(|(_, message)| message)
}

impl Selection {
    /// All of them.
    ///
    /// # Errors
    /// [`Failure::Usage`] if the filter has a mistake.
    pub(super) fn query(self) -> Result<Query, Failure> {
        let query = Query {
            q: self.filter,
            equals: self.equals,
            sort: self.sort,
            window: Window::All,
            ..Query::default()
        };
        match query.mistake() {
            Some(mistake) => Err(Failure::Usage(mistake.to_string())),
            None => Ok(query),
        }
    }
}
