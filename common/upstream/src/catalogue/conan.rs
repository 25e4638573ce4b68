//! Conan's own interface, version 2, of a plain server or of a repository of Artifactory's.
//!
//! It lists everything at once, tells nothing of what changed, and says at each reference which
//! revision is the latest. Readable by anybody where the server lets them.
//!
//! Source: Conan's server and client; Artifactory's documents, "Conan repositories".

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use futures::future::{BoxFuture, FutureExt};
use serde::Deserialize;
use tokio::sync::OnceCell;
use url::Url;
use weir_domain::{
    Timestamp,
    catalogue::{CatalogueSettings, PackageKey, Reference, Stamp},
    text::printable,
};

use super::{
    CatalogueSource, FileBody, Listed, Listing, Reading, SourceError, Spent,
    address::{Address, below, of_reference},
    decode,
    moment::lenient,
    session::{Errand, Session},
};
use crate::{
    Phase, Place, UpstreamError,
    client::{Client, Home},
};

/// Longest revision; Conan's own have 32 or 40 characters.
const MAX_REVISION: usize = 64;
/// Most warnings of a listing.
const MAX_WARNINGS: usize = 100;

/// A repository that speaks Conan's protocol.
#[derive(Debug)]
pub(super) struct Conan {
    pub(super) session: Session,
    pub(super) address: Address,
    pub(super) canary: Option<Reference>,
    root: OnceCell<Url>,
}

/// What `latest` answers.
#[derive(Debug, Deserialize)]
pub(super) struct Latest {
    pub(super) revision: String,
    #[serde(default, deserialize_with = "lenient")]
    time: Option<Timestamp>,
}

/// What `search` answers.
#[derive(Debug, Deserialize)]
struct Found {
    results: Vec<String>,
}

impl Conan {
    /// `is_plain` says that it is no Artifactory.
    pub(super) fn new(
        client: Arc<Client>,
        home: Home,
        settings: &CatalogueSettings,
        is_plain: bool,
    ) -> Self {
        let address = if is_plain {
            Address {
                base: home.url.clone(),
                repository: None,
            }
        } else {
            Address::new(&home.url, settings.repository.as_deref())
        };
        Self {
            address,
            session: Session::new(client, home, is_plain),
            canary: settings.canary.clone(),
            root: OnceCell::new(),
        }
    }

    /// Returns where the server's root is; asks, if it was written without its context path.
    pub(super) async fn root(&self) -> Result<&Url, UpstreamError> {
        let find = async || {
            let roots = self.address.roots();
            if let [only] = &roots[..] {
                return Ok(only.clone());
            }
            for root in &roots {
                if self.answers_at(root).await? {
                    return Ok(root.clone());
                }
            }
            Ok(self.address.base.clone())
        };
        self.root.get_or_try_init(find).await
    }

    async fn answers_at(&self, root: &Url) -> Result<bool, UpstreamError> {
        let url = below(root, &["api", "system", "ping"]);
        let errand = Errand::new(url, self.session.limits().answer_bytes);
        match self.session.get(&errand).await {
            Ok(received) => Ok(!decode::is_page(&received.bytes)),
            Err(UpstreamError::Refused { .. }) => Ok(true),
            Err(UpstreamError::NotFound { .. } | UpstreamError::Redirect { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Returns where Conan's interface is.
    pub(super) async fn interface(&self) -> Result<Url, UpstreamError> {
        let root = self.root().await?;
        Ok(self.address.interface(root, "conan"))
    }

    /// Returns the URL of something about a reference.
    pub(super) async fn at(
        &self,
        reference: &Reference,
        rest: &[&str],
    ) -> Result<Url, UpstreamError> {
        Ok(of_reference(&self.interface().await?, reference, rest))
    }

    /// Waits for a listing, but not for ever.
    pub(super) async fn in_time<T>(
        &self,
        listing: impl Future<Output = Result<T, SourceError>>,
    ) -> Result<T, SourceError> {
        let limit = self.session.limits().listing_total;
        let in_time = tokio::time::timeout(limit, listing).await;
        in_time.unwrap_or_else(|_| {
            Err(SourceError::Upstream(UpstreamError::TimedOut {
                place: Place::of(&self.address.base),
                phase: Phase::Rate,
                limit,
            }))
        })
    }

    async fn search(&self) -> Result<Listing, SourceError> {
        let mut url = below(&self.interface().await?, &["v2", "conans", "search"]);
        url.set_query(Some("q=*"));
        let errand = Errand::listing(url, self.session.limits().listing_bytes);
        let found = self.session.json::<Found>(&errand).await;
        let found = found.map_err(no_listing)?;
        let mut listing = Gathered::default();
        for text in &found.results {
            match text.parse() {
                Ok(reference) => listing.put(reference, None),
                Err(_) => listing.refuse(text),
            }
        }
        self.complete(listing, None)
    }

    /// Ends a listing that is whole.
    ///
    /// # Errors
    /// If it is too large, or lacks what must be there.
    pub(super) fn complete(
        &self,
        gathered: Gathered,
        cursor: Option<Timestamp>,
    ) -> Result<Listing, SourceError> {
        self.bounded(gathered.found.len())?;
        if let Some(canary) = &self.canary
            && !gathered.found.contains_key(canary)
        {
            let why = format!("its listing lacks {canary}, which must be there");
            return Err(SourceError::Unproven(why));
        }
        Ok(gathered.into_listing(cursor))
    }

    /// # Errors
    /// If these are more entries than a listing may have.
    pub(super) fn bounded(&self, entries: usize) -> Result<(), SourceError> {
        let limit = self.session.limits().listing_entries;
        if entries > limit {
            let why = format!("the listing has more than {limit} references");
            return Err(SourceError::TooLarge(why));
        }
        Ok(())
    }

    pub(super) async fn latest(&self, reference: &Reference) -> Result<Option<Stamp>, SourceError> {
        let url = self.at(reference, &["latest"]).await?;
        let errand = Errand::new(url, self.session.limits().answer_bytes);
        match self.session.json::<Latest>(&errand).await {
            Ok(Latest { revision, time }) if is_revision(&revision) => {
                Ok(Some(Stamp { revision, at: time }))
            }
            Ok(Latest { revision, .. }) => Err(no_revision(&revision)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// No listing at all is what some servers show to credentials that have expired.
pub(super) fn no_listing(error: UpstreamError) -> SourceError {
    if error.is_not_found() {
        SourceError::Unproven(format!("it has no listing: {error}"))
    } else {
        error.into()
    }
}

/// Says whether a text can be a revision, and stand in a path.
pub(super) fn is_revision(text: &str) -> bool {
    let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    !text.is_empty() && text.len() <= MAX_REVISION && text.bytes().all(is_fine)
}

pub(super) fn no_revision(text: &str) -> SourceError {
    let text = printable(text, MAX_REVISION);
    SourceError::Invalid(format!("{text:?} is no revision"))
}

/// References while they are listed, each once.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    found: BTreeMap<Reference, Listed>,
    pub(super) unread: BTreeSet<PackageKey>,
    warnings: Vec<String>,
}

impl Gathered {
    pub(super) fn put(&mut self, reference: Reference, stamp: Option<Stamp>) {
        self.insert(Listed {
            reference,
            stamp,
            seen: None,
        });
    }

    /// Puts what changed, with the revision that was seen, if it is one.
    pub(super) fn put_changed(&mut self, reference: Reference, seen: Option<String>) {
        self.insert(Listed {
            reference,
            stamp: None,
            seen,
        });
    }

    fn insert(&mut self, listed: Listed) {
        self.found.insert(listed.reference.clone(), listed);
    }

    pub(super) fn len(&self) -> usize {
        self.found.len()
    }

    /// Passes over an entry that is no reference.
    pub(super) fn refuse(&mut self, entry: &str) {
        self.warn(format!("{:?} is no reference", printable(entry, 200)));
    }

    pub(super) fn warn(&mut self, text: String) {
        if self.warnings.len() < MAX_WARNINGS {
            self.warnings.push(text);
        }
    }

    pub(super) fn into_listing(self, cursor: Option<Timestamp>) -> Listing {
        Listing {
            found: self.found.into_values().collect(),
            cursor,
            unread: self.unread,
            warnings: self.warnings,
        }
    }
}

impl CatalogueSource for Conan {
    fn prove(&self) -> BoxFuture<'_, Result<(), SourceError>> {
        self.proven().boxed()
    }

    fn list(&self) -> BoxFuture<'_, Result<Listing, SourceError>> {
        self.in_time(self.search()).boxed()
    }

    fn changes(&self, _since: Timestamp) -> BoxFuture<'_, Result<Option<Listing>, SourceError>> {
        async { Ok(None) }.boxed()
    }

    fn look<'a>(
        &'a self,
        reference: &'a Reference,
    ) -> BoxFuture<'a, Result<Option<Stamp>, SourceError>> {
        self.latest(reference).boxed()
    }

    fn read<'a>(
        &'a self,
        reference: &'a Reference,
        stamp: &'a Stamp,
    ) -> BoxFuture<'a, Result<Reading, SourceError>> {
        self.reading(reference, stamp).boxed()
    }

    fn file<'a>(
        &'a self,
        reference: &'a Reference,
        stamp: &'a Stamp,
        name: &'a str,
    ) -> BoxFuture<'a, Result<FileBody, SourceError>> {
        self.passed_on(reference, stamp, name).boxed()
    }

    fn spent(&self) -> Spent {
        self.session.spent()
    }
}
