//! A source that has what a test puts on its shelf, and does as it is told.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard},
};

use futures::{FutureExt, future::BoxFuture};
use tokio::sync::Notify;
use weir_domain::{
    Timestamp,
    catalogue::{Facts, PackageKey, Reference, Stamp},
};
use weir_upstream::catalogue::{CatalogueSource, Listed, Listing, Reading, SourceError, Spent};

pub(super) fn reference(text: &str) -> Reference {
    text.parse().expect("a reference")
}

/// What a source has, and how it misbehaves.
#[derive(Debug, Default)]
pub(super) struct State {
    /// The revision of each reference.
    pub(super) shelf: BTreeMap<Reference, Stamp>,
    /// Whether its listings tell revisions.
    pub(super) tells_stamps: bool,
    /// Up to when its changes are known, if it can tell them, and which they are.
    pub(super) changes: Option<(Timestamp, BTreeSet<Reference>)>,
    /// On the shelf, but not listed; listed, but not on the shelf.
    pub(super) unlisted: BTreeSet<Reference>,
    pub(super) ghosts: BTreeSet<Reference>,
    /// Packages that its listings know nothing of.
    pub(super) unread: BTreeSet<PackageKey>,
    /// Cannot be read, or goes while it is read.
    pub(super) broken: BTreeSet<Reference>,
    pub(super) vanishing: BTreeSet<Reference>,
    /// Says that nothing is there, and does not prove itself, from this request on.
    pub(super) expires_after: Option<usize>,
    /// From this read on, none ever ends.
    pub(super) hangs_after: Option<usize>,
    /// What it was asked.
    pub(super) asked: Asked,
}

/// What a source was asked.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) all: usize,
    pub(super) proofs: usize,
    pub(super) lists: usize,
    pub(super) changes: usize,
    pub(super) looks: usize,
    pub(super) reads: Vec<String>,
    pub(super) at_once: usize,
    pub(super) most_at_once: usize,
}

#[derive(Debug, Default)]
pub(super) struct Script {
    state: Mutex<State>,
    pub(super) hung: Notify,
}

impl Script {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("not poisoned")
    }

    /// Puts references on the shelf at a revision.
    pub(super) fn put(&self, texts: &[&str], revision: &str) {
        for text in texts {
            let stamp = Stamp {
                revision: revision.to_owned(),
                at: Some(Timestamp(1_000)),
            };
            let reference = reference(text);
            if let Some((_, changes)) = &mut self.state().changes {
                changes.insert(reference.clone());
            }
            self.state().shelf.insert(reference, stamp);
        }
    }

    pub(super) fn remove(&self, text: &str) {
        let removed = self.state().shelf.remove(&reference(text));
        assert!(removed.is_some(), "{text} was there");
    }

    /// Returns what it was asked since the last call.
    pub(super) fn asked(&self) -> Asked {
        std::mem::take(&mut self.state().asked)
    }

    /// Counts a request; false if the credentials have expired.
    fn ask(&self, count: impl FnOnce(&mut Asked)) -> bool {
        let mut state = self.state();
        state.asked.all += 1;
        count(&mut state.asked);
        let asked = state.asked.all;
        state.expires_after.is_none_or(|limit| asked <= limit)
    }

    fn listing(&self, is_meant: impl Fn(&State, &Reference) -> bool) -> Listing {
        let state = self.state();
        let all = state.shelf.keys().chain(&state.ghosts);
        let is_meant = |one: &Reference| is_meant(&state, one) && !state.unread.contains(&one.key);
        let listed = all.filter(|one| is_meant(one)).map(|one| Listed {
            seen: None,
            reference: one.clone(),
            stamp: state.shelf.get(one).filter(|_| state.tells_stamps).cloned(),
        });
        Listing {
            found: listed.collect(),
            cursor: state.changes.as_ref().map(|(at, _)| *at),
            unread: state.unread.clone(),
            warnings: Vec::new(),
        }
    }
}

impl CatalogueSource for Script {
    fn prove(&self) -> BoxFuture<'_, Result<(), SourceError>> {
        let is_believed = self.ask(|asked| asked.proofs += 1);
        let unproven = || SourceError::Unproven("the canary is not seen".to_owned());
        async move { is_believed.then_some(()).ok_or_else(unproven) }.boxed()
    }

    fn list(&self) -> BoxFuture<'_, Result<Listing, SourceError>> {
        let is_known = self.ask(|asked| asked.lists += 1);
        let listing = self.listing(|state, one| is_known && !state.unlisted.contains(one));
        async move { Ok(listing) }.boxed()
    }

    fn changes(&self, _: Timestamp) -> BoxFuture<'_, Result<Option<Listing>, SourceError>> {
        self.ask(|asked| asked.changes += 1);
        let can_tell = self.state().changes.is_some();
        let listing = can_tell.then(|| {
            self.listing(|state, one| {
                let changes = state.changes.as_ref();
                changes.is_some_and(|(_, changes)| changes.contains(one))
            })
        });
        async move { Ok(listing) }.boxed()
    }

    fn look<'a>(
        &'a self,
        reference: &'a Reference,
    ) -> BoxFuture<'a, Result<Option<Stamp>, SourceError>> {
        let is_known = self.ask(|asked| asked.looks += 1);
        let found = self.state().shelf.get(reference).cloned();
        async move { Ok(found.filter(|_| is_known)) }.boxed()
    }

    fn read<'a>(
        &'a self,
        reference: &'a Reference,
        stamp: &'a Stamp,
    ) -> BoxFuture<'a, Result<Reading, SourceError>> {
        let is_known = self.ask(|asked| {
            asked.reads.push(reference.to_string());
            asked.at_once += 1;
            asked.most_at_once = asked.most_at_once.max(asked.at_once);
        });
        async move {
            let (reads, limit) = {
                let state = self.state();
                (state.asked.reads.len(), state.hangs_after)
            };
            if limit.is_some_and(|limit| reads > limit) {
                self.hung.notify_one();
                futures::future::pending::<()>().await;
            }
            // Others get their turn, as they do while a real source answers.
            tokio::task::yield_now().await;
            let mut state = self.state();
            state.asked.at_once -= 1;
            if !is_known || state.broken.contains(reference) {
                return Err(SourceError::Mismatch {
                    reference: reference.clone(),
                    why: "its manifest does not fit".to_owned(),
                });
            }
            if state.vanishing.contains(reference) {
                state.shelf.remove(reference);
                return Err(SourceError::Vanished(reference.clone()));
            }
            Ok(Reading {
                facts: Facts {
                    description: Some(format!("{reference} at {}", stamp.revision)),
                    ..Facts::default()
                },
                ..Reading::default()
            })
        }
        .boxed()
    }

    fn spent(&self) -> Spent {
        Spent {
            requests: self.state().asked.all as u64,
            ..Spent::default()
        }
    }
}
