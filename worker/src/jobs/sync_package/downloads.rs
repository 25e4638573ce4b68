//! Copies how often the package was downloaded, where the registry counts that.
//!
//! Beside the package, not of it: whatever goes wrong here is a warning.

use weir_domain::{Day, Registry, Timestamp};
use weir_store::{clock, download_counts, packages::Package};
use weir_upstream::{DAYS_AT_ONCE, NpmRegistry, UpstreamError};

use super::Sync;
use crate::job::JobError;

/// Before this day nobody counted: 2015-01-10.
const FIRST: Day = Day(16_445);
/// Counts of the last days may still change; they are asked for again.
const UNSETTLED: i64 = 7;

impl Sync<'_> {
    /// Copies the counts of every day since the last sync of them.
    pub(super) async fn copy_downloads(
        &mut self,
        registry: &Registry,
        package: &Package,
    ) -> Result<(), JobError> {
        if !self.wants_downloads() {
            return Ok(());
        }
        let Some(url) = &registry.downloads else {
            self.warn("The registry counts no downloads".to_owned())
                .await;
            return Ok(());
        };
        let counting = Registry {
            url: url.clone(),
            ..registry.clone()
        };
        let client = if url.origin() == registry.url.origin() {
            self.environment.content.npm(&counting).await?
        } else {
            // Credentials belong to the registry's own origin.
            self.environment.upstreams.registry(&counting)
        };
        match self.fetch_downloads(&client, package).await {
            Ok(days) => {
                let text = format!("Counts of downloads of {days} days stored");
                self.attempt.info(text).await;
            }
            Err(Failed::Upstream(error)) => {
                self.warn(format!("Counts of downloads do not come: {error}"))
                    .await;
            }
            Err(Failed::Job(error)) => return Err(error),
        }
        Ok(())
    }

    fn wants_downloads(&self) -> bool {
        let mut requests = self.attempt.requests.iter();
        requests.any(|request| request.options.sync_download_data)
    }

    async fn fetch_downloads(
        &self,
        client: &NpmRegistry,
        package: &Package,
    ) -> Result<usize, Failed> {
        let db = self.environment.db.read();
        let known = download_counts::last_day(db, package.id).await?;
        let yesterday = Day::of(clock::now(db).await?).plus(-1);
        let mut first = known.map_or_else(
            || first_day(package).max(FIRST),
            |last| last.plus(1 - UNSETTLED),
        );
        let mut days = 0;
        while first <= yesterday {
            let last = first.plus(DAYS_AT_ONCE - 1).min(yesterday);
            let counts = client.downloads(&package.name, (first, last)).await;
            let counts = counts.map_err(Failed::Upstream)?;
            days += counts.len();
            let id = package.id;
            self.attempt
                .write(move |tx| {
                    Box::pin(async move { download_counts::put(tx, id, &counts).await })
                })
                .await?;
            self.attempt.progress(|_| {});
            first = last.plus(1);
        }
        Ok(days)
    }
}

/// Upstream's failures are told from ours.
enum Failed {
    Upstream(UpstreamError),
    Job(JobError),
}

impl From<weir_store::StoreError> for Failed {
    fn from(error: weir_store::StoreError) -> Self {
        Self::Job(error.into())
    }
}

fn first_day(package: &Package) -> Day {
    let created = package.head.time.get("created");
    let created = created.and_then(|at| Timestamp::parse(at));
    created.map_or(FIRST, Day::of)
}
