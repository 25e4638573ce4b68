//! Looks at references, reads what changed, and shows it package by package.
//!
//! A few packages side by side, the versions of each one after the other; what was read is
//! written in pieces, so that neither many packages nor a large one are ever in memory.

use futures::{StreamExt, stream};
use weir_domain::{
    PackageId,
    catalogue::{Note, NoteCode, PackageKey, Reference, Stamp},
};
use weir_store::{
    catalogue::{self, Known, NewVersion, NewVersions, Put},
    clock,
};
use weir_upstream::catalogue::{Reading, SourceError};

use super::{
    CONCURRENCY, Job,
    plan::{self, PackagePlan, Plan, Step},
    tally::Fate,
};
use crate::job::JobError;

/// Versions written in one transaction, and in memory until then.
const PIECE: usize = 16;
/// Rows changed in one transaction.
const PAGE: usize = 500;

/// A package of which something seems to be gone.
#[derive(Debug)]
pub(super) struct Gone {
    pub(super) package: PackageId,
    /// What seems to be gone of it.
    pub(super) candidates: Vec<Known>,
    /// How many versions it has beside these.
    pub(super) stays: usize,
    /// Whether something of it could not be read: then nothing of it is taken away.
    pub(super) is_failed: bool,
    /// What becomes of it if nothing is taken away, and if something is.
    pub(super) fates: (Fate, Fate),
}

/// What came of a step.
enum Taken {
    /// It is where it was.
    Settled(Fate),
    Read(Box<NewVersion>, Reference, Fate),
    /// A dry run would read it.
    Foreseen(Reference, Fate),
    Gone(Reference, Option<Known>),
    Failed,
}

/// A package under way.
struct Fetched {
    key: PackageKey,
    ready: Vec<(NewVersion, Reference, Fate)>,
    gone: Vec<Known>,
    stays: usize,
    is_written: bool,
    is_failed: bool,
    is_foreign: bool,
}

impl Job<'_> {
    /// Does what the plan says, but takes nothing away: returns what seems to be gone.
    pub(super) async fn fetch(&self, plan: Plan) -> Result<Vec<Gone>, JobError> {
        self.note_again(plan.again).await?;
        let each = plan
            .packages
            .into_iter()
            .map(|package| self.package(package));
        let mut packages = stream::iter(each).buffer_unordered(CONCURRENCY);
        let mut gone = Vec::new();
        while let Some(package) = packages.next().await {
            gone.extend(package?);
        }
        Ok(gone)
    }

    /// Forgets that something was missing that is listed again.
    async fn note_again(&self, again: Vec<Known>) -> Result<(), JobError> {
        if self.options.is_dry {
            return Ok(());
        }
        let registry = self.registry.id;
        for page in again.chunks(PAGE) {
            let page = page.to_vec();
            let noted = self.attempt.write(move |tx| {
                Box::pin(async move { catalogue::unmiss(tx, registry, &page).await })
            });
            noted.await?;
        }
        Ok(())
    }

    async fn package(&self, plan: PackagePlan) -> Result<Option<Gone>, JobError> {
        let (kept, written) = (plan.fate_if(plan.has_begun), plan.fate_if(true));
        let mut fetched = Fetched {
            key: plan.key,
            ready: Vec::new(),
            gone: plan.absent,
            stays: plan.settled,
            is_written: plan.has_begun,
            is_failed: plan.is_unread,
            is_foreign: false,
        };
        // As they came is how a source has them, and where one ends the next one begins.
        let mut steps = plan.steps;
        steps.sort_by_key(|step| step.stamp.as_ref().and_then(|stamp| stamp.at));
        for step in steps {
            let taken = self.take(step).await?;
            self.sort(&mut fetched, taken).await;
            if fetched.ready.len() >= PIECE {
                self.store(&mut fetched).await?;
            }
        }
        self.store(&mut fetched).await?;
        self.source.done_with(&fetched.key);
        let has_nothing = fetched.stays == 0 && fetched.gone.is_empty();
        let fate = if fetched.is_failed {
            Fate::Failed
        } else if fetched.is_foreign || has_nothing {
            Fate::Skipped
        } else if fetched.is_written {
            written
        } else {
            kept
        };
        let Some(first) = fetched.gone.first() else {
            self.count(|tallies| tallies.package(fate));
            return Ok(None);
        };
        Ok(Some(Gone {
            package: first.package,
            stays: fetched.stays,
            is_failed: fetched.is_failed,
            fates: (fate, written),
            candidates: fetched.gone,
        }))
    }

    /// Finds out about one reference whatever there is to know.
    async fn take(&self, step: Step) -> Result<Taken, JobError> {
        let Step {
            reference,
            stamp,
            held,
        } = step;
        let stamp = match stamp {
            Some(stamp) => Ok(Some(stamp)),
            None => self.source.look(&reference).await,
        };
        let stamp = match stamp {
            Ok(Some(stamp)) => stamp,
            Ok(None) | Err(SourceError::Vanished(_)) => return Ok(Taken::Gone(reference, held)),
            Err(error) => return self.failed(&reference, error).await,
        };
        self.believe();
        let task = self.attempt.task.id;
        if let Some(held) = &held
            && held.revision == stamp.revision
            && let Some(fate) = plan::settled(held, &self.options, task)
        {
            return Ok(Taken::Settled(fate));
        }
        let fate = if held.is_some() {
            Fate::Updated
        } else {
            Fate::Created
        };
        if self.options.is_dry {
            return Ok(Taken::Foreseen(reference, fate));
        }
        match self.source.read(&reference, &stamp).await {
            Ok(reading) => {
                self.believe();
                for warning in &reading.warnings {
                    let text = format!("{reference}: {warning}");
                    let note = Note::of_reference(NoteCode::Metadata, &reference, text);
                    self.warn(note).await;
                }
                let new = Box::new(version(&reference, stamp, reading));
                Ok(Taken::Read(new, reference, fate))
            }
            Err(SourceError::Vanished(_)) => Ok(Taken::Gone(reference, held)),
            Err(error) => self.failed(&reference, error).await,
        }
    }

    async fn failed(&self, reference: &Reference, error: SourceError) -> Result<Taken, JobError> {
        let code = match &error {
            SourceError::Mismatch { .. } => NoteCode::ChecksumMismatch,
            _ => NoteCode::Unread,
        };
        let text = format!(
            "{reference} could not be read: {}",
            JobError::from(error).message
        );
        self.warn(Note::of_reference(code, reference, text)).await;
        self.doubt().await?;
        self.unread().insert(reference.clone());
        Ok(Taken::Failed)
    }

    /// Adds what came of a step to what is known of its package.
    async fn sort(&self, fetched: &mut Fetched, taken: Taken) {
        match taken {
            Taken::Read(new, reference, fate) => fetched.ready.push((*new, reference, fate)),
            Taken::Settled(fate) => {
                fetched.stays += 1;
                fetched.is_written |= fate != Fate::Unchanged;
                self.count(|tallies| tallies.version(fate));
            }
            Taken::Foreseen(reference, fate) => {
                fetched.stays += 1;
                fetched.is_written = true;
                self.tell_written(&reference, fate, "would be ").await;
            }
            Taken::Gone(_, Some(held)) => fetched.gone.push(held),
            Taken::Gone(reference, None) => {
                let text = format!("{reference} went before it was read");
                self.attempt.info(text).await;
                self.count(|tallies| tallies.version(Fate::Skipped));
            }
            Taken::Failed => {
                fetched.is_failed = true;
                self.count(|tallies| tallies.version(Fate::Failed));
            }
        }
    }

    /// Writes what was read of the package so far. Here a run can be lost and found again.
    async fn store(&self, fetched: &mut Fetched) -> Result<(), JobError> {
        if fetched.ready.is_empty() {
            return Ok(());
        }
        let (mut versions, mut told) = (Vec::new(), Vec::new());
        for (version, reference, fate) in fetched.ready.drain(..) {
            versions.push(version);
            told.push((reference, fate));
        }
        let new = NewVersions {
            key: fetched.key.clone(),
            registry: self.registry.id,
            task: self.attempt.task.id,
            versions,
        };
        let put = self.attempt.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                catalogue::put(tx, &new, now).await
            })
        });
        if put.await? == Put::Foreign {
            // It came from the other source since the two sides were read.
            self.warn(plan::foreign(&fetched.key)).await;
            fetched.is_foreign = true;
            self.count(|tallies| tallies.versions(Fate::Skipped, told.len()));
            return Ok(());
        }
        fetched.stays += told.len();
        fetched.is_written = true;
        for (reference, fate) in told {
            self.tell_written(&reference, fate, "").await;
        }
        Ok(())
    }

    async fn tell_written(&self, reference: &Reference, fate: Fate, how: &str) {
        self.count(|tallies| tallies.version(fate));
        let what = match fate {
            Fate::Created => "added",
            _ => "updated",
        };
        self.attempt.info(format!("{reference} {how}{what}")).await;
    }
}

fn version(reference: &Reference, stamp: Stamp, reading: Reading) -> NewVersion {
    NewVersion {
        version: reference.version.clone(),
        channel: reference.channel.clone(),
        stamp,
        facts: reading.facts,
        readme: reading.readme,
        downloads: reading.downloads,
    }
}
