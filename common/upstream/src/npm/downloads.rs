//! Counts of downloads, as registries that count them answer.
//!
//! Source: the npm registry's documents, `download-counts.md`: at most 18 months an answer.

use serde::Deserialize;
use weir_domain::{Day, PackageName};

use super::NpmRegistry;
use crate::UpstreamError;

/// Days asked for at once; what every registry answers.
pub const DAYS_AT_ONCE: i64 = 365;

#[derive(Deserialize)]
struct Answer {
    downloads: Vec<Count>,
}

#[derive(Deserialize)]
struct Count {
    day: String,
    downloads: u64,
}

impl NpmRegistry {
    /// Fetches how often a package was downloaded on each day from `first` to `last`.
    ///
    /// # Errors
    /// [`UpstreamError`]; also if the answer is not of the shape it should be.
    pub async fn downloads(
        &self,
        package: &PackageName,
        (first, last): (Day, Day),
    ) -> Result<Vec<(Day, u64)>, UpstreamError> {
        let path = format!("downloads/range/{first}:{last}/{package}");
        let (place, bytes) = self.small(&path).await?;
        let answer: Answer = serde_json::from_slice(&bytes)
            .map_err(|error| UpstreamError::invalid(&place, error.to_string()))?;
        let counts = answer.downloads.into_iter();
        let counts = counts.filter_map(|count| Some((Day::parse(&count.day)?, count.downloads)));
        Ok(counts
            .filter(|(day, _)| (first..=last).contains(day))
            .collect())
    }
}
