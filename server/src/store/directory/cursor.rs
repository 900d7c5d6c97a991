//! Where the next page begins: behind a place in the order, whether or not its record is still
//! there.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use roster_common::query::Sort;
use serde::{Deserialize, Serialize};

use super::key::{Keyed, ListedRecord};

/// The place behind which a page begins.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cursor {
    /// In the words of the query, so that a cursor of another order is known.
    sort: String,
    /// The record behind which the page begins, as it was.
    pub(super) record: Keyed<'static>,
}

impl Cursor {
    /// Behind a record.
    pub(super) fn behind(record: ListedRecord<'_>, sort: &Sort) -> Self {
        Self {
            sort: sort.to_string(),
            record: Keyed::new(sort, record).into_owned(),
        }
    }

    /// The cursor as clients carry it.
    pub(crate) fn to_token(&self) -> Option<String> {
        postcard::to_allocvec(self)
            .ok()
            .map(|bytes| URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Reads [`Cursor::to_token`], if it is one of this order.
    pub(crate) fn from_token(token: &str, sort: &Sort) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (cursor, rest) = postcard::take_from_bytes::<Self>(&bytes).ok()?;
        let fits = rest.is_empty()
            && cursor.sort == sort.to_string()
            && cursor.record.len() == sort.keys().len();
        fits.then_some(cursor)
    }
}
