//! Which employees a command is about, and in which order.

use roster_common::query::{Sort, Window, named_managers};
use roster_common::{Field, Query};

use super::input::{field_and_value, manager_id};
use crate::cli::failure::Failure;
use crate::client::Client;

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
    /// All of them. Managers who are named are looked up.
    ///
    /// # Errors
    /// [`Failure::Usage`] if the filter has a mistake, or names a manager who is not exactly one
    /// person; a failure of the client.
    pub(super) async fn query(mut self, client: &Client) -> Result<Query, Failure> {
        for (_, manager) in self
            .equals
            .iter_mut()
            .filter(|(field, _)| *field == Field::Manager)
        {
            *manager = manager_id(manager, Failure::Usage, client).await?;
        }
        let query = Query {
            q: with_manager_ids(self.filter, client).await?,
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

/// A filter with the ids of the managers whom it names, from the last to the first: the places of
/// those before stay the same.
async fn with_manager_ids(mut q: String, client: &Client) -> Result<String, Failure> {
    for place in named_managers(&q).into_iter().rev() {
        let name = q.get(place.clone()).unwrap_or_default().replace('"', "");
        q.replace_range(place, &manager_id(&name, Failure::Usage, client).await?);
    }
    Ok(q)
}
