//! Asking an edition that does not sort: pages of a table in no order may leave rows out, and
//! nobody would notice. So everything is asked for in one answer, which is whole or none.
//!
//! What is too large for that is not asked by queries at all: everything is listed by Conan's
//! interface, and what changed cannot be told.
//!
//! Source: Artifactory's documents, "Limitations": the open-source version does not sort.

use super::{Aql, CatalogueSource, Listing, Row, SourceError, Table, Timestamp};
use crate::UpstreamError;

/// What is said of a listing that came so.
pub(super) const WARNING: &str = "the source does not sort what it is asked for (its edition may \
     not): all was asked for in one answer";

/// Says whether the query is refused, as one that sorts may be.
pub(super) fn is_refused(error: &SourceError) -> bool {
    matches!(
        error,
        SourceError::Upstream(UpstreamError::Refused { status: 400, .. })
    )
}

/// Returns nothing for what is too large to be told.
pub(super) fn unless_too_large(
    changed: Result<Listing, SourceError>,
) -> Result<Option<Listing>, SourceError> {
    match changed {
        Err(SourceError::TooLarge(_)) => Ok(None),
        changed => changed.map(Some),
    }
}

impl Aql {
    /// Returns the whole table.
    ///
    /// # Errors
    /// [`SourceError::TooLarge`] if it is larger than one answer may be.
    pub(super) async fn at_once(&self, since: Option<Timestamp>) -> Result<Table, SourceError> {
        let most = self.conan.session.limits().listing_entries;
        // One row more than may come: if that many come, there may be others.
        let query = format!("{}.limit({})", self.find(since)?, most + 1);
        let rows = self.ask(query).await?;
        if rows.len() > most {
            let why = format!("the listing has more than {most} rows");
            return Err(SourceError::TooLarge(why));
        }
        let place = |row: Row| (row.path.clone(), row);
        Ok(Table {
            rows: rows.into_iter().map(place).collect(),
            is_unsorted: true,
            ..Table::default()
        })
    }

    /// Lists everything by a query, or by Conan's interface if that is too much for queries.
    pub(super) async fn everything_somehow(&self) -> Result<Listing, SourceError> {
        match self.everything().await {
            Err(SourceError::TooLarge(why)) => {
                let mut listing = self.conan.list().await?;
                let text = format!("{why}: it was listed by Conan's interface instead");
                listing.warnings.push(text);
                Ok(listing)
            }
            listing => listing,
        }
    }
}
