//! Brings the catalogue to the state of one source.
//!
//! Read both sides, plan, apply, report. The plan is pure; what it leads to is written package
//! by package, each in a transaction that says which task looked: so whoever runs the task next
//! compares with what is stored and goes on, and nothing is read twice. What is gone is taken
//! away at the very end, and only if the source is still believed then.
//!
//! A reference that cannot be read is a warning, and keeps its package from being swept. A source
//! that does not prove itself, or lists less than it should, is an error, and nothing is taken away.

mod fetch;
mod plan;
mod read;
mod sweep;
mod tally;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeSet,
    convert::Infallible,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;
use weir_domain::{
    Decision, Registry, Timestamp,
    catalogue::{CatalogueOptions, CatalogueSettings, Note, Phase, Reference},
    task::{ErrorCode, Report, SyncCatalogue},
};
use weir_store::{
    StoreError,
    catalogue::{
        self,
        sources::{self, Completed, Source},
    },
    clock, registries, tasks,
};
use weir_upstream::{
    Place,
    catalogue::{CatalogueSource, SourceError},
};

use self::tally::Tallies;
use super::warnings::Warnings;
use crate::{
    Attempt, Environment,
    job::{Done, FollowUps, JobError},
};

/// Packages that are read side by side: kind to the source, and a bound of memory.
const CONCURRENCY: usize = 6;
/// How often what was spent is shown while nothing else is told.
const BEAT: Duration = Duration::from_millis(500);
/// Failures in a row after which the source has to prove itself again; after the first, too.
const DOUBT_EVERY: u32 = 10;

/// When what could not be read is looked at again.
const UNREAD_AGAIN: Duration = Duration::from_secs(300);
/// Most of it; a full run comes to the rest.
const MOST_UNREAD: usize = 200;

/// Runs the task with the source that its registry is.
pub(super) async fn run(
    environment: &Environment,
    attempt: &Attempt,
    spec: &SyncCatalogue,
) -> Result<Done, JobError> {
    let db = environment.db.read();
    let registry = registries::get(db, spec.registry).await?;
    if !environment.settings.asks_upstream {
        let text = "This mirror asks no upstream (sync_mode is none)";
        return Err(JobError::give_up(ErrorCode::Blocked, text));
    }
    let Some(Source { settings, .. }) = sources::find(db, spec.registry).await? else {
        let text = format!("{} is not a source of the catalogue", registry.slug);
        return Err(JobError::give_up(ErrorCode::NotFound, text));
    };
    let authorization = environment.content.authorization(&registry).await?;
    let upstreams = &environment.upstreams;
    let source = upstreams.catalogue(&registry, &settings, authorization);
    synchronise(attempt, &registry, &settings, source.as_ref()).await
}

/// Runs the task with this source.
async fn synchronise(
    attempt: &Attempt,
    registry: &Registry,
    settings: &CatalogueSettings,
    source: &dyn CatalogueSource,
) -> Result<Done, JobError> {
    let before = attempt
        .task
        .progress
        .and_then(|progress| progress.catalogue);
    let job = Job {
        attempt,
        registry,
        settings,
        source,
        options: wished(attempt),
        tallies: Mutex::new(Tallies::after(before.unwrap_or_default())),
        warnings: Mutex::default(),
        unread: Mutex::default(),
        failures: AtomicU32::new(0),
    };
    let ended = tokio::select! {
        ended = job.run() => ended,
        never = job.beat() => match never {},
    };
    if let Err(error) = &ended
        && error.decision != Decision::Stop
    {
        job.note_spent();
        job.note_failure().await?;
    }
    ended
}

/// Returns the error of a source that was asked again and again already. However long it wants to
/// be left alone, that was an attempt: another run comes by itself.
fn trouble(error: SourceError) -> JobError {
    let error = JobError::from(error);
    let decision = match error.decision {
        Decision::Wait(pause) => Decision::Retry(Some(pause)),
        decision => decision,
    };
    JobError { decision, ..error }
}

/// Returns what a run must do to satisfy everybody who asked for it.
fn wished(attempt: &Attempt) -> CatalogueOptions {
    let wishes = attempt.requests.iter();
    let wishes = wishes.map(|wish| wish.options.catalogue.clone().unwrap_or_default());
    wishes
        .reduce(|all, one| all.union(&one))
        .unwrap_or_default()
}

/// A run under way.
struct Job<'a> {
    attempt: &'a Attempt,
    registry: &'a Registry,
    settings: &'a CatalogueSettings,
    source: &'a dyn CatalogueSource,
    options: CatalogueOptions,
    tallies: Mutex<Tallies>,
    warnings: Mutex<Warnings>,
    /// References that could not be read.
    unread: Mutex<BTreeSet<Reference>>,
    /// References that could not be read, in a row.
    failures: AtomicU32,
}

impl Job<'_> {
    async fn run(&self) -> Result<Done, JobError> {
        let begun = Instant::now();
        self.announce().await;
        self.enter(Phase::Connecting);
        self.prove().await?;
        self.enter(Phase::Listing);
        let (sides, cursor) = self.read().await?;
        self.enter(Phase::Diffing);
        let (is_complete, known) = (sides.is_complete, sides.counted());
        let mut plan = plan::plan(sides)?;
        self.unread().extend(plan.unread.drain(..));
        self.tell(&plan, is_complete).await;
        self.enter(Phase::Fetching);
        let gone = self.fetch(plan).await?;
        self.enter(Phase::Sweeping);
        self.sweep(gone, (is_complete, known)).await?;
        self.summarise(begun.elapsed()).await;
        Ok(self.done(cursor))
    }

    /// Shows what is spent while the job waits for its source: that is a sign of life.
    async fn beat(&self) -> Infallible {
        loop {
            tokio::time::sleep(BEAT).await;
            self.note_spent();
        }
    }

    fn note_spent(&self) {
        if self.tallies().spent(self.source.spent()) {
            self.show();
        }
    }

    fn tallies(&self) -> MutexGuard<'_, Tallies> {
        self.tallies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unread(&self) -> MutexGuard<'_, BTreeSet<Reference>> {
        self.unread.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn warnings(&self) -> MutexGuard<'_, Warnings> {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, phase: Phase) {
        self.count(|tallies| tallies.enter(phase));
    }

    /// Changes the numbers, and shows them.
    fn count(&self, change: impl FnOnce(&mut Tallies)) {
        change(&mut self.tallies());
        self.show();
    }

    fn show(&self) {
        let shown = self.tallies().shown();
        self.attempt.progress(|progress| {
            progress.versions_done = shown.versions.processed;
            progress.versions_total = shown.versions.discovered;
            progress.bytes = shown.bytes;
            progress.catalogue = Some(shown);
        });
    }

    /// Adds a line that also ends up with the task.
    async fn warn(&self, note: Note) {
        self.attempt.warn(&note.message).await;
        self.warnings().note(note);
    }

    async fn prove(&self) -> Result<(), JobError> {
        self.source.prove().await.map_err(trouble)
    }

    /// Notes that nothing could be learnt of a reference, and finds out whether that is the
    /// source's fault.
    ///
    /// # Errors
    /// If it does not prove itself: then nothing more can be learnt, nor believed.
    async fn doubt(&self) -> Result<(), JobError> {
        let failures = self.failures.fetch_add(1, Ordering::Relaxed);
        if failures.is_multiple_of(DOUBT_EVERY) {
            self.prove().await?;
        }
        Ok(())
    }

    /// Notes that the source answers about single references.
    fn believe(&self) {
        self.failures.store(0, Ordering::Relaxed);
    }

    fn done(&self, cursor: Option<Timestamp>) -> Done {
        self.note_spent();
        let ended = self.tallies().ended();
        let is_hinted = self.unread().len() <= MOST_UNREAD;
        let completed = Completed {
            is_full: self.options.is_full,
            // What could not be read is hinted at, or a full run comes to it.
            cursor: cursor.filter(|_| self.options.is_full || is_hinted),
        };
        self.attempt
            .progress(|progress| progress.catalogue = Some(ended));
        let versions = &ended.versions;
        let (warnings, notes) = self.warnings().take_all();
        Done {
            report: Report {
                unchanged: versions.processed == versions.unchanged,
                versions_added: versions.created,
                versions_changed: versions.updated,
                versions_removed: versions.deleted,
                versions_skipped: versions.skipped + versions.failed,
                catalogue: Some(ended),
                notes,
                ..Report::default()
            },
            warnings,
            follow_ups: (!self.options.is_dry).then(|| self.complete(completed)),
        }
    }

    /// Has the end noted with the source, in the transaction that ends the task.
    fn complete(&self, completed: Completed) -> FollowUps {
        let key = self.attempt.task.dedupe_key.clone();
        let unread: Vec<_> = self.unread().iter().take(MOST_UNREAD).cloned().collect();
        let asked = Arc::new((self.registry.clone(), self.settings.clone(), unread));
        Arc::new(move |tx, now| {
            let (key, asked) = (key.clone(), Arc::clone(&asked));
            Box::pin(async move {
                let (registry, settings, unread) = &*asked;
                tasks::lock(tx, [key.as_str()]).await?;
                let is_same = sources::find_for_update(tx, registry.id)
                    .await?
                    .is_some_and(|source| source.settings == *settings)
                    && registries::get(&**tx, registry.id).await?.url == registry.url;
                let completed = Completed {
                    // Another place has another clock, and other changes.
                    cursor: completed.cursor.filter(|_| is_same),
                    ..completed
                };
                for reference in unread {
                    catalogue::hint(tx, registry.id, reference, now.plus(UNREAD_AGAIN)).await?;
                }
                sources::completed(tx, registry.id, &completed, now).await
            })
        })
    }

    async fn note_failure(&self) -> Result<(), StoreError> {
        if self.options.is_dry {
            return Ok(());
        }
        let registry = self.registry.id;
        let noted = self.attempt.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                sources::failed(tx, registry, now).await
            })
        });
        noted.await
    }

    async fn announce(&self) {
        let Registry { slug, url, .. } = self.registry;
        let from = format!("{}://{}", url.scheme(), Place::of(url));
        let extent = match &self.options {
            CatalogueOptions { is_full: true, .. } => "full",
            _ => "incremental",
        };
        let dry = if self.options.is_dry { ", dry" } else { "" };
        let text = format!("Sync of the catalogue {slug} from {from} begins ({extent}{dry})");
        self.attempt.info(text).await;
    }

    async fn tell(&self, plan: &plan::Plan, is_complete: bool) {
        let (packages, versions) = (plan.package_tally, plan.version_tally);
        self.count(|tallies| tallies.listed(packages, versions));
        let what = if is_complete {
            "in all"
        } else {
            "that may have changed"
        };
        let steps: usize = plan.packages.iter().map(|one| one.steps.len()).sum();
        let absent: usize = plan.packages.iter().map(|one| one.absent.len()).sum();
        let text = format!(
            "{} versions of {} packages {what}: {steps} to look at, {absent} not listed any more",
            versions.discovered, packages.discovered
        );
        self.attempt.info(text).await;
        for warning in &plan.warnings {
            self.warn(warning.clone()).await;
        }
    }

    async fn summarise(&self, took: Duration) {
        self.note_spent();
        let (ended, warnings) = (self.tallies().ended(), self.warnings().count());
        let versions = ended.versions;
        let text = format!(
            "Done in {:.1} s: {} versions added, {} changed, {} unchanged, {} taken away, \
             {} failed, {} skipped; {} requests; {warnings} warnings",
            took.as_secs_f64(),
            versions.created,
            versions.updated,
            versions.unchanged,
            versions.deleted,
            versions.failed,
            versions.skipped,
            ended.requests,
        );
        self.attempt.info(text).await;
    }
}
