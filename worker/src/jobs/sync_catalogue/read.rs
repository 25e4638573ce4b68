//! Reads both sides: what the source lists, and what the catalogue has of it.
//!
//! An incremental run asks for changes if the source can tell them. They do not tell what went:
//! so if one of the references that somebody hinted at is gone, everything is listed after all.

use std::collections::{BTreeMap, BTreeSet};

use weir_domain::{
    Timestamp,
    catalogue::{NO_NAMESPACE, Note, PackageKey, Reference, Stamp},
};
use weir_store::catalogue::{self, Known, sources};
use weir_upstream::catalogue::{Listed, Listing};

use super::{Job, plan::Sides, trouble};
use crate::job::JobError;

type Found = BTreeMap<Reference, Option<Stamp>>;

/// One side, as the source tells it.
#[derive(Default)]
struct Told {
    found: Found,
    cursor: Option<Timestamp>,
    is_complete: bool,
    /// Packages of which it could not tell anything.
    unread: BTreeSet<PackageKey>,
    /// What is to be looked at whatever was found.
    hints: BTreeSet<Reference>,
}

impl Job<'_> {
    /// Returns the two sides, and up to when the source's changes are among them.
    pub(super) async fn read(&self) -> Result<(Sides, Option<Timestamp>), JobError> {
        let (db, registry) = (self.attempt.db.read(), self.registry.id);
        let known = catalogue::known(db, registry).await?.into_iter();
        let known: BTreeMap<_, _> = known
            .map(|known| (known.reference.clone(), known))
            .collect();
        let since = sources::find(db, registry)
            .await?
            .and_then(|source| source.cursor);
        let changes = match since.filter(|_| !self.options.is_full) {
            Some(since) => self.changes(since, &known).await?,
            None => None,
        };
        let told = match changes {
            Some(told) => told,
            None => self.everything().await?,
        };
        let mut sides = Sides {
            found: told.found,
            is_complete: told.is_complete,
            unread: told.unread,
            hints: told.hints,
            known,
            foreign: catalogue::foreign(db, registry).await?,
            options: self.options.clone(),
            settings: self.settings.clone(),
            task: self.attempt.task.id,
        };
        self.widen(&mut sides).await;
        Ok((sides, told.cursor))
    }

    async fn everything(&self) -> Result<Told, JobError> {
        let listing = self.source.list().await.map_err(trouble)?;
        Ok(Told {
            is_complete: true,
            hints: self.options.hints.clone(),
            ..self.sorted(listing).await
        })
    }

    /// Returns what changed and what was hinted at; nothing if that is not all that matters.
    async fn changes(
        &self,
        since: Timestamp,
        known: &BTreeMap<Reference, Known>,
    ) -> Result<Option<Told>, JobError> {
        let Some(listing) = self.source.changes(since).await.map_err(trouble)? else {
            return Ok(None);
        };
        let seen: Vec<_> = listing.found.iter().filter_map(at_known(known)).collect();
        let mut told = self.sorted(listing).await;
        told.found.extend(seen);
        for hint in &self.options.hints {
            if told.found.contains_key(hint) {
                continue;
            }
            match self.source.look(hint).await {
                Ok(Some(stamp)) => {
                    told.found.insert(hint.clone(), Some(stamp));
                }
                Ok(None) if known.contains_key(hint) => {
                    let text = format!("{hint} seems to be gone: everything is listed");
                    self.attempt.info(text).await;
                    return Ok(None);
                }
                Ok(None) => {}
                // It is looked at again, where it counts as failed.
                Err(_) => {
                    told.hints.insert(hint.clone());
                }
            }
        }
        Ok(Some(told))
    }

    /// Adds what changes do not tell of packages that were hinted at: of what could not be read
    /// before, they told then. What cannot be listed yet is hinted at by a version it need not have.
    async fn widen(&self, sides: &mut Sides) {
        let known: BTreeSet<_> = sides.known.keys().map(|one| &one.key).collect();
        let new = sides.unread.difference(&sides.foreign);
        let new = new.filter(|key| !known.contains(key));
        self.unread().extend(new.map(|key| Reference {
            key: key.clone(),
            version: "0".to_owned(),
            channel: NO_NAMESPACE.to_owned(),
        }));
        if sides.is_complete {
            return;
        }
        let hinted: BTreeSet<_> = self.options.hints.iter().map(|hint| &hint.key).collect();
        for key in hinted {
            // If it still cannot be read, so the hint itself will be.
            for reference in self.source.all_of(key).await.unwrap_or_default() {
                sides.found.entry(reference).or_default();
            }
        }
    }

    async fn sorted(&self, listing: Listing) -> Told {
        for warning in listing.warnings {
            self.warn(Note::of_listing(warning)).await;
        }
        let found = listing.found.into_iter();
        let found = found.map(|listed| (listed.reference, listed.stamp));
        Told {
            found: found.collect(),
            cursor: listing.cursor,
            unread: listing.unread,
            ..Told::default()
        }
    }
}

/// Finds those that changes saw at the revision that is known.
fn at_known(
    known: &BTreeMap<Reference, Known>,
) -> impl Fn(&Listed) -> Option<(Reference, Option<Stamp>)> {
    |listed| {
        let revision = listed.seen.clone()?;
        let is_known = known.get(&listed.reference)?.revision == revision;
        let stamp = Stamp { revision, at: None };
        is_known.then(|| (listed.reference.clone(), Some(stamp)))
    }
}

impl Sides {
    /// Returns how many packages and versions the catalogue has of the source.
    pub(super) fn counted(&self) -> (usize, usize) {
        let keys: BTreeSet<&PackageKey> = self.known.keys().map(|known| &known.key).collect();
        (keys.len(), self.known.len())
    }
}
