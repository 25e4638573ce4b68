//! Reads stored blobs again; what is damaged is out of use at once, and fetched again.

use std::{collections::BTreeMap, time::Duration};

use weir_content::{ContentError, Finding, Pace};
use weir_domain::{
    Digest, PackageName, RegistryId,
    task::{Priority, SyncOptions, SyncPackage, TaskSpec},
};
use weir_store::{
    StoreError, blobs, clock,
    tasks::{self, NewRequest, NewTask},
};

use crate::{Environment, guard::Guard};

/// So many bytes, or …
const BYTES: u64 = 64 << 20;
/// … so many blobs are proven before that is written down.
const BLOBS: usize = 200;

/// What somebody wants to hear of while blobs are read.
pub(crate) trait Watcher: Sync {
    /// So many more bytes were read.
    fn read(&self, _bytes: u64) {}

    /// A blob is damaged.
    fn found(&self, finding: &Finding) -> impl Future<Output = ()> + Send;
}

/// Reads these blobs; returns how many are what they are called.
///
/// One that cannot be read for now keeps no other from being read; the first such error is
/// returned at the end.
pub(crate) async fn verify(
    environment: &Environment,
    guard: &impl Guard,
    stored: Vec<(Digest, u64)>,
    (pace, watcher): (&mut Pace, &impl Watcher),
) -> Result<u64, ContentError> {
    let (mut proven, mut bytes, mut count) = (Vec::new(), 0, 0);
    let mut outcome = Ok(());
    for blob in stored {
        let examined = environment
            .content
            .examine(blob, pace, |bytes| watcher.read(bytes));
        match examined.await {
            Ok(None) => proven.push(blob.0),
            Ok(Some(finding)) => watcher.found(&finding).await,
            Err(ContentError::Store(error)) => return Err(error.into()),
            Err(error) => outcome = outcome.and(Err(error)),
        }
        bytes += blob.1;
        if bytes >= BYTES || proven.len() >= BLOBS {
            count += record(guard, std::mem::take(&mut proven)).await?;
            bytes = 0;
        }
    }
    count += record(guard, proven).await?;
    outcome.map(|()| count)
}

async fn record(guard: &impl Guard, proven: Vec<Digest>) -> Result<u64, StoreError> {
    let count = proven.len() as u64;
    let recorded = guard.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            blobs::proven(tx, &proven, now).await
        })
    });
    recorded.await?;
    Ok(count)
}

/// Has the tarballs fetched again that a damaged blob was.
pub(crate) async fn repair(environment: &Environment, finding: &Finding) -> Result<(), StoreError> {
    let mut wanted: BTreeMap<(&PackageName, RegistryId), SyncOptions> = BTreeMap::new();
    for (name, registry, version) in &finding.damage.tarballs {
        // What comes from nowhere can be had from nowhere.
        let Some(registry) = registry else { continue };
        let options = wanted.entry((name, *registry)).or_default();
        options.skip_dependencies = true;
        options.specific_versions.insert(version.clone());
    }
    for ((name, registry), options) in wanted {
        let (package, fair) = (name.clone(), environment.fair.clone());
        let submitted = environment.db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                let new = NewTask {
                    spec: TaskSpec::SyncPackage(SyncPackage { package, registry }),
                    priority: Priority::BULK,
                    fair_key: fair.next("upkeep", now),
                    run_after: now,
                    retry_of: None,
                };
                let request = NewRequest {
                    tips: Some("a stored tarball was damaged".to_owned()),
                    options,
                    ..NewRequest::default()
                };
                tasks::submit(tx, &new, &request, now).await
            })
        });
        submitted.await?;
    }
    Ok(())
}

/// Between two looks for blobs whose proof is old.
pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(60);
