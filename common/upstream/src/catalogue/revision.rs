//! Reading one revision, verified from its name downwards: the revision is the digest of the
//! manifest, the manifest has the digest of the recipe and of the README.
//!
//! What can be done without (a README that is too large, packages that nobody built) is left out
//! with a warning; what only failed for now fails the reading, for a revision is read once.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::Value;
use tokio::{sync::mpsc, task::spawn_blocking};
use url::Url;
use weir_domain::{
    Decision, Retryable,
    catalogue::{Dependency, Facts, Reference, Stamp},
    conan::{Manifest, SOURCES_FOLDER, info_requirements, package_id, read_recipe},
};

use super::{
    Reading, SourceError,
    address::below,
    archive::{Found, Pieces, find},
    conan::Conan,
    decode,
    session::{Check, Errand, Received},
};
use crate::UpstreamError;

/// Pieces of an archive that wait to be unpacked.
const PIECES_AHEAD: usize = 4;

/// One revision of one reference, at its source.
pub(super) struct Revision<'a> {
    source: &'a Conan,
    reference: &'a Reference,
    stamp: &'a Stamp,
    reading: Reading,
    size_bytes: u64,
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
        let manifest = self.manifest().await?;
        self.recipe(&manifest).await?;
        self.readme(&manifest).await?;
        self.requirements().await?;
        self.reading.facts.size_bytes = Some(self.size_bytes);
        self.reading.downloads = self.downloads().await;
        Ok(self.reading)
    }

    async fn manifest(&mut self) -> Result<Manifest, SourceError> {
        self.whole_manifest().await.map(|(manifest, _)| manifest)
    }

    /// Returns the manifest and its bytes.
    pub(super) async fn whole_manifest(&mut self) -> Result<(Manifest, Bytes), SourceError> {
        let limit = self.source.session.limits().manifest_bytes;
        let received = self.file("conanmanifest.txt", limit).await?;
        let manifest = Manifest::parse(&received.bytes)
            .map_err(|error| SourceError::Invalid(format!("{}: {error}", received.place)))?;
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
        let url = self.url(&["files", name]).await?;
        let received = self.source.session.get(&Errand::new(url, limit)).await;
        let received = received.map_err(|error| self.vanished(error))?;
        if decode::is_page(&received.bytes) {
            let why = format!("{} is a web page (HTML), not a file", received.place);
            return Err(SourceError::Invalid(why));
        }
        if !received.is_whole() {
            return Err(self.mismatch(format!("{name} is not what its checksum says")));
        }
        self.size_bytes += received.bytes.len() as u64;
        Ok(received)
    }

    async fn readme(&mut self, manifest: &Manifest) -> Result<(), SourceError> {
        let Some(path) = manifest.readme() else {
            return Ok(());
        };
        let (archive, inside) = match path.strip_prefix(SOURCES_FOLDER) {
            Some(inside) => ("conan_sources.tgz", inside),
            None => ("conan_export.tgz", path),
        };
        let found = match self.search(archive, inside).await {
            Ok(found) => found,
            Err(SourceError::Upstream(error)) if is_passing(&error) => return Err(error.into()),
            Err(error @ SourceError::Mismatch { .. }) => return Err(error),
            Err(error) => {
                self.warn(format!("the README was not read: {error}"));
                return Ok(());
            }
        };
        match found {
            Found::File(bytes) if manifest.fits(path, &bytes) => {
                let text = String::from_utf8_lossy(&bytes);
                let text = text.trim_start_matches('\u{feff}').replace('\0', "");
                self.reading.readme = Some(text);
                Ok(())
            }
            Found::File(_) => Err(self.mismatch(format!("{inside} is not what the manifest says"))),
            Found::Nothing => Err(self.mismatch(format!("{inside} is not in {archive}"))),
            Found::Damaged(why) => Err(self.mismatch(format!("{archive} is damaged: {why}"))),
            Found::TooLarge(what) => {
                self.warn(format!("the README was not read: {what} is too large"));
                Ok(())
            }
        }
    }

    /// Looks for a file in an archive; all of the archive is received, to be checked.
    async fn search(&mut self, archive: &str, path: &str) -> Result<Found, SourceError> {
        let session = &self.source.session;
        let url = self.url(&["files", archive]).await?;
        let errand = Errand::new(url, session.limits().archive_bytes);
        let mut tries = session.tries();
        loop {
            match self.try_search(&errand, path).await {
                Ok((found, true)) => return Ok(found),
                Ok((_, false)) => {
                    return Err(self.mismatch(format!("{archive} is not what its checksum says")));
                }
                Err(error) => tries.again(error).await?,
            }
        }
    }

    /// Says also whether the archive is the one that was promised.
    async fn try_search(
        &mut self,
        errand: &Errand,
        path: &str,
    ) -> Result<(Found, bool), UpstreamError> {
        let session = &self.source.session;
        let mut answer = session.open(errand).await?;
        let mut check = Check::of(&answer);
        let (sender, pieces) = mpsc::channel(PIECES_AHEAD);
        let (path, limits) = (path.to_owned(), *session.limits());
        let search = spawn_blocking(move || find(Pieces::new(pieces), &path, &limits));
        let end = loop {
            match answer.body.next().await {
                Ok(Some(piece)) => {
                    check.update(&piece);
                    // Who has found it reads no more; the rest is received to be checked.
                    let _ = sender.send(piece).await;
                }
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        drop(sender);
        session.received(answer.body.received_bytes());
        end?;
        let found = search.await;
        self.size_bytes += answer.body.received_bytes();
        let found = found.unwrap_or_else(|panic| Found::Damaged(panic.to_string()));
        Ok((found, check.holds()))
    }

    /// Adds what packages needed and the recipe does not say: its text is kept where both do, for
    /// versions are masked in packages.
    async fn requirements(&mut self) -> Result<(), SourceError> {
        let mut url = self.url(&["search"]).await?;
        url.set_query(Some("list_only=False"));
        let session = &self.source.session;
        let errand = Errand::new(url, session.limits().answer_bytes);
        let packages = match session.json::<BTreeMap<String, Value>>(&errand).await {
            Ok(packages) => packages,
            Err(error) if error.is_not_found() => return Ok(()),
            Err(error) if is_passing(&error) => return Err(error.into()),
            Err(error) => {
                self.warn(format!("its packages were not read: {error}"));
                return Ok(());
            }
        };
        for (id, package) in &packages {
            let Some(info) = package.get("content").and_then(Value::as_str) else {
                continue;
            };
            if package_id(info.as_bytes()).eq_ignore_ascii_case(id) {
                add(&mut self.reading.facts, info_requirements(info));
            } else {
                self.warn("a package is not what its id says".to_owned());
            }
        }
        Ok(())
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

    fn warn(&mut self, text: String) {
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

/// Most dependencies of one version.
pub(super) const MAX_DEPENDENCIES: usize = 500;

/// Says whether it may be better another time.
fn is_passing(error: &UpstreamError) -> bool {
    !matches!(error.decision(), Decision::GiveUp)
}

/// Adds what is not known yet; whoever writes a package may write as much as they like into it.
fn add(facts: &mut Facts, found: Vec<Dependency>) {
    for one in found.into_iter().take(MAX_DEPENDENCIES) {
        if facts.dependencies.len() >= MAX_DEPENDENCIES {
            return;
        }
        let mut known = facts.dependencies.iter();
        let is_same = |other: &Dependency| {
            (other.kind, &other.name, &other.namespace) == (one.kind, &one.name, &one.namespace)
        };
        if !known.any(is_same) {
            facts.dependencies.push(one);
        }
    }
}
