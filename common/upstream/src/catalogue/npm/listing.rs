//! Listing an npm repository: all names, then the document of each; or the tarballs that changed.
//!
//! A document that cannot be read spoils its own package, of which nothing is said then. Whether
//! that is the source's fault is found out after the first such, and after every ten in a row.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use futures::{StreamExt, stream};
use serde::de::IgnoredAny;
use tokio::time::Instant;
use weir_domain::{
    PackageName, Timestamp,
    catalogue::{Reference, npm},
};

use super::{
    super::{
        Listing, SourceError,
        address::below,
        aql::Row,
        conan::{Gathered, no_listing},
        session::Errand,
    },
    Npm,
    document::Document,
};
use crate::UpstreamError;

/// Documents read at once.
const AT_ONCE: usize = 6;
/// Failures in a row after which the source has to prove itself again; after the first, too.
const DOUBT_EVERY: usize = 10;
/// How long a proof is good for single documents that cannot be read.
const PROOF_LASTS: Duration = Duration::from_mins(1);
/// Failures in a row that are the source's, whatever it proves.
const TOO_MANY: usize = 50;

/// What the repository has, by name.
#[derive(Debug, Default)]
pub(super) struct Names {
    packages: Vec<PackageName>,
    /// What is no name of a package, or not one that can be told from others.
    odd: Vec<String>,
}

impl Npm {
    #[expect(
        clippy::zero_sized_map_values,
        reason = "serde reads an object into a map, and into no set"
    )]
    pub(super) async fn names(&self) -> Result<Names, SourceError> {
        let session = &self.artifactory().session;
        let url = below(&self.interface().await?, &["-", "all"]);
        let errand = Errand::listing(url, session.limits().listing_bytes);
        let all = session.json::<BTreeMap<String, IgnoredAny>>(&errand).await;
        let all = all.map_err(no_listing)?;
        self.artifactory().bounded(all.len())?;
        let mut names = Names::default();
        // Beside the packages there are fields about the listing (`_updated`), and no package is
        // called like that.
        for text in all.into_keys().filter(|key| !key.starts_with('_')) {
            match PackageName::parse(&text) {
                Ok(name) if is_told(&name) => names.packages.push(name),
                _ => names.odd.push(text),
            }
        }
        Ok(names)
    }

    /// Documents have all the time that they have elsewhere; there is no limit for all of them.
    pub(super) async fn everything(&self) -> Result<Listing, SourceError> {
        let mut gathered = Gathered::default();
        // Whoever looks at something after this listing is told what is there after it.
        self.kept.clear();
        let cursor = self.newest(&mut gathered).await;
        let names = self.artifactory().in_time(self.names()).await?;
        for text in names.odd {
            gathered.refuse(&text);
        }
        let failures = AtomicUsize::new(0);
        let documents = stream::iter(names.packages).map(async |name| {
            self.tried(&failures, &name)
                .await
                .map(|tried| (name, tried))
        });
        let mut documents = documents.buffer_unordered(AT_ONCE);
        let mut has_read = false;
        while let Some((name, tried)) = documents.next().await.transpose()? {
            has_read |= tried.is_ok();
            match tried {
                Ok(Some(document)) => {
                    document.list(&mut gathered);
                    self.artifactory().bounded(gathered.len())?;
                }
                Ok(None) => {}
                Err(error) => {
                    gathered.warn(format!("{name} could not be read: {error}"));
                    let key = npm::reference(&name, "0").map(|reference| reference.key);
                    gathered.unread.extend(key);
                }
            }
        }
        drop(documents);
        if !has_read && !gathered.unread.is_empty() {
            let why = "not one of its documents could be read".to_owned();
            return Err(SourceError::Invalid(why));
        }
        // What is new in an unread package is found when that is asked about again by its name.
        self.artifactory().complete(gathered, cursor)
    }

    /// Fetches a document, or returns why that one cannot be read.
    ///
    /// # Errors
    /// If that is the source's fault.
    async fn tried(
        &self,
        failures: &AtomicUsize,
        name: &PackageName,
    ) -> Result<Result<Option<Document>, SourceError>, SourceError> {
        let error = match self.fetch(name).await {
            Ok(document) => {
                failures.store(0, Ordering::Relaxed);
                return Ok(Ok(document));
            }
            Err(error) => error,
        };
        // Here, and not by whoever takes the documents: those under way must go on meanwhile, for
        // the proof may wait for what they hold.
        let before = failures.fetch_add(1, Ordering::Relaxed);
        if before == 0 {
            self.proven_lately().await?;
        } else if before.is_multiple_of(DOUBT_EVERY) {
            self.proven().await?;
        }
        if before + 1 >= TOO_MANY {
            return Err(error);
        }
        Ok(Err(error))
    }

    /// Has the source prove itself, unless it did a moment ago when one was unreadable.
    async fn proven_lately(&self) -> Result<(), SourceError> {
        let mut last = self.believed_at.lock().await;
        if last.is_none_or(|at| at.elapsed() >= PROOF_LASTS) {
            self.proven().await?;
            *last = Some(Instant::now());
        }
        Ok(())
    }

    /// Returns up to when changes are known to whoever reads everything now; nothing if they cannot
    /// be asked for.
    async fn newest(&self, gathered: &mut Gathered) -> Option<Timestamp> {
        if !self.artifactory().session.home().is_authorized() {
            return None;
        }
        match self.tarballs.newest().await {
            Ok(at) => at,
            Err(error) if is_refusal(&error) => None,
            Err(error) => {
                gathered.warn(format!("what changes next cannot be asked for: {error}"));
                None
            }
        }
    }

    /// Lists the versions whose tarballs changed; nothing if that cannot be asked for.
    pub(super) async fn changed(&self, since: Timestamp) -> Result<Option<Listing>, SourceError> {
        if !self.artifactory().session.home().is_authorized() {
            return Ok(None);
        }
        let changed = self
            .tarballs
            .since(since, |row: &Row| Some((tarball(row)?, None)));
        match self.artifactory().in_time(changed).await {
            Ok(listing) => Ok(Some(listing)),
            Err(error) if is_refusal(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Says whether a package can have this name, and it can be told from others.
fn is_told(name: &PackageName) -> bool {
    name.may_be_upstream() && npm::reference(name, "0").is_some()
}

/// Returns the version whose tarball it is.
fn tarball(row: &Row) -> Option<Reference> {
    let reference = npm::tarball(&row.place())?;
    let name = npm::package_name(&reference.key)?;
    is_told(&name).then_some(reference)
}

/// Says whether queries are not for us, although we are known: some readers, editions and proxies
/// are without them, and some answers too large.
fn is_refusal(error: &SourceError) -> bool {
    match error {
        SourceError::Upstream(UpstreamError::Refused { status, .. }) => *status != 401,
        SourceError::Upstream(error) => error.is_not_found(),
        SourceError::TooLarge(_) => true,
        _ => false,
    }
}
