//! An npm repository of Artifactory as a source of the catalogue: each version of a package is a
//! reference, the digest of its tarball its revision.
//!
//! Names are listed by Artifactory, documents read by the client of package syncs. What a manifest
//! says is believed as it is there: no tarball is fetched. It tells nothing of what changed.

use std::{collections::HashSet, sync::Arc};

use futures::{
    StreamExt, TryStreamExt,
    future::{BoxFuture, FutureExt},
    stream,
};
use serde_json::Value;
use url::Url;
use weir_domain::{
    PackageName, Timestamp,
    catalogue::{
        CatalogueSettings, Dependency, DependencyKind, Facts, NO_NAMESPACE, Reference, Stamp,
    },
    manifest::ManifestFacts,
    packument::PackumentOutline,
    text::printable,
};

use super::{
    CatalogueSource, Listing, Reading, SourceError, Spent,
    address::below,
    conan::{Conan, Gathered, no_listing},
    packages::MAX_DEPENDENCIES,
    session::Errand,
};
use crate::{
    FetchedPackument, NpmRegistry, PackumentReply, UpstreamError, Validators,
    client::{Client, Home},
};

/// Longest text, and longest topic, in characters.
const MAX_TEXT: usize = 4096;
const MAX_TOPIC: usize = 100;
/// Most topics.
const MAX_TOPICS: usize = 50;

/// Documents read at once for a listing.
const DOCUMENTS_AT_ONCE: usize = 4;

/// An npm repository.
#[derive(Debug)]
pub(super) struct Npm {
    /// Only for what both have: where Artifactory is, whether it knows us, and how it is asked.
    artifactory: Conan,
}

impl Npm {
    pub(super) fn new(client: Arc<Client>, home: Home, settings: &CatalogueSettings) -> Self {
        Self {
            artifactory: Conan::new(client, home, settings, false),
        }
    }

    async fn interface(&self) -> Result<Url, UpstreamError> {
        let root = self.artifactory.root().await?;
        Ok(self.artifactory.address.interface(root, "npm"))
    }

    async fn proven(&self) -> Result<(), SourceError> {
        if self.artifactory.session.home().is_authorized() {
            self.artifactory.names_the_repository().await?;
        }
        let Some(canary) = &self.artifactory.canary else {
            return self.names().await.map(|_| ());
        };
        match self.latest(canary).await? {
            Some(_) => Ok(()),
            None => Err(SourceError::Unproven(format!(
                "it does not show {canary}, which must be there"
            ))),
        }
    }

    async fn names(&self) -> Result<Vec<PackageName>, SourceError> {
        let url = below(&self.interface().await?, &["-", "all"]);
        let session = &self.artifactory.session;
        let errand = Errand::listing(url, session.limits().listing_bytes);
        let all = session
            .json::<serde_json::Map<String, Value>>(&errand)
            .await;
        let all = all.map_err(no_listing)?;
        // Beside the packages there are fields about the listing (`_updated`).
        let names = all.keys().filter(|key| !key.starts_with('_'));
        Ok(names
            .filter_map(|name| PackageName::parse(name).ok())
            .collect())
    }

    async fn everything(&self) -> Result<Listing, SourceError> {
        let names = stream::iter(self.names().await?);
        let read = names.map(|name| async move {
            let outline = match self.document(&name).await? {
                Some(document) => Some(document.outline().await?),
                None => None,
            };
            Ok::<_, SourceError>((name, outline))
        });
        let mut read = read.buffer_unordered(DOCUMENTS_AT_ONCE);
        let mut gathered = Gathered::default();
        while let Some((name, outline)) = read.try_next().await? {
            let Some(outline) = outline else { continue };
            for facts in &outline.versions {
                match reference(&name, facts.version.as_str()) {
                    Some(reference) => gathered.put(reference, stamp(&outline, facts)),
                    None => gathered.refuse(&format!("{name}@{}", facts.version.as_str())),
                }
            }
        }
        self.artifactory.complete(gathered, None)
    }

    /// Fetches a package's document; nothing if there is none.
    async fn document(&self, name: &PackageName) -> Result<Option<FetchedPackument>, SourceError> {
        let session = &self.artifactory.session;
        let home = session.home().moved_to(self.interface().await?);
        let registry = NpmRegistry::new(Arc::clone(session.client()), home);
        let mut tries = session.tries();
        loop {
            let reply = registry
                .packument(name, &Validators::default(), |_| {})
                .await;
            match reply {
                Ok(PackumentReply::Fetched(document)) => {
                    session.count(document.received_bytes());
                    return Ok(Some(document));
                }
                Ok(PackumentReply::NotModified) => return Ok(None),
                Err(error) if error.is_not_found() => return Ok(None),
                Err(error) => {
                    session.count(0);
                    tries.again(error).await?;
                }
            }
        }
    }

    async fn outlined(
        &self,
        reference: &Reference,
    ) -> Result<Option<(FetchedPackument, PackumentOutline)>, SourceError> {
        let Some(name) = name_of(reference) else {
            return Ok(None);
        };
        let Some(document) = self.document(&name).await? else {
            return Ok(None);
        };
        let outline = document.outline().await?;
        Ok(Some((document, outline)))
    }

    async fn latest(&self, reference: &Reference) -> Result<Option<Stamp>, SourceError> {
        let Some((_, outline)) = self.outlined(reference).await? else {
            return Ok(None);
        };
        let found = version(&outline, reference);
        Ok(found.and_then(|facts| stamp(&outline, facts)))
    }

    async fn reading(&self, reference: &Reference, wanted: &Stamp) -> Result<Reading, SourceError> {
        let gone = || SourceError::Vanished(reference.clone());
        let (document, outline) = self.outlined(reference).await?.ok_or_else(gone)?;
        let found = version(&outline, reference).ok_or_else(gone)?;
        if stamp(&outline, found).is_none_or(|now| now.revision != wanted.revision) {
            return Err(SourceError::Mismatch {
                reference: reference.clone(),
                why: "its tarball is another one meanwhile".to_owned(),
            });
        }
        let mut batches = document.manifests(HashSet::from([found.version.clone()]));
        let batch = batches.next().await.transpose()?.unwrap_or_default();
        let text = batch.first().map_or("null", |(_, text)| text.as_str());
        let manifest = serde_json::from_str(text).unwrap_or(Value::Null);
        let readme = outline.root.iter().find(|(field, _)| field == "readme");
        let readme = readme.and_then(|(_, raw)| serde_json::from_str::<String>(raw.get()).ok());
        let limit = self.artifactory.session.limits().readme_bytes;
        Ok(Reading {
            facts: facts_of(&manifest),
            readme: readme
                .filter(|text| text.len() as u64 <= limit)
                .map(|text| text.replace('\0', "")),
            ..Reading::default()
        })
    }
}

/// Returns the reference of a version.
fn reference(name: &PackageName, version: &str) -> Option<Reference> {
    let scope = name.scope().map(|scope| scope.trim_start_matches('@'));
    let scope = scope.unwrap_or(NO_NAMESPACE);
    format!("{}/{version}@{scope}", name.unscoped())
        .parse()
        .ok()
}

fn name_of(reference: &Reference) -> Option<PackageName> {
    let key = &reference.key;
    let text = match key.namespace.as_str() {
        NO_NAMESPACE => key.name.clone(),
        scope => format!("@{scope}/{}", key.name),
    };
    PackageName::parse(&text).ok()
}

fn version<'o>(outline: &'o PackumentOutline, reference: &Reference) -> Option<&'o ManifestFacts> {
    let mut versions = outline.versions.iter();
    versions.find(|facts| facts.version.as_str() == reference.version)
}

/// Returns where a version is; nothing if nothing is promised of its tarball.
fn stamp(outline: &PackumentOutline, facts: &ManifestFacts) -> Option<Stamp> {
    let digest = facts.integrity.as_ref()?.strongest().first()?;
    let at = outline.time.get(facts.version.as_str());
    Some(Stamp {
        revision: digest.to_string(),
        at: at.and_then(|text| Timestamp::parse(text)),
    })
}

/// Reads what a manifest says of its package, whatever its shape.
fn facts_of(manifest: &Value) -> Facts {
    // Some fields were objects in their time.
    let text = |field: &str, inside: &str| {
        let value = &manifest[field];
        let text = value.as_str().or_else(|| value[inside].as_str())?.trim();
        (!text.is_empty()).then(|| printable(text, MAX_TEXT))
    };
    let mut topics: Vec<String> = Vec::new();
    for topic in manifest["keywords"].as_array().into_iter().flatten() {
        let topic = topic.as_str().unwrap_or_default().trim().to_lowercase();
        let topic = printable(&topic, MAX_TOPIC);
        if !topic.is_empty() && !topics.contains(&topic) && topics.len() < MAX_TOPICS {
            topics.push(topic);
        }
    }
    let kinds = [
        ("dependencies", DependencyKind::Requires),
        ("devDependencies", DependencyKind::TestRequires),
    ];
    let dependencies = kinds.into_iter().flat_map(|(field, kind)| {
        let all = manifest[field].as_object().into_iter().flatten();
        all.filter_map(move |(name, range)| dependency(name, range.as_str()?, kind))
    });
    Facts {
        description: text("description", ""),
        licenses: text("license", "type").into_iter().collect(),
        author: text("author", "name"),
        homepage: text("homepage", "url"),
        repository: text("repository", "url"),
        topics,
        package_type: Some("library".to_owned()),
        dependencies: dependencies.take(MAX_DEPENDENCIES).collect(),
        size_bytes: manifest["dist"]["unpackedSize"].as_u64(),
        ..Facts::default()
    }
}

fn dependency(name: &str, range: &str, kind: DependencyKind) -> Option<Dependency> {
    let name = PackageName::parse(name).ok()?;
    let scope = name
        .scope()
        .map(|scope| scope.trim_start_matches('@').to_owned());
    Some(Dependency {
        name: name.unscoped().to_owned(),
        namespace: scope,
        requirement: range.to_owned(),
        kind,
    })
}

impl CatalogueSource for Npm {
    fn prove(&self) -> BoxFuture<'_, Result<(), SourceError>> {
        self.proven().boxed()
    }

    fn list(&self) -> BoxFuture<'_, Result<Listing, SourceError>> {
        self.artifactory.in_time(self.everything()).boxed()
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

    fn spent(&self) -> Spent {
        self.artifactory.session.spent()
    }
}
