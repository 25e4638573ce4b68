//! The npm registry protocol, as a mirror reads it: packuments, tarballs, and what is said of
//! both.
//!
//! A packument is received whole into a spool first and parsed from there, in
//! one or two passes, so that upstream's connection is never held by our own work and a
//! document of any allowed size costs bounded memory.

mod document;
mod downloads;
mod manifests;
mod outline;
mod packument;
mod root;
mod spool;
mod statement;
mod tarball;
mod walk;

use std::sync::Arc;

use url::Url;
use weir_domain::PackageName;

use crate::client::{Authorization, Client, Home};

pub use downloads::DAYS_AT_ONCE;
pub use manifests::ManifestBatches;
pub use packument::{FetchedPackument, PackumentReply, Validators};
pub use statement::Statement;
pub use tarball::TarballBody;

/// The client of one npm registry; cheap to clone.
#[derive(Debug, Clone)]
pub struct NpmRegistry {
    client: Arc<Client>,
    home: Arc<Home>,
}

impl NpmRegistry {
    pub(crate) fn new(client: Arc<Client>, home: Home) -> Self {
        Self {
            client,
            home: Arc::new(home),
        }
    }

    /// Returns the same registry, asked with a credential; it is sent to its own origin only.
    #[must_use]
    pub fn with_authorization(self, authorization: Authorization) -> Self {
        let mut home = (*self.home).clone();
        home.authorize(authorization);
        Self {
            home: Arc::new(home),
            ..self
        }
    }

    /// Returns where the registry keeps a package's document.
    fn packument_url(&self, package: &PackageName) -> Url {
        let mut url = self.home.url.clone();
        let path = format!("{}{}", url.path(), package.as_path_segment());
        url.set_path(&path);
        url
    }
}
