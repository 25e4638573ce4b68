//! The binary packages of a revision: what they needed, where the recipe computes it.
//!
//! A package is proven from its revision downwards, as the recipe is: the package's latest revision
//! is the digest of its manifest, the manifest has the digest of its `conaninfo.txt`, and the
//! package's id is the SHA-1 of that. What is proven tells what it needed; what is not is a warning,
//! and nothing of it is believed. A package that went since it was listed is no loss.
//!
//! The listing carries each `conaninfo.txt`; that file is asked for by itself only where what the
//! listing carries is not what the id says. So a package costs two requests.

use std::collections::BTreeMap;

use futures::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;
use serde_json::Value;
use weir_domain::{
    catalogue::{Dependency, Facts},
    conan::{info_requirements, package_id},
    text::printable,
};

use super::{
    SourceError,
    conan::{Latest, is_revision, no_revision},
    revision::{Revision, is_passing, parse},
    session::Errand,
};

/// Most packages that are proven, those first by their id. They differ by settings and options, and
/// need nearly the same: a few tell what all would, and each costs requests.
const MAX_PACKAGES: usize = 16;
/// Packages that are asked about at once.
const AT_ONCE: usize = 4;
/// Most dependencies of one version.
pub(super) const MAX_DEPENDENCIES: usize = 500;

/// What tells what a package is.
const INFO: &str = "conaninfo.txt";

/// Packages by their id, as they are listed.
type Listed = BTreeMap<String, Value>;

/// What `revisions` answers: the newest first.
#[derive(Debug, Deserialize)]
struct Revisions {
    revisions: Vec<Latest>,
}

/// What came of one package.
enum Proof {
    /// What it needed.
    Holds(Vec<Dependency>),
    /// It went.
    Gone,
    /// Why it is not believed.
    Fails(String),
}

impl Revision<'_> {
    /// Adds what packages needed and the recipe does not say: its text is kept where both do, for
    /// versions are masked in packages.
    pub(super) async fn packages(&mut self) -> Result<(), SourceError> {
        let mut url = self.url(&["search"]).await?;
        // The shorter list would name packages that are gone.
        url.set_query(Some("list_only=False"));
        let session = &self.source.session;
        let errand = Errand::new(url, session.limits().answer_bytes);
        let listed = match session.json::<Listed>(&errand).await {
            Ok(listed) => listed,
            Err(error) if error.is_not_found() => return Ok(()),
            Err(error) if is_passing(&error) => return Err(error.into()),
            Err(error) => {
                self.warn(format!("its packages were not read: {error}"));
                return Ok(());
            }
        };
        let listed = listed.into_iter().take(MAX_PACKAGES);
        let each = listed.map(|(id, listed)| self.proof(id, listed));
        let proofs: Vec<_> = stream::iter(each).buffered(AT_ONCE).try_collect().await?;
        for proof in proofs {
            match proof {
                Proof::Holds(needs) => add(&mut self.reading.facts, needs),
                Proof::Gone => {}
                Proof::Fails(why) => self.warn(why),
            }
        }
        Ok(())
    }

    /// Proves a package; tries once more if something does not fit, for it may have been built
    /// again between one file and the next.
    ///
    /// # Errors
    /// Those that may be better another time.
    async fn proof(&self, id: String, listed: Value) -> Result<Proof, SourceError> {
        if !is_id(&id) {
            let id = printable(&id, 100);
            return Ok(Proof::Fails(format!("package {id:?} has no id of Conan's")));
        }
        let told = listed.get("content").and_then(Value::as_str);
        let info = match self.info(&id, told).await {
            Err(SourceError::Mismatch { .. }) => self.info(&id, told).await,
            outcome => outcome,
        };
        Ok(match info {
            Ok(info) => Proof::Holds(info_requirements(&info)),
            Err(SourceError::Vanished(_)) => Proof::Gone,
            Err(SourceError::Upstream(error)) if is_passing(&error) => return Err(error.into()),
            Err(SourceError::Mismatch { why, .. }) => Proof::Fails(format!("package {id}: {why}")),
            Err(error) => Proof::Fails(format!("package {id} was not read: {error}")),
        })
    }

    /// Returns the `conaninfo.txt` of a package, proven.
    async fn info(&self, id: &str, told: Option<&str>) -> Result<String, SourceError> {
        let is_of_id = |info: &[u8]| package_id(info).eq_ignore_ascii_case(id);
        let revision = self.latest_of(id).await?;
        let limits = self.source.session.limits();
        let file = |name| ["packages", id, "revisions", &revision, "files", name];
        let path = file("conanmanifest.txt");
        let manifest = parse(&self.fetch(&path, limits.manifest_bytes).await?)?;
        // Unlike a recipe's, this revision is never that of a source control.
        if !manifest.revision().eq_ignore_ascii_case(&revision) {
            return Err(self.mismatch(format!("its manifest is not that of {revision}")));
        }
        let info = match told.filter(|told| is_of_id(told.as_bytes())) {
            Some(told) => told.as_bytes().to_vec().into(),
            None => self.fetch(&file(INFO), limits.info_bytes).await?.bytes,
        };
        if !manifest.fits(INFO, &info) {
            return Err(self.mismatch(format!("its {INFO} is not what its manifest says")));
        }
        if !is_of_id(&info) {
            return Err(self.mismatch(format!("its {INFO} is not what its id says")));
        }
        Ok(String::from_utf8_lossy(&info).into_owned())
    }

    /// Asks for the latest revision of a package.
    async fn latest_of(&self, id: &str) -> Result<String, SourceError> {
        let session = &self.source.session;
        let errand = async |last| {
            let url = self.url(&["packages", id, last]).await?;
            Ok::<_, SourceError>(Errand::new(url, session.limits().answer_bytes))
        };
        let latest = match session.json::<Latest>(&errand("latest").await?).await {
            Ok(latest) => Some(latest),
            // Where nobody answers that, the list may be.
            Err(error) if error.is_not_found() => {
                let listed = session.json::<Revisions>(&errand("revisions").await?).await;
                let listed = listed.map_err(|error| self.vanished(error))?;
                listed.revisions.into_iter().next()
            }
            Err(error) => return Err(error.into()),
        };
        let latest = latest.ok_or_else(|| SourceError::Vanished(self.reference.clone()))?;
        if is_revision(&latest.revision) {
            Ok(latest.revision)
        } else {
            Err(no_revision(&latest.revision))
        }
    }
}

/// Says whether a text is the SHA-1 of something, and can stand in a path.
fn is_id(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
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
