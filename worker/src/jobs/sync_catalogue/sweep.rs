//! Takes away what is gone: at the end of a run, and only what a direct look confirms.
//!
//! Servers answer with empty lists, or say that nothing is there, to credentials that have
//! expired. So whatever is about to go is looked at where it would be, how much that is is held
//! against the guard once more, and the source proves itself again before anything is removed.

use futures::{StreamExt, TryStreamExt, stream};
use weir_domain::catalogue::{Note, NoteCode, Reference};
use weir_store::{
    catalogue::{self, Known},
    clock,
};

use super::{
    CONCURRENCY, Job,
    fetch::Gone,
    plan::{Loss, guard},
    tally::Fate,
};
use crate::job::JobError;

/// A package of which it is known what is gone.
struct Judged {
    gone: Gone,
    confirmed: Vec<Reference>,
    /// Not listed, but kept.
    kept: Vec<Reference>,
}

impl Judged {
    /// Says whether nothing is left of the package.
    fn is_whole(&self) -> bool {
        self.gone.stays == 0 && self.kept.is_empty()
    }
}

impl Job<'_> {
    /// Takes away what is gone of `gone`, if the listing was complete; `known` is how many
    /// packages and versions there were.
    pub(super) async fn sweep(
        &self,
        gone: Vec<Gone>,
        (is_complete, known): (bool, (usize, usize)),
    ) -> Result<(), JobError> {
        let each = gone.into_iter().map(|gone| self.judge(gone, is_complete));
        let judged = stream::iter(each).buffer_unordered(CONCURRENCY);
        let judged: Vec<Judged> = judged.try_collect().await?;
        let loss = Loss {
            packages: judged.iter().filter(|one| one.is_whole()).count(),
            of: known.0,
            versions: judged.iter().map(|one| one.confirmed.len()).sum(),
            of_versions: known.1,
            is_listing_empty: false,
        };
        guard(loss, self.settings, &self.options)?;
        if judged.iter().any(|one| !one.confirmed.is_empty()) {
            self.prove().await?;
        }
        for one in judged {
            self.take_away(one).await?;
        }
        Ok(())
    }

    /// Looks at each candidate.
    async fn judge(&self, gone: Gone, is_complete: bool) -> Result<Judged, JobError> {
        let (mut confirmed, mut kept) = (Vec::new(), Vec::new());
        for Known { reference, .. } in &gone.candidates {
            let reference = reference.clone();
            match self.why_kept(&reference, &gone, is_complete).await? {
                None => confirmed.push(reference),
                Some(why) => {
                    let text = format!("{reference} is kept: {why}");
                    let note = Note::of_reference(NoteCode::Kept, &reference, text);
                    self.warn(note).await;
                    kept.push(reference);
                }
            }
        }
        Ok(Judged {
            gone,
            confirmed,
            kept,
        })
    }

    async fn why_kept(
        &self,
        reference: &Reference,
        gone: &Gone,
        is_complete: bool,
    ) -> Result<Option<String>, JobError> {
        if gone.is_failed {
            let why = "it is not listed, but its package could not be read whole";
            return Ok(Some(why.to_owned()));
        }
        if !is_complete {
            let why = "it went, but not everything was listed";
            return Ok(Some(why.to_owned()));
        }
        match self.source.look(reference).await {
            Ok(None) => Ok(None),
            Ok(Some(_)) => Ok(Some("it is not listed, but still there".to_owned())),
            Err(error) => {
                let error = JobError::from(error);
                self.doubt().await?;
                let why = format!("whether it went is not known: {}", error.message);
                Ok(Some(why))
            }
        }
    }

    async fn take_away(&self, judged: Judged) -> Result<(), JobError> {
        let is_whole = judged.is_whole();
        let Judged {
            gone,
            confirmed,
            kept,
        } = judged;
        if !self.options.is_dry {
            self.write_off(&gone, confirmed.clone(), kept.clone())
                .await?;
        }
        let fate = match gone.fates {
            _ if is_whole => Fate::Deleted,
            (Fate::Failed, _) => Fate::Failed,
            (_, written) if !confirmed.is_empty() => written,
            (fate, _) => fate,
        };
        self.count(|tallies| {
            tallies.versions(Fate::Deleted, confirmed.len());
            tallies.versions(Fate::Skipped, kept.len());
            tallies.package(fate);
        });
        let how = if self.options.is_dry {
            "would be"
        } else {
            "is"
        };
        for reference in confirmed {
            let text = format!("{reference} is gone; it {how} taken away");
            self.attempt.info(text).await;
        }
        Ok(())
    }

    async fn write_off(
        &self,
        gone: &Gone,
        confirmed: Vec<Reference>,
        kept: Vec<Reference>,
    ) -> Result<(), JobError> {
        let (registry, package) = (self.registry.id, gone.package);
        let written = self.attempt.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                catalogue::miss(tx, (registry, package), &kept, now).await?;
                if !confirmed.is_empty() {
                    catalogue::remove_versions(tx, (registry, package), &confirmed, now).await?;
                }
                Ok(())
            })
        });
        Ok(written.await?)
    }
}
