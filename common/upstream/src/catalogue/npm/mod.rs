//! An npm repository of Artifactory as a source of the catalogue: each version of a package is a
//! reference, the digest of its tarball its revision.
//!
//! Names are listed by Artifactory, documents read by the client of package syncs. What a manifest
//! says is believed as it is there: no tarball is fetched. What changed is asked by queries, with a
//! credential; else it tells nothing of that.
//!
//! A document is fetched once for a listing, and once for all that is looked at and read of it
//! afterwards; whether the source is to be believed is never told by one that is kept.

mod document;
mod listing;
mod manifest;

use std::{collections::BTreeSet, sync::Arc};

use futures::future::{BoxFuture, FutureExt};
use serde_json::{Value, json};
use tokio::{sync::Mutex as Turn, time::Instant};
use url::Url;
use weir_domain::{
    PackageName, Timestamp,
    catalogue::{CatalogueSettings, PackageKey, Reference, Stamp, npm},
};

use self::{
    document::{Document, Kept},
    manifest::facts_of,
};
use super::{CatalogueSource, Listing, Reading, SourceError, Spent, aql::Aql, conan::Conan};
use crate::{
    NpmRegistry, PackumentReply, UpstreamError, Validators,
    client::{Client, Home},
};

/// An npm repository.
#[derive(Debug)]
pub(super) struct Npm {
    /// Which tarballs changed, as far as queries may be asked.
    tarballs: Aql,
    /// Fetched after the last listing.
    kept: Kept,
    /// When it proved itself last because a single document was unreadable.
    believed_at: Turn<Option<Instant>>,
}

impl Npm {
    pub(super) fn new(client: Arc<Client>, home: Home, settings: &CatalogueSettings) -> Self {
        let artifactory = Conan::new(client, home, settings, false);
        let tarballs = json!({"name": {"$match": "*.tgz"}});
        Self {
            tarballs: Aql::of(artifactory, tarballs),
            kept: Kept::default(),
            believed_at: Turn::default(),
        }
    }

    /// Returns what all its repositories have: where it is, whether it knows us, how it is asked.
    fn artifactory(&self) -> &Conan {
        &self.tarballs.conan
    }

    async fn interface(&self) -> Result<Url, UpstreamError> {
        let root = self.artifactory().root().await?;
        Ok(self.artifactory().address.interface(root, "npm"))
    }

    async fn proven(&self) -> Result<(), SourceError> {
        if self.artifactory().session.home().is_authorized() {
            self.artifactory().names_the_repository().await?;
        }
        let Some(canary) = &self.artifactory().canary else {
            return self.names().await.map(|_| ());
        };
        let document = match npm::package_name(&canary.key) {
            Some(name) => self.fetch(&name).await?,
            None => None,
        };
        let stamp = document.map(|document| document.stamp(&canary.version));
        match stamp.transpose()?.flatten() {
            Some(_) => Ok(()),
            None => Err(SourceError::Unproven(format!(
                "it does not show {canary}, which must be there"
            ))),
        }
    }

    /// Fetches a package's document; nothing if there is none.
    async fn fetch(&self, name: &PackageName) -> Result<Option<Document>, SourceError> {
        let session = &self.artifactory().session;
        let home = session.home().moved_to(self.interface().await?);
        let registry = NpmRegistry::new(Arc::clone(session.client()), home);
        let mut tries = session.tries();
        loop {
            match self.received(&registry, name).await {
                Err(error) if error.is_not_found() => return Ok(None),
                Err(error) => tries.again(error).await?,
                Ok(document) => return Ok(document),
            }
        }
    }

    /// Fetches it once. A document that breaks off is an answer that broke off.
    async fn received(
        &self,
        registry: &NpmRegistry,
        name: &PackageName,
    ) -> Result<Option<Document>, UpstreamError> {
        let session = &self.artifactory().session;
        session.count(0);
        let none = Validators::default();
        let reply = registry.packument(name, &none, |bytes| session.received(bytes));
        match reply.await? {
            PackumentReply::Fetched(fetched) => {
                let outline = fetched.outline().await?;
                Ok(Some(Document::new(name, fetched, outline)))
            }
            PackumentReply::NotModified => Ok(None),
        }
    }

    /// Returns the document of a package; the one that is kept, if it is.
    async fn document(&self, key: &PackageKey) -> Result<Option<Arc<Document>>, SourceError> {
        let Some(name) = npm::package_name(key) else {
            return Ok(None);
        };
        if let Some(kept) = self.kept.find(&name) {
            return Ok(kept.document);
        }
        let document = self.fetch(&name).await?.map(Arc::new);
        self.kept.put(&name, document.clone());
        Ok(document)
    }

    async fn latest(&self, reference: &Reference) -> Result<Option<Stamp>, SourceError> {
        match self.document(&reference.key).await? {
            Some(document) => document.stamp(&reference.version),
            None => Ok(None),
        }
    }

    async fn reading(&self, reference: &Reference, wanted: &Stamp) -> Result<Reading, SourceError> {
        let gone = || SourceError::Vanished(reference.clone());
        let document = self.document(&reference.key).await?.ok_or_else(gone)?;
        let stamp = document.stamp(&reference.version)?.ok_or_else(gone)?;
        if stamp.revision != wanted.revision {
            return Err(SourceError::Mismatch {
                reference: reference.clone(),
                why: "its tarball is another one meanwhile".to_owned(),
            });
        }
        let text = document.manifest(&reference.version).await?;
        let manifest = serde_json::from_str(&text.ok_or_else(gone)?).unwrap_or(Value::Null);
        let limit = self.artifactory().session.limits().readme_bytes;
        let readme = document.readme(&reference.version, limit);
        Ok(Reading {
            facts: facts_of(&manifest),
            readme: readme.map(|text| text.replace('\0', "")),
            ..Reading::default()
        })
    }
}

impl CatalogueSource for Npm {
    fn prove(&self) -> BoxFuture<'_, Result<(), SourceError>> {
        self.proven().boxed()
    }

    fn list(&self) -> BoxFuture<'_, Result<Listing, SourceError>> {
        self.everything().boxed()
    }

    fn changes(&self, since: Timestamp) -> BoxFuture<'_, Result<Option<Listing>, SourceError>> {
        self.changed(since).boxed()
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

    fn all_of<'a>(
        &'a self,
        key: &'a PackageKey,
    ) -> BoxFuture<'a, Result<BTreeSet<Reference>, SourceError>> {
        async {
            let document = self.document(key).await?;
            Ok(document.map(|one| one.references()).unwrap_or_default())
        }
        .boxed()
    }

    fn done_with(&self, key: &PackageKey) {
        if let Some(name) = npm::package_name(key) {
            self.kept.done_with(&name);
        }
    }

    fn spent(&self) -> Spent {
        self.artifactory().session.spent()
    }
}
