//! Documents of packages as a source needs them: where each version is, and what it says.
//!
//! Versions of one package are asked about one after the other, of few packages at a time: so the
//! last few documents are [`Kept`], and one is fetched once for all of them; first those go that
//! nobody needs any more. Of its manifests a few hundred are in memory at a time; those that follow
//! come when they are asked for.

use std::{
    collections::{BTreeSet, HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Mutex as Turn;
use weir_domain::{
    PackageName, Timestamp, Version,
    catalogue::{Reference, Stamp, npm},
    manifest::ManifestFacts,
    packument::PackumentOutline,
};

use super::super::{SourceError, conan::Gathered};
use crate::{FetchedPackument, UpstreamError};

/// Documents kept: more than packages are read side by side. One takes some megabytes.
const KEPT: usize = 8;

/// Most bytes that JSON needs for one of a text: `\u0061`.
const ESCAPED: u64 = 6;

/// A package's document.
#[derive(Debug)]
pub(super) struct Document {
    name: PackageName,
    fetched: FetchedPackument,
    outline: PackumentOutline,
    /// The manifests from the one that was asked for last, as the document has them.
    batch: Turn<HashMap<Version, String>>,
}

impl Document {
    pub(super) fn new(
        name: &PackageName,
        fetched: FetchedPackument,
        outline: PackumentOutline,
    ) -> Self {
        Self {
            name: name.clone(),
            fetched,
            outline,
            batch: Turn::default(),
        }
    }

    /// Adds every version to a listing. One that cannot be read has no stamp: whoever looks for it
    /// is told why.
    pub(super) fn list(&self, gathered: &mut Gathered) {
        for facts in &self.outline.versions {
            self.put(gathered, facts.version.as_str(), Some(self.stamp_of(facts)));
        }
        for (version, _) in &self.outline.unreadable {
            match self.find(version) {
                // Listed twice; the first counts.
                Some(_) => {}
                None if Version::parse(version).is_ok() => self.put(gathered, version, None),
                None => gathered.refuse(&format!("{}@{version}", self.name)),
            }
        }
    }

    /// Returns all versions that can be read.
    pub(super) fn references(&self) -> BTreeSet<Reference> {
        let versions = self.outline.versions.iter();
        versions
            .filter_map(|facts| npm::reference(&self.name, facts.version.as_str()))
            .collect()
    }

    fn put(&self, gathered: &mut Gathered, version: &str, stamp: Option<Stamp>) {
        match npm::reference(&self.name, version) {
            Some(reference) => gathered.put(reference, stamp),
            None => gathered.refuse(&format!("{}@{version}", self.name)),
        }
    }

    fn find(&self, version: &str) -> Option<&ManifestFacts> {
        let mut versions = self.outline.versions.iter();
        versions.find(|facts| facts.version.as_str() == version)
    }

    /// Returns where a version is; nothing if there is none.
    ///
    /// # Errors
    /// If it is there, but nobody can read it.
    pub(super) fn stamp(&self, version: &str) -> Result<Option<Stamp>, SourceError> {
        if let Some(facts) = self.find(version) {
            return Ok(Some(self.stamp_of(facts)));
        }
        let mut unreadable = self.outline.unreadable.iter();
        match unreadable.find(|(known, _)| known == version) {
            Some((_, why)) => Err(SourceError::Invalid(why.clone())),
            None => Ok(None),
        }
    }

    /// The digest of its tarball is its revision; of what nothing is promised, that of its manifest.
    fn stamp_of(&self, facts: &ManifestFacts) -> Stamp {
        let promised = facts.integrity.as_ref();
        let digest = promised.and_then(|all| all.strongest().first());
        let at = self.outline.time.get(facts.version.as_str());
        Stamp {
            revision: match digest {
                Some(digest) => digest.to_string(),
                None => format!("manifest-{}", facts.canonical_digest),
            },
            at: at.and_then(|text| Timestamp::parse(text)),
        }
    }

    /// Returns the text of a version's manifest; nothing if there is none.
    ///
    /// # Errors
    /// If the document breaks off there.
    pub(super) async fn manifest(&self, version: &str) -> Result<Option<String>, UpstreamError> {
        let all = &self.outline.versions;
        let Some(place) = all.iter().position(|one| one.version.as_str() == version) else {
            return Ok(None);
        };
        let wanted = &all[place].version;
        let mut batch = self.batch.lock().await;
        if !batch.contains_key(wanted) {
            let following: HashSet<_> =
                all[place..].iter().map(|one| one.version.clone()).collect();
            let next = self.fetched.manifests(following).next().await;
            let next = next.transpose()?.unwrap_or_default();
            *batch = next
                .into_iter()
                .map(|(one, text)| (one.version, text))
                .collect();
        }
        Ok(batch.get(wanted).cloned())
    }

    /// Returns the README of a version, if that is the one that its registry calls the latest, and
    /// it is not too long: a document has no other.
    pub(super) fn readme(&self, version: &str, limit: u64) -> Option<String> {
        if self.latest() != Some(version) {
            return None;
        }
        let mut root = self.outline.root.iter();
        let (_, raw) = root.find(|(field, _)| field == "readme")?;
        if raw.get().len() as u64 > limit.saturating_mul(ESCAPED).saturating_add(2) {
            return None;
        }
        let text: String = serde_json::from_str(raw.get()).ok()?;
        (text.len() as u64 <= limit).then_some(text)
    }

    /// Returns the version with the tag `latest`; if there is none, the highest.
    fn latest(&self) -> Option<&str> {
        let tagged = self.outline.dist_tags.get("latest");
        let tagged = tagged.and_then(|version| self.find(version));
        let highest = || self.outline.versions.iter().max_by_key(|one| &one.version);
        tagged.or_else(highest).map(|facts| facts.version.as_str())
    }
}

/// What came of fetching a document.
#[derive(Debug, Clone)]
pub(super) struct Fetched {
    name: PackageName,
    /// Nothing if there is none.
    pub(super) document: Option<Arc<Document>>,
    is_done: bool,
}

/// The last documents that were fetched, also those that are not there; the newest first.
#[derive(Debug, Default)]
pub(super) struct Kept(Mutex<VecDeque<Fetched>>);

impl Kept {
    fn all(&self) -> MutexGuard<'_, VecDeque<Fetched>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn clear(&self) {
        self.all().clear();
    }

    /// Returns what was kept of a package, and keeps it longer.
    pub(super) fn find(&self, name: &PackageName) -> Option<Fetched> {
        let mut all = self.all();
        let place = all.iter().position(|known| known.name == *name)?;
        let mut found = all.remove(place)?;
        found.is_done = false;
        all.push_front(found.clone());
        Some(found)
    }

    pub(super) fn put(&self, name: &PackageName, document: Option<Arc<Document>>) {
        let name = name.clone();
        let mut all = self.all();
        all.push_front(Fetched {
            name,
            document,
            is_done: false,
        });
        while all.len() > KEPT {
            let done = all.iter().rposition(|known| known.is_done);
            all.remove(done.unwrap_or(KEPT));
        }
    }

    /// Lets what is kept of a package go before all that is needed still.
    pub(super) fn done_with(&self, name: &PackageName) {
        for known in self.all().iter_mut().filter(|known| known.name == *name) {
            known.is_done = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_few_are_kept_and_those_that_are_asked_for_longer() {
        let kept = Kept::default();
        let name = |number: usize| PackageName::parse(&format!("p{number}")).expect("a name");
        for number in 0..1000 {
            kept.put(&name(number), None);
            assert!(kept.find(&name(0)).is_some(), "{number}");
        }
        assert_eq!(kept.all().len(), KEPT);
        assert!(kept.find(&name(999)).is_some() && kept.find(&name(500)).is_none());
        kept.clear();
        assert!(kept.find(&name(999)).is_none());
    }

    #[test]
    fn what_is_needed_still_outlives_what_is_done_with() {
        let kept = Kept::default();
        let name = |number: usize| PackageName::parse(&format!("p{number}")).expect("a name");
        for number in 0..1000 {
            kept.put(&name(number), None);
            if number > 0 {
                kept.done_with(&name(number));
            }
        }
        assert_eq!(kept.all().len(), KEPT);
        // It is being written all the time, and was asked for once.
        assert!(kept.find(&name(0)).is_some());
        for number in 1000..1000 + KEPT {
            kept.put(&name(number), None);
        }
        assert!(kept.find(&name(0)).is_none(), "but there is a bound");
    }
}
