//! Reading one revision, verified from its name downwards: the revision is the digest of the
//! manifest, the manifest has the digest of the recipe and of what lies in its archives
//! ([`super::archived`]). Its binary packages are proven in the same way ([`super::packages`]).
//!
//! What can be done without (a README that is too large, packages that nobody built) is left out
//! with a warning; what only failed for now fails the reading, for a revision is read once.

use bytes::Bytes;
use serde_json::Value;
use url::Url;
use weir_domain::{
    Decision, Retryable,
    catalogue::{Reference, Stamp},
    conan::{Manifest, read_recipe},
};

use super::{
    Reading, SourceError,
    address::below,
    conan::Conan,
    decode,
    session::{Errand, Received},
};
use crate::UpstreamError;

/// One revision of one reference, at its source.
pub(super) struct Revision<'a> {
    pub(super) source: &'a Conan,
    pub(super) reference: &'a Reference,
    stamp: &'a Stamp,
    pub(super) reading: Reading,
    pub(super) size_bytes: u64,
}

impl Conan {
    /// Reads a revision; once more if something does not fit, for it may have been replaced
    /// between one file and the next.
    pub(super) async fn reading(
        &self,
        reference: &Reference,
        stamp: &Stamp,
    ) -> Result<Reading, SourceError> {
        match Revision::new(self, reference, stamp).read().await {
            Err(SourceError::Mismatch { .. }) => Revision::new(self, reference, stamp).read().await,
            outcome => outcome,
        }
    }
}

impl<'a> Revision<'a> {
    pub(super) fn new(source: &'a Conan, reference: &'a Reference, stamp: &'a Stamp) -> Self {
        Self {
            source,
            reference,
            stamp,
            reading: Reading::default(),
            size_bytes: 0,
        }
    }

    async fn read(mut self) -> Result<Reading, SourceError> {
        // Before our own reading counts.
        self.reading.downloads = self.downloads().await;
        let manifest = self.manifest().await?;
        self.recipe(&manifest).await?;
        self.archived(&manifest).await?;
        self.packages().await?;
        self.reading.facts.size_bytes = Some(self.size_bytes);
        Ok(self.reading)
    }

    async fn manifest(&mut self) -> Result<Manifest, SourceError> {
        self.whole_manifest().await.map(|(manifest, _)| manifest)
    }

    /// Returns the manifest and its bytes.
    pub(super) async fn whole_manifest(&mut self) -> Result<(Manifest, Bytes), SourceError> {
        let limit = self.source.session.limits().manifest_bytes;
        let received = self.file("conanmanifest.txt", limit).await?;
        let manifest = parse(&received)?;
        if !manifest.is_of(&self.stamp.revision) {
            let why = format!("the manifest is not that of {}", self.stamp.revision);
            return Err(self.mismatch(why));
        }
        Ok((manifest, received.bytes))
    }

    /// Returns the recipe's bytes.
    pub(super) async fn whole_recipe(&mut self, manifest: &Manifest) -> Result<Bytes, SourceError> {
        let name = "conanfile.py";
        let limit = self.source.session.limits().recipe_bytes;
        let received = self.file(name, limit).await?;
        if !manifest.fits(name, &received.bytes) {
            return Err(self.mismatch(format!("{name} is not what the manifest says")));
        }
        Ok(received.bytes)
    }

    async fn recipe(&mut self, manifest: &Manifest) -> Result<(), SourceError> {
        let recipe = read_recipe(&self.whole_recipe(manifest).await?);
        self.reading.facts = recipe.facts;
        self.reading.warnings.extend(recipe.warnings);
        Ok(())
    }

    async fn file(&mut self, name: &str, limit: u64) -> Result<Received, SourceError> {
        let received = self.fetch(&["files", name], limit).await?;
        self.size_bytes += received.bytes.len() as u64;
        Ok(received)
    }

    /// Receives a file below the revision; its name is the last part of the path.
    pub(super) async fn fetch(&self, path: &[&str], limit: u64) -> Result<Received, SourceError> {
        let url = self.url(path).await?;
        let received = self.source.session.get(&Errand::new(url, limit)).await;
        let received = received.map_err(|error| self.vanished(error))?;
        if decode::is_page(&received.bytes) {
            let why = format!("{} is a web page (HTML), not a file", received.place);
            return Err(SourceError::Invalid(why));
        }
        if !received.is_whole() {
            let name = path.last().copied().unwrap_or_default();
            return Err(self.mismatch(format!("{name} is not what its checksum says")));
        }
        Ok(received)
    }

    /// Asks Artifactory how often the recipe was fetched; whatever it says, it matters little.
    async fn downloads(&self) -> Option<u64> {
        let key = self.source.address.repository.as_deref()?;
        let Reference {
            key: package,
            version,
            channel,
        } = self.reference;
        let path = [
            "api",
            "storage",
            key,
            &package.namespace,
            &package.name,
            version,
            channel,
            &self.stamp.revision,
            "export",
            "conanfile.py",
        ];
        let mut url = below(self.source.root().await.ok()?, &path);
        url.set_query(Some("stats"));
        let session = &self.source.session;
        let errand = Errand::new(url, session.limits().answer_bytes);
        let stats: Value = decode::json(&session.receive(&errand).await.ok()?).ok()?;
        stats.get("downloadCount")?.as_u64()
    }

    pub(super) async fn url(&self, rest: &[&str]) -> Result<Url, UpstreamError> {
        let mut path = vec!["revisions", &self.stamp.revision];
        path.extend(rest);
        self.source.at(self.reference, &path).await
    }

    pub(super) fn warn(&mut self, text: String) {
        if !self.reading.warnings.contains(&text) {
            self.reading.warnings.push(text);
        }
    }

    /// A file that is not there went with its revision.
    pub(super) fn vanished(&self, error: UpstreamError) -> SourceError {
        if error.is_not_found() {
            SourceError::Vanished(self.reference.clone())
        } else {
            error.into()
        }
    }

    pub(super) fn mismatch(&self, why: String) -> SourceError {
        SourceError::Mismatch {
            reference: self.reference.clone(),
            why,
        }
    }
}

/// Reads a manifest as it was received.
pub(super) fn parse(received: &Received) -> Result<Manifest, SourceError> {
    Manifest::parse(&received.bytes)
        .map_err(|error| SourceError::Invalid(format!("{}: {error}", received.place)))
}

/// Says whether it may be better another time.
pub(super) fn is_passing(error: &UpstreamError) -> bool {
    !matches!(error.decision(), Decision::GiveUp)
}
