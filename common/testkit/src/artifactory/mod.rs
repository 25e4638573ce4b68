//! An Artifactory with Conan repositories on loopback: its interfaces for system, storage, queries
//! and Conan, reading and writing, and npm's for reading; and every way in which they were reported
//! to go wrong.
//!
//! It never met the real one, which nobody here could run. Each file names the documents it follows;
//! Conan's real client accepts it (the system tests have it log in, upload, search, install and
//! remove). What is not known at all is answered with 404 and remembered as unexpected.
//!
//! Faults are set through this handle, never over HTTP: [`Artifactory::on`] scripts the answers to
//! some requests, the other methods make the server itself strange.

mod access;
mod answer;
mod aql;
pub mod archive;
mod call;
mod conan;
mod fault;
mod files;
mod npm;
mod oddities;
mod recipe;
mod script;
mod serve;
mod shelf;
mod start;
mod storage;
mod times;
mod webhook;
mod wire;

use std::{
    fmt,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
};

use bytes::Bytes;
use http::HeaderMap;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use weir_domain::catalogue::Reference;

pub use crate::stand_in::Hold;
pub use fault::ArtifactoryFault;
pub use npm::NPM;
pub use recipe::{Binary, Built, Recipe};
pub use script::Requests;
pub use start::Builder;
pub use webhook::{Event, Secret};

use crate::stand_in::TestCa;
use script::Script;
use shelf::Shelf;

/// The repository that every server has.
pub const REPOSITORY: &str = "conan-local";
/// Somebody who may write to it.
pub const USER: &str = "deployer";
/// Their password.
pub const PASSWORD: &str = "the-password-of-the-deployer";
/// Their token.
pub const TOKEN: &str = "the-token-of-the-deployer";

/// One request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    /// `METHOD /path?query`, without the context path.
    pub what: String,
    /// The client's headers.
    pub headers: HeaderMap,
    /// What it sent.
    pub body: Bytes,
    /// Whether it asked for something that an Artifactory does not have.
    pub is_unexpected: bool,
}

struct Shared {
    origin: String,
    /// `/artifactory`, or nothing.
    context: String,
    shelf: Mutex<Shelf>,
    script: Script,
    asked: Mutex<Vec<Asked>>,
    closing: CancellationToken,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url())
    }
}

impl Shared {
    fn url(&self) -> String {
        format!("{}{}", self.origin, self.context)
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().expect("nobody panics while holding it")
    }

    fn asked(&self) -> MutexGuard<'_, Vec<Asked>> {
        self.asked.lock().expect("nobody panics while holding it")
    }

    fn enter(&self, asked: Asked) {
        self.asked().push(asked);
    }

    fn unexpected(&self, what: &str) {
        let mut all = self.asked();
        if let Some(asked) = all.iter_mut().rfind(|asked| asked.what == what) {
            asked.is_unexpected = true;
        }
    }
}

/// A running one; dropping it cuts every connection.
pub struct Artifactory {
    shared: Arc<Shared>,
    address: SocketAddr,
    ca: Option<TestCa>,
    tasks: TaskTracker,
}

impl fmt::Debug for Artifactory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Artifactory({})", self.url())
    }
}

impl Artifactory {
    /// Begins the description of one.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Starts one with these recipes on a free port of loopback.
    pub async fn start(recipes: impl IntoIterator<Item = Recipe>) -> Self {
        let server = Self::builder().start().await;
        for recipe in recipes {
            server.add(&recipe);
        }
        server
    }

    /// Returns its base: scheme, address, context path; no slash at the end.
    pub fn url(&self) -> String {
        self.shared.url()
    }

    /// Returns what a Conan client calls the remote.
    pub fn conan_url(&self) -> String {
        format!("{}/api/conan/{REPOSITORY}", self.url())
    }

    /// Returns where it listens, for a successor on the same port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the throw-away authority that signed its certificate, if it speaks TLS.
    pub fn ca(&self) -> Option<&TestCa> {
        self.ca.as_ref()
    }

    /// Puts a recipe, as an upload does, and returns its revision.
    pub fn add(&self, recipe: &Recipe) -> String {
        let built = recipe.build();
        let folder = folder(&built.reference);
        let mut shelf = self.shared.shelf();
        for (path, bytes) in built.paths() {
            let path = format!("{folder}/{path}");
            shelf.put(REPOSITORY, &path, bytes, USER);
            let repository = shelf.repositories.get_mut(REPOSITORY).expect("it has it");
            let item = repository.items.get_mut(&path).expect("it was just put");
            conan::describe(&path, item);
        }
        built.revision
    }

    /// Removes a version with all its revisions; it must be there.
    pub fn remove(&self, reference: &str) {
        let folder = folder(&read(reference));
        let gone = self.shared.shelf().remove(REPOSITORY, &folder);
        assert!(gone > 0, "{reference} is not there");
    }

    /// Removes everything.
    pub fn remove_all(&self) {
        let mut shelf = self.shared.shelf();
        for repository in shelf.repositories.values_mut() {
            repository.items.clear();
        }
    }

    /// Puts a file of the latest revision of a recipe in the place of the one that is there.
    pub fn replace(&self, reference: &str, file: &str, bytes: impl Into<Bytes>) {
        let revision = self.revision(reference).expect("a recipe that is there");
        let folder = folder(&read(reference));
        let path = format!("{folder}/{revision}/export/{file}");
        self.put(REPOSITORY, &path, bytes);
    }

    /// Puts a file of a binary package of a recipe in the place of the one that is there.
    pub fn replace_package(&self, recipe: &Recipe, file: &str, bytes: impl Into<Bytes>) {
        let built = recipe.build();
        let (id, prev, _) = built.packages.first().expect("a recipe with a package");
        let folder = folder(&built.reference);
        let path = format!("{folder}/{}/package/{id}/{prev}/{file}", built.revision);
        assert!(self.bytes(&path).is_some(), "{path} is not there");
        self.put(REPOSITORY, &path, bytes);
    }

    /// Puts a file anywhere.
    pub fn put(&self, repository: &str, path: &str, bytes: impl Into<Bytes>) {
        let mut shelf = self.shared.shelf();
        shelf.put(repository, path, bytes.into(), USER);
    }

    /// Returns the bytes at a path of the Conan repository.
    pub fn bytes(&self, path: &str) -> Option<Bytes> {
        let shelf = self.shared.shelf();
        let item = shelf.repositories.get(REPOSITORY)?.items.get(path)?;
        Some(item.bytes.clone())
    }

    /// Returns the latest revision of a reference.
    pub fn revision(&self, reference: &str) -> Option<String> {
        let folder = folder(&read(reference));
        let shelf = self.shared.shelf();
        let found = shelf.repositories[REPOSITORY].revisions(&folder, conan::RECIPE_MANIFEST);
        found.into_iter().next().map(|(revision, _)| revision)
    }

    /// Returns the binary packages of a reference's latest revision: id and latest revision.
    pub fn packages(&self, reference: &str) -> Vec<(String, String)> {
        let revision = self.revision(reference).expect("a recipe that is there");
        let folder = format!("{}/{revision}/package", folder(&read(reference)));
        conan::packages(&self.shared.shelf().repositories[REPOSITORY], &folder)
    }

    /// Returns every reference that has files, as its search writes them.
    pub fn references(&self) -> Vec<String> {
        conan::references(&self.shared.shelf().repositories[REPOSITORY])
    }

    /// Returns the requests that a pattern fits, to be scripted or counted: `METHOD /path?query`
    /// without the context path, where `*` stands for anything.
    pub fn on(&self, pattern: &str) -> Requests<'_> {
        Requests {
            shared: &self.shared,
            pattern: pattern.to_owned(),
        }
    }

    /// Forgets the whole script; whoever is held goes on.
    pub fn heal(&self) {
        self.shared.script.clear();
    }

    /// Returns every request so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.shared.asked().clone()
    }

    /// Forgets the requests, for a test that counts from a moment on.
    pub fn forget(&self) {
        self.shared.asked().clear();
    }

    /// Fails the test if anything was asked that no Artifactory has.
    pub fn assert_nothing_unexpected(&self) {
        let asked = self.asked().into_iter().filter(|asked| asked.is_unexpected);
        let asked: Vec<String> = asked.map(|asked| asked.what).collect();
        assert!(
            asked.is_empty(),
            "asked of Artifactory, which has no such thing: {asked:#?}"
        );
    }

    /// Stops; nobody listens there any more.
    pub async fn stop(self) {
        self.shared.closing.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for Artifactory {
    fn drop(&mut self) {
        self.shared.closing.cancel();
    }
}

/// Returns where a reference's revisions are.
fn folder(reference: &Reference) -> String {
    let Reference {
        key,
        version,
        channel,
    } = reference;
    format!("{}/{}/{version}/{channel}", key.namespace, key.name)
}

fn read(reference: &str) -> Reference {
    let read = reference.parse();
    read.unwrap_or_else(|error| panic!("{reference}: {error}"))
}
