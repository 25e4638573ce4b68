//! Has sources of the catalogue synchronised: full and incremental runs, each at its source's
//! moment, and what webhooks hinted at once that has settled.
//!
//! An upload is several events, and many uploads come together: so hints wait a little, and are
//! then looked at by one run. Whatever is due of a source at once is one task.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use weir_content::ContentError;
use weir_domain::{
    RegistryId, Timestamp,
    catalogue::CatalogueOptions,
    task::{Priority, SyncCatalogue, SyncOptions, TaskSpec},
};
use weir_store::{
    StoreError, Tx,
    catalogue::{
        self,
        sources::{self, Source},
    },
    clock, registries,
    tasks::{self, FairQueue, NewRequest, NewTask},
};

use super::lead::Lead;

/// Between two looks.
pub(super) const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How old a source's oldest hint is before its hints are looked at.
const SETTLED: Duration = Duration::from_secs(3);

/// Submits what is due.
pub(super) async fn submit(lead: &Lead) -> Result<(), ContentError> {
    let environment = &lead.environment;
    if !environment.settings.asks_upstream {
        return Ok(());
    }
    let db = environment.db.read();
    let now = clock::now(db).await?;
    let hinted = catalogue::hinted(db, now.minus(SETTLED)).await?;
    let hinted: BTreeSet<RegistryId> = hinted.into_iter().collect();
    for source in sources::list(db).await? {
        let is_hinted = hinted.contains(&source.registry);
        if !is_hinted && Moments::of(&source, now) == Moments::set(&source) {
            continue;
        }
        let registry = match registries::get(db, source.registry).await {
            Err(StoreError::NotFound { .. }) => continue,
            registry => registry?,
        };
        let turn = Turn {
            sync: SyncCatalogue {
                registry: registry.id,
                slug: registry.slug,
            },
            is_hinted,
            fair: Arc::clone(&environment.fair),
        };
        let taken = lead.write(move |tx| Box::pin(async move { turn.take(tx).await }));
        taken.await?;
    }
    Ok(())
}

/// When a source's next runs come, and whether they are due now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Moments {
    full: Option<Timestamp>,
    incremental: Option<Timestamp>,
    is_full_due: bool,
    is_incremental_due: bool,
}

impl Moments {
    /// Returns those that are set.
    fn set(source: &Source) -> Self {
        Self {
            full: source.next_full_at,
            incremental: source.next_incremental_at,
            ..Self::default()
        }
    }

    /// Returns those that there are to be.
    fn of(source: &Source, now: Timestamp) -> Self {
        let next = |interval| sources::next(source.registry, interval, now);
        let moment = |interval: Option<Duration>, at: Option<Timestamp>| match (interval, at) {
            (Some(interval), Some(at)) if at <= now => (Some(next(interval)), true),
            (Some(_), Some(at)) => (Some(at), false),
            (interval, _) => (interval.map(next), false),
        };
        let settings = &source.settings;
        let (full, is_full_due) = moment(settings.full_every(), source.next_full_at);
        let (incremental, is_incremental_due) =
            moment(settings.incremental_every(), source.next_incremental_at);
        Self {
            full,
            incremental,
            is_full_due,
            is_incremental_due,
        }
    }
}

/// A source of which something is due.
struct Turn {
    sync: SyncCatalogue,
    is_hinted: bool,
    fair: Arc<FairQueue>,
}

impl Turn {
    /// Sets the next moments, and submits what is due.
    async fn take(self, tx: &Tx) -> Result<(), StoreError> {
        let registry = self.sync.registry;
        let spec = TaskSpec::SyncCatalogue(self.sync);
        let key = spec.dedupe_key();
        tasks::lock(tx, [key.as_str()]).await?;
        let now = clock::now(&**tx).await?;
        let Some(source) = sources::find_for_update(tx, registry).await? else {
            return Ok(());
        };
        let moments = Moments::of(&source, now);
        sources::set_next(tx, registry, moments.full, moments.incremental).await?;
        let mut options = CatalogueOptions {
            is_full: moments.is_full_due,
            ..CatalogueOptions::default()
        };
        if self.is_hinted {
            options.hints = catalogue::take_hints(tx, registry).await?;
        }
        // A run that has yet to begin sees what an incremental one would.
        let is_looked_at = moments.is_incremental_due && !tasks::is_live(&**tx, &key).await?;
        if !options.is_full && options.hints.is_empty() && !is_looked_at {
            return Ok(());
        }
        let new = NewTask {
            spec,
            priority: if options.hints.is_empty() {
                Priority::BULK
            } else {
                Priority::USER
            },
            fair_key: self.fair.next("catalogue", now),
            run_after: now,
            retry_of: None,
        };
        let request = NewRequest {
            tips: Some("scheduled".to_owned()),
            options: SyncOptions {
                // Too many hints are a full run.
                catalogue: Some(CatalogueOptions::default().union(&options)),
                ..SyncOptions::default()
            },
            ..NewRequest::default()
        };
        tasks::submit(tx, &new, &request, now).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use weir_domain::catalogue::CatalogueSettings;

    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn source(full_every_secs: u64, next_full_at: Option<i64>) -> Source {
        Source {
            registry: RegistryId::new(),
            settings: CatalogueSettings {
                full_every_secs,
                incremental_every_secs: 0,
                ..CatalogueSettings::default()
            },
            cursor: None,
            next_full_at: next_full_at.map(|ms| Timestamp(NOW.0 + ms)),
            next_incremental_at: None,
            full_at: None,
            incremental_at: None,
            failed_at: None,
        }
    }

    #[test]
    fn a_moment_that_came_is_due_and_the_next_one_lies_ahead() {
        let hour = Duration::from_secs(3600);
        // Interval, what is set; whether there is a moment then, and whether one is due.
        let table = [
            (3600, Some(0), true, true),
            (3600, Some(-5000), true, true),
            (3600, Some(5000), true, false),
            (3600, None, true, false),
            (0, Some(-5000), false, false),
            (0, None, false, false),
        ];
        for (interval, set, has_moment, is_due) in table {
            let source = source(interval, set);
            let moments = Moments::of(&source, NOW);
            assert_eq!(moments.full.is_some(), has_moment, "{interval} {set:?}");
            assert_eq!(moments.is_full_due, is_due, "{interval} {set:?}");
            assert!(!moments.is_incremental_due);
            if is_due {
                assert!(moments.full.is_some_and(|at| at.since(NOW) >= hour / 2));
            }
            let is_idle = moments == Moments::set(&source);
            assert_eq!(
                is_idle,
                matches!((interval, set), (3600, Some(5000)) | (0, None))
            );
        }
    }
}
